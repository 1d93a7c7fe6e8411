"""One step in each direction, for every type of parameter; nothing that a policy cannot hold."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import get_args

import pytest

from riskgate.rulekit.matching import names
from riskgate.rulekit.nudges import DOWN, UP, Evidence, nudges
from riskgate.rulekit.parameters import (
    Calendar,
    Choice,
    Duration,
    Edges,
    Flag,
    Margins,
    Number,
    ParameterType,
    Shocks,
    TimeOfDay,
    Window,
    Windows,
    Words,
    count,
    money,
    percent,
    price,
    quantity,
    ticks,
)
from riskgate.rulekit.tallies import Shock

NOTHING = Evidence()
FUTURES = Evidence(
    lots=frozenset({Decimal(1)}),
    ticks=frozenset({Decimal("0.25"), Decimal("0.5")}),
    worths=frozenset({Decimal("12.5"), Decimal(5)}),
)


def values(type_: ParameterType, value: object, seen: Evidence = NOTHING) -> dict[str, object]:
    """What each nudge may become, by how it is nudged."""
    return {nudge.how: nudge.values for nudge in nudges(type_, value, seen)}


@pytest.mark.parametrize(
    ("type_", "value", "down", "up"),
    [
        (quantity(), "100", "99", "101"),
        (money(), "100", "99.99", "100.01"),
        (percent(), "5", "4.99", "5.01"),
        (ticks(), "40", "39", "41"),
        (count(), "3", "2", "4"),
    ],
)
def test_a_number_moves_by_its_step(type_: Number, value: str, down: str, up: str) -> None:
    found = values(type_, Decimal(value))
    assert found == {DOWN: (Decimal(down),), UP: (Decimal(up),)}


@pytest.mark.parametrize(
    ("type_", "up"),
    [
        (quantity(), ("101",)),
        (price(), ("100.25", "100.5")),
        (money(), ("100.01", "105", "112.5")),
        (percent(), ("100.01",)),
    ],
)
def test_what_is_traded_says_how_small_a_step_can_be(type_: Number, up: tuple[str, ...]) -> None:
    found = values(type_, Decimal(100), FUTURES)
    assert found[UP] == tuple(Decimal(value) for value in up)


def test_what_is_shown_is_the_largest_step_that_was_tried() -> None:
    shown = {nudge.how: nudge.shown for nudge in nudges(money(), Decimal(50_000), FUTURES)}
    assert shown == {DOWN: "49,987.50", UP: "50,012.50"}


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (quantity(), Decimal(0)),
        (Number(whole=True, least=1, step=Decimal(1)), Decimal(1)),
        (Duration(), timedelta(milliseconds=1)),
        (TimeOfDay(), time(0, 0)),
    ],
)
def test_below_the_least_value_there_is_no_nudge(type_: ParameterType, value: object) -> None:
    assert list(values(type_, value)) == [UP]


def test_money_below_one_tick_is_nudged_down_by_a_cent_alone() -> None:
    assert values(money(), Decimal(1), FUTURES)[DOWN] == (Decimal("0.99"),)


def test_a_duration_moves_by_a_millisecond() -> None:
    found = values(Duration(), timedelta(seconds=5))
    assert found == {DOWN: (timedelta(seconds=4.999),), UP: (timedelta(seconds=5.001),)}


def test_a_time_of_day_moves_by_a_second_and_not_over_midnight() -> None:
    found = values(TimeOfDay(), time(9, 30))
    assert found == {DOWN: (time(9, 29, 59),), UP: (time(9, 30, 1),)}
    assert list(values(TimeOfDay(), time(23, 59, 59))) == [DOWN]


def test_both_edges_of_every_window_move() -> None:
    windows = (Window(time(16), time(17)), Window(time(23), time(0)))
    shown = [(nudge.how, nudge.shown) for nudge in nudges(Windows(), windows, NOTHING)]
    assert shown == [
        (f"start {DOWN}", "15:59:59-17:00"),
        (f"start {UP}", "16:00:01-17:00"),
        (f"end {DOWN}", "16:00-16:59:59"),
        (f"end {UP}", "16:00-17:00:01"),
        (f"start {DOWN}", "22:59:59-00:00"),
        (f"start {UP}", "23:00:01-00:00"),
        (f"end {DOWN}", "23:00-23:59:59"),
        (f"end {UP}", "23:00-00:00:01"),
    ]


def test_an_edge_inside_another_window_does_not_count() -> None:
    halves = (Window(time(0), time(12)), Window(time(12), time(0)))
    hows = [nudge.how for nudge in nudges(Windows(), halves, NOTHING)]
    assert hows == [f"start {UP}", f"end {DOWN}", f"start {UP}", f"end {DOWN}"]


def test_a_window_never_becomes_empty() -> None:
    second = (Window(time(12), time(12, 0, 1)),)
    hows = [nudge.how for nudge in nudges(Windows(), second, NOTHING)]
    assert hows == [f"start {DOWN}", f"end {UP}"]


def test_only_the_edges_that_are_kept_clear_move() -> None:
    found = nudges(Edges(), Margins(after_open=timedelta(minutes=1)), NOTHING)
    assert [(nudge.how, nudge.shown) for nudge in found] == [
        (DOWN, "after_open 59.999s"),
        (UP, "after_open 60.001s"),
    ]
    assert found[0].values == (Margins(after_open=timedelta(seconds=59.999)),)


def test_a_flag_flips_and_one_that_can_only_be_set_is_left_out() -> None:
    assert values(Flag(), value=True) == {"flipped": (False,)}
    assert values(Flag(only=False), value=False) == {"left out": (None,)}


def test_a_choice_becomes_every_other_one() -> None:
    found = nudges(Choice(("account", "strategy", "firm")), "firm", NOTHING)
    assert [nudge.values for nudge in found] == [("account",), ("strategy",)]


def test_every_word_of_a_list_is_left_out_and_any_other_is_added() -> None:
    found = nudges(Words(), names(("AAPL", "MSFT", "!GM*")), NOTHING)
    assert [(nudge.how, nudge.shown) for nudge in found] == [
        ("left out", "AAPL"),
        ("left out", "MSFT"),
        ("left out", "!GM*"),
        ("added", "any other word"),
    ]
    (without,) = found[0].values
    (wider,) = found[-1].values
    assert without == names(("MSFT", "!GM*"))
    assert wider == names(("AAPL", "MSFT", "!GM*", "*"))


def test_a_list_never_becomes_empty() -> None:
    assert list(values(Words(), names(("AAPL",)))) == ["added"]


@pytest.mark.parametrize("items", [("A*", "AAPL"), ("MSFT", "!GME")])
def test_a_word_that_changes_nothing_is_not_left_out(items: tuple[str, ...]) -> None:
    shown = [nudge.shown for nudge in nudges(Words(), names(items), NOTHING)]
    assert items[1] not in shown


@pytest.mark.parametrize(
    ("breached", "added"),
    [
        ((), ("SELL", "SHORT")),
        (("SELL",), ("SELL",)),
        (("closed",), ()),
    ],
)
def test_a_list_of_given_words_takes_those_that_breached_else_any(
    breached: tuple[str, ...], added: tuple[str, ...]
) -> None:
    seen = Evidence(words=frozenset(breached))
    found = values(Words(("BUY", "SELL", "SHORT")), names(("BUY",)), seen)
    assert found.get("added", ()) == tuple(names(("BUY", word)) for word in added)


def test_every_shock_is_a_hundredth_larger_and_smaller() -> None:
    shocks = (Shock(amount=Decimal(-10)), Shock(percent=Decimal("0.01"), symbols=names(("CL",))))
    found = nudges(Shocks(), shocks, NOTHING)
    assert [(nudge.how, nudge.shown) for nudge in found] == [
        (DOWN, "-10.01 on everything"),
        (UP, "-9.99 on everything"),
        (UP, "+0.02 % on CL"),
    ]
    assert found[0].values == ((Shock(amount=Decimal("-10.01")), shocks[1]),)


def test_a_calendar_has_no_neighbour() -> None:
    assert nudges(Calendar(), "XNYS", NOTHING) == ()


def test_every_type_of_parameter_is_thought_of() -> None:
    examples = {
        Number: Decimal(5),
        Duration: timedelta(seconds=5),
        TimeOfDay: time(9, 30),
        Flag: True,
        Choice: "a",
        Words: names(("a", "b")),
        Windows: (Window(time(16), time(17)),),
        Edges: Margins(timedelta(minutes=1)),
        Shocks: (Shock(amount=Decimal(-10)),),
    }
    for type_ in set(get_args(ParameterType)) - {Calendar}:
        made = type_(("a", "b")) if type_ is Choice else type_()
        assert nudges(made, examples[type_], NOTHING)
