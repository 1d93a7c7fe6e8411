"""A file of markets: CSV with a header line, or YAML by symbol.

The columns are `symbol` and any of bid, ask, last, close, liquidity, volume, halted; the symbol is
a local symbol (`ESM5`) or a symbol (`AAPL`).
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from riskgate.simulator.faults import Price
from riskgate.simulator.permitted import Known
from riskgate.simulator.scenarios.reading import Reader
from riskgate.simulator.scenarios.scenario import YAML, read_prices
from riskgate.simulator.scenarios.source import Node, csv_rows, parse_yaml, read

COLUMNS = tuple(field.name for field in msgspec.structs.fields(Price))


def load_prices(path: Path, known: Known | None = None) -> tuple[Price, ...]:
    """The markets in a file. Raises ScenarioError with all that is wrong, OSError."""
    return parse_prices(read(path), str(path), known)


def parse_prices(text: str, path: str, known: Known | None = None) -> tuple[Price, ...]:
    """The markets in a text; the path tells whether it is CSV. Raises ScenarioError."""
    reader = Reader(path, known)
    root = _root(reader, text, path)
    found = read_prices(reader, root)
    if not found and not reader.problems:
        reader.complain(root.line, "prices: there are none, such as `AAPL: {bid: 189, ask: 190}`")
    reader.finish()
    return found


def _root(reader: Reader, text: str, path: str) -> Node:
    suffix = Path(path).suffix.lower()
    if suffix == ".csv":
        return Node(1, list(csv_rows(text, path, COLUMNS)))
    if suffix not in YAML:
        reader.complain(1, f"`{suffix}`: a price file ends in .csv or .yaml")
        reader.finish()
    return parse_yaml(text, path)
