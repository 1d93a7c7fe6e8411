"""Measures as flat rows of plain values, for tables, files and data frames.

Rule 1: nothing is rounded and nothing is added up here; what is not known is None.
Rule 2: money is in one column for each currency, named after it, as in `fees_USD`.
Rule 3: times are seconds; `_bps` are basis points, `_rate` and `_share` fractions; positive is a
cost, but of `improvement`, where it is a gain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from riskgate.analytics.breakdown import GROUPINGS, Breakdown
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.latency import known_seconds
from riskgate.analytics.measures import OrderMeasures
from riskgate.analytics.quality import (
    BENCHMARKS,
    COUNTS,
    MOMENTS,
    ExecutionQuality,
    currencies_of,
    figures_of,
)
from riskgate.analytics.shortfall import PARTS
from riskgate.analytics.slippage import Slip
from riskgate.analytics.totals import Totals
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from riskgate.model.rows import Kind, Rows

Row = dict[str, Any]
NAMED: Final = ("order_id", "decided_at", "account", "strategy", "symbol", "venue", "order_type")
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
    currencies = sorted({name for _, quality in groups for name in currencies_of(quality)})
    return Rows(
        {**dict(zip(by, group, strict=True)), **figures_of(quality, currencies)}
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
        **{f"{name}_seconds": known_seconds(getattr(one.waits, name)) for name in MOMENTS},
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


_NOTHING: Final = OrderFacts(
    order_id=0,
    side=Side.BUY,
    status=Status.DENIED,
    quantity=Decimal(0),
    decided_at=datetime.fromtimestamp(0, UTC),
)
ORDER_KINDS: Final = kinds(of_order(OrderMeasures(_NOTHING, sent=False)), of_orders=True)
