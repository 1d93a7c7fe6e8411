"""When things happened to one order, and what its market's price was then.

Rule 1: moments are those of the record, for all of them must be of one clock. The broker stamps
fills in whole seconds: one that the record has within that second is of the moment it was recorded,
one that came later, as after a lost connection, of the end of that second.
Rule 2: prices come with the events; folding asks no market, and what was not recorded is None.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.report import Sent

STAMPED_IN: Final = timedelta(seconds=1)  # what the broker's stamps of fills are exact to


class Timeline(msgspec.Struct, gc=False):
    """The times of one order. `queued` is how many seconds it waited for its turn to be sent."""

    decided_at: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None
    sent_at: datetime | None = None
    arrival_price: Decimal | None = None
    queued: Decimal | None = None
    acknowledged_at: datetime | None = None
    first_filled_at: datetime | None = None
    last_filled_at: datetime | None = None
    done_at: datetime | None = None
    end_price: Decimal | None = None

    def told(self) -> dict[str, Any]:
        """What an `OrderView` says of it."""
        return {
            "decided_at": self.decided_at,
            "bid": self.bid,
            "ask": self.ask,
            "sent_at": self.sent_at,
            "arrival_price": self.arrival_price,
            "queued": self.queued,
            "acknowledged_at": self.acknowledged_at,
            "first_filled_at": self.first_filled_at,
            "done_at": self.done_at,
            "end_price": self.end_price,
        }

    def decided(self, quote: Quote | None, at: datetime) -> None:
        """It was decided on this market."""
        self.decided_at = at
        self.bid, self.ask = (None, None) if quote is None else (quote.bid, quote.ask)

    def sent(self, event: Sent, at: datetime) -> None:
        """It was written to the broker's socket; a modify is not the order's arrival."""
        if self.sent_at is None and not event.version:
            self.sent_at, self.arrival_price, self.queued = at, event.mid, event.queued

    def acknowledged(self, at: datetime) -> None:
        """The broker has it."""
        self.acknowledged_at = self.acknowledged_at or at

    def filled(self, stamp: datetime, at: datetime) -> None:
        """Some of it was filled, by the broker's stamp and by our record."""
        moment = moment_of(stamp, at)
        if self.first_filled_at is None or moment < self.first_filled_at:
            self.first_filled_at = moment
        if self.last_filled_at is None or moment > self.last_filled_at:
            self.last_filled_at = moment

    def settled(self, status: Status, at: datetime) -> None:
        """Where it is now; what comes back to life is not over."""
        if not status.finished:
            self.done_at = self.end_price = None
            return
        if status is Status.FILLED:
            self.end_price = None
        if self.done_at is None:
            filled = status is Status.FILLED and self.last_filled_at
            self.done_at = filled or at


def moment_of(stamp: datetime, at: datetime) -> datetime:
    """When a fill was that the broker stamps so, and that the record has then."""
    return at if at - stamp < STAMPED_IN else stamp + STAMPED_IN
