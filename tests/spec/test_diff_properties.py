"""Laws of `diff`: it says that more may pass whenever an order gets a milder answer.

The worlds are those of the differential test, so every kind, selector and mode takes part. Where
a rule's limit and orders are all that changes, it says so only then: neither more nor less.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.ledger.world import Conditions
from riskgate.model.decision import Action
from riskgate.model.order import Order
from riskgate.policy.cases import given_of, quote_of
from riskgate.policy.compiler import compile_policies
from riskgate.policy.diffing.compare import compare
from riskgate.policy.diffing.difference import Differences
from riskgate.policy.diffing.sides import Side
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse
from tests.spec.random_worlds import (
    ACCOUNTS,
    INSTRUMENTS,
    PER,
    START,
    STRATEGIES,
    WORDS,
    a_line,
    a_policy,
    a_quote,
    a_rule,
    a_selector,
    plain,
    some_limits,
    some_waivers,
)

Policy = dict[str, Any]
Change = Callable[[Random, list[Policy]], None]
TERMS = ("sec_type", "currency", "multiplier", "min_tick", "lot")
LATER = START + timedelta(days=30)
ORDERS = 30


def side(policies: list[Policy]) -> Side:
    documents = []
    for policy in policies:
        text = json.dumps(policy, default=plain)
        document, problems = parse(text.encode(), f"{policy['policy']}.yaml")
        assert document is not None, problems
        documents.append(document)
    compiled, wrong = compile_policies(documents, lambda _: None)
    assert compiled is not None, wrong
    return Side(compiled, tuple(documents))


def stage(policies: PolicySet, quotes: dict[str, dict[str, Any]], cache: Path) -> Rehearsal:
    """A desk with positions, working orders and a day behind it, the same for all policies."""
    facts = {
        "now": START.isoformat(),
        "accounts": [{"id": account} for account in ACCOUNTS],
        "instruments": {n: {k: i[k] for k in TERMS} for n, i in INSTRUMENTS.items()},
        "fx": {"EUR": Decimal("1.08")},
        "adv": {"AAPL": Decimal(1000)},
        "positions": {"AAPL": Decimal(60), "SAP": Decimal(-100)},
        "working": [
            "BUY 100 MSFT LMT 100 DAY account=DU1111111 strategy=alpha",
            "SELL 50 SAP LMT 160 DAY account=DU2222222 strategy=beta",
        ],
    }
    found = Rehearsal(policies, given_of(facts), ExchangeCalendars(cache), MemoryJournal())
    for name, quote in quotes.items():
        found.quote(name, *quote_of(quote))
    return found


def actions(on: Rehearsal, orders: list[Order]) -> Iterator[Action]:
    """What becomes of each order, now and when the waivers have ended."""
    for now, order in product((on.clock.now(), LATER), orders):
        snapshot = on.gate.world.snapshot(order, now, Conditions())
        yield evaluate(on.gate.policies, order, snapshot).action


def a_place(random: Random, policies: list[Policy]) -> tuple[Policy, dict[str, Any]]:
    policy = random.choice(policies)
    return policy, random.choice(policy["rules"])


def other_limits(random: Random, policies: list[Policy]) -> None:
    policy, rule = a_place(random, policies)
    kept = {"id", "kind", "match", "per", "on_breach", "mode", "because"}
    terms = {key: item for key, item in rule.items() if key in kept}
    rule.clear()
    rule |= {**terms, **some_limits(random, terms["kind"])}
    policy["waivers"] = [w for w in policy["waivers"] if set(w["set"]) <= set(rule)]


def one_value(random: Random, policies: list[Policy]) -> None:
    _, rule = a_place(random, policies)
    numbers = [key for key, item in rule.items() if isinstance(item, Decimal)]
    if numbers:
        rule[random.choice(numbers)] = Decimal(random.choice((0, 1, 100, 1_000, 1_000_000)))


def other_key(random: Random, policies: list[Policy]) -> None:
    _, rule = a_place(random, policies)
    key = random.choice(("mode", "on_breach", "match"))
    choices: dict[str, Any] = {
        "mode": random.choice(("enforce", "shadow", "off")),
        "on_breach": random.choice(("deny", "hold", "warn")),
        "match": a_selector(random, 2) or {"side": "BUY"},
    }
    rule[key] = choices[key]


def other_budget(random: Random, policies: list[Policy]) -> None:
    _, rule = a_place(random, policies)
    if rule["kind"] in ("position", "daily_volume", "duplicate", "message_rate"):
        rule["per"] = random.sample(PER, random.randint(1, 2))


def other_orders(random: Random, policies: list[Policy]) -> None:
    random.choice(policies)["applies_to"] = a_selector(random, 1) or {"side": "SELL"}


def other_terms(random: Random, policies: list[Policy]) -> None:
    random.choice(policies)["currency"] = random.choice(("USD", "EUR"))


def other_waivers(random: Random, policies: list[Policy]) -> None:
    policy, rule = a_place(random, policies)
    others = [waiver for waiver in policy["waivers"] if waiver["rule"] != rule["id"]]
    policy["waivers"] = others + some_waivers(random, rule)


def other_group(random: Random, policies: list[Policy]) -> None:
    policy = random.choice(policies)
    policy["groups"] = {**policy["groups"], "big": random.choice((["AAPL"], ["AAPL", "SAP"]))}


def other_rules(random: Random, policies: list[Policy]) -> None:
    policy, rule = a_place(random, policies)
    if random.random() < 0.4:
        policy["rules"].append(a_rule(random, 90 + random.randint(0, 9)))
        policy["rules"] = list({rule["id"]: rule for rule in policy["rules"]}.values())
    elif random.random() < 0.5:
        name = f"renamed-{random.randint(0, 10**9)}"
        for waiver in policy["waivers"]:
            waiver["rule"] = name if waiver["rule"] == rule["id"] else waiver["rule"]
        rule["id"] = name
    elif len(policy["rules"]) > 1:
        policy["rules"].remove(rule)
        policy["waivers"] = [w for w in policy["waivers"] if w["rule"] != rule["id"]]


def other_policies(random: Random, policies: list[Policy]) -> None:
    if random.random() < 0.5 and len(policies) > 1:
        policies.remove(random.choice(policies))
    else:
        policies.append(a_policy(random, random.randint(10, 10**9)))


CHANGES: tuple[Change, ...] = (
    *(other_limits, one_value, one_value, other_key, other_key, other_budget, other_orders),
    *(other_terms, other_waivers, other_group, other_rules, other_policies),
)


@pytest.mark.slow
@settings(max_examples=150, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), changes=st.lists(st.sampled_from(CHANGES), max_size=3))
def test_a_milder_or_harsher_answer_to_any_order_is_told(
    seed: int, changes: list[Change], tmp_path_factory: pytest.TempPathFactory
) -> None:
    random = Random(seed)
    before = [a_policy(random, number) for number in range(random.randint(1, 2))]
    after = deepcopy(before)
    for change in changes:
        change(random, after)
    quotes = {name: a_quote(random, name) for name in INSTRUMENTS}
    orders = [Order.parse(a_line(random, random.choice([*INSTRUMENTS]))) for _ in range(ORDERS)]
    old, new = side(before), side(after)
    told = compare(old, new)
    cache = tmp_path_factory.getbasetemp()
    answers = (actions(stage(each.policies, quotes, cache), orders) for each in (old, new))
    for first, second in zip(*answers, strict=True):
        assert second >= first or any(item.may_allow_more for item in told.found)
        assert second <= first or any(item.may_stop_more for item in told.found)


@pytest.mark.slow
def test_the_order_of_files_is_no_difference_and_what_differs_differs_both_ways() -> None:
    for seed in range(40):
        random = Random(seed)
        one, other = ([a_policy(random, number) for number in range(2)] for _ in range(2))
        there, back = compare(side(one), side(other)), compare(side(other), side(one))
        assert compare(side(one), side(one[::-1])).found == ()
        assert bool(there.found) == bool(back.found)


# Names of which every combination is traded by some order below.
REACHED = {
    "account": ["DU1111111", "!DU1111111"],
    "strategy": WORDS["strategy"],
    "symbol": ["AAPL", ["aapl", "SAP"], "@big", "!@big"],
    "side": WORDS["side"],
}
SIZES = (50, 100, 200)


def one_rule(random: Random) -> list[Policy]:
    """A policy of one rule whose limit is all that it asks of an order."""
    keys = random.sample([*REACHED], random.randint(0, 2))
    rule: dict[str, Any] = {"id": "r", "kind": "fat_finger", "because": "a test"}
    rule["max_quantity"] = Decimal(random.choice(SIZES))
    rule["match"] = {key: random.choice(REACHED[key]) for key in keys} or {"side": ["BUY", "SELL"]}
    rule["mode"] = random.choice(("enforce", "enforce", "enforce", "shadow", "off"))
    rule["on_breach"] = random.choice(("deny", "deny", "hold", "warn"))
    policy = {"riskgate": 1, "policy": "p", "timezone": "UTC", "currency": "USD", "rules": [rule]}
    covers = random.choice(({}, {}, {"side": "BUY"}, {"account": "DU1111111"}))
    return [
        {
            **policy,
            "groups": {"big": ["AAPL", "MSFT"]},
            "waivers": [waiver for waiver in some_waivers(random, rule) if reaches(waiver)],
            **({"applies_to": covers} if covers else {}),
        }
    ]


def reaches(waiver: dict[str, Any]) -> bool:
    """Whether the waiver's orders are traded below, and it has not ended when they are."""
    known = all(key in REACHED and word in REACHED[key] for key, word in waiver["match"].items())
    return known and waiver["until"] > START.isoformat()


