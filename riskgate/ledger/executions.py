"""Fills and what they cost: the latest revision of every execution, ours and foreign.

Rule 1: an execution is known by the stem of its id; a higher revision replaces it, any other
changes nothing.
Rule 2: positions and volume change by the difference to what was known.
Rule 3: a fill that was taken for a foreign one goes to its order when that is known; the position
does not move again.
Rule 4: a commission may come before, after, or without its execution.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from riskgate.ledger.counters.news import Traded
from riskgate.ledger.counting import Counting
from riskgate.ledger.holdings import Holdings
from riskgate.model.money import ZERO
from riskgate.model.order import Side
from riskgate.model.report import CommissionReport, ExecutionReport, Fill, revision_of, stem_of
from riskgate.model.subject import Subject, holding_subject


class Change(NamedTuple):
    """A fill as it is now, and as its order knew it before; None for a new one of the order."""

    fill: Fill
    known: Fill | None


class Executions:
    """All executions of a book."""

    def __init__(self, counting: Counting, holdings: Holdings) -> None:
        self._counting = counting
        self._holdings = holdings
        self.fills: dict[str, Fill] = {}
        self.touched: dict[str, Fill] = {}
        self._costs: dict[str, CommissionReport] = {}

    def take(
        self,
        event: ExecutionReport,
        subject: Subject | None,
        now: datetime,
        *,
        opens: bool = True,
    ) -> Change | None:
        """Take an execution over; None if it says nothing new. `opens` unless it was a reduction.

        One that is dated after `now` is of now: only our own clock begins a trading day. Without a
        subject it moves nothing: its parts are taken by themselves.
        """
        known = self.fills.get(event.stem)
        claims = known is not None and not known.order_id and bool(event.order_id)
        newer = known is None or revision_of(event.execution_id) > revision_of(known.execution_id)
        if not newer and not claims:
            return None
        fill = _fill(event, self._costs.get(event.stem))
        if known is not None and not newer:
            fill = msgspec.structs.replace(known, order_id=event.order_id)
        self._kept(event.stem, fill)
        if subject is None:
            if known is not None and claims:
                gone = Change(msgspec.structs.replace(known, quantity=ZERO), known)
                nobody = holding_subject(event.account, event.instrument)
                self._count(event, gone, (nobody, True), now)
            return Change(fill, None if claims else known)
        if known is not None and claims:
            self._claimed(event, known, subject)
        if newer:
            self._count(event, Change(fill, known), (subject, opens), now)
        return Change(fill, None if claims else known)

    def beyond(
        self, event: ExecutionReport, more: Decimal, subject: Subject, now: datetime
    ) -> None:
        """So much more than the parts come to is the holding of the whole; less is negative."""
        part = msgspec.structs.replace(_fill(event, None), quantity=more)
        self._count(event, Change(part, None), (subject, True), now)

    def bill(self, event: CommissionReport) -> Fill | None:
        """Take a commission over; the fill with it, or None while there is no such execution."""
        stem = stem_of(event.execution_id)
        self._costs[stem] = event
        known = self.fills.get(stem)
        if known is None:
            return None
        return self._kept(stem, known.charged(event))

    def take_touched(self) -> Iterable[Fill]:
        """The fills that changed since this was asked last."""
        touched, self.touched = self.touched, {}
        return touched.values()

    def _kept(self, stem: str, fill: Fill) -> Fill:
        self.fills[stem] = self.touched[stem] = fill
        return fill

    def _claimed(self, event: ExecutionReport, known: Fill, subject: Subject) -> None:
        """Move what was known of a fill from nobody's holding to that of its order's strategy."""
        signed = known.quantity if event.side is Side.BUY else -known.quantity
        nobody = holding_subject(event.account, event.instrument)
        self._holdings.filled(nobody, event.instrument, -signed)
        self._holdings.filled(subject, event.instrument, signed)

    def _count(
        self, event: ExecutionReport, change: Change, whose: tuple[Subject, bool], now: datetime
    ) -> None:
        """Move the position and the day's sums by the difference."""
        (fill, known), (subject, opens) = change, whose
        at = min(event.at, now)
        multiplier = event.instrument.multiplier
        quantity = fill.quantity - (known.quantity if known else ZERO)
        value = fill.quantity * abs(fill.price) * multiplier
        if known is not None:
            value -= known.quantity * abs(known.price) * multiplier
        signed = quantity if event.side is Side.BUY else -quantity
        self._holdings.filled(subject, event.instrument, signed)
        margin = event.instrument.margin_of(value)
        self._counting.fill(subject, Traded(quantity, value, margin, opens, now), at)
        self._counting.executed(subject, event.order_id or -event.perm_id, at)


def _fill(event: ExecutionReport, cost: CommissionReport | None) -> Fill:
    return event.as_fill(cost)
