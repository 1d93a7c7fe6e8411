"""The order book that a gate shows of its ledger: terms that the broker holds, foreign ones too."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.ledger.resting import books_of
from riskgate.line.grouping import Exits
from riskgate.model.events import ForeignReported
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import ForeignOrder

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Stage

HOLDING = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 50, on_breach: hold, because: test}
"""


def foreign(stage: Stage, line: str, remaining: int) -> ForeignOrder:
    return ForeignOrder(
        perm_id=7,
        order=Order.parse(f"{line} account=DU1234567"),
        instrument=stage.instrument(),
        remaining=Decimal(remaining),
        status=Status.SUBMITTED,
    )


def test_what_is_filled_rests_no_more_and_what_is_dead_rests_not_at_all(stage: Stage) -> None:
    first, dead, denied = stage.sent(), stage.sent(), stage.gate.submit("BUY 999 AAPL LMT 190")
    stage.gate.take([stage.execution(first, "4")])
    stage.says(dead, Status.CANCELLED)
    (level,) = stage.gate.book("AAPL").bids
    assert (level.price, level.quantity) == (Decimal(190), Decimal(6))
    assert [(one.order_id, one.status) for one in level.orders] == [
        (first, Status.PARTIALLY_FILLED)
    ]
    assert not denied.allowed


def test_a_modify_shows_when_the_broker_has_confirmed_it(stage: Stage) -> None:
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.echoes(number, "10")
    assert stage.gate.modify(number, limit_price=Decimal(189), quantity=20).allowed
    (level,) = stage.gate.book("AAPL").bids
    assert (level.price, level.quantity, level.orders[0].changing) == (
        Decimal(190),
        Decimal(10),
        True,
    )
    stage.echoes(number, "20", "189")
    (level,) = stage.gate.book("AAPL").bids
    assert (level.price, level.quantity, level.orders[0].changing) == (
        Decimal(189),
        Decimal(20),
        False,
    )


def test_orders_of_others_are_in_it_and_go_when_they_are_gone(stage: Stage) -> None:
    stage.sent("BUY 10 AAPL LMT 190")
    stage.gate.take([ForeignReported(orders=(foreign(stage, "BUY 50 AAPL LMT 190", 30),))])
    book = stage.gate.book("AAPL")
    assert [(one.foreign, one.remaining) for one in book.bids[0].orders] == [
        (False, Decimal(10)),
        (True, Decimal(30)),
    ]
    stage.gate.take([ForeignReported(orders=())])
    assert stage.gate.book("AAPL").bids[0].quantity == 10


def test_exits_wait_for_their_entry(stage: Stage) -> None:
    exits = Exits(take_profit=Decimal(200), stop_loss=Decimal(180))
    entry, profit, loss = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=exits)
    book = stage.gate.book("AAPL")
    assert [one.order_id for level in book.bids for one in level.orders] == [entry.order_id]
    assert [(one.order_id, one.waits_for) for one in book.apart] == [
        (profit.order_id, f"entry {entry.order_id}"),
        (loss.order_id, f"entry {entry.order_id}"),
    ]
    stage.gate.take([stage.execution(entry.order_id, "10")])
    after = stage.gate.book("AAPL")
    assert (after.bids, after.asks[0].price) == ((), Decimal(200))
    assert [one.waits_for for one in after.apart] == ["stop 180"]


def test_the_books_of_everything_leave_out_what_has_no_orders(stage: Stage) -> None:
    assert books_of(stage.gate.ledger) == ()
    assert books_of(stage.gate.ledger, "AAPL") == ()
    stage.sent("BUY 1 MSFT LMT 400")
    stage.sent("BUY 1 AAPL MKT")
    assert [book.symbol for book in books_of(stage.gate.ledger)] == ["AAPL", "MSFT"]
    assert [book.symbol for book in books_of(stage.gate.ledger, "MSFT")] == ["MSFT"]


def test_the_book_is_the_same_after_a_restart(stage: Stage) -> None:
    stage.sent("BUY 10 AAPL LMT 190")
    stage.gate.take([ForeignReported(orders=(foreign(stage, "SELL 50 AAPL LMT 192", 30),))])
    assert stage.restarted().book("AAPL") == stage.gate.book("AAPL")


def test_a_held_order_that_fills_all_the_same_is_in_it(staged: Callable[[str], Stage]) -> None:
    stage = staged(HOLDING)
    held = stage.gate.submit("BUY 60 AAPL LMT 190")
    assert held.status is Status.HELD
    assert stage.gate.book("AAPL").bids == ()
    stage.gate.take([stage.execution(held.order_id, "20")])
    (level,) = stage.gate.book("AAPL").bids
    assert level.quantity == 40
