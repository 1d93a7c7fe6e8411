"""Compiled policies: which bounds apply to an order, found once and remembered."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from riskgate.model.decision import Action
from riskgate.model.subject import Subject
from riskgate.policy.bound import Bound
from riskgate.policy.policies import Policy, PolicySet
from riskgate.policy.selectors import EVERYTHING, MOST_REMEMBERED, Selector, selector
from riskgate.rulekit.base import Context
from riskgate.rules.market_hours import MarketHours
from riskgate.rules.permitted import Permitted

NOW = datetime(2026, 3, 2, tzinfo=UTC)
US = Subject(account="DU1", symbol="AAPL")


def a_bound(name: str, chosen: Selector = EVERYTHING, **changes: Any) -> Bound:  # noqa: ANN401
    fields: dict[str, Any] = {
        "rule": Permitted(name, {}, Context()),
        "per": (),
        "action": Action.DENY,
        "enforced": True,
        "because": "a test",
        "where": "p.yaml:1",
        "checks": (),
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
