"""What holds for every algorithm of ours, whatever it plans: drift, participation, duration.

Rule 1: a guard only makes less of a step, or stops it; it never makes more.
Rule 2: what a guard needs and does not know stops it: doubt sends nothing.
Source: RTS 6 (EU 2017/589), Art. 15 and 16; FIX 5.0 SP2, ParticipationRate <849> and ExpireTime.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from riskgate.execution.slices import Algo, Done, Pause, Progress, Recall, Send, Step, Terms, Wait
from riskgate.model.money import BASIS_POINTS, HUNDRED, ZERO, text
from riskgate.model.order import Tif


class AtEnd(StrEnum):
    """What becomes of what is left when the time is over."""

    STOP = "stop"  # it is not sent
    CROSS = "cross"  # it is sent at once: at the market, or up to the parent's limit


class Guards(msgspec.Struct, frozen=True, kw_only=True):
    """The guards of a parent order.

    at_end: `stop` or `cross`, for what is left when the time is over.
    max_drift_bps: how far the market may be from the arrival price, in basis points of it, either
        way; farther pauses the work until a person resumes it, which takes a new arrival price.
    max_participation: the most that is sent, in percent of what the market has traded since.
    """

    at_end: AtEnd = AtEnd.STOP
    max_drift_bps: Decimal | None = None
    max_participation: Decimal | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for what no market has."""
        if self.max_drift_bps is not None and self.max_drift_bps <= ZERO:
            raise ValueError("max_drift_bps must be above zero")
        share = self.max_participation
        if share is not None and not ZERO < share <= HUNDRED:
            raise ValueError("max_participation must be above 0 and at most 100 percent")


def ends(algo: Algo, began: datetime) -> datetime | None:
    """When its time is over; None without an end."""
    return None if algo.duration is None else began + algo.duration


def guarded(algo: Algo, guards: Guards, terms: Terms, progress: Progress, now: datetime) -> Step:
    """What to do now, with every guard asked."""
    if progress.filled >= terms.quantity:
        return Done("all of it is filled")
    if progress.working > ZERO and progress.committed > terms.quantity:
        return Recall()  # a fill came after its cancel was confirmed, and another slice works
    end = ends(algo, progress.began)
    over = end is not None and now >= end
    step = _over(guards, terms, progress, end) if over and end else algo.next(terms, progress, now)
    if isinstance(step, Wait):
        moments = [moment for moment in (step.until, None if over else end) if moment is not None]
        return Wait(min(moments, default=None))
    if not isinstance(step, Send):
        return step
    return drifted(guards, progress) or _within(guards, terms, progress, step)


def drifted(guards: Guards, progress: Progress) -> Pause | None:
    """A pause if the market is too far from the arrival price, or that cannot be known."""
    if guards.max_drift_bps is None:
        return None
    now = progress.quote.mark if progress.quote else None
    if now is None or not progress.arrival:
        return Pause("drift: no price to measure it by")
    drift = abs(now - progress.arrival) / abs(progress.arrival) * BASIS_POINTS
    if drift <= guards.max_drift_bps:
        return None
    moved = f"{text(progress.arrival)} to {text(now)}"
    limit = text(guards.max_drift_bps)
    return Pause(f"drift: {moved} is {text(round(drift, 1))} bps > limit {limit} bps")


def _within(guards: Guards, terms: Terms, progress: Progress, step: Send) -> Send | Wait:
    """The step, made small enough for the parent and the participation guard."""
    most = terms.quantity - progress.committed
    if guards.max_participation is not None:
        traded = progress.volume or ZERO
        most = min(most, traded * guards.max_participation / HUNDRED - progress.committed)
    quantity = terms.whole(min(step.quantity, most))
    if quantity <= ZERO:
        return Wait()
    return msgspec.structs.replace(step, quantity=quantity)


def _over(guards: Guards, terms: Terms, progress: Progress, end: datetime) -> Step:
    """The end: what works is taken back, and what is left is sent once, or not at all."""
    crossed = progress.sent_at is not None and progress.sent_at >= end
    if progress.working > ZERO:
        return Wait() if crossed else Recall()
    if guards.at_end is AtEnd.STOP or crossed:
        return Done("its time is over")
    left = terms.quantity - progress.filled
    limit = terms.limit_price
    return Send(left, limit, Tif.DAY if limit is None else Tif.IOC)
