"""What fills cost against the market, and how long they took, in a report."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from riskgate.analytics.latency import seconds
from riskgate.analytics.quality import ExecutionQuality
from riskgate.model.money import grouped
from riskgate.reporting.bins import bins, ranks
from riskgate.reporting.columns import BPS, NUMBER
from riskgate.reporting.content import Chart, Column, Section, Series, Shape, Table
from riskgate.reporting.executed import By, Executed

NOT_FILLED: Final = "no order of the day was filled"
PERCENTS: Final = tuple(range(1, 101))


def slippage_section(executed: Executed) -> Section:
    """Slippage against the price at the decision, its distribution and its hours."""
    hours = executed.by(By.HOUR)
    return Section(
        id="slippage",
        title="Slippage",
        lead="What fills cost against the market at the decision. Positive is a cost.",
        charts=(*_spread(executed), *_by_hour(hours)),
        tables=(_benchmarks(executed.quality),),
    )


def _spread(executed: Executed) -> tuple[Chart, ...]:
    found = bins(executed.slips)
    if found is None:
        return ()
    (middle,) = ranks(executed.slips, (50,))
    orders = sum(executed.slips.values())
    dear = sum(count for slip, count in executed.slips.items() if slip > 0)
    beyond = f" {found.beyond} lie further out, in the outermost bars." if found.beyond else ""
    chart = Chart(
        id="slippage-spread",
        title="Slippage of filled orders",
        shape=Shape.HISTOGRAM,
        summary=f"{orders} orders; half cost {middle} bp or less, {dear} cost more than"
        f" the decision price.{beyond}",
        series=(Series("orders", found.middles, found.counts),),
        x=Column("slippage", NUMBER, "bp", 1),
        y=Column("orders", NUMBER, places=0),
        mark=Decimal(0),
        mark_text="decision price",
        width=found.width,
    )
    return (chart,)


def _by_hour(hours: Mapping[str, ExecutionQuality]) -> tuple[Chart, ...]:
    means = {name: one.decision.mean_bps for name, one in hours.items()}
    known = {name: mean for name, mean in means.items() if mean is not None}
    if not known:
        return ()
    dearest = max(known, key=lambda name: known[name])
    chart = Chart(
        id="slippage-by-hour",
        title="Mean slippage by hour of the decision",
        shape=Shape.BARS,
        summary=f"Dearest at {dearest} with {round(known[dearest], 2)} bp,"
        f" of {hours[dearest].decision.orders} orders.",
        series=(Series("mean slippage", tuple(known), tuple(known.values())),),
        x=Column("hour"),
        y=BPS,
    )
    return (chart,)


def _benchmarks(of: ExecutionQuality) -> Table:
    found = (
        ("price at the decision", of.decision),
        ("price at arrival", of.arrival),
        ("the order's limit", of.limit),
    )
    return Table(
        id="benchmarks",
        title="Slippage by what it is measured against",
        columns=(
            Column("against"),
            Column("orders", NUMBER),
            Column("mean of orders", NUMBER, "bp", 2, "slippage"),
            Column("currency"),
            Column("by value", NUMBER, "bp", 2, "slippage"),
            Column("cost", NUMBER, places=2),
        ),
        rows=tuple(
            (against, one.orders, one.mean_bps, name, one.bps[name], one.cost[name])
            for against, one in found
            for name in one.cost
        ),
        empty=NOT_FILLED,
    )


def times_section(executed: Executed) -> Section:
    """How long orders took."""
    return Section(
        id="times",
        title="Time to fill",
        lead="From the decision, which includes the time in our own queue.",
        charts=_share_filled(executed),
        tables=(_waits(executed.quality),),
    )


def _share_filled(executed: Executed) -> tuple[Chart, ...]:
    times = executed.fill_times
    if not times:
        return ()
    # The highest share of each time: several ranks may fall on one.
    share = dict(zip(ranks(times, PERCENTS), PERCENTS, strict=True))
    (middle,) = ranks(times, (50,))
    chart = Chart(
        id="filled-within",
        title="Orders filled whole within a time",
        shape=Shape.STEP,
        summary=f"Half of {sum(times.values())} orders were filled whole within {_text(middle)} of"
        f" their decision, all within {_text(max(share))}.",
        series=(
            Series(
                "filled",
                (Decimal(0), *share),
                (Decimal(0), *(Decimal(percent) for percent in share.values())),
            ),
        ),
        x=Column("seconds since the decision", NUMBER, "s", 3),
        y=Column("orders filled whole", NUMBER, "%", 0),
    )
    return (chart,)


def _text(seconds: Decimal) -> str:
    return f"{grouped(seconds)} s" if seconds else "a millisecond"


def _waits(of: ExecutionQuality) -> Table:
    names = {
        "sent": "sent",
        "acknowledged": "acknowledged by the broker",
        "first_fill": "first fill",
        "filled": "filled whole",
        "done": "done",
        "queued": "waited in our queue",
    }
    found = [(words, getattr(of.times, name)) for name, words in names.items()]
    measured = ("mean", "p50", "p90", "p99", "longest")
    return Table(
        id="waits",
        title="How long orders took",
        columns=(
            Column("until"),
            Column("orders", NUMBER),
            *(Column(name, NUMBER, "s", 3, "times") for name in measured),
        ),
        rows=tuple(
            (
                words,
                one.count,
                *(None if (t := getattr(one, name)) is None else seconds(t) for name in measured),
            )
            for words, one in found
            if one.count
        ),
        empty="no order of the day was sent",
    )
