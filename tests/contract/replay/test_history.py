"""An order history through the real rules: alike whichever way it runs, and right."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from riskgate.calendars import ExchangeCalendars
from riskgate.errors import ConfigError
from riskgate.history.opening import Opening, opening_of
from riskgate.history.running import History, Ways, replay_history
from tests.contract.replay.histories import (
    OPEN,
    Row,
    as_csv,
    as_parquet,
    asked,
    orders,
    replayed,
)

ORDERS = int(os.environ.get("RISKGATE_REPLAY_ORDERS", "5000"))
PATIENCE = 600 + ORDERS // 1_000  # seconds
MOST_KB = 500 * 1024  # of memory, in one process
PATHS = (Path(__file__).parents[3], Path(__file__).parent)
# A process of its own has no other children than the workers, and hands them no memory of ours.
MEASURED = """
import resource, sys
from pathlib import Path
import msgspec
from riskgate.history.running import Ways
from histories import replayed

found = replayed(Path(sys.argv[1]), Ways(jobs=2))
print(msgspec.json.encode(found).decode())
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
HELD = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: held, kind: position, per: [account, symbol], max_long: 1500, max_short: 1500,
     because: a test}
"""


EXPOSED = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {{id: all, kind: exposure, per: [account], max_gross: {limit}, because: a test}}
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return as_parquet(tmp_path_factory.mktemp("history") / "many.parquet", orders(ORDERS))


@pytest.fixture(scope="module")
def alone(many: Path) -> History:
    return replayed(many)


def peak_kb(process: int) -> int:
    """The most memory that a process ever had; 0 where the system does not say."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def plain(found: History) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(found)
    return content


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE)
def test_two_processes_come_to_the_same_in_500_mb_each(many: Path, alone: History) -> None:
    run = [sys.executable, "-c", MEASURED, str(many)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PATHS))}
    done = subprocess.run(
        run, env=env, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    found, peak_of_workers = done.stdout.splitlines()
    assert json.loads(found) == json.loads(msgspec.json.encode(alone))
    assert 0 < int(peak_of_workers) < MOST_KB


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE)
def test_a_dask_cluster_of_two_comes_to_the_same_in_500_mb_each(many: Path, alone: History) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address=None,
    ) as cluster:
        found = replayed(many, Ways(dask=cluster.scheduler_address))
        peaks = [peak_kb(worker.process.pid) for worker in cluster.workers.values()]
    assert plain(found) == plain(alone)
    assert len(peaks) == 2
    assert max(peaks) < MOST_KB


@pytest.mark.counted
def test_the_history_meets_every_rule(alone: History) -> None:
    """Equal results of dull orders would prove little."""
    assert alone.orders == ORDERS
    assert alone.days == 12
    for name in ("size", "held", "total", "cross", "near"):
        assert alone.effects.by_rule[f"desk/{name}"].tightened > ORDERS // 1000, name
    assert 0 < alone.effects.denied < ORDERS


@pytest.mark.slow
def test_a_csv_says_the_same_as_a_parquet_file(tmp_path: Path) -> None:
    rows = list(orders(3_000))
    both = [
        plain(replayed(path))
        for path in (as_csv(tmp_path / "x.csv", rows), as_parquet(tmp_path / "x.parquet", rows))
    ]
    assert {one.pop("path") for one in both} == {
        str(tmp_path / f"x.{s}") for s in ("csv", "parquet")
    }
    assert both[0] == both[1]


def test_a_plain_loop_over_positions_comes_to_the_same(tmp_path: Path) -> None:
    """A day starts from all recorded fills before it; within it what is denied is not filled."""
    rows = list(orders(2_000, days=5))
    found = replayed(as_parquet(tmp_path / "x.parquet", rows), policy=HELD)
    assert found.effects.denied == len(denied_by_hand(rows))
    assert [item.seq for item in found.effects.first] == denied_by_hand(rows)[:10]


def denied_by_hand(rows: list[Row], limit: int = 1500) -> list[int]:  # noqa: C901  # one plain loop
    begun: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    later: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    held: dict[tuple[str, str], Decimal] = {}
    working: list[tuple[Any, Any, tuple[str, str], Decimal, Decimal]] = []
    today: date | None = None
    denied = []
    for number, row in enumerate(rows, 1):
        at, key = row["at"], (row["account"], row["symbol"])
        if at.date() != today:
            today, working = at.date(), []
            for whose, moved in later.items():
                begun[whose] += moved
            later.clear()
            held = dict(begun)
        sign = 1 if row["side"] == "BUY" else -1
        size, filled = row["quantity"], row["filled_quantity"]
        later[key] += sign * filled
        for fill_at, done_at, whose, whole, part in list(working):
            entry = (fill_at, done_at, whose, whole, part)
            if fill_at is not None and fill_at <= at:
                held[whose] = held.get(whose, Decimal()) + part
                working.remove(entry)
                if abs(part) < abs(whole) and not (done_at is not None and done_at <= at):
                    working.append((None, done_at, whose, whole - part, Decimal()))
            elif done_at is not None and done_at <= at:
                working.remove(entry)
        position = held.get(key, Decimal())
        open_buys = sum(one[3] for one in working if one[2] == key and one[3] > 0)
        open_sells = -sum(one[3] for one in working if one[2] == key and one[3] < 0)
        if sign > 0:
            worst, reduces = (
                position + open_buys + size,
                position < 0 and size <= -position - open_buys,
            )
        else:
            worst = -(position - open_sells - size)
            reduces = position > 0 and size <= position - open_sells
        if worst > limit and not reduces:
            denied.append(number)
            continue
        done = row["done_at"] or (row["filled_at"] if filled >= size else None)
        if row["filled_at"] is not None or done is not None:
            working.append((row["filled_at"], done, key, sign * size, sign * filled))
        else:
            working.append((None, None, key, sign * size, Decimal()))
    return denied


