"""Deny one order that is too large, or priced too far from the market.

Why
    A zero too many, or a price and a quantity in each other's field, is worth more than a year of
    good trades; nobody can cancel faster than a marketable order fills.
Measures
    The size of this one order in units, in money and as a share of average daily volume; how far
    its limit lies beyond the reference price on the aggressive side (on either side with
    `both_sides`); how far its trigger lies from the reference price. In STP_LMT and TRAIL_LMT the
    limit is compared with the order's own trigger. A distance up to `never_below_amount` or
    `never_below_ticks` never breaches.
Passes with `max_quantity: 100, max_deviation_percent: 3`
    BUY 100 AAPL LMT 190.00 DAY
Breaches with `max_deviation_percent: 3`
    BUY 100 AAPL LMT 250.00 DAY
Breaches with `max_notional: 19000`
    BUY 100 AAPL MKT DAY
Passes with `max_stop_deviation_percent: 10`
    SELL 100 AAPL STP 180 GTC
Breaches with `max_stop_deviation_percent: 10`
    SELL 100 AAPL STP 150 GTC
Source
    17 CFR 240.15c3-5(c)(1)(ii); RTS 6 Art. 15(1)(a) to (c).
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.money import HUNDRED, ZERO
from riskgate.model.order import Order, OrderType, Side
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Parameter, Rule, at_most
from riskgate.rulekit.bounds import HIGHER, LOWER, MORE, Measured
from riskgate.rulekit.parameters import (
    Calendar,
    Flag,
    TimeOfDay,
    Words,
    money,
    percent,
    price,
    quantity,
    ticks,
)
from riskgate.rulekit.sessions import SESSIONS, edge_faults, phase_of
from riskgate.rulekit.surely import (
    SHY,
    Alike,
    Shortcut,
    priced_within,
    shortcut,
    worth_at_most,
)

TRAILING = frozenset({OrderType.TRAIL, OrderType.TRAIL_LMT})


class FatFinger(Rule):
    """How large and how far from the market one order may be."""

    kind = "fat_finger"
    answers_alike = True

    never_below_amount = Parameter(
        price(), "A distance in price that never breaches.", tighter=LOWER
    )
    never_below_ticks = Parameter(
        ticks(), "A distance in ticks that never breaches.", tighter=LOWER
    )
    both_sides = Parameter(
        Flag(), "Judge the passive side of the market too.", default=False, tighter=HIGHER
    )
    session = Parameter(Words(SESSIONS), "Ask the rule only in these sessions.", tighter=MORE)
    calendar = Parameter(Calendar(), "The calendar that `session` refers to.")
    pre = Parameter(
        TimeOfDay(), "When the pre-market session begins, in the calendar's zone.", tighter=LOWER
    )
    post = Parameter(
        TimeOfDay(), "When the post-market session ends, in the calendar's zone.", tighter=HIGHER
    )

    @at_most(quantity())
    def max_quantity(self, order: Order, seen: Snapshot) -> Measured:
        """The largest single order, in units."""
        return order.quantity if self._asked(seen) else None

    @max_quantity.surely
    def _surely_small(self, most: Decimal, alike: Alike) -> Shortcut | None:  # noqa: ARG002  # one shape
        """The same number."""
        return shortcut("size <= most", most=most) if self.session is None else None

    @at_most(money())
    def max_notional(self, order: Order, seen: Snapshot) -> Measured:
        """The largest conservative notional of a single order, in the policy's currency."""
        return seen.notional(order, self.context.currency) if self._asked(seen) else None

    @max_notional.surely
    def _surely_cheap(self, most: Decimal, alike: Alike) -> Shortcut | None:
        """No less than the conservative value."""
        return worth_at_most(most, self.context.currency, alike) if self.session is None else None

    @at_most(percent())
    def max_adv_percent(self, order: Order, seen: Snapshot) -> Measured:
        """The largest single order, in percent of the 20-day average daily volume."""
        if not self._asked(seen):
            return None
        if seen.adv is None or not (seen.adv.is_finite() and seen.adv > 0):
            raise MissingData(Code.NO_ADV, f"no average daily volume for {seen.contract.symbol}")
        return order.quantity / seen.adv * HUNDRED

    @max_adv_percent.surely
    def _surely_shared(self, most: Decimal, alike: Alike) -> Shortcut | None:  # noqa: ARG002  # one shape
        """The same, with the percentage taken of the volume."""
        if self.session is not None:
            return None
        text = "size <= (volume := seen.adv) * share and volume.is_finite()"
        return shortcut(text, share=most * SHY / HUNDRED)

    @at_most(percent())
    def max_deviation_percent(self, order: Order, seen: Snapshot) -> Measured:
        """How far the limit may lie beyond the reference, in percent of its absolute value."""
        away = self._away(order, seen)
        return None if away is None else self._share(away, self._anchor(order, seen), seen)

    @max_deviation_percent.surely
    def _surely_near(self, most: Decimal, alike: Alike) -> Shortcut | None:
        """A share of the own side of the market."""
        return self._within(most / HUNDRED, ZERO, alike)

    @at_most(ticks())
    def max_deviation_ticks(self, order: Order, seen: Snapshot) -> Measured:
        """How far the limit may lie beyond the reference, in ticks."""
        away = self._away(order, seen)
        return None if away is None else self._notable(away, seen) / seen.contract.min_tick

    @max_deviation_ticks.surely
    def _surely_few_ticks(self, most: Decimal, alike: Alike) -> Shortcut | None:
        """So many ticks from the own side of the market."""
        return self._within(ZERO, most * alike.instrument.min_tick, alike)

    @at_most(price())
    def max_deviation_amount(self, order: Order, seen: Snapshot) -> Measured:
        """How far the limit may lie beyond the reference, in price."""
        away = self._away(order, seen)
        return None if away is None else self._notable(away, seen)

    @max_deviation_amount.surely
    def _surely_close(self, most: Decimal, alike: Alike) -> Shortcut | None:
        """So far from the own side of the market."""
        return self._within(ZERO, most, alike)

    def _within(self, share: Decimal, distance: Decimal, alike: Alike) -> Shortcut | None:
        asked = self.session is None and not self.both_sides
        return priced_within(share, distance, alike) if asked else None

    @at_most(percent())
    def max_stop_deviation_percent(self, order: Order, seen: Snapshot) -> Measured:
        """How far a trigger may lie from the reference on either side, in percent."""
        if not self._asked(seen):
            return None
        if order.order_type in TRAILING:
            return self._share(_trail_amount(order, seen), seen.prices.reference, seen)
        trigger = order.stop_price if order.stop_price is not None else order.trigger_price
        if trigger is None:
            return None
        reference = seen.prices.reference
        return self._share(abs(trigger - reference), reference, seen)

    def _asked(self, seen: Snapshot) -> bool:
        if self.session is None:
            return True
        return phase_of(seen, self.calendar or "", self.pre, self.post) in self.session

    def _away(self, order: Order, seen: Snapshot) -> Decimal | None:
        """How far the limit lies beyond the anchor, in price; None if not asked."""
        if not self._asked(seen):
            return None
        if order.order_type is OrderType.TRAIL_LMT:
            return order.limit_offset
        limit = seen.prices.pegged(order) or order.reach
        if limit is None:
            return None
        beyond = limit - self._anchor(order, seen)
        if order.side is Side.SELL:
            beyond = -beyond
        return abs(beyond) if self.both_sides else max(ZERO, beyond)

    def _excuses(self, away: Decimal, seen: Snapshot) -> bool:
        """Whether `never_below_*` says that this distance never breaches."""
        amount, steps = self.never_below_amount, self.never_below_ticks
        return (amount is not None and away <= amount) or (
            steps is not None and away <= steps * seen.contract.min_tick
        )

    def _notable(self, away: Decimal, seen: Snapshot) -> Decimal:
        return ZERO if self._excuses(away, seen) else away

    def _share(self, away: Decimal, anchor: Decimal, seen: Snapshot) -> Decimal:
        """The distance in percent of what it is measured from."""
        if self._excuses(away, seen):
            return ZERO
        if anchor == 0:
            raise MissingData(
                Code.NO_PRICE, "a percentage of a reference price of zero says nothing"
            )
        return away / abs(anchor) * HUNDRED

    def _anchor(self, order: Order, seen: Snapshot) -> Decimal:
        """What the limit is compared with: the order's own trigger, or the reference price."""
        if order.order_type is OrderType.STP_LMT and order.stop_price is not None:
            return order.stop_price
        if order.order_type is OrderType.LIT and order.trigger_price is not None:
            return order.trigger_price
        if order.order_type is OrderType.TRAIL_LMT:
            return _trail_trigger(order, seen)
        return seen.prices.reference

    def calendars(self) -> tuple[str, ...]:
        """The calendar of `session`, if it is used."""
        return (self.calendar,) if self.session is not None and self.calendar else ()

    def faults(self) -> tuple[tuple[str, str], ...]:
        """`session`, `calendar` and the times of a session need each other."""
        if self.session is None:
            return ()
        if self.calendar is None:
            return (("session", "needs `calendar`, such as `calendar: XNYS`"),)
        return edge_faults("session", (self.session, self.calendar, self.pre, self.post))


def _trail_amount(order: Order, seen: Snapshot) -> Decimal:
    if order.trail_amount is not None:
        return order.trail_amount
    return abs(seen.prices.reference) * (order.trail_percent or ZERO) / HUNDRED


def _trail_trigger(order: Order, seen: Snapshot) -> Decimal:
    """Where a trailing stop stands now: behind the reference price by its trail."""
    trail = _trail_amount(order, seen)
    reference = seen.prices.reference
    return reference + trail if order.side is Side.BUY else reference - trail
