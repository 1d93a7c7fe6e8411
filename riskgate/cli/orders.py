"""Show the orders of a journal, denied ones too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from riskgate.cli import options
from riskgate.reporters import reporter

COLUMNS = {
    "order_id": "order",
    "created_at": "created (UTC)",
    "status": "status",
    "side": "side",
    "quantity": "quantity",
    "symbol": "symbol",
    "order_type": "type",
    "limit_price": "limit",
    "filled_quantity": "filled",
    "reason": "reason",
}


@click.command("orders")
@options.journal_option
@click.option("--symbol", help="Only orders of this symbol.")
@click.option("--strategy", help="Only orders of this strategy.")
@click.option(
    "--status", "statuses", multiple=True, help="Only orders in this status; may be repeated."
)
@click.option("--unknown", is_flag=True, help="Only orders whose outcome is unknown.")
@click.option(
    "--book",
    is_flag=False,
    flag_value="",
    metavar="[SYMBOL]",
    help="What works now, by side and price; of one symbol, or of all.",
)
@options.newest_option
@options.format_option("rows")
def command(
    journal: str,
    book: str | None,
    newest: int | None,
    format_: str,
    **wanted: Any,  # noqa: ANN401  # click
) -> None:
    """Show the orders on record, newest first. Times are UTC; json and csv hold every column.

    With --book a star marks an order whose modify the broker has not confirmed.
    """
    from riskgate.journal.archive import Filter, open_for_reading  # noqa: PLC0415  # a database

    if book is not None:
        click.echo(_book(journal, book, format_), nl=False)
        return
    if wanted.pop("unknown"):
        wanted["statuses"] = (*wanted["statuses"], "Unknown")
    most = options.at_most(newest, format_)
    with open_for_reading(journal) as archive:
        found = archive.orders(Filter(**wanted, limit=most))
    shown = [_in_short(row) for row in found] if format_ == "text" else found
    click.echo(reporter(format_).rows(shown, COLUMNS), nl=False)
    options.say_what_is_missing(len(found), newest, most, "orders")


def _book(journal: str, symbol: str, format_: str) -> str:
    """The order books of what works by the record."""
    from riskgate.ledger.resting import books_of  # noqa: PLC0415  # only with --book
    from riskgate.reporters.order_book_tables import COLUMNS, book_rows, book_text  # noqa: PLC0415
    from riskgate.status import Fold  # noqa: PLC0415

    with options.archive_of(journal) as archive:
        books = books_of(Fold(archive.read()).ledger, symbol)
    if not books:
        click.echo("nothing works" + (f" of `{symbol}`" if symbol else ""), err=True)
    return (
        book_text(books) if format_ == "text" else reporter(format_).rows(book_rows(books), COLUMNS)
    )


def _in_short(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with the first reason only, and how many more there are."""
    first, *more = str(row["reason"] or "").split("; ")
    created = row["created_at"].strftime("%m-%d %H:%M:%S")
    return {**row, "created_at": created, "reason": f"{first} +{len(more)}" if more else first}