def at_each_limit(policies: list[Policy]) -> list[Order]:
    """Orders of all combinations of names, each as large as a limit allows, and beyond."""
    rules = [rule for policy in policies for rule in policy["rules"]]
    sets = [waiver["set"] for policy in policies for waiver in policy["waivers"]]
    limits = {each["max_quantity"] for each in (*rules, *sets)}
    sizes = limits | {max(limits) + 5}
    symbols = ("AAPL", "MSFT", "SAP", "ES.FUT expiry=2026-06-19")
    found = []
    for place in product(symbols, ACCOUNTS, STRATEGIES, ("BUY", "SELL"), sorted(sizes - {0})):
        name, account, strategy, way, size = place
        symbol, *keys = name.split(" ")
        words = [way, size, symbol, "LMT 100 DAY", *keys, f"account={account}"]
        words += [f"strategy={strategy}"] if strategy else []
        found.append(Order.parse(" ".join(map(str, words))))
    return found


@pytest.mark.slow
@settings(max_examples=120, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_of_one_rule_it_is_told_exactly_when_some_order_gets_another_answer(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    random = Random(seed)
    before = one_rule(random)
    after = one_rule(random) if random.random() < 0.4 else deepcopy(before)
    if after == before:
        random.choice((one_value, other_key, other_waivers))(random, after)
    after[0]["waivers"] = [waiver for waiver in after[0]["waivers"] if reaches(waiver)]
    reached = all(
        key in REACHED and words in REACHED[key] + [["BUY", "SELL"]]
        for key, words in after[0]["rules"][0]["match"].items()
    )
    if not reached:
        return
    told = compare(side(before), side(after))
    cache, orders = tmp_path_factory.getbasetemp(), at_each_limit(before + after)
    first, second = (
        list(actions(stage(side(each).policies, {}, cache), orders)) for each in (before, after)
    )
    pairs = list(zip(first, second, strict=True))
    assert says(told) == (any(n < o for o, n in pairs), any(n > o for o, n in pairs))


def says(told: Differences) -> tuple[bool, bool]:
    return (
        any(item.may_allow_more for item in told.found),
        any(item.may_stop_more for item in told.found),
    )
