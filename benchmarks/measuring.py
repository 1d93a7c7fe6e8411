"""How the benchmarks measure and what they print: ratios taken in one process, alternating.

Rule 1: nothing is a time on its own; each figure is a ratio to something measured beside it.
Rule 2: a ratio is the median over rounds; in a round each half is timed right after the other.
Rule 3: what a question is asked about is made before the clock runs, and is new each time.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final, NamedTuple

import msgspec

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a checkout is enough; nothing has to be installed first

LIBRARIES: Final = ("msgspec", "peewee")


class Line(msgspec.Struct, frozen=True):
    """One line of the table: what was compared with what, and what ought to come out."""

    what: str
    against: str
    ratio: float | None
    target: float | None = None
    remark: str = ""

    @property
    def verdict(self) -> str:
        """Whether the target is met; nothing where there is none, or where nothing is judged."""
        if self.target is None or self.ratio is None:
            return ""
        return "met" if self.ratio <= self.target else "missed"


class Round(NamedTuple):
    """Seconds for one call of either half, in one round."""

    subject: float
    baseline: float


class Options(NamedTuple):
    """What the command line asked for."""

    brief: bool
    json: Path | None
    folder: Path | None


def options(description: str) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--brief", action="store_true", help="only show that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON too")
    parser.add_argument("--folder", type=Path, help="the disk to write on (default: here)")
    given = parser.parse_args()
    return Options(given.brief, given.json, given.folder)


def rounds(
    subject: Callable[[], float], baseline: Callable[[], float], count: int
) -> tuple[Round, ...]:
    """Time both halves `count` times, alternating; each half says what one call of it took."""
    gc.collect()
    gc.freeze()  # what was built before is not what is measured
    subject()
    baseline()
    taken = []
    for number in range(count):
        if number % 2:
            later = baseline()
            taken.append(Round(subject(), later))
        else:
            taken.append(Round(subject(), baseline()))
    gc.unfreeze()
    return tuple(taken)


def ratio(taken: Iterable[Round]) -> float:
    """The median of the ratios of all rounds."""
    return median(one.subject / one.baseline for one in taken)


def seconds_each(call: Callable[..., object], batch: Sequence[tuple[Any, ...]]) -> float:
    """Seconds that one call takes, over a batch of arguments that it has not seen."""
    start = perf_counter()
    for arguments in batch:
        call(*arguments)
    return (perf_counter() - start) / len(batch)


def empty_call(count: int) -> float:
    """Seconds that a Python call takes that does nothing."""
    start = perf_counter()
    for _ in range(count):
        _nothing()
    return (perf_counter() - start) / count


def _nothing() -> None:
    """Nothing."""


def pin() -> str:
    """Keep this process on one CPU, so that a flush does not wait for another one to wake up."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned to a CPU: this system cannot"
    chosen = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {chosen})
    return f"pinned to CPU {chosen}"


def machine() -> dict[str, str]:
    """Where the figures come from."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return {
        "machine": f"{_processor()}, {os.cpu_count()} CPUs, {platform.system()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": libraries,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def report(title: str, lines: Sequence[Line], noise: str, to: Path | None) -> None:
    """Print the table and, if asked, write it as JSON."""
    facts = {**machine(), "noise": noise}
    show(title, facts, lines)
    if to is not None:
        to.write_bytes(msgspec.json.format(msgspec.json.encode(_document(title, facts, lines))))


def show(title: str, facts: Mapping[str, str], lines: Sequence[Line]) -> None:
    """Print a table under what it was measured on."""
    print(title)
    for name, fact in facts.items():
        print(f"  {name:<9} {fact}")
    print()
    _print_table([_cells(line) for line in lines])


def _document(title: str, facts: dict[str, str], lines: Sequence[Line]) -> dict[str, Any]:
    shown = [{**msgspec.structs.asdict(line), "verdict": line.verdict} for line in lines]
    return {"title": title, **facts, "lines": shown}


def _cells(line: Line) -> tuple[str, ...]:
    measured = "not judged" if line.ratio is None else f"{line.ratio:,.2f} x"
    target = "" if line.target is None else f"<= {line.target:g} x"
    return (line.what, line.against, measured, target, line.verdict, line.remark)


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    table = [("what", "against", "ratio", "target", "", ""), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
