"""A file of recorded bars: CSV with a header line, or an object of JSON a line.

The columns are time (ISO 8601 with a zone), symbol, open, high, low, close, and optional volume
and seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from riskgate.simulator.permitted import Known
from riskgate.simulator.scenarios.reading import Reader
from riskgate.simulator.scenarios.source import Node, csv_rows, parse_json, read
from riskgate.simulator.tape import Bar

LARGEST: Final = 64 << 20  # octets
MOST_TOLD: Final = 20  # problems; a wrong column makes one of each row
COLUMNS: Final = tuple(field.name for field in msgspec.structs.fields(Bar))


def read_bars(path: Path, known: Known | None = None) -> tuple[Bar, ...]:
    """The bars of a file, by time. Raises ScenarioError with what is wrong, OSError."""
    reader = Reader(str(path), known)
    found: list[Bar] = []
    for row in _rows(reader, path):
        bar = reader.struct(Bar, reader.mapping(row, "bar"), row.line, "bar")
        if bar is not None:
            found.append(bar)
        if len(reader.problems) >= MOST_TOLD:
            break
    if not found and not reader.problems:
        reader.complain(1, "the file holds no bars")
    reader.finish()
    return tuple(sorted(found, key=lambda bar: bar.time))


def _rows(reader: Reader, path: Path) -> Iterator[Node]:
    text, suffix = read(path, LARGEST), path.suffix.lower()
    if suffix == ".csv":
        yield from csv_rows(text, str(path), COLUMNS)
        return
    if suffix != ".jsonl":
        reader.complain(1, f"`{suffix}`: a file of bars ends in .csv or .jsonl")
        return
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line.strip():
                yield parse_json(line, number)
        except ValueError as fault:
            reader.complain(number, f"the line is no JSON object: {fault}")
