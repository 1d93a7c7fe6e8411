"""Which limits are said never to bind, and which are left alone because one cannot be sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.policy.lint.conftest import Found

BOTH = """rules:
  - {{id: one, kind: {one}, because: x}}
  - {{id: two, kind: {two}, because: x}}
"""


def pair(one: str, two: str) -> str:
    return BOTH.format(one=one, two=two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("fat_finger, max_quantity: 100", "fat_finger, max_quantity: 100"),
        ("fat_finger, max_quantity: 100", "fat_finger, max_quantity: 200"),
        ("fat_finger, max_quantity: 100", "fat_finger, max_quantity: 200, match: {symbol: A}"),
        ("fat_finger, max_quantity: 100", "fat_finger, max_quantity: 100, on_breach: warn"),
        ("fat_finger, max_quantity: 9, match: {symbol: A*}",
         "fat_finger, max_quantity: 9, match: {symbol: AB*}"),
        ("permitted, order_types: [LMT]", "permitted, order_types: [LMT, MKT]"),
        ("position, max_long: 9, per: [account, symbol]",
         "position, max_long: 10, per: [symbol, account], match: {symbol: A}"),
        ("position, max_long: 9, per: [account, symbol]",
         "position, max_long: 10, per: [account, symbol], match: {side: BUY, strategy: x}"),
        ("daily_volume, max_orders: 9, per: [strategy]",
         "daily_volume, max_orders: 9, per: [strategy], match: {strategy: [a, b]}"),
        ("duplicate, window: 5s", "duplicate, window: 5s, match: {symbol: A}"),
        ("restricted, symbols: [A, B*]", "restricted, symbols: [A, BC]"),
        ("permitted, outside_rth: false", "permitted, outside_rth: false, match: {symbol: A}"),
    ],
)  # fmt: skip
def test_a_limit_behind_another_never_binds(one: str, two: str, found: Found) -> None:
    lines = [line for line in found(pair(one, two)) if "RG302" in line]
    assert lines == ["desk.yaml:7 RG302"]
    lines = [line for line in found(pair(two, one)) if "RG302" in line]
    assert lines in (["desk.yaml:6 RG302"], ["desk.yaml:7 RG302"])


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("fat_finger, max_quantity: 100", "fat_finger, max_notional: 100"),
        ("fat_finger, max_quantity: 100, on_breach: warn", "fat_finger, max_quantity: 200"),
        ("fat_finger, max_quantity: 100, mode: shadow", "fat_finger, max_quantity: 200"),
        ("fat_finger, max_quantity: 100, mode: off", "fat_finger, max_quantity: 200"),
        ("fat_finger, max_quantity: 100, match: {symbol: A}", "fat_finger, max_quantity: 200"),
        ("fat_finger, max_deviation_percent: 1, both_sides: true",
         "fat_finger, max_deviation_percent: 2"),
        ("position, max_long: 9, per: [account]", "position, max_long: 10, per: [account, symbol]"),
        ("position, max_long_notional: 9, per: [account]",
         "position, max_long_notional: 10, per: [account], match: {symbol: A}"),
        ("daily_volume, max_orders: 9, per: [account]",
         "daily_volume, max_orders: 9, per: [account], match: {side: BUY}"),
        ("message_rate, max: 9, window: 1s", "message_rate, max: 10, window: 2s"),
        ("market_hours, calendar: XNYS", 'market_hours, calendar: XNYS, closed: ["09:30-09:45"]'),
        ("permitted, order_types: [LMT, STP]", "permitted, order_types: [LMT, MKT]"),
    ],
)  # fmt: skip
def test_a_limit_that_may_bind_is_left_alone(one: str, two: str, found: Found) -> None:
    assert not [line for line in found(pair(one, two)) if "RG302" in line]


def test_rules_of_another_policy_count_too(found: Found) -> None:
    size = "rules:\n  - {{id: a, kind: fat_finger, max_quantity: {0}, because: x}}\n"
    lines = found(size.format(200), size.format(100))
    assert lines == ["desk.yaml:6 RG302"]


def test_another_time_zone_is_another_limit(found: Found) -> None:
    day = (
        "day_starts: '{0}'\nrules:\n  - {{id: a, kind: daily_volume, max_orders: 9, because: x}}\n"
    )
    assert found(day.format("00:00"), day.format("17:00")) == []


def test_while_a_waiver_changes_a_rule_nothing_is_said_of_it(found: Found) -> None:
    waiver = """waivers:
  - {{rule: one, match: {{symbol: A}}, set: {{max_quantity: 300}}, until: {0},
     approved_by: m.ruiz, because: x}}
"""
    rules = pair("fat_finger, max_quantity: 100", "fat_finger, max_quantity: 200")
    assert found(rules + waiver.format("2026-06-01T00:00:00Z")) == []
    assert "desk.yaml:7 RG302" in found(rules + waiver.format("2026-01-01T00:00:00Z"))


def test_of_many_different_lists_the_first_alone_are_compared_with_each_other(found: Found) -> None:
    rules = [
        f"  - {{id: r{i}, kind: restricted, symbols: [S{i}], because: x}}\n" for i in range(40)
    ]
    again = ("  - {{id: again, kind: restricted, symbols: [S{0}], because: x}}\n").format
    alone = ("rules:\n", *rules)
    assert found("".join((*alone, again(31)))) == ["desk.yaml:46 RG302"]
    assert found("".join((*alone, again(32)))) == []
