"""One piece shown at a time: the next one goes when the one before is filled.

Why
    A large limit order in the book tells everybody what is coming. Only its tip is shown.
How
    `display` units are sent at the parent's limit; when they are filled, or have ended some other
    way, the next ones follow. The broker's own iceberg is an order with `display_size`; this one
    keeps what is hidden at home, and has each piece judged.
Stated
    iceberg display=200
Source
    FIX 5.0 SP2, MaxFloor <111> and DisplayQty <1138>; Esser and Moench, The Navigation of an
    Iceberg (2007).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from riskgate.execution.slices import Progress, Send, Step, Terms, Wait
from riskgate.model.money import ZERO


class Iceberg(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters.

    display: how much is shown at once, in units.
    duration: how long at most, from the beginning; without it, until all is filled.
    """

    display: Decimal
    duration: timedelta | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for what shows nothing."""
        if self.display <= ZERO:
            raise ValueError("display must be above zero")
        if self.duration is not None and self.duration <= timedelta(0):
            raise ValueError("duration must be above zero")

    def wrong(self, terms: Terms) -> str:
        """What is shown has a price, and is at least a lot."""
        if terms.limit_price is None:
            return "an iceberg needs a limit order"
        return "" if self.display >= terms.lot else "display is less than a lot"

    def next(self, terms: Terms, progress: Progress, now: datetime) -> Step:  # noqa: ARG002  # the shape of an algorithm
        """The next piece, if none is shown."""
        left = terms.quantity - progress.committed
        if progress.working > ZERO or left <= ZERO:
            return Wait()
        return Send(min(terms.whole(self.display), left), terms.limit_price)
