"""Show the executions of a journal."""

from __future__ import annotations

import click

from riskgate.cli import options
from riskgate.cli.filters import Wanted, filter_options
from riskgate.cli.listing import Listed, show
from riskgate.cli.output import Output, output_options
from riskgate.reporters.sheets import FILLS


@click.command("fills")
@options.journal_option
@options.order_option("Only fills of this order.")
@filter_options
@options.newest_option
@output_options
def command(
    journal: str, output: Output, wanted: Wanted, newest: int | None, order_id: int | None
) -> None:
    """Show the fills on record, newest first, each in its latest revision. Times are UTC.

    The filters on strategy, venue, order type and status are about the order of a fill. Where there
    is little room the table has fewer columns; the other formats have every one, oldest first. Exit
    code 0, also if there is none; 2 for a wrong option, 7 if the journal cannot be read.
    """
    wanted.more["order_id"] = order_id
    show(Listed("fills", FILLS), journal, wanted, output, newest)
