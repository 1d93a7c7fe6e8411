"""The order book of our own orders: levels, sides, and what stands apart."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.order_book import OrderBook, Resting, order_book, order_books
from riskgate.model.instructions import Condition, ConditionKind, Instructions
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order

NUMBERS = count(1)


def one(line: str, number: int = 0, remaining: int | None = None, **more: object) -> Resting:
    order = Order.parse(line)
    return Resting(
        order_id=number,
        order=order,
        remaining=order.quantity if remaining is None else Decimal(remaining),
        status=Status.SUBMITTED,
        **more,  # type: ignore[arg-type]  # as the test says
    )


def shown(book: OrderBook) -> list[tuple[str, str, int, list[int]]]:
    return [
        (side, str(level.price), int(level.quantity), [order.order_id for order in level.orders])
        for side, levels in (("bid", book.bids), ("ask", book.asks))
        for level in levels
    ]


def test_orders_stand_by_side_and_price_with_the_best_first() -> None:
    book = order_book(
        "AAPL",
        [
            one("BUY 100 AAPL LMT 189", 3),
            one("BUY 50 AAPL LMT 190", 2, remaining=20),
            one("SELL 10 AAPL LMT 192", 4),
            one("SELL 10 AAPL LMT 191.00", 6),
            one("SELL 5 AAPL LMT 191", 5),
            one("BUY 1 MSFT LMT 400", 7),
        ],
    )
    assert shown(book) == [
        ("bid", "190", 20, [2]),
        ("bid", "189", 100, [3]),
        ("ask", "191", 15, [5, 6]),
        ("ask", "192", 10, [4]),
    ]
    assert not book.crossed


def test_what_rests_at_no_price_stands_apart_with_what_it_waits_for() -> None:
    condition = Condition(ConditionKind.PRICE, contract="AAPL", level=Decimal(190))
    waiting = Instructions(conditions=(condition,))
    conditional = one("BUY 1 AAPL LMT 190", 6)
    conditional = msgspec.structs.replace(
        conditional, order=msgspec.structs.replace(conditional.order, instructions=waiting)
    )
    book = order_book(
        "AAPL",
        [
            one("BUY 1 AAPL LMT 190 good_after=2026-03-02T13:00:00-05:00", 7),
            conditional,
            one("BUY 1 AAPL MKT", 1),
            one("SELL 1 AAPL STP 180", 2),
            one("SELL 1 AAPL STP_LMT 180 179", 3),
            one("SELL 1 AAPL TRAIL 2%", 4),
            one("SELL 1 AAPL LMT 200", 5, waits_for="entry 1"),
        ],
    )
    assert (book.bids, book.asks) == ((), ())
    assert [(order.order_id, order.waits_for) for order in book.apart] == [
        (1, "no price"),
        (2, "stop 180"),
        (3, "stop 180"),
        (4, "trail percent 2"),
        (5, "entry 1"),
        (6, "conditions"),
        (7, "after 2026-03-02 18:00:00 UTC"),
    ]


def test_orders_of_others_count_and_come_after_ours() -> None:
    book = order_book(
        "AAPL",
        [one("BUY 7 AAPL LMT 190", foreign=True), one("BUY 5 AAPL LMT 190", 9)],
    )
    assert shown(book) == [("bid", "190", 12, [9, 0])]
    assert [order.foreign for order in book.bids[0].orders] == [False, True]


def test_a_book_that_would_trade_with_itself_is_crossed() -> None:
    buys, sells = one("BUY 5 AAPL LMT 190", 1), one("SELL 5 AAPL LMT 190", 2)
    assert order_book("AAPL", [buys, sells]).crossed
    assert not order_book("AAPL", [buys]).crossed


def test_an_instrument_goes_by_the_name_of_an_order_line_and_by_its_key() -> None:
    june = Instrument(key="ES.FUT expiry=2026-06-19", symbol="ES", sec_type="FUT")
    orders = [one("BUY 1 ES LMT 5000", 1, instrument=june)]
    for name in ("ES", june.key):
        assert [level.quantity for level in order_book(name, orders).bids] == [1]
    assert order_book("NQ", orders).bids == ()
    assert [book.symbol for book in order_books([*orders, one("BUY 1 AAPL MKT")])] == [
        "AAPL",
        june.key,
    ]


orders = st.builds(
    "{} {} {} LMT {}".format,
    st.sampled_from(("BUY", "SELL")),
    st.integers(1, 9),
    st.sampled_from(("AAPL", "MSFT")),
    st.integers(1, 5),
)


@given(st.lists(orders, max_size=20))
def test_no_order_is_lost_and_prices_fall_from_ask_to_bid(lines: list[str]) -> None:
    working = [one(line, next(NUMBERS)) for line in lines]
    books = order_books(working)
    levels = [level for book in books for level in (*book.bids, *book.asks)]
    found = sorted(order.order_id for level in levels for order in level.orders)
    assert found == sorted(order.order_id for order in working)
    for level in levels:
        assert level.quantity == sum(order.remaining for order in level.orders)
    for book in books:
        bids, asks = [level.price for level in book.bids], [level.price for level in book.asks]
        assert bids == sorted(set(bids), reverse=True)
        assert asks == sorted(set(asks))


def test_a_book_prints_as_one_short_line_with_the_best_of_each_side() -> None:
    lines = ["BUY 3 AAPL LMT 189.5", "BUY 4 AAPL LMT 189.5", "BUY 9 AAPL LMT 180", "BUY 1 AAPL MKT"]
    book = order_book("AAPL", [one(line, next(NUMBERS)) for line in lines])
    assert str(book) == "AAPL: bid 7 at 189.50 (3 orders), ask none, 1 apart"
    sold = order_book("AAPL", [one("SELL 1000 AAPL LMT 1200", 1)])
    assert str(sold) == "AAPL: bid none, ask 1,000 at 1,200 (1 order), 0 apart"
