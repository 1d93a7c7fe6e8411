"""Charts as plotly's figures: axes that fit what is drawn, marks, and JSON that ends no script."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from riskgate.reporters import drawings
from riskgate.reporting.content import Chart, Series
from tests.browser.sample import BARS, BINS, CHARTS, ROWS, STACKED, STEPS, at


def drawn(chart: Chart) -> dict[str, Any]:
    return drawings.figures([chart])[chart.id]


def test_every_point_that_is_known_is_drawn_where_it_is() -> None:
    (bar,) = drawn(BARS)["data"]
    assert (bar["x"], bar["y"]) == (["09:00", "10:00"], [-1.0, 3.0])
    (row,) = drawn(ROWS)["data"]
    assert (row["x"], row["orientation"], row["text"]) == ([2.0, 1.0], "h", ["2", "1"])


def test_a_time_is_drawn_as_its_own_zone_s_clock_shows_it() -> None:
    assert drawn(STEPS)["data"][0]["x"][0] == "2026-03-02 14:00:00.000000"
    assert drawn(STEPS)["layout"]["xaxis"]["tickformat"] == "%H:%M"


def test_seconds_are_shown_where_minutes_would_be_all_alike() -> None:
    times = (at(14), at(14) + timedelta(seconds=9))
    short = Series("gross", times, (Decimal(1), Decimal(2)))
    chart = msgspec.structs.replace(STEPS, series=(short,))
    assert drawn(chart)["layout"]["xaxis"]["tickformat"] == "%H:%M:%S"
    assert drawn(chart)["data"][0]["mode"] == "lines+markers"


def test_a_mark_is_a_line_across_with_its_words() -> None:
    (line,) = drawn(STEPS)["layout"]["shapes"]
    assert (line["y0"], line["y1"], line["xref"]) == (100.0, 100.0, "paper")
    (upright,) = drawn(BINS)["layout"]["shapes"]
    assert (upright["x0"], upright["x1"], upright["yref"]) == (0.0, 0.0, "paper")
    assert drawn(STEPS)["layout"]["annotations"][0]["text"] == "limit"


def test_lines_are_named_beside_the_drawing_and_bars_in_it() -> None:
    assert [name for name, _, _ in drawings.legend(STEPS)] == [one.name for one in STEPS.series]
    assert len({stroke for _, _, stroke in drawings.legend(STEPS)}) == len(STEPS.series)
    assert drawn(STEPS)["layout"]["showlegend"] is False
    assert drawings.legend(STACKED) == []
    assert drawn(STACKED)["layout"]["showlegend"] is True


def test_rows_whose_long_names_end_alike_stay_two_rows() -> None:
    names = (f"first/{'a' * 40}", f"second/{'a' * 40}")
    chart = msgspec.structs.replace(ROWS, series=(Series("d", names, (Decimal(1), Decimal(2))),))
    assert drawn(chart)["data"][0]["y"] == list(names)
    assert len(set(drawn(chart)["layout"]["yaxis"]["ticktext"])) == 1


def test_a_few_counts_have_a_tick_each_and_no_halves() -> None:
    assert drawn(ROWS)["layout"]["xaxis"]["dtick"] == 1
    assert "dtick" not in drawn(BARS)["layout"]["yaxis"]


def test_no_text_ends_a_script_and_all_reads_back() -> None:
    figures = drawings.figures(CHARTS)
    text = drawings.harmless({"odd": "</script>&\u2028\u2029", **figures})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"odd": "</script>&\u2028\u2029", **figures}
