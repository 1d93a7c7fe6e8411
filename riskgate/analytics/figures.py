"""Measures as flat rows of plain values, for tables, files and data frames.

Rule 1: nothing is rounded and nothing is added up here; what is not known is None.
Rule 2: money is in one column for each currency, named after it, as in `fees_USD`.
Rule 3: times are seconds; `_bps` are basis points, `_rate` and `_share` fractions; positive is a
cost, but of `improvement`, where it is a gain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from riskgate.analytics.breakdown import GROUPINGS, Breakdown
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.latency import seconds
from riskgate.analytics.measures import OrderMeasures
from riskgate.analytics.quality import Counts, ExecutionQuality
from riskgate.analytics.shortfall import Shortfalls
from riskgate.analytics.slippage import Slip
from riskgate.analytics.totals import BENCHMARKS, MOMENTS, Totals
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from riskgate.model.rows import Kind, Rows

Row = dict[str, Any]
COUNTS: Final = Counts.__struct_fields__
PARTS: Final = ("delay", "execution", "opportunity", "fees")
NAMED: Final = ("order_id", "decided_at", "account", "strategy", "symbol", "venue", "order_type")
SHARES: Final = ("better", "same", "worse")


WHOLE: Final = frozenset({*COUNTS, "executions", "uncharged", "order_id"}) - {"filled"}
TEXT: Final = frozenset({*GROUPINGS, *NAMED[2:], "side", "status", "currency"})


def of_groups(
    groups: Mapping[tuple[str, ...], ExecutionQuality], by: Sequence[str] = ()
) -> Rows[Row]:
    """A row for each group, with what it is grouped by first; all have the same columns."""
    return _rows(list(groups.items()), by)


def _rows(
    groups: Sequence[tuple[tuple[str | None, ...], ExecutionQuality]], by: Sequence[str]
) -> Rows[Row]:
    currencies = sorted({name for _, quality in groups for name in _currencies(quality)})
    return Rows(
        {**dict(zip(by, group, strict=True)), **_plain(quality), **_money(quality, currencies)}
        for group, quality in groups
    )


def with_whole(found: Breakdown) -> Rows[Row]:
    """The same of a breakdown, and a last row of all its orders, called `all`."""
    whole = Totals()
    for some in found.totals.values():
        whole.merge(some)
    rest: list[str | None] = [None] * (len(found.by) - 1)
    return _rows([*found.groups().items(), (("all", *rest), whole.quality())], found.by)


def of_orders(orders: Iterable[OrderMeasures]) -> Iterator[Row]:
    """A row for each order, as they come; all have the same columns.

    Those that other orders fill, blocks and parents, are left out, as they are of every total.
    """
    return (of_order(one) for one in orders if not (one.facts.is_block or one.facts.is_parent))


def of_order(one: OrderMeasures) -> Row:
    """One order. Money is in its own `currency`; a part of the shortfall may be unknown."""
    facts, gain = one.facts, one.improvement
    lost = one.shortfall
    return {
        **{
            name: getattr(facts, name) for name in ("order_id", "decided_at", "account", "strategy")
        },
        **{name: getattr(facts, name) for name in ("symbol", "venue", "order_type")},
        "side": facts.side.value,
        "status": facts.status.value,
        **{name: getattr(facts, name) for name in ("quantity", "filled", "currency")},
        "average_price": one.average_price,
        **_slips(one),
        **{f"shortfall_{name}": getattr(lost, name, None) for name in PARTS},
        "shortfall": lost and lost.total,
        "shortfall_bps": lost and lost.bps,
        "improvement": gain and gain.amount,
        "improvement_bps": gain and gain.bps,
        "fees": one.charges.fees,
        "uncharged": one.charges.uncharged,
        **{f"{name}_seconds": _seconds(getattr(one.waits, name)) for name in MOMENTS},
    }


def kinds(names: Iterable[str], *, of_orders: bool = False) -> dict[str, Kind]:
    """What each column holds: `text`, `whole`, `moment` or `decimal`."""
    return {name: _kind(name, of_orders=of_orders) for name in names}


def _kind(name: str, *, of_orders: bool) -> Kind:
    if name in TEXT:
        return "text"
    if name == "decided_at":
        return "moment"
    counts = name == "filled" and not of_orders
    return "whole" if counts or name in WHOLE or "_orders" in name else "decimal"


def _slips(one: OrderMeasures) -> Row:
    """The four benchmarks: the price, what it cost against it, and in basis points."""
    facts = one.facts
    prices = (facts.decision_price, facts.arrival_price, facts.limit_price, None)
    found: Row = {}
    for name, price in zip(BENCHMARKS, prices, strict=True):
        slip: Slip | None = getattr(one, name)
        found[f"{name}_price"] = price if slip is None else slip.benchmark
        found[f"{name}_slippage"] = slip and slip.cost
        found[f"{name}_slippage_bps"] = slip and slip.bps
    return found


def _plain(quality: ExecutionQuality) -> Row:
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
            f"{name}_{which}_seconds": _seconds(getattr(getattr(times, name), which))
            for name in MOMENTS
            for which in ("mean", "p50", "p90", "p99", "longest")
        },
    }


def _money(quality: ExecutionQuality, currencies: Iterable[str]) -> Row:
    """What is by currency, a column for each."""
    found: Row = {}
    for currency in currencies:
        lost: Shortfalls | None = quality.shortfall.get(currency)
        fees = quality.fees.get(currency)
        figures: Row = {"notional": quality.notional.get(currency)}
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


def _currencies(quality: ExecutionQuality) -> set[str]:
    return {*quality.notional, *quality.fees, *quality.shortfall}


def _seconds(time: timedelta | None) -> Decimal | None:
    return None if time is None else seconds(time)


_NOTHING: Final = OrderFacts(
    order_id=0,
    side=Side.BUY,
    status=Status.DENIED,
    quantity=Decimal(0),
    decided_at=datetime.fromtimestamp(0, UTC),
)
ORDER_KINDS: Final = kinds(of_order(OrderMeasures(_NOTHING, sent=False)), of_orders=True)
