from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from riskgate.brokers.ib.client import load
from riskgate.brokers.ib.contracts import stopgap
from riskgate.brokers.ib.orders import Ears, Orders
from riskgate.brokers.ib.owners import Owners
from riskgate.execution.codes import SHIPPED, Class, Meanings
from riskgate.model.decision import Action, ApprovedOrder, Decision
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import (
    ErrorReport,
    ExecutionReport,
    NeverSent,
    Report,
    StatusReport,
)

LIBRARY: Any = load()
STOCK = LIBRARY.Contract(conId=1, symbol="AAPL", secType="STK", currency="USD")


class Room:
    """Orders of client 1, with all that they told."""

    def __init__(self, meanings: Meanings = SHIPPED) -> None:
        self.told: list[Report] = []
        self.alive: list[int] = []
        self.over: list[int] = []
        ears = Ears(self._hear, self.alive.append, self.over.append, stopgap)
        self.orders = Orders(Owners(1), ears, meanings)

    def _hear(self, reports: Iterable[Report]) -> None:
        self.told += reports

    def send(
        self, order_id: int, *, modify: bool = False, line: str = "BUY 10 AAPL LMT 180 DAY"
    ) -> None:
        order = Order.parse(line)
        at = datetime(2025, 1, 6, tzinfo=UTC)
        decision = Decision(order=order, action=Action.ALLOW, as_of=at, digest="test")
        known = Instrument(key="AAPL", symbol="AAPL")
        approved = ApprovedOrder(
            order=order,
            decision=decision,
            order_id=order_id,
            ref=f"rg-{order_id}",
            instrument=known,
            replaces=modify,
        )
        self.orders.sent(approved)

    def echo(self, order_id: int, status: str, **fields: object) -> None:
        given = {"orderRef": f"rg-{order_id}", "permId": 500 + order_id, **fields}
        order = LIBRARY.Order(
            orderId=order_id, clientId=1, orderType="LMT", totalQuantity=10.0, lmtPrice=180.0
        )
        for name, value in given.items():
            setattr(order, name, value)
        self.orders.open_order(order_id, STOCK, order, LIBRARY.OrderState(status=status))

    def status(self, order_id: int, status: str, filled: float = 0.0, held: str = "") -> None:
        left, perm_id, client = 10.0 - filled, 500 + order_id, 1
        self.orders.order_status(
            order_id, status, filled, left, 0.0, perm_id, 0, 0.0, client, held, 0.0
        )

    def statuses(self) -> list[Status]:
        return [one.status for one in self.told if isinstance(one, StatusReport)]


@pytest.fixture
def room() -> Room:
    made = Room()
    made.send(1)
    return made


def test_inactive_after_its_reason_is_a_rejection(room: Room) -> None:
    room.orders.error(1, 201, "no margin")
    room.echo(1, "Inactive")
    room.status(1, "Inactive")
    assert set(room.statuses()) == {Status.REJECTED}
    assert room.told[0] == ErrorReport(order_id=1, code=201, text="no margin")


def test_inactive_before_its_reason_becomes_a_rejection(room: Room) -> None:
    room.status(1, "Inactive")
    assert room.statuses() == [Status.INACTIVE]
    room.orders.error(1, 201, "no margin")
    assert room.statuses() == [Status.INACTIVE, Status.REJECTED]


def test_inactive_without_a_reason_is_inactive(room: Room) -> None:
    room.status(1, "Inactive")
    room.orders.error(1, 399, "will not be placed until 09:30")
    assert room.statuses() == [Status.INACTIVE]


def test_inactive_for_locating_shares_is_not_a_rejection(room: Room) -> None:
    room.orders.error(1, 201, "odd")
    room.status(1, "Inactive", held="locate")
    assert room.statuses() == [Status.INACTIVE]


def test_an_order_that_worked_is_not_rejected_by_a_later_error(room: Room) -> None:
    room.status(1, "Submitted")
    room.orders.error(1, 201, "no margin")
    room.status(1, "Inactive")
    assert room.statuses() == [Status.SUBMITTED, Status.INACTIVE]


