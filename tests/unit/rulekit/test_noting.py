"""What can be remembered of an answer: that nothing was read but what orders alike share."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from riskgate.model.market import Quote
from riskgate.model.order import Order, Side
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.noting import answered_alike

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
ORDER = Order.parse("BUY 100 AAPL MKT DAY strategy=momo key=k1")
SEEN = Snapshot(as_of=NOW, quote=Quote(bid=Decimal(1), ask=Decimal(2), at=NOW))


def told(measure: Any, order: Order = ORDER) -> bool | None:  # noqa: ANN401  # any measurement
    return answered_alike(measure, lambda observed, limit: observed == limit, 1, of=(order, SEEN))


@pytest.mark.parametrize(
    "measure",
    [
        lambda order, _: 1 if order.side is Side.BUY else 0,
        lambda order, _: 1 if order.limit_price is None else 0,
        lambda order, _: 1 if order.reach is None else 0,
        lambda order, _: None if order.strategy == "momo" else 0,
        lambda _, seen: 1 if seen.subject.symbol == "" and not seen.is_exit else 0,
        lambda order, seen: 1 if isinstance(order, Order) and isinstance(seen, Snapshot) else 0,
    ],
)
def test_an_answer_about_names_alone_is_remembered(measure: Any) -> None:  # noqa: ANN401
    assert told(measure) is True


def test_so_is_that_none_of_them_passes() -> None:
    assert told(lambda order, _: 2 if order.side is Side.BUY else 1) is False


@pytest.mark.parametrize(
    "measure",
    [
        lambda order, _: 1 if order.quantity else 0,
        lambda order, _: 1 if order.key else 0,
        lambda _, seen: 1 if seen.as_of else 0,
        lambda _, seen: 1 if seen.prices.mid else 0,
        lambda order, seen: 1 if seen.adds(order) else 0,
        lambda order, _: 1 if order == ORDER else 0,
        lambda order, _: 1 if hash(order) else 0,
        lambda order, _: 1 if str(order) else 0,
        lambda order, _: 1 if repr(order) else 0,
        lambda _, seen: 1 if seen.readings.get("r") is None else 0,
        lambda order, _: 1 if msgspec.structs.astuple(order) else 0,
        lambda _, seen: 1 if seen.account_value("day_pnl") else 0,
        lambda order, _: 1 if order.nothing_of_the_kind else 0,
    ],
)
def test_an_answer_that_reads_anything_else_is_asked_anew(measure: Any) -> None:  # noqa: ANN401
    assert told(measure) is None


def test_a_limit_price_is_a_number_where_there_is_one() -> None:
    priced = Order.parse("BUY 100 AAPL LMT 190 DAY")
    assert told(lambda order, _: 1 if order.limit_price else 0, priced) is None
