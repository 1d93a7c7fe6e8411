"""Show the executions of a journal."""

from __future__ import annotations

import click

from riskgate.cli.options import (
    FORMATS,
    at_most,
    journal_option,
    newest_option,
    say_what_is_missing,
)
from riskgate.reporters import reporter

COLUMNS = {
    "timestamp": "time (UTC)",
    "order_id": "order",
    "side": "side",
    "quantity": "quantity",
    "symbol": "symbol",
    "price": "price",
    "commission": "commission",
    "execution_id": "execution",
}


@click.command("fills")
@journal_option
@click.option("--symbol", help="Only fills of this symbol.")
@click.option("--order", "order_id", type=int, help="Only fills of this order.")
@newest_option
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
def command(
    journal: str, symbol: str | None, order_id: int | None, newest: int | None, format_: str
) -> None:
    """Show the fills on record, newest first, each in its latest revision."""
    from riskgate.journal.archive import Filter, open_for_reading  # noqa: PLC0415  # a database

    most = at_most(newest, format_)
    with open_for_reading(journal) as archive:
        found = archive.fills(Filter(symbol=symbol, order_id=order_id, limit=most))
    click.echo(reporter(format_).rows(found, COLUMNS), nl=False)
    say_what_is_missing(len(found), newest, most, "fills")
