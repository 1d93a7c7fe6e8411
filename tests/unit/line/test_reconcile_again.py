"""When the broker is asked again, and what several gates on one journal hear."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.model.lifecycle import Status
from riskgate.model.report import ErrorReport, OrderEcho, Sent, StatusReport
from riskgate.ports import Story

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

ACCOUNT = "DU1234567"
LINE = "BUY 10 AAPL LMT 190"


# -- when the broker is asked again ---------------------------------------------------------------


def test_more_filled_than_our_executions_say_is_asked_about(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([StatusReport(order_id=number, status=Status.FILLED, filled=Decimal(10))])
    assert not stage.gate.wants_reconcile
    stage.clock.advance(timedelta(seconds=2))
    assert stage.gate.wants_reconcile
    fill = stage.execution(number, "10")
    stage.tell(executions=(fill,), positions=(stage.held(10),))
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.FILLED
    stage.clock.advance(timedelta(seconds=40))
    assert not stage.gate.wants_reconcile


def test_a_checksum_that_stays_wrong_is_asked_about_again_after_the_grace(stage: Stage) -> None:
    number = stage.sent()
    filled = StatusReport(order_id=number, status=Status.SUBMITTED, filled=Decimal(4))
    stage.gate.take([filled])
    stage.clock.advance(timedelta(seconds=2))
    stage.tell(statuses=(filled,))
    stage.gate.reconcile()
    assert not stage.gate.wants_reconcile
    stage.clock.advance(timedelta(seconds=30))
    assert stage.gate.wants_reconcile


def test_a_status_shortly_before_its_fill_is_no_doubt(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([StatusReport(order_id=number, status=Status.FILLED, filled=Decimal(10))])
    stage.gate.take([stage.execution(number, "10")])
    stage.clock.advance(timedelta(seconds=40))
    assert not stage.gate.wants_reconcile


@pytest.mark.parametrize("ambiguous", [False, True])
def test_a_code_that_leaves_an_order_open_is_asked_about(stage: Stage, *, ambiguous: bool) -> None:
    number = stage.sent()
    report = ErrorReport(order_id=number, code=99999, text="never seen", ambiguous=ambiguous)
    stage.gate.take([report])
    assert stage.gate.wants_reconcile is ambiguous
    stage.tell(statuses=(StatusReport(order_id=number, status=Status.SUBMITTED),))
    stage.gate.reconcile()
    assert not stage.gate.wants_reconcile


def test_an_order_of_which_only_a_code_was_heard_is_asked_about_soon(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([ErrorReport(order_id=number, code=201, text="no margin")])
    assert not stage.gate.wants_reconcile
    stage.clock.advance(timedelta(seconds=2))
    assert stage.gate.wants_reconcile
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.UNKNOWN
    stage.clock.advance(timedelta(seconds=30))
    assert stage.gate.wants_reconcile
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.NEVER_SENT
    assert not stage.gate.wants_reconcile


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.REJECTED])
def test_a_code_that_a_status_follows_is_no_doubt(stage: Stage, status: Status) -> None:
    number = stage.sent()
    stage.gate.take([ErrorReport(order_id=number, code=201, text="no margin")])
    stage.says(number, status)
    stage.clock.advance(timedelta(seconds=40))
    assert not stage.gate.wants_reconcile


def test_ids_of_the_broker_that_are_on_record_are_not_used_again(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([Sent(order_id=number, broker_order_id=number + 4, client_id=1)])
    assert stage.gate.ledger.last_order_id == number
    stage.gate.reconcile()
    assert stage.allowed() == number + 5
    other = stage.restarted()
    other.reconcile()
    assert other.ledger.last_order_id == number + 5


def test_another_permanent_id_than_the_one_on_record_is_another_order(stage: Stage) -> None:
    number = stage.sent()
    ours = StatusReport(order_id=number, status=Status.SUBMITTED, perm_id=7)
    stage.gate.take([ours])
    twin = msgspec.structs.replace(ours, perm_id=8)
    echo = OrderEcho(order_id=number, quantity=Decimal(15), limit_price=Decimal(190), perm_id=8)
    stage.tell(statuses=(twin,), echoes=(echo,))
    outcome = stage.gate.reconcile()
    assert stage.reserved() == (0, 10 + 15, 0)
    assert stage.gate.ledger.holdings.foreign_orders == 1
    assert any("foreign order 8" in one for one in outcome.differences)
    assert stage.status_of(number) is Status.UNKNOWN
    stage.tell(statuses=(msgspec.structs.replace(twin, status=Status.CANCELLED),))
    stage.gate.reconcile()
    assert stage.reserved() == (0, 10, 0)
    stage.tell(statuses=(ours,))
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.SUBMITTED
    assert stage.facts(stage.folded()) == stage.facts()


# -- a modify that was lost -----------------------------------------------------------------------


def modified(stage: Stage) -> int:
    """An order of 10, which works, and whose change to 15 has left."""
    number = stage.sent()
    stage.echoes(number, "10")
    stage.says(number, Status.SUBMITTED)
    assert stage.gate.modify(number, quantity=Decimal(15)).allowed
    stage.gate.take([Sent(order_id=number, broker_order_id=number, client_id=1, version=1)])
    working(stage, number, "10")
    return number


def working(stage: Stage, number: int, quantity: str, *, complete: bool = True) -> None:
    """The broker's story has the order with this quantity."""
    echo = OrderEcho(order_id=number, quantity=Decimal(quantity), limit_price=Decimal(190))
    status = StatusReport(order_id=number, status=Status.SUBMITTED)
    stage.tell(statuses=(status,), echoes=(echo,), complete=complete)


