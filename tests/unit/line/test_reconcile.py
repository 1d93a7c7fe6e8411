"""The broker's story against the book: what it knows is taken over, what it lacks is doubted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import BrokerError, NotConnected
from riskgate.model.events import Reconciled
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import (
    CommissionReport,
    ForeignOrder,
    StatusReport,
)
from riskgate.ports import Story

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

ACCOUNT = "DU1234567"
LINE = "BUY 10 AAPL LMT 190"


def test_a_clean_reconcile_is_recorded_and_opens_the_gate(stage: Stage) -> None:
    gate = stage.restarted()
    assert gate.wants_reconcile
    assert gate.submit(LINE).decision.codes == ("NOT_RECONCILED",)
    outcome = gate.reconcile()
    assert (outcome.clean, outcome.differences) == (True, ())
    assert isinstance(stage.journal.payloads()[-1], Reconciled)
    assert not gate.wants_reconcile
    assert gate.submit(LINE).allowed


def test_an_incomplete_story_opens_nothing_and_forgets_no_account(stage: Stage) -> None:
    stage.tell(complete=False, accounts=())
    outcome = stage.gate.reconcile()
    assert not outcome.clean
    assert outcome.differences == ("the broker's answer was not complete",)
    assert stage.gate.submit(LINE).decision.codes == ("NOT_RECONCILED",)


def test_fills_of_the_gap_are_taken_over_once(stage: Stage) -> None:
    number = stage.allowed()
    fill = stage.execution(number, "10", "x.01")
    cost = CommissionReport(execution_id="x.01", amount=Decimal(1), currency="USD")
    stage.tell(executions=(fill,), commissions=(cost,), positions=(stage.held(10),))
    assert stage.gate.reconcile().clean
    assert stage.gate.reconcile().clean
    stage.gate.take([fill])
    view = stage.gate.order(number)
    assert view is not None
    assert (view.status, str(view.commission)) == (Status.FILLED, "1")
    assert stage.reserved() == (10, 0, 0)


def test_a_correction_in_the_story_replaces(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "10", "x.01")])
    stage.tell(executions=(stage.execution(number, "4", "x.02"),), positions=(stage.held(4),))
    stage.gate.reconcile()
    assert stage.reserved() == (4, 6, 0)
    assert stage.gate.ledger.orders[number].filled == 4


def test_what_the_broker_says_of_our_orders_is_taken_over(stage: Stage) -> None:
    number = stage.allowed()
    stage.tell(statuses=(StatusReport(order_id=number, status=Status.CANCELLED),))
    assert stage.gate.reconcile().clean
    assert stage.status_of(number) is Status.CANCELLED
    assert stage.reserved() == (0, 0, 0)


def test_a_status_that_is_known_is_not_recorded_again(stage: Stage) -> None:
    number = stage.allowed()
    stage.says(number, Status.SUBMITTED)
    stage.tell(statuses=(StatusReport(order_id=number, status=Status.SUBMITTED),))
    stage.gate.reconcile()
    statuses = [e for e in stage.journal.payloads() if isinstance(e, StatusReport)]
    assert len(statuses) == 1


def test_an_order_that_the_story_lacks_is_unknown_and_keeps_its_reservation(stage: Stage) -> None:
    number = stage.sent()
    outcome = stage.gate.reconcile()
    assert stage.status_of(number) is Status.UNKNOWN
    assert stage.reserved() == (0, 10, 0)
    assert "is unknown to the broker" in outcome.differences[0]
    stage.gate.reconcile()
    unknown = [
        e
        for e in stage.journal.payloads()
        if isinstance(e, StatusReport) and e.status is Status.UNKNOWN
    ]
    assert len(unknown) == 1


def test_an_order_that_has_not_left_is_not_missing(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.PENDING_SUBMIT


def test_an_order_of_an_earlier_process_is_missing_whether_it_left_or_not(stage: Stage) -> None:
    number = stage.allowed()
    gate = stage.restarted()
    gate.reconcile()
    assert gate.ledger.orders[number].status is Status.UNKNOWN


def test_after_the_grace_what_never_arrived_is_released(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.reconcile()
    stage.clock.advance(timedelta(seconds=29))
    assert not stage.gate.wants_reconcile
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.UNKNOWN
    stage.clock.advance(timedelta(seconds=30))
    assert stage.gate.wants_reconcile
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.NEVER_SENT
    assert stage.reserved() == (0, 0, 0)
    assert not stage.gate.wants_reconcile


def test_the_link_must_have_been_up_for_the_grace(stage: Stage) -> None:
    number = stage.sent()
    stage.clock.advance(timedelta(hours=1))
    stage.gate.distrust("the socket dropped")
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.UNKNOWN


@pytest.mark.parametrize("known", ["acknowledged", "filled"])
def test_absence_proves_nothing_of_an_order_that_lived(stage: Stage, known: str) -> None:
    number = stage.sent()
    if known == "acknowledged":
        stage.says(number, Status.SUBMITTED)
    elif known == "filled":
        stage.gate.take([stage.execution(number, "4")])
        stage.tell(positions=(stage.held(4),))
    stage.clock.advance(timedelta(hours=1))
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.UNKNOWN
    assert stage.reserved()[1] in (6, 10)


def test_an_incomplete_story_casts_no_doubt(stage: Stage) -> None:
    number = stage.allowed()
    stage.tell(complete=False)
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.PENDING_SUBMIT


def test_an_order_that_is_known_by_its_fill_alone_is_not_missing(stage: Stage) -> None:
    number = stage.allowed()
    stage.tell(executions=(stage.execution(number, "4"),), positions=(stage.held(4),))
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.PARTIALLY_FILLED


def test_positions_that_differ_are_taken_over_and_named(stage: Stage) -> None:
    stage.tell(positions=(stage.held(60), stage.held(0, "MSFT")))
    outcome = stage.gate.reconcile()
    assert outcome.clean
    assert outcome.differences == (f"position {ACCOUNT} AAPL is 60",)
    assert stage.reserved() == (60, 0, 0)
    assert stage.gate.reconcile().differences == ()


def test_a_position_that_the_broker_does_not_have_is_gone(stage: Stage) -> None:
    stage.tell(positions=(stage.held(60),))
    stage.gate.reconcile()
    stage.tell()
    outcome = stage.gate.reconcile()
    assert outcome.differences == (f"position {ACCOUNT} AAPL is 0",)
    assert stage.reserved() == (0, 0, 0)


def test_a_position_of_an_account_that_was_not_asked_stays(stage: Stage) -> None:
    stage.tell(positions=(stage.held(60),))
    stage.gate.reconcile()
    stage.tell(accounts=("DU7654321",))
    stage.gate.reconcile()
    assert stage.reserved() == (60, 0, 0)


def test_a_fill_between_two_parts_of_a_story_is_not_counted_twice(stage: Stage) -> None:
    """The first story has the position without its execution; the second has both."""
    number = stage.allowed()
    fill = stage.execution(number, "10", "x.01")
    stage.tell(positions=(stage.held(10),))

    def later() -> None:
        stage.broker.during_story = lambda: stage.tell(
            positions=(stage.held(10),), executions=(fill,)
        )

    stage.broker.during_story = later
    assert stage.gate.reconcile().differences == ()
    stage.gate.take([fill])
    assert stage.reserved() == (10, 0, 0)


def test_positions_that_keep_moving_are_no_outcome(stage: Stage) -> None:
    quantities = iter(range(1, 100))

    def move() -> None:
        stage.tell(positions=(stage.held(next(quantities)),))

    stage.broker.during_story = move
    with pytest.raises(BrokerError, match="positions move while they are compared"):
        stage.gate.reconcile()
    assert stage.reserved() == (0, 0, 0)


def test_orders_of_others_are_adopted_and_named(stage: Stage) -> None:
    order = Order.parse(f"BUY 95 AAPL LMT 190 account={ACCOUNT}")
    theirs = ForeignOrder(
        perm_id=5,
        order=order,
        instrument=stage.instrument(),
        remaining=Decimal(95),
        status=Status.SUBMITTED,
    )
    stage.tell(foreign=(theirs,))
    outcome = stage.gate.reconcile()
    assert outcome.differences == (f"foreign order 5: {order}",)
    assert stage.gate.submit(LINE).decision.by == ("desk/position",)


def test_our_numbers_begin_after_the_brokers(stage: Stage) -> None:
    stage.tell(next_order_id=500)
    stage.gate.reconcile()
    assert stage.allowed() == 500


def test_whoever_distrusts_while_the_story_is_told_is_heard(stage: Stage) -> None:
    stage.broker.during_story = lambda: stage.gate.distrust("the socket dropped")
    stage.gate.reconcile()
    assert stage.gate.submit(LINE).decision.codes == ("NOT_RECONCILED",)
    assert stage.gate.wants_reconcile
    stage.broker.during_story = lambda: None
    stage.gate.reconcile()
    assert stage.gate.submit(LINE).allowed


def test_distrust_names_its_reason(stage: Stage) -> None:
    stage.gate.distrust("1101: data lost")
    (finding,) = stage.gate.submit(LINE).decision.breaches
    assert "1101: data lost" in finding.text


def test_without_a_session_there_is_nobody_to_ask(stage: Stage) -> None:
    stage.gate.distrust("the socket dropped")
    stage.broker.connected = False
    assert not stage.gate.wants_reconcile
    codes = stage.gate.submit(LINE).decision.codes
    assert set(codes) == {"NOT_CONNECTED", "NOT_RECONCILED"}


def test_a_story_that_fails_leaves_everything_as_it_was(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(refs: dict[str, int], timeout: float) -> Story:
        raise NotConnected(f"no answer within {timeout} s about {refs}")

    before = stage.facts()
    monkeypatch.setattr(stage.broker, "story", refuse)
    with pytest.raises(NotConnected):
        stage.gate.reconcile()
    assert stage.facts() == before


def test_what_is_held_is_watched_after_a_reconcile(stage: Stage) -> None:
    stage.tell(positions=(stage.held(60, "MSFT"),))
    stage.allowed()
    stage.broker.wanted.clear()
    stage.gate.reconcile()
    assert {terms.symbol for terms in stage.broker.wanted} == {"AAPL", "MSFT"}


def test_resume_needs_a_clean_reconcile_or_an_override(stage: Stage) -> None:
    stage.gate.halt(reason="smoke", by="m.ruiz")
    stage.tell(complete=False)
    assert not stage.gate.resume(reason="gone", by="m.ruiz")
    assert "HALTED" in stage.gate.submit(LINE).decision.codes
    assert stage.gate.resume(reason="gone", by="m.ruiz", override=True)
    stage.tell()
    stage.gate.reconcile()
    assert stage.gate.submit(LINE).allowed
