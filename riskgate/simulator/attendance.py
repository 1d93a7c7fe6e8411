"""When an order may trade, and when it is over: sessions, auctions, dates, by the broker's clock.

Rule 1: an order is attended to when its session opens and when it closes, by the simulator's clock.
Rule 2: a leap of the clock over a whole session trades nothing in it; its DAY orders expire.
Rule 3: orders that wait for the same moment share one entry of the agenda.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from riskgate.simulator.book import LiveOrder
from riskgate.simulator.conditions import times_of
from riskgate.simulator.contracts import NIGHT
from riskgate.simulator.hours import STOCK_NIGHT, Span
from riskgate.simulator.moments import moment
from riskgate.simulator.styles import OPENING, auction_of
from riskgate.simulator.wire.kinds import plain
from riskgate.simulator.world import World

NOT_YET = 399
OF_THE_DAY = frozenset({"DAY", "DTC"})


def ends_with_the_day(order: LiveOrder) -> bool:
    """Whether the end of the trading day ends it; for an order of the night it begins only then."""
    return order.terms.tif in OF_THE_DAY and order.exchange != NIGHT


class Attendance:
    """Follows the orders through their sessions; without `Options.sessions` all is open."""

    def __init__(self, world: World, due: Callable[[LiveOrder], None]) -> None:
        self._world = world
        self._due = due
        self._waiting: dict[datetime, dict[int, LiveOrder]] = {}

    @property
    def _keeps_sessions(self) -> bool:
        return self._world.options.sessions

    def follow(self, order: LiveOrder) -> None:
        """A new order, or one whose terms were changed."""
        now, zone = self._world.clock.now(), self._world.options.time_zone
        order.starts = moment(order.asked.text("goodAfterTime"), zone, now)
        order.expires = self._expiry(order, now)
        for at in (order.starts, order.expires, *times_of(order, self._world)):
            self.remind(order, at)
        if self._keeps_sessions:
            order.is_warned = False
            self._attend(order, self._session(order))

    def _expiry(self, order: LiveOrder, now: datetime) -> datetime | None:
        match order.terms.tif:
            case "GTD":
                date = order.asked.text("goodTillDate")
                return moment(date, self._world.options.time_zone, now)
            case "GTX" | "Minutes":
                length = order.asked.integer("duration")
                return now + timedelta(seconds=length) if length else None
        if not self._keeps_sessions or auction_of(order.terms.order_type, order.terms.tif):
            return None
        return self._session(order).closes if order.terms.tif in OF_THE_DAY else None

    def forget(self, order: LiveOrder) -> None:
        """An order is over; nothing waits for it any more."""
        for at in order.reminders:
            self._waiting.get(at, {}).pop(order.perm_id, None)
        order.reminders = ()

    def remind(self, order: LiveOrder, at: datetime | None) -> None:
        """Look at the order again at this moment."""
        if at is None or at <= self._world.clock.now():
            return
        if at not in self._waiting:
            self._waiting[at] = {}
            self._world.agenda.at(at, partial(self._ring, at))
        self._waiting[at][order.perm_id] = order
        if at not in order.reminders:
            order.reminders = (*order.reminders, at)

    def is_open(self, order: LiveOrder) -> bool:
        """True while the order's contract trades and the order is not for later."""
        now = self._world.clock.now()
        if auction_of(order.terms.order_type, order.terms.tif):
            return False
        if order.starts is not None and now < order.starts:
            return False
        return not self._keeps_sessions or self._session(order).opens <= now

    def is_over(self, order: LiveOrder) -> bool:
        """True once the session a DAY order was for has closed, or its own time has come."""
        return order.expires is not None and order.expires <= self._world.clock.now()

    def is_called(self, order: LiveOrder) -> bool:
        """True once the auction the order is for takes place."""
        at = order.attended_at
        called = bool(auction_of(order.terms.order_type, order.terms.tif))
        return called and at is not None and at <= self._world.clock.now()

    def is_early(self, order: LiveOrder) -> bool:
        """True when it is the session the order waits for, which is told."""
        return self._keeps_sessions and self._session(order).opens > self._world.clock.now()

    def closes(self, order: LiveOrder) -> datetime | None:
        """When the session of the order closes, None without sessions."""
        return self._session(order).closes if self._keeps_sessions else None

    def warning(self, order: LiveOrder) -> str:
        """What the broker says of an order that has to wait for the opening."""
        terms, listing = order.terms, order.listing
        opens = self._session(order).opens.astimezone(ZoneInfo(listing.time_zone))
        return (
            f"Order Message:\n{terms.action} {plain(terms.quantity)} {listing.local_symbol} "
            f"{listing.primary_exchange or listing.exchange}\n"
            "Warning: your order will not be placed at the exchange until "
            f"{opens:%Y-%m-%d %H:%M:%S} {listing.time_zone}."
        )

    def _session(self, order: LiveOrder) -> Span:
        return self._session_at(order, self._world.clock.now())

    def _session_at(self, order: LiveOrder, at: datetime) -> Span:
        listing = order.listing
        auction = auction_of(order.terms.order_type, order.terms.tif)
        hours = listing.trading if order.terms.outside_rth and not auction else listing.liquid
        if order.exchange == NIGHT:
            hours = STOCK_NIGHT
        return hours.span_at(at, ZoneInfo(listing.time_zone))

    def _attend(self, order: LiveOrder, span: Span) -> None:
        now = self._world.clock.now()
        auction = auction_of(order.terms.order_type, order.terms.tif)
        if auction == OPENING:
            order.attended_at = span.opens if span.opens > now else self._opens_next(order, span)
        else:
            is_open = span.opens <= now or bool(auction)
            order.attended_at = span.closes if is_open else span.opens
        self.remind(order, order.attended_at)

    def _opens_next(self, order: LiveOrder, span: Span) -> datetime:
        return self._session_at(order, span.closes).opens

    def _ring(self, at: datetime) -> None:
        """The moment has come for the orders that wait for it."""
        for order in self._waiting.pop(at, {}).values():
            order.reminders = tuple(one for one in order.reminders if one != at)
            self._turn(order, at)

    def _turn(self, order: LiveOrder, at: datetime) -> None:
        if order.is_done:
            return
        if at == order.attended_at and not self.is_called(order):
            self._attend(order, self._session(order))
        self._due(order)
