"""What a durable submit costs up to the hand-over, beside a bare append and flush of its bytes.

Run `python benchmarks/submit.py`; benchmarks/README.md says how to read the table.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

import desk
import measuring
from measuring import Line, Round

from riskgate.gate import Gate
from riskgate.journal.coding import encode
from riskgate.journal.journal import SqliteJournal
from riskgate.journal.memory import MemoryJournal
from riskgate.model.order import Order
from riskgate.outside import Outside
from riskgate.ports import Journal
from riskgate.rehearsal import ScriptedBroker, StoppedClock

PAIRS = 3_000
WARM_UP = 200
NOISY_PAIR = 2e-3
NOISY_DISK = 1e-3
# No disk answers as fast as this: the bytes are still in memory.
NO_DISK = 10e-6


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
    kept = [pair for pair in taken if pair.baseline <= NOISY_PAIR]
    verdict = _verdict(taken, kept)
    lines = [*_judged(kept, verdict), *_without_disk(kept, pairs)]
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


def _p99(taken: list[float]) -> float:
    return quantiles(taken, n=100)[98]


if __name__ == "__main__":
    main()
