"""Compiled policies: which bounds apply, and which limits hold under waivers."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from riskgate.model.decision import Action
from riskgate.model.market import PriceTerms
from riskgate.model.subject import Subject
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import (
    Bound,
    Check,
    Policy,
    PolicySet,
    Waiver,
    checks_at,
    price_terms_at,
)
from riskgate.policy.selectors import EVERYTHING, MOST_REMEMBERED, Selector, selector
from riskgate.policy.source import parse
from riskgate.rulekit.base import Context
from riskgate.rules.market_hours import MarketHours
from riskgate.rules.permitted import Permitted

NOW = datetime(2026, 3, 2, tzinfo=UTC)
US = Subject(account="DU1", symbol="AAPL")


def a_check(value: object, name: str = "max") -> Check:
    def measure(order: object, seen: object) -> None:  # noqa: ARG001  # never asked here
        return None

    return Check(name, measure, lambda _, __: True, value, "")


def a_waiver(value: object, tighter: str, until: timedelta = timedelta(1), **match: str) -> Waiver:
    return Waiver(
        name=f"w {value}",
        selector=selector({key: (item,) for key, item in match.items()}),
        checks={"max": a_check(value)},
        tighter={"max": tighter},
        until=NOW + until,
        approved_by="somebody",
        because="a test",
    )


def a_bound(name: str, chosen: Selector = EVERYTHING, **changes: Any) -> Bound:  # noqa: ANN401
    fields: dict[str, Any] = {
        "rule": Permitted(name, {}, Context()),
        "per": (),
        "action": Action.DENY,
        "enforced": True,
        "because": "a test",
        "where": "p.yaml:1",
        "checks": (a_check(Decimal(10)), a_check(Decimal(20), "other")),
        "tally": None,
    }
    return Bound(name=name, selector=chosen, **{**fields, **changes})


def a_policy(chosen: Selector = EVERYTHING, name: str = "p") -> Policy:
    return Policy(
        name=name,
        description="",
        owner="",
        selector=chosen,
        currency="USD",
        zone="UTC",
        path="p.yaml",
    )


def limits(*waivers: Waiver) -> list[tuple[object, str]]:
    bound = a_bound("p/r", waivers=waivers)
    return [(c.value, name) for c, name in checks_at(bound, US, NOW) if c.name == "max"]


def test_without_a_waiver_that_holds_and_matches_the_limit_stands() -> None:
    assert limits() == [(10, "")]
    assert limits(a_waiver(Decimal(5), "lower", timedelta(0))) == [(10, "")]
    assert limits(a_waiver(Decimal(5), "lower", account="DU2")) == [(10, "")]
    bound = a_bound("p/r", waivers=(a_waiver(Decimal(5), "lower"),))
    assert [c.value for c, _ in checks_at(bound, US, NOW) if c.name == "other"] == [20]


def test_of_several_waivers_the_tightest_applies_in_any_order() -> None:
    waivers = [a_waiver(Decimal(value), "lower") for value in (30, 20, 40)]
    assert limits(*waivers) == limits(*reversed(waivers)) == [(20, "w 20")]
    waivers = [a_waiver(Decimal(value), "higher") for value in (30, 20, 40)]
    assert limits(*waivers) == limits(*reversed(waivers)) == [(40, "w 40")]
    lengths = [a_waiver(timedelta(minutes=value), "higher") for value in (5, 15, 10)]
    assert [value for value, _ in limits(*lengths)] == [timedelta(minutes=15)]


def test_where_no_value_is_tighter_all_waivers_apply() -> None:
    waivers = [a_waiver(value, "") for value in ("b", "a")]
    assert limits(*waivers) == limits(*reversed(waivers)) == [("a", "w a"), ("b", "w b")]


def test_bounds_stand_in_the_order_of_their_names() -> None:
    policies = PolicySet([a_policy(name="q"), a_policy()], map(a_bound, ("p/b", "p/a")), "d")
    assert [bound.name for bound in policies.bounds] == ["p/a", "p/b"]
    assert [policy.name for policy in policies.policies] == ["p", "q"]
    assert policies.bounds[0].kind == "permitted"


def test_a_policy_set_cannot_be_pickled_and_says_what_to_do() -> None:
    with pytest.raises(TypeError, match="hand on the texts"):
        pickle.dumps(PolicySet((), (), "d"))


def test_what_applies_is_found_by_the_names_of_an_order() -> None:
    us = selector({"symbol": ("AAPL",)})
    hours = MarketHours("p/h", {"calendar": "XNYS"}, Context())
    bounds = [a_bound("p/a", us), a_bound("p/h", rule=hours)]
    policies = PolicySet([a_policy(us)], bounds, "d")
    found = policies.for_(US)
    assert [bound.name for bound in found.bounds] == ["p/a", "p/h"]
    assert (found.covered, found.calendars) == (True, ("XNYS",))
    other = policies.for_(US._replace(symbol="MSFT"))
    assert ([bound.name for bound in other.bounds], other.covered) == (["p/h"], False)


def test_the_same_names_are_answered_from_memory_which_is_bounded() -> None:
    policies = PolicySet([a_policy()], [a_bound("p/a", selector({"tag": ("x",)}))], "d")
    first = policies.for_(US)
    assert policies.for_(US) is first
    for number in range(MOST_REMEMBERED):
        policies._remembered.setdefault(f"name {number}", first)
    assert policies.for_(US._replace(tag="new")).covered
    assert len(policies._remembered) <= MOST_REMEMBERED


PRICED = """\
riskgate: 1
policy: p
timezone: UTC
currency: USD
rules:
  - {id: age, kind: reference_price, max_age: 5s, max_divergence_percent: 5, because: a test}
  - {id: type, kind: reference_price, require: [live], because: a test}
  - {id: watch, kind: reference_price, mode: shadow, max_age: 1s, because: a test}
