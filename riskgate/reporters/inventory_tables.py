"""The inventory of limits as lines: for a terminal, as Markdown, and as rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from riskgate.model.words import counted
from riskgate.policy.controls import Armed, Control, Inventory
from riskgate.reporters.lines import wrapped

COLUMNS: Final = (
    *("rule", "kind", "limit", "value", "unit", "conditions", "scope", "per", "on_breach", "mode"),
    *("waivers", "because", "references", "maps_to", "owner", "where", "tested_by"),
)
NOTE: Final = (
    "Limits map to the rules named; whether they comply is for a person to say. Paragraphs and"
    " names come from riskgate's own notes."
)
UNTESTED: Final = "no case names it"


def inventory_rows(found: Inventory) -> list[dict[str, str]]:
    """A row for each limit, armed or not; several things in one cell are parted by `; `."""
    return [
        {name: _flat(item) for name, item in row._asdict().items()}
        for row in (*found.armed, *found.not_armed)
    ]


def inventory_lines(found: Inventory) -> Iterator[str]:
    """For a terminal: a paragraph for each rule."""
    for row, limits in _rules((*found.armed, *found.not_armed)):
        aside = "" if row.mode == "enforce" else f"  ({row.mode}: not armed)"
        yield f"{row.rule}  {row.where}{aside}"
        for limit in limits:
            yield from wrapped(f"{limit.limit}: {_amount(limit)}", 2)
            yield from (
                line for waiver in limit.waivers for line in wrapped(f"waived: {waiver}", 4)
            )
            yield from wrapped(f"maps to: {_flat(limit.maps_to) or 'nothing'}", 4)
        for said in _about(row):
            yield from wrapped(said, 2)
        yield ""
    yield from _ending(found)


def inventory_sections(found: Inventory) -> Iterator[str]:
    """As Markdown: tables, and what is not covered."""
    yield from ("# Controls", "", NOTE, "", "## Armed limits", "", *_table(found.armed))
    if found.not_armed:
        yield from ("", "## Not armed", "", *_table(found.not_armed))
    yield from ("", "## Always on", "", "| control | maps to | by |", "|---|---|---|")
    yield from (f"| {c.name} | {_flat(c.references)} | {c.always} |" for c in found.always_on)
    yield from (
        "",
        "## Not covered",
        "",
        "| control | maps to | would be met by |",
        "|---|---|---|",
    )
    yield from (f"| {c.name} | {_flat(c.references)} | {_by(c)} |" for c in found.not_covered)


def _table(rows: Iterable[Armed]) -> Iterator[str]:
    heads = ("rule", "limit", "for whom", "breach", "why", "maps to", "owner", "where", "tested by")
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        waived = "".join(f"; waived: {waiver}" for waiver in row.waivers)
        why = "; ".join((row.because, *row.references))
        mode = row.on_breach if row.mode == "enforce" else f"{row.on_breach} ({row.mode})"
        cells = (
            *(row.rule, f"{row.limit}: {_amount(row)}{waived}", _whom(row), mode, why),
            *(_flat(row.maps_to), row.owner, row.where, _flat(row.tested_by) or UNTESTED),
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _about(row: Armed) -> Iterator[str]:
    """What holds for every limit of a rule."""
    yield f"for {_whom(row)}; a breach: {row.on_breach}"
    yield f"because: {row.because}"
    if row.references:
        yield f"references: {_flat(row.references)}"
    if row.owner:
        yield f"owner: {row.owner}"
    cases = counted(len(row.tested_by), "case")
    yield f"tested by: {f'{cases}, such as {row.tested_by[0]}' if row.tested_by else UNTESTED}"


def _ending(found: Inventory) -> Iterator[str]:
    rules = len({row.rule for row in found.armed})
    armed = f"{counted(len(found.armed), 'armed limit')} in {counted(rules, 'rule')}"
    yield f"{armed}; {len(found.not_armed)} not armed"
    if found.not_covered:
        yield "not covered by any armed limit:"
        for control in found.not_covered:
            yield f"  {control.name} ({_by(control)})"
    yield from wrapped(NOTE, hang=0)


def _by(control: Control) -> str:
    return ", ".join(control.met_by) or "nothing in this version"


def _amount(row: Armed) -> str:
    unit = f" {row.unit}" if row.unit else ""
    return f"{row.value}{unit}{f' ({row.conditions})' if row.conditions else ''}"


def _whom(row: Armed) -> str:
    return f"{row.scope}{f', per {row.per}' if row.per else ''}"


def _rules(rows: Iterable[Armed]) -> Iterator[tuple[Armed, list[Armed]]]:
    for _, of_rule in groupby(rows, key=lambda row: row.rule):
        limits = list(of_rule)
        yield limits[0], limits


def _flat(item: object) -> str:
    return "; ".join(map(str, item)) if isinstance(item, tuple) else str(item)
