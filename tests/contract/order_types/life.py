"""One order type's life: where it waits, what happens to the market, what it is filled at.

The market stands at 189.99 to 190.01, last 190.00, close 189.00, at noon in New York.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.model.lifecycle import Status
from riskgate.simulator import Halt, Resume, quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskgate.simulator import Running

NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)  # a Monday; AAPL trades from 14:30 to 21:00 UTC
HOUR = 3600.0
STANDS = ("189.99", "190.01", "190.00")
DOWN = ("188.90", "188.95", "188.92")
UP = ("191.10", "191.20", "191.15")
SUBMITTED, PRE_SUBMITTED = Status.SUBMITTED, Status.PRE_SUBMITTED


@dataclass(frozen=True)
class Life:
    """One order: where it waits, what then happens, and what it is filled at.

    The price is one for each leg where it has any. `becomes` is what a modify makes of it; without
    one it cannot be modified. With `halt` it would be filled at once, and is kept waiting by a halt
    of its market while that is tried.
    """

    line: str
    waits: Status | None
    price: str
    happens: tuple[Callable[[Running], None], ...] = ()
    becomes: str = ""
    filled: str = "100"
    halt: bool = False
    ends_at_once: bool = False
    fractional: bool = False


def moves(*levels: tuple[str, str, str], mover: str = "AAPL") -> Callable[[Running], None]:
    """The market moves, step by step."""

    def happen(sim: Running) -> None:
        for level in levels:
            sim.set_price(mover, quote(*level, "189.00"))
            sim.settle()

    return happen


def stops(sim: Running) -> None:
    sim.happen(Halt("AAPL"))


def goes_on(sim: Running) -> None:
    sim.happen(Resume("AAPL"))


def opens(sim: Running) -> None:
    sim.open_day()


def closes(sim: Running) -> None:
    sim.close_day()


def an_hour(sim: Running) -> None:
    sim.advance(HOUR)


def others_trade(sim: Running) -> None:
    sim.place_by_hand("SPY", "BUY", Decimal(1500))


def much_volume(sim: Running) -> None:
    for _ in range(10):
        sim.set_price("AAPL", quote(*STANDS, "189.00"))


def at_once(line: str, becomes: str, price: str = "190.01", filled: str = "100") -> Life:
    """An order that the market as it stands fills."""
    return Life(line, None, price, becomes=becomes, filled=filled, halt=True)


def waits(line: str, becomes: str, price: str, *happens: Callable[[Running], None]) -> Life:
    """An order that works, until something happens."""
    return Life(line, SUBMITTED, price, happens, becomes)


def sleeps(line: str, becomes: str, price: str, *happens: Callable[[Running], None]) -> Life:
    """An order that does not work yet, until something happens."""
    return Life(line, PRE_SUBMITTED, price, happens, becomes)
