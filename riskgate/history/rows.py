"""The rows of a history: one order each, with what the market was and what became of it.

Rule 1: a row that makes no sense is a fault with its column, never an order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.history.columns import ORDER, Read, read
from riskgate.history.sources import Batch, Fault
from riskgate.model.account import Account
from riskgate.model.decision import Action
from riskgate.model.instrument import Instrument, Terms, key_of
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.money import ZERO
from riskgate.model.order import Order

HUNDRED_UNITS: Final = Decimal(100)
TICK: Final = Decimal("0.01")
PAIR_TICK: Final = Decimal("0.00005")
NAMES_IT: Final = ("symbol", "sec_type", "currency", "expiry", "strike", "right")
DESCRIBES_IT: Final = (*NAMES_IT, "multiplier", "min_tick", "lot", "underlying")
QUOTED: Final = ("bid", "ask", "last", "close")
VALUED: Final = ("net_liquidation", "available_funds", "day_pnl")
TERMS: Final = (*ORDER, *NAMES_IT[1:])
Cells = Mapping[str, Any]


class Told(msgspec.Struct, frozen=True):
    """One order of a history. `row` numbers it; `filled` is the time, the quantity and the price.

    Without `done_at` it worked until its day ended.
    """

    row: int
    at: datetime
    order: Order
    instrument: Instrument
    quote: Quote | None
    adv: Decimal | None
    fx: Decimal | None
    account: Account | None
    filled: tuple[datetime, Decimal, Decimal] | None
    done_at: datetime | None
    status: Status
    action: Action


Keep = Callable[[int, str, datetime], bool]  # by row, account and time


class Reader:
    """Makes orders of batches; remembers instruments, of which there are few."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self._terms = tuple(name for name in TERMS if name in columns)
        self._described = tuple(name for name in DESCRIBES_IT if name in columns)
        self._quoted = tuple(name for name in QUOTED if name in columns)
        self._valued = any(name in columns for name in VALUED)
        rest = {*self._terms, *self._described, *self._quoted}
        self._rest = tuple(name for name in columns if name not in rest)
        self._known: dict[tuple[Any, ...], Instrument] = {}

    def orders(self, batch: Batch, keep: Keep) -> Iterator[Told | Fault]:
        """The orders of a batch whose account and time are to be kept; faults among them."""
        found = {name: read(name, batch.values[name]) for name in self._columns}
        lost, first = lost_rows(batch, found), batch.place.row + 1
        wrong = {
            place: Fault(first + place, name, why)
            for name, column in found.items()
            for place, why in column.wrong.items()
        }
        accounts, times = found["account"].values, found["at"].values
        parts = [
            list(zip(*(found[name].values for name in names), strict=True)) or [()] * batch.size
            for names in (self._terms, self._described, self._quoted, self._rest)
        ]
        for place, (stated, described_, quoted, rest) in enumerate(zip(*parts, strict=True)):
            if place in lost or not keep(first + place, accounts[place], times[place]):
                continue
            if place in wrong:
                yield wrong[place]
                continue
            cells = dict(zip(self._rest, rest, strict=True))
            terms = {
                name: value
                for name, value in zip(self._terms, stated, strict=True)
                if value is not None
            }
            yield self._told(first + place, Order(**terms), (described_, quoted), cells)

    def _told(
        self, row: int, order: Order, of: tuple[tuple[Any, ...], tuple[Any, ...]], cells: Cells
    ) -> Told | Fault:
        instrument = self.instrument(of[0])
        if isinstance(instrument, str):
            return Fault(row, "multiplier", instrument)
        at: datetime = cells["at"]
        get = cells.get
        filled: Filled | None = None
        if get("filled_quantity"):
            made = _filled(row, at, order.quantity, cells)
            if isinstance(made, Fault):
                return made
            filled = made
        done_at = get("done_at") or (filled[0] if filled and filled[1] >= order.quantity else None)
        if done_at is not None and done_at < (filled[0] if filled else at):
            return Fault(row, "done_at", "is before the order, or before it was filled")
        return Told(
            row,
            at,
            order,
            instrument,
            self._quote(at, of[1], cells),
            get("adv"),
            get("fx"),
            self._account(at, order, cells) if self._valued else None,
            filled,
            done_at,
            get("status") or Status.CANCELLED,
            get("action") or Action.ALLOW,
        )

    def instrument(self, values: tuple[Any, ...]) -> Instrument | str:
        """The contract that a row's values of `described` are about, or why it is none."""
        known = self._known.get(values)
        if known is None:
            made = described(dict(zip(self._described, values, strict=True)))
            if isinstance(made, str):
                return made
            known = self._known[values] = made
        return known

    def contracts(self, found: Mapping[str, Read]) -> Iterator[tuple[Any, ...]]:
        """What each row says of its contract."""
        return zip(*(found[name].values for name in self._described), strict=True)

    def _quote(self, at: datetime, quoted: tuple[Any, ...], cells: Cells) -> Quote | None:
        if quoted.count(None) == len(quoted):
            return None
        prices = dict(zip(self._quoted, quoted, strict=True))
        return Quote(**prices, at=cells.get("quote_at") or at)

    def _account(self, at: datetime, order: Order, cells: Cells) -> Account | None:
        values = {name: cells.get(name) for name in VALUED}
        if all(value is None for value in values.values()):
            return None
        return Account(
            id=order.account or "", currency=cells.get("base_currency") or "USD", at=at, **values
        )


def lost_rows(batch: Batch, found: Mapping[str, Read]) -> dict[int, Fault]:
    """The rows of which nobody knows whose they are, or of which day."""
    first = batch.place.row + 1
    lost = {place: Fault(first + place, "", why) for place, why in batch.ragged.items()}
    for name in ("at", "account"):
        for place, why in found[name].wrong.items():
            lost.setdefault(place, Fault(first + place, name, why))
    return lost


Filled = tuple[datetime, Decimal, Decimal]


def _filled(row: int, at: datetime, asked: Decimal, cells: Cells) -> Filled | Fault:
    """What was filled, or why that cannot be."""
    quantity = cells["filled_quantity"]
    price = cells.get("avg_fill_price")
    when = cells.get("filled_at") or cells.get("done_at") or at
    if not ZERO < quantity <= asked:
        return Fault(row, "filled_quantity", f"`{quantity}` is not within the quantity")
    if price is None:
        return Fault(row, "avg_fill_price", "is empty, and something was filled")
    if when < at:
        return Fault(row, "filled_at", "is before the order")
    return when, quantity, price


def described(cells: Cells) -> Instrument | str:
    """The contract that these cells describe, or why they do not."""
    get = cells.get
    kind = get("sec_type") or "STK"
    multiplier = get("multiplier")
    if multiplier is None:
        if kind in ("FUT", "FOP"):
            return f"is empty, and `{cells['symbol']}` is a future"
        multiplier = HUNDRED_UNITS if kind == "OPT" else Decimal(1)
    currency = get("currency") or "USD"
    terms = Terms(
        symbol=cells["symbol"],
        sec_type=kind,
        currency=currency,
        expiry=get("expiry"),
        strike=get("strike"),
        right=get("right"),
    )
    return Instrument(
        key=key_of(terms),
        symbol=terms.symbol,
        sec_type=kind,
        currency=currency,
        multiplier=multiplier,
        min_tick=get("min_tick") or (PAIR_TICK if kind == "CASH" else TICK),
        lot=get("lot") or Decimal(1),
        expiry=terms.expiry,
        strike=terms.strike,
        right=terms.right,
        underlying=get("underlying"),
    )
