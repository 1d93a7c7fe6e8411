"""Show what holds now: trading state, gate, orders, positions, last reconcile."""

from __future__ import annotations

import click

from riskgate.cli.options import archive_of, around_of, format_option, record_options
from riskgate.config import Config
from riskgate.record.status import state
from riskgate.reporters import reporter


@click.command("status")
@record_options
@format_option("status")
def command(config: Config, format_: str) -> int:
    """Show the state as it is on record, whether or not a gate runs; nothing is asked or changed.

    Exit code 0, 5 if anything is HALTED or KILLED, 6 if the last reconcile was not clean or there
    was none, 7 if the journal cannot be read.
    """
    with archive_of(config.journal) as archive:
        found = state(archive.read(), around_of(config))
    click.echo(reporter(format_).status(found), nl=False)
    return found.exit_code
