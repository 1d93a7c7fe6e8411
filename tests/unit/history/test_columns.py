"""What a column's values may be: each passes as just what it is, or is a fault in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from riskgate.history.columns import LONGEST_SHOWN, Reading
from riskgate.parquet import EARLIEST, LATEST, Moments

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
EAST = timezone(timedelta(hours=-14))
NEVER = "is not within the years 2 to 9998"
A_NUMBER = "is a number and no time; write 2026-03-02T15:00:00Z, or use timestamps"


def read(column: str, value: Any) -> tuple[Any, str | None]:  # noqa: ANN401  # a cell
    """What a value is read as, and what is wrong with it."""
    found = Reading().read(column, [value])
    return found.values[0], found.wrong.get(0)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("100", "100"),
        ("+1.50", "1.50"),
        ("-.5", "-0.5"),
        ("5.", "5"),
        ("1E+3", "1000"),
        ("25e-2", "0.25"),
        (0.1, "0.1"),
        (3, "3"),
        (Decimal("1.10"), "1.10"),
        (-0.0, "0"),
        ("0E+999999", "0"),
        ("0.001234567890123456789012345678", "0.001234567890123456789012345678"),
    ],
)
def test_a_number_is_read_to_its_last_digit(value: object, number: str) -> None:
    assert read("limit_price", value) == (Decimal(number), None)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("1_000", "`1_000` is no number"),
        ("１０", "`１０` is no number"),  # noqa: RUF001  # full-width digits are meant
        ("٣", "`٣` is no number"),
        (" 10", "` 10` is no number"),
        ("1,000", "`1,000` is no number"),
        ("0x10", "`0x10` is no number"),
        ("1e", "`1e` is no number"),
        (".", "`.` is no number"),
        (True, "`True` is no number"),
        (b"10", "`b'10'` is no number"),
        (timedelta(1), "`1 day, 0:00:00` is no number"),
        ("-inf", "`-inf` is no finite number"),
        ("NaN", "`NaN` is no finite number"),
        (float("inf"), "`inf` is no finite number"),
        ("1e999999", "`1e999999` is no number that anybody means"),
        ("1e15", "`1e15` is no number that anybody means"),
        ("1e-999999", "`1e-999999` is no number that anybody means"),
        ("1\n2", "`1\\n2` is no number"),
    ],
)
def test_what_is_no_number_is_a_fault(value: object, why: str) -> None:
    assert read("limit_price", value)[1] == why


@pytest.mark.parametrize("column", ["quantity", "multiplier", "min_tick", "lot", "fx"])
@pytest.mark.parametrize("value", ["0", "-1"])
def test_what_is_counted_in_is_above_zero(column: str, value: str) -> None:
    assert read(column, value)[1] == f"`{value}` is not above zero"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (1_772_463_600, f"`1772463600` {A_NUMBER}"),
        (1_772_463_600.5, f"`1772463600.5` {A_NUMBER}"),
        (Decimal(5), f"`5` {A_NUMBER}"),
        (True, f"`True` {A_NUMBER}"),
        ("1772463600", "`1772463600` is no time such as 2026-03-02T15:00:00Z"),
        (date(2026, 3, 2), "`2026-03-02` is no time such as 2026-03-02T15:00:00Z"),
        ("0001-01-01T00:00:00Z", f"`0001-01-01T00:00:00Z` {NEVER}"),
        ("0001-01-01T00:00:00+14:00", f"`0001-01-01T00:00:00+14:00` {NEVER}"),
        ("9999-12-31T23:59:59-14:00", f"`9999-12-31T23:59:59-14:00` {NEVER}"),
        ("9998-12-31T23:00:00-01:00", f"`9998-12-31T23:00:00-01:00` {NEVER}"),
    ],
)
@pytest.mark.parametrize("column", ["at", "filled_at", "done_at", "quote_at", "good_till"])
def test_what_is_no_time_of_trading_is_a_fault(column: str, value: object, why: str) -> None:
    assert read(column, value)[1] == why


@pytest.mark.parametrize("made", [list, Moments])
def test_times_that_come_as_such_are_taken_as_they_are(made: type[list[datetime]]) -> None:
    times = made([AT, EARLIEST, LATEST - timedelta(microseconds=1)])
    found = Reading().read("at", times)
    assert found.values is times
    assert found.whole


@pytest.mark.parametrize("far", [EARLIEST - timedelta(microseconds=1), LATEST])
def test_one_time_that_no_clock_tells_is_found_among_others(far: datetime) -> None:
    assert Reading().read("at", [AT, far, AT]).wrong == {1: f"`{far}` {NEVER}"}


@pytest.mark.parametrize("column", ["at", "account", "side", "quantity", "outside_rth", "expiry"])
@pytest.mark.parametrize("value", [[1], {"a": "BUY"}, [("k", 1)], []])
def test_a_list_or_a_struct_is_no_value_of_any_column(column: str, value: object) -> None:
    found = Reading().read(column, [None, value, None])
    assert found.wrong[1] == f"`{value}` is no single value"


def test_an_expiry_is_a_day_and_no_time() -> None:
    assert read("expiry", date(2026, 6, 19)) == (date(2026, 6, 19), None)
    assert read("expiry", "2026-06-19") == (date(2026, 6, 19), None)
    assert read("expiry", AT)[1] == f"`{AT}` is no date such as 2026-06-19"


def test_a_fault_repeats_the_beginning_of_a_long_value_on_one_line() -> None:
    why = read("side", "\n" + "x" * 100_000)[1]
    assert why is not None
    assert why.startswith("`\\nxxx")
    assert "x...` is none of BUY, SELL" in why
    assert len(why) < LONGEST_SHOWN + 40
    assert "\n" not in why
