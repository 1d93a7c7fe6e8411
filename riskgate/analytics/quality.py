"""ExecutionQuality: all measures of a group of orders in one value.

Rule 1: money is by currency and never added up; shares, counts, times and mean basis points need
none.
Rule 2: what nothing is known of is None or empty, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from riskgate.analytics.costs import Fees
from riskgate.analytics.fill_rate import Filled
from riskgate.analytics.improvement import Improved
from riskgate.analytics.latency import Timing
from riskgate.analytics.shortfall import Shortfalls
from riskgate.analytics.slippage import Slipped


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of orders. `sent` are those that left for the broker, `working` those there now.

    `orders` = sent + denied + held + never_sent; `sent` = filled + cancelled + expired + rejected +
    working. `partly_filled` are sent, have a fill and are not filled whole, whatever became of
    them. `modifies` and `cancels` are messages: several cancels of one order are one.
    """

    orders: int = 0
    sent: int = 0
    filled: int = 0
    partly_filled: int = 0
    cancelled: int = 0
    expired: int = 0
    rejected: int = 0
    working: int = 0
    denied: int = 0
    held: int = 0
    never_sent: int = 0
    executed: int = 0
    modifies: int = 0
    cancels: int = 0


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long orders took from their decision to each moment, and how long they queued."""

    sent: Timing = Timing()
    acknowledged: Timing = Timing()
    first_fill: Timing = Timing()
    filled: Timing = Timing()
    done: Timing = Timing()
    queued: Timing = Timing()


class ExecutionQuality(msgspec.Struct, frozen=True, kw_only=True):
    """How well a group of orders was executed.

    `reject_rate` = rejected by the broker / sent, `cancel_rate` = cancelled / sent, fractions, None
    if nothing was sent. `order_efficiency` = (sent + modifies + cancels) / (executed orders + 1),
    as the rule of that name has it. `notional` = sum(quantity x |price| x multiplier).
    """

    counts: Counts = Counts()
    fills: Filled = Filled()
    reject_rate: Decimal | None = None
    cancel_rate: Decimal | None = None
    order_efficiency: Decimal = Decimal(0)
    decision: Slipped = Slipped()
    arrival: Slipped = Slipped()
    limit: Slipped = Slipped()
    vwap: Slipped = Slipped()
    shortfall: Mapping[str, Shortfalls] = {}
    improvement: Improved = Improved()
    fees: Mapping[str, Fees] = {}
    uncharged: int = 0
    notional: Mapping[str, Decimal] = {}
    times: Times = Times()

    def _repr_html_(self) -> str:
        """Every figure that is known, for notebooks."""
        from riskgate.analytics import figures  # noqa: PLC0415  # only in a notebook
        from riskgate.model import html  # noqa: PLC0415  # same

        (row,) = figures.of_groups({(): self})
        return html.figures("execution quality", row)
