"""A broker connected to a simulated TWS through the real client library."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import pytest

from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.settings import Settings
from riskgate.ledger.market import Market
from riskgate.model.decision import Action, ApprovedOrder, Decision
from riskgate.model.instrument import Terms
from riskgate.model.order import Order
from riskgate.model.report import Report
from riskgate.ports import Clock
from riskgate.simulator import Fault, Faults, Options, Running, quote, running

R = TypeVar("R")
PATIENCE = 20.0


@dataclass
class Heard:
    """A listener that remembers, and can be waited on."""

    reports: list[Report] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def hear(self, reports: Iterable[Report]) -> None:
        with self.news:
            self.reports += reports
            self.news.notify_all()

    def session_changed(self, reason: str) -> None:
        with self.news:
            self.changes.append(reason)
            self.news.notify_all()

    def of(self, kind: type[R]) -> list[R]:
        return [report for report in self.reports if isinstance(report, kind)]

    def wait_for(self, predicate: Callable[[], bool], timeout: float = PATIENCE) -> None:
        with self.news:
            assert self.news.wait_for(predicate, timeout), self.reports[-5:]


@dataclass
class House:
    """A simulator, a broker connected to it, and what they say."""

    sim: Running
    broker: IbBroker
    market: Market
    heard: Heard

    def approve(
        self, line: str, order_id: int, *, modify: bool = False, reduction: bool = False
    ) -> ApprovedOrder:
        order = Order.parse(line)
        instrument = self.market.resolve(order.terms)
        assert instrument is not None
        decision = Decision(
            order=order,
            action=Action.ALLOW,
            as_of=datetime.now(UTC),
            digest="test",
            reduction=reduction,
        )
        return ApprovedOrder(
            order=order,
            decision=decision,
            order_id=order_id,
            ref=f"rg-{order_id}",
            instrument=instrument,
            replaces=modify,
        )

    def place(self, line: str, order_id: int) -> None:
        self.broker.place(self.approve(line, order_id))

    def modify(self, line: str, order_id: int) -> None:
        self.broker.place(self.approve(line, order_id, modify=True))

    def wait_for(self, predicate: Callable[[], bool]) -> None:
        self.heard.wait_for(predicate)

    def hold(self) -> None:
        """Let nothing leave for a second, as after a complaint of the broker."""
        desk = self.broker._desk
        assert desk is not None
        desk.outbox.pause(time.monotonic())

    def sent(self) -> list[str]:
        return [one.order_ref for one in self.sim.received("placeOrder")]

    def refs(self, *order_ids: int) -> dict[str, int]:
        return {f"rg-{order_id}": order_id for order_id in order_ids}


class OpenHouse(Protocol):
    def __call__(
        self,
        *faults: Fault,
        options: Options | None = None,
        clock: Clock | None = None,
        start: bool = True,
        **settings: object,
    ) -> House: ...


@pytest.fixture
def open_house() -> Iterator[OpenHouse]:
    """Make a house; when the test is over nothing of it may be left."""
    before = set(threading.enumerate())
    with ExitStack() as stack:

        def make(
            *faults: Fault,
            options: Options | None = None,
            clock: Clock | None = None,
            start: bool = True,
            **settings: object,
        ) -> House:
            prices = {"AAPL": quote("189.99", "190.01", "190.00", "189.00")}
            plan = Faults(plan=list(faults))
            sim = stack.enter_context(running(prices, clock, options, plan))
            market = Market()
            given = Settings(**{"port": sim.port, **settings})  # type: ignore[arg-type]
            house = House(sim, IbBroker(given, market, clock), market, Heard())
            stack.callback(house.broker.stop)
            if start:
                house.broker.start(house.heard)
                assert house.broker.prepare([Terms(symbol="AAPL")], PATIENCE) == ()
            return house

        yield make
    assert set(threading.enumerate()) <= before


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    """A broker that is connected, with AAPL ready at 189.99 to 190.01."""
    return open_house()
