"""What is held and what may come to be held, by the record alone.

Rule 1: a position is what the broker last reported, plus the fills since, of anybody.
Rule 2: a price is the latest on record: the mid of a decision or the price of a fill, with its
time. A fill that is told late is of the time at which it was. What has none has no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from riskgate.analytics.slippage import arrival_price
from riskgate.ledger.timeline import moment_of
from riskgate.model.events import Decided, Payload, Recorded
from riskgate.model.instrument import Instrument
from riskgate.model.readings import Holding
from riskgate.model.report import ExecutionReport
from riskgate.record.status import Fold


class _Mark(NamedTuple):
    """A price that was seen, and when."""

    price: Decimal
    at: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument in one account. Quantities are units, negative for short.

    `buying` and `selling` are what working orders can still fill; `most` and `least` are where the
    position would be if only these buys, or only these sells, filled. `price` is in `currency`, per
    unit, and `value` is position x price x multiplier.
    """

    account: str
    instrument: str
    symbol: str
    position: Decimal
    buying: Decimal
    selling: Decimal
    most: Decimal
    least: Decimal
    price: Decimal | None
    price_at: datetime | None
    value: Decimal | None
    currency: str


def positions(events: Iterable[Recorded]) -> tuple[Standing, ...]:
    """Everything that is held or worked, by account and instrument."""
    marks: dict[str, _Mark] = {}
    held = Fold(_noted(events, marks)).ledger.holdings.standing()
    found = (_standing(*one, marks) for one in held)
    return tuple(sorted(found, key=lambda one: (one.account, one.instrument)))


def _noted(events: Iterable[Recorded], marks: dict[str, _Mark]) -> Iterator[Recorded]:
    """The events as they are; the prices in them are kept."""
    for event in events:
        found = _mark(event.payload, event.at)
        if found is not None and (
            (known := marks.get(found[0])) is None or known.at <= found[1].at
        ):
            marks[found[0]] = found[1]
        yield event


def _mark(payload: Payload, at: datetime) -> tuple[str, _Mark] | None:
    if isinstance(payload, ExecutionReport):
        mark = _Mark(payload.price, moment_of(payload.at, at))
        return (payload.instrument.key, mark) if payload.quantity else None
    snapshot = payload.snapshot if isinstance(payload, Decided) else None
    if snapshot is None or snapshot.instrument is None:
        return None
    price = arrival_price(snapshot.quote)
    return None if price is None else (snapshot.instrument.key, _Mark(price, at))


def _standing(
    account: str, instrument: Instrument, holding: Holding, marks: dict[str, _Mark]
) -> Standing:
    mark = marks.get(instrument.key)
    position, multiplier = holding.position, instrument.multiplier
    return Standing(
        account=account,
        instrument=instrument.key,
        symbol=instrument.symbol,
        position=position,
        buying=holding.buys,
        selling=holding.sells,
        most=position + holding.buys,
        least=position - holding.sells,
        price=None if mark is None else mark.price,
        price_at=None if mark is None else mark.at,
        value=None if mark is None else position * mark.price * multiplier,
        currency=instrument.currency,
    )
