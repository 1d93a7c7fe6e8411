"""Execution quality in words: one group of orders as a page, several as columns of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from riskgate.analytics import figures
from riskgate.analytics.latency import seconds
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.shortfall import Shortfalls
from riskgate.analytics.slippage import Slipped
from riskgate.model.spans import span
from riskgate.reporters.columns import Column, Sheet, fitted, printable, table_lines
from riskgate.reporters.lines import wrapped
from riskgate.reporters.sheets import bps, percent, worth


def took(time: timedelta) -> str:
    """A time as people read it: `4.3ms`, `12.05s`, `2h 5m`."""
    return lasted(seconds(time))


def lasted(length: Decimal) -> str:
    """The same of seconds."""
    if length < 1:
        return f"{_short(length * 1000, 1)}ms"
    if length < 60:  # noqa: PLR2004  # a minute
        return f"{_short(length)}s"
    return span(timedelta(seconds=int(length)))


def _short(number: Decimal, places: int = 2) -> str:
    """A number with few decimals."""
    return f"{round(number, places).normalize() + 0:,f}"


LABEL: Final = 13
BENCHMARKS: Final = {
    "decision": "decision price",
    "arrival": "arrival price",
    "limit": "limit price",
    "vwap": "interval VWAP",
}
MOMENTS: Final = {
    "sent": "sent",
    "acknowledged": "acknowledged",
    "first_fill": "first fill",
    "done": "over",
    "queued": "(queued)",
}
TIMES: Final = ("count", "mean", "p50", "p90", "p99", "longest")
SLIPPED: Final = (
    Column("name", "slippage against"),
    Column("orders", "orders"),
    Column("mean", "mean bps", how=bps),
    Column("cost", "cost", how=worth),
    Column("currency", ""),
    Column("bps", "bps of value", how=bps),
)
TIMED: Final = (
    Column("name", "from decision to"),
    Column("count", "orders"),
    *(Column(name, name, how=took) for name in TIMES[1:]),
)
GROUPED: Final = (
    Column("orders", "orders"),
    Column("sent", "sent", 5),
    Column("denied", "denied", 6),
    Column("fill_rate", "filled", 2, how=percent),
    Column("cancel_rate", "cancelled", 10, how=percent),
    Column("reject_rate", "rejected", 8, how=percent),
    Column("decision_slippage_bps", "slip bps", how=bps),
    Column("arrival_slippage_bps", "at arrival", 9, how=bps),
    Column("vwap_slippage_bps", "vwap bps", 4, how=bps),
)
GROUPED_LAST: Final = (
    Column("first_fill_p50_seconds", "to fill", 4, how=lasted),
    Column("first_fill_p90_seconds", "p90", 8, how=lasted),
)


def quality_page(of: ExecutionQuality) -> Iterator[str]:
    """All measures of one group of orders, in at most eighty columns."""
    for label, words in _facts(of):
        first, *rest = wrapped(words, LABEL, hang=0)
        yield f"{label:{LABEL}}{first.strip()}"
        yield from rest
    yield ""
    yield from _table([row for name in BENCHMARKS for row in _slipped(name, of)], SLIPPED)
    yield "a cost is positive; the mean counts each order once"
    yield ""
    yield from _table([_timed(name, of) for name in MOMENTS], TIMED)


def sheet(rows: Sequence[Mapping[str, Any]], by: Sequence[str]) -> Sheet:
    """The columns of groups: a few for people, with the currencies that there are; all in files."""
    found = rows or figures.of_groups({("",) * len(by): ExecutionQuality()}, by)
    names = tuple(found[0])
    currencies = [name.removeprefix("notional_") for name in names if name.startswith("notional_")]
    money = (column for currency in currencies for column in _by_currency(currency, currencies))
    groups = (Column(name, name.replace("_", " "), least=12, how=_named) for name in by)
    return Sheet((*groups, *GROUPED, *money, *GROUPED_LAST), figures.kinds(names))


def _named(group: str) -> str:
    """A group by its name, or that it has none."""
    return printable(group) or "(none)"


def _by_currency(currency: str, currencies: Sequence[str]) -> Iterator[Column]:
    """Columns of one currency, which is named where there are several."""
    of = f" {currency}" if len(currencies) > 1 else ""
    yield Column(f"shortfall_bps_{currency}", f"shortfall bps{of}", 1, how=bps)
    yield Column(f"fees_bps_{currency}", f"fee bps{of}", 3, how=bps)
    yield Column(f"fees_{currency}", f"fees {currency}", 7, how=worth)
    yield Column(f"notional_{currency}", f"traded {currency}", 9, how=worth)


def _table(rows: Sequence[Mapping[str, Any]], columns: tuple[Column, ...]) -> Iterator[str]:
    return (line.rstrip("\n") for line in table_lines(fitted(rows, columns)))


def _facts(of: ExecutionQuality) -> Iterator[tuple[str, str]]:
    counts, fills = of.counts, of.fills
    sent = "filled", "cancelled", "expired", "rejected", "working"
    kept = "denied", "held", "never_sent"
    yield "orders", _counted(counts.orders, "in all", counts, ("sent", *kept))
    yield "sent", _counted(counts.sent, "of them", counts, sent)
    if counts.sent:
        rate = f"{percent(fills.by_quantity)} of units, {percent(fills.by_count)} of orders whole"
        yield "filled", f"{rate}, {percent(fills.partly)} in part, {percent(fills.unfilled)} not"
        rejected = f"rejected {percent(of.reject_rate)}, cancelled {percent(of.cancel_rate)}"
        yield "rates", f"{rejected}; {_short(of.order_efficiency)} messages for an executed order"
    if fills.per_order is not None:
        first = f"the first has {percent(fills.first_share)} of what filled"
        yield "fills", f"{fills.executions:,}: {_short(fills.per_order)} an order, {first}"
    for currency, value in of.notional.items():
        yield "traded", f"{worth(value)} {currency}"
    for currency, lost in of.shortfall.items():
        yield "shortfall", _shortfall(lost, currency)
    for currency, gain in of.improvement.amount.items():
        yield "improvement", _improved(of, gain, currency)
    for currency, fees in of.fees.items():
        each = "" if fees.per_unit is None else f", {_short(fees.per_unit, 4)} a unit"
        rate = "" if fees.bps is None else f", {bps(fees.bps)} bps"
        yield "fees", f"{worth(fees.amount)} {currency}{each}{rate}"
    if of.uncharged:
        yield "", uncharged(of.uncharged)


def _counted(number: int, what: str, counts: object, names: Sequence[str]) -> str:
    parts = [f"{getattr(counts, name):,} {name.replace('_', ' ')}" for name in names]
    return f"{number:,} {what}: {', '.join(parts)}"


def _shortfall(lost: Shortfalls, currency: str) -> str:
    """What was lost, and its parts."""
    rate = "" if lost.bps is None else f", {bps(lost.bps)} bps of the decision's value"
    parts = " + ".join(
        f"{name} {worth(getattr(lost, name))}"
        for name in ("delay", "execution", "opportunity", "fees")
    )
    known = f"{lost.orders:,} order{'s' * (lost.orders != 1)}"
    return f"{worth(lost.total)} {currency}{rate}, of {known}: {parts}"


def _improved(of: ExecutionQuality, gain: Decimal, currency: str) -> str:
    """What was gained on the touch."""
    found = of.improvement
    shares = f"{percent(found.better)} better, {percent(found.same)} the same"
    return f"{worth(gain)} {currency} on the touch; units: {shares}, {percent(found.worse)} worse"


def _slipped(name: str, of: ExecutionQuality) -> Iterator[Mapping[str, Any]]:
    found: Slipped = getattr(of, name)
    row = {"name": BENCHMARKS[name], "orders": found.orders, "mean": found.mean_bps}
    if not found.cost:
        yield row
    for currency, cost in found.cost.items():
        rate = found.bps[currency]
        yield {
            **row,
            "cost": cost,
            "currency": currency,
            "bps": rate,
        }


def _timed(name: str, of: ExecutionQuality) -> Mapping[str, Any]:
    found = getattr(of.times, name)
    return {"name": MOMENTS[name], **{which: getattr(found, which) for which in TIMES}}


def uncharged(fills: int) -> str:
    """That some fills have no commission yet."""
    return f"{fills:,} {'fill has' if fills == 1 else 'fills have'} no commission yet"
