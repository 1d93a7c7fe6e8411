"""Brackets and one-cancels-all groups, through the real client library, on the simulated TWS."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.model.fields import stated
from riskgate.model.lifecycle import Status
from riskgate.simulator import Fault, Silent
from tests.contract.order_types.conftest import comparable
from tests.contract.order_types.groups import GROUPS, WAITING, Group
from tests.contract.order_types.lives import LIVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskgate.model.order import Order
    from tests.contract.order_types.conftest import Desk
    from tests.contract.order_types.life import Life

EVERY = pytest.mark.parametrize("name", GROUPS)


def placed(open_desk: Callable[[Life], Desk], group: Group) -> tuple[Desk, list[Order]]:
    """A desk on which all of the group work or wait, and what they are."""
    desk = open_desk(LIVES["limit"])
    sent = desk.place_together(group.lines, bracket=group.bracket)
    for number in range(1, len(sent) + 1):
        rests = WAITING if group.bracket and number > 1 else Status.SUBMITTED
        desk.is_at(rests, number)
    return desk, sent


@EVERY
def test_each_is_repeated_as_it_was_sent(open_desk: Callable[[Life], Desk], name: str) -> None:
    group = GROUPS[name]
    desk, sent = placed(open_desk, group)
    for number, order in enumerate(sent, 1):
        read = desk.repeated[number][0]
        if group.bracket:  # IB makes its exits a group of their own
            read = desk.without_group(read)
        assert stated(comparable(read, order)) == stated(order)


@EVERY
def test_what_happens_to_one_happens_to_the_others(
    open_desk: Callable[[Life], Desk], name: str
) -> None:
    group = GROUPS[name]
    desk, sent = placed(open_desk, group)
    group.happens(desk.house.sim)
    for number, status in enumerate(group.ends, 1):
        desk.is_at(status, number)
    left = {one.order_id: one.quantity - one.filled for one in desk.house.sim.orders()}
    for number, (status, size) in enumerate(zip(group.ends, group.left, strict=True), 1):
        assert not status.working or left[number] == Decimal(size)
    assert all(
        desk.fills(number) for number, end in enumerate(group.ends, 1) if end is Status.FILLED
    )
    assert len(sent) == len(group.ends)


@EVERY
def test_one_of_them_is_modified_and_stays_what_it_is(
    open_desk: Callable[[Life], Desk], name: str
) -> None:
    group = GROUPS[name]
    desk, _ = placed(open_desk, group)
    changed = desk.modify(group.becomes, 2, bracket=group.bracket)
    desk.confirmed(changed, 2)
    sent = [one.message for one in desk.house.sim.received("placeOrder")]
    assert sent[-1].integer("parentId") == (1 if group.bracket else 0)
    assert sent[-1].text("ocaGroup") == ("" if group.bracket else "g")
    assert sent[-1].flag("transmit")


@EVERY
def test_the_cancel_of_all_is_confirmed_by_the_broker_alone(
    open_desk: Callable[[Life], Desk], name: str
) -> None:
    group = GROUPS[name]
    desk, sent = placed(open_desk, group)
    desk.house.sim.inject(Fault("cancelOrder", Silent()))
    desk.house.broker.cancel(1)
    desk.house.broker.beat()
    assert Status.CANCELLED not in desk.statuses(1)
    for number in range(1, len(sent) + 1):
        if not (group.bracket and number > 1):  # the exits die with their entry
            desk.house.broker.cancel(number)
    for number in range(1, len(sent) + 1):
        desk.is_at(Status.CANCELLED, number)
    group.happens(desk.house.sim)
    assert not any(desk.fills(number) for number in range(1, len(sent) + 1))
