"""Deny an order where no price is good enough to judge it by.

Why
    Every value, collar and exposure is as good as the price it is made of. A feed that stands
    still, runs behind or shows a placeholder makes all other limits pass.
Measures
    The age and the type of the price that orders are judged by, the mid or else the last. Where
    several rules apply, no price is used that any of them refuses; what none of them says is as it
    is without them: live, and at most 60 s old. And whether mid, last and previous close agree:
    largest less smallest, in percent of the smallest absolute value. A zero among them breaches. A
    last trade older than the age limit is no witness where there is a mid, and a reduction is asked
    for age and type alone.
Passes with `max_age: 10s, max_divergence_percent: 5, deny_at_floor: true, require: [live]`
    BUY 100 AAPL LMT 190 DAY
Passes with `max_age: 10m, require: [live, delayed]`
    given prices: {AAPL: {bid: 189.99, ask: 190.01, age: 9m, type: delayed}}
    BUY 100 AAPL LMT 190 DAY
Breaches with `max_divergence_percent: 5`
    given prices: {AAPL: {bid: 189.99, ask: 190.01, last: 180.93, close: 190}}
    BUY 100 AAPL LMT 190 DAY
Passes with `max_divergence_percent: 5, deny_at_floor: true`
    given prices: {AAPL: {bid: 0.01, ask: 0.02, last: 0.01, close: 190}}, positions: {AAPL: 100}
    SELL 100 AAPL LMT 0.01 DAY
Breaches with `deny_at_floor: true`
    given prices: {AAPL: {bid: 0.01, ask: 0.03}}
    BUY 100 AAPL LMT 0.02 DAY
Source
    17 CFR 240.15c3-5(c)(1)(ii); RTS 6 Art. 15(1)(a); negative oil, 20 April 2020: a screen that
    could show no price below 0.01.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.market import PriceDemands, Prices, PriceTerms, Quote, usable
from riskgate.model.money import HUNDRED, text
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.model.spans import span
from riskgate.rulekit.base import Rule, at_most, holds, is_in
from riskgate.rulekit.bounds import BEYOND, HIGHER, LOWER, Measured, Seen
from riskgate.rulekit.parameters import Duration, Flag, Words, percent

TYPES = ("live", "delayed", "frozen")


class ReferencePrice(Rule):
    """Which prices are good enough to judge by."""

    kind = "reference_price"
    asks_whole = False

    @holds(Duration(), tighter=LOWER)
    def max_age(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """How old a price may be; no rule judges by one that is older."""
        quote, _ = self._judged_by(seen)
        return None if quote.at is None else Seen(f"{span(seen.as_of - quote.at)} old", passes=True)

    @is_in(Words(TYPES))
    def require(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The types of price that are good enough: live, delayed, frozen."""
        quote, _ = self._judged_by(seen)
        return quote.type

    @at_most(percent())
    def max_divergence_percent(self, order: Order, seen: Snapshot) -> Measured:
        """How far mid, last and previous close may lie apart, in percent of the smallest."""
        if seen.is_reduction(order):
            return None
        quote, prices = self._judged_by(seen)
        last = None if self._outlived(quote, seen) and prices.mid is not None else prices.last
        return _apart([p for p in (prices.mid, last, prices.close) if p is not None])

    @holds(Flag(), tighter=HIGHER)
    def deny_at_floor(self, order: Order, seen: Snapshot) -> Measured:
        """`true`: nothing is opened where bid or last is at or below one tick."""
        if not self.deny_at_floor or seen.is_reduction(order):
            return None
        _, prices = self._judged_by(seen)
        shown = [price for price in (prices.bid, prices.last) if price is not None]
        return Seen(
            f"bid or last {text(min(shown))}",
            passes=all(price > seen.contract.min_tick for price in shown),
        )

    def price_terms(self) -> PriceDemands:
        """The age and the types, as far as they are given."""
        types = None if self.require is None else tuple(t for t in TYPES if t in self.require)
        return PriceDemands(self.max_age, types)

    def faults(self) -> tuple[tuple[str, str], ...]:
        """`deny_at_floor: false` alone stops no order; only a waiver has a use for it."""
        limits = (self.max_age, self.require, self.max_divergence_percent)
        if self.deny_at_floor is False and all(limit is None for limit in limits):
            why = "is false, so the rule stops nothing"
            return (("deny_at_floor", f"{why}; say `deny_at_floor: true` or leave the rule out"),)
        return ()

    def _terms(self, seen: Snapshot) -> PriceTerms:
        """What this rule demands itself, and where it is silent, what holds for the order."""
        mine, shared = self.price_terms(), seen.price_terms
        return PriceTerms(
            shared.max_age if mine.max_age is None else mine.max_age,
            shared.types if mine.types is None else mine.types,
        )

    def _judged_by(self, seen: Snapshot) -> tuple[Quote, Prices]:
        """The quote, and its prices that are good enough. Raise MissingData if there are none."""
        name = seen.contract.symbol
        prices = usable(seen.quote, seen.as_of, self._terms(seen), name)
        if seen.quote is None or (prices.mid is None and prices.last is None):
            raise prices.missing()
        return seen.quote, prices

    def _outlived(self, quote: Quote, seen: Snapshot) -> bool:
        """Whether the last trade is too long ago to say what the price is now."""
        traded = quote.at if quote.last_at is None else quote.last_at
        return traded is None or not seen.as_of - traded <= self._terms(seen).max_age


def _apart(prices: list[Decimal]) -> Decimal:
    """Largest less smallest, in percent of the smallest absolute value, which may not be zero."""
    least = min(abs(price) for price in prices)
    if not least:
        return BEYOND
    return (max(prices) - min(prices)) / least * HUNDRED
