"""Parent orders that people steer, and that outlive crashes and other processes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import ConfigError, JournalError
from riskgate.model.events import Decided, WorkChanged
from riskgate.model.lifecycle import Status
from riskgate.model.report import CancelNotSent, NeverSent, Sent
from riskgate.model.trading import Scope, TradingState
from riskgate.model.work import WorkState
from tests.unit.line.parent_steps import (
    LINE,
    MINUTE,
    SAID,
    TWAP,
    caught_up,
    check_folded,
    execution_at,
    fill_all,
    passed,
    placed,
    state_of,
    worked,
)

if TYPE_CHECKING:
    from tests.unit.conftest import Stage


@pytest.fixture(autouse=True)
def _the_journal_alone_gives_the_same_book(stage: Stage) -> Iterator[None]:
    yield
    check_folded(stage)


# -- what people do -----------------------------------------------------------------------------


def test_a_paused_parent_sends_nothing_until_it_is_resumed(stage: Stage) -> None:
    ticket = worked(stage)
    ticket.pause(**SAID)
    passed(stage)
    assert placed(stage) == [9]
    assert state_of(ticket) is WorkState.PAUSED
    ticket.resume(**SAID)
    stage.gate.step()
    assert placed(stage) == [9, 10]


def test_no_slice_of_a_paused_parent_passes_whoever_submits_it(stage: Stage) -> None:
    ticket = worked(stage)
    ticket.pause(**SAID)
    stray = stage.gate.submit("BUY 5 AAPL MKT DAY", parent=ticket.order_id)
    assert stray.decision.codes == ("PARENT_OVERFILL",)


def test_time_that_is_over_in_a_pause_is_over(stage: Stage) -> None:
    ticket = worked(stage, plan="twap duration=2m slices=2 at_end=cross")
    fill_all(stage, ticket)
    ticket.pause(**SAID)
    passed(stage, 3 * MINUTE)
    assert placed(stage) == [47]
    assert ticket.status is Status.EXPIRED


def test_a_cancelled_parent_cancels_its_slices_and_sends_no_more(stage: Stage) -> None:
    ticket = worked(stage)
    ticket.cancel(**SAID)
    (first,) = ticket.slices
    assert stage.broker.cancelled == [first]
    before = ticket.status
    stage.says(first, Status.CANCELLED)
    assert [before, ticket.status] == [Status.PENDING_CANCEL, Status.CANCELLED]
    passed(stage)
    assert placed(stage) == [9]


def test_a_slice_that_fills_while_it_is_cancelled_is_counted(stage: Stage) -> None:
    ticket = worked(stage)
    ticket.cancel(**SAID)
    fill_all(stage, ticket)
    assert ticket.status is Status.CANCELLED
    assert ticket.progress is not None
    assert ticket.progress.filled == 9


def test_a_refused_cancel_of_a_slice_is_asked_for_again_after_a_while(stage: Stage) -> None:
    ticket = worked(stage)
    (first,) = ticket.slices
    stage.says(first, Status.SUBMITTED)
    ticket.cancel(**SAID)
    stage.gate.take([CancelNotSent(order_id=first, text="no")])
    for _ in range(3):
        passed(stage, timedelta(seconds=1))
    assert stage.broker.cancelled == [first]
    passed(stage, timedelta(seconds=2))
    assert stage.broker.cancelled == [first, first]


def test_what_is_over_hears_nobody_any_more(stage: Stage) -> None:
    ticket = worked(stage)
    ticket.cancel(**SAID)
    stage.says(ticket.slices[0], Status.CANCELLED)
    stage.gate.take([WorkChanged(order_id=ticket.order_id, state=WorkState.RUNNING)])
    passed(stage)
    assert placed(stage) == [9]
    assert ticket.status is Status.CANCELLED


def test_a_parent_whose_record_was_not_confirmed_never_works(stage: Stage) -> None:
    stage.journal.fails_at = "answer"
    refused = stage.gate.work(LINE, TWAP)
    assert refused.decision.codes == ("JOURNAL_UNAVAILABLE",)
    assert refused.progress is None
    stage.journal.fails_at = ""
    for _ in range(3):
        passed(stage)
    (view,) = stage.gate.orders()
    assert view.status is Status.NEVER_SENT
    assert placed(stage) == []


def test_the_common_cancel_cancels_a_parent_and_all_of_it(stage: Stage) -> None:
    ticket = worked(stage)
    assert stage.gate.cancel(ticket.order_id, actor="ann")
    assert stage.broker.cancelled == list(ticket.slices)
    stage.says(ticket.slices[0], Status.CANCELLED)
    passed(stage)
    assert ticket.status is Status.CANCELLED
    assert not stage.gate.cancel(ticket.order_id)


def test_cancel_all_leaves_no_parent_at_work(stage: Stage) -> None:
    ticket = worked(stage)
    assert set(stage.gate.cancel_all()) == {ticket.order_id, *ticket.slices}
    passed(stage)
    assert placed(stage) == [9]
    assert state_of(ticket) is WorkState.STOPPED


def test_a_kill_is_for_good_whoever_resumes(stage: Stage) -> None:
    mine, other = worked(stage), worked(stage, "BUY 50 MSFT MKT DAY", TWAP)
    stage.gate.kill(by="ann", reason="wrong", scope=Scope(symbol="AAPL"), timeout=0.01)
    for number in mine.slices:
        stage.says(number, Status.CANCELLED)
    stage.gate.resume(by="ann", reason="over", scope=Scope(symbol="AAPL"), override=True)
    stage.quote("MSFT", "399.99", "400.01")
    passed(stage)
    assert (state_of(mine), mine.status) == (WorkState.STOPPED, Status.CANCELLED)
    assert state_of(other) is WorkState.RUNNING
    assert [one.order.symbol for one in stage.broker.placed] == ["AAPL", "MSFT", "MSFT"]
    with pytest.raises(ConfigError, match="is stopped already: killed: wrong"):
        mine.resume(**SAID)


def test_what_is_said_needs_a_name_and_a_reason_and_a_parent(stage: Stage) -> None:
    ticket = worked(stage)
    with pytest.raises(ConfigError, match="must not be blank"):
        ticket.pause(by=" ", reason="x")
    with pytest.raises(ConfigError, match="is running already"):
        ticket.resume(**SAID)
    with pytest.raises(ConfigError, match="order 99 is no parent order"):
        stage.gate.parents.pause(99, **SAID)
    ticket.pause(**SAID)
    with pytest.raises(ConfigError, match="is paused already: lunch"):
        ticket.pause(**SAID)


# -- modify -------------------------------------------------------------------------------------


def test_a_parent_can_be_made_larger_and_is_judged_for_what_is_not_sent_yet(stage: Stage) -> None:
    ticket = worked(stage, "BUY 50 AAPL MKT DAY")
    fill_all(stage, ticket)
    assert stage.gate.modify(ticket.order_id, quantity=100).allowed
    assert not stage.gate.modify(ticket.order_id, quantity=101).allowed
    for _ in range(10):
        passed(stage)
        fill_all(stage, ticket)
    assert sum(placed(stage)) == 100
    assert ticket.status is Status.FILLED


def test_a_parent_cannot_become_smaller_than_its_slices(stage: Stage) -> None:
    ticket = worked(stage)
    passed(stage)
    refused = stage.gate.modify(ticket.order_id, quantity=18)
    assert refused.decision.codes == ("PARENT_OVERFILL",)
    assert stage.gate.modify(ticket.order_id, quantity=19).allowed
    fill_all(stage, ticket)
    assert ticket.status is Status.FILLED


def test_a_new_limit_holds_for_the_next_slices(stage: Stage) -> None:
    ticket = worked(stage, "BUY 50 AAPL LMT 190 DAY")
    assert stage.gate.modify(ticket.order_id, limit_price=Decimal("189.50")).allowed
    passed(stage)
    prices = [one.order.limit_price for one in stage.broker.placed]
    assert prices == [190, Decimal("189.50")]
    assert ticket.order_id not in [one.order_id for one in stage.broker.placed]


# -- crashes and other processes ----------------------------------------------------------------


@pytest.mark.parametrize("before", range(11))
def test_a_gate_that_starts_anew_at_any_moment_goes_on_where_it_was(
    stage: Stage, before: int
) -> None:
    ticket = worked(stage)
    for _ in range(before):
        fill_all(stage, ticket)
        passed(stage)
    fill_all(stage, ticket)
    sizes = placed(stage)
    gate = stage.restarted()
    gate.reconciled = True
    for _ in range(11 - before):
        for number in [life.order_id for life in gate.ledger.working()]:
            gate.take([execution_at(stage, gate, number)])
        passed(stage, gate=gate)
    parent = gate.order(ticket.order_id)
    assert parent is not None
    assert parent.filled_quantity == 95
    broker = gate._broker
    sizes += [one.order.quantity for one in broker.placed]  # type: ignore[attr-defined]
    assert sum(sizes) == 95
    refs = [life.ref for life in gate.ledger.orders.values() if life.parent]
    assert len(refs) == len(set(refs))
    assert sizes == [9, 10, 9, 10, 9, 10, 9, 10, 9, 10]
    caught_up(stage)


def test_what_may_have_been_sent_counts_until_it_is_known(stage: Stage) -> None:
    ticket = worked(stage)
    (first,) = ticket.slices
    gate = stage.restarted()  # nothing says whether the first slice left
    gate.reconciled = True
    work = gate.ledger.works.of(ticket.order_id)
    assert work is not None
    assert (work.filled, work.working) == (Decimal(0), Decimal(9))
    gate.take([NeverSent(order_id=first, code="NOT_CONNECTED", text="it never left")])
    passed(stage, MINUTE / 2, gate)
    assert [one.order.quantity for one in gate._broker.placed] == [9]  # type: ignore[attr-defined]
    caught_up(stage)


def test_nothing_is_sent_while_the_book_is_not_proven(stage: Stage) -> None:
    worked(stage)
    stage.gate.reconciled = False
    passed(stage)
    assert placed(stage) == [9]


def test_a_gate_of_another_client_id_leaves_it_alone(stage: Stage) -> None:
    ticket = worked(stage)
    other = stage.restarted()
    other.reconciled = True
    other._broker.client_id = 8  # type: ignore[misc]
    passed(stage, gate=other)
    assert other._broker.placed == []  # type: ignore[attr-defined]
    other.parents.pause(ticket.order_id, **SAID)
    passed(stage)
    assert placed(stage) == [9]


def test_what_another_process_cancels_is_cancelled_by_the_one_that_drives_it(stage: Stage) -> None:
    ticket = worked(stage)
    (first,) = ticket.slices
    stage.gate.take([Sent(order_id=first, broker_order_id=first, client_id=0)])
    other = stage.restarted()
    other._broker.client_id = None  # type: ignore[misc]
    other.parents.cancel(ticket.order_id, **SAID)
    assert other._broker.cancelled == []  # type: ignore[attr-defined]
    stage.gate.follow()
    stage.gate.step()
    assert stage.broker.cancelled == [first]


def test_a_slice_that_cannot_be_recorded_is_not_sent_and_comes_later(stage: Stage) -> None:
    ticket = worked(stage)
    stage.clock.advance(MINUTE)
    stage.quote("AAPL", "189.99", "190.01")
    stage.journal.fails_at = "commit"
    with pytest.raises(JournalError):
        stage.gate.step()
    assert placed(stage) == [9]
    stage.journal.fails_at = ""
    stage.gate.step()
    assert placed(stage) == [9, 10]
    assert ticket.progress is not None
    assert ticket.progress.slices == 2


def test_a_parent_waits_for_a_price_and_asks_for_it(stage: Stage) -> None:
    stage.quote("MSFT", "399.99", "400.01")
    ticket = stage.gate.work("BUY 50 MSFT MKT DAY", TWAP)
    gate = stage.restarted()
    gate.reconciled = True
    stage.market._quotes.pop("MSFT")
    stage.clock.advance(MINUTE)
    gate.step()
    assert gate._broker.placed == []  # type: ignore[attr-defined]
    assert [terms.symbol for terms in gate._broker.wanted] == ["MSFT"]  # type: ignore[attr-defined]
    stage.quote("MSFT", "399.99", "400.01")
    gate.step()
    assert len(gate._broker.placed) == 1  # type: ignore[attr-defined]
    assert len(gate.ledger.works.open) == 1
    caught_up(stage)
    assert len(ticket.slices) == 2


def test_the_plan_is_on_record_with_the_decision(stage: Stage) -> None:
    ticket = worked(stage)
    (decided,) = [
        event
        for event in stage.journal.payloads()
        if isinstance(event, Decided) and event.order_id == ticket.order_id
    ]
    assert str(decided.plan) == TWAP


def test_a_halted_parent_is_denied_like_any_order(stage: Stage) -> None:
    stage.gate.halt(by="ann", reason="news", state=TradingState.HALTED)
    assert stage.gate.work(LINE, TWAP).decision.codes == ("HALTED",)
