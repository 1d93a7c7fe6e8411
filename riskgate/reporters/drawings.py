"""The charts of a report as plotly's figures: plain values, ready to become JSON.

Rule 1: texts from the record are escaped, because plotly reads a little HTML in every text.
Rule 2: a series is told from its neighbours by its dashes or hatching too, not by colour alone.
Rule 3: colours of lines and bars stand out on white and on black; all others are the page's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape
from typing import Any, Final

from riskgate.model.money import ZERO
from riskgate.reporting.content import Cell, Chart, Column, Kind, Series, Shape

COLORS: Final = ("#3b82c4", "#d4622a", "#2c9166", "#9a6bd0", "#b5790f", "#c2528b")
QUIET: Final = "#7b8794"
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
STROKES: Final = ("", "7 4", "2 3", "7 3 2 3", "12 4", "12 3 2 3")  # the same, as SVG has them
HATCHES: Final = ("", "/", ".", "x", "-", "+")
HATCHED: Final = {"fillmode": "overlay", "fgcolor": "#fff", "size": 7}
FEW: Final = 6  # counts up to here have a tick each
LONGEST: Final = 28  # characters of a row's name
HARMFUL: Final = {mark: f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}
SHORT: Final = timedelta(minutes=10)
# None of the library's own templates, which are long and have colours of their own.
LAYOUT: Final[dict[str, Any]] = {
    "template": {},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"family": "system-ui, sans-serif", "size": 13},
    "margin": {"l": 56, "r": 16, "t": 16, "b": 48},
    "dragmode": False,
    "hovermode": "closest",
    "bargap": 0.25,
    "autosize": True,
}


def figures(charts: Iterable[Chart]) -> dict[str, dict[str, Any]]:
    """Each chart's figure under the chart's id."""
    return {chart.id: _figure(chart) for chart in charts}


def legend(chart: Chart) -> list[tuple[str, str, str]]:
    """The name, colour and stroke of each line; nothing for bars, which the drawing names itself.

    It stands beside the drawing, where long names can go on in the next line.
    """
    if chart.shape is not Shape.STEP or len(chart.series) < 2:  # noqa: PLR2004  # one needs none
        return []
    return [
        (series.name, COLORS[place % len(COLORS)], STROKES[place % len(STROKES)])
        for place, series in enumerate(chart.series)
    ]


def harmless(figures: object) -> str:
    """JSON that stays JSON wherever it stands in a page: no text of it can end a script."""
    text = json.dumps(figures, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for mark, instead in HARMFUL.items():
        text = text.replace(mark, instead)
    return text


def _figure(chart: Chart) -> dict[str, Any]:
    rows = chart.shape is Shape.ROWS
    many = len(chart.series) > 1
    layout = {
        **LAYOUT,
        "showlegend": many and chart.shape is not Shape.STEP,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "traceorder": "normal",
        },
        "xaxis": _axis(chart.y if rows else chart.x, chart),
        "yaxis": _axis(chart.x if rows else chart.y, chart),
        **_marked(chart),
    }
    if rows:
        layout["yaxis"] |= {"autorange": "reversed", "showgrid": False, **_names(chart)}
    if chart.shape is Shape.STACKED:
        layout["barmode"] = "stack"
    if chart.shape is Shape.HISTOGRAM:
        layout["bargap"] = 0.03
    elif max(len(series.x) for series in chart.series) <= FEW // 2:
        layout["bargap"] = 0.7  # a single bar is no wall
    traces = [_trace(chart, series, place) for place, series in enumerate(chart.series)]
    return {"data": traces, "layout": layout}


def _axis(column: Column, chart: Chart) -> dict[str, Any]:
    """An axis with the column's title; words take the room they need."""
    unit = f" ({column.unit})" if column.unit else ""
    axis: dict[str, Any] = {
        "title": {"text": _plain(f"{column.title}{unit}")},
        "automargin": True,
        "fixedrange": True,
        "zeroline": True,
        "zerolinewidth": 1,
    }
    if column.kind is Kind.TIME:
        return {**axis, "type": "date", "tickformat": _clock(chart), "zeroline": False}
    if column.kind is Kind.TEXT:
        rows = {"title": {"text": ""}} if chart.shape is Shape.ROWS else {}
        return {**axis, "type": "category", "zeroline": False, **rows}
    if column is not chart.y:
        zero = {"rangemode": "tozero"} if chart.shape is Shape.STEP else {}
        return {**axis, "type": "linear", "tickformat": ",", **zero}
    most = max((y for series in chart.series for y in series.y if y is not None), default=ZERO)
    whole = {"dtick": 1} if column.places == 0 and most <= FEW else {}
    return {**axis, "type": "linear", "tickformat": ",", "rangemode": "tozero", **whole}


