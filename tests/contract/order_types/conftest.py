"""A broker on a simulated TWS, with the library's own view of what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from riskgate.brokers.ib.contracts import terms_of
from riskgate.brokers.ib.terms_in import order_from
from riskgate.ledger.echoes import repeats
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import ExecutionReport, OrderEcho, StatusReport
from riskgate.simulator import Options, VirtualClock
from tests.contract.ib_broker.conftest import PATIENCE, open_house
from tests.contract.order_types.life import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.contract.ib_broker.conftest import House, OpenHouse
    from tests.contract.order_types.life import Life

__all__ = ["open_house"]
ACCOUNT = "DU1234567"


@dataclass
class Desk:
    """The house, and every order of the library's that TWS has repeated, newest last."""

    house: House
    repeated: dict[int, list[Order]] = field(default_factory=dict)

    def listen(self) -> None:
        """Read each openOrder before the adapter does."""
        desk = self.house.broker._desk
        assert desk is not None
        wrapper: Any = desk._way.session.wrapper
        heard = wrapper.openOrder

        def both(order_id: int, contract: Any, order: Any, state: Any) -> None:  # noqa: ANN401
            ours = order_from(terms_of(contract), order, contract.exchange)
            self.repeated.setdefault(order_id, []).append(ours)
            heard(order_id, contract, order, state)

        wrapper.openOrder = both

    def place(self, line: str, number: int = 1) -> Order:
        """Send an order; return it as it should be read back."""
        self.house.place(line, number)
        return as_read(line)

    def modify(self, line: str, number: int = 1, *, bracket: bool = False) -> Order:
        approved = self.house.approve(line, number, modify=True)
        self.house.broker.place(msgspec.structs.replace(approved, bracket=1 if bracket else 0))
        return as_read(line)

    def place_together(self, lines: Sequence[str], *, bracket: bool) -> list[Order]:
        """Send several orders in one step, numbered from 1; return them as they should be read."""
        approved = [
            msgspec.structs.replace(self.house.approve(line, number), bracket=1 if bracket else 0)
            for number, line in enumerate(lines, 1)
        ]
        self.house.broker.place(approved[0], approved[1:])
        return [as_read(line) for line in lines]

    def without_group(self, order: Order) -> Order:
        """An order as if IB had not put it in a group."""
        said = msgspec.structs.replace(order.instructions, oca_group=None, oca_type=None)
        return msgspec.structs.replace(order, instructions=said)

    def until(self, holds: Callable[[], bool]) -> None:
        self.house.wait_for(holds)

    def statuses(self, number: int = 1) -> list[Status]:
        heard = self.house.heard.of(StatusReport)
        return [one.status for one in heard if one.order_id == number]

    def is_at(self, status: Status, number: int = 1) -> None:
        self.until(lambda: self.statuses(number)[-1:] == [status])

    def confirmed(self, order: Order, number: int = 1) -> None:
        """Wait for an echo that confirms these terms."""
        self.until(
            lambda: any(
                one.order_id == number and repeats(one, order)
                for one in self.house.heard.of(OrderEcho)[-1:]
            )
        )

    def fills(self, number: int = 1) -> list[ExecutionReport]:
        return [one for one in self.house.heard.of(ExecutionReport) if one.order_id == number]


def as_read(line: str) -> Order:
    """An order as it comes back: its contract complete, its account stated."""
    order = Order.parse(line)
    kind = order.sec_type or "STK"
    return msgspec.structs.replace(order, account=ACCOUNT, sec_type=kind, currency="USD")


def comparable(read: Order, sent: Order) -> Order:
    """What was read, without what IB fills in, with contracts named as they were."""
    said, meant = read.instructions, sent.instructions
    if meant.cash_quantity is not None:
        read = msgspec.structs.replace(read, quantity=sent.quantity)
    if meant.trail_stop_price is None:
        said = msgspec.structs.replace(said, trail_stop_price=None)
    named = tuple(
        msgspec.structs.replace(one, contract=other.contract) if one.contract else one
        for one, other in zip(said.conditions, meant.conditions, strict=True)
    )
    said = msgspec.structs.replace(said, conditions=named)
    return msgspec.structs.replace(read, instructions=said)


@pytest.fixture
def open_desk(open_house: OpenHouse) -> Callable[[Life], Desk]:
    """A desk for one life, at noon."""

    def make(life: Life) -> Desk:
        options = Options(fractional=life.fractional)
        desk = Desk(open_house(options=options, clock=VirtualClock(NOON)))
        terms = Order.parse(life.line).terms
        assert desk.house.broker.prepare([terms], PATIENCE) == ()
        desk.listen()
        return desk

    return make
