"""Deny an order beyond what may be traded in one trading day.

Why
    A strategy that buys and sells all day keeps a small position and pays the spread ten thousand
    times; only turnover shows it.
Measures
    Fills of this trading day plus this order and, unless `counts: executed`, the remainder of all
    working orders; and the number of orders sent (or with a fill), this one included. Cancelling
    gives nothing back. Executed value is at fill price, working value as reserved at approval.
Passes with `max_quantity: 100`
    BUY 100 AAPL LMT 190 DAY
Breaches with `max_quantity: 100`
    BUY 101 AAPL LMT 190 DAY
Breaches with `max_notional: 18999`
    SELL 100 AAPL MKT DAY
Breaches with `max_orders: 0`
    BUY 1 AAPL LMT 190 DAY
Source
    RTS 6 Art. 15(4); 17 CFR 240.15c3-5(c)(1)(i).
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.readings import DayReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Parameter, Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import Choice, count, money, quantity
from riskgate.rulekit.surely import AMOUNTS, SHY, Alike, Shortcut, amount_of, priced, shortcut
from riskgate.rulekit.tallies import DayTally


class DailyVolume(Rule):
    """How much a budget may trade, and how often, in one trading day."""

    kind = "daily_volume"
    exempts_reductions = True
    has_budget = True

    counts = Parameter(
        Choice(("submitted", "executed")),
        "What counts: everything submitted, working orders included, or only what was executed.",
        default="submitted",
    )

    @at_most(quantity())
    def max_quantity(self, order: Order, seen: Snapshot) -> Measured:
        """The largest quantity of one trading day, in units, buys and sells together."""
        read = self.reading(seen, DayReading)
        working = read.working_quantity if self.counts == "submitted" else Decimal(0)
        return read.executed_quantity + working + seen.adds(order)

    @max_quantity.surely
    def _surely_few_units(self, most: Decimal, alike: Alike) -> Shortcut:  # noqa: ARG002  # one shape
        """The same sum."""
        working = " + read.working_quantity" if self.counts == "submitted" else ""
        text = f"ZERO < (read := seen.readings[rule]).executed_quantity{working} + size <= most"
        return shortcut(text, rule=self.name, most=most, ZERO=ZERO)

    @at_most(money())
    def max_notional(self, order: Order, seen: Snapshot) -> Measured:
        """The largest value of one trading day, in the policy's currency, both sides together."""
        read = self.reading(seen, DayReading)
        currency = self.context.currency
        working = read.working_values if self.counts == "submitted" else {}
        traded = seen.converted(read.executed_values, currency) + seen.converted(working, currency)
        return traded + seen.notional(order, currency, seen.adds(order))

    @max_notional.surely
    def _surely_cheap(self, most: Decimal, alike: Alike) -> Shortcut | None:
        """The same sum at no less than the conservative value; without a rate to look up."""
        currency = self.context.currency
        if alike.instrument.currency != currency:
            return None
        nothing = "(read := seen.readings[rule]).executed_values or read.working_values"
        traded = amount_of("read.executed_values")
        if self.counts == "submitted":
            traded += f" + {amount_of('read.working_values')}"
        text = f"worth <= most if not ({nothing}) else ZERO < {traded} + worth <= most"
        cells = {"rule": self.name, "most": most * SHY, "currency": currency}
        return priced(text, **cells, **AMOUNTS)

    @at_most(count())
    def max_orders(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # counts only
        """The most orders of one trading day; a modify is no order."""
        if seen.replaced is not None:
            return None
        read = self.reading(seen, DayReading)
        before = read.orders_sent if self.counts == "submitted" else read.orders_executed
        return Decimal(before + 1)

    @max_orders.surely
    def _surely_few(self, most: Decimal, alike: Alike) -> Shortcut:  # noqa: ARG002  # one shape
        """One more than were counted."""
        counted = "orders_sent" if self.counts == "submitted" else "orders_executed"
        return shortcut(f"seen.readings[rule].{counted} < most", rule=self.name, most=int(most))

    def tally(self) -> DayTally:
        """The orders and executions of the policy's own trading day."""
        return DayTally(self.context.zone, self.context.day_starts, self.context.currency)