def test_a_modify_that_the_broker_does_not_have_is_released_after_the_grace(stage: Stage) -> None:
    number = modified(stage)
    stage.gate.reconcile()
    assert stage.reserved() == (0, 15, 0)
    stage.clock.advance(timedelta(seconds=29))
    assert not stage.gate.wants_reconcile
    stage.gate.reconcile()
    assert stage.reserved() == (0, 15, 0)
    stage.clock.advance(timedelta(seconds=1))
    stage.gate.reconcile()
    assert stage.reserved() == (0, 10, 0)
    view = stage.gate.order(number)
    assert view is not None
    assert (view.quantity, view.status) == (Decimal(10), Status.SUBMITTED)
    stage.clock.advance(timedelta(minutes=4))
    assert not stage.gate.wants_reconcile
    assert stage.facts(stage.folded()) == stage.facts()


def test_a_modify_that_is_not_repeated_is_asked_about(stage: Stage) -> None:
    number = modified(stage)
    stage.clock.advance(timedelta(seconds=30))
    assert stage.gate.wants_reconcile
    stage.echoes(number, "15")
    assert not stage.gate.wants_reconcile


@pytest.mark.parametrize(("quantity", "complete"), [("15", True), ("12", True), ("10", False)])
def test_without_evidence_the_larger_terms_stay_reserved(
    stage: Stage, quantity: str, *, complete: bool
) -> None:
    number = modified(stage)
    working(stage, number, quantity, complete=complete)
    stage.gate.reconcile()
    stage.clock.advance(timedelta(minutes=10))
    stage.gate.reconcile()
    assert stage.reserved() == (0, 15, 0)


@pytest.mark.parametrize(("client_id", "reserved"), [(1, 10), (2, 15)])
def test_a_modify_that_a_crash_left_behind_is_released_after_the_grace(
    stage: Stage, client_id: int, reserved: int
) -> None:
    stage.broker.client_id = client_id  # another client's gate may still be at work
    number = stage.sent()
    stage.echoes(number, "10")
    assert stage.gate.modify(number, quantity=Decimal(15)).allowed
    stage.clock.advance(timedelta(minutes=1))
    working(stage, number, "10")
    other = stage.another_gate(stage.journal.inner.another())
    other.reconcile()
    stage.clock.advance(timedelta(seconds=29))
    other.reconcile()
    assert other.ledger.orders[number].reserved == 15
    stage.clock.advance(timedelta(seconds=1))
    other.reconcile()
    assert other.ledger.orders[number].reserved == reserved