@pytest.mark.parametrize("code", [100, 110, 161, 201, 202, 399, 10147, 10148, 99999])
def test_no_error_alone_changes_a_status(room: Room, code: int) -> None:
    room.orders.error(1, code, "text")
    assert [type(one) for one in room.told] == [ErrorReport]


@pytest.mark.parametrize("code", [105, 110, 201, 321, 2102])
def test_a_refused_modify_is_told_and_the_next_one_may_leave(room: Room, code: int) -> None:
    room.status(1, "Submitted")
    room.send(1, modify=True)
    room.alive.clear()
    room.orders.error(1, code, "no")
    assert room.told[-1] == NeverSent(order_id=1, code=str(code), text="no", modify=True)
    assert room.alive == [1]
    assert room.over == []


@pytest.mark.parametrize(("code", "ambiguous"), [(99999, True), (201, False), (399, False)])
def test_a_code_that_nobody_knows_is_ambiguous(room: Room, code: int, *, ambiguous: bool) -> None:
    room.send(1)
    room.orders.error(1, code, "text")
    assert room.told[-1] == ErrorReport(order_id=1, code=code, text="text", ambiguous=ambiguous)


@pytest.mark.parametrize("code", [103, 202, 399, 10147, 10148, 99999])
def test_what_does_not_refuse_a_modify_leaves_it_open(room: Room, code: int) -> None:
    room.status(1, "Submitted")
    room.send(1, modify=True)
    room.orders.error(1, code, "?")
    assert [one for one in room.told if isinstance(one, NeverSent)] == []


def test_old_terms_once_more_do_not_end_a_modify_whose_refusal_is_still_to_come(
    room: Room,
) -> None:
    room.echo(1, "PreSubmitted")
    room.send(1, modify=True, line="BUY 20 AAPL LMT 180 DAY")
    room.echo(1, "Submitted")
    room.orders.error(1, 10242, "cannot be modified")
    assert [one.code for one in room.told if isinstance(one, NeverSent)] == ["10242"]


@pytest.mark.parametrize(
    ("line", "quantity"),
    [("BUY 20 AAPL LMT 180 DAY", 20.0), ("BUY 20 AAPL LMT 180 DAY", 15.0)],
)
def test_other_terms_end_a_modify_whatever_they_are(room: Room, line: str, quantity: float) -> None:
    """What came later than them is no refusal of it: they may be what it came to."""
    room.echo(1, "Submitted")
    room.send(1, modify=True, line=line)
    room.echo(1, "Submitted", totalQuantity=quantity)
    room.orders.error(1, 10242, "cannot be modified")
    assert not [one for one in room.told if isinstance(one, NeverSent)]


def test_a_modify_to_the_terms_that_stand_is_over_when_they_come_again(room: Room) -> None:
    room.echo(1, "Submitted")
    room.send(1, modify=True)
    room.echo(1, "Submitted")
    room.orders.error(1, 10242, "cannot be modified")
    assert not [one for one in room.told if isinstance(one, NeverSent)]


def test_a_modify_may_follow_a_living_echo_but_never_the_end(room: Room) -> None:
    room.status(1, "Submitted")
    assert room.alive == [1]
    for word in ("Cancelled", "Inactive", "Filled"):
        fresh = Room()
        fresh.send(1)
        fresh.status(1, word)
        assert (fresh.alive, fresh.over) == ([], [1])


def test_only_an_echo_acknowledges_a_modify(room: Room) -> None:
    room.send(1, modify=True)
    room.status(1, "Submitted")
    assert room.alive == []
    room.echo(1, "Submitted")
    assert room.alive == [1]


def test_the_end_in_an_echo_keeps_what_was_filled(room: Room) -> None:
    room.status(1, "Submitted", filled=4.0)
    room.echo(1, "Cancelled")
    last = room.told[-1]
    assert isinstance(last, StatusReport)
    assert (last.status, last.filled) == (Status.CANCELLED, Decimal(4))


