"""Files of orders and executions are read side by side, and what is wrong with them is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from riskgate.errors import ConfigError
from riskgate.journal.archive import open_for_reading
from riskgate.journal.facts_files import EXECUTION_KINDS, ORDER_KINDS, facts_of_files
from riskgate.journal.journal import SqliteJournal
from riskgate.model.report import Fill
from riskgate.model.view import OrderView
from riskgate.parquet import write

Rows = list[dict[str, Any]]


@pytest.fixture
def tables(
    journal: SqliteJournal, path: Path, view: Callable[..., OrderView], fill: Callable[..., Fill]
) -> tuple[Rows, Rows]:
    """Three orders; the first and last have a fill, and one fill is nobody's."""
    with closing(journal), journal.turn() as turn:
        turn.project(
            [view(number) for number in (1, 2, 3)],
            [fill("a.01", 1), fill("b.01", 3, quantity=Decimal(7)), fill("c.01", 0)],
        )
    with open_for_reading(path) as archive:
        return list(archive.each_order()), list(archive.each_fill())


def files(folder: Path, orders: Rows, fills: Rows) -> tuple[Path, Path]:
    found = folder / "orders.parquet", folder / "executions.parquet"
    for path, kinds, rows in zip(
        found, (ORDER_KINDS, EXECUTION_KINDS), (orders, fills), strict=True
    ):
        cells: list[Sequence[Any]] = [[row[name] for name in kinds] for row in rows]
        write(path, kinds, cells)
    return found


def test_fills_go_to_their_orders(tmp_path: Path, tables: tuple[Rows, Rows]) -> None:
    found = list(facts_of_files(*files(tmp_path, *tables)))
    assert [(one.order_id, int(one.filled)) for one in found] == [(1, 40), (2, 0), (3, 7)]


def test_fills_of_orders_that_are_not_in_the_file_are_passed_over(
    tmp_path: Path, tables: tuple[Rows, Rows]
) -> None:
    orders, fills = tables
    found = list(facts_of_files(*files(tmp_path, orders[2:], fills)))
    assert [(one.order_id, int(one.filled)) for one in found] == [(3, 7)]


def test_files_in_another_order_are_refused(tmp_path: Path, tables: tuple[Rows, Rows]) -> None:
    orders, fills = tables
    with pytest.raises(ConfigError, match="order 2 comes after 3; sort it by `order_id`"):
        list(facts_of_files(*files(tmp_path, orders[::-1], fills)))
    with pytest.raises(ConfigError, match=r"executions.parquet`: order 1 comes after 3"):
        list(facts_of_files(*files(tmp_path, orders, fills[::-1])))


def test_a_column_that_is_missing_or_a_word_that_is_none_is_named(
    tmp_path: Path, tables: tuple[Rows, Rows]
) -> None:
    orders, fills = tables
    known, executions = files(tmp_path, [{**row, "status": "Gone"} for row in orders], fills)
    with pytest.raises(ConfigError, match="order 1 cannot be read: KeyError"):
        list(facts_of_files(known, executions))
    with pytest.raises(ConfigError, match="it has no column `account_id`"):
        list(facts_of_files(executions, executions))
    text = tmp_path / "orders.csv"
    with pytest.raises(ConfigError, match="no such file or directory; check the path"):
        list(facts_of_files(text, executions))
    text.write_text("order_id,status\n")
    with pytest.raises(ConfigError, match="it has no column `account_id`"):
        list(facts_of_files(text, executions))


HEAD = f"{','.join(ORDER_KINDS)}\n".encode()
REST = b"," * (len(ORDER_KINDS) - 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"1,2\n", "line 2 cannot be read: it has 2 values, too few; export it again"),
        (b"x" + REST + b"\n", "line 2 cannot be read: .*'x'; export it again"),
        (b"\n\xff" + REST + b"\n", "it is no CSV in UTF-8: .*; export it again"),
        (b"1" + REST + b"\n", "order 1 cannot be read"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: bytes, said: str) -> None:
    orders, executions = tmp_path / "orders.csv", tmp_path / "executions.csv"
    orders.write_bytes(HEAD + line)
    executions.write_text(",".join(EXECUTION_KINDS))
    with pytest.raises(ConfigError, match=rf"orders.csv`: {said}"):
        list(facts_of_files(orders, executions))


def test_an_empty_line_says_nothing(tmp_path: Path) -> None:
    orders, executions = tmp_path / "orders.csv", tmp_path / "executions.csv"
    orders.write_bytes(HEAD + b"\n\n")
    executions.write_text(",".join(EXECUTION_KINDS))
    assert list(facts_of_files(orders, executions)) == []
