"""Every measure of 10,000 random orders, calculated a second time in pandas.

Nothing here uses the code under test but for the figures that are compared: the formulas are those
of docs/analytics.md, written with columns and binary floats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskgate.analytics.breakdown import breakdown
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.measures import OrderMeasures, measure
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.tape import Print, Tape
from riskgate.analytics.totals import quality
from tests.unit.analytics.random_orders import random_orders, random_prints

UNSENT = ["Denied", "Held", "NeverSent"]
FRACTION = 1e-9


def plain(value: object) -> object:
    """A value as a column of a frame holds it."""
    if isinstance(value, Decimal):
        return float(value)
    return pd.Timestamp(value) if isinstance(value, datetime) else value


def close(found: Decimal | None, expected: float) -> bool:
    """Whether two figures are the same to nine digits, or neither is known."""
    if found is None:
        return bool(pd.isna(expected))
    return math.isclose(found, expected, rel_tol=FRACTION, abs_tol=1e-7)


def by_currency(found: Mapping[str, Decimal | None], expected: pd.Series) -> bool:
    wanted = expected.to_dict()
    return list(found) == sorted(wanted) and all(close(found[c], wanted[c]) for c in wanted)


@pytest.fixture(scope="module")
def facts() -> list[OrderFacts]:
    return random_orders(20_260_302, 10_000)


@pytest.fixture(scope="module")
def counted(facts: list[OrderFacts]) -> list[OrderFacts]:
    """Those that no other orders stand for."""
    return [one for one in facts if not one.is_block and not one.is_parent]


@pytest.fixture(scope="module")
def prints() -> list[Print]:
    return random_prints(7, 3_000)


@pytest.fixture(scope="module")
def found(facts: list[OrderFacts], prints: list[Print]) -> ExecutionQuality:
    return quality(facts, Tape(prints))


@pytest.fixture(scope="module")
def each(counted: list[OrderFacts], prints: list[Print]) -> list[OrderMeasures]:
    return [one for one in measure(counted, Tape(prints)) if one.sent]


@pytest.fixture(scope="module")
def fills(counted: list[OrderFacts]) -> pd.DataFrame:
    """One row for each execution, with what its order says."""
    rows = [
        {
            "order_id": one.order_id,
            "side": one.side.value,
            "own": one.currency,
            "multiplier": float(one.multiplier),
            "bid": plain(one.bid),
            "ask": plain(one.ask),
            "quantity": float(done.quantity),
            "price": float(done.price),
            "at": pd.Timestamp(done.at),
            "commission": plain(done.commission),
            "currency": done.currency,
        }
        for one in counted
        for done in one.fills
    ]
    frame = pd.DataFrame(rows)
    for name in ("bid", "ask", "commission"):
        frame[name] = frame[name].astype(float)
    frame["paid"] = frame.quantity * frame.price * frame.multiplier
    frame["traded"] = frame.paid.abs()
    return frame


@pytest.fixture(scope="module")
def orders(counted: list[OrderFacts], fills: pd.DataFrame, prints: list[Print]) -> pd.DataFrame:
    """One row for each order that was sent, with all that is measured of it."""
    names = [name for name in OrderFacts.__struct_fields__ if name != "fills"]
    rows = [{name: plain(getattr(one, name)) for name in names} for one in counted]
    frame = pd.DataFrame(rows).set_index("order_id")
    for name in frame.columns:
        if name.endswith("_price") or name in {"bid", "ask", "queued"}:
            frame[name] = frame[name].astype(float)
    frame = frame[~frame.status.isin(UNSENT)].copy()
    some = fills.groupby("order_id")
    frame["executions"] = some.size().reindex(frame.index, fill_value=0)
    frame["paid"] = some.paid.sum().reindex(frame.index, fill_value=0.0)
    frame["traded"] = some.traded.sum().reindex(frame.index, fill_value=0.0)
    first = fills.sort_values("at", kind="stable").groupby("order_id").quantity.first()
    frame["first"] = first.reindex(frame.index, fill_value=0.0)
    frame["size"] = frame.filled * frame.multiplier
    frame["way"] = np.where(frame.side == "BUY", 1.0, -1.0)
    frame["vwap"] = market_prices(frame, fills, prints)
    slippages(frame)
    shortfalls(frame, fills)
    return frame


def market_prices(orders: pd.DataFrame, fills: pd.DataFrame, prints: list[Print]) -> pd.Series:
    """The interval VWAP of each order, by looking at all trades for each."""
    tape = pd.DataFrame(
        {
            "at": [pd.Timestamp(one.at) for one in prints],
            "symbol": [one.symbol for one in prints],
            "price": [float(one.price) for one in prints],
            "size": [float(one.size) for one in prints],
        }
    )
    reels = {
        symbol: (
            rows["at"].dt.tz_convert(None).to_numpy(),
            rows.price.to_numpy(),
            rows["size"].to_numpy(),
        )
        for symbol, rows in tape.groupby("symbol")
    }
    begin = orders.sent_at.fillna(orders.decided_at)
    asked = pd.DataFrame({"symbol": orders.symbol, "begin": begin})
    asked["end"] = fills.groupby("order_id")["at"].max()
    found = {}
    for number, symbol, first, last in asked.dropna().itertuples():
        if symbol not in reels:
            continue
        at, price, size = reels[symbol]
        seen = (at >= first.tz_convert(None).to_numpy()) & (at <= last.tz_convert(None).to_numpy())
        if seen.any():
            found[number] = (price[seen] * size[seen]).sum() / size[seen].sum()
    return pd.Series(found, dtype=float).reindex(orders.index)


def slippages(orders: pd.DataFrame) -> None:
    """Cost, value and basis points against each benchmark; not known without fills."""
    size = orders["size"].where(orders.executions > 0)
    for name in ("decision", "arrival", "limit", "vwap"):
        benchmark = orders[name if name == "vwap" else f"{name}_price"]
        orders[f"{name}_cost"] = orders.way * (orders.paid - size * benchmark)
        orders[f"{name}_value"] = (size * benchmark).abs()
        orders[f"{name}_bps"] = orders[f"{name}_cost"] / orders[f"{name}_value"] * 10_000


def shortfalls(orders: pd.DataFrame, fills: pd.DataFrame) -> None:
    """The four parts, each unknown where something of it is."""
    strange = fills.commission.isna() | (fills.currency != fills.own)
    unknown = strange.groupby(fills.order_id).any().reindex(orders.index, fill_value=False)
    fees = fills.groupby("order_id").commission.sum().reindex(orders.index, fill_value=0.0)
    decision, arrival, end = orders.decision_price, orders.arrival_price, orders.end_price
    asked = orders[["quantity", "filled"]].max(axis=1)
    size, left = orders["size"], (asked - orders.filled) * orders.multiplier
    nothing, all_done = orders.filled == 0, left.abs() < 1e-9
    orders["delay"] = (orders.way * size * (arrival - decision)).mask(nothing, 0.0)
    orders["execution"] = (orders.way * (orders.paid - size * arrival)).mask(nothing, 0.0)
    orders["opportunity"] = (orders.way * left * (end - decision)).mask(all_done, 0.0)
    orders["fees"] = fees.mask(unknown)
    parts = orders[["delay", "execution", "opportunity", "fees"]]
    orders["total"] = parts.sum(axis=1, skipna=False)
    orders["paper"] = (asked * orders.multiplier * decision).abs()


def test_the_counts_and_rates(found: ExecutionQuality, counted: list[OrderFacts]) -> None:
    frame = pd.DataFrame({"status": [one.status.value for one in counted]})
    count = frame.status.value_counts()
    sent = int((~frame.status.isin(UNSENT)).sum())
    counts = found.counts
    assert (counts.orders, counts.sent) == (len(frame), sent)
    assert (counts.filled, counts.denied) == (count["Filled"], count["Denied"])
    assert (counts.held, counts.never_sent) == (count["Held"], count["NeverSent"])
    assert (counts.cancelled, counts.expired) == (count["Cancelled"], count["Expired"])
    assert counts.working == count["PartiallyFilled"]
    assert close(found.reject_rate, count["Rejected"] / sent)
    assert close(found.cancel_rate, count["Cancelled"] / sent)


@pytest.mark.slow
def test_the_order_efficiency(found: ExecutionQuality, orders: pd.DataFrame) -> None:
    messages = len(orders) + orders.modifies.sum() + orders.cancels.sum()
    assert close(found.order_efficiency, messages / ((orders.executions > 0).sum() + 1))


def test_the_fill_rates_and_the_profile(found: ExecutionQuality, orders: pd.DataFrame) -> None:
    done = orders[["filled", "quantity"]].min(axis=1)
    assert close(found.fills.by_quantity, done.sum() / orders.quantity.sum())
    assert close(found.fills.by_count, (orders.status == "Filled").mean())
    partly = (orders.filled > 0) & (orders.status != "Filled")
    assert close(found.fills.partly, partly.mean())
    assert close(found.fills.unfilled, ((orders.filled == 0) & (orders.status != "Filled")).mean())
    assert found.counts.partly_filled == partly.sum()
    some = orders[orders.executions > 0]
    assert found.fills.executions == some.executions.sum()
    assert close(found.fills.per_order, some.executions.mean())
    assert close(found.fills.first_share, some["first"].sum() / some.filled.sum())
    assert dict(found.fills.sizes) == some.executions.value_counts().to_dict()


@pytest.mark.parametrize("name", ["decision", "arrival", "limit", "vwap"])
def test_the_slippage(found: ExecutionQuality, orders: pd.DataFrame, name: str) -> None:
    slipped = getattr(found, name)
    known = orders[orders[f"{name}_cost"].notna()]
    assert slipped.orders == len(known) > 300
    assert close(slipped.mean_bps, known[f"{name}_bps"].mean())
    sums = known.groupby("currency")[[f"{name}_cost", f"{name}_value"]].sum()
    assert by_currency(slipped.cost, sums[f"{name}_cost"])
    assert by_currency(slipped.bps, sums[f"{name}_cost"] / sums[f"{name}_value"] * 10_000)


def test_the_shortfall(found: ExecutionQuality, orders: pd.DataFrame) -> None:
    known = orders[orders.total.notna()]
    names = ["delay", "execution", "opportunity", "fees", "total", "paper"]
    sums = known.groupby("currency")[names].sum()
    assert list(found.shortfall) == sorted(sums.index)
    for currency, one in found.shortfall.items():
        assert one.orders == (known.currency == currency).sum() > 300
        for name in names:
            assert close(getattr(one, name), sums.loc[currency, name]), name
        assert close(one.bps, sums.total[currency] / sums.paper[currency] * 10_000)


def test_each_orders_own_figures(each: list[OrderMeasures], orders: pd.DataFrame) -> None:
    assert [one.facts.order_id for one in each] == list(orders.index)
    for one, row in zip(each, orders.itertuples(), strict=True):
        seen: Any = row
        assert one.shortfall is not None
        for name in ("delay", "execution", "opportunity", "fees", "total"):
            assert close(getattr(one.shortfall, name), getattr(seen, name)), (seen.Index, name)
        for name in ("decision", "arrival", "limit", "vwap"):
            slip = getattr(one, name)
            assert close(None if slip is None else slip.bps, getattr(seen, f"{name}_bps"))
        average = seen.paid / seen.size if seen.executions else float("nan")
        assert close(one.average_price, average)


def test_the_price_improvement(
    found: ExecutionQuality, orders: pd.DataFrame, fills: pd.DataFrame
) -> None:
    some = fills[fills.order_id.isin(orders.index)].copy()
    some["touch"] = some.ask.where(some.side == "BUY", some.bid)
    some = some[some.touch.notna()]
    each = (some.touch - some.price) * np.where(some.side == "BUY", 1.0, -1.0)
    some["amount"] = each * some.quantity * some.multiplier
    some["value"] = (some.touch * some.quantity * some.multiplier).abs()
    units = some.quantity.sum()
    assert found.improvement.orders == some.order_id.nunique()
    assert close(found.improvement.better, some.quantity[each > 1e-9].sum() / units)
    assert close(found.improvement.worse, some.quantity[each < -1e-9].sum() / units)
    assert close(found.improvement.same, some.quantity[each.abs() <= 1e-9].sum() / units)
    sums = some.groupby("own")[["amount", "value"]].sum()
    assert by_currency(found.improvement.amount, sums.amount)
    assert by_currency(found.improvement.bps, sums.amount / sums.value * 10_000)


def test_the_fees(found: ExecutionQuality, fills: pd.DataFrame) -> None:
    charged = fills[fills.commission.notna()]
    assert found.uncharged == len(fills) - len(charged) > 0
    sums = charged.groupby("currency")[["commission", "quantity"]].sum()
    own = charged[charged.currency == charged.own].groupby("currency")
    bps = own.commission.sum() / own.traded.sum() * 10_000
    assert list(found.fees) == sorted(sums.index)
    for currency, fees in found.fees.items():
        assert close(fees.amount, sums.commission[currency])
        assert close(fees.per_unit, sums.commission[currency] / sums["quantity"][currency])
        assert close(fees.bps, bps[currency])


def test_the_notional(found: ExecutionQuality, orders: pd.DataFrame) -> None:
    some = orders[orders.executions > 0]
    assert by_currency(found.notional, some.groupby("currency").traded.sum())


@pytest.mark.parametrize(
    "name", ["sent_at", "acknowledged_at", "first_filled_at", "filled_at", "done_at", "queued"]
)
def test_the_times(found: ExecutionQuality, orders: pd.DataFrame, name: str) -> None:
    if name == "queued":
        took = pd.to_timedelta(orders.queued * 1_000_000, unit="us").dropna()
    else:
        took = (orders[name] - orders.decided_at).dropna().clip(lower=pd.Timedelta(0))
    moment = name.removesuffix("_at").replace("first_filled", "first_fill")
    timing = getattr(found.times, moment)
    assert timing.count == len(took) > 3000
    microsecond = timedelta(microseconds=1)
    assert abs(timing.mean - took.mean()) <= microsecond
    for percent in (50, 90, 99):
        rank = took.quantile(percent / 100, interpolation="inverted_cdf")
        assert abs(getattr(timing, f"p{percent}") - rank) <= microsecond, percent
    assert abs(timing.longest - took.max()) <= microsecond


def test_the_groups(facts: list[OrderFacts], orders: pd.DataFrame) -> None:
    found = breakdown(measure(facts), ["strategy", "hour", "side"])
    hours = orders.decided_at.dt.strftime("%H:00")
    groups = orders.groupby([orders.strategy, hours, orders.side])
    assert {group for group, one in found.items() if one.counts.sent} == set(groups.groups)
    for group, rows in groups:
        known = rows[rows.decision_cost.notna()]
        assert found[group].counts.sent == len(rows)
        assert close(found[group].decision.mean_bps, known.decision_bps.mean())
        cost = known.groupby("currency").decision_cost.sum()
        assert by_currency(found[group].decision.cost, cost)