def test_a_status_that_ib_does_not_document_is_an_alarm_and_no_status(room: Room) -> None:
    room.status(1, "WarnState")
    [report] = room.told
    assert isinstance(report, ErrorReport)
    assert "`WarnState`" in report.text


def test_repetitions_are_told_once(room: Room) -> None:
    for _ in range(3):
        room.echo(1, "Submitted")
        room.status(1, "Submitted")
    assert len(room.told) == 2


def test_strangers_are_not_told(room: Room) -> None:
    room.echo(9, "Submitted", orderRef="other")
    room.status(9, "Submitted")
    assert room.told == []


def test_messages_by_number_are_about_the_order_that_left_under_it(room: Room) -> None:
    ids = room.orders.owners.ids
    ids.give(2)
    ids.give(1)
    room.orders.error(3, 201, "no margin")
    room.orders.error(1, 201, "whose?")
    room.status(3, "Submitted")
    said = [one for one in room.told if isinstance(one, ErrorReport | StatusReport)]
    assert [one.order_id for one in said] == [1, 0, 1]
    assert room.told[1] == ErrorReport(order_id=0, code=201, text="whose?", ambiguous=True)


def test_ids_that_the_broker_names_are_left_behind(room: Room) -> None:
    room.echo(70, "Submitted", orderRef="other", clientId=5)
    assert room.orders.owners.ids.give(2) == 71


def test_a_twin_is_told_of_once_and_its_end_is_not_ours(room: Room) -> None:
    room.echo(1, "Submitted")
    room.status(1, "Submitted")
    before = len(room.told)
    for word in ("Submitted", "Cancelled"):
        room.echo(1, word, permId=900)
        room.orders.order_status(1, word, 0.0, 10.0, 0.0, 900, 0, 0.0, 1, "", 0.0)
    [alarm] = room.told[before:]
    assert isinstance(alarm, ErrorReport)
    assert (alarm.order_id, alarm.ambiguous) == (1, True)
    assert "900" in alarm.text
    assert room.over == []


def test_legs_of_a_combination_are_told_and_the_combination_is_not(room: Room) -> None:
    at = datetime(2025, 1, 6, tzinfo=UTC)
    fill = LIBRARY.Execution(
        execId="1.1.1", time=at, side="BOT", shares=1.0, price=2.0, orderRef="rg-1", orderId=1
    )
    bag = LIBRARY.Contract(symbol="A,B", secType="BAG", currency="USD")
    room.orders.execution(bag, fill)
    room.orders.execution(STOCK, fill)
    assert [type(one) for one in room.told] == [ExecutionReport]


def test_a_fill_of_an_unknown_order_is_told_once_all_of_ours_are_known(room: Room) -> None:
    at = datetime(2025, 1, 6, tzinfo=UTC)
    fill = LIBRARY.Execution(execId="1.1.1", time=at, side="BOT", shares=1.0, price=2.0)
    room.orders.execution(STOCK, fill)
    assert room.told == []
    room.orders.owners.learn({})
    room.orders.execution(STOCK, fill)
    [report] = room.told
    assert isinstance(report, ExecutionReport)
    assert report.order_id == 0


@pytest.mark.parametrize("kind", list(Class))
@pytest.mark.parametrize("working", [False, True])
def test_no_class_that_settings_give_a_code_ends_an_order(kind: Class, *, working: bool) -> None:
    room = Room(Meanings({77777: kind}))
    room.send(1)
    if working:
        room.echo(1, "Submitted")
        room.status(1, "Submitted")
    before = room.statuses()
    room.orders.error(1, 77777, "something new")
    assert room.statuses() == before
    [told] = [one for one in room.told if isinstance(one, ErrorReport)]
    assert told.ambiguous is (kind is Class.AMBIGUOUS)


def test_a_code_that_settings_call_rejected_ends_an_order_with_the_brokers_word_only() -> None:
    room = Room(Meanings({77777: Class.REJECTED}))
    room.send(1)
    room.orders.error(1, 77777, "something new")
    room.status(1, "Inactive")
    assert room.statuses() == [Status.REJECTED]
