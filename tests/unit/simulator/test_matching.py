"""What an order trades, at which price, for every price model and size rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.simulator.matching import at_auction, available, market_of, match
from riskgate.simulator.options import Fills, Options
from riskgate.simulator.prices import Prices, Quote, quote
from tests.unit.simulator.conftest import AAPL, order

ALL = Options(fills=Fills(chunks=1))
QUEUE = Options(fills=Fills(chunks=1), queueing=True)


def market(*about: Any, **more: Any) -> Prices:  # noqa: ANN401  # as quote takes them
    prices = Prices()
    prices.set(AAPL.con_id, quote(*about, **more))
    return prices


def traded(found: Any) -> tuple[int, str] | None:  # noqa: ANN401  # a match or nothing
    return None if found is None else (int(found.quantity), str(found.price))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (100, "189.90")),
        ({"lmtPrice": Decimal("189.80")}, None),
        ({"action": "SELL", "lmtPrice": Decimal("189.80")}, (100, "189.80")),
        ({"action": "SELL"}, None),
        ({"orderType": "MKT"}, (100, "189.90")),
        ({"minQty": 200}, None),
        ({"displaySize": 30}, (30, "189.90")),
        ({"scaleInitLevelSize": 40, "scalePriceIncrement": Decimal(1)}, (40, "189.90")),
    ],
)
def test_an_order_trades_at_the_touch_or_not_at_all(
    fields: dict[str, object], expected: tuple[int, str] | None
) -> None:
    assert traded(match(order(**fields), market("189.80", "189.90"), ALL)) == expected


@pytest.mark.parametrize("fields", [{"tif": "FOK"}, {"allOrNone": True}, {"minQty": 80}])
def test_who_wants_much_at_once_takes_nothing_less(fields: dict[str, object]) -> None:
    assert match(order(**fields), market("189.8", "189.9", liquidity=70), ALL) is None
    assert traded(match(order(**fields), market("189.8", "189.9", liquidity=100), ALL)) == (
        100,
        "189.9",
    )


def test_a_halted_market_trades_nothing() -> None:
    prices = Prices()
    prices.set(AAPL.con_id, Quote(bid=Decimal(189), ask=Decimal(190), halted=True))
    assert match(order(orderType="MKT"), prices, ALL) is None


@given(
    st.integers(1, 500), st.integers(1, 7), st.integers(0, 400), st.sampled_from(["BUY", "SELL"])
)
def test_the_fills_of_an_order_never_exceed_it_nor_the_market(
    quantity: int, chunks: int, liquidity: int, action: str
) -> None:
    one = order(orderType="MKT", action=action, totalQuantity=Decimal(quantity))
    prices = market("189", "190", liquidity=liquidity)
    options = Options(fills=Fills(chunks=chunks))
    while (found := match(one, prices, options)) is not None:
        assert found.quantity > 0
        one.filled += found.quantity
        prices.use(AAPL.con_id, action, found.quantity)
    assert one.filled == min(quantity, liquidity)


def test_a_queued_order_waits_for_what_is_before_it() -> None:
    one, prices = order(lmtPrice=Decimal(189)), market("189", "190", "189.5")
    one.printed = prices.prints(AAPL.con_id)
    filled = []
    for _ in range(3):
        found = match(one, prices, QUEUE)
        filled.append(0 if found is None else int(found.quantity))
        prices.set(AAPL.con_id, quote("189", "190", "189"))
    assert filled == [0, 0, 100]


def test_an_order_that_betters_the_market_is_first() -> None:
    one, prices = order(lmtPrice=Decimal("189.5")), market("189", "190")
    assert match(one, prices, QUEUE) is None
    prices.set(AAPL.con_id, quote("189", "190", "189.5"))
    assert traded(match(one, prices, QUEUE)) == (100, "189.5")


def test_a_trade_is_counted_once() -> None:
    one, prices = order(orderType="MIDPRICE", lmtPrice=None), market("189", "191")
    prices.set(AAPL.con_id, quote("189", "191", "190"))
    assert traded(match(one, prices, ALL)) == (100, "190")
    assert match(one, prices, ALL) is None


def test_without_a_queue_a_limit_order_is_not_filled_by_the_trades_of_others() -> None:
    one, prices = order(lmtPrice=Decimal(189)), market("189", "190")
    prices.set(AAPL.con_id, quote("189", "190", "188"))
    assert match(one, prices, ALL) is None


def test_an_algo_trades_no_more_than_it_let_go() -> None:
    one = order()
    one.released, one.filled = Decimal(30), Decimal(10)
    assert available(one) == 20
    one.released = Decimal(5)
    assert available(one) == 0


def test_everybody_trades_at_the_mark_in_an_auction() -> None:
    prices = market("189", "191", "190")
    assert traded(at_auction(order(orderType="MOC"), prices)) == (100, "190")
    assert traded(at_auction(order(action="SELL", orderType="LOC"), prices)) == (100, "190")
    assert at_auction(order(orderType="LOC", lmtPrice=Decimal(189)), prices) is None


def test_a_combo_has_the_market_of_its_legs() -> None:
    prices = market("10", "11")
    prices.set(2, quote("3", "4"))
    legs = [
        {"conId": AAPL.con_id, "ratio": 1, "action": "BUY"},
        {"conId": 2, "ratio": 2, "action": "SELL"},
    ]
    one = order(comboLegs=legs)
    prices.set(AAPL.con_id, quote("10", "11"))
    combo = order(comboLegs=[{**leg, "conId": leg["conId"]} for leg in legs])
    combo.listing = type(AAPL)(
        **{name: getattr(AAPL, name) for name in AAPL.__struct_fields__ if name != "con_id"},
        con_id=99,
    )
    found = market_of(combo, prices)
    assert (found.bid, found.ask) == (Decimal(2), Decimal(5))
    assert market_of(one, prices).bid == 10
