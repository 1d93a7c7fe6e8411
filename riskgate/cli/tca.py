"""Show what each order cost: slippage against four prices, shortfall by parts, fees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from riskgate.analytics import figures
from riskgate.cli import options
from riskgate.cli.filters import Wanted, filter_options
from riskgate.cli.measuring import SENT, measured, one_order, trades_option
from riskgate.cli.output import Output, not_the_journal, output_options
from riskgate.reporters.columns import Sheet
from riskgate.reporters.sheets import COSTS

if TYPE_CHECKING:
    from riskgate.analytics.tape import Tape


@click.command("tca")
@options.journal_option
@options.order_option("One order, with every formula.")
@filter_options
@trades_option
@options.newest_option
@output_options
def command(
    journal: str, output: Output, wanted: Wanted, market: Tape | None, **asked: int | None
) -> None:
    """Measure each order that left for the broker; what is lost is positive, and so are fees.

    Slippage is against the price at the decision; --order fills in the formulas of one order.
    csv, json, jsonl and parquet hold every figure, unrounded, the oldest order first. Exit code 0,
    also if there is none; 2 for a wrong option, 7 if the journal cannot be read.
    """
    not_the_journal(output, journal)
    number, newest = asked["order_id"], asked["newest"]
    if number is not None and output.for_people:
        output.deliver(one_order(journal, number, market))
        return
    most = options.at_most(newest, output.format)
    beside: dict[str, object] = {"order_id": number, "limit": most}
    if number is None and not wanted.more["statuses"]:
        beside["statuses"] = SENT
    with measured(journal, wanted, market, **beside) as orders:
        rows = figures.of_orders(orders) if number is None else map(figures.of_order, orders)
        found = list(rows)[::-1] if output.for_people else rows
        output.send(found, Sheet(COSTS, figures.ORDER_KINDS))
    if isinstance(found, list):
        options.say_there_is_more(len(found), newest, most, "orders")
