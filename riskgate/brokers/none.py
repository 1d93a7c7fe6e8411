"""No broker: for those who only read and write the record while a gate runs elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from riskgate.errors import NotConnected
from riskgate.model.decision import ApprovedOrder
from riskgate.model.instrument import Terms
from riskgate.model.order import Fault, Order
from riskgate.ports import Story

NOBODY: Final = "this process has no session with the broker"


class NoBroker:
    """A `Broker` that is never connected."""

    carries_brackets = False
    connected = False
    mode_fault: str | None = None
    client_id: int | None = None

    def supports(self, order: Order) -> tuple[Fault, ...]:  # noqa: ARG002  # the port's shape
        """Nothing leaves from here, so nothing is amiss."""
        return ()

    def place(self, approved: ApprovedOrder, attached: Sequence[ApprovedOrder] = ()) -> None:  # noqa: ARG002  # the port's shape
        """Raise NotConnected."""
        raise NotConnected(f"{NOBODY}: order {approved.order_id} was not sent")

    def cancel(self, order_id: int) -> None:
        """Raise NotConnected."""
        raise NotConnected(f"{NOBODY}: order {order_id} was not cancelled from here")

    def cancel_account(self) -> None:
        """Raise NotConnected."""
        raise NotConnected(NOBODY)

    def cancelling(self, order_id: int) -> bool:  # noqa: ARG002  # the port's shape
        """Not from here."""
        return False

    def withdraw(self, covers: Callable[[int], bool], code: str) -> None:
        """Nothing waits here."""

    def story(self, refs: dict[str, int], timeout: float) -> Story:  # noqa: ARG002  # the port's shape
        """Raise NotConnected."""
        raise NotConnected(f"{NOBODY}; a running gate reconciles")

    def prepare(self, wanted: Sequence[Terms], timeout: float) -> tuple[Terms, ...]:  # noqa: ARG002  # the port's shape
        """Nothing can be made ready."""
        return tuple(wanted)

    def watch(self, wanted: Sequence[Terms]) -> None:
        """Nothing can be made ready."""
