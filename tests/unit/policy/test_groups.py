"""Groups: what `@name` stands for, and what cannot stand."""

from __future__ import annotations

import pytest

from riskgate.policy.groups import GroupFault, Groups, blank_fault


def test_a_group_stands_for_its_items_each_once() -> None:
    groups = Groups({"mega": ["AAPL", "MSFT"], "one": "NVDA"})
    assert groups.spread(["AAPL", "@mega", "@one"]) == (("AAPL", "MSFT", "NVDA"), ())
    assert groups.spread("@one") == (("NVDA",), ())
    assert groups.spread(None) == ((), ())


def test_a_negated_group_negates_each_item() -> None:
    groups = Groups({"mega": ["AAPL", "!MSFT"], "more": ["!@mega", "X*"]})
    assert groups.spread("!@mega") == (("!AAPL", "MSFT"), ())
    assert groups.spread("@more") == (("!AAPL", "MSFT", "X*"), ())


def test_an_unknown_group_is_reported_with_what_was_probably_meant() -> None:
    groups = Groups({"mega-caps": ["AAPL"]})
    words, problems = groups.spread(["@mega-cap", "!@nobody"])
    assert words == ()
    assert problems == (
        "no group `mega-cap` in this file (did you mean `mega-caps`?)",
        "no group `nobody` in this file",
    )


def test_what_is_wrong_inside_a_group_is_said_at_the_group_alone() -> None:
    groups = Groups({"a": ["AAPL", "@nobody"]})
    assert list(groups.problems()) == [GroupFault("a", 1, "no group `nobody` in this file")]
    assert groups.spread("@a") == (("AAPL",), ())


def test_groups_in_a_circle_are_each_told_so() -> None:
    groups = Groups({"a": ["@b"], "b": ["X", "@c"], "c": ["@a"], "d": ["@a"]})
    assert [(fault.name, fault.place, fault.text) for fault in groups.problems()] == [
        ("a", None, "group `a` holds itself"),
        ("b", None, "group `b` holds itself"),
        ("c", None, "group `c` holds itself"),
    ]


def test_groups_within_groups_cost_no_more_than_their_items() -> None:
    deep = {f"g{n}": [f"@g{n - 1}", f"!@g{n - 1}"] for n in range(1, 200)} | {"g0": ["A"]}
    assert Groups(deep).spread("@g199") == (("A", "!A"), ())


def test_items_that_can_match_nothing_are_refused() -> None:
    problems = Groups({}).spread(["", "!", "!!A", " B", "C"])[1]
    assert problems == (
        "`` names nothing; write a name",
        "`!` names nothing; write a name after `!`",
        "`!!A` negates twice; write `A` or `!A`",
        "` B` has blanks around its name, so it matches nothing; remove them",
    )


def test_several_names_written_as_one_are_told_how_to_part() -> None:
    problems = Groups({}).spread(["GME, AMC", "A,B,C", "A,", ",", "1,2,3,4,5"])[1]
    assert problems == (
        "`GME, AMC` is one name; write `[GME, AMC]` for two",
        "`A,B,C` is one name; write `[A, B, C]` for three",
        "`A,` holds a comma, so it matches nothing; write `A`",
        "`,` names nothing; write a name",
        "`1,2,3,4,5` is one name; write `[1, 2, 3, 4, 5]` for several",
    )


def test_a_word_that_names_a_group_is_told_of_its_at() -> None:
    groups = Groups({"tech": ["AAPL"]})
    assert groups.meant("Tech") == (
        '`Tech` is the name of a group; write `"@tech"` for its members'
    )
    assert groups.meant("!TECH") is not None
    assert groups.meant("@tech") is None
    assert groups.meant("technology") is None


def test_a_group_may_hold_a_symbol_that_is_its_own_name() -> None:
    groups = Groups({"es": ["ES", "MES"], "all": ["es"]})
    assert [(fault.name, fault.code) for fault in groups.problems()] == [("all", "RG212")]


@pytest.mark.parametrize("word", ["BRK B", "brk b", "!BF B", "BAC PRL", "ABC WS", "BRK *", "AAPL"])
def test_a_symbol_may_have_a_suffix_after_a_blank(word: str) -> None:
    assert blank_fault(word, "symbol") is None
    assert blank_fault(word, "underlying") is None


@pytest.mark.parametrize("word", ["AAPL MSFT", "BRK  B", "A B C", "not AAPL", "ABCDEFG B"])
def test_other_symbols_hold_no_blank(word: str) -> None:
    assert blank_fault(word, "symbol") is not None


def test_the_names_that_people_make_up_may_hold_blanks_and_venues_may_not() -> None:
    for key in ("strategy", "account", "tag"):
        assert blank_fault("mean reversion", key) is None
    assert blank_fault("SMART B", "exchange") == (
        "`SMART B` is one name; write `[SMART, B]` for two"
    )
