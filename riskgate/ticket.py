"""What a strategy holds after `submit`: the decision, and the life of the order since.

Rule 1: a ticket keeps no state of its own; every question is answered from the book as it is now.
Rule 2: `wait` is bounded by its timeout and never by hope.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any, Protocol

from riskgate.model.decision import Decision
from riskgate.model.lifecycle import Status
from riskgate.model.report import Fill
from riskgate.model.rows import Rows
from riskgate.model.view import OrderView

Until = Callable[[OrderView], bool]


class Desk(Protocol):
    """The part of the gate that a ticket asks."""

    def order(self, order_id: int) -> OrderView | None:
        """One order as it is now."""
        ...

    def fills(self, order_id: int | None = None) -> tuple[Fill, ...]:
        """Its fills so far, or all of them."""
        ...

    def wait_for(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Wait until something holds, or the time is up."""
        ...


class Ticket:
    """One submission: its decision, and its order as it lives."""

    def __init__(self, desk: Desk, order_id: int, decision: Decision, ref: str = "") -> None:
        self._desk = desk
        self.order_id = order_id
        self.decision = decision
        self.ref = ref

    @property
    def allowed(self) -> bool:
        """Whether the order was let through (ALLOW or WARN)."""
        return self.decision.allowed

    @property
    def view(self) -> OrderView | None:
        """The order as it is now; None for one that could not be recorded."""
        return self._desk.order(self.order_id)

    @property
    def status(self) -> Status:
        """Where the order is in its life."""
        view = self.view
        return Status.DENIED if view is None else view.status

    @property
    def fills(self) -> Rows[Fill]:
        """The fills so far, in the order in which they came."""
        return Rows(self._desk.fills(self.order_id))

    def wait(self, timeout: float = 30.0, until: Until | None = None) -> Status:
        """Wait until the order is finished, or `until` holds, or `timeout` seconds have passed.

        Return the status then; it says whether the wait was long enough.
        """
        reached = until or _finished

        def holds() -> bool:
            view = self.view
            return view is None or reached(view)

        self._desk.wait_for(holds, timeout)
        return self.status

    def __await__(self) -> Generator[Any, None, Status]:
        return asyncio.to_thread(self.wait).__await__()

    def _repr_html_(self) -> str:
        """The order as it is now, and its decision, for notebooks."""
        from riskgate.model import html  # noqa: PLC0415  # only in a notebook

        view = self.view
        names = () if view is None else ("text", "filled_quantity", "avg_fill_price", "reason")
        shown = [(name.replace("_", " "), getattr(view, name)) for name in names]
        facts = [("status", self.status), *shown]
        return html.card(f"order {self.order_id}", facts, self.decision._repr_html_())

    def __repr__(self) -> str:
        return f"<Ticket {self.order_id} {self.decision.action.word} {self.status.value}>"


def _finished(view: OrderView) -> bool:
    """Nothing but a late fill will change it; a held order waits for a person, not for us."""
    return view.status.finished or view.status is Status.HELD
