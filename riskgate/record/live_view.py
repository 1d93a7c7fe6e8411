"""What `riskgate watch` shows at one moment: state, limits, orders, parents and decisions.

Rule 1: the record is folded as it grows, never again; what leaves a window does so with time.
Rule 2: what is worst comes first, in every part.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.ledger.life import Life
from riskgate.model.events import Decided, Recorded
from riskgate.model.lifecycle import Status
from riskgate.policy.policies import PolicySet
from riskgate.record.limits_now import LimitNow, limits_now
from riskgate.record.present import Present
from riskgate.record.recorded_policies import Read
from riskgate.record.status import Around, State, state_of

MOST_DECISIONS: Final = 50
PATIENCE: Final = timedelta(seconds=5)  # how long limits may stand where nothing happens
WORST: Final = (Status.UNKNOWN, Status.HELD, Status.PENDING_CANCEL)


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One of the latest decisions. `by` are the rules and codes that breached, shadows left out."""

    seq: int
    at: datetime
    order_id: int
    action: str
    order: str
    by: tuple[str, ...] = ()


class AtWork(msgspec.Struct, frozen=True, kw_only=True):
    """An order that works, is held, or whose fate is unknown. Quantities in units."""

    order_id: int
    status: Status
    order: str
    quantity: Decimal
    filled: Decimal
    since: datetime


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at one moment. `lacking` says why there are no limits; `trouble` what is wrong.

    `priced_at` is the newest price that a decision on record was made on.
    """

    state: State
    limits: tuple[LimitNow, ...] = ()
    orders: tuple[AtWork, ...] = ()
    decisions: tuple[Judged, ...] = ()
    lacking: str = ""
    trouble: str = ""
    priced_at: datetime | None = None


class LiveView:
    """A record that is watched; `read` gives its events after a number."""

    def __init__(self, read: Read, given: PolicySet | None = None) -> None:
        self._present = Present(read, given)
        self._decisions: deque[Judged] = deque(maxlen=MOST_DECISIONS)
        self._priced_at: datetime | None = None
        self._limits: tuple[LimitNow, ...] = ()
        self._measured_at: datetime | None = None

    def frame(self, around: Around) -> Frame:
        """How things stand at that moment. May raise what reading a journal raises."""
        new = self._present.catch_up(self._heard)
        self._measure(around.now, anew=bool(new))
        fold = self._present.fold
        return Frame(
            state=state_of(fold, around),
            limits=self._limits,
            orders=tuple(sorted(self._at_work(), key=_worst_first)),
            decisions=tuple(reversed(self._decisions)),
            lacking=self._present.lacking,
            priced_at=self._priced_at,
        )

    def _measure(self, now: datetime, *, anew: bool) -> None:
        last = self._measured_at
        if self._present.lacking:
            self._limits, self._measured_at = (), None
        elif anew or last is None or now - last >= PATIENCE:
            self._limits, self._measured_at = limits_now(self._present, now), now

    def _heard(self, event: Recorded) -> None:
        payload = event.payload
        if not isinstance(payload, Decided):
            return
        quote = payload.snapshot.quote if payload.snapshot is not None else None
        if quote is not None and quote.at is not None:
            self._priced_at = max(quote.at, self._priced_at or quote.at)
        self._decisions.append(
            Judged(
                seq=event.seq,
                at=event.at,
                order_id=payload.order_id,
                action=payload.decision.action.word,
                order=payload.text,
                by=payload.decision.by,
            )
        )

    def _at_work(self) -> Iterator[AtWork]:
        book = self._present.fold.ledger
        for life in (*book.working(), *book.held()):
            yield _at_work(life)


def _at_work(life: Life) -> AtWork:
    return AtWork(
        order_id=life.order_id,
        status=life.status,
        order=life.text,
        quantity=life.quantity,
        filled=life.filled,
        since=life.created_at,
    )


def _worst_first(order: AtWork) -> tuple[int, int]:
    """What somebody has to look at, then the newest."""
    place = WORST.index(order.status) if order.status in WORST else len(WORST)
    return place, -order.order_id
