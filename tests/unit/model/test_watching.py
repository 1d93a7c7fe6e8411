from __future__ import annotations

from riskgate.model.instrument import Terms
from riskgate.model.order import Order
from riskgate.model.watching import all_of, watched

LINE = 'BUY 5 AAPL MKT DAY conditions="{}"'


def names(conditions: str) -> list[str]:
    return [terms.symbol for terms in watched(Order.parse(LINE.format(conditions)))]


def test_an_order_without_conditions_is_about_its_own_contract() -> None:
    order = Order.parse("BUY 5 AAPL MKT DAY")
    assert all_of(order) == [Terms(symbol="AAPL")]


def test_what_conditions_look_at_is_named_once() -> None:
    assert names("price MSFT >= 400 & volume MSFT >= 5 | change SPY@ARCA <= -1") == ["MSFT", "SPY"]


def test_times_cushions_and_what_needs_no_number_name_nothing() -> None:
    assert names("margin <= 30 & time >= 2026-03-05T14:30:00+00:00") == []
    assert names("price #265598@SMART >= 5 & execution SPY.STK@SMART") == []


def test_its_own_contract_comes_first() -> None:
    order = Order.parse(LINE.format("price MSFT >= 400"))
    assert [terms.symbol for terms in all_of(order)] == ["AAPL", "MSFT"]
