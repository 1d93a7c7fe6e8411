"""The rows of a history: one order each, with what the market was and what became of it.

Rule 1: a row that makes no sense is a fault with its column, never an order.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import repeat
from typing import Any, Final, NamedTuple

import msgspec

from riskgate.history.columns import ORDER, Read, Reading, decimal, moment
from riskgate.history.sources import Batch, Fault
from riskgate.model.account import Account
from riskgate.model.combos import TICK
from riskgate.model.decision import Action
from riskgate.model.instrument import Instrument, Terms, key_of
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.money import ZERO
from riskgate.model.order import Order

HUNDRED_UNITS: Final = Decimal(100)
PAIR_TICK: Final = Decimal("0.00005")
NAMES_IT: Final = ("symbol", "sec_type", "currency", "expiry", "strike", "right")
DESCRIBES_IT: Final = (*NAMES_IT, "multiplier", "min_tick", "lot", "underlying")
QUOTED: Final = ("bid", "ask", "last", "close")
VALUED: Final = ("net_liquidation", "available_funds", "day_pnl")
TERMS: Final = (*ORDER, *NAMES_IT[1:])
BECAME: Final = (
    *("at", "quantity", "limit_price", "filled_quantity", "avg_fill_price"),
    *("filled_at", "done_at"),
    *("status", "action", "adv", "fx"),
)
# Of an order, what differs from one to the next; the first two nearly always.
OFTEN: Final = ("quantity", "limit_price")
NUMBERS: Final = (
    *OFTEN,
    *(name for name in ORDER if ORDER[name].read in (decimal, moment) and name not in OFTEN),
)
UNQUOTED: Final = (None, None, None, None)
MOST_ALIKE: Final = 16_384
ALLOW: Final = Action.ALLOW
replace: Final = msgspec.structs.replace
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


Choose = Callable[[int, Sequence[str], Sequence[datetime], Container[int]], list[int]]
Key = tuple[Any, ...]


class _Alike(NamedTuple):
    """Rows with the same names: an order of theirs, and their contract or why it is none."""

    order: Order
    instrument: Instrument | str


class Reader:
    """Makes orders of batches; remembers instruments and orders alike, of which there are few."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self._described = tuple(name for name in DESCRIBES_IT if name in columns)
        self._terms = tuple(name for name in TERMS if name in columns and name not in NUMBERS)
        self._names = (*self._described, *self._terms)
        self._numbers = tuple(name for name in NUMBERS[2:] if name in columns)
        self._quoted = tuple(name for name in QUOTED if name in columns)
        self._valued = tuple(name for name in VALUED if name in columns)
        self._known: dict[Key, Instrument] = {}
        self._alike: dict[Key, _Alike] = {}
        self._reading = Reading()

    def read(self, batch: Batch) -> dict[str, Read]:
        """The values of its columns."""
        return {name: self._reading.read(name, batch.values[name]) for name in self._columns}

    def orders(self, batch: Batch, choose: Choose) -> Iterator[Told | Fault]:
        """The orders of a batch that are chosen by account and time; faults among them.

        Whoever chooses is asked for all rows at once: those of a batch that are not lost.
        """
        found = self.read(batch)
        lost, first = lost_rows(batch, found), batch.place.row + 1
        wrong = {
            place: Fault(first + place, name, why)
            for name, column in found.items()
            for place, why in column.wrong.items()
        }
        places = choose(first, found["account"].values, found["at"].values, lost)
        if len(places) < batch.size:
            found = {name: column.at(places) for name, column in found.items()}
        names = zip(*(found[name].values for name in self._names), strict=True)
        met = (self._numbered(found), self._quotes(found), self._accounts(found))
        told = zip(names, *met, strict=False)
        became = zip(*(_values(found, name) for name in BECAME), strict=False)
        for place, (key, numbers, quote, account), rest in zip(places, told, became, strict=False):
            if wrong and place in wrong:
                yield wrong[place]
                continue
            alike = self._alike.get(key) or self._meet(key)
            if numbers:
                alike = alike._replace(order=replace(alike.order, **numbers))
            yield _told(first + place, alike, (quote, account), rest)

    def _meet(self, key: Key) -> _Alike:
        """Rows with these names, for the first time."""
        described = len(self._described)
        terms = zip(self._terms, key[described:], strict=True)
        stated = {name: value for name, value in terms if value is not None}
        order = Order(**{"quantity": ZERO, **stated})
        if len(self._alike) >= MOST_ALIKE:
            self._alike.clear()
        self._alike[key] = found = _Alike(order, self.instrument(key[:described]))
        return found

    def instrument(self, values: Key) -> Instrument | str:
        """The contract that a row's values of `described` are about, or why it is none."""
        known = self._known.get(values)
        if known is None:
            made = described(dict(zip(self._described, values, strict=True)))
            if isinstance(made, str):
                return made
            known = self._known[values] = made
        return known

    def contracts(self, found: Mapping[str, Read]) -> Iterator[Key]:
        """What each row says of its contract."""
        return zip(*(found[name].values for name in self._described), strict=True)

    def _numbered(self, found: Mapping[str, Read]) -> Iterable[dict[str, Any] | None]:
        """The numbers that few orders state: those that each row does, None for none."""
        names = self._numbers
        if not names:
            return repeat(None)
        rows = zip(*(found[name].values for name in names), strict=True)
        return (
            None
            if row.count(None) == len(row)
            else {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in rows
        )

    def _quotes(self, found: Mapping[str, Read]) -> Iterable[Quote | None]:
        """The market of each row, None where it says nothing of it."""
        names = self._quoted
        if not names:
            return repeat(None)
        times: Iterable[datetime] = found["at"].values
        if "quote_at" in found:
            quoted = found["quote_at"].values
            times = (of or at for of, at in zip(quoted, times, strict=True))
        rows = zip(*(_values(found, name) for name in QUOTED), times, strict=False)
        if any(found[name].whole for name in names):
            return [Quote(bid=b, ask=a, last=z, close=c, at=at) for b, a, z, c, at in rows]
        return [
            Quote(bid=b, ask=a, last=z, close=c, at=at) if (b, a, z, c) != UNQUOTED else None
            for b, a, z, c, at in rows
        ]

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


def _told(
    row: int, alike: _Alike, met: tuple[Quote | None, Account | None], became: Key
) -> Told | Fault:
    """What a row tells, or what is wrong with it."""
    order, instrument = alike
    if isinstance(instrument, str):
        return Fault(row, "multiplier", instrument)
    (quote, account) = met
    at, asked, limit, quantity, price, filled_at, done_at, status, action, adv, fx = became
    order = replace(order, quantity=asked, limit_price=limit)
    filled: Filled | None = None
    if quantity:
        filled = (filled_at or done_at or at, quantity, price)
        if not ZERO < quantity <= asked or price is None or filled[0] < at:
            return _misfilled(row, asked, filled)
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


def _misfilled(row: int, asked: Decimal, filled: Filled) -> Fault:
    """Why an order cannot have been filled so."""
    _, quantity, price = filled
    if not ZERO < quantity <= asked:
        return Fault(row, "filled_quantity", f"`{quantity}` is not within the quantity")
    if price is None:
        return Fault(row, "avg_fill_price", "is empty, and something was filled")
    return Fault(row, "filled_at", "is before the order")


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
