"""Looks in one row: asked in turn, each with its own numbers, and with code that rows share."""

from __future__ import annotations

import warnings
from types import FunctionType

import pytest

from riskgate.policy.row import Look, Step, row
from riskgate.rulekit.surely import Shortcut, shortcut


def two(first: int, second: int) -> Look:
    low, high = shortcut("order >= limit", limit=first), shortcut("order <= limit", limit=second)
    return row((Step(low), Step(high, Shortcut("'above'"))), Shortcut("'inside'"))


def test_each_look_has_its_own_numbers_under_the_same_name() -> None:
    inside = two(3, 5)
    assert [inside(number, None) for number in (2, 3, 5, 6)] == [None, "inside", "inside", "above"]


def test_rows_written_alike_share_their_code_and_not_their_numbers() -> None:
    first, second = two(3, 5), two(0, 9)
    assert (first(1, None), second(1, None)) == (None, "inside")
    assert isinstance(first, FunctionType)
    assert isinstance(second, FunctionType)
    assert first.__code__.co_code == second.__code__.co_code


def test_what_a_look_sets_can_be_used_by_those_after_it() -> None:
    made = row((Step(shortcut("(size := order + more) > 0", more=1)),), Shortcut("size"))
    assert made(4, None) == 5


def test_a_name_that_is_not_bound_is_refused_and_never_something_of_the_program() -> None:
    for text in ("open", "order is open", "order and open", "order in (open, order)"):
        with pytest.raises(ValueError, match="open of look 0"):
            row((), Shortcut(text))


@pytest.mark.parametrize(
    "text",
    [
        *("flag", "not flag", "flag or order > 9", "order and flag", "order if flag else 9"),
        *("order in (one, two)", "order not in [one, two]", "order not in {one, two}"),
        *("order == pair[0]", "order in pair[0:two]", "(flag, one)", "one if order else two"),
        *("two * two", "two * -1", "-two", "one + two", "two % one", "(two, one) == pair"),
        *("(pair + pair)[two]", "not (flag or one)", "(one if flag else two) == order"),
        *("order == named.real", "order in pair", "max(one, two) == order", "flag is order"),
        *("(it := flag) or it", "one < order < two", "f'{one}' == word", "word * two"),
    ],
)
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_python_counts_with_what_is_bound_and_never_with_the_word_for_it(
    text: str, order: int
) -> None:
    for flag in (True, False, 0, 1, ""):
        cells = {"flag": flag, "one": 1, "two": 2, "pair": (2, 3), "named": 3, "word": "1"}
        meant = eval(text, {"order": order, "max": max, **cells})  # the texts above
        assert row((), shortcut(text, max=max, **cells))(order, None) == meant
        passed = row((Step(shortcut(text, max=max, **cells)),), Shortcut("True"))(order, None)
        assert bool(passed) is bool(meant)


def test_a_function_in_an_expression_is_refused() -> None:
    for text in ("(lambda: order == one)()", "all(order > it for it in one)"):
        with pytest.raises((ValueError, SyntaxError)):
            row((), shortcut(text, one=1, all=all))


def test_nobody_is_warned_of_words_that_stand_for_what_is_bound() -> None:
    text = "order is it and kind(order) is other_than_any_other_test"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = row(
            (Step(shortcut(text, it=1, kind=type, other_than_any_other_test=int)),), Shortcut("1")
        )
    assert made(1, None) == 1


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(SyntaxError):
        row((Step(Shortcut("return 1")),), Shortcut("1"))
