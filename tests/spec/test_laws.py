"""Laws of the decision: what holds for every policy, every order and every world.

The worlds are those of the differential test, so every kind, selector and mode takes part.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.ledger.world import Conditions
from riskgate.model.decision import Action
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy.cases import given_of, quote_of
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from tests.spec.random_worlds import (
    ACCOUNTS,
    INSTRUMENTS,
    START,
    a_line,
    a_policy,
    a_quote,
    compiled,
)

WORLDS = int(os.environ.get("RISKGATE_WORLDS", "20"))
pytestmark = pytest.mark.counted
ORDERS = 12


@dataclass
class World:
    """Some policies, a stage on which some orders have been played, and further orders."""

    policies: list[dict[str, Any]]
    stage: Rehearsal
    orders: list[Order]

    def look(self, order: Order) -> Snapshot:
        return self.stage.gate.world.snapshot(order, self.stage.clock.now(), Conditions())

    def cases(self) -> Iterator[tuple[PolicySet, Order, Snapshot]]:
        for order in self.orders:
            yield self.stage.gate.policies, order, self.look(order)


def a_world(random: Random, policies: list[dict[str, Any]], cache: Path) -> World:
    """The same random numbers and policies of the same meaning make the same world."""
    terms = ("sec_type", "currency", "multiplier", "min_tick", "lot")
    stage = Rehearsal(
        compiled(policies),
        given_of(
            {
                "now": START.isoformat(),
                "accounts": [{"id": account} for account in ACCOUNTS],
                "instruments": {n: {k: i[k] for k in terms} for n, i in INSTRUMENTS.items()},
                "fx": {"EUR": Decimal("1.08")},
                "adv": {"AAPL": Decimal(1000)},
                "positions": {"AAPL": Decimal(60), "SAP": Decimal(-100)},
            }
        ),
        ExchangeCalendars(cache),
        MemoryJournal(),
    )
    for name in INSTRUMENTS:
        stage.quote(name, *quote_of(a_quote(random, name)))
    lines = [a_line(random, random.choice([*INSTRUMENTS])) for _ in range(2 * ORDERS)]
    for line in lines[:ORDERS]:
        stage.submit(line)
    return World(policies, stage, [Order.parse(line) for line in lines[ORDERS:]])


def some_policies(random: Random) -> list[dict[str, Any]]:
    return [a_policy(random, number) for number in range(3)]


@pytest.fixture(params=range(WORLDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    random = Random(request.param)
    return a_world(random, some_policies(random), tmp_path)


def test_the_same_arguments_give_the_same_decision(world: World) -> None:
    for policies, order, snapshot in world.cases():
        told = msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot)
        assert evaluate(policies, order, snapshot) == evaluate(policies, order, told)


def test_looking_changes_nothing(world: World) -> None:
    for _, order, snapshot in world.cases():
        assert world.look(order) == snapshot


def test_a_bigger_order_is_never_safer(world: World) -> None:
    for policies, order, snapshot in world.cases():
        bigger = msgspec.structs.replace(order, quantity=order.quantity + 50)
        small, large = (evaluate(policies, each, snapshot) for each in (order, bigger))
        assert large.action >= small.action


def test_forgetting_a_quote_never_helps(world: World) -> None:
    for policies, order, snapshot in world.cases():
        blind = msgspec.structs.replace(snapshot, quote=None)
        assert evaluate(policies, order, blind).action >= evaluate(policies, order, snapshot).action


def test_forgetting_rates_volumes_and_hours_never_helps(world: World) -> None:
    for policies, order, snapshot in world.cases():
        less = msgspec.structs.replace(snapshot, fx={}, adv=None, hours={})
        assert evaluate(policies, order, less).action >= evaluate(policies, order, snapshot).action


def test_less_account_and_less_connection_never_help(world: World) -> None:
    for policies, order, snapshot in world.cases():
        for change in ({"accounts": ()}, {"connected": False}, {"reconciled": False}):
            worse = msgspec.structs.replace(snapshot, **change)
            assert evaluate(policies, order, worse).action is Action.DENY


def test_a_rule_more_never_helps(world: World) -> None:
    fewer = [{**policy, "rules": policy["rules"][:1], "waivers": []} for policy in world.policies]
    more = [{**policy, "waivers": []} for policy in world.policies]
    for _, order, _ in world.cases():
        decisions = []
        for policies in (fewer, more):
            stage = Rehearsal(
                compiled(policies),
                world.stage.given,
                world.stage.gate.world._hours,
                MemoryJournal(),
            )
            for name in INSTRUMENTS:
                quote = world.stage.market.quote(world.stage.instrument(name).key)
                assert quote is not None
                stage.quote(name, quote)
            decisions.append(stage.submit(order).decision)
        assert decisions[1].action >= decisions[0].action
        assert set(decisions[0].by) <= set(decisions[1].by)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_the_order_of_files_rules_and_waivers_never_matters(seed: int, tmp_path: Path) -> None:
    policies = some_policies(Random(seed))
    shuffler = Random(seed)
    shuffled = [
        {
            **{key: policy[key] for key in shuffler.sample(list(policy), len(policy))},
            "rules": shuffler.sample(policy["rules"], len(policy["rules"])),
            "waivers": shuffler.sample(policy["waivers"], len(policy["waivers"])),
        }
        for policy in shuffler.sample(policies, len(policies))
    ]
    one, other = (a_world(Random(seed), each, tmp_path) for each in (policies, shuffled))
    assert one.stage.gate.policies.digest == other.stage.gate.policies.digest
    for (policies_a, order, seen_a), (policies_b, _, seen_b) in zip(
        one.cases(), other.cases(), strict=True
    ):
        first, second = evaluate(policies_a, order, seen_a), evaluate(policies_b, order, seen_b)
        assert (first.action, first.by, first.shadow) == (second.action, second.by, second.shadow)
        assert [b.waiver for b in first.breaches] == [b.waiver for b in second.breaches]


LIMITED = """
riskgate: 1
policy: p
timezone: UTC
currency: USD
rules:
  - {id: long, kind: position, max_long: 500, because: a test}
  - {id: value, kind: position, max_long_notional: 60_000, because: a test}
  - {id: day, kind: daily_volume, per: [account], max_quantity: 800, because: a test}
"""


@pytest.mark.slow
@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 300), min_size=1, max_size=25),
    others=st.sets(st.integers(0, 24)),
)
def test_headroom_is_never_spent_twice(
    sizes: list[int], others: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.getbasetemp()
    stage = Rehearsal(
        _from_text(LIMITED),
        given_of(
            {"now": START.isoformat(), "prices": {"AAPL": "99.99 x 100.01", "MSFT": "50 x 50"}}
        ),
        ExchangeCalendars(cache),
        MemoryJournal(),
    )
    long = value = Decimal(0)
    for place, size in enumerate(sizes):
        symbol, price = ("MSFT", 50) if place in others else ("AAPL", 100)
        ticket = stage.submit(f"BUY {size} {symbol} LMT {price} DAY")
        if ticket.allowed:
            long += size
            value += size * price
        else:
            assert long + size > 500 or value + size * price > 60_000
    assert long <= 500
    assert value <= 60_000


def _from_text(text: str) -> PolicySet:
    from riskgate.policy.compiler import compile_policies  # noqa: PLC0415  # used here alone
    from riskgate.policy.source import parse  # noqa: PLC0415  # same

    document, _ = parse(text.encode(), "p.yaml")
    assert document is not None
    policies, problems = compile_policies([document], lambda _: None)
    assert policies is not None, problems
    return policies
