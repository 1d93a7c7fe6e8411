"""Order books as tables of at most eighty columns, and as rows for programs."""

from __future__ import annotations

from decimal import Decimal

from riskgate.execution.order_book import Resting, order_book, order_books
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.reporters.order_book_tables import book_rows, book_text


def one(line: str, number: int, *, foreign: bool = False, changing: bool = False) -> Resting:
    order = Order.parse(line)
    return Resting(
        order_id=number,
        order=order,
        remaining=order.quantity,
        status=Status.SUBMITTED,
        foreign=foreign,
        changing=changing,
    )


WORKING = [
    *(one("BUY 100 AAPL LMT 189.90", number) for number in range(1, 6)),
    one("BUY 50 AAPL LMT 190", 6, changing=True),
    one("SELL 10 AAPL LMT 191.25", 0, foreign=True),
    one("SELL 10 AAPL LMT 192", 8),
    one("SELL 100 AAPL STP_LMT 180 179.50", 9),
    one("BUY 1 MSFT MKT", 10),
]


def test_asks_stand_above_bids_and_the_rest_below() -> None:
    assert book_text(order_books(WORKING)).splitlines() == [
        "AAPL",
        "side   price  quantity  orders      waits for",
        "ask      192        10  8",
        "ask   191.25        10  foreign",
        "bid      190        50  6*",
        "bid    189.9       500  1, 2, 3 +2",
        "sell   179.5       100  9           STP_LMT: stop 180",
        "",
        "MSFT",
        "side  price  quantity  orders  waits for",
        "buy                 1  10      MKT: no price",
    ]


def test_no_line_is_longer_than_eighty_columns() -> None:
    option = '"AAPL.OPT" expiry=2026-06-19 strike=200 right=C'.replace('"', "")
    working = [
        one(f"BUY 1000000 {option.split()[0]} LMT 12345.6789 {' '.join(option.split()[1:])}", n)
        for n in range(100_000_000, 100_000_009)
    ]
    assert max(map(len, book_text(order_books(working)).splitlines())) <= 80


def test_programs_get_the_numbers_of_all_orders() -> None:
    rows = book_rows([order_book("AAPL", WORKING)])
    assert [row["order_ids"] for row in rows] == [[8], [], [6], [1, 2, 3, 4, 5], [9]]
    assert [row["foreign"] for row in rows] == [0, 1, 0, 0, 0]
    assert rows[2]["changing"] == [6]
    assert {row["symbol"] for row in rows} == {"AAPL"}
    assert [row["price"] for row in rows][:2] == [192, Decimal("191.25")]


def test_nothing_is_no_table() -> None:
    assert book_text([]) == ""
    assert book_rows([]) == []
