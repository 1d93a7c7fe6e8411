"""The life of an order: laws over the whole table, and the moves that matter."""

from __future__ import annotations

import itertools

import pytest

from riskgate.model.lifecycle import (
    BEFORE_SENDING,
    FINISHED,
    MOVES,
    WORKING,
    Status,
    filled,
    may_move,
    moved,
    resumed,
)

S = Status
PAIRS = list(itertools.product(Status, Status))
FILLING = {S.FILLED, S.PARTIALLY_FILLED}


def test_every_status_has_a_row_and_is_finished_working_or_held() -> None:
    assert set(MOVES) == set(Status)
    assert set(Status) == FINISHED | WORKING | {S.HELD}
    assert not FINISHED & WORKING
    assert not WORKING & BEFORE_SENDING
    assert [s for s in Status if s.working] == [s for s in Status if s in WORKING]


@pytest.mark.parametrize("old", sorted(FINISHED))
def test_finished_is_finished_but_for_a_fill_or_a_correction(old: Status) -> None:
    assert MOVES[old] <= FILLING
    assert all(moved(old, reported) is old for reported in Status)


@pytest.mark.parametrize(("old", "reported"), PAIRS)
def test_a_report_moves_an_order_only_as_the_table_says(old: Status, reported: Status) -> None:
    new = moved(old, reported)
    assert new is old or (new is reported and may_move(old, new))


@pytest.mark.parametrize(("old", "complete"), [*itertools.product(Status, (True, False))])
def test_a_fill_is_accepted_in_every_state_and_moves_as_the_table_says(
    old: Status, *, complete: bool
) -> None:
    new = filled(old, complete=complete)
    assert new is old or may_move(old, new)
    assert (new is S.FILLED) is (complete or False)


@pytest.mark.parametrize(("old", "reported"), PAIRS)
def test_the_same_report_twice_changes_nothing_more(old: Status, reported: Status) -> None:
    once = moved(old, reported)
    assert moved(once, reported) is once


@pytest.mark.parametrize(
    ("old", "stale"),
    [
        (S.SUBMITTED, S.PENDING_SUBMIT),
        (S.SUBMITTED, S.PRE_SUBMITTED),
        (S.PARTIALLY_FILLED, S.SUBMITTED),
        (S.PARTIALLY_FILLED, S.PRE_SUBMITTED),
        (S.PENDING_CANCEL, S.SUBMITTED),
        (S.PENDING_CANCEL, S.PRE_SUBMITTED),
        (S.FILLED, S.SUBMITTED),
        (S.CANCELLED, S.SUBMITTED),
        (S.CANCELLED, S.FILLED),
        (S.REJECTED, S.PRE_SUBMITTED),
        (S.NEVER_SENT, S.SUBMITTED),
        (S.DENIED, S.SUBMITTED),
        (S.HELD, S.SUBMITTED),
    ],
)
def test_a_stale_status_changes_nothing(old: Status, stale: Status) -> None:
    assert moved(old, stale) is old


@pytest.mark.parametrize(
    ("old", "reported"),
    [
        (S.PENDING_SUBMIT, S.PRE_SUBMITTED),
        (S.PENDING_SUBMIT, S.FILLED),
        (S.PRE_SUBMITTED, S.SUBMITTED),
        (S.INACTIVE, S.SUBMITTED),
        (S.UNKNOWN, S.CANCELLED),
        (S.UNKNOWN, S.SUBMITTED),
        (S.PENDING_CANCEL, S.CANCELLED),
        (S.PENDING_CANCEL, S.FILLED),
        (S.PARTIALLY_FILLED, S.EXPIRED),
    ],
)
def test_a_report_of_something_new_is_believed(old: Status, reported: Status) -> None:
    assert moved(old, reported) is reported


def test_a_cancelled_order_can_still_fill() -> None:
    assert filled(S.CANCELLED, complete=True) is S.FILLED
    assert filled(S.CANCELLED, complete=False) is S.CANCELLED


def test_an_order_that_waits_for_its_cancel_waits_on_after_a_partial_fill() -> None:
    assert filled(S.PENDING_CANCEL, complete=False) is S.PENDING_CANCEL


@pytest.mark.parametrize(("old", "without"), PAIRS)
def test_only_an_order_that_waits_for_its_cancel_goes_back_and_only_to_work(
    old: Status, without: Status
) -> None:
    goes = old is S.PENDING_CANCEL and without.working
    assert resumed(old, without) is (without if goes else old)


def test_a_correction_can_open_a_filled_order_again() -> None:
    assert filled(S.FILLED, complete=False) is S.PARTIALLY_FILLED
    assert S.PARTIALLY_FILLED.working
    assert S.CANCELLED.finished


def test_what_filled_was_sent_whatever_we_believed() -> None:
    assert filled(S.NEVER_SENT, complete=False) is S.PARTIALLY_FILLED
    assert filled(S.HELD, complete=False) is S.PARTIALLY_FILLED
    assert filled(S.DENIED, complete=False) is S.DENIED
