"""When an order may trade: in the session its contract states, if the simulator keeps sessions.

Rule 1: an order is attended to when its session opens and when it closes, by the simulator's clock.
Rule 2: a leap of the clock over a whole session trades nothing in it; its DAY orders expire.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from riskgate.simulator.book import LiveOrder
from riskgate.simulator.hours import Span
from riskgate.simulator.wire.kinds import plain
from riskgate.simulator.world import World

NOT_YET = 399


class Attendance:
    """Follows the orders through their sessions; without `Options.sessions` all is open."""

    def __init__(self, world: World, due: Callable[[LiveOrder], None]) -> None:
        self._world = world
        self._due = due

    @property
    def _keeps_sessions(self) -> bool:
        return self._world.options.sessions

    def follow(self, order: LiveOrder) -> None:
        """A new order, or one whose terms were changed."""
        if self._keeps_sessions:
            span = self._session(order)
            order.expires = span.closes if order.terms.tif == "DAY" else None
            order.is_warned = False
            self._attend(order, span)

    def is_open(self, order: LiveOrder) -> bool:
        """True while the order's contract trades."""
        return not self._keeps_sessions or self._session(order).opens <= self._world.clock.now()

    def is_over(self, order: LiveOrder) -> bool:
        """True once the session a DAY order was for has closed."""
        return order.expires is not None and order.expires <= self._world.clock.now()

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
        listing = order.listing
        hours = listing.trading if order.terms.outside_rth else listing.liquid
        return hours.span_at(self._world.clock.now(), ZoneInfo(listing.time_zone))

    def _attend(self, order: LiveOrder, span: Span) -> None:
        is_open = span.opens <= self._world.clock.now()
        moment = span.closes if is_open else span.opens
        if order.attended_at != moment:
            order.attended_at = moment
            self._world.agenda.at(moment, partial(self._turn, order, moment))

    def _turn(self, order: LiveOrder, moment: datetime) -> None:
        if order.is_done or order.attended_at != moment:
            return
        self._attend(order, self._session(order))
        self._due(order)
