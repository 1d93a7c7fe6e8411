"""What other policies would have said of the decisions on record, on the facts of then.

Rule 1: one order is asked at a time, and met as it was met: the market, the account and the book
stay what they were, also where an earlier answer would have been another one.
Rule 2: what follows from such an answer is not played on; how many later answers rest on something
that a changed order counts in is counted, as the most that could be otherwise than told here.
Rule 3: where nobody can tell, that is said, with the rules that it is for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from riskgate.ledger.recounting import Recount
from riskgate.ledger.world import HoursSource
from riskgate.line.grouping import settled
from riskgate.model.decision import Decision, Finding
from riskgate.model.events import Decided, Recorded
from riskgate.model.hours import Hours
from riskgate.model.order import Order
from riskgate.model.snapshot import LegView, Snapshot
from riskgate.model.spans import A_DAY
from riskgate.model.subject import Subject, telling_apart
from riskgate.policy.evaluate import evaluate, explain
from riskgate.policy.explaining import use_of
from riskgate.policy.policies import Bound, PolicySet, price_terms_at
from riskgate.replay.differing import Part, otherwise
from riskgate.replay.effects import Effects
from riskgate.rulekit.tallies import DayTally

Limit = tuple[str, str]  # a rule and its limit
Answer = tuple[tuple[Part, ...], list[str]]


class Peak(msgspec.Struct):
    """The most of a limit that any order used, in percent: then, and under the other policies.

    None where the limit was not there, or nobody was asked.
    """

    then: Decimal | None = None
    now: Decimal | None = None


class WhatIf:
    """Other policies, and what they change; told every event of a record, in order."""

    def __init__(self, policies: PolicySet, hours: HoursSource | None = None) -> None:
        self._policies = policies
        self._hours = hours
        self._recount = Recount(policies)
        self._moved = _Moved(policies)
        self.effects = Effects()
        self.peaks: dict[Limit, Peak] = {}

    def fold(self, event: Recorded) -> None:
        """Take in one event, after it was asked about."""
        self._recount.fold(event)

    def ask(self, decided: Decided, then: PolicySet | None) -> Answer:
        """What differs of one decision, and which rules nobody can tell about."""
        order, snapshot = decided.decision.order, decided.snapshot
        if order is None or snapshot is None:
            return (), []
        met, unknown = self._met(decided, snapshot, then)
        if unknown:
            self.effects.untold += 1
            return (), unknown
        asked = msgspec.structs.replace(
            decided, snapshot=met, decision=evaluate(self._policies, order, met)
        )
        if not decided.group:
            [asked] = settled(self._policies, [asked])
        again, met = asked.decision, asked.snapshot or met
        self._use(explain(self._policies, order, met), "now")
        if then is not None:
            self._use(explain(then, order, snapshot), "then")
        return self._compared(decided.decision, again, order, met), []

    def _compared(
        self, recorded: Decision, again: Decision, order: Order, met: Snapshot
    ) -> tuple[Part, ...]:
        apart = otherwise(recorded, again)
        self.effects.denied += not again.allowed and again.action.word == "deny"
        if apart:
            answers = recorded.action, again.action
            whose = order.strategy or "", order.symbol
            self.effects.note(answers, whose, (recorded.by, again.by))
        if recorded.allowed is not again.allowed:
            self._moved.note(met)
        elif self._moved.touches(met):
            self.effects.exposed += 1
        return apart

    def _met(
        self, decided: Decided, snapshot: Snapshot, then: PolicySet | None
    ) -> tuple[Snapshot, list[str]]:
        """The snapshot of an order, and of each leg of a combo, as these policies would have it."""
        policies, subject = self._policies, snapshot.subject
        readings, unknown = self._recount.readings(decided, snapshot, then)
        hours = dict(snapshot.hours)
        selection = policies.for_(subject)
        for bound in selection.bounds:
            for code in bound.rule.calendars():
                if code not in hours and not self._look_up(code, snapshot.as_of, hours):
                    unknown.append(bound.name)
        legs = []
        for view in snapshot.legs:
            leg, more = self._met(decided, view.snapshot, then)
            legs.append(LegView(view.order, leg))
            unknown += more
        met = msgspec.structs.replace(
            snapshot,
            readings={**snapshot.readings, **readings},
            hours=hours,
            price_terms=price_terms_at(selection, subject, snapshot.as_of),
            legs=tuple(legs),
        )
        return met, unknown

    def _look_up(self, code: str, at: datetime, hours: dict[str, Hours]) -> bool:
        """Add the hours of an exchange as the calendar has them; those of a contract it has not."""
        if self._hours is None or not code.isalpha() or code == "IB":
            return False
        hours[code] = self._hours.hours(code, at)
        return True

    def _use(self, findings: Iterable[Finding], when: str) -> None:
        for finding in findings:
            percent = use_of(finding).percent if finding.rule else None
            if percent is None:
                continue
            peak = self.peaks.setdefault((finding.rule, finding.limit_name), Peak())
            known = getattr(peak, when)
            if known is None or percent > known:
                setattr(peak, when, percent)


class _Moved:
    """Which counters would hold something else, for an order would have left, or would not have."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._budgets: dict[tuple[str, object], datetime] = {}
        self._held: set[tuple[str, str]] = set()

    def note(self, met: Snapshot) -> None:
        """An order would have left, or would not have."""
        for bound in self._policies.for_(met.subject).counted:
            self._budgets[bound.name, _budget(bound, met.subject)] = met.as_of
        self._held.add((met.subject.account, met.subject.instrument))

    def touches(self, met: Snapshot) -> bool:
        """Whether an order is judged by a counter, or a holding, that would hold something else."""
        subject = met.subject
        if (subject.account, subject.instrument) in self._held:
            return True
        for bound in self._policies.for_(subject).counted:
            last = self._budgets.get((bound.name, _budget(bound, subject)))
            if last is not None and _still_counts(bound, met.as_of - last):
                return True
        return False


def _budget(bound: Bound, subject: Subject) -> object:
    return telling_apart(bound.per)(subject)


def _still_counts(bound: Bound, since: timedelta) -> bool:
    """Whether what happened so long ago can be in what a rule counts now."""
    if isinstance(bound.tally, DayTally):
        return since < A_DAY
    window = getattr(bound.tally, "window", None)
    return window is None or since <= window
