"""What is held and worked, by the record alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from msgspec import structs

from riskgate.record.positions import Standing, positions
from tests.unit.conftest import NOON, Stage

D = Decimal


def seen(stage: Stage) -> tuple[Standing, ...]:
    return positions(stage.journal.inner.another().read())


def test_nothing_is_held_in_an_empty_record(stage: Stage) -> None:
    assert positions([]) == ()
    assert seen(stage) == ()


def test_a_position_says_what_working_orders_may_make_of_it(stage: Stage) -> None:
    bought = stage.sent("BUY 30 AAPL LMT 190")
    stage.gate.take([stage.execution(bought, "10")])
    stage.sent("SELL 4 AAPL LMT 200")
    (found,) = seen(stage)
    assert [found.position, found.buying, found.selling] == [D(10), D(20), D(4)]
    assert [found.most, found.least] == [D(30), D(6)]
    assert (found.instrument, found.symbol, found.currency) == ("AAPL", "AAPL", "USD")


def test_the_price_is_the_last_on_record_whether_of_a_fill_or_a_decision(stage: Stage) -> None:
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "10", price="191.5")])
    (found,) = seen(stage)
    assert (found.price, found.price_at, found.value) == (D("191.5"), NOON, D(1915))
    stage.quote("AAPL", "179.99", "180.01")
    stage.gate.submit("BUY 9999 AAPL LMT 180")
    (found,) = seen(stage)
    assert (found.price, found.value) == (D(180), D(1800))


def test_a_fill_that_is_told_late_is_no_newer_than_it_was(stage: Stage) -> None:
    number = stage.sent("BUY 10 AAPL LMT 190")
    late = stage.execution(number, "6", price="150")
    stage.gate.take([structs.replace(late, at=NOON - timedelta(hours=2))])
    (found,) = seen(stage)
    assert (found.position, found.price, found.price_at) == (D(6), D(190), NOON)


def test_a_fill_that_was_undone_is_no_price(stage: Stage) -> None:
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "6", "0001.01", "191")])
    stage.gate.take([stage.execution(number, "0", "0001.02", "3")])
    (found,) = seen(stage)
    assert (found.position, found.price) == (D(0), D(191))


def test_a_short_position_has_a_value_below_zero(stage: Stage) -> None:
    number = stage.sent("SELL 10 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "10")])
    (found,) = seen(stage)
    assert (found.position, found.value) == (D(-10), D(-1900))


def test_an_order_that_works_is_shown_before_anything_is_held(stage: Stage) -> None:
    stage.sent("BUY 5 MSFT LMT 390")
    stage.sent("BUY 5 AAPL LMT 180")
    assert [(one.symbol, one.position, one.most) for one in seen(stage)] == [
        ("AAPL", D(0), D(5)),
        ("MSFT", D(0), D(5)),
    ]


def test_a_position_that_the_broker_told_has_no_price_before_one_is_seen(stage: Stage) -> None:
    stage.tell(positions=(stage.held(7),))
    stage.gate.reconcile()
    (found,) = seen(stage)
    assert (found.position, found.price, found.value) == (D(7), None, None)


def test_what_is_closed_again_is_gone(stage: Stage) -> None:
    bought, sold = stage.sent(), stage.sent("SELL 10 AAPL LMT 190")
    stage.gate.take([stage.execution(bought, "10"), stage.execution(sold, "10", "0002.01")])
    assert seen(stage) == ()
