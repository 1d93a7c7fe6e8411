"""Laws of the decision, of every kind, after tales with groups, holds, approvals and latches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from riskgate.journal.coding import encode
from riskgate.journal.journal import open_journal
from riskgate.model.decision import Action, Verdict
from riskgate.model.events import Decided, Payload
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy.catalog import kinds
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from tests.spec.naive import EXEMPT, LATCHING, NOT_FOR_EXITS
from tests.spec.random_worlds import compiled
from tests.spec.wide_policies import KINDS, a_wide_policy
from tests.spec.wide_worlds import a_stage, an_order, look, tale

SEEDS = int(os.environ.get("RISKGATE_TALES", "10"))
pytestmark = pytest.mark.counted
STEPS, ORDERS = 15, 12
Policy = dict[str, Any]
# What one order is worth is compared with what it was meant to be worth, in both directions:
# "the distance between conservative notional and the strategy's declared notional" (section 6).
ONE_SIDED = tuple(kind for kind in KINDS if kind != "declared_intent")


def some_policies(random: Random, kinds_: tuple[str, ...] = tuple(KINDS)) -> list[Policy]:
    if kinds_ == tuple(KINDS) and random.random() < 0.2:  # states come and go
        kinds_ = (*LATCHING, "duplicate", "group_notional")
    return [a_wide_policy(random, number, kinds_) for number in range(random.randint(1, 2))]


def asked(policies: PolicySet, random: Random, cache: Path) -> Iterator[tuple[Order, Snapshot]]:
    """Orders, and the worlds that they meet after a tale."""
    stage = a_stage(policies, random, cache)
    for _ in tale(stage, random, STEPS):
        pass
    for _ in range(ORDERS):
        order = stage.gate.world.resolve(an_order(random))
        yield order, look(stage, order)


def test_a_bigger_order_is_never_safer(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    policies = compiled(some_policies(random, ONE_SIDED))
    for order, snapshot in asked(policies, random, tmp_path):
        before = evaluate(policies, order, snapshot)
        for more in (5, 50, 1000):
            bigger = msgspec.structs.replace(order, quantity=order.quantity + more)
            after = evaluate(policies, bigger, snapshot)
            assert after.action >= before.action
            before = after


# A quote is taken away whole. One price of several may be missed without harm: conservative
# notional is "the largest of ... that are usable" and divergence is "among last, mid, previous
# close" (semantics.md, section 3; section 6), so fewer of them may measure less.
LESS: dict[str, Any] = {"quote": None, "fx": {}, "adv": None, "hours": {}, "account": None}


def test_less_data_never_helps(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    policies = compiled(some_policies(random))
    for order, snapshot in asked(policies, random, tmp_path):
        said = evaluate(policies, order, snapshot)
        changes = [{name: nothing} for name, nothing in LESS.items()]
        for value in ("net_liquidation", "available_funds", "day_pnl") if snapshot.account else ():
            assert snapshot.account is not None
            changes.append({"account": msgspec.structs.replace(snapshot.account, **{value: None})})
        for change in changes:
            less = evaluate(policies, order, msgspec.structs.replace(snapshot, **change))
            assert less.action >= said.action, change


# "Live unless that rule's `require` allows more", and 60 s unless its `max_age` is another
# (semantics.md, section 3): this kind alone says what is usable instead of what is the default.
DEFAULT_AGES, DEFAULT_TYPES = ("500ms", "5s", "40s"), (None, ["live"])


def only_tightens(rule: Policy) -> bool:
    if rule["kind"] != "reference_price":
        return True
    return rule.get("max_age", "5s") in DEFAULT_AGES and rule.get("require") in DEFAULT_TYPES


def test_a_rule_more_never_helps(seed: int, tmp_path: Path) -> None:
    more = [{**policy, "waivers": []} for policy in some_policies(Random(seed))]
    for policy in more:
        policy["rules"] = [rule for rule in policy["rules"] if only_tightens(rule)]
    more = [policy for policy in more if policy["rules"]]
    fewer = [{**policy, "rules": policy["rules"][: 1 + seed % 2]} for policy in more]
    for number in range(ORDERS):
        said = []
        for policies in (fewer, more):
            stage = a_stage(compiled(policies), Random(seed), tmp_path)
            order = an_order(Random(1000 * seed + number))
            said.append(stage.submit(order).decision)
        assert said[1].action >= said[0].action
        assert set(said[0].by) <= set(said[1].by)


def test_the_order_of_files_rules_and_waivers_never_matters(seed: int, tmp_path: Path) -> None:
    policies, shuffler = some_policies(Random(seed)), Random(seed)
    shuffled = [
        {
            **{key: policy[key] for key in shuffler.sample(list(policy), len(policy))},
            "rules": shuffler.sample(policy["rules"], len(policy["rules"])),
            "waivers": shuffler.sample(policy["waivers"], len(policy["waivers"])),
        }
        for policy in shuffler.sample(policies, len(policies))
    ]
    one, other = compiled(policies), compiled(shuffled)
    assert one.digest == other.digest
    stages = [a_stage(each, Random(seed), tmp_path) for each in (one, other)]
    first, second = (list(tale(stage, Random(seed), 2 * STEPS)) for stage in stages)
    assert len(first) == len(second) >= STEPS // 2
    for here, there in zip(first, second, strict=True):
        assert (here.action, here.by, here.shadow) == (there.action, there.by, there.shadow)
        assert [b.waiver for b in here.breaches] == [b.waiver for b in there.breaches]


def test_what_reductions_and_exits_are_spared_is_what_the_pages_say() -> None:
    assert {name for name, kind in kinds().items() if kind.exempts_reductions} == set(EXEMPT)
    assert {name for name, kind in kinds().items() if kind.exempts_exits} == set(NOT_FOR_EXITS)


def test_a_reduction_is_never_stopped_by_the_kinds_that_exempt_it(
    seed: int, tmp_path: Path
) -> None:
    random = Random(seed)
    policies = compiled(some_policies(random))
    for order, snapshot in asked(policies, random, tmp_path):
        held = snapshot.holding.position
        side = "SELL" if held > 0 else "BUY"
        free = abs(held) - (snapshot.holding.sells if held > 0 else snapshot.holding.buys)
        closing = Order.parse(str(msgspec.structs.replace(order, side=side)))
        closing = msgspec.structs.replace(closing, quantity=max(Decimal(5), free // 5 * 5))
        decision = evaluate(policies, closing, snapshot)
        if free >= closing.quantity and decision.reduction:
            spared = {f.kind for f in decision.breaches} & set(EXEMPT)
            assert not spared
            floors = {f.limit_name for f in decision.breaches if f.verdict is Verdict.BREACH}
            assert not floors & {"deny_at_floor", "max_divergence_percent"}
        elif free < closing.quantity:
            assert not decision.reduction


def test_decisions_read_back_from_the_journal_are_made_again(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    policies = compiled(some_policies(random))
    with_groups = 0
    store = open_journal(tmp_path / "journal.db", durability="os")
    stage = a_stage(policies, random, tmp_path, store)
    made = list(tale(stage, random, 2 * STEPS))
    store.close()
    again = open_journal(tmp_path / "journal.db", durability="os")
    found: list[Payload] = [event.payload for event in again.read()]
    again.close()
    count = 0
    for payload in found:
        if not isinstance(payload, Decided):
            continue
        count += 1
        order, snapshot = payload.decision.order, payload.snapshot
        with_groups += payload.group > 0
        if order is not None and snapshot is not None:
            assert evaluate(policies, order, snapshot) == payload.decision, payload.text
            assert encode(payload) == encode(msgspec.structs.replace(payload))
    assert count == len(made)


@pytest.mark.slow
def test_the_tales_reach_groups_holds_approvals_and_latches(tmp_path: Path) -> None:
    events = {"DENY": 0, "group": 0, "HOLD": 0, "approved": 0, "modify": 0, "StateChanged": 0}
    for seed in range(25):
        random = Random(seed)
        stage = a_stage(compiled(some_policies(random)), random, tmp_path)
        for _ in tale(stage, random, 3 * STEPS):
            pass
        for payload in (event.payload for event in stage.journal.read()):
            events["StateChanged"] += type(payload).__name__ == "StateChanged"
            if isinstance(payload, Decided):
                events["group"] += payload.group > 0
                events["approved"] += payload.approves > 0
                events["modify"] += payload.replaces > 0
                events["HOLD"] += payload.decision.action is Action.HOLD
                events["DENY"] += payload.decision.action is Action.DENY
    assert min(events.values()) >= 3, events
