"""What the exchange tells the outside, and to whom it does not care."""

from __future__ import annotations

from typing import Protocol

from riskgate.simulator.book import Execution, LiveOrder
from riskgate.simulator.faults import Event


class Feed(Protocol):
    """Whoever carries the broker's reports to the clients."""

    def order(self, order: LiveOrder) -> None:
        """The order and its status."""
        ...

    def status(self, order: LiveOrder) -> None:
        """The status alone."""
        ...

    def execution(self, execution: Execution) -> None:
        """A fill, or the correction of one."""
        ...

    def commission(self, execution: Execution, *, unset: bool = False) -> None:
        """What a fill cost, or that there is something it cost."""
        ...

    def error(self, owner: tuple[int, int], code: int, text: str) -> None:
        """A code and a text about the order with this client and order id."""
        ...

    def traded(self, account: str, con_id: int) -> None:
        """A position and the account's values have changed."""
        ...

    def happens(self, event: Event) -> None:
        """Something that a fault has for this moment."""
        ...

    def priced(self, con_id: int) -> None:
        """A quote has changed."""
        ...
