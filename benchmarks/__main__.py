"""Every benchmark, one after the other, as one table: `python benchmarks`.

Rule 1: each runs in a process of its own, so none is measured in what another left behind.
Rule 2: what the machine was like is measured before and after, and said.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import measuring
import msgspec
from measuring import Line

HERE: Final = Path(__file__).parent
NO_BENCHMARKS: Final = frozenset({"__main__", "desk", "handover", "measuring"})
HISTORY: Final = HERE / "history.jsonl"
SAMPLES: Final = 200
QUIET: Final = 1.15
MOST_SECONDS: Final = 1_800


def main() -> None:
    """Run all or some of them, print one table, and keep it if asked."""
    asked = _options()
    began, at = _steadiness(), datetime.now(UTC)
    tables = [table for name in asked.only or names() if (table := _run(name, brief=asked.brief))]
    ended = _steadiness()
    spread = max(began[1], ended[1], ended[0] / began[0], began[0] / ended[0])
    quiet = "quiet enough" if spread <= QUIET else "noisy: read ratios, and measure again"
    noise = f"the same call took up to {spread:.2f} x its median before and after; {quiet}"
    lines = [_line(table["title"], line) for table in tables for line in table["lines"]]
    facts = {"at": at.isoformat(timespec="seconds"), **measuring.machine(), "noise": noise}
    print()
    measuring.show("all", facts, lines)
    for table in tables:
        print(f"  {table['title']:<10} {table['noise']}")
    _keep(asked, facts, tables)
    raise SystemExit(len(tables) != len(asked.only or names()))


def names() -> list[str]:
    """The benchmarks there are: every file here but what they share."""
    return sorted({path.stem for path in HERE.glob("*.py")} - NO_BENCHMARKS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__)
    parser.add_argument("--brief", action="store_true", help="only show that they run")
    parser.add_argument("--only", nargs="+", choices=names(), metavar="NAME", help="some of them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON too")
    parser.add_argument("--keep", action="store_true", help=f"add a line to {HISTORY.name}")
    return parser.parse_args()


def _run(name: str, *, brief: bool) -> dict[str, Any] | None:
    """One benchmark's table, or None and its complaint."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        table = Path(folder) / "table.json"
        command = [sys.executable, str(HERE / f"{name}.py"), "--json", str(table)]
        done = subprocess.run(
            [*command, *(["--brief"] if brief else [])],
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
            cwd=folder,
        )
        if done.returncode:
            print(f"{name} failed:\n{done.stderr}", file=sys.stderr)
            return None
        found: dict[str, Any] = msgspec.json.decode(table.read_bytes())
        return found


def _line(title: str, line: dict[str, Any]) -> Line:
    known = {name: line[name] for name in Line.__struct_fields__ if name in line}
    return Line(**{**known, "what": f"{title}: {line['what']}"})


def _steadiness() -> tuple[float, float]:
    """What an empty call takes here now, and how much more the slowest tenth takes."""
    taken = sorted(measuring.empty_call(2_000) for _ in range(SAMPLES))
    return median(taken), taken[len(taken) * 9 // 10] / median(taken)


def _keep(asked: argparse.Namespace, facts: dict[str, str], tables: list[dict[str, Any]]) -> None:
    whole = {**facts, "tables": tables}
    if asked.json is not None:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(whole)))
    if asked.keep:
        ratios = {table["title"]: _ratios(table["lines"]) for table in tables}
        with HISTORY.open("ab") as file:
            file.write(msgspec.json.encode({**facts, "ratios": ratios}) + b"\n")


def _ratios(lines: list[dict[str, Any]]) -> dict[str, float | None]:
    return {f"{line['what']} | {line['against']}": line["ratio"] for line in lines}


if __name__ == "__main__":
    main()
