"""A report as Markdown: at most a hundred columns, whole numbers, and text that stays text."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from riskgate.reporters import json as as_json
from riskgate.reporters import markdown
from riskgate.reporters.report_cells import numbers_of, origins, raw, shown
from riskgate.reporters.report_tables import WIDTH
from riskgate.reporting.content import Column, DayReport, Kind, Section, Table
from tests.browser.sample import BINS, EMPTY, EVIL, ORIGIN, REPORT, STEPS, at


def with_table(table: Table) -> str:
    section = Section(id="one", title="One", tables=(table,))
    return markdown.daily(
        DayReport(day=REPORT.day, zone="UTC", origin=ORIGIN, headline="x", sections=(section,))
    )


def test_no_line_is_longer_than_a_hundred_columns() -> None:
    for line in markdown.daily(REPORT).splitlines():
        assert len(line) <= WIDTH or " " not in line.strip("| ")


def test_a_table_that_is_too_wide_says_which_columns_are_left_out() -> None:
    columns = tuple(Column(f"column {n}", Kind.NUMBER) for n in range(12))
    row = tuple(Decimal(10**9 + n) for n in range(12))
    text = with_table(Table(id="t", title="Wide", columns=columns, rows=(row,), empty=""))
    assert "1,000,000,000" in text
    assert "Not shown here for want of room: column 6" in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_a_long_text_is_cut_with_a_mark_and_a_number_never() -> None:
    number = Decimal("123456789012345678901234567890.12")
    columns = (Column("what"), Column("amount", Kind.NUMBER))
    rows = (("word " * 40, number),)
    text = with_table(Table(id="t", title="Long", columns=columns, rows=rows, empty=""))
    assert shown(number) in text
    assert "..." in text


def test_names_of_the_record_are_no_markup() -> None:
    text = markdown.daily(REPORT)
    assert EVIL not in text
    assert "\\<script\\>" in text


def test_a_table_without_rows_says_what_that_means() -> None:
    assert "no order came near a limit" in markdown.daily(REPORT)


def test_an_empty_day_says_so_in_every_format() -> None:
    for text in (markdown.daily(EMPTY), as_json.daily(EMPTY)):
        assert "Nothing was decided" in text
        assert "NaN" not in text


def test_json_holds_exact_amounts_under_the_names_of_the_columns() -> None:
    told = json.loads(as_json.daily(REPORT))
    rows = told["sections"]["dearest"]["tables"]["worst"]["rows"]
    assert rows[3]["shortfall"] == "1234.567"
    assert rows[2]["shortfall"] is None
    assert told["origin"]["head"] == ORIGIN.head


def test_a_chart_is_a_table_too_with_the_middle_of_each_bar() -> None:
    assert numbers_of(STEPS).rows[1] == ("gross", at(15), Decimal(91))
    table = numbers_of(BINS)
    assert table.columns[0].title == "slippage, middle"
    assert table.rows == tuple(zip(BINS.series[0].x, BINS.series[0].y, strict=True))


def test_values_are_shown_rounded_and_kept_exact() -> None:
    assert shown(Decimal("1234.565"), 2) == "1,234.56"
    assert shown(Decimal("-0.001"), 2) == "0.00"
    assert shown(None, 2) == ""
    assert shown(12_345, 0) == "12,345"
    assert shown(at(14, 5)) == "14:05:00"
    assert raw(Decimal("1234.5650")) == "1234.565"
    assert raw(None) == ""


def test_the_command_that_verifies_can_be_pasted_into_a_shell() -> None:
    odd = msgspec.structs.replace(ORIGIN, journal="my desk; rm.sqlite")
    assert dict(origins(odd))["check"].startswith("riskgate audit verify 'my desk; rm.sqlite' --ex")


def test_what_is_no_number_is_said_to_be_none() -> None:
    for endless in (Decimal("Infinity"), Decimal("NaN")):
        assert shown(endless) == shown(endless, 2) == "no number"


def test_times_sort_as_text_by_the_moment_whatever_their_zone() -> None:
    later = at(14, 5) + timedelta(microseconds=1)
    tokyo = at(14, 5).astimezone(ZoneInfo("Asia/Tokyo"))
    assert raw(tokyo) == raw(at(14, 5)) < raw(later)
