"""Whether the policy tests notice a change of a limit: each is nudged, and the cases are replayed.

Rule 1: only the cases in which the rule was asked are replayed, those nearest to the limit first,
and the first that fails ends it. A case that fails without any nudge notices nothing.
Rule 2: what is changed, `policy.mutants` says; nothing here knows a kind of rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from riskgate.authoring import policy_tests
from riskgate.authoring.coverage import Key, Shown, Watched, gap_of, key_of, rules, watch
from riskgate.authoring.playing import play
from riskgate.authoring.policy_tests import Gap, KnownCalendars, Survey
from riskgate.errors import MissingData
from riskgate.model.decision import Finding, Verdict
from riskgate.model.snapshot import Snapshot
from riskgate.model.words import counted
from riskgate.policy.bound import Bound
from riskgate.policy.mutants import ON_BREACH, Mutant, mutants
from riskgate.policy.policies import PolicySet
from riskgate.ports import Calendars, Journal
from riskgate.rulekit.base import Rule
from riskgate.rulekit.nudges import Evidence

FAR: Final = Decimal("Infinity")
Progress = Callable[[int, int], object]


class Unnoticed(Gap, frozen=True, kw_only=True, order=True):
    """A nudge of a limit that no case notices: how it was nudged, and what it then was."""

    direction: str
    value: str


def unnoticed(
    paths: Sequence[Path | str], calendars: KnownCalendars, journal: Callable[[], Journal]
) -> tuple[Unnoticed, ...]:
    """The nudges that no case below the paths notices, sorted by place.

    Raise PolicyError if anything is wrong with a file.
    """
    watched = watch(policy_tests.find(paths, calendars), calendars, journal)
    return tuple(_judged(watched, calendars, journal, lambda _done, _all: None)[1])


def survey(
    watched: Sequence[Watched],
    calendars: Calendars,
    journal: Callable[[], Journal],
    progress: Progress = lambda _done, _all: None,
) -> Survey:
    """The nudges that no case notices; `progress` hears how many are tried, and of how many.

    Nothing is nudged while a case fails: what it no longer notices says nothing about its limits.
    """
    failing = sum(not case.played.passed for case in watched)
    if failing:
        fail = f"{counted(failing, 'case')} {'fails' if failing == 1 else 'fail'}"
        return Survey(name="mutation", gaps=(), summary=f"mutation: not run: {fail}")
    many, gaps = _judged(watched, calendars, journal, progress)
    missed = f"{len(gaps)} not noticed" if gaps else "all noticed"
    summary = f"mutation: {counted(many, 'nudge')}, {missed}"
    return Survey(name="mutation", gaps=tuple(gaps), summary=summary)


def _judged(
    watched: Sequence[Watched],
    calendars: Calendars,
    journal: Callable[[], Journal],
    progress: Progress,
) -> tuple[int, list[Unnoticed]]:
    """How many nudges were tried, and those that no case notices."""
    found = rules(watched)
    asked = _asked(watched)
    tried = [
        mutant
        for key, bound in found.items()
        for mutant in mutants(bound, partial(_evidence, bound.rule, asked[key]))
        if mutant.limit != ON_BREACH or not _always_unknown(asked[key])
    ]
    narrow = {id(case): _narrowed(case) for case in watched}
    gaps = []
    for done, mutant in enumerate(tried):
        progress(done, len(tried))
        cases = _nearest_first(mutant, asked[key_of(mutant.bound.name, mutant.bound.where)])
        if not any(_notices(case, narrow[id(case)], mutant, calendars, journal) for case in cases):
            gaps.append(_gap(mutant))
    progress(len(tried), len(tried))
    return len(tried), sorted(gaps)


class Asked(NamedTuple):
    """One answer of a rule, with the case and the decision it was given in."""

    case: Watched
    shown: Shown
    answer: Finding


def _always_unknown(asked: Iterable[Asked]) -> bool:
    """Whether a rule stopped orders only by not being able to judge them.

    That denies whatever `on_breach` says, so no case could notice another.
    """
    verdicts = {item.answer.verdict for item in asked}
    return Verdict.UNKNOWN in verdicts and Verdict.BREACH not in verdicts


def _asked(watched: Iterable[Watched]) -> Mapping[Key, list[Asked]]:
    """Every answer of every rule, in cases that come out as expected."""
    asked: dict[Key, list[Asked]] = defaultdict(list)
    for case in watched:
        for shown in case.shown if case.played.passed else ():
            for answer in shown.answers:
                asked[key_of(answer.rule, answer.where)].append(Asked(case, shown, answer))
    return asked


def _evidence(rule: Rule, asked: Iterable[Asked], limit: str) -> Evidence:
    """What the cases show of a limit."""
    snapshots = {id(item.shown): item.shown.snapshot for item in asked}.values()
    words = (
        item.answer.observed
        for item in asked
        if item.answer.limit_name == limit and item.answer.verdict is Verdict.BREACH
    )
    contracts = [seen.contract for seen in snapshots]
    return Evidence(
        lots=frozenset(contract.lot for contract in contracts),
        ticks=frozenset(contract.min_tick for contract in contracts),
        worths=frozenset(_worths(rule.context.currency, snapshots)),
        words=frozenset(word for found in words if isinstance(found, tuple) for word in found),
    )


def _worths(currency: str, snapshots: Iterable[Snapshot]) -> Iterator[Decimal]:
    """What one tick of one lot is worth, of everything that the rule was asked about."""
    for seen in snapshots:
        step = seen.contract.lot * seen.contract.min_tick * seen.contract.multiplier
        try:
            yield seen.exchanged(step, seen.contract.currency, currency)
        except MissingData:
            continue


def _nearest_first(mutant: Mutant, asked: Iterable[Asked]) -> list[Watched]:
    """The cases in which the rule was asked; those that came nearest to the limit first."""
    distances: dict[int, Decimal] = {}
    cases: dict[int, Watched] = {}
    for item in asked:
        near = _distance(mutant, item.answer)
        number = id(item.case)
        cases[number] = item.case
        distances[number] = min(near, distances.get(number, FAR))
    return [cases[number] for number in sorted(cases, key=lambda number: distances[number])]


def _distance(mutant: Mutant, answer: Finding) -> Decimal:
    """How near an answer came to its limit, in shares of it; the limit's own answers first."""
    other = Decimal(0 if mutant.limit.startswith(answer.limit_name) else 10)
    if answer.headroom is not None and answer.headroom.is_finite():
        return other + min(abs(answer.headroom) / _size(answer), Decimal(5))
    if isinstance(answer.observed, tuple) and mutant.value in answer.observed:
        return other
    return other + (1 if answer.verdict is Verdict.BREACH else 2)


