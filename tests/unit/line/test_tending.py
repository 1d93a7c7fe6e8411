"""Orders that a strategy tends: every replacement is judged, and nothing is lost by a restart."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import ConfigError, JournalError, NotConnected
from riskgate.line.grouping import Exits
from riskgate.model.events import StateChanged
from riskgate.model.lifecycle import Status
from riskgate.model.order import OrderType
from riskgate.model.trading import Scope, Standing, TradingState
from tests.unit.line.tending_steps import (
    AT_CLOSE,
    CHASE,
    SECOND,
    checked,
    limit_of,
    moved,
    near_the_close,
    working,
)

if TYPE_CHECKING:
    from tests.unit.conftest import Stage


@pytest.fixture(autouse=True)
def _the_journal_alone_gives_the_same_book(stage: Stage) -> Iterator[None]:
    yield from checked(stage)


def test_the_limit_follows_the_market_by_judged_modifies(stage: Stage) -> None:
    number = working(stage, CHASE)
    moved(stage, "189.99", "190.01")
    assert limit_of(stage, number) == Decimal("189.99")
    assert stage.broker.placed[-1].replaces
    moved(stage, "190.10", "190.12")
    moved(stage, "190.20", "190.22")
    moved(stage, "190.30", "190.32")
    assert limit_of(stage, number) == Decimal("190.20")
    assert len(stage.broker.placed) == 4


def test_a_replacement_is_denied_like_any_modify_and_given_up_after_a_few(stage: Stage) -> None:
    number = working(stage, CHASE)
    stage.gate.halt(by="ann", reason="news")
    for _ in range(6):
        moved(stage, "189.99", "190.01")
    assert limit_of(stage, number) == Decimal("189.90")
    assert stage.gate.ledger.works.tended == {}
    assert len(stage.broker.placed) == 1


def test_a_refused_modify_is_not_tried_again_at_once(stage: Stage) -> None:
    number = working(stage, "chase every=1s max_changes=3 max_move=0.50")
    stage.gate.halt(by="ann", reason="news")
    for _ in range(4):
        moved(stage, "189.99", "190.01", SECOND)
    assert stage.gate.ledger.works.tended[number].refused == 1


def test_an_order_whose_time_is_over_is_cancelled_once(stage: Stage) -> None:
    number = working(stage, "cancel_after after=60s")
    moved(stage, "189.99", "190.01", 59 * SECOND)
    assert stage.broker.cancelled == []
    moved(stage, "189.99", "190.01", SECOND)
    moved(stage, "189.99", "190.01", SECOND)
    assert stage.broker.cancelled == [number]
    assert stage.gate.ledger.works.tended == {}


def test_near_the_close_what_is_left_becomes_a_market_order_after_the_brokers_word(
    stage: Stage,
) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage, left=SECOND * 301)
    assert stage.broker.cancelled == []
    near_the_close(stage)
    assert stage.broker.cancelled == [number]
    stage.gate.take([stage.execution(number, "15")])
    near_the_close(stage, left=SECOND * 290)
    assert len(stage.broker.placed) == 1, "the cancel is not confirmed yet"
    stage.says(number, Status.CANCELLED)
    near_the_close(stage, left=SECOND * 280)
    rest = stage.broker.placed[-1]
    assert (rest.order.order_type, rest.order.quantity) == (OrderType.MKT, Decimal(25))
    life = stage.gate.ledger.orders[rest.order_id]
    assert (life.parent, life.ref) == (number, f"{stage.gate.ledger.orders[number].ref}/market-1")
    near_the_close(stage, left=SECOND * 270)
    near_the_close(stage, left=SECOND * 260)
    assert len(stage.broker.placed) == 2
    assert stage.gate.ledger.works.tended == {}


def test_a_fill_that_crosses_the_cancel_is_not_sent_again(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    stage.gate.take([stage.execution(number, "40")])
    near_the_close(stage, left=SECOND * 280)
    assert len(stage.broker.placed) == 1
    assert stage.gate.ledger.works.tended == {}


def test_what_somebody_cancels_meanwhile_is_not_sent_again(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    assert stage.gate.cancel(number, actor="ann")
    stage.says(number, Status.CANCELLED)
    near_the_close(stage, left=SECOND * 280)
    assert len(stage.broker.placed) == 1


def test_what_is_killed_meanwhile_is_not_sent_again_whoever_resumes(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    stage.gate.kill(by="ann", reason="wrong", timeout=0.01)
    stage.says(number, Status.CANCELLED)
    stage.gate.resume(by="ann", reason="over", override=True)
    near_the_close(stage, left=SECOND * 280)
    assert len(stage.broker.placed) == 1


def test_a_kill_of_another_symbol_leaves_it_tended(stage: Stage) -> None:
    number = working(stage, CHASE)
    killed = Standing(
        state=TradingState.KILLED,
        scope=Scope(symbol="MSFT"),
        by="ann",
        reason="wrong",
        at=stage.clock.now(),
    )
    stage.gate.take([StateChanged(standing=killed)])
    moved(stage, "189.99", "190.01")
    assert limit_of(stage, number) == Decimal("189.99")


def test_an_order_of_a_group_is_not_converted(stage: Stage) -> None:
    entry, profit, _ = stage.gate.submit_bracket(
        "BUY 10 AAPL LMT 189", exits=Exits(take_profit=Decimal(195), stop_loss=Decimal(180))
    )
    assert entry.allowed, entry.decision.breaches
    stage.gate.tender.tend(profit.order_id, AT_CLOSE, by="ann")
    near_the_close(stage)
    assert stage.broker.cancelled == []
    assert stage.gate.ledger.works.tended == {}


def test_a_cancel_that_finds_no_session_is_asked_for_again(stage: Stage) -> None:
    number = working(stage, "cancel_after after=60s")
    cancel, lost = stage.broker.cancel, [number]

    def once(order_id: int) -> None:
        if lost:
            lost.clear()
            raise NotConnected("the session is gone")
        cancel(order_id)

    stage.broker.cancel = once  # type: ignore[method-assign]
    moved(stage, "189.99", "190.01", 60 * SECOND)
    assert stage.broker.cancelled == []
    moved(stage, "189.99", "190.01", SECOND)
    assert stage.broker.cancelled == [number]


def test_order_and_rest_together_never_exceed_the_order(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    stage.gate.take([stage.execution(number, "15")])
    stage.says(number, Status.CANCELLED)
    more = stage.gate.submit("BUY 26 AAPL MKT DAY", parent=number)
    assert more.decision.codes == ("PARENT_OVERFILL",)
    near_the_close(stage, left=SECOND * 280)
    again = stage.gate.submit("BUY 1 AAPL MKT DAY", parent=number)
    assert again.decision.codes == ("PARENT_OVERFILL",)


def test_a_rest_that_is_denied_is_tried_a_few_times_and_no_more(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    stage.says(number, Status.CANCELLED)
    stage.gate.halt(by="ann", reason="news")
    for left in range(290, 250, -6):
        near_the_close(stage, left=SECOND * left)
    denied = [view for view in stage.gate.orders() if view.parent_id == number]
    assert [view.status for view in denied] == [Status.DENIED] * 3
    assert stage.gate.ledger.works.tended == {}


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_conversion_survives_a_restart_and_is_sent_once(stage: Stage, confirmed: bool) -> None:  # noqa: FBT001  # a parameter
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    if confirmed:
        stage.says(number, Status.CANCELLED)
    gate = stage.restarted()
    gate.reconciled = True
    near_the_close(stage, gate, SECOND * 290)
    assert len(gate._broker.placed) == confirmed  # type: ignore[attr-defined]
    if not confirmed:
        with gate.turn():
            pass
        stage.says(number, Status.CANCELLED)
        gate.follow()
    near_the_close(stage, gate, SECOND * 280)
    near_the_close(stage, gate, SECOND * 270)
    (rest,) = gate._broker.placed  # type: ignore[attr-defined]
    assert rest.order.quantity == 40
    with stage.gate.turn():
        pass
    stage.gate.step()
    assert len(stage.broker.placed) == 1


def test_the_rest_of_a_slice_is_a_slice_of_the_same_parent(stage: Stage) -> None:
    ticket = stage.gate.work("BUY 60 AAPL LMT 189.90 DAY", "iceberg display=20")
    (first,) = ticket.slices
    stage.gate.tender.tend(first, AT_CLOSE, by="ann")
    near_the_close(stage)
    stage.says(first, Status.CANCELLED)
    ticket.pause(by="ann", reason="so that only the rest is sent")
    near_the_close(stage, left=SECOND * 290)
    assert len(stage.broker.placed) == 1, "a paused parent leaves nothing, not even to a rest"
    ticket.resume(by="ann", reason="go")
    near_the_close(stage, left=SECOND * 280)
    assert stage.gate.ledger.orders[ticket.order_id].committed <= 60
    parents = {view.parent_id for view in stage.gate.orders()} - {0}
    assert parents == {ticket.order_id}


def test_an_order_that_ends_is_tended_no_more(stage: Stage) -> None:
    number = working(stage, CHASE)
    stage.says(number, Status.CANCELLED)
    assert stage.gate.ledger.works.tended == {}
    assert stage.gate.step() is None


def test_somebody_can_leave_an_order_alone(stage: Stage) -> None:
    number = working(stage, CHASE)
    stage.gate.tender.leave(number, by="ann", reason="I do it myself")
    moved(stage, "189.99", "190.01")
    assert limit_of(stage, number) == Decimal("189.90")
    with pytest.raises(ConfigError, match="must not be blank"):
        stage.gate.tender.leave(number, by="", reason="x")


def test_another_strategy_takes_the_place_of_the_first(stage: Stage) -> None:
    number = working(stage, CHASE)
    stage.gate.tender.tend(number, "cancel_after after=60s", by="bob")
    moved(stage, "189.99", "190.01")
    assert limit_of(stage, number) == Decimal("189.90")
    assert stage.gate.ledger.works.tended[number].actor == "bob"


def test_only_a_working_order_is_tended_and_only_by_somebody(stage: Stage) -> None:
    parent = stage.gate.work("BUY 60 AAPL LMT 189.90 DAY", "iceberg display=20")
    for number in (99, parent.order_id):
        with pytest.raises(ConfigError, match=f"order {number} does not work"):
            stage.gate.tender.tend(number, CHASE, by="ann")
    with pytest.raises(ConfigError, match="no strategy `chas`"):
        stage.gate.tender.tend(parent.slices[0], "chas every=1s", by="ann")
    with pytest.raises(ConfigError, match="must not be blank"):
        stage.gate.tender.tend(parent.slices[0], CHASE, by=" ")


def test_nothing_is_replaced_while_the_book_is_not_proven(stage: Stage) -> None:
    number = working(stage, CHASE)
    stage.gate.reconciled = False
    moved(stage, "189.99", "190.01")
    assert limit_of(stage, number) == Decimal("189.90")


def test_a_gate_of_another_client_id_leaves_it_alone(stage: Stage) -> None:
    working(stage, CHASE)
    other = stage.restarted()
    other.reconciled = True
    other._broker.client_id = 8  # type: ignore[misc]
    stage.clock.advance(6 * SECOND)
    assert other.step() is None
    assert other._broker.placed == []  # type: ignore[attr-defined]


def test_a_rest_that_cannot_be_recorded_comes_later(stage: Stage) -> None:
    number = working(stage, AT_CLOSE)
    near_the_close(stage)
    stage.says(number, Status.CANCELLED)
    stage.journal.fails_at = "commit"
    with pytest.raises(JournalError):
        near_the_close(stage, left=SECOND * 290)
    stage.journal.fails_at = ""
    near_the_close(stage, left=SECOND * 280)
    assert len(stage.broker.placed) == 2
