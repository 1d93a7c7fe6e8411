"""Positions and working quantities of each account and instrument, kept as running sums.

Rule 1: a position is what the broker last reported as a whole, plus the fills since.
Rule 2: foreign orders count towards the worst case; they have no strategy.
Rule 3: each change of a cell is told to the counters at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from riskgate.ledger.counters.news import HearsCells, HearsHoldings, Telling
from riskgate.ledger.counting import Counting
from riskgate.model.combos import leg_of
from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO
from riskgate.model.order import Order, Side
from riskgate.model.readings import Holding
from riskgate.model.report import ForeignOrder
from riskgate.model.subject import Subject, holding_subject

Key = tuple[str, str, str | None]
NOTHING: Final = Holding()
BUY: Final = Side.BUY  # to look up a member of an enumeration takes longer than what is done here


@dataclass(slots=True)
class Cell:
    """One holding, as a whole or the part of its subject's strategy, and who hears of it."""

    subject: Subject
    instrument: Instrument
    hears: tuple[Telling, ...]
    position: Decimal = ZERO
    buys: Decimal = ZERO
    sells: Decimal = ZERO

    @property
    def holding(self) -> Holding:
        """As counters are told of it."""
        return Holding(self.position, self.buys, self.sells)


class Holdings:
    """Every holding of every account, as a whole and, if anybody counts it, by strategy.

    A position that no order of ours explains belongs to no strategy.
    """

    def __init__(self, counting: Counting, mark: Callable[[str], Decimal | None]) -> None:
        self._counting, self._valued = counting, counting.valued
        self._mark = mark
        self._cells: dict[Key, Cell] = {}
        self._of_instrument: dict[str, dict[Key, Cell]] = {}
        self._foreign: list[tuple[Subject, Instrument, Side, Decimal]] = []
        self._strangers = 0
        self.instruments: dict[str, Instrument] = {}

    def know(self, instrument: Instrument) -> None:
        """Remember an instrument that an event described."""
        self.instruments[instrument.key] = instrument
        for part in instrument.legs:
            self.know(part.instrument)

    def of(self, account: str, instrument: str, strategy: str | None = None) -> Holding:
        """The holding of an account and instrument, as a whole or of one strategy (or none)."""
        cell = self._cells.get((account, instrument, strategy))
        return NOTHING if cell is None else Holding(cell.position, cell.buys, cell.sells)

    def positions(self) -> dict[tuple[str, str], Decimal]:
        """Positions that are not zero, by account and instrument."""
        return {
            (account, instrument): cell.position
            for (account, instrument, strategy), cell in self._cells.items()
            if strategy is None and cell.position
        }

    def standing(self) -> Iterator[tuple[str, Instrument, Holding]]:
        """What is held or worked, by account and instrument."""
        for (account, _, strategy), cell in self._cells.items():
            if strategy is None and (cell.position or cell.buys or cell.sells):
                yield account, cell.instrument, cell.holding

    def symbol_of(self, key: str) -> str:
        """The symbol of an instrument that is known, else the key itself."""
        known = self.instruments.get(key)
        return known.symbol if known is not None else key

    def names_of(self, key: str) -> tuple[str, str]:
        """The symbol of an instrument, and the one that it is written on."""
        known = self.instruments.get(key)
        return (known.symbol, known.root) if known is not None else (key, key)

    @property
    def foreign_orders(self) -> int:
        """How many working orders of others there are."""
        return self._strangers

    def filled(self, subject: Subject, instrument: Instrument, signed: Decimal) -> None:
        """A fill moved the position; negative for a sell."""
        self.moved(self.touching(subject, instrument), BUY, signed, ZERO)

    def reserved(self, subject: Subject, instrument: Instrument, side: Side, more: Decimal) -> None:
        """The quantity that working orders can still fill changed by so much."""
        self.moved(self.touching(subject, instrument), side, ZERO, more)

    def moved(self, cells: Iterable[Cell], side: Side, filled: Decimal, reserved: Decimal) -> None:
        """So much was filled, and working orders can fill so much more; told as one change."""
        for cell in cells:
            if side is BUY:
                cell.buys += reserved
                if filled is not ZERO:
                    cell.position += filled
            else:
                cell.sells += reserved
                if filled is not ZERO:
                    cell.position -= filled
            if cell.hears:
                mark = self._mark(cell.instrument.key) if self._valued else None
                holding = Holding(cell.position, cell.buys, cell.sells)
                for tell in cell.hears:
                    tell(holding, mark)

    def taken_over(self, account: str, instrument: Instrument, quantity: Decimal) -> None:
        """The broker's position, taken over as it is."""
        self.know(instrument)
        before = self.of(account, instrument.key).position
        self.filled(holding_subject(account, instrument), instrument, quantity - before)

    def foreign(self, orders: Iterable[ForeignOrder]) -> None:
        """Replace the working orders that are not ours."""
        for subject, instrument, side, remaining in self._foreign:
            self.reserved(subject, instrument, side, -remaining)
        told = tuple(orders)
        self._strangers = len(told)
        self._foreign = [
            (holding_subject(order.account or "", instrument), instrument, order.side, left)
            for one in told
            for order, instrument, left in _parts(one)
        ]
        for subject, instrument, side, remaining in self._foreign:
            self.reserved(subject, instrument, side, remaining)

    def remark(self, changed: Iterable[str]) -> None:
        """Prices of these instruments changed: value their holdings again."""
        if not self._valued:
            return
        for instrument in changed:
            for cell in self._of_instrument.get(instrument, {}).values():
                holding = cell.holding
                for tell in cell.hears:
                    tell(holding, self._mark(instrument))

    def touching(self, subject: Subject, instrument: Instrument) -> list[Cell]:
        """The cell of the account and instrument and, if anybody counts it, of the strategy."""
        cells = [self._cell((subject.account, instrument.key, None), instrument)]
        if self._counting.by_strategy:
            key = (subject.account, instrument.key, subject.strategy)
            cells.append(self._cell(key, instrument))
        return cells

    def _cell(self, key: Key, instrument: Instrument) -> Cell:
        cell = self._cells.get(key)
        if cell is None:
            account, _, strategy = key
            subject = holding_subject(account, instrument, strategy or "")
            hears = self._counting.hearing(subject, by_strategy=strategy is not None)
            told = tuple(_telling(counter, subject, instrument) for counter in hears)
            cell = self._cells[key] = Cell(subject, instrument, told)
            self._of_instrument.setdefault(instrument.key, {})[key] = cell
        return cell


def _telling(counter: HearsHoldings, cell: Subject, instrument: Instrument) -> Telling:
    """How to tell a counter of one cell."""
    if isinstance(counter, HearsCells):
        return counter.telling(cell, instrument)
    return lambda holding, mark: counter.holding(cell, holding, instrument, mark)


def _parts(one: ForeignOrder) -> Iterator[tuple[Order, Instrument, Decimal]]:
    """An order of others; a combo by its legs, as far as they are known."""
    if not one.instrument.legs:
        yield one.order, one.instrument, one.remaining
    for part in one.instrument.legs:
        yield leg_of(one.order, part), part.instrument, part.ratio * one.remaining
