"""All that is measured of one order: the one place where its facts become figures.

Rule 1: everything is in the order's own currency, times the multiplier; prices are per unit.
Rule 2: an order that never left for the broker has no figures but its own facts. One that has fills
did leave, whatever we believed of it.
Rule 3: fills that do not add up to what the order has filled (those of a combo's legs) say nothing
of its price: slippage, shortfall and improvement are then unknown. Their charges count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, getcontext, setcontext
from typing import Final

import msgspec

from riskgate.analytics.costs import NOTHING_CHARGED, Charges, charges
from riskgate.analytics.exact import EXACT, quotient
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.fill_rate import NOT_FILLED, Filling, filling
from riskgate.analytics.improvement import Improvement, improvement
from riskgate.analytics.latency import Waits, waits
from riskgate.analytics.shortfall import Shortfall, shortfall
from riskgate.analytics.slippage import Slip, slip
from riskgate.analytics.tape import Tape
from riskgate.model.lifecycle import BEFORE_SENDING

NEVER: Final = Waits(None, None, None, None, None, None)


class OrderMeasures(msgspec.Struct, frozen=True, gc=False):
    """One order, measured. What is not known, or not of this order, is None.

    `decision`, `arrival`, `limit` and `vwap` are its slippage against these prices. `notional` is
    sum(quantity x |price|) x multiplier.
    """

    facts: OrderFacts
    sent: bool
    filling: Filling = NOT_FILLED
    notional: Decimal | None = None
    decision: Slip | None = None
    arrival: Slip | None = None
    limit: Slip | None = None
    vwap: Slip | None = None
    shortfall: Shortfall | None = None
    improvement: Improvement | None = None
    charges: Charges = NOTHING_CHARGED
    waits: Waits = NEVER

    @property
    def average_price(self) -> Decimal | None:
        """The quantity-weighted price of the fills; FIX AvgPx (tag 6)."""
        return None if self.notional is None else quotient(self.filling.paid, self.facts.filled)


def measured(facts: OrderFacts, market: Tape | None = None) -> OrderMeasures:
    """One order, measured; against the interval's VWAP too if the market's trades are there."""
    if facts.status in BEFORE_SENDING and not facts.fills:
        return OrderMeasures(facts, sent=False)
    vwap = None if market is None else market.interval_vwap(facts)
    around = getcontext()
    setcontext(EXACT)  # a third of what `localcontext` takes, and this is asked millions of times
    try:
        return _measured(facts, vwap)
    finally:
        setcontext(around)


def measure(orders: Iterable[OrderFacts], market: Tape | None = None) -> Iterator[OrderMeasures]:
    """The same of many, one at a time as they come."""
    return (measured(facts, market) for facts in orders)


def _measured(facts: OrderFacts, vwap: Decimal | None) -> OrderMeasures:
    fills = filling(facts)
    cost = charges(facts, fills)
    times = waits(facts)
    if fills.quantity != facts.filled:
        return OrderMeasures(facts, sent=True, filling=fills, charges=cost, waits=times)
    paid = fills.paid * facts.multiplier
    if not facts.filled:
        lost = shortfall(facts, paid, cost.fees)
        return OrderMeasures(facts, sent=True, shortfall=lost, charges=cost, waits=times)
    size = facts.filled * facts.multiplier
    side, decision, arrival = facts.side, facts.decision_price, facts.arrival_price
    limit = facts.limit_price
    return OrderMeasures(
        facts,
        sent=True,
        filling=fills,
        notional=fills.traded * facts.multiplier,
        decision=None if decision is None else slip(side, paid, size, decision),
        arrival=None if arrival is None else slip(side, paid, size, arrival),
        limit=None if limit is None else slip(side, paid, size, limit),
        vwap=None if vwap is None else slip(side, paid, size, vwap),
        shortfall=shortfall(facts, paid, cost.fees),
        improvement=improvement(facts, paid, size),
        charges=cost,
        waits=times,
    )
