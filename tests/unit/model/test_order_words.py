"""The structured words of a line: what they say, and what is said of those that say nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from riskgate.model.instructions import (
    Adjustment,
    Algo,
    Condition,
    ConditionKind,
    Leg,
    TriggerMethod,
)
from riskgate.model.order_words import (
    READERS,
    Unread,
    moment,
    read_adjustment,
    read_algo,
    read_conditions,
    read_legs,
    written_adjustment,
    written_algo,
    written_conditions,
    written_legs,
)

TWO = Decimal(2)


def test_an_algo_is_its_name_and_its_parameters_whose_values_may_hold_blanks() -> None:
    words = "Twap strategyType=Matching Same Side allowPastEndTime=1"
    algo = read_algo(words)
    assert algo == Algo("Twap", (("strategyType", "Matching Same Side"), ("allowPastEndTime", "1")))
    assert written_algo(algo) == words
    assert read_algo("Vwap") == Algo("Vwap")


def test_legs_stand_apart_by_commas() -> None:
    legs = read_legs("buy 1 #265598@smart,SELL 2 es.fut@cme")
    assert legs == (Leg("BUY", 1, "#265598@SMART"), Leg("SELL", 2, "ES.FUT@CME"))
    assert written_legs(legs) == "BUY 1 #265598@SMART, SELL 2 ES.FUT@CME"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("at 195 to STP 2", {"order_type": "STP", "stop_price": TWO}),
        ("at 195 to STP_LMT 2 3", {"stop_price": TWO, "limit_price": Decimal(3)}),
        ("at 195 to TRAIL 2%", {"order_type": "TRAIL", "trail_percent": TWO}),
        ("at 195 to TRAIL 2 from 3", {"trail_amount": TWO, "stop_price": Decimal(3)}),
        ("at 195 to TRAIL_LMT 2% 3", {"trail_percent": TWO, "limit_price": Decimal(3)}),
    ],
)
def test_an_adjustment_says_when_and_what_a_stop_becomes(
    words: str, expected: dict[str, object]
) -> None:
    found = read_adjustment(words)
    assert found.trigger_price == 195
    assert {name: getattr(found, name) for name in expected} == expected
    assert written_adjustment(found) == words
    assert read_adjustment(words.upper()) == found


def test_conditions_hold_together_by_and_and_by_or() -> None:
    at = datetime(2026, 3, 5, 20, tzinfo=UTC)
    found = (
        Condition(ConditionKind.PRICE, "AAPL", TWO, method=TriggerMethod.LAST),
        Condition(ConditionKind.TIME, at=at, also=False),
        Condition(ConditionKind.MARGIN, level=Decimal(30), rises=False),
        Condition(ConditionKind.EXECUTION, "AAPL.STK@SMART"),
    )
    words = (
        "price AAPL >= 2 last & time >= 2026-03-05T20:00:00+00:00 |"
        " margin <= 30 & execution AAPL.STK@SMART"
    )
    assert read_conditions(words) == found
    assert written_conditions(found) == words
    assert read_conditions("PRICE aapl >= 2 LAST") == found[:1]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("algo", ""),
        ("algo", "maxPctVol=0.1"),
        ("algo", "Vwap 0.1"),
        ("legs", ""),
        ("legs", "BUY 1 AAPL,"),
        ("legs", "HOLD 1 AAPL"),
        ("legs", "BUY -1 AAPL"),
        ("legs", "BUY 12345678901 AAPL"),
        ("adjusts", ""),
        ("adjusts", "at 195 to MKT"),
        ("adjusts", "at much to STP 190"),
        ("adjusts", "at 195 to STP"),
        ("adjusts", "at 195 to STP 190 191"),
        ("adjusts", "at 195 to STP 190 from 191"),
        ("adjusts", "at 195 to STP from 191"),
        ("adjusts", "at 195 to TRAIL two"),
        ("adjusts", "at 195 to TRAIL 2% from x"),
        ("conditions", ""),
        ("conditions", "price"),
        ("conditions", "price AAPL"),
        ("conditions", "price AAPL >= much"),
        ("conditions", "price AAPL > 190"),
        ("conditions", "price AAPL >= 190 first"),
        ("conditions", "price AAPL >= 190 last last"),
        ("conditions", "price AAPL >= 190 &"),
        ("conditions", "| margin <= 30"),
        ("conditions", "margin 30"),
        ("conditions", "margin"),
        ("conditions", "time >= noon"),
        ("conditions", "time"),
        ("conditions", "time = 2026-03-05T20:00:00+00:00"),
        ("conditions", "execution"),
        ("conditions", "execution AAPL now"),
        ("conditions", "weather >= 20"),
    ],
)
def test_words_that_say_nothing_are_told_what_they_should_be(key: str, words: str) -> None:
    with pytest.raises(Unread, match=r"found `|is no plain number"):
        READERS[key](words)


@pytest.mark.parametrize("word", ["noon", "2026-03-05", "2026-03-05T16:00:00"])
def test_a_moment_needs_its_offset(word: str) -> None:
    assert moment(word) is None


def test_whatever_is_of_its_types_can_be_written() -> None:
    odd = Adjustment(Decimal("NaN"), "MKT", TWO, TWO, TWO, TWO)
    assert written_adjustment(odd) == "at NaN to MKT 2 2% 2 from 2"
    assert written_conditions([Condition(ConditionKind.PRICE)]) == "price >="
    assert written_conditions([]) == written_legs([]) == ""
