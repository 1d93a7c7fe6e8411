"""Every order type and instruction, through the real client library, on the simulated TWS."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.model.fields import stated
from riskgate.model.lifecycle import Status
from riskgate.model.report import NeverSent
from riskgate.simulator import Fault, Silent
from tests.contract.order_types.conftest import comparable
from tests.contract.order_types.life import goes_on, stops
from tests.contract.order_types.lives import LIVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.order_types.conftest import Desk
    from tests.contract.order_types.life import Life

RESTING = {name: life for name, life in LIVES.items() if not life.ends_at_once}
CHANGING = {name: life for name, life in RESTING.items() if life.becomes}


def rested(desk: Desk, life: Life) -> None:
    """Place it, and let it wait."""
    if life.halt or life.waits is None:
        stops(desk.house.sim)
    desk.place(life.line)
    desk.until(lambda: bool(desk.statuses()) and 1 in desk.repeated)


@pytest.mark.parametrize("name", LIVES)
def test_what_is_repeated_is_what_was_sent(open_desk: Callable[[Life], Desk], name: str) -> None:
    desk = open_desk(LIVES[name])
    sent = desk.place(LIVES[name].line)
    desk.until(lambda: 1 in desk.repeated)
    assert stated(comparable(desk.repeated[1][0], sent)) == stated(sent)
    desk.confirmed(sent)


@pytest.mark.parametrize("name", LIVES)
def test_it_is_filled_when_its_type_says_so(open_desk: Callable[[Life], Desk], name: str) -> None:
    life = LIVES[name]
    desk = open_desk(life)
    desk.place(life.line)
    if life.waits is not None:
        desk.is_at(life.waits)
        desk.house.sim.settle()
        assert life.halt or desk.fills() == []
    for happen in life.happens:
        happen(desk.house.sim)
    desk.is_at(Status.FILLED)
    assert sum(one.quantity for one in desk.fills()) == Decimal(life.filled)
    assert {one.price for one in desk.fills()} == {*map(Decimal, life.price.split())}


@pytest.mark.parametrize("name", CHANGING)
def test_new_terms_are_confirmed_by_what_is_repeated(
    open_desk: Callable[[Life], Desk], name: str
) -> None:
    life = CHANGING[name]
    desk = open_desk(life)
    rested(desk, life)
    before = len(desk.repeated[1])
    changed = desk.modify(life.becomes)
    desk.confirmed(changed)
    assert len(desk.repeated[1]) > before
    assert stated(comparable(desk.repeated[1][-1], changed)) == stated(changed)
    assert not desk.house.heard.of(NeverSent)


def test_a_part_of_a_share_cannot_be_modified(open_desk: Callable[[Life], Desk]) -> None:
    life = LIVES["a part of a share"]
    desk = open_desk(life)
    rested(desk, life)
    desk.modify("BUY 0.25 AAPL MKT DAY")
    desk.until(lambda: bool(desk.house.heard.of(NeverSent)))
    (refused,) = desk.house.heard.of(NeverSent)
    assert (refused.code, refused.modify) == ("10242", True)
    goes_on(desk.house.sim)
    desk.is_at(Status.FILLED)


@pytest.mark.parametrize("name", RESTING)
def test_its_cancel_is_confirmed_by_the_broker_and_by_nobody_else(
    open_desk: Callable[[Life], Desk], name: str
) -> None:
    desk = open_desk(RESTING[name])
    rested(desk, RESTING[name])
    desk.house.sim.inject(Fault("cancelOrder", Silent()))
    desk.house.broker.cancel(1)
    desk.house.broker.beat()
    assert not {Status.CANCELLED, Status.PENDING_CANCEL} & {*desk.statuses()}
    desk.house.broker.cancel(1)
    desk.is_at(Status.CANCELLED)
    goes_on(desk.house.sim)
    for happen in RESTING[name].happens:
        happen(desk.house.sim)
    desk.house.sim.settle()
    assert desk.fills() == []
