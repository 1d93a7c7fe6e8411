"""Show what holds now: trading state, gate, orders, positions, last reconcile."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from riskgate.cli.options import archive_of, format_option, settings_option
from riskgate.config import Config
from riskgate.journal.presence import running
from riskgate.reporters import reporter
from riskgate.status import Around, state


@click.command("status")
@settings_option
@format_option("status")
def command(config: Config, format_: str) -> int:
    """Show the state as it is on record, whether or not a gate runs; nothing is asked or changed.

    Exit code 0, 5 if anything is HALTED or KILLED, 6 if the last reconcile was not clean or there
    was none, 7 if the journal cannot be read.
    """
    around = Around(
        journal=config.journal,
        now=datetime.now(UTC),
        durability=config.durability,
        hold_for=config.hold_for,
        kill_file=config.kill_file,
        kill_file_present=bool(config.kill_file) and os.path.lexists(config.kill_file),
        running=running(config.journal),
    )
    with archive_of(config.journal) as archive:
        found = state(archive.read(), around)
    click.echo(reporter(format_).status(found), nl=False)
    return found.exit_code
