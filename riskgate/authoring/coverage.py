"""What the cases of policy tests reach together: which rules were asked, and how they answered.

Rule 1: it is read from the journal of each rehearsal after the case has been played, so a decision
pays nothing for being watched.
Rule 2: a rule is known by where it stands, so one that several test files load is one rule.
Rule 3: only the policies that the tests load are judged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from riskgate.authoring.playing import play
from riskgate.authoring.policy_tests import Gap, Played, Survey, Test
from riskgate.model.decision import Action, Decision, Finding, Verdict
from riskgate.model.events import Decided
from riskgate.model.snapshot import Snapshot
from riskgate.model.words import counted
from riskgate.policy.bound import Bound, Check
from riskgate.policy.evaluate import explain
from riskgate.policy.policies import PolicySet
from riskgate.ports import Calendars, Journal
from riskgate.rulekit.parameters import Number

FOR: Final = (Verdict.PASS,)
SOFT: Final = (Action.WARN, Action.HOLD)
Key = tuple[str, str]


class Shown(NamedTuple):
    """One decision of a case: what it was made on, and every answer, passes included."""

    decision: Decision
    snapshot: Snapshot
    answers: tuple[Finding, ...]


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """One case that was played, and every decision that was made in it."""

    test: Test
    played: Played
    shown: tuple[Shown, ...]


def watch(
    tests: Iterable[Test], calendars: Calendars, journal: Callable[[], Journal]
) -> tuple[Watched, ...]:
    """Play every case and keep what it showed."""
    return tuple(_watched(test, calendars, journal()) for test in tests)


def _watched(test: Test, calendars: Calendars, journal: Journal) -> Watched:
    failures = play(test.case, test.policies, calendars, journal)
    return Watched(
        test=test,
        played=Played(case=test.case, failures=failures),
        shown=tuple(_shown(test.policies, journal)),
    )


def _shown(policies: PolicySet, journal: Journal) -> Iterator[Shown]:
    for event in journal.read():
        made = event.payload
        if isinstance(made, Decided) and made.snapshot is not None and made.decision.order:
            answers = explain(policies, made.decision.order, made.snapshot)
            yield Shown(made.decision, made.snapshot, answers)


def rules(watched: Iterable[Watched]) -> dict[Key, Bound]:
    """Every rule of the policies that the cases load, each once."""
    sets = {id(case.test.policies): case.test.policies for case in watched}
    found: dict[Key, Bound] = {}
    for policies in sets.values():
        for bound in policies.bounds:
            found.setdefault(key_of(bound.name, bound.where), bound)
    return found


def key_of(name: str, where: str) -> Key:
    """By what a rule is known: its name, and where it stands whatever way led there."""
    return name, os.path.realpath(where)


def survey(watched: Sequence[Watched]) -> Survey:
    """Every rule and outcome that no case reaches."""
    reached = _Reached(watched)
    found = rules(watched)
    gaps = sorted(gap for key, bound in found.items() for gap in _gaps(bound, key, reached))
    many = counted(len(found), "rule")
    reaches = f"every limit of {many} is asked, passed and breached"
    said = f"{counted(len(gaps), 'gap')} in {many}" if gaps else reaches
    return Survey(name="coverage", gaps=tuple(gaps), summary=f"coverage: {said}")


class _Reached:
    """The outcomes that were reached: verdicts of limits, waivers, and softer decisions."""

    def __init__(self, watched: Iterable[Watched]) -> None:
        self.verdicts: set[tuple[Key, str, Verdict]] = set()
        self.asked: set[tuple[Key, str]] = set()
        self.waivers: set[tuple[Key, str]] = set()
        self.outcomes: set[tuple[Key, Action]] = set()
        for case in watched:
            for shown in case.shown:
                for answer in shown.answers:
                    self._take(answer, shown.decision.action)

    def _take(self, answer: Finding, action: Action) -> None:
        key = key_of(answer.rule, answer.where)
        self.asked |= {(key, ""), (key, answer.limit_name)}
        self.verdicts.add((key, answer.limit_name, answer.verdict))
        if answer.waiver:
            self.waivers.add((key, answer.waiver))
        if answer.verdict is Verdict.BREACH and answer.action is action:
            self.outcomes.add((key, action))


def _gaps(bound: Bound, key: Key, reached: _Reached) -> Iterator[Gap]:
    """What no case shows of one rule; where it is never asked, that says it all."""
    if (key, "") not in reached.asked:
        yield gap_of(bound, "", "never asked")
        return
    for check in bound.checks:
        if (key, check.name) not in reached.asked:
            yield gap_of(bound, check.name, "never asked")
            continue
        for verdicts, word in ((_against(bound, check), "breached"), (FOR, "passed")):
            if not any((key, check.name, verdict) in reached.verdicts for verdict in verdicts):
                yield gap_of(bound, check.name, f"never {word}")
    for waiver in bound.waivers:
        if (key, waiver.name) not in reached.waivers:
            yield gap_of(bound, "", f"the waiver until {waiver.until.isoformat()} never applied")
    if bound.enforced and bound.action in SOFT and (key, bound.action) not in reached.outcomes:
        yield gap_of(bound, "", f"no decision to {bound.action.word} because of it")


def _against(bound: Bound, check: Check) -> tuple[Verdict, ...]:
    """The verdicts that show a limit stopping an order.

    A condition, such as the type of a price or a locate, is not met by what cannot be judged; that
    an amount could not be measured shows nothing of its limit.
    """
    if isinstance(bound.rule.parameters[check.name].type, Number):
        return (Verdict.BREACH,)
    return (Verdict.BREACH, Verdict.UNKNOWN)


def gap_of(bound: Bound, limit: str, what: str) -> Gap:
    """A gap at the place of its rule."""
    path, _, line = bound.where.rpartition(":")
    return Gap(path=path, line=int(line), rule=bound.name, limit=limit, what=what)