def _size(answer: Finding) -> Decimal:
    """The limit as something to divide by."""
    return abs(answer.limit) if isinstance(answer.limit, Decimal) and answer.limit else Decimal(1)


def _narrowed(case: Watched) -> PolicySet:
    """The policies of a case without the rules that none of its orders is asked.

    They answer the same, and a nudge costs what the case costs, however many rules there are.
    """
    policies = case.test.policies
    asked = {
        bound.name for shown in case.shown for bound in policies.for_(shown.snapshot.subject).bounds
    }
    kept = (one for one in policies.bounds if one.name in asked or one.rule.watches_accounts)
    return PolicySet(policies.policies, kept, policies.digest, policies.off)


def _notices(
    case: Watched,
    policies: PolicySet,
    mutant: Mutant,
    calendars: Calendars,
    journal: Callable[[], Journal],
) -> bool:
    """Whether a case, played against these policies, fails under any value of a nudge."""
    return any(
        play(case.test.case, _swapped(policies, mutant.bound, other), calendars, journal())
        for other in mutant.made
    )


def _swapped(policies: PolicySet, bound: Bound, other: Bound) -> PolicySet:
    """The policies with another rule in the place of one, which may be loaded a second time."""
    key = key_of(bound.name, bound.where)
    bounds = (
        other if known.name == bound.name and key_of(known.name, known.where) == key else known
        for known in policies.bounds
    )
    return PolicySet(policies.policies, bounds, policies.digest, policies.off)


def _gap(mutant: Mutant) -> Unnoticed:
    what = f"{mutant.value} is not noticed ({mutant.direction})"
    place = msgspec.structs.asdict(gap_of(mutant.bound, mutant.limit, what))
    return Unnoticed(**place, direction=mutant.direction, value=mutant.value)
