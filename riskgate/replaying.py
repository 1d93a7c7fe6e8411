"""Every decision on record made again by the same `evaluate`, and each that comes out otherwise.

Rule 1: what is needed is on record: the order, the snapshot with its hours, and the policies' own
texts. No calendar, clock, price or file is asked.
Rule 2: what was refused before there was an order to judge is read again where its words are an
order line; any other refusal can only be found to be one, and is counted apart.
Rule 3: under other policies than those of then it is a what-if, and is never called a replay.
Rule 4: events stream; only the first differences and the latest few policy sets are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import Final

import msgspec

from riskgate import payload, policy_files
from riskgate.differing import Difference, Part, difference, otherwise, parts
from riskgate.errors import ConfigError, PolicyError
from riskgate.judging import unit_value
from riskgate.model.codes import Code
from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.events import Decided, PolicyActivated, Recorded
from riskgate.model.order import Order
from riskgate.model.snapshot import LegView, Snapshot
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import Bound, PolicySet, price_terms_at

MOST_TOLD: Final = 10
MOST_SETS: Final = 4
STEP: Final = 500  # events between two reports of progress
Read = Callable[[int], Iterable[Recorded]]
Progress = Callable[[int], None]


class Ground(StrEnum):
    """What a decision was made again from."""

    SNAPSHOT = "snapshot"
    WORDS = "words"
    RECORD = "record"


class Replay(msgspec.Struct, kw_only=True):
    """What came of it. `first` are the first of the `different` decisions.

    `asked` is the digest of the policies that were named; `others` is how many decisions were made
    under other ones than those, so that this is a what-if. `untold` is how many of these nobody can
    tell, because of the rules `uncounted`, whose counters or hours are not on record. `engines` are
    the versions that made the decisions.
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

    @property
    def is_what_if(self) -> bool:
        """Whether other policies than those of then were asked."""
        return self.others > 0


def replay(
    read: Read, policies: PolicySet | None = None, progress: Progress = lambda _events: None
) -> Replay:
    """Decide every decision of a journal again; `read` gives its events after a number.

    Without `policies` each is decided under its own, as recorded. Raise ConfigError if the journal
    does not hold them, PolicyError if this version cannot read them.
    """
    found = Replay(asked=policies.digest if policies else "")
    sets = _Sets(read, policies)
    for event in read(0):
        found.events += 1
        if isinstance(event.payload, PolicyActivated):
            sets.note(event.seq, event.payload)
        elif isinstance(event.payload, Decided):
            _count(found, event, event.payload, sets)
        if found.events % STEP == 0:
            progress(found.events)
    return found


def _count(found: Replay, event: Recorded, decided: Decided, sets: _Sets) -> None:
    found.decisions += 1
    found.engines.add(decided.engine)
    digest = decided.decision.digest
    if sets.given is not None and sets.given.digest != digest:
        apart = _what_if(found, decided, sets, sets.given)
    else:
        ground, apart = _again(decided, lambda: sets.of(digest, event.seq))
        found.grounds[ground] = found.grounds.get(ground, 0) + 1
    if apart:
        found.different += 1
        if len(found.first) < MOST_TOLD:
            found.first.append(difference(event, decided, apart))


def _again(decided: Decided, policies: Callable[[], PolicySet]) -> tuple[Ground, tuple[Part, ...]]:
    """The decision made again under its own policies: from what, and what is not the same."""
    decision, snapshot = decided.decision, decided.snapshot
    if decision.order is not None and snapshot is not None:
        again = evaluate(policies(), decision.order, snapshot)
        worth = unit_value(again, decision.order, snapshot)
        return Ground.SNAPSHOT, parts(decided, again, worth)
    findings = _read_again(decided)
    ground = Ground.RECORD if findings is None else Ground.WORDS
    again = Decision(
        order=decision.order,
        action=Action.DENY,
        as_of=decision.as_of,
        digest=decision.digest,
        breaches=tuple(_refusals(decision)) if findings is None else findings,
    )
    return ground, parts(decided, again, None)


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


