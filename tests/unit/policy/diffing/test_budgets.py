"""Budgets: `per` by what it splits, and sums by what they add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.policy.diffing.conftest import Compared, Rules, Said


def cap(per: str = "", match: str = "", kind: str = "position, max_long: 9") -> str:
    keys = (f"per: [{per}]" if per else "", f"match: {{{match}}}" if match else "", f"kind: {kind}")
    return f"{{id: cap, {', '.join(key for key in keys if key)}}}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("account, symbol", "symbol, account"),
        ("symbol", "symbol, underlying"),
        ("symbol, currency", "symbol, sec_type"),
    ],
)
def test_what_splits_alike_is_no_difference(said: Said, rules: Rules, old: str, new: str) -> None:
    assert said(rules(cap(old)), rules(cap(new))) == []


def test_splitting_what_has_one_name_is_no_difference(said: Said, rules: Rules) -> None:
    assert said(rules(cap("", "account: DU1")), rules(cap("account", "account: DU1"))) == []


def test_a_strategy_in_per_leaves_other_holdings_out(said: Said, rules: Rules) -> None:
    (line,) = said(rules(cap("", "strategy: x")), rules(cap("strategy", "strategy: x")))
    assert line == "LOOSENED+ cap per one budget -> strategy | strategy x"


def test_a_key_more_splits_a_budget_and_one_less_merges(said: Said, rules: Rules) -> None:
    whole, split = rules(cap("account")), rules(cap("account, symbol"))
    assert said(whole, split) == ["LOOSENED+ cap per account -> account, symbol | every order"]
    assert said(split, whole) == ["TIGHTENED- cap per account, symbol -> account | every order"]
    other = rules(cap("strategy"))
    assert said(whole, other) == ["CHANGED+- cap per account -> strategy | every order"]


def test_the_note_says_whose_budget_it_is(compared: Compared, rules: Rules) -> None:
    (item,) = compared(rules(cap("account")), rules(cap("strategy")))
    assert (
        item.note == "each strategy now has a budget of its own; one budget now for all of account"
    )


def test_a_sum_over_fewer_orders_leaves_more_room(said: Said, rules: Rules) -> None:
    wide, narrow = rules(cap("account", "symbol: [A, B]")), rules(cap("account", "symbol: A"))
    assert said(wide, narrow) == [
        "LOOSENED+ cap match symbol A, B -> symbol A | symbol B",
        "LOOSENED+ cap budget symbol A, B -> symbol A | symbol A",
    ]
    assert [line.split()[0] for line in said(narrow, wide)] == ["TIGHTENED-", "TIGHTENED-"]


def test_a_sum_that_is_split_by_the_key_does_not_care(said: Said, rules: Rules) -> None:
    wide, narrow = rules(cap("symbol", "symbol: [A, B]")), rules(cap("symbol", "symbol: A"))
    assert said(wide, narrow) == ["LOOSENED+ cap match symbol A, B -> symbol A | symbol B"]


def test_holdings_have_no_side(said: Said, rules: Rules) -> None:
    both, buys = rules(cap()), rules(cap("", "side: BUY"))
    assert said(both, buys) == ["LOOSENED+ cap match every order -> side BUY | side SELL"]
    rate = "message_rate, max: 5, window: 1s"
    lines = said(rules(cap(kind=rate)), rules(cap("", "side: BUY", rate)))
    assert [line.split()[2] for line in lines] == ["match", "budget"]


def test_orders_alike_are_counted_apart_by_what_makes_them_alike(said: Said, rules: Rules) -> None:
    twice = "duplicate, window: 5s"
    wide, narrow = (rules(cap("", match, twice)) for match in ("symbol: [A, B]", "symbol: A"))
    assert said(wide, narrow) == ["LOOSENED+ cap match symbol A, B -> symbol A | symbol B"]


def test_where_longs_offset_shorts_nobody_can_say(said: Said, rules: Rules) -> None:
    net = "exposure, max_net_long: 9"
    wide, narrow = rules(cap("account", kind=net)), rules(cap("account", "symbol: A", net))
    assert [line.split()[:3] for line in said(narrow, wide)] == [
        ["CHANGED+-", "cap", "budget"],
        ["TIGHTENED-", "cap", "match"],
    ]
    assert said(rules(cap(kind=net)), wide)[0].startswith("CHANGED+- cap per")


def test_what_makes_orders_alike_is_told_once(said: Said, rules: Rules) -> None:
    old, new = (
        rules(cap(kind=f"duplicate, window: 5s, same: [{w}]")) for w in ("side", "side, tif")
    )
    (line,) = said(old, new)
    assert line.startswith("LOOSENED+ cap same side -> side, tif")
