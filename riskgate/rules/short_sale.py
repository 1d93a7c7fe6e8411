"""Deny a sell of more than is held.

Why
    A sell beyond what is held is a short sale, whether anybody meant one or not: it needs shares
    that somebody lends, and it has no bottom.
Measures
    How far a sell goes beyond the long holding of its account and instrument, less the sells that
    work already. With `locate: required` such a sell must name its locate, as in
    `SELL 100 GME LMT 25 DAY locate=L-4711`; without one it cannot be judged, with the code
    NO_LOCATE. The locate is recorded with the order.
Passes with `allow: false`
    given positions: {AAPL: 100}
    SELL 100 AAPL LMT 190 DAY
Breaches with `allow: false`
    given positions: {AAPL: 100}
    SELL 101 AAPL LMT 190 DAY
Breaches with `allow: false`
    given positions: {AAPL: 100}
    after SELL 60 AAPL LMT 195 DAY
    SELL 41 AAPL LMT 190 DAY
Passes with `locate: required`
    SELL 100 AAPL LMT 190 DAY locate=L-4711
Source
    17 CFR 240.15c3-5(c)(2)(i); 17 CFR 242.203(b)(1), locate.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.money import ZERO, text
from riskgate.model.order import Order, Side
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, holds
from riskgate.rulekit.bounds import LOWER, Measured, Seen
from riskgate.rulekit.parameters import Choice, Flag


class ShortSale(Rule):
    """Whether more may be sold than is held, and on what condition."""

    kind = "short_sale"
    answers_alike = True
    asks_whole = False
    narrows_holdings = True
    exempts_exits = True

    @holds(Flag(), tighter=LOWER)
    def allow(self, order: Order, seen: Snapshot) -> Measured:
        """`false`: no sell may go beyond the long holding less working sells."""
        if self.allow or order.side is Side.BUY:
            return None
        short = _short(order, seen)
        return Seen(_told(short), passes=short == ZERO)

    @holds(Choice(("required",)))
    def locate(self, order: Order, seen: Snapshot) -> Measured:
        """`required`: a sell that goes beyond it must name its locate."""
        if order.side is Side.BUY:
            return None
        short = _short(order, seen)
        if short and order.locate is None:
            raise MissingData(Code.NO_LOCATE, f"{_told(short)}, and the order names no `locate=`")
        return Seen(_told(short), passes=True)

    def faults(self) -> tuple[tuple[str, str], ...]:
        """`allow: true` alone stops no order; only a waiver has a use for it."""
        if self.allow and self.locate is None:
            text_ = "is true, so the rule stops nothing; say `allow: false` or leave the rule out"
            return (("allow", text_),)
        return ()


def _short(order: Order, seen: Snapshot) -> Decimal:
    """How many units of the sell nobody holds."""
    free = max(ZERO, seen.holding.short_worst)
    return max(ZERO, seen.adds(order) - free)


def _told(short: Decimal) -> str:
    return f"{text(short)} units short" if short else "held"
