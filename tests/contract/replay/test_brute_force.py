"""A what-if names what a second gate beside the first one decides, and its bound holds.

Stories of every kind of rule, with groups, modifies, holds, approvals and latches; one rule is
edited at random. What is expected comes from the gate's own judge, in books folded event by event.
"""

from __future__ import annotations

import copy
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest

from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.model.events import Decided, PolicyActivated, Recorded
from riskgate.policy.cases import account_of
from riskgate.policy.policies import PolicySet
from riskgate.replay.differing import otherwise
from riskgate.replay.replaying import replay
from riskgate.replay.what_if import WhatIf
from tests.contract.replay.twins import Instead, Twin
from tests.spec.random_worlds import ACCOUNTS, compiled
from tests.spec.wide_policies import KINDS, a_wide_policy, an_account
from tests.spec.wide_worlds import a_stage, tale

STORIES = 30
STEPS = 40
FACTORS = ("0.3", "0.5", "0.9", "1.1", "2", "4")
HIGH = Decimal(130_000)
A_MOMENT = timedelta(milliseconds=1)
KEPT = ("id", "kind", "because", "match", "per", "on_breach", "mode")
# Fills of the very moment of an account's report are in it or not by what was read before.
ASKED = tuple(kind for kind in KINDS if kind != "buying_power")
COUNTING = ("position", "message_rate", "duplicate", "daily_volume", "working_orders")
COVER = {
    "riskgate": 1,
    "policy": "zz",
    "timezone": "America/New_York",
    "currency": "USD",
    "rules": [{"id": "r", "kind": "fat_finger", "max_quantity": 100_000, "because": "a test"}],
    "waivers": [],
}
Policy = dict[str, Any]


class Told(NamedTuple):
    """What the replay said of each event: named, left open, or counted in the bound."""

    named: frozenset[int]
    untold: frozenset[int]
    exposed: frozenset[int]


def edited(random: Random, policies: list[Policy]) -> list[Policy]:
    """The same policies with one rule changed: one number of it, or all that it says."""
    found = copy.deepcopy(policies)
    rules = [rule for policy in found for rule in policy["rules"]]
    rule = random.choice(rules)
    numbers = [name for name, value in rule.items() if isinstance(value, Decimal)]
    if numbers and random.random() < 0.6:
        name = random.choice(numbers)
        rule[name] = max(Decimal(1), (rule[name] * Decimal(random.choice(FACTORS))).quantize(1))
    else:
        kept = {name: rule[name] for name in KEPT if name in rule}
        rule.clear()
        rule.update(kept | KINDS[kept["kind"]](random))
    return found


def two_sets(random: Random, kinds: tuple[str, ...]) -> tuple[PolicySet, PolicySet]:
    """Policies, and the same with one edit that means something."""
    for _ in range(50):
        raw = [a_wide_policy(random, number, kinds) for number in range(random.randint(1, 3))]
        try:
            before, after = compiled([*raw, COVER]), compiled([*edited(random, raw), COVER])
        except AssertionError:  # a waiver of what is not there, a number that makes no sense
            continue
        if before.digest != after.digest:
            return before, after
    raise AssertionError("no edit of fifty was one")


class Story:
    """One story, told by the gate, by two brute forces, and by the replay."""

    def __init__(self, seed: int, cache: Path, kinds: tuple[str, ...]) -> None:
        random = Random(seed)
        self.before, self.other = two_sets(random, kinds)
        stage = a_stage(self.before, random, cache, MemoryJournal())
        self.facts, self.instead = Twin(stage, self.other), Instead(stage, self.other)
        for account in ACCOUNTS:
            high = account_of({"id": account, **an_account(random), "net_liquidation": HIGH})
            stage.market.set_account(msgspec.structs.replace(high, at=stage.clock.now()))
        stage.gate.judge_accounts()
        for _ in tale(stage, random, STEPS):
            stage.clock.advance(A_MOMENT)
        self.events = list(stage.journal.read())

    def decided(self, seq: int) -> Decided:
        payload = self.events[seq - 1].payload
        assert isinstance(payload, Decided)
        return payload

    def changed(self, twin: Twin) -> set[int]:
        """The events that a brute force answers otherwise, or not at all."""
        return {
            seq
            for seq, made in twin.made.items()
            if made is None or otherwise(self.decided(seq).decision, made.decision)
        }

    def mates(self, seq: int) -> set[int]:
        """The earlier decisions of the same submission."""
        group, at = self.decided(seq).group, self.decided(seq).decision.as_of
        return {
            other
            for other in self.facts.made
            if other < seq
            and group
            and (self.decided(other).group, self.decided(other).decision.as_of) == (group, at)
        }

    def told(self) -> Told:
        """What the replay says, event by event."""
        what_if = WhatIf(self.other, ExchangeCalendars())
        sets: dict[str, PolicySet] = {}
        named, untold, exposed, count = set(), set(), set(), 0
        for event in (*self.events, None):
            for answer in what_if.answers_before(event):
                seq = answer.event.seq
                named |= {seq} if answer.apart else set()
                untold |= {seq} if answer.unknown else set()
                exposed |= {seq} if what_if.effects.exposed > count else set()
                count = what_if.effects.exposed
            if event is None:
                break
            self._ask(what_if, event, sets)
            what_if.fold(event)
        return Told(frozenset(named), frozenset(untold), frozenset(exposed))

    def _ask(self, what_if: WhatIf, event: Recorded, sets: dict[str, PolicySet]) -> None:
        if isinstance(event.payload, PolicyActivated):
            sets[event.payload.digest] = self.before
        elif isinstance(event.payload, Decided):
            then = sets.get(event.payload.decision.digest)
            what_if.ask(event, event.payload, then, counts=True)


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> list[Story]:
    """Of all kinds of rules, and of those that count what was sent."""
    cache = tmp_path_factory.mktemp("hours")
    return [Story(seed, cache, kinds) for seed in range(STORIES) for kinds in (ASKED, COUNTING)]


def test_its_own_policies_give_every_story_again(stories: list[Story]) -> None:
    for story in stories:
        found = replay(lambda after, story=story: iter(story.events[after:]))  # type: ignore[misc]
        assert found.first == []


@pytest.mark.counted
def test_what_is_named_is_what_a_second_gate_decides(stories: list[Story]) -> None:
    """Of orders submitted together the later ones meet the earlier ones' new answers there."""
    seen: Counter[str] = Counter()
    for number, story in enumerate(stories):
        told, expected = story.told(), story.changed(story.facts)
        for seq in (expected ^ told.named) - told.untold:
            assert story.mates(seq) & expected, (number, seq, story.decided(seq).text)
            assert seq in told.named | told.exposed, (number, seq)
        seen.update(expected=len(expected), untold=len(told.untold))
    assert seen["expected"] > len(stories), seen
    assert seen["untold"] < seen["expected"], seen


@pytest.mark.counted
def test_whatever_would_have_followed_is_named_or_within_the_bound(stories: list[Story]) -> None:
    followed = 0
    for number, story in enumerate(stories):
        told, changed = story.told(), story.changed(story.instead)
        assert changed <= told.named | told.untold | told.exposed, (number, changed)
        followed += len(changed - story.changed(story.facts))
    assert followed >= 5, "nothing followed: the bound was not put to the test"
