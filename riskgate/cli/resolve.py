"""Vouch for what became of an order that the broker does not know."""

from __future__ import annotations

import click

from riskgate import wiring
from riskgate.cli.accepted import Whole, Word
from riskgate.cli.options import archive_of, format_option, said_options, settings_option
from riskgate.config import Config
from riskgate.model.events import Outcome
from riskgate.record.chronicle import chronicle
from riskgate.reporters import reporter


@click.command("resolve")
@click.argument("order_id", metavar="ID", type=Whole(1))
@click.option(
    "--as",
    "outcome",
    required=True,
    type=Word([outcome.value for outcome in Outcome]),
    help="What became of it, as you have seen it at the broker.",
)
@said_options
@settings_option
@format_option("evidence")
def command(config: Config, order_id: int, outcome: str, format_: str, **said: str) -> int:
    """Show what the record knows of order ID, and record that you know its end.

    What it reserved is released; a position that it left is taken over by the next reconcile. Only
    an order whose outcome is unknown can be resolved (see `riskgate orders --unknown`). Exit code
    0, 2 if it cannot be, 7 if the journal cannot be written.
    """
    with wiring.remote(config) as record:
        record.resolve(order_id, Outcome(outcome), **said)
    with archive_of(config.journal) as archive:
        found = chronicle(archive.read, str(order_id), None)
    click.echo(reporter(format_).evidence(found), nl=False)
    return 0
