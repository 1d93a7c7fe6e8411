"""The rows of a history: one order each, with what the market was and what became of it.

Rule 1: a row that makes no sense is a fault with its column, never an order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import repeat
from typing import Any, Final

import msgspec

from riskgate.history.columns import ORDER, Read, Reading
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
BECAME: Final = (
    *("at", "quantity", "filled_quantity", "avg_fill_price", "filled_at", "done_at"),
    *("status", "action", "adv", "fx"),
)
ALLOW: Final = Action.ALLOW
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
        self._valued = tuple(name for name in VALUED if name in columns)
        self._known: dict[tuple[Any, ...], Instrument] = {}
        self._reading = Reading()

    def read(self, batch: Batch) -> dict[str, Read]:
        """The values of its columns."""
        return {name: self._reading.read(name, batch.values[name]) for name in self._columns}

    def orders(self, batch: Batch, keep: Keep) -> Iterator[Told | Fault]:
        """The orders of a batch whose account and time are to be kept; faults among them."""
        found = self.read(batch)
        lost, first = lost_rows(batch, found), batch.place.row + 1
        wrong = {
            place: Fault(first + place, name, why)
            for name, column in found.items()
            for place, why in column.wrong.items()
        }
        whose = zip(found["account"].values, found["at"].values, strict=True)
        places = [
            place
            for place, (account, at) in enumerate(whose)
            if place not in lost and keep(first + place, account, at)
        ]
        if len(places) < batch.size:
            found = {name: column.at(places) for name, column in found.items()}
        parts = (self._orders(found), self.contracts(found), self._quotes(found))
        became = zip(*(_values(found, name) for name in BECAME), strict=False)
        told = zip(places, *parts, self._accounts(found), became, strict=False)
        for place, order, what, quote, account, rest in told:
            if place in wrong:
                yield wrong[place]
            else:
                yield self._told(first + place, order, (what, quote, account), rest)

    def _told(
        self,
        row: int,
        order: Order,
        met: tuple[tuple[Any, ...], Quote | None, Account | None],
        became: tuple[Any, ...],
    ) -> Told | Fault:
        what, quote, account = met
        instrument = self._known.get(what) or self.instrument(what)
        if isinstance(instrument, str):
            return Fault(row, "multiplier", instrument)
        at, asked, quantity, price, filled_at, done_at, status, action, adv, fx = became
        filled: Filled | None = None
        if quantity:
            filled = (filled_at or done_at or at, quantity, price)
            fault = _misfilled(row, at, asked, filled)
            if fault is not None:
                return fault
            if done_at is None and quantity >= asked:
                done_at = filled[0]
        if done_at is not None and done_at < (filled[0] if filled else at):
            return Fault(row, "done_at", "is before the order, or before it was filled")
        return Told(
            row,
            at,
            order,
            instrument,
            quote,
            adv,
            fx,
            account,
            filled,
            done_at,
            status or Status.CANCELLED,
            ALLOW if action is None else action,
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

    def _orders(self, found: Mapping[str, Read]) -> Iterator[Order]:
        """The terms of each row; those that it does not state are as they are without."""
        whole = tuple(name for name in self._terms if found[name].whole)
        partly = tuple(name for name in self._terms if not found[name].whole)
        rows = zip(*(found[name].values for name in whole), strict=True)
        if not partly:
            return (Order(**dict(zip(whole, row, strict=True))) for row in rows)
        some = zip(*(found[name].values for name in partly), strict=True)
        return (
            Order(
                **dict(zip(whole, row, strict=True)),
                **{
                    name: value
                    for name, value in zip(partly, more, strict=True)
                    if value is not None
                },
            )
            for row, more in zip(rows, some, strict=True)
        )

    def _quotes(self, found: Mapping[str, Read]) -> Iterable[Quote | None]:
        """The market of each row, None where it says nothing of it."""
        names = self._quoted
        if not names:
            return repeat(None)
        prices = zip(*(found[name].values for name in names), strict=True)
        times = zip(_values(found, "quote_at"), found["at"].values, strict=False)
        rows = zip(prices, times, strict=True)
        if any(found[name].whole for name in names):
            return (
                Quote(**dict(zip(names, row, strict=True)), at=of or at) for row, (of, at) in rows
            )
        return (
            None
            if row.count(None) == len(row)
            else Quote(**dict(zip(names, row, strict=True)), at=of or at)
            for row, (of, at) in rows
        )

    def _accounts(self, found: Mapping[str, Read]) -> Iterable[Account | None]:
        """What each row says of its account's values, None where it says nothing."""
        names = self._valued
        if not names:
            return repeat(None)
        values = zip(*(found[name].values for name in names), strict=True)
        whose = (found["account"].values, _values(found, "base_currency"), found["at"].values)
        return (
            None
            if row.count(None) == len(row)
            else Account(
                id=account, currency=base or "USD", at=at, **dict(zip(names, row, strict=True))
            )
            for row, account, base, at in zip(values, *whose, strict=False)
        )


def _values(found: Mapping[str, Read], name: str) -> Iterable[Any]:
    """A column's values; of one that the file does not have, None without end."""
    column = found.get(name)
    return repeat(None) if column is None else column.values


def lost_rows(batch: Batch, found: Mapping[str, Read]) -> dict[int, Fault]:
    """The rows of which nobody knows whose they are, or of which day."""
    first = batch.place.row + 1
    lost = {place: Fault(first + place, "", why) for place, why in batch.ragged.items()}
    for name in ("at", "account"):
        for place, why in found[name].wrong.items():
            lost.setdefault(place, Fault(first + place, name, why))
    return lost


Filled = tuple[datetime, Decimal, Decimal]


def _misfilled(row: int, at: datetime, asked: Decimal, filled: Filled) -> Fault | None:
    """Why an order cannot have been filled so."""
    when, quantity, price = filled
    if not ZERO < quantity <= asked:
        return Fault(row, "filled_quantity", f"`{quantity}` is not within the quantity")
    if price is None:
        return Fault(row, "avg_fill_price", "is empty, and something was filled")
    if when < at:
        return Fault(row, "filled_at", "is before the order")
    return None


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