def _what_if(found: Replay, decided: Decided, sets: _Sets, policies: PolicySet) -> tuple[Part, ...]:
    """What would have differed under other policies, on the facts of then."""
    found.others += 1
    order, snapshot = decided.decision.order, decided.snapshot
    if order is None or snapshot is None:
        return ()
    unknown = sets.unknown(decided.decision.digest, snapshot)
    if unknown:
        found.untold += 1
        found.uncounted.update(unknown)
        return ()
    return otherwise(decided.decision, _as_if(policies, order, snapshot))


def _as_if(policies: PolicySet, order: Order, snapshot: Snapshot) -> Decision:
    """The decision under other policies, with prices as usable as these demand."""
    return evaluate(policies, order, _demanding(policies, snapshot))


def _demanding(policies: PolicySet, snapshot: Snapshot) -> Snapshot:
    """The snapshot of an order, and of each leg of a combo, with what these policies demand."""
    terms = price_terms_at(policies.for_(snapshot.subject), snapshot.subject, snapshot.as_of)
    legs = tuple(LegView(view.order, _demanding(policies, view.snapshot)) for view in snapshot.legs)
    return msgspec.structs.replace(snapshot, price_terms=terms, legs=legs)


class _AnyCalendar:
    """Knows every code: the hours of each decision are on record."""

    def knows(self, code: str) -> bool:  # noqa: ARG002  # the shape of calendars
        return True

    def codes(self) -> Collection[str]:
        return ()


class _Sets:
    """The policies of each decision, out of the record; the latest few are kept compiled."""

    def __init__(self, read: Read, given: PolicySet | None) -> None:
        self.given = given
        self._read = read
        self._noted: dict[str, int] = {}
        self._compiled: OrderedDict[str, PolicySet] = OrderedDict()
        self._alike: dict[str, frozenset[str]] = {}

    def note(self, seq: int, activated: PolicyActivated) -> None:
        """Remember where the texts of a digest are."""
        if activated.texts:
            self._noted[activated.digest] = seq

    def of(self, digest: str, seq: int) -> PolicySet:
        """The set of a digest. Raise ConfigError, naming the decision, if it is not on record."""
        if self.given is not None and self.given.digest == digest:
            return self.given
        found = self._found(digest)
        if found is None:
            raise ConfigError(
                f"event {seq} was decided under policies `{digest}`, whose texts the journal does"
                " not hold; name them with `--policies PATH`"
            )
        return found

    def unknown(self, digest: str, snapshot: Snapshot) -> list[str]:
        """The rules of the given set that ask for what was not recorded: other counts, or hours."""
        given = self.given
        if given is None:
            return []
        if digest not in self._alike:
            then = self._found(digest)
            self._alike[digest] = frozenset() if then is None else _alike(then, given)
        selection, alike = given.for_(snapshot.subject), self._alike[digest]
        uncounted = [b.name for b in selection.counted if b.name not in alike]
        unseen = [
            bound.name
            for bound in selection.bounds
            if any(code not in snapshot.hours for code in bound.rule.calendars())
        ]
        of_legs = [name for view in snapshot.legs for name in self.unknown(digest, view.snapshot)]
        return [*uncounted, *unseen, *of_legs]

    def _found(self, digest: str) -> PolicySet | None:
        if digest not in self._compiled and digest in self._noted:
            self._compiled[digest] = self._read_at(self._noted[digest])
            if len(self._compiled) > MOST_SETS:
                self._compiled.popitem(last=False)
        return self._compiled.get(digest)

    def _read_at(self, seq: int) -> PolicySet:
        activated = next(iter(self._read(seq - 1))).payload
        texts = activated.texts.items() if isinstance(activated, PolicyActivated) else ()
        named = [(name, text.encode()) for name, text in texts]
        checked, _ = policy_files.check_texts(named, _AnyCalendar())
        if checked.policies is None:
            what = f"the policies of event {seq} cannot be read by this version of riskgate"
            raise PolicyError(what, checked.problems)
        return checked.policies


def _alike(then: PolicySet, now: PolicySet) -> frozenset[str]:
    """The rules that count the same in both sets, by name."""
    counted = {bound.name: _counts(bound) for bound in then.bounds}
    return frozenset(b.name for b in now.bounds if counted.get(b.name) == _counts(b))


def _counts(bound: Bound) -> tuple[object, ...]:
    """What a rule counts, of which orders."""
    return bound.kind, bound.tally, bound.selector, bound.per
