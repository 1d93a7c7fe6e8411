"""Modifies, children and reservations in the book: the largest of what the broker may hold."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.model.events import Decided
from riskgate.model.lifecycle import Status
from riskgate.model.report import NeverSent, OrderEcho, Sent, StatusReport
from riskgate.model.trading import TradingState

if TYPE_CHECKING:
    from tests.unit.conftest import Stage


@pytest.fixture(autouse=True)
def _the_journal_alone_gives_the_same_book(stage: Stage) -> Iterator[None]:
    yield
    assert stage.facts() == stage.facts(stage.folded())


def refused(number: int, version: int = 1, code: str = "201") -> NeverSent:
    return NeverSent(order_id=number, code=code, text="no", modify=True, version=version)


def left(stage: Stage, number: int, version: int) -> None:
    """The adapter wrote this version to the wire."""
    stage.gate.take([Sent(order_id=number, broker_order_id=number, client_id=1, version=version)])


def quantities(stage: Stage, number: int) -> list[Decimal]:
    return [one.order.quantity for one in stage.gate.ledger.orders[number].versions]


def modified_twice(stage: Stage) -> int:
    """An order of 40 that is echoed; its modify to 60 has left, the one to 90 waits."""
    number = stage.allowed("BUY 40 AAPL LMT 190")
    left(stage, number, 0)
    stage.says(number, Status.SUBMITTED)
    stage.echoes(number, "40")
    assert stage.gate.modify(number, quantity=60).allowed
    left(stage, number, 1)
    assert stage.gate.modify(number, quantity=90).allowed
    return number


def test_a_smaller_size_keeps_the_larger_reserved_until_it_is_echoed(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    stage.says(number, Status.SUBMITTED)
    assert stage.gate.modify(number, quantity=20).allowed
    assert stage.reserved() == (0, 60, 0)
    stage.echoes(number, "60")
    assert stage.reserved() == (0, 60, 0)
    stage.echoes(number, "20")
    assert stage.reserved() == (0, 20, 0)


def test_a_larger_size_is_reserved_at_once(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    assert stage.gate.modify(number, quantity=100).allowed
    assert stage.reserved() == (0, 100, 0)


def test_a_status_says_nothing_of_the_new_terms(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    stage.says(number, Status.PRE_SUBMITTED)
    stage.gate.modify(number, quantity=20)
    stage.says(number, Status.SUBMITTED)
    assert stage.reserved() == (0, 60, 0)


def test_a_refused_modify_leaves_the_terms_before_it(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    stage.gate.modify(number, quantity=100, limit_price=Decimal("190.05"))
    stage.gate.take([refused(number)])
    view = stage.gate.order(number)
    assert view is not None
    assert view.quantity == 60
    assert view.limit_price == 190
    assert stage.reserved() == (0, 60, 0)
    assert view.text.startswith("BUY 60 AAPL LMT 190 DAY")


def test_a_refusal_without_a_modify_changes_nothing(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    stage.gate.take([refused(number)])
    assert stage.gate.ledger.orders[number].status is Status.PENDING_SUBMIT
    assert stage.reserved() == (0, 60, 0)


def test_versions_are_numbered_and_handed_over_with_their_number(stage: Stage) -> None:
    number = modified_twice(stage)
    stage.echoes(number, "60")
    assert not stage.gate.modify(number, quantity=999).allowed
    assert stage.gate.modify(number, quantity=80).allowed
    assert [approved.version for approved in stage.broker.placed] == [0, 1, 2, 3]


@pytest.mark.parametrize("version", [1, 0])
def test_a_refused_modify_takes_nothing_from_the_one_that_waits(stage: Stage, version: int) -> None:
    """Also where the broker's refusal has no version: it is about what left last."""
    number = modified_twice(stage)
    stage.gate.take([refused(number, version)])
    assert quantities(stage, number) == [40, 90]
    assert stage.reserved() == (0, 90, 0)
    left(stage, number, 2)
    stage.echoes(number, "90")
    assert stage.reserved() == (0, 90, 0)


