"""Deny an order that could take a position beyond its limit.

Why
    Working orders are positions that have not happened yet; a limit on fills alone is passed by
    ten orders sent at once.
Measures
    The worst-case position on the order's side: position plus all working buys and this buy, or
    position less all working sells and this sell. A budget over several instruments adds the worst
    of each, floored at zero: longs never offset shorts. Notional limits value this instrument at
    its conservative price and the others at their latest mark.
Passes with `max_long: 100, per: [account, symbol]`
    BUY 100 AAPL LMT 190 DAY
Breaches with `max_long: 100, per: [account, symbol]`
    BUY 101 AAPL LMT 190 DAY
Passes with `max_short_notional: 19000`
    SELL 100 AAPL MKT DAY
Breaches with `max_short_notional: 18999`
    SELL 100 AAPL MKT DAY
Source
    17 CFR 240.15c3-5(c)(1)(i); RTS 6 Art. 15(4); CME GC2 long and short usage.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.money import ZERO
from riskgate.model.order import Order, Side
from riskgate.model.readings import HoldingsReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import money, quantity
from riskgate.rulekit.surely import AMOUNTS, SHY, Alike, Shortcut, amount_of, priced, shortcut
from riskgate.rulekit.tallies import HoldingsTally

# The sums of the limits below, written as looks (see `rulekit.surely`).
READ = "(read := seen.readings[rule])"
LONG = "(own := read.own).position + own.buys + size"
SHORT = "-((own := read.own).position - own.sells - size)"
HELD = "(others := {}.{}) is not None and (units := {}) <= most"
HELD += " and (not others or ZERO <= max(ZERO, units) + others <= most)"
VALUED = "not {}.{} and ZERO <= (units if (units := {}) > ZERO else ZERO) * unit"
VALUED += " + (" + amount_of("others") + " if (others := read.{}) else ZERO) <= most"
HELD_LONG = HELD.format(READ, "other_longs", LONG)
HELD_SHORT = HELD.format(READ, "other_shorts", SHORT)
HELD_LONG_VALUE = VALUED.format(READ, "unmarked_longs", LONG, "other_long_values")
HELD_SHORT_VALUE = VALUED.format(READ, "unmarked_shorts", SHORT, "other_short_values")


class Position(Rule):
    """How long or short a budget may get if everything that works is filled."""

    kind = "position"
    answers_alike = True
    asks_whole = False
    exempts_reductions = True
    has_budget = True
    narrows_holdings = True

    @at_most(quantity())
    def max_long(self, order: Order, seen: Snapshot) -> Measured:
        """The largest worst-case long position, in units."""
        if order.side is Side.SELL:
            return None
        read = self.reading(seen, HoldingsReading)
        return _long(read, order, seen) + read.other_longs

    @max_long.surely
    def _surely_long(self, most: Decimal, alike: Alike) -> Shortcut:  # noqa: ARG002  # buys alone
        """The same sum."""
        return shortcut(HELD_LONG, rule=self.name, most=most, max=max, ZERO=ZERO)

    @at_most(quantity())
    def max_short(self, order: Order, seen: Snapshot) -> Measured:
        """The largest worst-case short position, in units, as a positive number."""
        if order.side is Side.BUY:
            return None
        read = self.reading(seen, HoldingsReading)
        return _short(read, order, seen) + read.other_shorts

    @max_short.surely
    def _surely_short(self, most: Decimal, alike: Alike) -> Shortcut:  # noqa: ARG002  # sells alone
        """The same sum."""
        return shortcut(HELD_SHORT, rule=self.name, most=most, max=max, ZERO=ZERO)

    @at_most(money())
    def max_long_notional(self, order: Order, seen: Snapshot) -> Measured:
        """The largest value of the worst-case long position, in the policy's currency."""
        if order.side is Side.SELL:
            return None
        read = self.reading(seen, HoldingsReading)
        self._need_marks(read.unmarked_longs)
        others = seen.converted(read.other_long_values, self.context.currency)
        return others + seen.notional(order, self.context.currency, _long(read, order, seen))

    @max_long_notional.surely
    def _surely_long_value(self, most: Decimal, alike: Alike) -> Shortcut | None:
        """The same sum at no less than the conservative value; without a rate to look up."""
        return self._valued(HELD_LONG_VALUE, most, alike)

    @at_most(money())
    def max_short_notional(self, order: Order, seen: Snapshot) -> Measured:
        """The largest value of the worst-case short position, in the policy's currency."""
        if order.side is Side.BUY:
            return None
        read = self.reading(seen, HoldingsReading)
        self._need_marks(read.unmarked_shorts)
        others = seen.converted(read.other_short_values, self.context.currency)
        return others + seen.notional(order, self.context.currency, _short(read, order, seen))

    @max_short_notional.surely
    def _surely_short_value(self, most: Decimal, alike: Alike) -> Shortcut | None:
        """The same sum at no less than the conservative value; without a rate to look up."""
        return self._valued(HELD_SHORT_VALUE, most, alike)

    def _valued(self, text: str, most: Decimal, alike: Alike) -> Shortcut | None:
        currency = self.context.currency
        if alike.instrument.currency != currency:
            return None
        cells = {"rule": self.name, "most": most * SHY, "currency": currency}
        return priced(text, **cells, **AMOUNTS)

    def _need_marks(self, unmarked: tuple[str, ...]) -> None:
        """The other holdings of the budget need a price of any age."""
        if unmarked:
            raise MissingData(Code.NO_PRICE, f"no price for {', '.join(unmarked)}")

    def tally(self) -> HoldingsTally:
        """Positions and working orders; with values if a notional limit asks for them."""
        return HoldingsTally(
            valued={"max_long_notional", "max_short_notional"} & set(self.given) != set()
        )


def _long(read: HoldingsReading, order: Order, seen: Snapshot) -> Decimal:
    return max(ZERO, read.own.long_worst + seen.adds(order))


def _short(read: HoldingsReading, order: Order, seen: Snapshot) -> Decimal:
    return max(ZERO, -(read.own.short_worst - seen.adds(order)))
