"""The lives of brackets and of groups of which one order cancels the others, or makes them smaller.

Each row: the orders, what happens, and where each of them is then. In a bracket the first is the
entry; `becomes` are new terms of one of the others while the entry waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskgate.model.lifecycle import Status
from riskgate.simulator import quote
from tests.contract.order_types.life import DOWN, moves

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskgate.simulator import Running

FILLED, CANCELLED, SUBMITTED = Status.FILLED, Status.CANCELLED, Status.SUBMITTED
WAITING = Status.PRE_SUBMITTED
PROFIT = ("195.40", "195.45", "195.45")
LOSS = ("179.40", "179.45", "179.45")


def some(sim: Running) -> None:
    """A part of what is asked for can be had."""
    sim.set_price("AAPL", quote("188.90", "188.95", "188.92", "189.00", liquidity=40))
    sim.settle()


@dataclass(frozen=True)
class Group:
    """Orders that belong together, and what becomes of them."""

    lines: tuple[str, ...]
    happens: Callable[[Running], None]
    ends: tuple[Status, ...]
    left: tuple[int, ...]
    becomes: str
    bracket: bool = False


def bracket(*happens: tuple[str, str, str], ends: tuple[Status, ...]) -> Group:
    """An entry at 189 with a profit to take at 195 and a loss to stop at 180."""
    lines = (
        "BUY 60 AAPL LMT 189 DAY",
        "SELL 60 AAPL LMT 195 GTC",
        "SELL 60 AAPL STP 180 GTC",
    )
    left = tuple(60 if end.working else 0 for end in ends)
    return Group(lines, moves(*happens), ends, left, "SELL 60 AAPL LMT 196 GTC", bracket=True)


def group(
    kind: str, happens: Callable[[Running], None], ends: tuple[Status, ...], left: tuple[int, ...]
) -> Group:
    """Two buys, one of which is reached first."""
    said = f"oca_group=g oca_type={kind}"
    lines = (f"BUY 100 AAPL LMT 189 DAY {said}", f"BUY 100 AAPL LMT 188 DAY {said}")
    return Group(lines, happens, ends, left, f"BUY 100 AAPL LMT 187.5 DAY {said}")


GROUPS = {
    "a bracket whose entry is filled": bracket(DOWN, ends=(FILLED, SUBMITTED, WAITING)),
    "a bracket that takes its profit": bracket(DOWN, PROFIT, ends=(FILLED, FILLED, CANCELLED)),
    "a bracket that stops its loss": bracket(DOWN, LOSS, ends=(FILLED, CANCELLED, FILLED)),
    "one cancels the other": group("cancel_block", moves(DOWN), (FILLED, CANCELLED), (0, 0)),
    "one ends the other with a block": group(
        "reduce_block", moves(DOWN), (FILLED, CANCELLED), (0, 0)
    ),
    "one makes the other smaller with a block": group(
        "reduce_block", some, (SUBMITTED, SUBMITTED), (60, 60)
    ),
    "one makes the other smaller": group("reduce", some, (SUBMITTED, SUBMITTED), (60, 60)),
}