def test_a_modify_that_waits_in_vain_takes_nothing_from_the_one_in_flight(stage: Stage) -> None:
    number = modified_twice(stage)
    stage.gate.take([refused(number, 2, "QUEUE_EXPIRED")])
    assert quantities(stage, number) == [40, 60]
    assert stage.reserved() == (0, 60, 0)


def test_an_unsent_modify_that_nobody_names_releases_nothing(stage: Stage) -> None:
    number = modified_twice(stage)
    stage.gate.take([refused(number, 0, "QUEUE_EXPIRED")])
    assert quantities(stage, number) == [40, 60, 90]
    assert stage.reserved() == (0, 90, 0)


def test_the_same_refusal_twice_takes_one_version(stage: Stage) -> None:
    number = modified_twice(stage)
    stage.gate.take([refused(number, 1), refused(number, 1)])
    assert quantities(stage, number) == [40, 90]


def test_confirmed_terms_outlive_a_late_refusal_of_them(stage: Stage) -> None:
    number = modified_twice(stage)
    stage.echoes(number, "60")
    assert stage.gate.modify(number, quantity=50).allowed
    stage.gate.take([refused(number, 2, "SUPERSEDED"), refused(number, 1)])
    assert quantities(stage, number) == [60, 50]
    assert stage.reserved() == (0, 60, 0)


def test_an_echo_of_the_modify_in_flight_ends_the_terms_before_it_alone(stage: Stage) -> None:
    number = modified_twice(stage)
    stage.echoes(number, "60")
    assert quantities(stage, number) == [60, 90]


def test_an_echo_cannot_confirm_terms_that_have_not_left(stage: Stage) -> None:
    """The first terms are repeated late, and a modify that waits happens to equal them."""
    number = modified_twice(stage)
    assert stage.gate.modify(number, quantity=40).allowed
    stage.gate.take([refused(number, 2, "SUPERSEDED")])
    stage.echoes(number, "40")
    assert quantities(stage, number) == [40, 60, 40]
    assert stage.reserved() == (0, 60, 0)


def test_a_modify_is_milder_only_than_all_terms_that_may_be_live(stage: Stage) -> None:
    number = modified_twice(stage)
    stage.gate.halt(reason="test", by="risk", state=TradingState.REDUCE_ONLY)
    for quantity, allowed in ((80, False), (50, False), (40, True), (30, True)):
        decision = stage.gate.modify(number, quantity=quantity).decision
        assert (decision.allowed, decision.reduction) == (allowed, allowed), quantity


def test_a_modify_that_keeps_a_trigger_keeps_that_of_all_terms_that_may_be_live(
    stage: Stage,
) -> None:
    number = stage.allowed("BUY 60 AAPL STP_LMT 195 196")
    assert stage.gate.modify(number, stop_price=Decimal(194)).allowed
    decision = stage.gate.modify(number, quantity=20).decision
    assert decision.allowed
    assert not decision.reduction


def test_an_echo_must_repeat_every_price(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL STP_LMT 195 196")
    stage.gate.modify(number, quantity=20, stop_price=Decimal(194))
    old = OrderEcho(
        order_id=number, quantity=Decimal(20), limit_price=Decimal(196), stop_price=Decimal(195)
    )
    stage.gate.take([old])
    assert stage.reserved() == (0, 60, 0)
    new = OrderEcho(
        order_id=number,
        quantity=Decimal(20),
        limit_price=Decimal(196),
        stop_price=Decimal(194),
        perm_id=8,
    )
    stage.gate.take([new])
    assert stage.reserved() == (0, 20, 0)
    assert stage.gate.ledger.orders[number].perm_id == 8


def test_an_echo_acknowledges(stage: Stage) -> None:
    number = stage.allowed()
    stage.echoes(number, "10")
    assert stage.gate.ledger.orders[number].acknowledged


def test_an_echo_of_a_denied_order_changes_nothing(stage: Stage) -> None:
    number = stage.gate.submit("BUY 999 AAPL LMT 190").order_id
    stage.echoes(number, "999")
    assert stage.reserved() == (0, 0, 0)


def test_what_was_filled_stays_filled_through_a_modify(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "50")])
    stage.gate.modify(number, quantity=55)
    stage.echoes(number, "55")
    assert stage.reserved() == (50, 5, 0)
    stage.gate.take([stage.execution(number, "5", "b.01")])
    assert stage.gate.ledger.orders[number].status is Status.FILLED


