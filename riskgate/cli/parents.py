"""List the orders that our own algorithms work off; pause, resume or cancel one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import click

from riskgate import wiring
from riskgate.cli import options
from riskgate.cli.accepted import Whole
from riskgate.cli.output import Output, output_options
from riskgate.config import Config
from riskgate.line.parents import Parents
from riskgate.record.status import Fold
from riskgate.reporters.columns import Sheet
from riskgate.reporters.parent_lines import COLUMNS, FIELDS, rows_of

NUMBER: Final = click.argument("order_id", metavar="NUMBER", type=Whole(1))


@click.group("parents")
def command() -> None:
    """See and steer the orders that are worked off in slices."""


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@options.settings_option
@output_options
def listed(config: Config, output: Output, *, everything: bool) -> None:
    """Show each parent order, its plan, and how far it has got. Times are UTC."""
    with options.archive_of(config.journal) as archive:
        works = Fold(archive.read()).ledger.works
    found = rows_of(works.all() if everything else tuple(works.open.values()))
    output.send(found, Sheet(COLUMNS, FIELDS))
    if not found:
        click.echo("no parent order is at work", err=True)


def _said(deed: Callable[..., None], done: str, help_: str) -> None:
    """A command that tells a parent something, on record; the gate that drives it obeys."""

    @command.command(
        deed.__name__, help=f"{help_} Exit code 0, 2 if it is not at work, 7 if not recorded."
    )
    @NUMBER
    @options.said_options
    @options.settings_option
    def say(config: Config, order_id: int, by: str, reason: str) -> None:
        with wiring.remote(config) as record:
            deed(record.parents, order_id, by=by, reason=reason)
        click.echo(f"parent order {order_id} was {done} by {by}")


_said(Parents.pause, "paused", "Send no slice of NUMBER until it is resumed; what works goes on.")
_said(
    Parents.resume, "resumed", "Go on with NUMBER; drift is measured from the price as it is now."
)
_said(Parents.cancel, "cancelled", "Send nothing more of NUMBER, for good, and cancel what works.")
