"""Laws of one limit, asked of every parameter of every kind: its direction, and its edge.

The rule that is asked stands in shadow mode, so that its answer changes nothing that comes later:
two versions of it see the same tale and are held against each other at every order.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from riskgate.authoring.checking import check
from riskgate.model.decision import Decision, Verdict
from riskgate.model.events import Decided
from riskgate.policy.catalog import kinds
from riskgate.policy.diffing.values import Way, way
from riskgate.policy.evaluate import evaluate, explain
from riskgate.policy.policies import PolicySet
from riskgate.rulekit.bounds import HIGHER
from riskgate.rulekit.parameters import Number
from tests.spec.random_worlds import GROUPS, compiled
from tests.spec.wide_policies import KINDS
from tests.spec.wide_worlds import a_stage, an_order, look, tale

SEEDS = 1
Rule = dict[str, Any]
# What the generator does not vary by itself.
MORE: dict[tuple[str, str], list[Any]] = {
    ("market_hours", "pre"): ["04:00", "08:30"],
    ("market_hours", "post"): ["17:00", "20:00"],
    ("market_hours", "moc_cutoff"): ["10m", "7h"],
    ("market_hours", "sessions"): [["regular"], ["pre", "regular"], ["pre", "regular", "post"]],
    ("market_hours", "closed"): [["10:30-11:00"], ["10:00-11:00"], ["10:30-11:00", "12:00-13:00"]],
    ("market_hours", "not_within"): [{"after_open": "5m"}, {"after_open": "31m"}],
    ("market_hours", "market_orders_in_regular_only"): [True, False],
    ("fat_finger", "both_sides"): [True, False],
    ("fat_finger", "never_below_amount"): [Decimal("0.01"), Decimal("0.05"), Decimal(1)],
    ("fat_finger", "never_below_ticks"): [Decimal(1), Decimal(4), Decimal(9)],
    ("fat_finger", "session"): [["regular"], ["pre", "regular"], ["post"]],
    ("fat_finger", "pre"): ["04:00", "08:30"],
    ("fat_finger", "post"): ["17:00", "20:00"],
    ("permitted", "symbols"): [["AAPL"], ["AAPL", "ES"], ["A*", "ES", "SAP"]],
    ("permitted", "sec_types"): [["STK"], ["STK", "FUT"]],
    ("permitted", "order_types"): [["LMT"], ["LMT", "STP"], ["LMT", "STP", "MKT"]],
    ("permitted", "tifs"): [["DAY"], ["DAY", "IOC"]],
    ("permitted", "sides"): [["BUY"], ["BUY", "SELL"]],
    ("permitted", "exchanges"): [["SMART"], ["SMART", "CME"]],
    ("permitted", "currencies"): [["USD"], ["EUR", "USD"]],
    ("permitted", "strategies"): [["alpha"], ["alpha", "beta"]],
    ("permitted", "accounts"): [["DU1111111"], ["DU1111111", "DU2222222"]],
    ("restricted", "symbols"): [["SAP"], ["SAP", "ES"], ["AAPL", "ES", "SAP"]],
    ("restricted", "derivatives"): [True, False],
    ("reference_price", "deny_at_floor"): [True, False],
    ("reference_price", "require"): [["live"], ["live", "delayed"]],
    ("short_sale", "allow"): [True, False],
    ("duplicate", "window"): ["500ms", "5s", "1h"],
    ("duplicate", "same"): [
        ["symbol", "side"],
        ["symbol", "side", "quantity"],
        ["symbol", "side", "quantity", "account"],
    ],
    ("message_rate", "counts"): [["new"], ["new", "modify"], ["new", "modify", "cancel"]],
    ("message_rate", "window"): ["500ms", "5s", "1h"],
    ("order_efficiency", "after_orders"): [Decimal(0), Decimal(3), Decimal(8)],
    ("reject_breaker", "counts"): [["rejected"], ["rejected", "denied"]],
    ("stress", "shocks"): [
        [{"percent": Decimal(-20)}],
        [{"percent": Decimal(-20)}, {"amount": Decimal(30)}],
    ],
}
# In the calendar's zone XNYS: what `pre`, `post`, `sessions` and `session` speak of.
NEEDS: dict[tuple[str, str], Rule] = {
    **{("market_hours", name): {"calendar": "XNYS", "sessions": ["pre", "regular", "post"],
                                "pre": "04:00", "post": "20:00"}
       for name in ("pre", "post", "sessions", "moc_cutoff", "not_within",
                    "market_orders_in_regular_only")},
    ("market_hours", "closed"): {"calendar": "always"},
    **{("fat_finger", name): {"calendar": "XNYS", "session": ["pre", "regular", "post"],
                              "pre": "04:00", "post": "20:00", "max_quantity": Decimal(20)}
       for name in ("session", "pre", "post")},
    **{("fat_finger", name): {"max_deviation_ticks": Decimal(1)}
       for name in ("both_sides", "never_below_amount", "never_below_ticks")},
    ("restricted", "derivatives"): {"symbols": ["AAPL"]},
    ("stress", "shocks"): {"max_loss": Decimal(9_000)},
    ("short_sale", "allow"): {"locate": "required"},
}  # fmt: skip
# Of a kind without a generator another test tells.
DRAWN = [kind for kind in kinds().values() if kind.kind in KINDS]
DIRECTED = [
    (kind.kind, name)
    for kind in DRAWN
    for name, parameter in kind.parameters.items()
    if parameter.tighter is not None
]
TALE, PAIRS = 20, 2


def in_shadow(rule: Rule) -> PolicySet:
    return alone({**rule, "mode": "shadow"})


def alone(rule: Rule) -> PolicySet:
    """A policy of one rule."""
    policy = {"riskgate": 1, "policy": "p", "timezone": "America/New_York", "currency": "USD"}
    rule = {"id": "r", "because": "a test", **rule}
    return compiled([{**policy, "groups": GROUPS, "rules": [rule]}])


def breached(rule: Rule, seed: int, cache: Path) -> list[bool]:
    """Whether the rule breaches at each order of a tale."""
    random = Random(seed)
    stage = a_stage(in_shadow(rule), random, cache)
    return [bool(decision.shadow) for decision in tale(stage, random, TALE)]


def values(kind: str, name: str, random: Random) -> list[Any]:
    """Some values of a parameter, as the policies of these tests write them."""
    if (kind, name) in MORE:
        return MORE[kind, name]
    drawn = (KINDS[kind](random).get(name) for _ in range(60))
    return [value for value in drawn if value is not None]


def versions(kind: str, name: str, random: Random) -> tuple[Rule, Rule] | None:
    """A rule twice: the first may only stop more, by the direction that its parameter declares."""
    rule = {"kind": kind, **KINDS[kind](random), **NEEDS.get((kind, name), {})}
    known = values(kind, name, random)
    one, other = ({**rule, name: random.choice(known)} for _ in range(2))
    old, new = (vars(alone(each).bounds[0].rule)[name] for each in (one, other))
    found = way(kinds()[kind].parameters[name], old, new)
    if found not in (Way.ALLOWS, Way.STOPS):
        return None
    return (other, one) if found is Way.STOPS else (one, other)


@pytest.mark.parametrize(("kind", "name"), DIRECTED, ids=[f"{k}.{n}" for k, n in DIRECTED])
def test_the_declared_direction_is_the_true_one(
    kind: str, name: str, seed: int, tmp_path: Path
) -> None:
    random = Random(f"{kind} {name} {seed}")
    found = 0
    for _ in range(40):
        pair = versions(kind, name, random)
        if pair is None:
            continue
        found += 1
        at = random.randrange(10**6)
        tight, loose = (breached(each, at, tmp_path) for each in pair)
        assert len(tight) == len(loose) >= 5
        for stopped, also in zip(tight, loose, strict=True):
            assert stopped or not also, pair
        if found == PAIRS:
            break
    assert found


NUMERIC = [
    (kind.kind, name)
    for kind in DRAWN
    for name, limit in kind.limits().items()
    if isinstance(limit.type, Number)
]
STEP = Decimal("0.000001")


@pytest.mark.parametrize(("kind", "name"), NUMERIC, ids=[f"{k}.{n}" for k, n in NUMERIC])
def test_what_is_observed_passes_as_a_limit_and_a_step_less_does_not(
    kind: str, name: str, seed: int, tmp_path: Path
) -> None:
    random = Random(f"{kind} {name} {seed}")
    limit = kinds()[kind].limits()[name]
    assert isinstance(limit.type, Number)
    held = 0
    for _ in range(60):
        rule = {"kind": kind, **without_limits(kind, KINDS[kind](random))}
        at = random.randrange(10**6)
        observed = first_observed({**rule, name: Decimal(1)}, name, at, tmp_path)
        if observed is None or not observed.is_finite():
            continue
        step = Decimal(1) if limit.type.whole else STEP
        up, down = (observed.quantize(step, way) for way in (ROUND_CEILING, ROUND_FLOOR))
        enough, beyond = (down, up) if limit.tighter == HIGHER else (up, down)
        if beyond == observed:  # a number that can be written is itself the edge
            beyond += step if limit.tighter == HIGHER else -step
        if min(enough, beyond) < limit.type.least:
            continue
        assert verdict({**rule, name: enough}, name, at, tmp_path) is Verdict.PASS, rule
        assert verdict({**rule, name: beyond}, name, at, tmp_path) is Verdict.BREACH, rule
        held += 1
        if held == PAIRS:
            break
    assert held or name == "max_soft_breaches"  # of other rules, and this one is alone


def without_limits(kind: str, rule: Rule) -> Rule:
    return {name: value for name, value in rule.items() if name not in kinds()[kind].limits()}


def asked(rule: Rule, seed: int, cache: Path) -> Any:  # noqa: ANN401  # policies, order, snapshot
    """A rule, an order and the world that it meets after a tale."""
    random = Random(seed)
    policies = in_shadow(rule)
    stage = a_stage(policies, random, cache)
    for _ in tale(stage, random, TALE // 2):
        pass
    order = stage.gate.world.resolve(an_order(random))
    return policies, order, look(stage, order)


def first_observed(rule: Rule, name: str, seed: int, cache: Path) -> Decimal | None:
    for finding in explain(*asked(rule, seed, cache)):
        if finding.limit_name == name and isinstance(finding.observed, Decimal):
            return finding.observed
    return None


def verdict(rule: Rule, name: str, seed: int, cache: Path) -> Verdict:
    (said,) = (f for f in explain(*asked(rule, seed, cache)) if f.limit_name == name)
    return said.verdict


# `declared_intent` measures a distance: an order may be too small as well (section 6).
TWO_SIDED = ("declared_intent",)
BIG = Decimal(3000)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in TWO_SIDED])
def test_a_lot_more_than_the_largest_that_passes_breaches_that_rule_alone(
    kind: str, seed: int, tmp_path: Path
) -> None:
    random = Random(f"{kind} {seed}")
    found = 0
    for _ in range(60):
        rule = {"kind": kind, **KINDS[kind](random), "on_breach": "deny"}
        shown = largest(rule, random.randrange(10**6), tmp_path)
        if shown is None:
            continue
        found += 1
        passing, failing = shown
        assert passing is None or passing.allowed
        assert not failing.allowed
        assert failing.by == ("p/r",)
        if found == 4:
            break
    # A group's limit on warnings, and what is not asked of a first order, may never stop one.
    assert found or kind in ("reject_breaker", "repeat_execution", "order_efficiency")


def largest(rule: Rule, seed: int, cache: Path) -> tuple[Decision | None, Decision] | None:
    """What is said of the largest quantity that passes, and of one lot more."""
    random = Random(seed)
    policies = alone(rule)
    stage = a_stage(policies, random, cache)
    for _ in range(3):
        stage.submit(an_order(random))
    asked_for = msgspec.structs.replace(an_order(random), quantity=BIG)
    answer = check(asked_for, stage)
    if answer.largest is None:
        return None
    made = [e.payload for e in stage.journal.read() if isinstance(e.payload, Decided)][-1]
    snapshot, order = made.snapshot, answer.decision.order
    assert snapshot is not None
    assert order is not None

    def at(quantity: Decimal) -> Decision:
        return evaluate(policies, msgspec.structs.replace(order, quantity=quantity), snapshot)

    more = at(answer.largest + snapshot.contract.lot)
    return at(answer.largest) if answer.largest else None, more
