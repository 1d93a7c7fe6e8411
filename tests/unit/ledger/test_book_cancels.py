"""Cancels that did not happen, and orders that corrections changed after they were filled."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.model.lifecycle import Status
from riskgate.model.report import CancelNotSent, StatusReport
from riskgate.ports import Story

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

ACCOUNT = "DU1234567"


@pytest.fixture(autouse=True)
def _the_journal_alone_gives_the_same_book(stage: Stage) -> Iterator[None]:
    yield
    assert stage.facts() == stage.facts(stage.folded())


def status_of(stage: Stage, number: int) -> Status:
    return stage.gate.ledger.orders[number].status


def cancel_lost(number: int) -> CancelNotSent:
    return CancelNotSent(order_id=number, text="the session went")


@pytest.mark.parametrize("before", [Status.PRE_SUBMITTED, Status.SUBMITTED, Status.INACTIVE])
def test_a_cancel_that_did_not_leave_takes_the_order_back_to_where_it_was(
    stage: Stage, before: Status
) -> None:
    number = stage.allowed()
    stage.says(number, before)
    stage.gate.cancel(number)
    assert status_of(stage, number) is Status.PENDING_CANCEL
    stage.gate.take([cancel_lost(number)])
    assert status_of(stage, number) is before
    assert stage.reserved() == (0, 10, 0)
    assert stage.gate.modify(number, quantity=5).allowed


def test_what_happened_behind_a_lost_cancel_is_not_lost(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.cancel(number)
    stage.says(number, Status.SUBMITTED)
    stage.gate.cancel(number)
    stage.gate.take([cancel_lost(number)])
    assert status_of(stage, number) is Status.SUBMITTED
    stage.gate.cancel(number)
    stage.gate.take([stage.execution(number, "4"), cancel_lost(number)])
    assert status_of(stage, number) is Status.PARTIALLY_FILLED
    assert stage.reserved() == (4, 6, 0)


def test_a_lost_cancel_wakes_no_order_that_is_over(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.cancel(number)
    stage.says(number, Status.CANCELLED)
    stage.gate.take([cancel_lost(number)])
    assert status_of(stage, number) is Status.CANCELLED
    assert stage.reserved() == (0, 0, 0)


def test_a_live_status_does_not_end_the_wait_for_a_cancel_but_a_whole_story_does(
    stage: Stage,
) -> None:
    number = stage.allowed()
    stage.gate.cancel(number)
    stage.says(number, Status.SUBMITTED)
    assert status_of(stage, number) is Status.PENDING_CANCEL
    live = StatusReport(order_id=number, status=Status.SUBMITTED)
    stage.broker.told = Story(accounts=(ACCOUNT,), statuses=(live,))
    stage.gate.distrust("the session was lost, and the cancel with it")
    stage.gate.reconcile()
    assert status_of(stage, number) is Status.SUBMITTED
    assert stage.gate.modify(number, quantity=5).allowed


def test_a_story_in_which_the_cancel_is_on_its_way_changes_nothing(stage: Stage) -> None:
    number = stage.allowed()
    stage.says(number, Status.SUBMITTED)
    stage.gate.cancel(number)
    stage.says(number, Status.PRE_SUBMITTED)
    stage.says(number, Status.PENDING_CANCEL)
    waiting = StatusReport(order_id=number, status=Status.PENDING_CANCEL)
    stage.broker.told = Story(accounts=(ACCOUNT,), statuses=(waiting,))
    stage.gate.reconcile()
    assert status_of(stage, number) is Status.PENDING_CANCEL


# --- corrections of what was filled --------------------------------------------------------------


def test_filled_of_what_a_correction_left_finishes_the_order_and_releases(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "10", "a.01")])
    stage.gate.take([stage.execution(number, "9", "a.02")])
    assert stage.reserved() == (9, 1, 0)
    told = StatusReport(
        order_id=number, status=Status.FILLED, filled=Decimal(9), remaining=Decimal(0)
    )
    stage.gate.take([told])
    assert status_of(stage, number) is Status.FILLED
    assert stage.reserved() == (9, 0, 0)
    stage.gate.take([stage.execution(number, "10", "a.03")])
    assert status_of(stage, number) is Status.FILLED
    assert stage.reserved() == (10, 0, 0)


@pytest.mark.parametrize(("filled", "remaining"), [("10", "0"), ("8", "0"), ("9", "1")])
def test_filled_of_another_count_than_ours_finishes_nothing(
    stage: Stage, filled: str, remaining: str
) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "9", "a.01")])
    told = StatusReport(
        order_id=number,
        status=Status.FILLED,
        filled=Decimal(filled),
        remaining=Decimal(remaining),
    )
    stage.gate.take([told])
    assert status_of(stage, number) is Status.PARTIALLY_FILLED
    assert stage.reserved() == (9, 1, 0)
