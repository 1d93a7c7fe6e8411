"""Halt, drop what has not left, cancel what works, and prove it."""

from __future__ import annotations

from typing import Any

import click

from riskgate.cli.options import (
    archive_of,
    format_option,
    said_options,
    scope_options,
    settings_option,
    timeout_option,
)
from riskgate.config import Config
from riskgate.errors import PARTLY
from riskgate.model.trading import Scope
from riskgate.record.status import Fold, planned
from riskgate.reporters import reporter
from riskgate.stopping import Stop, stop


@click.command("kill")
@said_options
@scope_options("account", "strategy", "symbol")
@click.option("--global", "everything", is_flag=True, help="Also cancel the orders of others.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@timeout_option(10)
@settings_option
@format_option("killed")
def command(
    config: Config,
    scope: Scope,
    format_: str,
    *,
    dry_run: bool,
    **words: Any,  # noqa: ANN401  # click
) -> int:
    """Kill at once, without asking back. Policies are not read; a broken journal does not matter.

    With a journal that cannot be used, the kill file tells a gate that runs; where none does, what
    the broker has of our client id is cancelled. Exit code 0 if all is done and proven, 8 if part
    of it, 2 for a wrong scope or blank words, 7 if nobody can be reached.
    """
    if dry_run:
        with archive_of(config.journal) as archive:
            plan = planned(Fold(archive.read()), scope, everything=words["everything"])
        click.echo(reporter(format_).planned(plan), nl=False)
        return 0
    report = stop(config, Stop(scope=scope, **words))
    click.echo(reporter(format_).killed(report), nl=False)
    return 0 if report.done else PARTLY
