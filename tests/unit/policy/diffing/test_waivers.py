"""Waivers: who has other limits than before, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.policy.diffing.conftest import Compared, Rules

SIZE = "{id: size, kind: fat_finger, max_quantity: 100}"
LATE, EARLY = "2026-12-18T16:00:00-05:00", "2026-06-01T00:00:00Z"


def waiver(value: int, match: str = "symbol: AAPL", until: str = LATE) -> str:
    return (
        f"  - {{rule: size, match: {{{match}}}, set: {{max_quantity: {value}}}, until: '{until}',"
        " approved_by: m.ruiz, because: rebalance}"
    )


def waived(rules: Rules, *waivers: str, rule: str = SIZE) -> str:
    return rules("\n".join(("waivers:", *waivers)) if waivers else "owner: me", rule)


def test_a_new_waiver_is_loosened_until(compared: Compared, rules: Rules) -> None:
    (item,) = compared(waived(rules), waived(rules, waiver(500)))
    assert (item.label, item.what, item.until) == ("LOOSENED", "waiver", LATE)
    assert item.change == "max_quantity 100 units -> max_quantity 500 units"
    assert (item.who, item.because, item.note) == ("symbol AAPL", "rebalance", "new waiver")
    assert item.where == "new0.yaml:6"


def test_a_waiver_withdrawn_is_tightened(compared: Compared, rules: Rules) -> None:
    (item,) = compared(waived(rules, waiver(500)), waived(rules))
    assert (item.label, item.may_allow_more, item.until) == ("TIGHTENED", False, "")
    assert (item.where, item.note) == ("old0.yaml:6", "waiver withdrawn")


def test_a_waiver_that_lasts_longer_or_allows_more_is_loosened(
    compared: Compared, rules: Rules
) -> None:
    for old, new in ((waiver(500, until=EARLY), waiver(500)), (waiver(500), waiver(600))):
        (item,) = compared(waived(rules, old), waived(rules, new))
        assert (item.label, item.note) == ("LOOSENED", "changed waiver")
        (back,) = compared(waived(rules, new), waived(rules, old))
        assert back.label == "TIGHTENED"


def test_a_waiver_below_the_limit_tightens(compared: Compared, rules: Rules) -> None:
    (item,) = compared(waived(rules), waived(rules, waiver(50)))
    assert item.label == "TIGHTENED"


def test_of_several_waivers_the_tightest_counts(compared: Compared, rules: Rules) -> None:
    one = waived(rules, waiver(500))
    (same,) = compared(one, waived(rules, waiver(500), waiver(600, "symbol: AAPL, side: BUY")))
    assert (same.label, same.may_allow_more) == ("CHANGED", False)
    assert same.note == "no order gets another answer"
    (mixed,) = compared(one, waived(rules, waiver(500), waiver(200, "side: BUY")))
    assert (mixed.label, mixed.may_allow_more, mixed.may_stop_more) == ("CHANGED", True, True)
    two = waived(rules, waiver(500), waiver(200, "symbol: AAPL, side: BUY"))
    (gone,) = compared(two, one)
    assert gone.label == "LOOSENED"


def test_a_waiver_outside_its_rule_changes_nothing(compared: Compared, rules: Rules) -> None:
    narrow = SIZE.replace("max", "match: {symbol: MSFT}, max")
    (item,) = compared(waived(rules, rule=narrow), waived(rules, waiver(500), rule=narrow))
    assert (item.label, item.may_allow_more) == ("CHANGED", False)


def test_a_waiver_of_a_rule_in_shadow_changes_nothing(compared: Compared, rules: Rules) -> None:
    shadow = SIZE.replace("max", "mode: shadow, max")
    (item,) = compared(waived(rules, rule=shadow), waived(rules, waiver(500), rule=shadow))
    assert (item.may_allow_more, item.note) == (False, "the rule stops nothing: its mode is shadow")


def test_waivers_that_set_the_same_for_the_same_orders_do_not_differ(
    compared: Compared, rules: Rules
) -> None:
    old = waived(rules, waiver(500, "side: [BUY, SELL], symbol: [A, B]"), waiver(200, "tif: DAY"))
    new = waived(rules, waiver(200, "tif: DAY"), waiver(500, "symbol: [B, A]"))
    assert compared(old, new) == ()


def test_names_beyond_those_that_are_shown_count(compared: Compared, rules: Rules) -> None:
    many = ", ".join(f"S{number:02}" for number in range(30))
    old, new = (waived(rules, waiver(500, f"symbol: [{names}]")) for names in (many, f"{many}, X"))
    assert {item.label for item in compared(old, new)} >= {"LOOSENED"}


def test_lists_that_waivers_set_all_apply(compared: Compared, rules: Rules) -> None:
    rule = "{id: size, kind: permitted, symbols: [A]}"
    wide, other = (
        waiver(0, match).replace("max_quantity: 0", f"symbols: {words}")
        for match, words in (("side: BUY", "[A, B]"), ("tif: DAY", "[A, C]"))
    )
    (first,) = compared(waived(rules, rule=rule), waived(rules, wide, rule=rule))
    assert first.label == "LOOSENED"
    (second,) = compared(waived(rules, wide, rule=rule), waived(rules, wide, other, rule=rule))
    assert second.may_allow_more


def test_a_limit_and_its_waiver_are_told_apart(compared: Compared, rules: Rules) -> None:
    old = waived(rules, waiver(500))
    new = waived(rules, waiver(500), rule=SIZE.replace("100", "50"))
    (item,) = compared(old, new)
    assert (item.what, item.label) == ("max_quantity", "TIGHTENED")


@pytest.mark.slow
def test_waivers_too_tangled_to_compare_are_doubt(compared: Compared, rules: Rules) -> None:
    knots = [f"'*{letter}?????{letter}*'" for letter in "ABCDEFGHIJ"]
    old, new = (
        waived(rules, waiver(500, f"symbol: [{', '.join(items)}]")) for items in (knots, knots[1:])
    )
    assert [item.label for item in compared(old, new)] == ["CHANGED", "CHANGED"]
    assert all(item.may_allow_more for item in compared(old, new))


def test_a_waiver_of_a_limit_that_is_new_lets_nothing_through(
    compared: Compared, rules: Rules
) -> None:
    money = waiver(9).replace("max_quantity", "max_notional")
    both = SIZE.replace("100", "100, max_notional: 5")
    there = compared(waived(rules), waived(rules, money, rule=both))
    assert [(item.what, item.label) for item in there] == [
        ("max_notional", "ADDED"),
        ("waiver", "TIGHTENED"),
    ]
    back = compared(waived(rules, money, rule=both), waived(rules))
    assert [item.label for item in back] == ["REMOVED", "LOOSENED"]
