"""One rule before and after: limits, parameters, for whom, and what a breach does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.policy.diffing.conftest import Compared, Rules, Said

SIZE = "{id: size, kind: fat_finger, max_quantity: 100}"


def test_nothing_differs_in_what_means_the_same(said: Said, rules: Rules) -> None:
    old = rules(
        "groups: {mega: [AAPL, MSFT]}",
        "{id: size, kind: fat_finger, match: {symbol: '@mega'}, max_quantity: 100}",
        "{id: twice, kind: duplicate, window: 60s}",
    )
    new = rules(
        "description: the same",
        "{id: twice, kind: duplicate, max: 1, on_breach: deny, mode: enforce, window: 1m}",
        "{id: size, kind: fat_finger, max_quantity: 100.0, match: {symbol: [msft, aapl]},"
        " controls: [x]}",
    ).replace("mandate", "another reason")
    assert said(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("max_quantity: 100", "max_quantity: 1_500", "LOOSENED+ size max_quantity 100 -> 1,500"),
        ("max_quantity: 100", "max_quantity: 50", "TIGHTENED- size max_quantity 100 -> 50"),
        ("max_quantity: 9", "max_quantity: 9, max_notional: 5", "ADDED- size max_notional 5 USD"),
        ("max_quantity: 9, max_notional: 5", "max_quantity: 9", "REMOVED+ size max_notional 5 USD"),
        (
            "max_quantity: 9, both_sides: true",
            "max_quantity: 9",
            "LOOSENED+ size both_sides true -> false",
        ),
    ],
)
def test_a_limit_is_labelled(said: Said, rules: Rules, old: str, new: str, expected: str) -> None:
    before, after = (rules(f"{{id: size, kind: fat_finger, {limits}}}") for limits in (old, new))
    (line,) = said(before, after)
    assert line.startswith(expected)
    assert line.endswith("| every order")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[AAPL]", "[AAPL, MSFT]", "LOOSENED+ may symbols AAPL -> AAPL, MSFT | every order"),
        ("[AAPL, MSFT]", "[AAPL]", "TIGHTENED- may symbols AAPL, MSFT -> AAPL | every order"),
        ("[AAPL]", "[MSFT]", "CHANGED+- may symbols AAPL -> MSFT | every order"),
    ],
)
def test_a_list_of_what_is_permitted(
    said: Said, rules: Rules, old: str, new: str, expected: str
) -> None:
    before, after = (rules(f"{{id: may, kind: permitted, symbols: {word}}}") for word in (old, new))
    assert said(before, after) == [expected]


def test_a_list_of_what_is_restricted_goes_the_other_way(compared: Compared, rules: Rules) -> None:
    old, new = (
        rules(f"groups: {{never: [{words}]}}", "{id: no, kind: restricted, symbols: '@never'}")
        for words in ("GME, AMC", "GME")
    )
    (gone,) = compared(old, new)
    assert (gone.label, gone.note) == ("LOOSENED", "no longer AMC")
    (came,) = compared(new, old)
    assert (came.label, came.note) == ("TIGHTENED", "now also AMC")


def test_a_difference_says_where_it_stands_and_why_the_limit_is_there(
    compared: Compared, rules: Rules
) -> None:
    old = rules(SIZE)
    new = rules("{id: other, kind: duplicate, window: 1s}", SIZE.replace("100", "200"))
    item = next(item for item in compared(old, new) if item.subject == "desk/size")
    assert (item.where, item.because) == ("old0.yaml:6 -> new0.yaml:7", "mandate")
    assert (item.kind, item.unit) == ("fat_finger", "units")


def test_a_rule_that_is_narrowed_is_loosened_for_everybody_else(said: Said, rules: Rules) -> None:
    narrow = SIZE.replace("max", "match: {symbol: AAPL}, max")
    assert said(rules(SIZE), rules(narrow)) == [
        "LOOSENED+ size match every order -> symbol AAPL | symbol other than AAPL"
    ]
    assert said(rules(narrow), rules(SIZE)) == [
        "TIGHTENED- size match symbol AAPL -> every order | symbol other than AAPL"
    ]


def test_a_rule_that_moves_is_loosened_for_some_and_tightened_for_others(
    said: Said, rules: Rules
) -> None:
    old, new = (
        rules(SIZE.replace("max", f"match: {{symbol: {name}, side: BUY}}, max"))
        for name in ("[AAPL, MSFT]", "[MSFT, SAP]")
    )
    change = "match symbol AAPL, MSFT; side BUY -> symbol MSFT, SAP; side BUY"
    assert said(old, new) == [
        f"LOOSENED+ size {change} | symbol AAPL; side BUY",
        f"TIGHTENED- size {change} | symbol SAP; side BUY",
    ]


@pytest.mark.parametrize(
    ("old", "new", "who"),
    [
        ("{side: BUY}", "{side: BUY, symbol: '!AAPL'}", "symbol AAPL; side BUY"),
        ("{symbol: 'A*'}", "{symbol: AAPL}", "symbol A* (other than AAPL)"),
        ("{symbol: AAPL}", "{symbol: AAPL, side: BUY}", "side SELL; symbol AAPL"),
        ("{symbol: AAPL}", "{symbol: 'M*'}", "symbol AAPL"),
        (
            "{side: BUY}",
            "{tag: hedge, strategy: x}",
            "strategy other than x or tag other than hedge; side BUY",
        ),
        ("{symbol: ['*', '!SAP']}", "{symbol: 'A*'}", "symbol * but not SAP (other than A*)"),
    ],
)
def test_who_is_affected_is_told_in_names(
    compared: Compared, rules: Rules, old: str, new: str, who: str
) -> None:
    before, after = (rules(SIZE.replace("max", f"match: {keys}, max")) for keys in (old, new))
    assert compared(before, after)[0].who == who


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "mode: shadow, ", "LOOSENED+ size mode enforce -> shadow"),
        ("", "mode: off, ", "LOOSENED+ size mode enforce -> off"),
        ("mode: off, ", "", "TIGHTENED- size mode off -> enforce"),
        ("mode: off, ", "mode: shadow, ", "CHANGED size mode off -> shadow"),
        ("", "on_breach: hold, ", "LOOSENED+ size on_breach deny -> hold"),
        ("on_breach: warn, ", "on_breach: hold, ", "TIGHTENED- size on_breach warn -> hold"),
    ],
)
def test_what_a_breach_does(said: Said, rules: Rules, old: str, new: str, expected: str) -> None:
    before, after = (rules(SIZE.replace("kind", f"{words}kind")) for words in (old, new))
    assert said(before, after) == [f"{expected} | every order"]


def test_a_limit_of_a_rule_that_stops_nothing_is_no_loosening(
    compared: Compared, rules: Rules
) -> None:
    shadow = SIZE.replace("kind", "mode: shadow, kind")
    (item,) = compared(rules(shadow), rules(shadow.replace("100", "200")))
    assert (item.label, item.may_allow_more) == ("CHANGED", False)
    assert item.note == "the rule stops nothing: its mode is shadow"
    armed = compared(rules(shadow), rules(SIZE.replace("100", "200")))
    assert [(item.what, item.may_allow_more) for item in armed] == [
        ("mode", False),
        ("max_quantity", False),
    ]
    assert armed[1].note == "the rule stopped nothing before: its mode was shadow"
    softer = shadow.replace("max", "on_breach: warn, max")
    (item,) = compared(rules(shadow), rules(softer))
    assert (item.label, item.may_allow_more) == ("CHANGED", False)


def test_rules_that_come_and_go_are_told_limit_by_limit(said: Said, rules: Rules) -> None:
    more = "{id: more, kind: fat_finger, match: {side: BUY}, max_quantity: 9, max_notional: 7}"
    came = said(rules(SIZE), rules(SIZE, more))
    assert came == [
        "ADDED- more max_quantity 9 units | side BUY",
        "ADDED- more max_notional 7 USD | side BUY",
    ]
    gone = said(rules(SIZE, more), rules(SIZE))
    assert gone == [line.replace("ADDED-", "REMOVED+") for line in came]
    off = more.replace("kind", "mode: off, kind")
    assert said(rules(SIZE, off), rules(SIZE))[0].startswith("REMOVED more")


def test_a_rule_of_another_kind_is_another_rule(said: Said, rules: Rules) -> None:
    other = "{id: size, kind: position, max_long: 100}"
    labels = [line.split()[0] for line in said(rules(SIZE), rules(other))]
    assert labels == ["REMOVED+", "ADDED-"]


def test_a_renamed_rule_stops_what_it_stopped(said: Said, rules: Rules) -> None:
    renamed = SIZE.replace("id: size", "id: clip")
    assert said(rules(SIZE), rules(renamed)) == [
        "CHANGED clip id desk/size -> desk/clip | every order"
    ]
    lines = said(rules(SIZE), rules(renamed.replace("100", "200")))
    assert [line.split(" | ")[0] for line in lines] == [
        "LOOSENED+ clip max_quantity 100 -> 200 units",
        "CHANGED clip id desk/size -> desk/clip",
    ]


def test_two_rules_that_could_be_the_renamed_one_are_new_ones(said: Said, rules: Rules) -> None:
    both = (SIZE.replace("id: size", f"id: clip-{n}").replace("100", n) for n in ("200", "300"))
    labels = [line.split()[0] for line in said(rules(SIZE), rules(*both))]
    assert labels == ["REMOVED+", "ADDED-", "ADDED-"]


def test_limits_of_orders_that_only_one_side_asks_about_let_nothing_through(
    compared: Compared, rules: Rules
) -> None:
    old = SIZE.replace("max", "match: {symbol: AAPL}, max")
    new = SIZE.replace("max", "match: {symbol: MSFT}, max").replace("100", "200")
    limit = next(item for item in compared(rules(old), rules(new)) if item.what == "max_quantity")
    assert (limit.may_allow_more, limit.note) == (
        False,
        "no order is under this rule both before and after",
    )


@pytest.mark.parametrize(
    ("limits", "widens"),
    [
        ("max_age: 10s", False),
        ("max_age: 10m", True),
        ("require: [live]", False),
        ("require: [live, delayed]", True),
        ("deny_at_floor: true", False),
    ],
)
def test_a_rule_that_takes_older_or_other_prices_than_the_default_may_let_more_through(
    compared: Compared,
    rules: Rules,
    limits: str,
    widens: bool,  # noqa: FBT001  # the expectation
) -> None:
    def price(terms: str, mode: str = "enforce") -> str:
        return rules(SIZE, f"{{id: price, kind: reference_price, mode: {mode}, {terms}}}")

    came = compared(rules(SIZE), price(limits))
    armed = compared(price(limits, "shadow"), price(limits))
    more = compared(
        price("max_divergence_percent: 5"), price(f"max_divergence_percent: 5, {limits}")
    )
    widened = compared(price(f"match: {{side: BUY}}, {limits}"), price(limits))
    for found in (came, armed, more, widened):
        assert [item.may_allow_more for item in found] == [widens]
        assert found[0].may_stop_more
        assert ("for every rule of its orders" in found[0].note) is widens


def test_what_has_no_direction_counts_as_loosened(compared: Compared, rules: Rules) -> None:
    old, new = (
        rules(f"{{id: day, kind: daily_volume, counts: {word}, max_orders: 9}}")
        for word in ("executed", "submitted")
    )
    for one, other in ((old, new), (new, old)):
        (item,) = compared(one, other)
        assert (item.label, item.what, item.may_allow_more) == ("CHANGED", "counts", True)
        assert item.note == "which way this goes is not known; it counts as loosened"


def test_what_is_given_for_the_first_time_and_is_no_limit_is_doubt(
    said: Said, rules: Rules
) -> None:
    excused = SIZE.replace("max", "never_below_ticks: 3, max")
    assert said(rules(SIZE), rules(excused)) == [
        "CHANGED+- size never_below_ticks 3 ticks | every order"
    ]


@pytest.mark.slow
def test_selectors_too_tangled_to_compare_are_told_as_if_all_changed(
    said: Said, rules: Rules
) -> None:
    knots = [f"'*{letter}?????{letter}*'" for letter in "ABCDEFGHIJ"]
    old, new = (
        rules(SIZE.replace("max", f"match: {{symbol: [{', '.join(items)}]}}, max"))
        for items in (knots, knots[1:])
    )
    assert [line.split()[0] for line in said(old, new)] == ["LOOSENED+", "TIGHTENED-"]


def test_the_order_of_shocks_is_no_difference(said: Said, rules: Rules) -> None:
    old, new = (
        rules(f"{{id: bad-day, kind: stress, shocks: [{shocks}], max_loss: 9}}")
        for shocks in ("{percent: -10}, {percent: -20}", "{percent: -20}, {percent: -10}")
    )
    assert said(old, new) == []
    fewer = new.replace("{percent: -20}, ", "")
    assert said(new, fewer)[0].startswith("LOOSENED+ bad-day shocks percent -20, percent -10 ->")


def test_a_new_rule_in_shadow_stops_nothing(compared: Compared, rules: Rules) -> None:
    (item,) = compared(
        rules(SIZE), rules(SIZE, "{id: more, kind: fat_finger, mode: shadow, max_notional: 7}")
    )
    assert (item.label, item.may_stop_more) == ("ADDED", False)
    assert item.note == "it stops nothing: mode shadow"
