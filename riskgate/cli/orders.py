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
@options.newest_option
@options.format_option("rows")
def command(journal: str, newest: int | None, format_: str, **wanted: Any) -> None:  # noqa: ANN401  # click
    """Show the orders on record, newest first. Times are UTC; json and csv hold every column."""
    from riskgate.journal.archive import Filter, open_for_reading  # noqa: PLC0415  # a database

    if wanted.pop("unknown"):
        wanted["statuses"] = (*wanted["statuses"], "Unknown")
    most = options.at_most(newest, format_)
    with open_for_reading(journal) as archive:
        found = archive.orders(Filter(**wanted, limit=most))
    shown = [_in_short(row) for row in found] if format_ == "text" else found
    click.echo(reporter(format_).rows(shown, COLUMNS), nl=False)
    options.say_what_is_missing(len(found), newest, most, "orders")


def _in_short(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with the first reason only, and how many more there are."""
    first, *more = str(row["reason"] or "").split("; ")
    created = row["created_at"].strftime("%m-%d %H:%M:%S")
    return {**row, "created_at": created, "reason": f"{first} +{len(more)}" if more else first}
