"""Figures over a record take the same memory for four times as many executions."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from riskgate import parquet
from riskgate.analytics.breakdown import breakdown
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.measures import measure
from riskgate.journal import archive, facts, facts_files
from riskgate.journal.archive import Archive, open_for_reading
from riskgate.journal.facts_files import EXECUTION_KINDS, ORDER_KINDS, facts_of_files
from riskgate.journal.journal import SqliteJournal
from riskgate.model.lifecycle import Status
from riskgate.model.report import Fill
from riskgate.model.view import OrderView

FEW, MANY = 1_000, 4_000  # orders
FILLS_EACH = 5
MOST = 1.25


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many that both sizes have several."""
    monkeypatch.setattr(facts, "ORDERS_AT_ONCE", 200)
    monkeypatch.setattr(archive, "ROWS_AT_ONCE", 200)
    monkeypatch.setattr(facts_files, "AT_ONCE", 200)
    monkeypatch.setattr(parquet, "BATCH", 500)


@pytest.fixture
def journal_of(
    tmp_path: Path, view: Callable[..., OrderView], fill: Callable[..., Fill]
) -> Callable[[int], Path]:
    """A journal of so many orders, each filled in five parts."""

    def made(orders: int) -> Path:
        path = tmp_path / f"{orders}.db"
        with closing(SqliteJournal(path, durability="os")) as journal, journal.turn() as turn:
            known = view(1, Status.FILLED)
            views = (
                view(
                    number,
                    Status.FILLED,
                    strategy=f"s{number % 4}",
                    decision_price=Decimal(number),
                    decided_at=known.created_at,
                    sent_at=known.created_at + timedelta(microseconds=number),
                )
                for number in range(1, orders + 1)
            )
            fills = (
                fill(f"{number:06}.{part}.01", number, price=Decimal(number) + part)
                for number in range(1, orders + 1)
                for part in range(FILLS_EACH)
            )
            turn.project(views, fills)
        return path

    return made


def peak(run: Callable[[], int]) -> int:
    """The bytes that a pass takes at most, of one that has been warmed up."""
    run()
    tracemalloc.start()
    try:
        assert run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def figures(found: Iterator[OrderFacts]) -> int:
    groups = breakdown(measure(found), ["strategy"])
    return sum(group.fills.executions for group in groups.values())


def exported(opened: Archive, folder: Path) -> int:
    """Both tables as Parquet; how many bytes that is."""
    total = 0
    tables = (
        ("orders", ORDER_KINDS, opened.each_order),
        ("executions", EXECUTION_KINDS, opened.each_fill),
    )
    for name, kinds, rows in tables:
        with (folder / f"{name}.parquet").open("wb") as file:
            cells = ([row[key] for key in kinds] for row in rows())
            total += sum(map(file.write, parquet.encoded(kinds, cells)))
    return total


@pytest.mark.slow
def test_figures_of_a_journal_and_of_its_export_stream(
    journal_of: Callable[[int], Path], tmp_path: Path
) -> None:
    peaks: dict[str, list[int]] = {"journal": [], "export": [], "files": []}
    for orders in (FEW, MANY):
        folder = tmp_path / f"files-{orders}"
        folder.mkdir()
        files = folder / "orders.parquet", folder / "executions.parquet"
        with open_for_reading(journal_of(orders)) as opened:
            assert figures(opened.facts()) == orders * FILLS_EACH
            peaks["journal"].append(peak(partial(_of, opened)))
            peaks["export"].append(peak(partial(exported, opened, folder)))
        assert figures(facts_of_files(*files)) == orders * FILLS_EACH
        peaks["files"].append(peak(partial(_of_files, files)))
    for what, (few, many) in peaks.items():
        assert many < few * MOST, (what, few, many)


def _of_files(files: tuple[Path, Path]) -> int:
    return figures(facts_of_files(*files))


def _of(opened: Archive) -> int:
    return figures(opened.facts())