def test_an_echo_that_leaves_nothing_to_fill_finishes_the_order(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    stage.says(number, Status.SUBMITTED)
    stage.gate.modify(number, quantity=50)
    stage.gate.take([stage.execution(number, "50")])
    assert stage.gate.ledger.orders[number].status is Status.PARTIALLY_FILLED
    assert stage.reserved() == (50, 10, 0)
    stage.echoes(number, "50")
    view = stage.gate.order(number)
    assert view is not None
    assert (view.status, view.filled_at) == (Status.FILLED, stage.clock.now())
    assert stage.reserved() == (50, 0, 0)


def test_a_denied_modify_changes_nothing(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    before = stage.facts()
    denied = stage.gate.modify(number, quantity=101)
    assert denied.decision.by == ("desk/position",)
    assert {**stage.facts(), "orders": 0} == {**before, "orders": 0}
    recorded = stage.journal.payloads()[-1]
    assert isinstance(recorded, Decided)
    assert recorded.replaces == number


def test_filled_says_that_larger_terms_never_arrived(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    stage.says(number, Status.SUBMITTED)
    stage.gate.modify(number, quantity=80)
    stage.gate.take([stage.execution(number, "60")])
    assert stage.reserved() == (60, 20, 0)
    stage.gate.take([StatusReport(order_id=number, status=Status.FILLED, filled=Decimal(60))])
    view = stage.gate.order(number)
    assert view is not None
    assert (view.status, view.text.split(" DAY")[0]) == (Status.FILLED, "BUY 60 AAPL LMT 190")
    assert stage.reserved() == (60, 0, 0)


def test_filled_of_all_that_was_asked_for_changes_no_terms(stage: Stage) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "60")])
    stage.gate.take([StatusReport(order_id=number, status=Status.FILLED, filled=Decimal(60))])
    assert stage.gate.ledger.orders[number].status is Status.FILLED


# --- children ------------------------------------------------------------------------------------


def test_children_together_may_not_exceed_their_parent(stage: Stage) -> None:
    parent = stage.allowed("BUY 50 AAPL LMT 190")
    for _ in range(2):
        assert stage.gate.submit("BUY 25 AAPL LMT 190", parent=parent).allowed
    excess = stage.gate.submit("BUY 1 AAPL LMT 190", parent=parent)
    assert "PARENT_OVERFILL" in excess.decision.codes


def test_what_a_dead_child_did_not_fill_is_the_parents_again(stage: Stage) -> None:
    parent = stage.allowed("BUY 30 MSFT LMT 400")
    child = stage.gate.submit("BUY 30 MSFT LMT 400", parent=parent).order_id
    stage.gate.take([stage.execution(child, "10")])
    stage.says(child, Status.CANCELLED)
    assert (
        "PARENT_OVERFILL" in stage.gate.submit("BUY 21 MSFT LMT 400", parent=parent).decision.codes
    )
    assert stage.gate.submit("BUY 20 MSFT LMT 400", parent=parent).allowed


def test_a_child_may_not_be_modified_beyond_its_parent(stage: Stage) -> None:
    parent = stage.allowed("BUY 30 MSFT LMT 400")
    child = stage.gate.submit("BUY 20 MSFT LMT 400", parent=parent).order_id
    stage.gate.take([stage.execution(child, "10")])
    assert stage.gate.modify(child, quantity=30).allowed
    assert "PARENT_OVERFILL" in stage.gate.modify(child, quantity=31).decision.codes


@pytest.mark.parametrize("parent", [77, -1])
def test_a_parent_that_nobody_knows_leaves_nothing(stage: Stage, parent: int) -> None:
    ticket = stage.gate.submit("BUY 1 AAPL LMT 190", parent=parent)
    assert ticket.decision.codes == ("PARENT_OVERFILL",)
