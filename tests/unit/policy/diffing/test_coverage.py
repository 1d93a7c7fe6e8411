"""Policies as wholes: which orders any policy covers, and the terms that their rules share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.policy.diffing.conftest import Compared, Rules, Said

SIZE = "{id: size, kind: fat_finger, max_quantity: 100}"


def named(text: str, name: str) -> str:
    return text.replace("policy: desk", f"policy: {name}")


def test_a_new_policy_on_new_ground_is_loosened(compared: Compared, rules: Rules) -> None:
    us, eu = (
        named(rules(f"applies_to: {{currency: {word}}}", SIZE), name)
        for word, name in (("USD", "us"), ("EUR", "eu"))
    )
    first, second = compared(us, [us, eu])
    assert (first.label, first.what, first.who) == ("LOOSENED", "policy", "currency EUR")
    assert "so they were denied" in first.note
    assert (second.label, second.subject, second.may_allow_more) == ("ADDED", "eu/size", False)


def test_a_new_policy_on_covered_ground_lets_nothing_through(said: Said, rules: Rules) -> None:
    extra = named(rules("applies_to: {currency: EUR}", SIZE), "eu")
    lines = said(rules(SIZE), [rules(SIZE), extra])
    assert lines == ["ADDED- size max_quantity 100 units | currency EUR"]


def test_a_policy_that_goes_with_its_ground_lets_nothing_through(
    compared: Compared, rules: Rules
) -> None:
    us, eu = (
        named(rules(f"applies_to: {{currency: {word}}}", SIZE), name)
        for word, name in (("USD", "us"), ("EUR", "eu"))
    )
    found = compared([us, eu], us)
    assert [(item.label, item.may_allow_more) for item in found] == [
        ("TIGHTENED", False),
        ("REMOVED", False),
    ]
    assert found[1].note == "no policy covers its orders now, so all are denied"


def test_a_policy_that_goes_from_covered_ground_does(said: Said, rules: Rules) -> None:
    extra = named(rules("applies_to: {currency: EUR}", SIZE), "eu")
    lines = said([rules(SIZE), extra], rules(SIZE))
    assert lines == ["REMOVED+ size max_quantity 100 units | currency EUR"]


def test_a_renamed_policy_covers_the_same(said: Said, rules: Rules) -> None:
    assert said(rules(SIZE), named(rules(SIZE), "desk-2")) == [
        "CHANGED size id desk/size -> desk-2/size | every order"
    ]


@pytest.mark.parametrize("rule", [SIZE, SIZE.replace("max", "match: {side: BUY}, max")])
def test_a_wider_policy_covers_new_ground_and_a_narrower_one_denies(
    said: Said, rules: Rules, rule: str
) -> None:
    narrow = rules("applies_to: {symbol: AAPL}", rule)
    wide = rules("applies_to: {symbol: [AAPL, MSFT]}", rule)
    assert said(narrow, wide) == [
        "LOOSENED+ desk applies_to symbol AAPL -> symbol AAPL, MSFT | symbol MSFT"
    ]
    assert said(wide, narrow) == [
        "TIGHTENED- desk applies_to symbol AAPL, MSFT -> symbol AAPL | symbol MSFT"
    ]


def test_a_narrower_policy_frees_what_another_covers(said: Said, rules: Rules) -> None:
    other = named(rules("{id: all, kind: fat_finger, max_quantity: 900}"), "all")
    wide, narrow = (rules(f"applies_to: {{symbol: {w}}}", SIZE) for w in ("[A, B]", "A"))
    assert said([other, wide], [other, narrow])[0].startswith("LOOSENED+ desk applies_to")
    assert said([other, narrow], [other, wide])[0].startswith("TIGHTENED- desk applies_to")
    shadow = SIZE.replace("max", "mode: shadow, max")
    wide, narrow = (rules(f"applies_to: {{symbol: {w}}}", shadow) for w in ("[A, B]", "A"))
    assert said([other, wide], [other, narrow])[0].startswith("CHANGED desk applies_to")


def test_a_narrower_policy_may_free_some_and_deny_others(said: Said, rules: Rules) -> None:
    other = named(rules("applies_to: {symbol: B}", SIZE), "b")
    wide, narrow = (rules(f"applies_to: {{symbol: {w}}}", SIZE) for w in ("[A, B, C]", "A"))
    assert said([other, wide], [other, narrow])[0].startswith("CHANGED+- desk applies_to")


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("timezone", "America/New_York", "Europe/Berlin"),
        ("currency", "USD", "EUR"),
        ("day_starts", "00:00:00", "17:00:00"),
    ],
)
def test_what_all_rules_measure_by_is_doubt(
    compared: Compared, rules: Rules, key: str, old: str, new: str
) -> None:
    before = rules("day_starts: '00:00'", SIZE)
    after = (
        before.replace("'00:00'", "'17:00'") if key == "day_starts" else before.replace(old, new)
    )
    (item,) = compared(before, after)
    assert (item.what, item.change, item.label) == (key, f"{old} -> {new}", "CHANGED")
    assert item.may_allow_more
    shadow = (text.replace("kind", "mode: shadow, kind") for text in (before, after))
    (item,) = compared(*shadow)
    assert not item.may_allow_more


def test_a_limit_in_other_money_cannot_be_compared(compared: Compared, rules: Rules) -> None:
    money = rules("{id: size, kind: fat_finger, max_notional: 100}")
    found = compared(money, money.replace("USD", "EUR").replace("100", "50"))
    assert [(item.what, item.change, item.may_allow_more) for item in found] == [
        ("currency", "USD -> EUR", True),
        ("max_notional", "100 USD -> 50 EUR", True),
    ]


def test_a_file_that_moves_is_the_same_policy(said: Said, rules: Rules) -> None:
    other = named(rules(SIZE), "other")
    assert said([rules(SIZE), other], [other, rules(SIZE)]) == []
