"""Every decision on record made again by the same `evaluate`, and each that comes out otherwise.

Rule 1: what is needed is on record: the order, the snapshot with its hours, and the policies' own
texts. No calendar, clock, price or file is asked.
Rule 2: what was refused before there was an order to judge is read again where its words are an
order line; any other refusal can only be found to be one, and is counted apart.
Rule 3: under other policies than those of then it is a what-if, and is never called a replay.
Rule 4: events stream; only the first differences and the latest few policy sets are kept, and for
a what-if the book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

import msgspec

from riskgate.errors import ConfigError
from riskgate.ledger.world import HoursSource
from riskgate.line import payload
from riskgate.line.judging import unit_value
from riskgate.model.codes import Code
from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.events import Decided, PolicyActivated, Recorded
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from riskgate.record.progress import STEP, Progress, untold
from riskgate.record.recorded_policies import Read, RecordedPolicies
from riskgate.replay.differing import Difference, Part, difference, parts
from riskgate.replay.effects import MOST_TOLD, Effects
from riskgate.replay.what_if import Limit, Peak, WhatIf, note


class Ground(StrEnum):
    """What a decision was made again from."""

    SNAPSHOT = "snapshot"
    WORDS = "words"
    RECORD = "record"


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which decisions are made again: of a time, `until` left out, and of one order, or all.

    So many of those that differ are told.
    """

    since: datetime | None = None
    until: datetime | None = None
    order_id: int = 0
    most: int = MOST_TOLD

    def has(self, event: Recorded, decided: Decided) -> bool:
        """Whether a decision is one of them."""
        return self.order_id in (0, decided.order_id) and self._is_of_then(event)

    def has_one_of(self, event: Recorded, decided: Decided) -> bool:
        """Whether one of what was submitted with it may be: they are answered as one."""
        several = bool(decided.group or decided.block or decided.members)
        return several and self._is_of_then(event)

    def _is_of_then(self, event: Recorded) -> bool:
        since, until = self.since, self.until
        return (since is None or event.at >= since) and (until is None or event.at < until)


ALL: Final = Chosen()


class Replay(msgspec.Struct, kw_only=True):
    """What came of it. `first` are the first of the `different` decisions.

    `asked` is the digest of the policies that were named; `others` is how many decisions were made
    under other ones than those, so that this is a what-if, and `effects` and `peaks` say what these
    would change. `untold` is how many of these nobody can tell, because of the rules `uncounted`,
    whose counters or hours are not on record. `engines` are the versions that made the decisions.
    """

    events: int = 0
    decisions: int = 0
    grounds: dict[Ground, int] = {}
    different: int = 0
    first: list[Difference] = []
    asked: str = ""
    others: int = 0
    untold: int = 0
    uncounted: set[str] = set()
    engines: set[str] = set()
    effects: Effects = msgspec.field(default_factory=Effects)
    peaks: dict[Limit, Peak] = {}

    @property
    def is_what_if(self) -> bool:
        """Whether other policies than those of then were asked."""
        return self.others > 0

    @property
    def counts(self) -> dict[str, int]:
        """What a condition such as `loosened>0` may name."""
        counts = self.effects.counts
        return counts if self.is_what_if else {**counts, "changed": self.different}


class Under(msgspec.Struct, frozen=True):
    """Policies that decisions are made again under, and where hours that are not on record are."""

    policies: PolicySet
    hours: HoursSource | None = None


def replay(
    read: Read,
    under: Under | PolicySet | None = None,
    progress: Progress = untold,
    chosen: Chosen = ALL,
) -> Replay:
    """Decide the chosen decisions of a journal again; `read` gives its events after a number.

    Without policies each is decided under its own, as recorded. Raise ConfigError if the journal
    does not hold them, PolicyError if this version cannot read them.
    """
    found = Replay()
    again = _Again(read, found, chosen)
    if under is not None:
        again.ask_under(Under(under) if isinstance(under, PolicySet) else under)
    for event in read(0):
        found.events += 1
        again.take(event)
        if found.events % STEP == 0:
            progress(found.events)
    again.end()
    return found


