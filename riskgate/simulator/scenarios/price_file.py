"""A file of markets: CSV with a header line, or YAML by symbol.

The columns are `symbol` and any of bid, ask, last, close, liquidity, volume, halted; the symbol is
a local symbol (`ESM5`) or a symbol (`AAPL`).
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from riskgate.simulator.faults import Price
from riskgate.simulator.scenarios.reading import Reader, nearest
from riskgate.simulator.scenarios.scenario import read_prices
from riskgate.simulator.scenarios.source import Node, parse_csv, parse_yaml, read

COLUMNS = tuple(field.name for field in msgspec.structs.fields(Price))


def load_prices(path: Path) -> tuple[Price, ...]:
    """The markets in a file. Raises ScenarioError with all that is wrong, OSError."""
    return parse_prices(read(path), str(path))


def parse_prices(text: str, path: str) -> tuple[Price, ...]:
    """The markets in a text; the path tells whether it is CSV. Raises ScenarioError."""
    reader = Reader(path)
    is_csv = path.endswith(".csv")
    root = parse_csv(text, path) if is_csv else parse_yaml(text, path)
    if is_csv:
        _check_header(reader, root)
        reader.finish()
    found = read_prices(reader, root)
    for symbol in {one.symbol for one in found if [x.symbol for x in found].count(one.symbol) > 1}:
        reader.complain(root.line, f"prices: `{symbol}` is given twice")
    reader.finish()
    return found


def _check_header(reader: Reader, root: Node) -> None:
    """A wrong column is told once, and not again for every row."""
    rows = root.value if isinstance(root.value, list) else []
    for row in rows[:1]:
        entries = row.value if isinstance(row.value, dict) else {}
        for name in entries.keys() - set(COLUMNS):
            reader.complain(1, f"column `{name}`: {nearest(name, COLUMNS)}")
