"""docs/record.md names every column of the tables, and its Python runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskgate.journal.archive import open_for_reading
from riskgate.journal.facts_files import EXECUTION_KINDS, ORDER_KINDS
from riskgate.journal.journal import SqliteJournal
from riskgate.parquet import write

PAGE = (Path(__file__).parents[2] / "docs" / "record.md").read_text()


@pytest.mark.parametrize(
    ("table", "kinds"), [("orders", ORDER_KINDS), ("executions", EXECUTION_KINDS)]
)
def test_every_column_is_explained_and_no_other(table: str, kinds: dict[str, str]) -> None:
    section = PAGE.partition(f"## `{table}`")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(kinds)


def test_its_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    SqliteJournal("journal.sqlite").close()
    with open_for_reading("journal.sqlite") as archive:
        write(Path("orders.parquet"), ORDER_KINDS, map(list, archive.each_order()))
        write(Path("executions.parquet"), EXECUTION_KINDS, map(list, archive.each_fill()))
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, {})  # the page's own words
