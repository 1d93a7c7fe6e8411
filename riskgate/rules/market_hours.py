"""Deny an order when its market is not open for it.

Why
    An order sent at night waits for a price nobody knows; a market order at the open or in a thin
    pre-market pays whatever is asked.
Measures
    The session this moment falls in (holidays, half days, lunch breaks and daylight saving as the
    calendar has them), the time since the session day's first open and to its last close, and daily
    windows in which nothing may be sent. Where no hours are known the answer is NO_HOURS.
Passes with `calendar: always`
    BUY 100 AAPL LMT 190 DAY
Breaches with `calendar: always, closed: ["00:00-12:00", "12:00-00:00"]`
    BUY 100 AAPL LMT 190 DAY
Source
    17 CFR 240.15c3-5(c)(2)(i); RTS 6 Art. 15(1); policy-language.md, section 6.
"""

from __future__ import annotations

from datetime import timedelta

from riskgate.model.hours import in_daily_window, since_open, until_close, until_days_close
from riskgate.model.order import MARKETABLE, Order, OrderType, Tif
from riskgate.model.snapshot import Snapshot
from riskgate.model.spans import span
from riskgate.rulekit.base import Parameter, Rule, holds
from riskgate.rulekit.bounds import FEWER, HIGHER, LOWER, MORE, Measured, Seen
from riskgate.rulekit.matching import Names, names
from riskgate.rulekit.parameters import (
    Calendar,
    Duration,
    Edges,
    Flag,
    Margins,
    TimeOfDay,
    Window,
    Windows,
    Words,
)
from riskgate.rulekit.sessions import SESSIONS, edge_faults, hours_of, outside, phase_of, trading
from riskgate.rulekit.surely import Alike, Shortcut

AT_THE_CLOSE = frozenset({OrderType.MOC, OrderType.LOC})


class MarketHours(Rule):
    """When an order may be sent."""

    kind = "market_hours"
    answers_alike = True

    calendar = Parameter(
        Calendar(),
        "An exchange code such as XNYS, `IB` for the contract's own hours, or `always`.",
        required=True,
    )
    pre = Parameter(
        TimeOfDay(),
        "When the pre-market session begins, in the calendar's zone.",
        tighter=HIGHER,
    )
    post = Parameter(
        TimeOfDay(), "When the post-market session ends, in the calendar's zone.", tighter=LOWER
    )

    @holds(Words(SESSIONS), default=names(("regular",)), tighter=FEWER)
    def sessions(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The sessions in which orders may be sent; the default is the regular one."""
        phase = phase_of(seen, self.calendar, self.pre, self.post)
        return Seen(phase, passes=phase in self.sessions)

    @sessions.surely
    def _in_regular(self, listed: Names, alike: Alike) -> Shortcut | None:  # noqa: ARG002  # one shape
        """Inside one stretch of regular trading nothing changes."""
        return trading(self.calendar) if "regular" in listed else None

    @holds(Edges(), tighter=HIGHER)
    def not_within(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """How long after the first open and before the last close nothing may be sent."""
        margins = self.not_within
        hours = hours_of(self.calendar, seen)
        opened, left = since_open(hours, seen.as_of), until_close(hours, seen.as_of)
        if opened is None or left is None:
            return None
        clear = opened >= margins.after_open and left > margins.before_close
        return Seen(f"{span(opened)} after the open, {span(left)} before the close", passes=clear)

    @not_within.surely
    def _well_inside(self, margins: Margins, alike: Alike) -> Shortcut:  # noqa: ARG002  # one shape
        """The same stretch, less its edges."""
        return trading(self.calendar, margins)

    @holds(Windows(), tighter=MORE)
    def closed(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """Daily windows in the policy's zone in which nothing may be sent."""
        zone = self.context.zone
        inside = [
            window
            for window in self.closed
            if in_daily_window(seen.as_of, zone, window.start, window.end)
        ]
        return Seen(f"inside {inside[0]}" if inside else "outside", passes=not inside)

    @closed.surely
    def _surely_outside(self, windows: tuple[Window, ...], alike: Alike) -> Shortcut:  # noqa: ARG002  # one shape
        """Between two edges of windows nothing changes."""
        return outside(windows, self.context.zone)

    @holds(Duration(), tighter=HIGHER)
    def moc_cutoff(self, order: Order, seen: Snapshot) -> Measured:
        """How long before the close of its day the last on-close order may be sent."""
        if order.order_type not in AT_THE_CLOSE:
            return None
        left = until_days_close(hours_of(self.calendar, seen), seen.as_of) or timedelta(0)
        return Seen(f"{span(left)} before the close", passes=left >= self.moc_cutoff)

    @holds(Flag(), tighter=HIGHER)
    def market_orders_in_regular_only(self, order: Order, seen: Snapshot) -> Measured:
        """`true`: market orders only in the regular session."""
        if order.order_type not in MARKETABLE or not self.market_orders_in_regular_only:
            return None
        if order.tif is Tif.OPG:  # it waits for the opening auction, whenever it is sent
            return None
        phase = phase_of(seen, self.calendar, self.pre, self.post)
        return Seen(phase, passes=phase == "regular")

    def calendars(self) -> tuple[str, ...]:
        """The calendar that is asked."""
        return (self.calendar,)

    def faults(self) -> tuple[tuple[str, str], ...]:
        """`sessions` and the times between which they are need each other."""
        return edge_faults("sessions", (self.sessions, self.calendar, self.pre, self.post))
