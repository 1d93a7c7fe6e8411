"""Show the orders of a journal, denied ones too."""

from __future__ import annotations

import click

from riskgate.cli import options
from riskgate.cli.filters import Wanted, filter_options
from riskgate.cli.listing import Listed, show
from riskgate.cli.output import Output, output_options
from riskgate.reporters.columns import Sheet
from riskgate.reporters.sheets import BOOK_FIELDS, ORDERS


@click.command("orders")
@options.journal_option
@filter_options
@click.option("--unknown", is_flag=True, help="Only orders whose outcome is unknown.")
@click.option(
    "--book",
    is_flag=False,
    flag_value="",
    metavar="[SYMBOL]",
    help="What works now, by side and price; of one symbol, or of all.",
)
@options.newest_option
@output_options
def command(
    journal: str, output: Output, wanted: Wanted, newest: int | None, **asked: str | bool | None
) -> None:
    """Show the orders on record, newest first. Times are UTC.

    Where there is little room the table has fewer columns; the other formats have every one, oldest
    first. With --book a star marks an order whose modify the broker has not confirmed. Exit code 0,
    also if there is none; 2 for a wrong option, 7 if the journal cannot be read.
    """
    book = asked["book"]
    if isinstance(book, str):
        _book(journal, book, output)
        return
    if asked["unknown"]:
        wanted.more["statuses"] = (*wanted.more["statuses"], "Unknown")
    show(Listed("orders", ORDERS), journal, wanted, output, newest)


def _book(journal: str, symbol: str, output: Output) -> None:
    """The order books of what works by the record."""
    from riskgate.ledger.resting import books_of  # noqa: PLC0415  # only with --book
    from riskgate.record.status import Fold  # noqa: PLC0415
    from riskgate.reporters.order_book_tables import book_rows, book_text  # noqa: PLC0415

    with options.archive_of(journal) as archive:
        books = books_of(Fold(archive.read()).ledger, symbol)
    if not books:
        click.echo("nothing works" + (f" of `{symbol}`" if symbol else ""), err=True)
    if output.for_people:
        output.deliver([book_text(books)])
    else:
        output.send(book_rows(books), Sheet((), BOOK_FIELDS))
