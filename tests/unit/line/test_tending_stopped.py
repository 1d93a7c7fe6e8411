"""What stops a conversion near the close, and what is never converted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from riskgate.execution.aggregate import Aggregation
from riskgate.model.lifecycle import Status
from riskgate.model.order import OrderType
from riskgate.model.report import Sent
from riskgate.model.trading import Scope
from tests.unit.line.tending_steps import (
    AT_CLOSE,
    SECOND,
    checked,
    near_the_close,
    working,
)

if TYPE_CHECKING:
    from tests.unit.conftest import Stage


@pytest.fixture(autouse=True)
def _the_journal_alone_gives_the_same_book(stage: Stage) -> Iterator[None]:
    yield from checked(stage)


def the_rest_after(stage: Stage, number: int) -> list[OrderType]:
    near_the_close(stage, left=SECOND * 290)
    assert stage.gate.ledger.works.tended == {}
    return [one.order.order_type for one in stage.broker.placed if one.order_id != number]


def test_a_cancel_stops_what_is_left_though_the_broker_has_confirmed(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    stage.says(number, Status.CANCELLED)
    assert stage.gate.cancel(number, actor="ann")
    assert the_rest_after(stage, number) == []
    assert not stage.gate.cancel(number, actor="ann")


def test_a_cancel_of_everything_stops_what_is_left(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    stage.says(number, Status.CANCELLED)
    assert stage.gate.cancel_all(Scope(symbol="MSFT"), actor="ann") == ()
    assert stage.gate.cancel_all(actor="ann") == (number,)
    assert the_rest_after(stage, number) == []


def test_a_cancel_that_cannot_be_recorded_yet_stops_what_is_left(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    stage.says(number, Status.CANCELLED)
    stage.journal.fails_at = "commit"
    assert stage.gate.cancel(number, actor="ann")
    stage.journal.fails_at = ""
    assert the_rest_after(stage, number) == []


def test_what_was_left_and_has_left_is_cancelled_by_its_own_number(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    stage.says(number, Status.CANCELLED)
    assert the_rest_after(stage, number) == [OrderType.MKT]
    assert not stage.gate.cancel(number, actor="ann")
    assert stage.gate.cancel(stage.gate.ledger.last_order_id, actor="ann")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("BUY 40 AAPL STP 195", "a price besides its limit"),
        ("BUY 0 AAPL LMT 189.90 cash_quantity=5000", "an order for cash"),
    ],
)
def test_what_could_not_be_sent_anew_is_not_cancelled(stage: Stage, line: str, why: str) -> None:
    number = stage.allowed(line)
    stage.gate.take([Sent(order_id=number, broker_order_id=number, client_id=0)])
    stage.says(number, Status.SUBMITTED)
    stage.gate.tender.tend(number, AT_CLOSE, by="ann")
    near_the_close(stage)
    assert stage.status_of(number) is Status.SUBMITTED
    assert stage.broker.cancelled == []
    assert stage.gate.ledger.works.tended == {}
    assert any(why in getattr(one, "reason", "") for one in stage.journal.payloads())


def test_a_block_is_not_converted(stage: Stage) -> None:
    stage.gate._aggregation = Aggregation(allow=True)
    lines = ("BUY 10 AAPL LMT 190 strategy=a", "BUY 10 AAPL LMT 190 strategy=b")
    stage.gate.submit_block(lines)
    number = stage.gate.ledger.last_order_id
    stage.gate.take([Sent(order_id=number, broker_order_id=number, client_id=0)])
    stage.says(number, Status.SUBMITTED)
    stage.gate.tender.tend(number, AT_CLOSE, by="ann")
    near_the_close(stage)
    assert stage.status_of(number) is Status.SUBMITTED
    assert stage.gate.ledger.works.tended == {}
