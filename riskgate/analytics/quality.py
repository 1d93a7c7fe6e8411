"""ExecutionQuality: all measures of a group of orders in one value.

Rule 1: money is by currency and never added up; shares, counts, times and mean basis points need
none. As a flat figure it is one for each currency, named after it, as in `fees_USD`.
Rule 2: what nothing is known of is None or empty, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.analytics.costs import Fees
from riskgate.analytics.fill_rate import Filled
from riskgate.analytics.improvement import Improved
from riskgate.analytics.latency import Timing, known_seconds
from riskgate.analytics.shortfall import PARTS, Shortfalls
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


COUNTS: Final = Counts.__struct_fields__
MOMENTS: Final = Times.__struct_fields__
BENCHMARKS: Final = ("decision", "arrival", "limit", "vwap")
SHARES: Final = ("better", "same", "worse")


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
        from riskgate.model import html  # noqa: PLC0415  # only in a notebook

        return html.figures("execution quality", figures_of(self, sorted(currencies_of(self))))


def currencies_of(quality: ExecutionQuality) -> set[str]:
    """The currencies that there is money in."""
    return {*quality.notional, *quality.fees, *quality.shortfall}


def figures_of(quality: ExecutionQuality, currencies: Iterable[str]) -> dict[str, Any]:
    """Every figure by its name, flat; one of money for each of these currencies, named after it.

    Times are seconds.
    """
    return {**_plain(quality), **_money(quality, currencies)}


def _plain(quality: ExecutionQuality) -> dict[str, Any]:
    """What needs no currency."""
    fills, times = quality.fills, quality.times
    return {
        **{name: getattr(quality.counts, name) for name in COUNTS},
        "executions": fills.executions,
        "asked": fills.asked,
        "done": fills.filled,
        "fill_rate": fills.by_quantity,
        "filled_rate": fills.by_count,
        "partly_rate": fills.partly,
        "unfilled_rate": fills.unfilled,
        "fills_per_order": fills.per_order,
        "first_fill_share": fills.first_share,
        "reject_rate": quality.reject_rate,
        "cancel_rate": quality.cancel_rate,
        "order_efficiency": quality.order_efficiency,
        **{f"{name}_slippage_bps": getattr(quality, name).mean_bps for name in BENCHMARKS},
        **{f"improvement_{name}_share": getattr(quality.improvement, name) for name in SHARES},
        "uncharged": quality.uncharged,
        **{
            f"{name}_{which}_seconds": known_seconds(getattr(getattr(times, name), which))
            for name in MOMENTS
            for which in ("mean", "p50", "p90", "p99", "longest")
        },
    }


def _money(quality: ExecutionQuality, currencies: Iterable[str]) -> dict[str, Any]:
    """What is by currency, a column for each."""
    found: dict[str, Any] = {}
    for currency in currencies:
        lost: Shortfalls | None = quality.shortfall.get(currency)
        fees = quality.fees.get(currency)
        figures: dict[str, Any] = {"notional": quality.notional.get(currency)}
        for name in BENCHMARKS:
            slipped = getattr(quality, name)
            figures[f"{name}_slippage"] = slipped.cost.get(currency)
            figures[f"{name}_slippage_bps"] = slipped.bps.get(currency)
        figures["shortfall_orders"] = lost and lost.orders
        figures |= {f"shortfall_{name}": getattr(lost, name, None) for name in PARTS}
        figures |= {"shortfall": lost and lost.total, "shortfall_bps": lost and lost.bps}
        figures["improvement"] = quality.improvement.amount.get(currency)
        figures["improvement_bps"] = quality.improvement.bps.get(currency)
        figures |= {"fees": fees and fees.amount, "fees_per_unit": fees and fees.per_unit}
        figures["fees_bps"] = fees and fees.bps
        found |= {f"{name}_{currency}": value for name, value in figures.items()}
    return found
