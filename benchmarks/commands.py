"""What commands take as whole processes: to start, and for policies of ever more rules.

Run `python benchmarks/commands.py`; benchmarks/README.md says how to read the table.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import desk
import measuring
from measuring import ROOT, Line, Round

ROUNDS: Final = 9
STARTING: Final = 0.25
VALIDATING: Final = ((100, 0.06), (10_000, 1.5))
# Ten times the rules may take so many times as long; what is quadratic takes a hundred times.
LINEAR: Final = 15.0
FEWEST: Final = 25  # one of each kind
FEW: Final = 1_000
MANY: Final = 10_000
TOOLS: Final[tuple[tuple[str, ...], ...]] = (
    ("validate",),
    ("controls",),
    ("lint", "--no-tests"),
    ("fmt", "--check"),
    ("diff", "old"),
    ("test", "--coverage"),
)
CASES: Final = """\
policies: [.]
given:
  now: 2026-03-02T12:00:00-05:00
  account: {net_liquidation: 1_000_000, available_funds: 1_000_000, day_pnl: 0}
  prices: {IBM: {bid: 189.99, ask: 190.01, last: 190, close: 190}}
cases:
  - {name: one, order: BUY 1 IBM LMT 190 DAY, expect: allow}
  - {name: two, order: BUY 2 IBM LMT 190 DAY, expect: allow}
"""

Half = Callable[[], float]


def main() -> None:
    """Measure, and print one table."""
    asked = measuring.options("What commands take as whole processes.")
    rounds = 1 if asked.brief else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        lines = [*_starting(place, rounds), *_validating(place, rounds, brief=asked.brief)]
        lines += [] if asked.brief else _tools(place)
    noise = f"not pinned to a CPU; CPU seconds; medians of {rounds} rounds"
    measuring.report("commands", lines, noise, asked.json)


def _starting(place: Path, rounds: int) -> Iterator[Line]:
    """Whole processes, beside a bare interpreter."""
    one = _policies(place / "one", 1)
    bare = partial(_seconds, [sys.executable, "-c", "pass"])
    for words in (("--help",), ("validate", str(one))):
        taken = _pairs(partial(_riskgate, *words), bare, rounds)
        middle = median(pair.subject for pair in taken)
        yield _of_budget(f"riskgate {words[0]}", middle, STARTING)
        yield Line(f"riskgate {words[0]}", "a bare interpreter", measuring.ratio(taken))


def _validating(place: Path, rounds: int, *, brief: bool) -> Iterator[Line]:
    """What more rules take beyond one."""
    one = partial(_riskgate, "validate", str(place / "one"))
    for size, budget in VALIDATING[:1] if brief else VALIDATING:
        many = _policies(place / str(size), size)
        taken = _pairs(partial(_riskgate, "validate", str(many)), one, rounds)
        beyond = median(pair.subject - pair.baseline for pair in taken)
        yield _of_budget(f"validate {size:,} rules of all kinds, beyond one", beyond, budget)


def _tools(place: Path) -> Iterator[Line]:
    """Whether ten times the rules take more than ten times as long."""
    for size in (FEWEST, FEW, MANY):
        folder = _policies(place / f"{size} rules", size)
        (folder / "cases.test.yaml").write_text(CASES)
        _policies(place / f"{size} rules before", size, first=7)
    for command in TOOLS:
        start, few, many = (_tool(command, place / f"{n} rules") for n in (FEWEST, FEW, MANY))
        ratio = (many - start) / max(few - start, 1e-3)
        what = f"{' '.join(command)}, {MANY:,} rules"
        yield Line(what, f"{FEW:,} rules", ratio, LINEAR, f"{many:.1f} s")


def _tool(command: tuple[str, ...], folder: Path) -> float:
    before = f"{folder} before"
    words = [before if word == "old" else word for word in command]
    return _riskgate(*words, str(folder))


def _policies(folder: Path, size: int, first: int = 0) -> Path:
    """A folder with rules of every kind there is; from another `first` on, other names match."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in desk.files((), size, first):
        (folder / name).write_text(text)
    return folder


def _pairs(subject: Half, baseline: Half, rounds: int) -> tuple[Round, ...]:
    subject()
    return tuple(Round(subject(), baseline()) for _ in range(rounds))


def _riskgate(*words: str) -> float:
    return _seconds([sys.executable, "-m", "riskgate", *words])


def _seconds(command: list[str]) -> float:
    """CPU seconds of a process as users start it: with its modules compiled, as installed ones are.

    Nothing here waits, so CPU seconds are what it takes on a machine that does nothing else.
    """
    kept = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, env={**os.environ, **kept}, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr or done.stdout)
    return taken


def _of_budget(what: str, seconds: float, budget: float) -> Line:
    return Line(what, f"{budget * 1e3:,.0f} ms", seconds / budget, 1.0, f"{seconds * 1e3:,.0f} ms")


if __name__ == "__main__":
    main()