def test_a_modify_that_has_not_left_is_not_taken_for_lost(stage: Stage) -> None:
    number = modified(stage)
    assert stage.gate.modify(number, quantity=Decimal(20)).allowed
    stage.clock.advance(timedelta(seconds=31))
    stage.gate.reconcile()
    stage.clock.advance(timedelta(seconds=31))
    stage.gate.reconcile()
    assert [one.number for one in stage.gate.ledger.orders[number].versions] == [0, 2]


def test_the_book_is_proven_again_every_five_minutes(stage: Stage) -> None:
    stage.clock.advance(timedelta(minutes=4, seconds=59))
    assert not stage.gate.wants_reconcile
    stage.clock.advance(timedelta(seconds=1))
    assert stage.gate.wants_reconcile
    stage.broker.connected = False
    assert not stage.gate.wants_reconcile
    stage.broker.connected = True
    stage.gate.reconcile()
    assert not stage.gate.wants_reconcile


def test_distrust_waits_for_nobody(stage: Stage) -> None:
    said = threading.Event()

    def say() -> None:
        stage.gate.distrust("1100: lost")
        said.set()

    with stage.gate.turnstile:
        other = threading.Thread(target=say)
        other.start()
        assert said.wait(10)
    other.join(10)
    assert not stage.gate.reconciled


# -- several gates on one journal -----------------------------------------------------------------


def test_the_broker_is_asked_with_the_orders_of_every_gate(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, int]] = []

    def story(refs: dict[str, int], timeout: float) -> Story:
        del timeout
        asked.append(refs)
        return stage.broker.told

    other = stage.restarted()
    other.reconcile()
    ticket = other.submit(LINE)
    monkeypatch.setattr(stage.broker, "story", story)
    stage.gate.reconcile()
    assert asked[0][ticket.ref] == ticket.order_id


def test_a_fill_that_was_taken_for_a_foreign_one_goes_to_its_order(stage: Stage) -> None:
    number = stage.sent()
    fill = stage.execution(number, "10", "x.01")
    stage.gate.take([msgspec.structs.replace(fill, order_id=0)])
    assert stage.reserved() == (10, 10, 0)
    stage.tell(executions=(fill,), positions=(stage.held(10),))
    stage.gate.reconcile()
    view = stage.gate.order(number)
    assert view is not None
    assert (view.status, view.filled_quantity) == (Status.FILLED, Decimal(10))
    assert stage.reserved() == (10, 0, 0)
    before = len(stage.journal.payloads())
    stage.gate.take([fill])
    assert len(stage.journal.payloads()) == before
    assert stage.facts(stage.folded()) == stage.facts()


def test_a_correction_of_a_fill_that_was_taken_for_a_foreign_one_goes_to_its_order(
    stage: Stage,
) -> None:
    number = stage.allowed(strategy="alpha")
    foreign = msgspec.structs.replace(stage.execution(number, "10", "x.01"), order_id=0)
    stage.gate.take([foreign, stage.execution(number, "4", "x.02")])
    assert stage.gate.ledger.orders[number].filled == 4
    assert stage.reserved() == (4, 6, 0)
    assert stage.gate.ledger.holdings.of(ACCOUNT, "AAPL", "alpha").position == 4
    assert stage.gate.ledger.holdings.of(ACCOUNT, "AAPL", "").position == 0


def test_a_fill_without_a_reference_is_known_by_the_permanent_id(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([StatusReport(order_id=number, status=Status.SUBMITTED, perm_id=77)])
    fill = msgspec.structs.replace(stage.execution(number, "10"), order_id=0, perm_id=77)
    stage.tell(executions=(fill,), positions=(stage.held(10),))
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.FILLED
