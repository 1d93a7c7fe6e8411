"""Deny opening a position shortly before its instrument expires.

Why
    In its last days a contract is for those who deliver. Who opens then may find neither buyers nor
    a price, and wakes up with barrels or shares to take.
Measures
    The time from now to 00:00 of the expiry date, in the policy's zone. Orders that only reduce are
    not asked, and neither are instruments that do not expire.
Passes with `no_opening_within: 2d`
    given instruments: {CL: {sec_type: FUT, multiplier: 1000, expiry: 2026-03-05}}
    BUY 1 CL LMT 70 DAY
Breaches with `no_opening_within: 3d`
    given instruments: {CL: {sec_type: FUT, multiplier: 1000, expiry: 2026-03-05}}
    BUY 1 CL LMT 70 DAY
Passes with `no_opening_within: 3d`
    given instruments: {CL: {sec_type: FUT, multiplier: 1000, expiry: 2026-03-05}},
        positions: {CL: 1}
    SELL 1 CL LMT 70 DAY
Source
    17 CFR 240.15c3-5(c)(2)(i); negative oil, 20 April 2020: the day before the May contract
    expired.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.model.spans import span
from riskgate.rulekit.base import Rule, holds
from riskgate.rulekit.bounds import HIGHER, Measured, Seen
from riskgate.rulekit.parameters import Duration


class ExpiryWindow(Rule):
    """How long before the expiry the last position may be opened."""

    kind = "expiry_window"
    answers_alike = True
    exempts_reductions = True

    @holds(Duration(), tighter=HIGHER)
    def no_opening_within(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """How long before 00:00 of the expiry date nothing may be opened any more."""
        expiry = seen.contract.expiry
        if expiry is None:
            return None
        ends = datetime.combine(expiry, time(0), tzinfo=ZoneInfo(self.context.zone))
        left = ends.astimezone(UTC) - seen.as_of.astimezone(UTC)
        return Seen(f"{span(left)} before {expiry}", passes=left >= self.no_opening_within)
