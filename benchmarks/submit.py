"""What a durable submit costs up to the hand-over, beside a bare append and flush of its bytes.

Run `python benchmarks/submit.py`; benchmarks/README.md says how to read the table.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

import desk
import handover
import measuring
from measuring import Line, Round

from riskgate.authoring.rehearsal import ScriptedBroker, StoppedClock
from riskgate.gate import Gate
from riskgate.journal.coding import encode
from riskgate.journal.journal import SqliteJournal
from riskgate.journal.memory import MemoryJournal
from riskgate.journal.store import connection_of
from riskgate.journal.tables import INSERT_EVENT
from riskgate.line.outside import Outside
from riskgate.model.order import Order
from riskgate.ports import Journal

PAIRS = 3_000
WARM_UP = 200
NOISY_PAIR = 2e-3
NOISY_DISK = 1e-3
# No disk answers as fast as this: the bytes are still in memory.
NO_DISK = 10e-6
TOGETHER = 16
TOGETHER_EACH = 40
TOGETHER_ROUNDS = 7


class Verdict(NamedTuple):
    """Whether the disk was quiet enough to judge anything by."""

    judged: bool
    words: str


def main() -> None:
    """Measure, and print one table."""
    asked = measuring.options("What a durable submit costs.")
    where = measuring.pin()
    pairs, warm_up = (50, 5) if asked.brief else (PAIRS, WARM_UP)
    with tempfile.TemporaryDirectory(dir=asked.folder or Path.cwd()) as folder:
        taken = _pairs(Path(folder), pairs, warm_up)
        floor = _floor(Path(folder), pairs, warm_up)
        together = _together(Path(folder), asked.brief)
    kept = [pair for pair in taken if pair.baseline <= NOISY_PAIR]
    verdict = _verdict(taken, kept)
    lines = [
        *_judged(kept, verdict),
        _floor_line(floor, verdict),
        *_without_disk(kept, pairs),
        _together_line(together, verdict),
        *_handed_over(pairs),
    ]
    measuring.report("submit", lines, f"{where}; {verdict.words}", asked.json)


def _pairs(folder: Path, count: int, warm_up: int) -> list[Round]:
    """Strict pairs on one disk: the same bytes by hand and by the gate, in turns first."""
    source = desk.orders()
    with _gate(SqliteJournal(folder / "journal.db")) as gate, _file(folder / "raw") as raw:
        body = _body(gate, next(source))
        for order in desk.some(source, warm_up):
            _submitted(gate, order)
            _appended(raw, body)
        taken = []
        for number, order in enumerate(desk.some(source, count)):
            if number % 2:
                later = _appended(raw, body)
                taken.append(Round(_submitted(gate, order), later))
            else:
                taken.append(Round(_submitted(gate, order), _appended(raw, body)))
    return taken


def _submitted(gate: Gate, order: Order) -> float:
    start = perf_counter()
    ticket = gate.submit(order)
    taken = perf_counter() - start
    if not ticket.allowed:
        raise SystemExit("\n".join(map(str, ticket.decision.breaches)))
    return taken


def _appended(raw: int, body: bytes) -> float:
    start = perf_counter()
    os.write(raw, body)
    os.fdatasync(raw)
    return perf_counter() - start


def _body(gate: Gate, order: Order) -> bytes:
    """What the journal stores of one submit: the canonical record of the decision."""
    gate.submit(order)
    recorded = gate._journal.read()  # noqa: SLF001  # the same bytes, or it is no comparison
    return [encode(event.payload) for event in recorded][-1]


@contextmanager
def _gate(journal: Journal) -> Iterator[Gate]:
    """A gate that is ready to approve, with a broker that only takes orders."""
    broker = ScriptedBroker(connected=True, fault=None)
    clock = StoppedClock(desk.NOW)
    outside = Outside(
        journal=journal, broker=broker, market=desk.market(), calendars=desk.OneDay(), clock=clock
    )
    gate = Gate(desk.policies(desk.LEAN), outside)
    gate.start()
    gate.reconciled = True
    gate.shows_later = True  # as `connect` has it: a recorder brings the tables up to date
    try:
        yield gate
    finally:
        if isinstance(journal, SqliteJournal):
            journal.close()


@contextmanager
def _file(path: Path) -> Iterator[int]:
    raw = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        yield raw
    finally:
        os.close(raw)


def _verdict(taken: list[Round], kept: list[Round]) -> Verdict:
    middle = median(pair.baseline for pair in taken)
    dropped = f"{len(taken) - len(kept):,} of {len(taken):,} pairs dropped"
    said = f"raw median {middle * 1e6:,.0f} us, {dropped}"
    if middle > NOISY_DISK or not kept:
        return Verdict(judged=False, words=f"storage too noisy: not judged ({said})")
    if middle < NO_DISK:
        return Verdict(judged=False, words=f"storage is no disk: not judged ({said})")
    return Verdict(judged=True, words=f"storage quiet enough ({said})")


def _judged(kept: list[Round], verdict: Verdict) -> Iterator[Line]:
    raw = "append + fdatasync of the same bytes"
    ours, theirs = [pair.subject for pair in kept], [pair.baseline for pair in kept]
    for what, of, target in (("median", median, 1.2), ("p99", _p99, 1.5)):
        found = of(ours) / of(theirs) if verdict.judged else None
        remark = f"{of(ours) * 1e6:,.0f} us" if kept else ""
        yield Line(f"durable submit, {what}", f"{raw}, {what}", found, target, remark)


def _without_disk(kept: list[Round], count: int) -> Iterator[Line]:
    """Our own part of it: the same submits with a journal in memory."""
    with _gate(MemoryJournal()) as gate:
        own = median(_submitted(gate, order) for order in desk.some(desk.orders(), count))
    flush = median(pair.baseline for pair in kept) if kept else None
    share = own / flush if flush else None
    remark = f"{own * 1e6:,.0f} us"
    yield Line("submit with a journal in memory", "the bare append, median", share, None, remark)


def _floor(folder: Path, count: int, warm_up: int) -> list[Round]:
    """Strict pairs: the same row and a commit by SQLite alone, and the same bytes by hand."""
    with _gate(MemoryJournal()) as gate:
        body = _body(gate, next(desk.orders()))
    with closing(SqliteJournal(folder / "floor.db")) as journal:
        connection = connection_of(journal._store.database)  # noqa: SLF001  # beneath our journal
        with _file(folder / "floor") as raw:
            taken = []
            for number in range(1, count + warm_up + 1):
                row = (number, number, "decision", number, body.decode(), "0" * 64, "1" * 64)
                if number % 2:
                    later = _appended(raw, body)
                    taken.append(Round(_inserted(connection, row), later))
                else:
                    taken.append(Round(_inserted(connection, row), _appended(raw, body)))
    return [pair for pair in taken[warm_up:] if pair.baseline <= NOISY_PAIR]


def _inserted(connection: sqlite3.Connection, row: tuple[object, ...]) -> float:
    start = perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(INSERT_EVENT, row)
    connection.execute("COMMIT")
    return perf_counter() - start


def _floor_line(floor: list[Round], verdict: Verdict) -> Line:
    raw = "append + fdatasync of the same bytes, median"
    found = measuring.ratio(floor) if verdict.judged and floor else None
    remark = f"{median(pair.subject for pair in floor) * 1e6:,.0f} us" if floor else ""
    return Line("of that, one row and its commit by SQLite", raw, found, None, remark)


def _together(folder: Path, brief: bool) -> list[Round]:  # noqa: FBT001  # how much is measured
    """Rounds of many submitters at once, each beside as many bare flushes, one by one."""
    each, rounds = (5, 2) if brief else (TOGETHER_EACH, TOGETHER_ROUNDS)
    source = desk.orders()
    with _gate(SqliteJournal(folder / "together.db")) as gate, _file(folder / "apart") as raw:
        body = _body(gate, next(source))

        def submitted() -> float:
            parts = [desk.some(source, each) for _ in range(TOGETHER)]
            ready = threading.Barrier(TOGETHER + 1)
            threads = [threading.Thread(target=_all, args=(gate, part, ready)) for part in parts]
            for thread in threads:
                thread.start()
            ready.wait()
            start = perf_counter()
            for thread in threads:
                thread.join()
            return (perf_counter() - start) / (each * TOGETHER)

        def flushed() -> float:
            return sum(_appended(raw, body) for _ in range(each * 4)) / (each * 4)

        return list(measuring.rounds(submitted, flushed, rounds))


def _all(gate: Gate, orders: list[Order], ready: threading.Barrier) -> None:
    ready.wait()
    for order in orders:
        gate.submit(order)


def _together_line(taken: list[Round], verdict: Verdict) -> Line:
    found = measuring.ratio(taken) if verdict.judged else None
    rate = 1 / median(one.subject for one in taken)
    what = f"durable submit, {TOGETHER} threads at once, each"
    return Line(what, "a bare flush after the other, each", found, 0.25, f"{rate:,.0f} orders/s")


def _handed_over(count: int) -> Iterator[Line]:
    """From the gate to the socket, without one."""
    found = handover.rounds(count)
    if found is None:
        return
    for what, taken, target in (
        ("hand-over to the socket, ours around the library", found[0], 1.0),
        ("hand-over to the socket, with the library's client", found[1], None),
    ):
        micro = median(one.subject for one in taken) * 1e6
        remark = f"{micro:,.0f} us"
        yield Line(what, "the library's placeOrder", measuring.ratio(taken), target, remark)


def _p99(taken: list[float]) -> float:
    return quantiles(taken, n=100)[98]


if __name__ == "__main__":
    main()
