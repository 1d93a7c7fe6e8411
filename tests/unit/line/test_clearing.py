"""A kill without a journal: what the broker's story has is cancelled, and seen to be gone."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from riskgate.errors import BrokerError
from riskgate.line import clearing
from riskgate.line.clearing import Clearing, clear
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import ForeignOrder, Position
from riskgate.model.trading import Scope, Standing, TradingState
from riskgate.ports import Story
from tests.unit.conftest import NOON, StageBroker

SHARE = Instrument(key="AAPL", symbol="AAPL", con_id=1)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "PAUSE", 0.0)


class Desk(StageBroker):
    """A broker that obeys, except for the orders in `deaf`."""

    client_id = 1

    def __init__(self, *orders: ForeignOrder, deaf: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.told = Story(foreign=orders)
        self.deaf = deaf

    def cancel(self, order_id: int) -> None:
        super().cancel(order_id)
        self._drop(lambda one: one.broker_order_id == order_id)

    def cancel_account(self) -> None:
        self._drop(lambda _: True)

    def _drop(self, chosen: object) -> None:
        assert callable(chosen)
        left = (one for one in self.told.foreign if one.perm_id in self.deaf or not chosen(one))
        self.told = msgspec.structs.replace(self.told, foreign=tuple(left))


def order(number: int, client_id: int = 1, line: str = "BUY 5 AAPL LMT 100") -> ForeignOrder:
    return ForeignOrder(
        perm_id=number,
        order=Order.parse(line),
        instrument=msgspec.structs.replace(SHARE, symbol=line.split()[2]),
        remaining=Decimal(5),
        status=Status.SUBMITTED,
        broker_order_id=number,
        client_id=client_id,
    )


def wanted(scope: Scope | None = None, *, everything: bool = False, client: int = 1) -> Clearing:
    standing = Standing(
        state=TradingState.KILLED, scope=scope or Scope(), by="m.ruiz", reason="smoke", at=NOON
    )
    return Clearing(standing=standing, clients=frozenset({client}), everything=everything)


def test_what_is_ours_by_its_client_id_is_cancelled_and_the_rest_is_not() -> None:
    desk = Desk(order(1), order(2, client_id=2), order(3, client_id=0))
    report = clear(desk, wanted(), 1)
    assert desk.cancelled == [1]
    assert (report.confirmed, report.pending, report.foreign) == ((1,), (), 2)
    assert (report.done, report.flat, report.recorded) == (True, False, False)


def test_everything_goes_when_everything_is_wanted() -> None:
    report = clear(Desk(order(1), order(2, client_id=2)), wanted(everything=True), 1)
    assert (report.foreign, report.done, report.flat) == (0, True, True)
    desk = Desk(order(1), order(2, client_id=2), deaf=(2,))
    report = clear(desk, wanted(everything=True), 0.05)
    assert (report.pending, report.foreign, report.done) == ((2,), 1, False)


def test_what_is_still_in_the_story_is_pending() -> None:
    report = clear(Desk(order(1), order(2), deaf=(2,)), wanted(), 0.05)
    assert (report.confirmed, report.pending) == ((1,), (2,))
    assert (report.proven, report.done) == (True, False)


def test_the_orders_of_a_gate_that_runs_are_watched_and_not_touched() -> None:
    desk = Desk(order(4, client_id=7))
    report = clear(desk, wanted(client=7), 0.05)
    assert (desk.cancelled, report.pending) == ([], (4,))


def test_a_scope_is_kept_as_far_as_the_broker_knows_it() -> None:
    desk = Desk(order(1), order(2, line="BUY 5 MSFT LMT 100"))
    assert clear(desk, wanted(Scope(symbol="MSFT")), 1).confirmed == (2,)
    report = clear(desk, wanted(Scope(strategy="s")), 1)
    assert report.confirmed == (1,)
    assert clearing.STRATEGIES in report.remarks


def test_a_position_keeps_it_from_being_flat() -> None:
    desk = Desk()
    held = Position(account="DU1234567", instrument=SHARE, quantity=Decimal(-3))
    desk.told = Story(positions=(held,))
    report = clear(desk, wanted(), 1)
    assert (report.done, report.flat) == (True, False)
    assert report.positions == (("DU1234567", SHARE.key, Decimal(-3)),)


def test_a_story_that_is_not_whole_proves_nothing() -> None:
    desk = Desk()
    desk.told = Story(complete=False)
    report = clear(desk, wanted(), 1)
    assert (report.proven, report.because) == (False, "the broker's answer was not complete")


def test_a_broker_that_falls_silent_leaves_what_was_seen() -> None:
    desk = Desk(order(1), deaf=(1,))
    stories = iter([desk.told])

    def told(refs: dict[str, int], timeout: float) -> Story:
        del refs, timeout
        try:
            return next(stories)
        except StopIteration:
            raise BrokerError("no answer from the broker within 5 s") from None

    desk.story = told  # type: ignore[method-assign]
    report = clear(desk, wanted(), 1)
    assert (report.pending, report.proven) == ((1,), False)
    assert report.because == "no answer from the broker within 5 s"
    with pytest.raises(BrokerError):
        clear(desk, wanted(), 1)
