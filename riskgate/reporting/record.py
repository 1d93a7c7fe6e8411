"""What the events of a day come to: limits, denied orders, states, and where all of it stands.

Rule 1: every event is taken, of earlier days too, for the policies of a day may be older than it.
Rule 2: memory is flat: of what may be many, only the first are kept, and all are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from riskgate.model.decision import Action
from riskgate.model.events import (
    Decided,
    LimitTripped,
    PeakForgotten,
    PolicyActivated,
    Reconciled,
    Recorded,
    StateChanged,
)
from riskgate.model.words import abridged
from riskgate.record.limit_figures import Extent, LimitsUsed
from riskgate.record.limits_used import LimitsMeter
from riskgate.record.recorded_policies import Read, RecordedPolicies
from riskgate.reporting.asked import Asked

MOST_DENIED: Final = 20
MOST_CHANGES: Final = 200


class Change(msgspec.Struct, frozen=True):
    """Something that changed what may be traded, or how it is judged."""

    at: datetime
    what: str
    by: str = ""
    why: str = ""


class Record:
    """The events of a journal as they come, for one day."""

    def __init__(self, read: Read, asked: Asked) -> None:
        self._asked = asked
        self._meter = LimitsMeter(
            read, Extent(since=asked.since, until=asked.until, zone=asked.zone)
        )
        self.texts = RecordedPolicies(read)
        self.events = 0
        self.seq = 0
        self.begin = 0  # the last event before the first of the day
        self.denied: list[tuple[datetime, Decided]] = []
        self.changes: list[Change] = []
        self.changed = 0
        self.reconciles = 0
        self.unclean = 0
        self.engines: set[str] = set()
        self._in_force = ""
        self._policies: dict[str, None] = {}

    def take(self, event: Recorded) -> None:
        """Take one event."""
        payload = event.payload
        self.events += 1
        if event.at < self._asked.since:
            self.begin = event.seq
        self.seq = event.seq
        if isinstance(payload, Decided):
            if self._asked.means(payload) and self._asked.covers(payload.decision.as_of):
                self._meter.take(event)
                self._decided(event.at, payload)
            return
        self._meter.take(event)
        if isinstance(payload, PolicyActivated):
            self.texts.note(event.seq, payload)
            self._in_force = f"{', '.join(payload.policies)} ({abridged(payload.digest)})"
        if self._asked.covers(event.at):
            self._happened(event)

    def limits(self) -> LimitsUsed:
        """What limits did."""
        return self._meter.figures()

    @property
    def policies(self) -> tuple[str, ...]:
        """The policy sets that decided, in the order in which they did."""
        return tuple(self._policies)

    def _decided(self, at: datetime, decided: Decided) -> None:
        self.engines |= {decided.engine} - {""}
        self._policies[self._in_force] = None
        if decided.emergency:
            self._change(
                Change(at, f"emergency exit: {decided.text}", decided.actor, decided.reason)
            )
        if decided.decision.action is Action.DENY and len(self.denied) < MOST_DENIED:
            self.denied.append((at, decided))

    def _happened(self, event: Recorded) -> None:
        if isinstance(event.payload, Reconciled):
            self.reconciles += 1
            self.unclean += not event.payload.settled
        for change in _changes(event):
            self._change(change)

    def _change(self, change: Change) -> None:
        """Count it, and keep it unless there are too many."""
        self.changed += 1
        if len(self.changes) < MOST_CHANGES:
            self.changes.append(change)


def _changes(event: Recorded) -> Iterator[Change]:
    """What an event changed, in words."""
    payload, at = event.payload, event.at
    if isinstance(payload, StateChanged):
        one = payload.standing
        what = f"{one.state.name} for {one.scope}{' (by a rule)' if one.latch else ''}"
        yield Change(at, what, one.by, one.reason)
    elif isinstance(payload, LimitTripped):
        what = f"denies for {payload.scope} until {payload.until:%Y-%m-%d %H:%M:%S} UTC"
        yield Change(at, what, payload.rule, payload.reason)
    elif isinstance(payload, PeakForgotten):
        whose = payload.account or "all accounts"
        yield Change(at, f"the peak of {whose} is measured anew", payload.by, payload.reason)
    elif isinstance(payload, PolicyActivated):
        what = f"policies {', '.join(payload.policies)} came into force"
        yield Change(at, what, payload.actor, abridged(payload.digest))
    elif isinstance(payload, Reconciled) and not payload.settled:
        yield Change(at, "the books did not agree", "reconcile", "; ".join(payload.differences))