waivers:
"""
WAIVER = (
    "  - {rule: %s, match: {symbol: AAPL}, set: {%s},"
    " until: '2026-03-02T18:00:00Z', approved_by: a, because: a test}\n"
)


def priced(*waivers: tuple[str, str]) -> PolicySet:
    """Rules about prices, with waivers of some of their limits."""
    text = PRICED.removesuffix("waivers:\n") if not waivers else PRICED
    document, problems = parse(text + "".join(WAIVER % one for one in waivers), "p.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    return policies


@pytest.mark.parametrize(
    ("waivers", "seconds", "types"),
    [
        ((), 5, ("live",)),
        ((("age", "max_age: 2m"),), 120, ("live",)),
        ((("age", "max_age: 2m"), ("age", "max_age: 20s")), 20, ("live",)),
        ((("type", "require: [live, frozen]"),), 5, ("frozen", "live")),
        (
            (("type", "require: [live, frozen]"), ("type", "require: [delayed, live]")),
            5,
            ("live",),
        ),
        ((("watch", "max_age: 1m"),), 5, ("live",)),
    ],
)
def test_what_a_price_must_be_is_what_the_enforced_rules_say_now(
    waivers: tuple[tuple[str, str], ...], seconds: int, types: tuple[str, ...]
) -> None:
    policies = priced(*waivers)
    terms = price_terms_at(policies.for_(US), US, datetime(2026, 3, 2, 17, tzinfo=UTC))
    assert terms == PriceTerms(timedelta(seconds=seconds), types)
    later = price_terms_at(policies.for_(US), US, datetime(2026, 3, 2, 18, tzinfo=UTC))
    assert later == PriceTerms(timedelta(seconds=5), ("live",))


def test_a_limit_that_no_waiver_names_is_measured_by_the_rule_as_it_is_waived() -> None:
    (bound, *_) = priced(("age", "max_age: 2m")).bounds
    at = datetime(2026, 3, 2, 17, tzinfo=UTC)
    ages = [vars(c.measure.__self__)["max_age"] for c, _ in checks_at(bound, US, at)]  # type: ignore[attr-defined]  # bound methods
    assert ages == [timedelta(minutes=2)] * 2