def test_opening_positions_are_held_from_the_first_day_on(tmp_path: Path) -> None:
    row = next(iter(orders(1))) | {"side": "BUY", "quantity": Decimal(100), "filled_quantity": 0}
    path = as_csv(tmp_path / "x.csv", [row | {"avg_fill_price": None, "filled_at": None}])
    held = tmp_path / "held.csv"
    held.write_text(f"account,symbol,quantity\n{row['account']},{row['symbol']},1401\n")
    denied = [
        replay_history(asked(path, HELD), Ways(), opening).effects.denied
        for opening in (Opening(), opening_of(str(held)))
    ]
    assert denied == [0, 1]


@pytest.mark.parametrize(("limit", "denied"), [("20_000", 1), ("60_000", 0)])
def test_what_is_held_overnight_has_its_last_fill_as_its_mark(
    tmp_path: Path, limit: str, denied: int
) -> None:
    """A sum over several holdings is known before anybody has quoted them all that day."""
    first = next(iter(orders(1))) | {"side": "BUY", "quantity": Decimal(100), "symbol": "AAPL"}
    first |= {"filled_quantity": Decimal(100), "avg_fill_price": Decimal(191), "status": "Filled"}
    first |= dict.fromkeys(("filled_at", "done_at"), first["at"])
    later = dict.fromkeys(("at", "filled_at", "done_at"), first["at"] + timedelta(days=1))
    rows = [first, first | later | {"symbol": "MSFT"}]
    policy = EXPOSED.format(limit=limit)
    whole = asked(as_csv(tmp_path / "x.csv", rows), policy)
    assert replay_history(whole, Ways(), Opening()).effects.denied == denied
    held = tmp_path / "held.csv"
    for price, beside in ((191, denied), ("", 1)):
        held.write_text(f"account,symbol,quantity,price\n{first['account']},AAPL,100,{price}\n")
        alone = asked(as_csv(tmp_path / "y.csv", rows[1:]), policy)
        assert replay_history(alone, Ways(), opening_of(str(held))).effects.denied == beside


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_told(many: Path) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(ConfigError, match=r"no Dask cluster at `tcp://127.0.0.1:1`"):
        replayed(many, Ways(dask="tcp://127.0.0.1:1"))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_orders_of_a_day(tmp_path: Path) -> None:
    """Four times the orders of one account's day; what has ended is forgotten."""
    peaks = []
    for count in (500, 2_000):
        rows = [
            row | {"done_at": row["at"] + timedelta(minutes=1), "filled_at": row["at"]}
            for row in orders(count, days=1, accounts=1)
        ]
        path = as_csv(tmp_path / f"{count}.csv", rows)
        replayed(path)
        tracemalloc.start()
        kept = growth(path)
        tracemalloc.stop()
        peaks.append(kept)
    # The counter of a day knows its executed orders by number, and nothing else is kept of them.
    assert peaks[1] < peaks[0] + 1_500 * 200, peaks


def growth(path: Path) -> int:
    """What one account's book holds at the end of its day, in bytes."""
    from riskgate.history.days import Index  # noqa: PLC0415  # only here
    from riskgate.history.sources import opened  # noqa: PLC0415  # same
    from riskgate.history.working import _Walk  # noqa: PLC0415  # same

    index = Index("America/New_York", Opening())
    assert list(index.read(opened(str(path)), lambda _: None)) == []
    walk = _Walk(asked(path), tuple(index.parts()))
    before = tracemalloc.get_traced_memory()[0]
    for desk, told in walk.orders():
        desk.trade(told)
    [desk] = walk.desks.values()
    assert len(desk._lives._alive) < 500
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


def test_the_days_of_a_zone_part_an_account(tmp_path: Path) -> None:
    row = next(iter(orders(1)))
    rows = [
        row
        | {
            "at": OPEN + timedelta(hours=h),
            "filled_at": None,
            "done_at": None,
            "filled_quantity": 0,
            "avg_fill_price": None,
        }
        for h in (0, 9, 15)
    ]
    found = replayed(as_csv(tmp_path / "x.csv", rows))
    assert found.days == 2  # half past two, half past eleven at night and half past five UTC
    assert ExchangeCalendars().knows("XNYS")
