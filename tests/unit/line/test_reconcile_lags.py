"""Positions that lag behind fills, and what the absence of an order proves over night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.errors import BrokerError
from riskgate.line.reconcile import PAUSES, PERSISTENCE, ib_day
from riskgate.model.lifecycle import Status
from riskgate.model.report import StatusReport

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

ACCOUNT = "DU1234567"
LINE = "BUY 10 AAPL LMT 190"


# -- positions that lag ---------------------------------------------------------------------------


def from_story(stage: Stage, count: int, act: Callable[[], object]) -> None:
    """Do something while the story of this number is told."""
    told = iter(range(1, 100))

    def tick() -> None:
        if next(told) == count:
            act()

    stage.broker.during_story = tick


def bought(stage: Stage) -> None:
    """We know of a fill of 10 whose position the broker does not show yet."""
    number = stage.allowed()
    fill = stage.execution(number, "10", "x.01")
    stage.gate.take([fill])
    stage.tell(executions=(fill,))


def test_a_position_that_lags_behind_a_fill_of_today_is_waited_for(stage: Stage) -> None:
    bought(stage)
    denied: list[tuple[str, ...]] = []

    def catch_up() -> None:
        denied.append(stage.gate.submit(LINE).decision.codes)
        told = stage.broker.told
        stage.broker.told = msgspec.structs.replace(told, positions=(stage.held(10),))

    from_story(stage, 4, catch_up)
    assert stage.gate.reconcile().differences == ()
    assert stage.reserved() == (10, 0, 0)
    assert denied == [("NOT_RECONCILED",)]
    assert stage.gate.submit(LINE).allowed


def test_a_position_that_contradicts_a_fill_is_taken_over_after_the_whole_wait(
    stage: Stage,
) -> None:
    bought(stage)
    outcome = stage.gate.reconcile()
    assert outcome.differences == (f"position {ACCOUNT} AAPL is 0",)
    assert sum(stage.pauses) == sum(PAUSES) == PERSISTENCE


def test_a_position_in_which_an_order_of_ours_works_may_be_its_fill(stage: Stage) -> None:
    number = stage.allowed()
    fill = stage.execution(number, "10", "x.01")
    working = StatusReport(order_id=number, status=Status.SUBMITTED)
    stage.tell(positions=(stage.held(10),), statuses=(working,))

    def hear() -> None:
        told = stage.broker.told
        stage.broker.told = msgspec.structs.replace(told, executions=(fill,), statuses=())

    from_story(stage, 5, hear)
    assert stage.gate.reconcile().differences == ()
    assert stage.reserved() == (10, 0, 0)


def test_a_report_in_between_begins_the_wait_anew(stage: Stage) -> None:
    bought(stage)
    other = stage.allowed("BUY 5 AAPL LMT 189")
    from_story(stage, 6, lambda: stage.says(other, Status.SUBMITTED))
    with pytest.raises(BrokerError, match="positions move while they are compared"):
        stage.gate.reconcile()
    assert stage.reserved() == (10, 5, 0)
    assert stage.gate.wants_reconcile
    (finding,) = stage.gate.submit(LINE).decision.breaches
    assert "no fill explains the position of DU1234567 AAPL" in finding.text


def test_a_position_of_others_is_not_waited_for(stage: Stage) -> None:
    stage.allowed()
    stage.tell(positions=(stage.held(60, "MSFT"),))
    assert stage.gate.reconcile().clean
    assert stage.pauses == []


def test_a_fill_from_before_a_position_was_taken_over_is_asked_about(stage: Stage) -> None:
    number = stage.allowed()
    fill = stage.execution(number, "10", "x.01")
    stage.clock.advance(timedelta(seconds=1))
    working = StatusReport(order_id=number, status=Status.SUBMITTED)
    stage.tell(positions=(stage.held(10),), statuses=(working,))
    stage.gate.reconcile()
    assert not stage.gate.wants_reconcile
    stage.gate.take([fill])
    assert stage.gate.wants_reconcile
    stage.tell(positions=(stage.held(10),), executions=(fill,))
    stage.gate.reconcile()
    assert stage.reserved() == (10, 0, 0)
    assert not stage.gate.wants_reconcile


# -- what absence proves over night ---------------------------------------------------------------


def overnight(stage: Stage) -> None:
    """Reconcile the next morning, and once more after the grace."""
    stage.clock.advance(timedelta(hours=17))
    stage.gate.distrust("a new session")
    stage.gate.reconcile()
    stage.clock.advance(timedelta(seconds=40))
    stage.gate.reconcile()


@pytest.mark.parametrize("acknowledged", [False, True])
def test_a_day_order_of_yesterday_that_nobody_has_any_more_is_expired(
    stage: Stage, *, acknowledged: bool
) -> None:
    number = stage.sent()
    if acknowledged:
        stage.says(number, Status.SUBMITTED)
    overnight(stage)
    assert stage.status_of(number) is Status.EXPIRED
    assert stage.reserved() == (0, 0, 0)


def test_a_day_order_that_was_filled_in_part_yesterday_expires_with_its_fill(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([stage.execution(number, "4")])
    stage.tell(positions=(stage.held(4),))
    overnight(stage)
    assert stage.status_of(number) is Status.EXPIRED
    assert stage.reserved() == (4, 0, 0)


def test_an_order_whose_position_moved_over_night_may_have_filled(stage: Stage) -> None:
    number = stage.sent()
    stage.tell(positions=(stage.held(10),))
    overnight(stage)
    stage.clock.advance(timedelta(days=3))
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.UNKNOWN
    assert stage.reserved() == (10, 10, 0)


def test_an_order_whose_position_moved_on_its_own_day_may_have_filled(stage: Stage) -> None:
    number = stage.sent()
    stage.clock.advance(timedelta(seconds=40))
    stage.tell(positions=(stage.held(10),))
    stage.gate.reconcile()
    assert stage.status_of(number) is Status.UNKNOWN


def test_an_older_order_without_an_end_never_arrived_only_if_nobody_saw_it(stage: Stage) -> None:
    silent = stage.sent("BUY 10 AAPL LMT 190 GTC")
    seen = stage.sent("BUY 10 MSFT LMT 400 GTC")
    stage.says(seen, Status.SUBMITTED)
    overnight(stage)
    assert stage.status_of(silent) is Status.NEVER_SENT
    assert stage.status_of(seen) is Status.UNKNOWN


def test_the_day_of_ib_ends_at_midnight_in_new_york() -> None:
    assert ib_day(datetime(2026, 3, 3, 4, 59, tzinfo=UTC)).day == 2
    assert ib_day(datetime(2026, 3, 3, 5, 0, tzinfo=UTC)).day == 3