class _Again:
    """Decides again what comes by, under the policies of then or under those that are asked."""

    def __init__(self, read: Read, found: Replay, chosen: Chosen) -> None:
        self._found = found
        self._chosen = chosen
        self._sets = _Sets(read)
        self._what_if: WhatIf | None = None

    def ask_under(self, under: Under) -> None:
        """Ask under other policies, wherever these are not the ones of then."""
        found, self._sets.given = self._found, under.policies
        self._what_if = WhatIf(under.policies, under.hours)
        found.asked = under.policies.digest
        found.effects, found.peaks = self._what_if.effects, self._what_if.peaks

    def take(self, event: Recorded) -> None:
        """One event of the record."""
        self._tell(event)
        if isinstance(event.payload, PolicyActivated):
            self._sets.note(event.seq, event.payload)
        elif isinstance(event.payload, Decided):
            self._decide(event, event.payload)
        if self._what_if is not None:
            self._what_if.fold(event)

    def end(self) -> None:
        """There is no more."""
        self._tell(None)

    def _decide(self, event: Recorded, decided: Decided) -> None:
        found, what_if, digest = self._found, self._what_if, decided.decision.digest
        counts = self._chosen.has(event, decided)
        if what_if is not None and found.asked != digest:
            if counts or self._chosen.has_one_of(event, decided):
                what_if.ask(event, decided, self._sets.find(digest), counts=counts)
        elif counts:
            self._again(event, decided)

    def _again(self, event: Recorded, decided: Decided) -> None:
        """A decision made again under its own policies."""
        found, what_if = self._found, self._what_if
        policies = partial(self._sets.of, decided.decision.digest, event.seq)
        ground, again, apart = _again(decided, policies)
        self._counted(decided)
        found.grounds[ground] = found.grounds.get(ground, 0) + 1
        if apart:
            note(found.effects, decided.decision, again)
            self._different(event, decided, apart)
        if what_if is not None:
            what_if.heed(event, decided)
        else:
            found.effects.denied += again.action is Action.DENY

    def _tell(self, event: Recorded | None) -> None:
        """What other policies would have said, once it is settled."""
        found = self._found
        for answer in self._what_if.answers_before(event) if self._what_if is not None else ():
            self._counted(answer.decided)
            found.others += 1
            found.untold += bool(answer.unknown)
            found.uncounted.update(answer.unknown)
            if answer.apart:
                self._different(answer.event, answer.decided, answer.apart)

    def _counted(self, decided: Decided) -> None:
        self._found.decisions += 1
        self._found.engines.add(decided.engine)

    def _different(self, event: Recorded, decided: Decided, apart: tuple[Part, ...]) -> None:
        found = self._found
        found.different += 1
        if len(found.first) < self._chosen.most:
            found.first.append(difference(event, decided, apart))


def _again(
    decided: Decided, policies: Callable[[], PolicySet]
) -> tuple[Ground, Decision, tuple[Part, ...]]:
    """The decision made again under its own policies: from what, and what is not the same."""
    decision, snapshot = decided.decision, decided.snapshot
    if decision.order is not None and snapshot is not None:
        again = evaluate(policies(), decision.order, snapshot)
        worth = unit_value(again, decision.order, snapshot)
        return Ground.SNAPSHOT, again, parts(decided, again, worth)
    findings = _read_again(decided)
    ground = Ground.RECORD if findings is None else Ground.WORDS
    again = Decision(
        order=decision.order,
        action=Action.DENY,
        as_of=decision.as_of,
        digest=decision.digest,
        breaches=tuple(_refusals(decision)) if findings is None else findings,
    )
    return ground, again, parts(decided, again, None)


def _refusals(decision: Decision) -> Iterable[Finding]:
    """The findings as those of a refusal are: a code and its words, and no rule's."""
    return (Finding(code=finding.code, text=finding.text) for finding in decision.breaches)


def _read_again(decided: Decided) -> tuple[Finding, ...] | None:
    """What is wrong with the words of a refused order; None where they are not all there is.

    A mapping's types, the state of an order to be changed, and long or odd texts are not on record.
    """
    words = decided.text
    is_line = words.isascii() and words.isprintable() and not words.endswith("...")
    is_told = decided.replaces or decided.approves or words.startswith(payload.NO_ORDER_LINE)
    foreign = any(f.text.startswith("an order is text") for f in decided.decision.breaches)
    if not is_line or is_told or foreign or any(mark in words for mark in "{}\\<>"):
        return None
    asked = payload.read(words)
    if asked.order is not None:
        return (Finding(code=Code.BAD_ORDER, text=f"it is read as an order now: {asked.text}"),)
    return tuple(Finding(code=fault.code, text=fault.text) for fault in asked.faults)


class _Sets:
    """The policies of each decision: those that are given, else those on record."""

    def __init__(self, read: Read) -> None:
        self.given: PolicySet | None = None
        self._recorded = RecordedPolicies(read)

    def note(self, seq: int, activated: PolicyActivated) -> None:
        """Remember where the texts of a digest are."""
        self._recorded.note(seq, activated)

    def of(self, digest: str, seq: int) -> PolicySet:
        """The set of a digest. Raise ConfigError, naming the decision, if it is not on record."""
        if self.given is not None and self.given.digest == digest:
            return self.given
        found = self._recorded.find(digest)
        if found is None:
            raise ConfigError(
                f"event {seq} was decided under policies `{digest}`, whose texts the journal does"
                " not hold; name them with `--policies PATH`"
            )
        return found

    def find(self, digest: str) -> PolicySet | None:
        """The set of a digest, if it is on record and this version can read it."""
        return self._recorded.readable(digest)
