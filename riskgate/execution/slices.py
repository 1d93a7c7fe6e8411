"""What a planner is asked and what it answers: the terms, the progress, and the next step.

Rule 1: a planner is a pure function of parameters, terms, progress and time: asked again with the
same, also after a restart, it gives the same answer.
Rule 2: quantities are whole lots; sums are made of whole numbers of lots, so that they are exact.
Rule 3: what a planner asks for never exceeds what its parent leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

import msgspec

from riskgate.model.market import Quote
from riskgate.model.money import ZERO
from riskgate.model.order import OrderType, Side, Tif

KEPT: Final = 32  # schedules kept as they were made; the same ones are asked for again and again
CATCH_UP: Final = 2  # the most slices' worth that is sent at once by who is behind


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a parent order is about. Without `limit_price` its slices are market orders."""

    side: Side
    quantity: Decimal
    limit_price: Decimal | None = None
    lot: Decimal = Decimal(1)

    @property
    def lots(self) -> int:
        """The whole lots in it; sanity has refused what is no whole number of them."""
        return int(self.quantity // self.lot)

    def whole(self, quantity: Decimal) -> Decimal:
        """A quantity rounded down to whole lots."""
        return quantity // self.lot * self.lot


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a parent has got. `working` can still fill, held slices included.

    `arrival` is the market's price when the work began or was resumed, `volume` what the market has
    traded since it began, each None if it is not known. `sent_at` is when the last slice was let
    through.
    """

    began: datetime
    filled: Decimal = ZERO
    working: Decimal = ZERO
    arrival: Decimal | None = None
    quote: Quote | None = None
    volume: Decimal | None = None
    sent_at: datetime | None = None

    @property
    def committed(self) -> Decimal:
        """What is filled or can still fill."""
        return self.filled + self.working


class Send(msgspec.Struct, frozen=True):
    """Send one slice now."""

    quantity: Decimal
    limit_price: Decimal | None = None
    tif: Tif = Tif.DAY

    @property
    def order_type(self) -> OrderType:
        """A limit order where it has a price, else a market order."""
        return OrderType.MKT if self.limit_price is None else OrderType.LMT


class Wait(msgspec.Struct, frozen=True):
    """Nothing to do before `until`; None is until something changes."""

    until: datetime | None = None


class Recall(msgspec.Struct, frozen=True):
    """Cancel the slices that work, then ask again."""


class Pause(msgspec.Struct, frozen=True):
    """Send nothing until a person resumes it."""

    reason: str


class Done(msgspec.Struct, frozen=True):
    """It is over: nothing more is sent."""

    reason: str


Step = Send | Wait | Recall | Pause | Done


class Algo(Protocol):
    """A planner. What it asks for is still held against the guards, and judged by the gate."""

    @property
    def duration(self) -> timedelta | None:
        """How long it works at most, from its beginning; None has no end of its own."""
        ...

    def wrong(self, terms: Terms) -> str:
        """Why it cannot work such an order, or nothing."""
        ...

    def next(self, terms: Terms, progress: Progress, now: datetime) -> Step:
        """What to do now."""
        ...


class Slot(msgspec.Struct, frozen=True):
    """From `at` on, `upto` of the parent should be sent in all."""

    at: datetime
    upto: Decimal


def slots(terms: Terms, shares: Sequence[tuple[datetime, Decimal]]) -> tuple[Slot, ...]:
    """A schedule from moments and weights, in order of time; the last is the whole quantity."""
    whole = sum((weight for _, weight in shares), ZERO)
    found, so_far = [], ZERO
    for at, weight in shares:
        so_far += weight
        found.append(Slot(at, terms.lots * so_far // whole * terms.lot))
    return (*found[:-1], Slot(found[-1].at, terms.quantity))


def on_schedule(plan: Sequence[Slot], terms: Terms, progress: Progress, now: datetime) -> Step:
    """What is due of a schedule.

    What was missed goes with the next slice, up to two slices' worth at once, and the rest of it
    not before half an interval has passed.
    """
    due = [slot for slot in plan if slot.at <= now]
    later = next((slot.at for slot in plan if slot.at > now), None)
    behind = due[-1].upto - progress.committed if due else ZERO
    if behind <= ZERO:
        return Wait(later)
    half = (plan[-1].at - plan[0].at) / (2 * max(1, len(plan) - 1))
    if progress.sent_at is not None and due[-1].at <= progress.sent_at > now - half:
        return Wait(progress.sent_at + half)
    return Send(min(behind, CATCH_UP * _largest(plan)), terms.limit_price)


def _largest(plan: Sequence[Slot]) -> Decimal:
    before = (ZERO, *(slot.upto for slot in plan))
    return max(slot.upto - last for slot, last in zip(plan, before, strict=False))
