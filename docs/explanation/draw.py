"""Draws the pictures of these pages from the code: `python docs/explanation/draw.py`.

`life.svg` and the matrix of its page are `riskgate.model.lifecycle.MOVES`; `layers.svg` is the
contract in pyproject.toml. A test fails when they are behind.
"""

from __future__ import annotations

import re
import tomllib
from html import escape
from pathlib import Path
from typing import Final

from riskgate.model.lifecycle import BEFORE_SENDING, FINISHED, MOVES, WORKING, Status

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
MARKS: Final = ("<!-- matrix -->", "<!-- end of matrix -->")
ENDS: Final = tuple(sorted(FINISHED - BEFORE_SENDING, key=[Status.FILLED, *Status].index))
PLACES: Final = {
    Status.HELD: (0, 2),
    Status.PENDING_SUBMIT: (1, 1),
    Status.PRE_SUBMITTED: (2, 1),
    Status.SUBMITTED: (3, 1),
    Status.PARTIALLY_FILLED: (4, 1),
    Status.INACTIVE: (2, 2.1),
    Status.UNKNOWN: (3, 2.1),
    Status.PENDING_CANCEL: (4, 2.1),
    Status.DENIED: (0, 0),
    Status.NEVER_SENT: (0, 3),
}
WIDE, HIGH, ACROSS, DOWN = 118, 34, 152, 92
# The moves that are drawn one by one; the boxes around states and the matrix tell the others.
TOLD: Final = (
    (Status.HELD, Status.PENDING_SUBMIT),
    (Status.HELD, Status.DENIED),
    (Status.HELD, Status.NEVER_SENT),
    (Status.PENDING_SUBMIT, Status.PRE_SUBMITTED),
    (Status.PENDING_SUBMIT, Status.NEVER_SENT),
    (Status.PRE_SUBMITTED, Status.SUBMITTED),
    (Status.SUBMITTED, Status.PARTIALLY_FILLED),
)
STYLE: Final = (
    "text{font:12.5px sans-serif;fill:#1b2733}.n{font-weight:600;text-anchor:middle}"
    ".s{fill:#e8eef5;stroke:#3d5a80;stroke-width:1.5}"
    ".e{fill:#e3efe4;stroke:#2f6b3a;stroke-width:1.5}"
    ".b{fill:#f6e7e4;stroke:#9c3d2c;stroke-width:1.5}"
    ".g{fill:none;stroke:#8a97a6;stroke-dasharray:5 4}"
    ".m{fill:none;stroke:#3d5a80;stroke-width:1.4;marker-end:url(#a)}"
    ".back{fill:#fff}.both{marker-start:url(#a)}"
)


def life() -> str:
    """The states and the moves that tell the story; the matrix has every one."""
    arrows = [_arrow(old, new) for old, new in TOLD]
    boxes = [_box(state) for state in PLACES]
    right = 40 + 5 * ACROSS
    ends = [_end(state, right + 20, 70 + 52 * row) for row, state in enumerate(ENDS)]
    left, middle = 24 + ACROSS, 40 + 2 * DOWN - 34
    around = (
        f'<rect class="g" x="{left}" y="92" width="{4 * ACROSS - 18}" height="196" rx="8"/>'
        f'<text x="{left + 10}" y="112">working: what can still fill is reserved</text>'
        f'<path class="m both" d="M{left + 60 + 2 * ACROSS} 172V{middle + 24}"/>'
        f'<text x="{left + 74 + 2 * ACROSS}" y="200">from each of these, and back</text>'
        f'<rect class="g" x="{right}" y="40" width="{WIDE + 40}" height="246" rx="8"/>'
        f'<text x="{right + 10}" y="58">ended at the broker</text>'
        f'<path class="m" d="M{right - 24} 150H{right - 3}"/>'
    )
    told = (
        '<text x="20" y="380">Every working state may move to each end on the right. A fill is'
        " accepted in every state, also after an end.</text>"
    )
    return _svg(right + WIDE + 60, 396, [around, *arrows, *boxes, *ends, told], "life of an order")


def _centre(state: Status) -> tuple[int, int]:
    column, row = PLACES[state]
    return int(30 + column * ACROSS + WIDE // 2), int(40 + row * DOWN + HIGH // 2)


def _arrow(old: Status, new: Status) -> str:
    """A line between neighbours, a curve to another row."""
    (x1, y1), (x2, y2) = _centre(old), _centre(new)
    if y1 == y2:
        return _path(f"M{x1 + WIDE // 2} {y1}H{x2 - WIDE // 2 - 2}")
    down = 1 if y2 > y1 else -1
    start, end = y1 + down * HIGH // 2, y2 - down * (HIGH // 2 + 2)
    middle = (start + end) // 2
    return _path(f"M{x1} {start}C{x1} {middle} {x2} {middle} {x2} {end}")


def _path(drawn: str) -> str:
    return f'<path class="m" d="{drawn}"/>'


def _box(state: Status) -> str:
    x, y = _centre(state)
    kind = "s" if state in WORKING else "b"
    return _state(state, x - WIDE // 2, y - HIGH // 2, kind)


def _end(state: Status, x: int, y: int) -> str:
    return _state(state, x, y, "e" if state is Status.FILLED else "b")


def _state(state: Status, x: int, y: int, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="6"/>'
        f'<text class="n" x="{x + WIDE // 2}" y="{y + 22}">{state.value}</text>'
    )


def matrix() -> str:
    """Every legal move: from the state of the row to that of the column, each by its number.

    Fourteen names beside each other are wider than a page.
    """
    states = list(Status)
    head = "| from \\ to | " + " | ".join(str(number) for number, _ in enumerate(states, 1)) + " |"
    rule = "|---|" + ":-:|" * len(states)
    rows = [
        f"| {number}&nbsp;{old.value} | "
        + " | ".join("x" if new in MOVES[old] else " " for new in states)
        + " |"
        for number, old in enumerate(states, 1)
    ]
    return "\n".join((MARKS[0], "", head, rule, *rows, "", MARKS[1]))


def layers() -> str:
    """The package from top to bottom: each line may import only what stands below it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        one for one in project["tool"]["importlinter"]["contracts"] if one["id"] == "layers"
    )
    rows = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    width, high = 1000, 30
    drawn = []
    for place, names in enumerate(rows):
        y = 10 + place * (high + 6)
        each = (width - 20 - 6 * (len(names) - 1)) / len(names)
        for column, name in enumerate(names):
            x = 10 + column * (each + 6)
            drawn.append(
                f'<rect class="s" x="{x:.1f}" y="{y}" width="{each:.1f}" height="{high}" rx="5"/>'
                f'<text class="n" x="{x + each / 2:.1f}" y="{y + 20}">{escape(name)}</text>'
            )
    return _svg(width, 20 + len(rows) * (high + 6), drawn, "the layers of the package")


def _svg(width: int, height: int, parts: list[str], title: str) -> str:
    arrow = (
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        ' orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#3d5a80"/></marker></defs>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{title}"><style>{STYLE}</style>{arrow}'
        f'<rect class="back" width="{width}" height="{height}"/>{"".join(parts)}</svg>\n'
    )


def pages() -> dict[Path, str]:
    """What each file should hold."""
    page = HERE / "life-of-an-order.md"
    text = page.read_text(encoding="utf-8")
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    return {
        HERE / "life.svg": life(),
        HERE / "layers.svg": layers(),
        page: f"{before}{matrix()}{after}",
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
