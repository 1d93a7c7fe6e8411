"""When stops, touches, trailing and adjustable stops are elected, by each trigger method."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.simulator.prices import Quote, quote
from riskgate.simulator.triggers import adjusted, is_elected
from tests.unit.simulator.conftest import order

LEVEL = Decimal(190)


@pytest.mark.parametrize(
    ("method", "market", "elected"),
    [
        (0, quote("188", "189", "190"), True),
        (0, quote("188", "191", "189"), False),
        (0, quote("188", "190"), True),  # no last price: the touch
        (2, quote("190", "191", "189"), False),
        (4, quote("190", "191", "189"), True),
        (4, quote("189", "191", "190"), False),
        (7, quote("190", "191", "189"), True),
        (7, quote("188", "189", "190"), True),
        (8, quote("189", "191", "180"), True),
        (8, quote("188", "191", "195"), False),
    ],
)
def test_the_method_says_which_price_counts_for_a_buy_stop(
    method: int,
    market: Quote,
    elected: bool,  # noqa: FBT001  # a column of the table
) -> None:
    one = order(orderType="STP", auxPrice=LEVEL, triggerMethod=method)
    assert is_elected(one, market) is elected


@pytest.mark.parametrize("method", [1, 3])
def test_a_double_method_wants_two_quotes_in_a_row(method: int) -> None:
    one = order(orderType="STP", auxPrice=LEVEL, triggerMethod=method)
    hit, miss = quote("190", "191", "190"), quote("180", "181", "180")
    again = quote("190", "191", "190")
    assert [is_elected(one, market) for market in (hit, hit, miss, hit)] == [False] * 4
    assert is_elected(one, again)


@pytest.mark.parametrize(
    ("kind", "action", "last", "elected"),
    [
        ("STP", "BUY", "190", True),
        ("STP", "BUY", "189", False),
        ("STP", "SELL", "190", True),
        ("STP", "SELL", "191", False),
        ("MIT", "BUY", "190", True),
        ("MIT", "BUY", "191", False),
        ("MIT", "SELL", "190", True),
        ("MIT", "SELL", "189", False),
    ],
)
def test_a_touch_is_the_mirror_of_a_stop(
    kind: str,
    action: str,
    last: str,
    elected: bool,  # noqa: FBT001  # a column of the table
) -> None:
    one = order(orderType=kind, action=action, auxPrice=LEVEL)
    assert is_elected(one, quote(None, None, last)) is elected


def test_a_halted_market_elects_nothing() -> None:
    one = order(orderType="STP", auxPrice=LEVEL)
    assert not is_elected(one, Quote(last=Decimal(195), halted=True))


@pytest.mark.parametrize(
    ("action", "path", "stops"),
    [
        ("SELL", ("100", "105", "103", "106"), ("98", "103", "103", "104")),
        ("BUY", ("100", "95", "97", "94"), ("102", "97", "97", "96")),
    ],
)
def test_a_trailing_stop_follows_in_favour_only(
    action: str, path: tuple[str, ...], stops: tuple[str, ...]
) -> None:
    one = order(orderType="TRAIL", action=action, auxPrice=Decimal(2))
    for last, expected in zip(path, stops, strict=True):
        is_elected(one, quote(None, None, last))
        assert one.trail == Decimal(expected)
    assert not one.is_elected


def test_a_trailing_stop_starts_where_it_was_told() -> None:
    one = order(
        orderType="TRAIL", action="SELL", trailingPercent=Decimal(10), trailStopPrice=Decimal(95)
    )
    assert not is_elected(one, quote(None, None, "100"))
    assert one.trail == 95
    is_elected(one, quote(None, None, "110"))
    assert one.trail == 99
    assert is_elected(one, quote(None, None, "98"))


def test_a_stop_is_adjusted_once_its_trigger_price_is_reached() -> None:
    one = order(
        orderType="STP",
        action="SELL",
        auxPrice=Decimal(180),
        triggerPrice=Decimal(200),
        adjustedOrderType="TRAIL",
        adjustedStopPrice=Decimal(195),
        adjustableTrailingUnit=1,
        adjustedTrailingAmount=Decimal(2),
    )
    assert adjusted(one, quote(None, None, "199")) is None
    terms = adjusted(one, quote(None, None, "200"))
    assert terms is not None
    assert (terms.order_type, one.trail) == ("TRAIL", Decimal(195))
    assert one.asked.number("trailingPercent") == 2
