"""What replaying an order history costs, beside the decision time of the same rules.

Run `python benchmarks/replay.py`; benchmarks/README.md says how to read the table. It writes a
history of synthetic orders as Parquet, a batch at a time, and replays it with `--jobs` processes.
`--orders 10000000` is the size that docs/replay.md tells of.
"""

from __future__ import annotations

import argparse
import gc
import resource
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, Final

import desk
import measuring
from desk import LEAN
from measuring import Line

from riskgate import parquet
from riskgate.calendars import ExchangeCalendars
from riskgate.history.opening import Opening
from riskgate.history.rows import Told
from riskgate.history.running import History, Ways, replay_history
from riskgate.history.trading import Trading
from riskgate.history.working import Asked
from riskgate.policy.evaluate import evaluate

ORDERS: Final = 200_000
BRIEF: Final = 2_000
DAYS: Final = 20
ACCOUNTS: Final = 2
HOURS_OPEN: Final = 5.3
OPEN: Final = datetime(2026, 3, 2, 14, 35, tzinfo=UTC)
EVERY: Final = 1_000  # orders between two samples of decisions
SAMPLE: Final = 200
INTERRUPTED: Final = 1e-3  # seconds
TARGET: Final = 2.0
MOST_MB: Final = 500
COLUMNS: Final[dict[str, parquet.Kind]] = {
    **dict.fromkeys(("account", "strategy", "symbol", "side", "order_type", "tif"), "text"),
    **dict.fromkeys(("quantity", "limit_price", "bid", "ask", "last"), "decimal"),
    **dict.fromkeys(("filled_quantity", "avg_fill_price"), "decimal"),
    **dict.fromkeys(("at", "done_at"), "moment"),
    "status": "text",
}


def history(count: int, a_day: int) -> Iterator[tuple[Any, ...]]:
    """So many orders of a busy desk, over weekdays: three in four are filled, some in part.

    One in fifty is too large for the desk's rules, one in a hundred too far from the market.
    """
    step = timedelta(hours=HOURS_OPEN) / a_day
    for number in range(count):
        day, place = divmod(number, a_day)
        at = OPEN + timedelta(days=7 * (day // 5) + day % 5) + step * place
        mid = 19_000 + number * 7 % 97
        limit = mid + number % 5 - 2 + (900 if number % 100 == 99 else 0)
        quantity = 100 + number % 900 + (10_000 if number % 50 == 49 else 0)
        filled = (quantity, quantity, quantity // 2, 0)[number % 4]
        done = at + timedelta(seconds=1 + number % 7)
        names = (f"DU{1 + number % ACCOUNTS}", "momo", desk.NAMES[number // 3 % len(desk.NAMES)])
        yield (
            *names,
            ("BUY", "SELL")[number // 2 % 2],
            "LMT",
            "DAY",
            *(Decimal(quantity), _price(limit), _price(mid - 1), _price(mid + 1), _price(mid)),
            *(Decimal(filled), _price(mid) if filled else None),
            *(at, done, "Filled" if filled == quantity else "Cancelled"),
        )


def _price(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def write(path: Path, count: int) -> None:
    """The history as a file."""
    with path.open("wb") as file:
        for part in parquet.encoded(COLUMNS, history(count, max(100, count // DAYS))):
            file.write(part)


def asked(path: Path) -> Asked:
    """The desk's twelve rules over a file."""
    texts = tuple((name, text.encode()) for name, text in desk.files(LEAN))
    return Asked(str(path), texts, "America/New_York", ExchangeCalendars())


class Beside:
    """Decisions of the same rules, timed in between; what that took is none of the replay's."""

    def __init__(self) -> None:
        self._world = desk.world(desk.policies(LEAN))
        self._source = desk.orders()
        self._next = EVERY
        self.taken: list[float] = []
        self.spent = 0.0

    def progress(self, what: str, done: int, _of: int) -> None:
        """Decide some orders each time that so many more were replayed."""
        if what != "orders decided" or done < self._next:
            return
        self._next = done + EVERY
        begun = process_time()
        batch = desk.some(self._source, SAMPLE)
        started = process_time()
        for order in batch:
            evaluate(self._world.policies, order, desk.look(self._world, order))
        self.taken.append((process_time() - started) / SAMPLE)
        self.spent += process_time() - begun


class Inside:
    """The time that a replay itself takes for looking and deciding, in its books of then.

    It is taken with the clock on the wall, which is read without asking the system: to ask for the
    time of the process takes a twentieth of an order, and is where others get the processor. What
    took far longer than any decision was interrupted, and is not counted.
    """

    def __init__(self) -> None:
        self.timed = 0
        self.spent = 0.0
        self._clock = min(_reading() for _ in range(1_000))

    @property
    def each(self) -> float:
        """What looking and deciding takes, in seconds an order."""
        return self.spent / self.timed - self._clock

    def begin(self) -> None:
        """Time every order of this process from now on."""
        decide = Trading.decide

        def timed(trading: Trading, told: Told) -> Any:  # noqa: ANN401  # what it returns
            started = perf_counter()
            found = decide(trading, told)
            took = perf_counter() - started
            if took < INTERRUPTED:
                self.spent += took
                self.timed += 1
            return found

        setattr(Trading, "decide", timed)  # noqa: B010  # for this one run


def _reading() -> float:
    """What reading the clock takes."""
    started = perf_counter()
    return perf_counter() - started


def main() -> None:
    """Write, replay, and print one table."""
    given = _options()
    count = BRIEF if given.brief else given.orders
    where = "not pinned" if given.jobs > 1 else measuring.pin()
    with tempfile.TemporaryDirectory(dir=given.folder or Path.cwd()) as folder:
        path = Path(folder) / "history.parquet"
        write(path, count)
        lines = list(_replayed(path, given.jobs))
    measuring.report("replay", lines, f"{where}; processor time", given.json)


def _replayed(path: Path, jobs: int) -> Iterator[Line]:
    beside, inside = Beside(), Inside()
    inside.begin()
    gc.collect()
    gc.freeze()
    started, began = process_time(), perf_counter()
    found = replay_history(asked(path), Ways(jobs), Opening(), beside.progress)
    elapsed = perf_counter() - began
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = workers.ru_maxrss / 1024
    took = process_time() - started - beside.spent + workers.ru_utime + workers.ru_stime
    each = took / found.orders
    said = f"{found.orders:,} orders"
    if beside.taken:
        one = median(beside.taken)
        remark = f"{each * 1e6:.1f} us; {one * 1e6:.1f} us a decision; {1 / each:,.0f} a second"
        yield Line(f"{said}, each", "look and decide", each / one, TARGET, remark)
    if jobs == 1:
        own_part = inside.each
        remark = f"{own_part * 1e6:.1f} us of each"
        yield Line(f"{said}, each", "its own looks and decisions", each / own_part, TARGET, remark)
    memory = f"{own:.0f} MB, workers {children:.0f} MB; {elapsed:,.0f} s"
    yield Line(f"{said}, memory", f"{MOST_MB} MB", max(own, children) / MOST_MB, 1.0, memory)
    yield Line(f"{said}, {jobs} at once", "digest", None, None, _told(found))


def _told(found: History) -> str:
    return f"{found.digest[:16]}, {found.effects.denied:,} denied"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What replaying an order history costs.")
    parser.add_argument("--brief", action="store_true", help="only show that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON too")
    parser.add_argument("--folder", type=Path, help="where the history is written (default: here)")
    parser.add_argument("--orders", type=int, default=ORDERS, help="how many orders")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
