"""A rule bound to its limits: which of them hold under waivers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from riskgate.model.decision import Action
from riskgate.model.subject import Subject
from riskgate.policy.bound import Bound, Check, Waiver, checks_at, rules_at
from riskgate.policy.compiler import compile_policies
from riskgate.policy.selectors import EVERYTHING, selector
from riskgate.policy.source import parse
from riskgate.rulekit.base import Context
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


def a_bound(*waivers: Waiver, checks: tuple[Check, ...] = ()) -> Bound:
    return Bound(
        name="p/r",
        rule=Permitted("p/r", {}, Context()),
        selector=EVERYTHING,
        per=(),
        action=Action.DENY,
        enforced=True,
        because="a test",
        where="p.yaml:1",
        checks=checks or (a_check(Decimal(10)), a_check(Decimal(20), "other")),
        tally=None,
        waivers=waivers,
    )


def limits(*waivers: Waiver) -> list[tuple[object, str]]:
    bound = a_bound(*waivers)
    return [(c.value, name) for c, name in checks_at(bound, US, NOW) if c.name == "max"]


def test_without_a_waiver_that_holds_and_matches_the_limit_stands() -> None:
    assert limits() == [(10, "")]
    assert limits(a_waiver(Decimal(5), "lower", timedelta(0))) == [(10, "")]
    assert limits(a_waiver(Decimal(5), "lower", account="DU2")) == [(10, "")]
    bound = a_bound(a_waiver(Decimal(5), "lower"))
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


WAIVED = """\
riskgate: 1
policy: p
timezone: UTC
currency: USD
rules:
  - {id: age, kind: reference_price, max_age: 5s, max_divergence_percent: 5, because: a test}
waivers:
  - {rule: age, match: {symbol: AAPL}, set: {max_age: 2m}, until: '2026-03-02T18:00:00Z',
     approved_by: a, because: a test}
"""


def test_a_limit_that_no_waiver_names_is_measured_by_the_rule_as_it_is_waived() -> None:
    document, problems = parse(WAIVED, "p.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    (bound,) = policies.bounds
    checks = checks_at(bound, US, NOW)
    assert [(check.name, waiver != "") for check, waiver in checks] == [
        ("max_age", True),
        ("max_divergence_percent", False),
    ]
    ages = [vars(check.measure.__self__)["max_age"] for check, _ in checks]  # type: ignore[attr-defined]  # bound methods
    assert ages == [timedelta(minutes=2)] * 2


def test_the_rule_is_the_one_that_a_waiver_makes_of_it_while_it_holds() -> None:
    bound = a_bound()
    assert rules_at(bound, US, NOW) == (bound.rule,)
    (waived,) = rules_at(a_bound(a_waiver(["STK"], "")), US, NOW)
    assert (waived.name, waived.given) == ("p/r", {"max": ["STK"]})
    past = a_bound(a_waiver(["STK"], "", timedelta(0)))
    assert rules_at(past, US, NOW) == (past.rule,)
