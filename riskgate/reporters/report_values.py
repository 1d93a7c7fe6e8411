"""A report of a day as plain values for programs: every table with names for its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from riskgate.reporters.report_cells import numbers_of

if TYPE_CHECKING:
    from riskgate.reporting.content import DayReport, Section, Table


def report_content(of: DayReport) -> dict[str, Any]:
    """All of it but the stories. Amounts stay exact."""
    return {
        "day": of.day.isoformat(),
        "zone": of.zone,
        "only": list(of.only),
        "headline": of.headline,
        "figures": [msgspec.structs.asdict(one) for one in of.figures],
        "sections": {section.id: _section(section) for section in of.sections},
        "notes": {note.key: msgspec.structs.asdict(note) for note in of.notes},
        "origin": msgspec.structs.asdict(of.origin),
    }


def _section(of: Section) -> dict[str, Any]:
    return {
        "title": of.title,
        "lead": of.lead,
        "charts": {
            chart.id: {
                "title": chart.title,
                "summary": chart.summary,
                "rows": _rows(numbers_of(chart)),
            }
            for chart in of.charts
        },
        "tables": {table.id: {"title": table.title, "rows": _rows(table)} for table in of.tables},
    }


def _rows(of: Table) -> list[dict[str, Any]]:
    names = [column.title.replace(" ", "_").replace(",", "") for column in of.columns]
    return [dict(zip(names, row, strict=True)) for row in of.rows]
