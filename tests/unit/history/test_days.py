"""Days: whose they are, where their orders are, and what they start with."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from riskgate.history import sources
from riskgate.history.days import Days, Index
from riskgate.history.opening import Opening
from riskgate.history.sources import opened
from riskgate.parquet import EARLIEST, LATEST
from tests.contract.replay.histories import ZONE, Row, as_csv, as_parquet, orders, replayed

Found = dict[tuple[date, str], tuple[int, int, int]]


def counted(rows: list[Row]) -> Found:
    """The first row, the last one, and how many there are, of every account's day."""
    found: Found = {}
    for number, row in enumerate(rows, 1):
        key = row["at"].astimezone(ZoneInfo(ZONE)).date(), row["account"]
        first, _, count = found.get(key, (number, 0, 0))
        found[key] = first, number, count + 1
    return found


def read(path: Path) -> Index:
    index = Index(ZONE, Opening())
    assert list(index.read(opened(str(path)), lambda _rows: None)) == []
    return index


@pytest.mark.parametrize("batch", [1, 7, 50, 8_192])
@pytest.mark.parametrize("by_account", [True, False])
def test_every_days_rows_are_found_in_any_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int, *, by_account: bool
) -> None:
    monkeypatch.setattr(sources, "BATCH", batch)
    rows = list(orders(300))
    if by_account:
        rows.sort(key=lambda row: (row["account"], row["at"]))
    index = read(as_csv(tmp_path / "x.csv", rows))
    parts = {(p.day, p.account): (p.first, p.last, p.orders) for p in index.parts()}
    assert parts == counted(rows)
    assert index.rows == len(rows)


def test_the_order_of_accounts_in_a_file_does_not_move_a_position(tmp_path: Path) -> None:
    rows = list(orders(300))
    apart = sorted(rows, key=lambda row: (row["account"], row["at"]))
    one, other = (
        read(as_csv(tmp_path / f"{n}.csv", found)) for n, found in enumerate((rows, apart))
    )
    held = [
        {(p.day, p.account, h.instrument.key): h.quantity for p in index.parts() for h in p.held}
        for index in (one, other)
    ]
    assert held[0] == held[1]
    assert len(held[0]) > len({key[1:] for key in held[0]})


@pytest.mark.parametrize("batch", [1, 7, 50])
def test_batches_of_any_size_are_decided_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    path = as_parquet(tmp_path / "x.parquet", orders(300))
    whole = replayed(path)
    monkeypatch.setattr(sources, "BATCH", batch)
    assert replayed(path) == whole
    assert whole.orders == len(list(orders(300)))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York"])
def test_every_moment_that_a_column_takes_has_a_day_in_any_zone(zone: str) -> None:
    for at in (EARLIEST, LATEST - timedelta(microseconds=1)):
        days = Days(zone)
        assert days.of(at) == at.astimezone(ZoneInfo(zone)).date()
        assert days.since <= at < days.until
