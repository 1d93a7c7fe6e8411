"""What other policies would have said of the decisions on record, on the facts of then.

Rule 1: one submission is asked at a time, and met as it was met: the market, the account and the
book stay what they were, also where an earlier answer would have been another one.
Rule 2: what is submitted as one is answered as one: an order that is denied denies its group.
Rule 3: what follows from such an answer is not played on; how many later answers might be others
for it is counted, as the most that could be otherwise than told here (`wake`).
Rule 4: where nobody can tell, that is said, with the rules that it is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.ledger.deeds import is_counted
from riskgate.ledger.recounting import Recount
from riskgate.ledger.world import HoursSource
from riskgate.line.grouping import settled
from riskgate.model.codes import Code
from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.events import Decided, Note, Recorded, StateChanged
from riskgate.model.hours import Hours
from riskgate.model.order import Tif
from riskgate.model.snapshot import LegView, Snapshot, Submission
from riskgate.model.trading import Scope
from riskgate.policy.evaluate import evaluate, explain
from riskgate.policy.explaining import use_of
from riskgate.policy.latches import latches
from riskgate.policy.policies import PolicySet
from riskgate.policy.selection import price_terms_at
from riskgate.replay.differing import Part, otherwise
from riskgate.replay.effects import Effects
from riskgate.replay.wake import Wake

Limit = tuple[str, str]  # a rule and its limit
FEWEST: Final = 2  # orders of a block
OVERNIGHT: Final = frozenset({Tif.GTC, Tif.GTD})


class Peak(msgspec.Struct):
    """The most of a limit that any order used, in percent: then, and under the other policies.

    None where the limit was not there, or nobody was asked.
    """

    then: Decimal | None = None
    now: Decimal | None = None


class Answer(msgspec.Struct):
    """What came of one decision: what differs of it, and which rules nobody can tell about."""

    event: Recorded
    decided: Decided
    apart: tuple[Part, ...] = ()
    unknown: Sequence[str] = ()


class _Asked(msgspec.Struct):
    """One decision of a submission, and what it meets: nothing if there was no order."""

    event: Recorded
    decided: Decided
    then: PolicySet | None
    counts: bool
    met: Snapshot | None = None
    unknown: Sequence[str] = ()
    own: bool = False  # under the policies of then


class WhatIf:
    """Other policies, and what they change; told every event of a record, in order."""

    def __init__(self, policies: PolicySet, hours: HoursSource | None = None) -> None:
        self._policies = policies
        self._hours = hours
        self._recount = Recount(policies)
        self._wake = Wake(policies, self._recount.book)
        self._waiting: list[_Asked] = []
        self.effects = Effects()
        self.peaks: dict[Limit, Peak] = {}

    def fold(self, event: Recorded) -> None:
        """Take in one event, after it was asked about."""
        self._recount.fold(event)
        self._wake.hear(event)

    def answers_before(self, event: Recorded | None) -> Iterator[Answer]:
        """The answers that are settled when an event comes, or none any more."""
        if self._waiting and not (event is not None and _goes_on(self._waiting, event)):
            waiting, self._waiting = self._waiting, []
            yield from self._settle(waiting)

    def ask(
        self, event: Recorded, decided: Decided, then: PolicySet | None, *, counts: bool
    ) -> None:
        """Ask about a decision; the answer comes with the last of its submission.

        What only belongs to the submission of one that was chosen does not count.
        """
        asked = _Asked(event, decided, then, counts)
        if decided.decision.order is not None and decided.snapshot is not None:
            asked.met, asked.unknown = self._met(decided, _unsettled(decided), then)
        self._waiting.append(asked)

    def heed(self, event: Recorded, decided: Decided) -> None:
        """Count a decision that was made under these very policies; there is no answer to it."""
        met = decided.snapshot if decided.decision.order is not None else None
        self._waiting.append(_Asked(event, decided, self._policies, counts=True, met=met, own=True))

    def _settle(self, waiting: list[_Asked]) -> Iterator[Answer]:
        """The answers of one submission, of which one may rest on what another one rests on."""
        unknown = sorted({name for one in waiting for name in one.unknown})
        alone = [] if unknown else [self._again(one) for one in waiting]
        again = self._together(alone) if alone and not waiting[0].own else alone
        rests = len(waiting) > 1 and any(self._rests(one) for one in waiting)
        for place, one in enumerate(waiting):
            if not one.counts:
                continue
            if unknown:
                yield self._untold(one, unknown)
                continue
            answer = self._told(one, again[place], alone[place].decision, rests=rests)
            if not one.own:
                yield answer

    def _rests(self, asked: _Asked) -> bool:
        """Whether an order rests on one that changed."""
        reduction = asked.decided.decision.reduction
        met = asked.met
        return met is not None and self._wake.touches(asked.decided, met, reduction=reduction)

    def _again(self, asked: _Asked) -> Decided:
        """One order decided by itself; what was no order is refused again."""
        order, met = asked.decided.decision.order, asked.met
        if order is None or met is None or asked.own:
            return asked.decided
        decision = evaluate(self._policies, order, met)
        return msgspec.structs.replace(asked.decided, snapshot=met, decision=decision)

    def _together(self, judged: list[Decided]) -> list[Decided]:
        """What was submitted as one, answered as one."""
        block = judged[-1]
        if not block.members:
            return settled(self._policies, judged)
        members = [settled(self._policies, [one])[0] for one in judged[:-1]]
        inside = {one.order_id for one in members if one.decision.allowed} & {*block.members}
        if block.decision.allowed or len(inside) < FEWEST:
            return [*members, block]
        denied = [
            _denied(self._policies, one) if one.order_id in inside else one for one in members
        ]
        return [*denied, _denied(self._policies, block)]

    def _untold(self, asked: _Asked, unknown: Sequence[str]) -> Answer:
        """Nobody can tell: then it may be another one, and so may what rests on it."""
        if asked.met is None:
            self._denied(asked.decided.decision)
            return Answer(asked.event, asked.decided)
        self.effects.untold += 1
        self._may_be_another(asked.decided, asked.met)
        return Answer(asked.event, asked.decided, unknown=unknown)

    def _told(self, asked: _Asked, again: Decided, alone: Decision, *, rests: bool) -> Answer:
        """What differs, and what that means for others; `alone` is the answer without its group."""
        recorded, order = asked.decided.decision, asked.decided.decision.order
        met, snapshot = again.snapshot, asked.decided.snapshot
        self._denied(again.decision)
        if order is None or met is None or snapshot is None:
            self.effects.exposed += self._wake.knows(asked.decided)
            return Answer(asked.event, asked.decided)
        self._use(explain(self._policies, order, met), "now")
        if asked.then is not None:
            self._use(explain(asked.then, order, snapshot), "then")
        before = _latched(asked.then, recorded, snapshot)
        after = _latched(self._policies, again.decision, met)
        self._wake.note_scopes(scope for _, scope in before ^ after)
        apart = () if asked.own else otherwise(recorded, again.decision)
        if apart:
            note(self.effects, recorded, again.decision)
            is_moved = _fate(recorded) != _fate(again.decision) or _own(recorded) != _own(alone)
            self._moved(asked, again.decision, met, is_moved=is_moved)
        else:
            self._rest(asked.decided, again.decision, met, rests=rests)
        return Answer(asked.event, asked.decided, apart)

    def _moved(self, asked: _Asked, again: Decision, met: Snapshot, *, is_moved: bool) -> None:
        """An answer is another one: where that means something for others, it is remembered."""
        decided = asked.decided
        if self._wake.touches(decided, met, reduction=again.reduction):
            self._may_be_another(decided, met)
        elif asked.then is None or is_moved:
            self._wake.note(decided, met, lasting=_may_last(decided))

    def _rest(self, decided: Decided, again: Decision, met: Snapshot, *, rests: bool) -> None:
        """An answer is the same: whether it rests on one that is not, or that may not be."""
        if rests or self._wake.touches(decided, met, reduction=again.reduction):
            self.effects.exposed += 1
            self._may_be_another(decided, met)

    def _may_be_another(self, decided: Decided, met: Snapshot) -> None:
        """Nobody can tell an answer: whoever rests on it may be answered otherwise too."""
        self._wake.note(decided, met, lasting=_may_last(decided))
        self._wake.note_scopes(self._wake.scopes(met))

    def _denied(self, decision: Decision) -> None:
        self.effects.denied += decision.action is Action.DENY

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


def note(effects: Effects, recorded: Decision, again: Decision) -> None:
    """Count an answer that is not as it was, and whose rule made it harsher or milder."""
    order = recorded.order
    whose = ("", "") if order is None else (order.strategy or "", order.symbol)
    before, after = _strength(recorded), _strength(again)
    harsher = [name for name in after if after[name] > before.get(name, Action.ALLOW)]
    milder = [name for name in before if before[name] > after.get(name, Action.ALLOW)]
    effects.note((recorded.action, again.action), whose, (milder, harsher))


def _strength(decision: Decision) -> dict[str, Action]:
    """The harshest that each enforced rule said."""
    found: dict[str, Action] = {}
    for finding in decision.breaches:
        if finding.enforced:
            found[finding.name] = max(finding.action, found.get(finding.name, Action.ALLOW))
    return found


def _goes_on(waiting: Sequence[_Asked], event: Recorded) -> bool:
    """Whether an event is one more of the same submission, or only says something of it."""
    decided, last = event.payload, waiting[-1].decided
    if isinstance(decided, Note):
        return True
    if not isinstance(decided, Decided) or decided.order_id != last.order_id + 1:
        return False
    if decided.decision.as_of != last.decision.as_of:
        return False
    if last.group:
        return (decided.group, bool(decided.approves)) == (last.group, bool(last.approves))
    return decided.order_id <= max(one.decided.block for one in waiting)


def _unsettled(decided: Decided) -> Snapshot:
    """What an order met by itself, without the answers of those it was submitted with."""
    snapshot = decided.snapshot or Snapshot(as_of=decided.decision.as_of)
    alone = None if decided.block or decided.members else snapshot.submission
    if alone is not None and decided.group:
        alone = msgspec.structs.replace(alone, floor=Action.ALLOW)
    return msgspec.structs.replace(snapshot, submission=alone)


def _denied(policies: PolicySet, one: Decided) -> Decided:
    """An order of a block that may not leave."""
    order, snapshot = one.decision.order, one.snapshot
    if one.decision.action is Action.DENY or order is None or snapshot is None:
        return one
    floor = Submission(orders=1, place=1, floor=Action.DENY)
    met = msgspec.structs.replace(snapshot, submission=floor)
    return msgspec.structs.replace(one, snapshot=met, decision=evaluate(policies, order, met))


def _latched(
    policies: PolicySet | None, decision: Decision, snapshot: Snapshot | None
) -> set[tuple[str, Scope]]:
    """What a decision's breaches lead to, and for whom."""
    if policies is None or snapshot is None:
        return set()
    return {
        (one.standing.state, one.standing.scope)
        if isinstance(one, StateChanged)
        else (one.rule, one.scope)
        for one in latches(policies, decision, snapshot)
    }


def _fate(decision: Decision) -> tuple[Action, bool]:
    """What becomes of an order: it leaves, waits for a person, or counts as denied or does not."""
    if decision.allowed:
        return Action.ALLOW, True
    return decision.action, is_counted(decision)


def _own(decision: Decision) -> bool:
    """Whether an order is denied for its own sake: those of its group are judged without it."""
    return any(
        finding.enforced and finding.action is Action.DENY and finding.code != Code.GROUP_DENIED
        for finding in decision.breaches
    )


def _may_last(decided: Decided) -> bool:
    """Whether an order that did not leave then could have worked for days."""
    order = decided.decision.order
    return not decided.decision.allowed and order is not None and order.tif in OVERNIGHT
