"""Halt a scope, cancel what works in it, then close what is held."""

from __future__ import annotations

from typing import Any

import click

from riskgate import wiring
from riskgate.cli.options import (
    archive_of,
    format_option,
    said_options,
    say,
    scope_options,
    settings_option,
    timeout_option,
)
from riskgate.config import Config
from riskgate.model.events import Deed, Requested
from riskgate.model.trading import Scope
from riskgate.record.status import Fold, planned
from riskgate.reporters import reporter
from riskgate.running.remote import carried_out


@click.command("flatten")
@said_options
@scope_options("account", "symbol")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@timeout_option(30)
@settings_option
@format_option("answered")
def command(
    config: Config,
    scope: Scope,
    format_: str,
    *,
    dry_run: bool,
    **said: Any,  # noqa: ANN401  # click
) -> int:
    """Close positions at market. Look at --dry-run first: it prints every order.

    Nothing is sent while an order of ours works in the scope, for it could fill behind the closing
    order. The scope stays HALTED. Exit code 0 if all closing orders were let through, 3 if they
    were denied, 8 if only some were or nothing could be sent yet, 7 if nobody can be reached.
    """
    if dry_run:
        with archive_of(config.journal) as archive:
            plan = planned(Fold(archive.read()), scope, close=True)
        click.echo(reporter(format_).planned(plan), nl=False)
        return 0
    timeout = said.pop("timeout")
    with wiring.reach(config, judging=True) as gate:
        asked = Requested(id="", deed=Deed.FLATTEN, at=gate.clock.now(), scope=scope, **said)
        answer = carried_out(gate, asked, timeout)
    return say(answer, format_)
