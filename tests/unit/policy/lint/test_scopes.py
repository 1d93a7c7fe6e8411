"""What selectors can match: every yes is certain, and the plain cases are seen."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.policy.lint.nearby import Nearby
from riskgate.policy.lint.scopes import Scope, apart, contains, contradiction, meet, scope
from riskgate.policy.selectors import selector

ITEMS = st.builds(
    str.__add__, st.sampled_from(["", "!"]), st.text(alphabet="AB*?", min_size=1, max_size=3)
)
LISTS = st.lists(ITEMS, min_size=1, max_size=3).map(tuple)
KEYS = st.dictionaries(st.sampled_from(["symbol", "account"]), LISTS, max_size=2)
NAMES = ["".join(letters) for size in range(5) for letters in product("AB", repeat=size)]


def asks(**keys: str) -> Scope:
    return scope(selector({key: tuple(words.split()) for key, words in keys.items()}))


def takes(of: Scope, key: str) -> set[str]:
    """The names of a small world that a scope takes for a key."""
    if key in of.words:
        return set(of.words[key])
    return {name for name in NAMES if all(name in part for part in of.loose.get(key, ()))}


@pytest.mark.slow
@given(KEYS, KEYS)
def test_what_is_said_to_contain_contains(
    one: dict[str, tuple[str, ...]], other: dict[str, tuple[str, ...]]
) -> None:
    wide, narrow = scope(selector(one)), scope(selector(other))
    if contains(wide, narrow):
        for key in ("symbol", "account"):
            assert takes(narrow, key) <= takes(wide, key)
        assert "found" in Nearby([(wide, "found")]).containing(narrow) or contradiction(narrow)


@given(KEYS, KEYS)
def test_what_is_said_to_be_apart_shares_no_order(
    one: dict[str, tuple[str, ...]], other: dict[str, tuple[str, ...]]
) -> None:
    first, second = scope(selector(one)), scope(selector(other))
    key = apart(first, second)
    if key is None:
        assert "found" in Nearby([(first, "found")]).meeting(second)
    else:
        assert not takes(first, key) & takes(second, key)


@given(KEYS, KEYS)
def test_what_is_said_to_meet_shares_a_name_for_every_key(
    one: dict[str, tuple[str, ...]], other: dict[str, tuple[str, ...]]
) -> None:
    first, second = scope(selector(one)), scope(selector(other))
    if meet(first, second):
        for key in ("symbol", "account"):
            shared = takes(first, key) & takes(second, key)
            assert shared or not takes(first, key) or not takes(second, key)


@given(LISTS, LISTS)
def test_what_is_said_to_contradict_itself_takes_nothing(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    both = scope(selector({"symbol": one}), selector({"symbol": other}))
    if contradiction(both) is not None:
        assert takes(both, "symbol") == set()


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (asks(), asks(symbol="A")),
        (asks(symbol="A B"), asks(symbol="A")),
        (asks(symbol="A*"), asks(symbol="AB AC")),
        (asks(symbol="A*"), asks(symbol="AB*")),
        (asks(symbol="!B"), asks(symbol="A*")),
        (asks(symbol="!B*"), asks(symbol="A*")),
        (asks(symbol="!B"), asks(symbol="!B !C")),
        (asks(side="BUY SELL"), asks()),
        (asks(sec_type="STK ETF"), asks(sec_type="STK", symbol="A")),
        (asks(symbol="A*"), asks(symbol="A*", account="X")),
    ],
)
def test_plain_cases_of_containing_are_seen(wide: Scope, narrow: Scope) -> None:
    assert contains(wide, narrow)
    assert wide == narrow or not contains(narrow, wide) or wide.identity == narrow.identity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (asks(symbol="A"), asks(symbol="B")),
        (asks(symbol="A*"), asks(symbol="BA BB")),
        (asks(symbol="A*"), asks(symbol="B*")),
        (asks(symbol="*A"), asks(symbol="*B")),
        (asks(symbol="!A*"), asks(symbol="AB*")),
        (asks(side="BUY"), asks(side="!BUY")),
        (asks(sec_type="STK", symbol="A"), asks(sec_type="OPT", account="X")),
    ],
)
def test_plain_cases_of_being_apart_are_seen(one: Scope, other: Scope) -> None:
    assert apart(one, other) is not None
    assert apart(other, one) is not None
    assert not meet(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (asks(symbol="A"), asks(account="X")),
        (asks(symbol="A B"), asks(symbol="B C")),
        (asks(symbol="A*"), asks(symbol="AB*")),
    ],
)
def test_plain_cases_of_meeting_are_seen(one: Scope, other: Scope) -> None:
    assert meet(one, other)
    assert apart(one, other) is None


@pytest.mark.parametrize(
    "of",
    [
        asks(symbol="A !A"),
        asks(symbol="A* !A*"),
        asks(symbol="!*"),
        asks(side="!BUY !SELL"),
        scope(selector({"account": ("X",)}), selector({"account": ("Y",)})),
        scope(selector({"symbol": ("A*",)}), selector({"symbol": ("B*",)})),
    ],
)
def test_contradictions_are_seen(of: Scope) -> None:
    assert contradiction(of) is not None


def test_names_that_a_pattern_does_not_take_are_not_contained() -> None:
    assert not contains(asks(symbol="A*"), asks(symbol="AB B"))
    assert not contains(asks(symbol="A*"), asks(account="X"))


def test_a_list_of_all_sides_is_no_restriction() -> None:
    assert asks(side="BUY SELL") == Scope()


def test_what_asks_for_any_name_may_meet_whatever_is_filed_by_one() -> None:
    filed = Nearby([(asks(symbol="A"), "a"), (asks(symbol="B*"), "b"), (asks(account="X"), "x")])
    assert set(filed.meeting(asks(symbol="B"))) == {"b", "x"}
    assert set(filed.meeting(asks(strategy="s"))) == {"a", "b", "x"}
