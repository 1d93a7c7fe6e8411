"""The legs of a combo in the book: each is reserved and filled as an order of its own.

Rule 1: what a leg can still fill is its ratio times what was asked, less its own fills; a leg that
ran ahead leaves the others reserved.
Rule 2: fills of a combo are those of its legs: it is filled as far as every leg is.
Rule 3: a combo holds nothing of the book beside its legs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.ledger.counters.news import Claim
from riskgate.ledger.counting import Counting
from riskgate.ledger.holdings import Holdings
from riskgate.ledger.market import Market
from riskgate.model.combos import leg_of
from riskgate.model.instrument import Instrument, Part
from riskgate.model.money import ZERO
from riskgate.model.order import Order, Side
from riskgate.model.report import ExecutionReport, Fill
from riskgate.model.snapshot import LegView, Snapshot
from riskgate.model.subject import Subject, subject_of

NOTHING_CLAIMED: Final = Claim()


class Leg:
    """One leg of one order. `filled` counts what was done on its own side, `paid` what that cost.

    `unit_value` is the most that a unit was worth at any approval, in the instrument's currency.
    """

    def __init__(self, order: Order, part: Part) -> None:
        own = leg_of(order, part)
        self.instrument = part.instrument
        self.ratio = Decimal(part.ratio)
        self.side = own.side
        self.subject = subject_of(own, part.instrument)
        self.unit_value = ZERO
        self.filled = ZERO
        self.paid = ZERO
        self.reserved = ZERO
        self.claim = NOTHING_CLAIMED

    def remaining(self, asked: Iterable[Decimal]) -> Decimal:
        """What it can still fill if any of these quantities of the combo is what was asked for."""
        return max((self.ratio * one - self.filled for one in asked), default=ZERO)

    def claims(self, quantity: Decimal, whole: Claim) -> Claim:
        """What it holds of the book if it can fill this quantity, of an order that claims so."""
        value = quantity * self.unit_value
        return whole._replace(
            quantity=quantity,
            value=value,
            margin=self.instrument.margin_of(value),
            filled=self.filled > ZERO,
            limits=(None,) * len(whole.limits),  # nobody says what a leg may trade at
            alive=whole.alive and quantity > ZERO,
        )


class Legs:
    """The legs of one order."""

    def __init__(self, order: Order, instrument: Instrument) -> None:
        self.all = tuple(Leg(order, part) for part in instrument.legs)

    def of(self, instrument: Instrument) -> Leg | None:
        """The leg in this contract."""
        return next((leg for leg in self.all if leg.instrument.key == instrument.key), None)

    def subject_in(self, instrument: Instrument) -> Subject | None:
        """The leg in this contract, as selectors see it; None for none."""
        leg = self.of(instrument)
        return None if leg is None else leg.subject

    def worth(self, snapshot: Snapshot) -> None:
        """Value the legs at what they were approved at; what was more stands."""
        for leg, view in zip(self.all, snapshot.legs, strict=False):
            leg.unit_value = max(leg.unit_value, view.snapshot.reserve_value(view.order))

    def worth_together(self, unit_value: Decimal) -> None:
        """Value each leg at what the whole is worth, where no more is known."""
        for leg in self.all:
            leg.unit_value = unit_value / leg.ratio

    def count(self, instrument: Instrument, fill: Fill, known: Fill | None) -> None:
        """Count a fill of a leg, or the difference that a correction makes."""
        leg = self.of(instrument)
        for one, sign in ((fill, 1), (known, -1)):
            if leg is not None and one is not None:
                quantity = sign * (one.quantity if one.side is leg.side else -one.quantity)
                leg.filled += quantity
                leg.paid += quantity * one.price

    @property
    def filled(self) -> Decimal:
        """How many units of the combo all legs have filled."""
        return min(leg.filled // leg.ratio for leg in self.all)

    def paid(self, order: Order) -> Decimal:
        """What the filled units cost at the legs' average prices; below zero if received.

        It is in the unit of the combo's own price, as `model.combos.net` has it.
        """
        net = ZERO
        whole = max(leg.instrument.multiplier for leg in self.all)
        for leg in self.all:
            if leg.filled:
                price = leg.paid / leg.filled * leg.instrument.multiplier / whole
                net += leg.ratio * (price if leg.side is order.side else -price)
        return self.filled * net

    def overfilled(self, most: Decimal) -> Decimal:
        """How much more of any leg is filled than this quantity of the combo asks for."""
        return max((leg.filled - leg.ratio * most for leg in self.all), default=ZERO)

    def post(self, book: tuple[Holdings, Counting], asked: Iterable[Decimal], whole: Claim) -> None:
        """Reserve what is due for each leg, in place of what it reserved before.

        `asked` are the quantities of the combo that may be worked, none of one that is dead.
        """
        holdings, counting = book
        wanted = tuple(asked)
        for leg in self.all:
            due = max(ZERO, leg.remaining(wanted))
            more, before = due - leg.reserved, leg.claim
            leg.reserved, leg.claim = due, leg.claims(due, whole)
            if before == leg.claim:
                continue
            if more:
                holdings.reserved(leg.subject, leg.instrument, leg.side, more)
            counting.claim(leg.subject, before, leg.claim)


@contextmanager
def supposed(book: tuple[Holdings, Counting], view: LegView, at: datetime) -> Iterator[None]:
    """The book as if this leg worked: what the next one is judged in."""
    holdings, counting = book
    order, seen = view.order, view.snapshot
    adds, known = seen.adds(order), seen.contract
    value = adds * seen.reserve_value(order)
    margin = known.margin_of(value)
    claim = Claim(
        quantity=adds, value=value, margin=margin, opens=True, limits=(None,), sent=at, alive=True
    )
    holdings.reserved(seen.subject, known, order.side, adds)
    counting.claim(seen.subject, NOTHING_CLAIMED, claim)
    try:
        yield
    finally:
        counting.claim(seen.subject, claim, NOTHING_CLAIMED._replace(sent=at))  # it was, and died
        holdings.reserved(seen.subject, known, order.side, -adds)


def legs_of(
    order: Order | None, instrument: Instrument | None, snapshot: Snapshot | None
) -> Legs | None:
    """The legs of an order that was just decided; None for what is no combo."""
    if order is None or instrument is None or not instrument.legs:
        return None
    made = Legs(order, instrument)
    if snapshot is not None:
        made.worth(snapshot)
    return made


def fills_of(report: ExecutionReport, market: Market) -> list[ExecutionReport]:
    """An execution that somebody states, of a combo as those of its legs, at the legs' marks."""
    legs = report.instrument.legs
    if not legs:
        return [report]
    stem, _, revision = report.execution_id.rpartition(".")
    return [
        msgspec.structs.replace(
            report,
            execution_id=f"{stem}.{place}.{revision}",
            instrument=part.instrument,
            side=Side.BUY if (report.side is Side.BUY) == (part.side == "BUY") else Side.SELL,
            quantity=report.quantity * part.ratio,
            price=market.mark(part.instrument.key) or ZERO,
        )
        for place, part in enumerate(legs, 1)
    ]
