"""The stories again, every order bound for at once: quick looks give the reference's answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskgate.line import judging
from riskgate.model.decision import Decision
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy import ready
from riskgate.policy.evaluate import evaluate, in_full
from riskgate.policy.policies import PolicySet
from tests.spec.test_against_the_naive_reference import HAPPENINGS, JUDGED, a_story

SEEDS = 30


def test_quick_looks_and_the_reference_give_the_same_answers(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = 0

    def both(policies: PolicySet, order: Order, seen: Snapshot) -> Decision:
        nonlocal bound
        decision = evaluate(policies, order, seen)
        bound += seen.subject in policies.looks
        assert decision == in_full(policies, order, seen)
        return decision

    monkeypatch.setattr(ready, "OFTEN", 0)
    monkeypatch.setattr(judging, "evaluate", both)
    story = a_story(1_000_000 + seed, tmp_path)
    for _ in range(20 * JUDGED):
        (happening,) = story.random.choices([*HAPPENINGS], [*HAPPENINGS.values()])
        getattr(story, happening)()
        if story.judged >= JUDGED:
            break
    assert story.judged >= JUDGED
    assert bound or not story.said["allow"]
