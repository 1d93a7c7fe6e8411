"""What the gate would say: the largest quantity that would pass, in lots, on the same snapshot."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.authoring import checking
from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.policy.cases import given_of

if TYPE_CHECKING:
    from riskgate.policy.policies import PolicySet

NOW = "2026-03-02T12:00:00-05:00"


def answer(policies: PolicySet, order: str, **given: object) -> checking.Answer:
    value = {"now": NOW, "prices": {"AAPL": "189.99 x 190.01", "LOTS": "10 x 10"}, **given}
    rehearsal = Rehearsal(policies, given_of(value), ExchangeCalendars(), MemoryJournal())
    return checking.check(checking.read_order(order), rehearsal)


@pytest.mark.parametrize(
    ("order", "given", "largest"),
    [
        ("BUY 101 AAPL LMT 190", {}, 100),
        ("BUY 2147483647 AAPL LMT 190", {}, 100),
        ("BUY 101 AAPL LMT 190", {"positions": {"AAPL": Decimal(60)}}, 40),
        ("BUY 1 AAPL LMT 190", {"positions": {"AAPL": Decimal(100)}}, 0),
        ("SELL 500 AAPL LMT 190", {"positions": {"AAPL": Decimal(60)}}, 160),
        ("SELL 500 AAPL LMT 190", {"positions": {"AAPL": Decimal(300)}}, 400),
        ("BUY 500 LOTS LMT 10", {"instruments": {"LOTS": {"lot": Decimal(30)}}}, 90),
    ],
)
def test_the_largest_quantity_is_found_in_whole_lots(
    policies: PolicySet, order: str, given: dict[str, object], largest: int
) -> None:
    if "LOTS" in order:
        order = order.replace("500", "510")
    found = answer(policies, order, **given)
    assert not found.decision.allowed
    assert found.largest == largest


@pytest.mark.parametrize(
    ("order", "given"),
    [
        ("BUY lots AAPL LMT 190", {}),
        ("BUY 500 XYZ LMT 190", {"unknown": ["XYZ"]}),
        ("BUY 1 AAPL LMT 190", {"state": "HALTED"}),
        ("BUY 1 KO LMT 60", {}),
    ],
)
def test_where_it_is_not_the_quantity_that_matters_none_is_named(
    policies: PolicySet, order: str, given: dict[str, object]
) -> None:
    assert answer(policies, order, **given).largest is None


@pytest.mark.parametrize(
    ("order", "given", "largest"),
    [
        ("BUY 1 AAPL LMT 190", {}, 100),
        ("BUY 100 AAPL LMT 190", {}, 100),
        ("BUY 1 AAPL LMT 190", {"positions": {"AAPL": Decimal(60)}}, 40),
        ("BUY 30 LOTS LMT 10", {"instruments": {"LOTS": {"lot": Decimal(30)}}}, 90),
    ],
)
def test_an_order_that_passes_is_told_how_large_it_could_be(
    policies: PolicySet, order: str, given: dict[str, object], largest: int
) -> None:
    found = answer(policies, order, **given)
    assert found.decision.allowed
    assert found.largest == largest


def test_each_rule_that_stops_an_order_has_a_largest_quantity_of_its_own(
    compile_text: Callable[[str], PolicySet],
) -> None:
    policies = compile_text("""
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 7, because: test}
  - {id: long, kind: position, max_long: 9, because: test}
  - {id: kinds, kind: permitted, order_types: [MKT], because: test}
  - {id: shadow, kind: fat_finger, max_quantity: 1, mode: shadow, because: test}
""")
    found = answer(policies, "BUY 20 AAPL LMT 190")
    assert dict(found.by_rule) == {"desk/kinds": 0, "desk/long": 9, "desk/size": 7}
    assert found.largest == 0
    found = answer(policies, "BUY 20 AAPL MKT")
    assert dict(found.by_rule) == {"desk/long": 9, "desk/size": 7}
    assert found.largest == 7


def test_every_rule_that_applies_is_among_the_answers(policies: PolicySet) -> None:
    found = answer(policies, "BUY 101 AAPL LMT 190", positions={"AAPL": Decimal(10)})
    names = {use.finding.rule for use in found.uses}
    assert names == {bound.name for bound in policies.bounds}
    first = found.uses[0]
    assert first.finding.rule == "desk/position"
    assert (first.headroom, first.own) == (Decimal(-11), Decimal(101))


def test_a_shadow_rule_and_a_warning_limit_nothing(
    compile_text: Callable[[str], PolicySet],
) -> None:
    policies = compile_text("""
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: shadow, kind: fat_finger, max_quantity: 1, mode: shadow, because: test}
  - {id: warned, kind: fat_finger, max_quantity: 1, on_breach: warn, because: test}
""")
    found = answer(policies, "BUY 5 AAPL LMT 190")
    assert (found.decision.allowed, found.largest) == (True, None)
    found = answer(policies, "BUY 5 AAPL LMT 190", state="HALTED")
    assert (found.decision.allowed, found.largest) == (False, None)


def test_what_was_asked_is_shown_as_it_was_understood(policies: PolicySet) -> None:
    assert answer(policies, "buy 5 aapl lmt 190.0").asked.startswith("BUY 5 AAPL LMT 190 DAY")
    assert answer(policies, "hello").asked == "hello"
