"""What figures over a long record take: time for each execution, and whether memory stays flat.

Run `python benchmarks/stats.py`; benchmarks/README.md says how to read the table. The journal is
made up: rows of `orders` and `executions` as a gate projects them, without the events they would
come from, which nothing here reads. RISKGATE_STATS_EXECUTIONS says how many executions there are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, Final, NamedTuple

import measuring
from measuring import Line

from riskgate import parquet
from riskgate.analytics.breakdown import breakdown
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.measures import measure
from riskgate.journal.archive import WAIT, open_for_reading
from riskgate.journal.facts_files import EXECUTION_KINDS, ORDER_KINDS, facts_of_files
from riskgate.journal.store import open_to_read, open_to_write
from riskgate.journal.tables import (
    READ_FILLS_OF,
    UPSERT_EXECUTION,
    UPSERT_ORDER,
    ExecutionRow,
    OrderRow,
    values_of,
    writers,
)
from riskgate.model.decision import Action
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from riskgate.model.report import Fill
from riskgate.model.view import OrderView

MANY: Final = 1_000_000
BRIEF: Final = 4_000
FILLS_EACH: Final = 5
SEED: Final = 7
AT: Final = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
APART: Final = timedelta(milliseconds=110)
SYMBOLS: Final = ("AAPL", "MSFT", "SPY", "KO", "XOM")
VENUES: Final = ("SMART", "ISLAND", "ARCA")
BY: Final = ("strategy", "symbol", "venue")
FLAT: Final = 1.2


class Cost(NamedTuple):
    """What one pass took: CPU seconds, its peak of memory, and what it went over."""

    seconds: float
    megabytes: float
    orders: int
    executions: int


def story(executions: int) -> Iterator[tuple[OrderView, list[Fill]]]:
    """Orders with their fills: most filled whole in five parts, one in ten cancelled half way."""
    random = Random(SEED)
    for number in range(1, executions // FILLS_EACH + 1):
        yield _order(number, random)


def _order(number: int, random: Random) -> tuple[OrderView, list[Fill]]:
    at, buys = AT + number * APART, random.random() < 0.5
    symbol, cancelled = random.choice(SYMBOLS), number % 10 == 0
    cents = 5_000 * (1 + SYMBOLS.index(symbol)) + random.randint(-100, 100)  # a day's range
    mid = Decimal(cents) / 100
    fills = [
        Fill(
            execution_id=f"{number:08x}.{part}.01",
            order_id=number,
            symbol=symbol,
            side=Side.BUY if buys else Side.SELL,
            quantity=Decimal(random.choice((10, 20, 100))),
            price=mid + Decimal(random.randint(-3, 3)) / 100,
            timestamp=(at + timedelta(seconds=1 + part)).replace(microsecond=0),
            commission=None if random.random() < 0.01 else Decimal("0.35"),
            account="DU1",
            currency="USD",
        )
        for part in range(FILLS_EACH)
    ]
    filled = sum((fill.quantity for fill in fills), Decimal(0))
    done = at + timedelta(seconds=6)
    view = OrderView(
        order_id=number,
        ref=f"rg-{number}",
        order=None,
        text=f"{'BUY' if buys else 'SELL'} {filled} {symbol} LMT {mid}",
        status=Status.CANCELLED if cancelled else Status.FILLED,
        action=Action.ALLOW,
        account_id="DU1",
        strategy=f"s{number % 8}",
        symbol=symbol,
        order_type="LMT",
        side="BUY" if buys else "SELL",
        quantity=filled * 2 if cancelled else filled,
        limit_price=mid + (1 if buys else -1),
        time_in_force="DAY",
        filled_quantity=filled,
        created_at=at,
        updated_at=done,
        cancelled_at=done if cancelled else None,
        filled_at=None if cancelled else fills[-1].timestamp,
        sec_type="STK",
        venue=random.choice(VENUES),
        currency="USD",
        multiplier=Decimal(1),
        decided_at=at,
        decision_price=mid,
        bid=mid - Decimal("0.01"),
        ask=mid + Decimal("0.01"),
        sent_at=at + timedelta(milliseconds=3),
        arrival_price=mid + Decimal(random.randint(-1, 1)) / 100,
        queued=Decimal("0.001"),
        acknowledged_at=at + timedelta(milliseconds=40),
        first_filled_at=at + timedelta(seconds=1),
        done_at=done,
        end_price=mid if cancelled else None,
    )
    return view, fills


def make(path: Path, executions: int) -> None:
    """A journal with these orders in its tables."""
    store = open_to_write(path, "os", WAIT)
    connection = store.connection
    left = story(executions)
    orders, fills = writers(OrderRow), writers(ExecutionRow)
    while batch := list(islice(left, 2_000)):
        connection.execute("BEGIN")
        connection.executemany(UPSERT_ORDER, (values_of(view, orders) for view, _ in batch))
        rows = (values_of(fill, fills) for _, found in batch for fill in found)
        connection.executemany(UPSERT_EXECUTION, rows)
        connection.execute("COMMIT")
    store.close()


def make_files(folder: Path, executions: int) -> tuple[Path, Path]:
    """The same as two Parquet files, without a journal."""
    files = folder / "orders.parquet", folder / "executions.parquet"
    orders = (_row(view, ORDER_KINDS) for view, _ in story(executions))
    parquet.write(files[0], ORDER_KINDS, orders)
    fills = (_row(fill, EXECUTION_KINDS) for _, found in story(executions) for fill in found)
    parquet.write(files[1], EXECUTION_KINDS, fills)
    return files


def _row(source: OrderView | Fill, kinds: Mapping[str, parquet.Kind]) -> list[Any]:
    found = (getattr(source, name) for name in kinds)
    return [one.word if isinstance(one, Action) else one for one in found]


def facts_at(where: str) -> Iterator[OrderFacts]:
    """The facts of a journal, or of a folder with two files."""
    path = Path(where)
    if path.is_dir():
        return facts_of_files(path / "orders.parquet", path / "executions.parquet")
    return open_for_reading(path).facts()


def passed(where: str, what: str) -> Cost:
    """One pass in this process: rows as stored, facts, or figures of every group."""
    begin, orders, executions = process_time(), 0, 0
    if what == "rows":
        orders, executions = _rows(Path(where))
    elif what == "facts":
        for one in facts_at(where):
            orders += 1
            executions += len(one.fills)
    else:
        found = breakdown(measure(facts_at(where)), BY)
        orders = sum(one.counts.orders for one in found.values())
        executions = sum(one.fills.executions for one in found.values())
    return Cost(process_time() - begin, _peak(), orders, executions)


def _peak() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _rows(path: Path) -> tuple[int, int]:
    """How many rows there are, each fetched as it is stored and thrown away."""
    connection = open_to_read(path, WAIT).connection
    connection.text_factory = str
    orders = sum(1 for _ in connection.execute("SELECT * FROM orders"))
    every, _, rest = READ_FILLS_OF.partition(" WHERE order_id IN (SELECT value FROM json_each(?))")
    return orders, sum(1 for _ in connection.execute(every + rest))


def apart(where: Path, what: str) -> Cost:
    """One pass in a process of its own, so that its memory is its own."""
    code = f"import json, stats; print(json.dumps(stats.passed({str(where)!r}, {what!r})))"
    folders = os.pathsep.join((str(Path(__file__).parent), str(measuring.ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": folders},
    )
    return Cost(*json.loads(done.stdout))


def lines(folder: Path, executions: int) -> Iterable[Line]:
    """The table: what each layer adds, and whether four times as much takes more for each."""
    large, small = folder / "large.db", folder / "small.db"
    make(large, executions)
    make(small, executions // 4)
    rows, facts, stats = (apart(large, what) for what in ("rows", "facts", "stats"))
    quarter = apart(small, "stats")
    count = f"{executions:,} executions"
    yield _line(f"facts of {count}", "their rows, fetched", facts, rows)
    yield _line(f"figures of {count}", "their facts", stats, facts)
    yield from _growth(f"figures of {count}", stats, quarter)
    make_files(folder / "large", executions)
    make_files(folder / "small", executions // 4)
    stats, quarter = (apart(folder / size, "stats") for size in ("large", "small"))
    yield from _growth(f"figures of {count}, Parquet", stats, quarter)


def _growth(what: str, large: Cost, small: Cost) -> Iterator[Line]:
    each = large.seconds / large.executions / (small.seconds / small.executions)
    yield Line(f"{what}: each", "of a quarter of them", each, FLAT, _said(large))
    memory = large.megabytes / small.megabytes
    yield Line(f"{what}: memory", "of a quarter of them", memory, FLAT, _said(small))


def _line(what: str, against: str, cost: Cost, other: Cost) -> Line:
    return Line(what, against, cost.seconds / other.seconds, None, _said(cost))


def _said(cost: Cost) -> str:
    return f"{cost.seconds:.1f} s CPU, {cost.megabytes:.0f} MB"


def main() -> None:
    """Measure and print."""
    given = measuring.options(str(__doc__).splitlines()[0])
    wanted = int(os.environ.get("RISKGATE_STATS_EXECUTIONS", MANY))
    noise = measuring.pin()
    with TemporaryDirectory(dir=given.folder) as folder:
        for size in ("large", "small"):
            Path(folder, size).mkdir()
        found = list(lines(Path(folder), BRIEF if given.brief else wanted))
    measuring.report("stats", found, noise, given.json)


if __name__ == "__main__":
    main()