def _clock(chart: Chart) -> str:
    """Hours and minutes, and seconds too where they tell points apart."""
    found = [x for series in chart.series for x in series.x if isinstance(x, datetime)]
    return "%H:%M:%S" if found and max(found) - min(found) < SHORT else "%H:%M"


def _marked(chart: Chart) -> dict[str, Any]:
    """The line at the chart's mark, with its words."""
    if chart.mark is None:
        return {}
    upright = chart.shape in (Shape.ROWS, Shape.HISTOGRAM)
    along, across = ("x", "y") if upright else ("y", "x")
    at = float(chart.mark)
    line = {f"{along}0": at, f"{along}1": at, f"{across}0": 0, f"{across}1": 1}
    refs = {f"{along}ref": along, f"{across}ref": "paper"}
    style = {"type": "line", "line": {"color": QUIET, "width": 1.5, "dash": "dash"}}
    words = {
        "text": _plain(chart.mark_text),
        along: at,
        across: 1,
        "showarrow": False,
        f"{along}anchor": "left" if upright else "bottom",
        f"{across}anchor": "top" if upright else "right",
    }
    return {"shapes": [{**line, **refs, **style}], "annotations": [{**words, **refs}]}


def _trace(chart: Chart, series: Series, place: int) -> dict[str, Any]:
    color = COLORS[place % len(COLORS)]
    known = [(x, y) for x, y in zip(series.x, series.y, strict=True) if y is not None]
    x, y = [_drawn(one) for one, _ in known], [float(one) for _, one in known]
    name = _plain(series.name)
    if chart.shape is Shape.STEP:
        line = {"shape": "hv", "color": color, "width": 2, "dash": DASHES[place % len(DASHES)]}
        mode = "lines+markers" if len(known) <= FEW else "lines"
        return {"type": "scatter", "mode": mode, "name": name, "x": x, "y": y, "line": line}
    hatch = HATCHES[place % len(HATCHES)] if len(chart.series) > 1 else ""
    marker = {"color": color, "pattern": {"shape": hatch, **HATCHED}}
    trace: dict[str, Any] = {"type": "bar", "name": name, "marker": marker}
    if chart.shape is Shape.ROWS:
        said = {
            "text": [_plain(_number(one)) for one in y],
            "textposition": "outside",
            "cliponaxis": False,
        }
        return {**trace, "orientation": "h", "x": y, "y": x, **said}
    width = {} if chart.width is None else {"width": float(chart.width)}
    return {**trace, "x": x, "y": y, **width}


def _drawn(cell: Cell) -> str | float:
    """A value as plotly reads it; a time is that of its own zone, which plotly knows nothing of."""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S.%f")
    return float(cell) if isinstance(cell, Decimal | int) else _plain(str(cell))


def _names(chart: Chart) -> dict[str, Any]:
    """The rows' names as they are shown; the rows themselves are told apart by the whole names."""
    names = dict.fromkeys(str(x) for series in chart.series for x in series.x)
    return {
        "tickmode": "array",
        "tickvals": [_plain(name) for name in names],
        "ticktext": [_plain(_short(name)) for name in names],
    }


def _short(name: str) -> str:
    """The end of a long name, which tells rules apart better than its beginning."""
    return name if len(name) <= LONGEST else f"\u2026{name[1 - LONGEST :]}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _plain(text: str) -> str:
    return escape(text, quote=False)
