"""Which way a parameter went."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

import pytest

from riskgate.policy.diffing.phrases import shown
from riskgate.policy.diffing.values import Way, way
from riskgate.rulekit.base import Parameter
from riskgate.rulekit.matching import names
from riskgate.rulekit.parameters import Edges, Margins, Number, Window, Windows, Words
from riskgate.rulekit.tallies import Shock

NOON, ONE, TWO = time(12), time(13), time(14)


def numbered(tighter: str | None) -> Parameter:
    return Parameter(Number(), "", tighter=tighter)


@pytest.mark.parametrize(
    ("tighter", "old", "new", "expected"),
    [
        ("lower", 1, 2, Way.ALLOWS),
        ("lower", 2, 1, Way.STOPS),
        ("higher", 1, 2, Way.STOPS),
        ("higher", True, False, Way.ALLOWS),
        ("higher", 2, 1, Way.ALLOWS),
        (None, 1, 2, Way.BOTH),
        (None, 1, 1, Way.NONE),
    ],
)
def test_what_has_a_size_goes_by_size(tighter: str, old: int, new: int, expected: Way) -> None:
    assert way(numbered(tighter), old, new) is expected


@pytest.mark.parametrize(
    ("old", "new", "fewer"),
    [
        ("AAPL MSFT", "MSFT AAPL", Way.NONE),
        ("AAPL", "AAPL MSFT", Way.ALLOWS),
        ("A*", "AAPL", Way.STOPS),
        ("AAPL", "MSFT", Way.BOTH),
        ("AAPL A*", "A*", Way.NONE),
        ("!AAPL", "!AAPL !MSFT", Way.STOPS),
    ],
)
def test_a_list_goes_by_what_it_holds(old: str, new: str, fewer: Way) -> None:
    swapped = {Way.ALLOWS: Way.STOPS, Way.STOPS: Way.ALLOWS}
    before, after = (names(tuple(text.split())) for text in (old, new))
    assert way(Parameter(Words(), "", tighter="fewer"), before, after) is fewer
    assert way(Parameter(Words(), "", tighter="more"), before, after) is swapped.get(fewer, fewer)
    doubt = Way.BOTH if fewer else Way.NONE
    assert way(Parameter(Words(), ""), before, after) is doubt


def test_a_list_of_few_options_is_compared_by_those() -> None:
    sessions = Parameter(Words(("pre", "regular")), "", tighter="fewer")
    assert way(sessions, names(("pre", "regular")), names(("!post",))) is Way.NONE


def test_windows_go_by_the_time_that_they_cover() -> None:
    closed = Parameter(Windows(), "", tighter="more")
    whole, halves = (Window(NOON, TWO),), (Window(ONE, TWO), Window(NOON, ONE))
    assert way(closed, whole, halves) is Way.NONE
    assert way(closed, whole, halves[:1]) is Way.ALLOWS
    assert way(closed, halves[:1], (Window(TWO, NOON),)) is Way.BOTH
    assert way(closed, (Window(time(0), TWO),), (Window(time(22), TWO),)) is Way.STOPS


def test_a_value_with_parts_goes_by_each_of_them() -> None:
    edges = Parameter(Edges(), "", tighter="higher")
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    assert way(edges, Margins(minute, minute), Margins(hour, minute)) is Way.STOPS
    assert way(edges, Margins(minute, hour), Margins(hour, minute)) is Way.BOTH


def test_a_tuple_of_things_goes_by_what_it_holds() -> None:
    shocks = Parameter(Words(), "", tighter="more")
    small, large = Shock(percent=Decimal(-10)), Shock(percent=Decimal(-20))
    assert way(shocks, (small, large), (large, small)) is Way.NONE
    assert way(shocks, (small, large), (large,)) is Way.ALLOWS


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (Decimal(15000), "15,000"),
        (timedelta(seconds=90), "90s"),
        (timedelta(hours=1), "1h"),
        (timedelta(milliseconds=500), "500ms"),
        (timedelta(microseconds=1500), "1.5ms"),
        (timedelta(0), "0s"),
        (names(("B", "A", "!C*")), "A, B, !C*"),
        (names(tuple("ABCDEFGHIJ")), "A, B, C, D, E, F, G, H and 2 more"),
        ((Window(NOON, ONE),), "12:00-13:00"),
        (Margins(timedelta(minutes=1)), "after_open 1m, before_close 0s"),
        ((Shock(percent=Decimal(-20)),), "percent -20"),
        ("submitted", "submitted"),
    ],
)
def test_values_are_shown_as_people_write_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_lists_too_tangled_to_compare_are_doubt() -> None:
    knots = tuple(f"*{letter}?????{letter}*" for letter in "ABCDEFGHIJ")
    fewer = Parameter(Words(), "", tighter="fewer")
    assert way(fewer, names(knots), names(knots[1:])) is Way.BOTH
