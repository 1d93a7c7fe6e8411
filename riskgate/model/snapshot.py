"""Everything one decision is made on, at one moment: market, book, account, activity, state.

Rule 1: a snapshot is complete. `evaluate` reads nothing else, so a recorded snapshot can be
decided again offline.
Rule 2: what is not known is absent, and asking for it raises MissingData, which denies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from riskgate.errors import MissingData
from riskgate.model.account import Account
from riskgate.model.codes import Code
from riskgate.model.combos import own_factor
from riskgate.model.decision import Action
from riskgate.model.hours import Hours
from riskgate.model.instructions import PLAIN
from riskgate.model.instrument import Instrument
from riskgate.model.kept import kept
from riskgate.model.market import Prices, PriceTerms, Quote, usable
from riskgate.model.money import ZERO
from riskgate.model.order import Fault, Order, Side
from riskgate.model.readings import Holding, Reading
from riskgate.model.subject import Subject
from riskgate.model.trading import TradingState


class Replaced(msgspec.Struct, frozen=True):
    """The order that a modify replaces, and how much of it is filled.

    `also` are the other terms of it that the broker may hold: an echo has not decided between them.
    Of an `exit` of a bracket, `waits_for` is what its entry has yet to fill before it can.
    """

    order: Order
    filled: Decimal = ZERO
    also: tuple[Order, ...] = ()
    exit: bool = False
    waits_for: Decimal = ZERO

    @property
    def versions(self) -> tuple[Order, ...]:
        """All terms that the broker may hold."""
        return (*self.also, self.order)


class Submission(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The group that an order is submitted with: a bracket, or a basket.

    `place` counts from 1. `exit` marks the exits of a bracket, which reduce their entry. `others`
    are the conservative values of the other orders that are no exits, by currency; `unvalued` are
    those without a usable price. `intent` is declared for the whole submission, in the policy's
    currency. `floor` is the harshest answer of the other orders: no order fares better.
    """

    orders: int
    place: int
    exit: bool = False
    intent: Decimal | None = None
    others: Mapping[str, Decimal] = {}
    unvalued: tuple[str, ...] = ()
    floor: Action = Action.ALLOW


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, dict=True, omit_defaults=True):
    """The world as one order meets it. Money values are in the currencies they name."""

    as_of: datetime
    subject: Subject = Subject()
    instrument: Instrument | None = None
    accounts: tuple[str, ...] = ()
    account: Account | None = None
    account_max_age: timedelta | None = None
    quote: Quote | None = None
    price_terms: PriceTerms = PriceTerms()
    base: str = "USD"
    fx: Mapping[str, Decimal] = {}
    adv: Decimal | None = None
    holding: Holding = Holding()
    readings: Mapping[str, Reading] = {}
    hours: Mapping[str, Hours] = {}
    state: TradingState = TradingState.ACTIVE
    state_text: str = ""
    reconciled: bool = True
    distrust: str = ""
    connected: bool = True
    journal_writable: bool = True
    mode_fault: str | None = None
    unsupported: tuple[Fault, ...] = ()
    replaced: Replaced | None = None
    parent_left: Decimal | None = None
    submission: Submission | None = None
    forgiven: tuple[str, ...] = ()
    routed: str = ""  # the venue that the gate chose, and by which rule
    legs: tuple[LegView, ...] = ()
    block: bool = False  # an order for several: what adds up is asked of each of those

    @kept
    def prices(self) -> Prices:
        """The prices that may be judged by now."""
        return self._usable(self.instrument or self.contract)

    @property
    def contract(self) -> Instrument:
        """The instrument. Raise MissingData if it is not known."""
        if self.instrument is None:
            raise MissingData(Code.UNKNOWN_INSTRUMENT, "the instrument is not known")
        return self.instrument

    @property
    def is_exit(self) -> bool:
        """Whether the order is an exit of a bracket, new or changed."""
        if self.replaced is not None:
            return self.replaced.exit
        return self.submission is not None and self.submission.exit

    def account_value(self, name: str) -> Decimal:
        """`net_liquidation`, `available_funds` or `day_pnl` of the order's account, in `base`.

        Raise MissingData if it is not known, or older than `account_max_age`.
        """
        account, oldest = self.account, self.account_max_age
        value: Decimal | None = getattr(account, name, None)
        what = name.replace("_", " ")
        if account is None or value is None or not value.is_finite():
            raise MissingData(Code.NO_ACCOUNT_VALUE, f"the account's {what} is not known")
        if oldest is not None and not (
            account.at is not None and self.as_of - account.at <= oldest
        ):
            raise MissingData(Code.NO_ACCOUNT_VALUE, f"the account's {what} is too old")
        return value

    def adds(self, order: Order) -> Decimal:
        """The quantity that can still fill: the whole of a new order, the remainder of a modify."""
        old = self.replaced
        if old is None:
            return order.quantity
        return max(ZERO, order.quantity - old.filled - old.waits_for)

    def unit_value(self, order: Order) -> Decimal:
        """Conservative value of one unit, in the instrument's currency (semantics.md, 3)."""
        remembered = self.__dict__
        known: tuple[Order, Decimal] | None = remembered.get("_valued")
        if known is None or known[0] is not order:
            known = remembered["_valued"] = order, self._worth(order, self.prices)
        return known[1]

    def _worth(self, order: Order, prices: Prices) -> Decimal:
        instrument = self.instrument or self.contract
        worth = self._legs_value(order) if self.legs else prices.unit_value(order)
        return worth * instrument.multiplier

    def _usable(self, instrument: Instrument) -> Prices:
        return usable(self.quote, self.as_of, self.price_terms, instrument.symbol)

    def _legs_value(self, order: Order, *, reserved: bool = False) -> Decimal:
        """What a unit of a combo is worth: its legs, none against another, or its own price."""
        worth = ZERO
        for view, part in zip(self.legs, self.contract.legs, strict=True):
            seen = view.snapshot
            value = seen.reserve_value(view.order) if reserved else seen.unit_value(view.order)
            worth += part.ratio * value
        own = order.limit_price
        return worth if own is None else max(worth, abs(own) * own_factor(self.contract))

    def exchanged(self, amount: Decimal, source: str, target: str) -> Decimal:
        """An amount of `source` in `target`, rounded once. Raise MissingData without a rate."""
        if source == target:
            return amount
        return amount * self._in_base(source) / self._in_base(target)

    def _in_base(self, currency: str) -> Decimal:
        if currency == self.base:
            return Decimal(1)
        rate = self.fx.get(currency)
        if rate is None or not (rate.is_finite() and rate > 0):
            raise MissingData(Code.NO_FX, f"no exchange rate from {currency} to {self.base}")
        return rate

    def converted(self, values: Mapping[str, Decimal], target: str) -> Decimal:
        """The sum of amounts by currency, in `target`."""
        total = ZERO
        for source, amount in values.items():
            if amount:
                total += self.exchanged(amount, source, target)
        return total

    def reserve_value(self, order: Order) -> Decimal:
        """What one unit is reserved at: its conservative value, else its own price, else nothing.

        Only an order whose rules need no price is allowed without one. Of an order for cash the
        whole is worth that.
        """
        if order.instructions is not PLAIN and order.for_cash and order.quantity > ZERO:
            return (order.instructions.cash_quantity or ZERO) / order.quantity
        remembered = self.__dict__
        known: tuple[Order, Decimal] | None = remembered.get("_valued")
        if known is not None and known[0] is order:
            return known[1]
        try:  # it is asked for once: nothing is remembered
            return self._worth(order, remembered.get("prices") or self._usable(self.contract))
        except MissingData:
            if self.legs:
                return self._legs_value(order, reserved=True)
            own = (order.reach, order.stop_price, order.trigger_price)
            largest = max((abs(price) for price in own if price is not None), default=ZERO)
            return largest * self.contract.multiplier

    def notional(self, order: Order, currency: str, quantity: Decimal | None = None) -> Decimal:
        """Conservative notional of the order, or of a part of it, in `currency`."""
        units = order.quantity if quantity is None else quantity
        if order.for_cash and units == order.quantity > ZERO:
            cash = order.instructions.cash_quantity or ZERO
            return self.exchanged(cash, self.contract.currency, currency)
        return self.exchanged(units * self.unit_value(order), self.contract.currency, currency)

    def is_reduction(self, order: Order) -> bool:
        """Whether the order can only bring the position nearer to zero (semantics.md, 4)."""
        if self.submission is not None and self.submission.exit:
            return True
        if self.replaced is not None:
            versions = self.replaced.versions
            if any(_triggers(order) != _triggers(version) for version in versions):
                return False
            if all(_is_milder(order, version) for version in versions):
                return True
        if self.legs:
            return all(view.snapshot.is_covered(view.order) for view in self.legs)
        return self.is_covered(order)

    def is_covered(self, order: Order) -> bool:
        """Whether all that can still fill of it fits in the position that it reduces."""
        held, adds = self.holding, self.adds(order)
        if order.side is Side.SELL:
            return held.position > ZERO and adds <= held.position - held.sells
        return held.position < ZERO and adds <= -held.position - held.buys


class LegView(msgspec.Struct, frozen=True):
    """A leg of a combo as an order of its own, and what it met: earlier legs count as working."""

    order: Order
    snapshot: Snapshot


def _is_milder(new: Order, old: Order) -> bool:
    """A modify that is not larger and not more aggressive."""
    return (
        new.side is old.side
        and new.order_type is old.order_type
        and new.quantity <= old.quantity
        and new.limit_offset == old.limit_offset
        and new.peg_offset == old.peg_offset
        and new.instructions == old.instructions
        and _not_keener(new, old)
    )


def _triggers(order: Order) -> tuple[object, ...]:
    """A modify that changes one of these is never a reduction (policy-language.md, 11.15)."""
    said = order.instructions
    return (
        *(order.stop_price, order.trigger_price, order.trail_amount, order.trail_percent),
        *(said.trail_stop_price, said.adjusts),
    )


def _not_keener(new: Order, old: Order) -> bool:
    if new.limit_price is None or old.limit_price is None:
        return new.limit_price is old.limit_price
    if new.side is Side.BUY:
        return new.limit_price <= old.limit_price
    return new.limit_price >= old.limit_price
