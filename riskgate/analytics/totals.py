"""Totals: all measures summed over orders as they come, one at a time, in flat memory.

Rule 1: sums are exact, so the order of the orders is irrelevant, totals of parts merge into those
of the whole, and what was added can be taken away again.
Rule 2: a block, and an order worked off by our own plan, are done by orders of their own: those
are counted.
Rule 3: memory: some 10 kB for a group, and 8 bytes for each time of each order (at most 6) until a
group has 65,536 of it; then no more (`latency`): 10,000,000 orders in one group take under 10 MB.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import getcontext, localcontext, setcontext

from riskgate.analytics.costs import FeeSums
from riskgate.analytics.exact import EXACT, Sums, quotient
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.fill_rate import FillingSums
from riskgate.analytics.improvement import ImprovementSums
from riskgate.analytics.latency import Durations, Waits
from riskgate.analytics.measures import OrderMeasures, measure
from riskgate.analytics.quality import BENCHMARKS, MOMENTS, Counts, ExecutionQuality, Times
from riskgate.analytics.shortfall import ShortfallSums
from riskgate.analytics.slippage import SlippageSums
from riskgate.analytics.tape import Tape
from riskgate.model.lifecycle import BEFORE_SENDING, Status
from riskgate.model.money import ONE
from riskgate.rules.order_efficiency import efficiency


def totals(orders: Iterable[OrderFacts], market: Tape | None = None) -> Totals:
    """The measures of these orders, summed."""
    found = Totals()
    for one in measure(orders, market):
        found.add(one)
    return found


def quality(orders: Iterable[OrderFacts], market: Tape | None = None) -> ExecutionQuality:
    """How well these orders were executed."""
    return totals(orders, market).quality()


class Totals:
    """The measures of a group of orders, as they come."""

    __slots__ = (
        *("_executed", "_fees", "_filling", "_improvement", "_messages", "_notional"),
        *("_shortfall", "_slippage", "_statuses", "_times"),
    )

    def __init__(self) -> None:
        self._statuses: dict[Status, int] = {}
        self._executed = 0
        self._messages = [0, 0]
        self._filling = FillingSums()
        self._slippage = tuple(SlippageSums() for _ in BENCHMARKS)
        self._shortfall = ShortfallSums()
        self._improvement = ImprovementSums()
        self._fees = FeeSums()
        self._notional = Sums(2)
        self._times = tuple(Durations() for _ in MOMENTS)

    def add(self, one: OrderMeasures) -> None:
        """Count one order."""
        facts = one.facts
        if facts.is_block or facts.is_parent:
            return
        status = facts.status
        self._statuses[status] = self._statuses.get(status, 0) + 1
        if one.sent:
            around = getcontext()
            setcontext(EXACT)
            try:
                self._add_sent(one)
            finally:
                setcontext(around)

    def _add_sent(self, one: OrderMeasures) -> None:
        facts = one.facts
        currency = facts.currency
        self._filling.add(facts, one.filling)
        if facts.filled or facts.fills:
            self._executed += 1
        self._messages[0] += facts.modifies
        self._messages[1] += facts.cancels
        self._fees.add(one.charges)
        if one.shortfall is not None:
            self._shortfall.add(currency, one.shortfall)
        if one.notional is not None:
            row = self._notional.of(currency)
            row[0] += ONE
            row[1] += one.notional
        if one.improvement is not None:
            self._improvement.add(currency, one.improvement)
        decision, arrival, limit, vwap = self._slippage
        if one.decision is not None:
            decision.add(currency, one.decision)
        if one.arrival is not None:
            arrival.add(currency, one.arrival)
        if one.limit is not None:
            limit.add(currency, one.limit)
        if one.vwap is not None:
            vwap.add(currency, one.vwap)
        self._add_times(one.waits)

    def _add_times(self, waits: Waits) -> None:
        sent, acknowledged, first_fill, filled, done, queued = self._times
        if waits.sent is not None:
            sent.add(waits.sent)
        if waits.acknowledged is not None:
            acknowledged.add(waits.acknowledged)
        if waits.first_fill is not None:
            first_fill.add(waits.first_fill)
        if waits.filled is not None:
            filled.add(waits.filled)
        if waits.done is not None:
            done.add(waits.done)
        if waits.queued is not None:
            queued.add(waits.queued)

    def merge(self, other: Totals) -> None:
        """Count another's orders too."""
        self._merge(other, 1)

    def remove(self, one: OrderMeasures) -> None:
        """Count an order no more that was added so, for it has changed."""
        alone = Totals()
        alone.add(one)
        self._merge(alone, -1)

    def _merge(self, other: Totals, sign: int) -> None:
        for status, count in other._statuses.items():
            self._statuses[status] = self._statuses.get(status, 0) + sign * count
        self._executed += sign * other._executed
        self._messages = [
            mine + sign * more for mine, more in zip(self._messages, other._messages, strict=True)
        ]
        with localcontext(EXACT):
            self._filling.merge(other._filling, sign)
            self._shortfall.merge(other._shortfall, sign)
            self._improvement.merge(other._improvement, sign)
            self._fees.merge(other._fees, sign)
            self._notional.merge(other._notional, sign)
            for mine, more in zip(self._slippage, other._slippage, strict=True):
                mine.merge(more, sign)
        for times, others in zip(self._times, other._times, strict=True):
            times.merge(others, sign)

    def quality(self) -> ExecutionQuality:
        """What it all comes to."""
        counts = self._counts()
        messages = counts.sent + counts.modifies + counts.cancels
        ratio = efficiency(messages, counts.executed)
        with localcontext(EXACT):
            decision, arrival, limit, vwap = (sums.value() for sums in self._slippage)
            return ExecutionQuality(
                counts=counts,
                fills=self._filling.value(),
                reject_rate=quotient(counts.rejected, counts.sent),
                cancel_rate=quotient(counts.cancelled, counts.sent),
                order_efficiency=ratio,
                decision=decision,
                arrival=arrival,
                limit=limit,
                vwap=vwap,
                shortfall=self._shortfall.value(),
                improvement=self._improvement.value(),
                fees=self._fees.value(),
                uncharged=self._fees.uncharged,
                notional={currency: row[1] for currency, row in self._notional.sorted()},
                times=self._timings(),
            )

    def _timings(self) -> Times:
        sent, acknowledged, first_fill, filled, done, queued = (one.value() for one in self._times)
        return Times(
            sent=sent,
            acknowledged=acknowledged,
            first_fill=first_fill,
            filled=filled,
            done=done,
            queued=queued,
        )

    def _counts(self) -> Counts:
        found = self._statuses
        sent = sum(count for status, count in found.items() if status not in BEFORE_SENDING)
        return Counts(
            orders=sum(found.values()),
            sent=sent,
            filled=found.get(Status.FILLED, 0),
            partly_filled=self._filling.partly,
            cancelled=found.get(Status.CANCELLED, 0),
            expired=found.get(Status.EXPIRED, 0),
            rejected=found.get(Status.REJECTED, 0),
            working=sum(count for status, count in found.items() if status.working),
            denied=found.get(Status.DENIED, 0),
            held=found.get(Status.HELD, 0),
            never_sent=found.get(Status.NEVER_SENT, 0),
            executed=self._executed,
            modifies=self._messages[0],
            cancels=self._messages[1],
        )
