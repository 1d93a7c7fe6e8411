"""Orders of strategies that do not know of each other, collected and sent as blocks.

Rule 1: an offer is nothing yet: it is not judged, recorded or reserved before somebody sends.
Rule 2: offers that go together are sent as one block, in the order of their offering; what goes
with nobody is sent by itself. No offer waits for a later one.
Rule 3: what breaks while one group is sent is told to its offers; the other groups are sent.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from riskgate.errors import RiskgateError
from riskgate.execution.aggregate import differences
from riskgate.gate import Gate
from riskgate.line import payload
from riskgate.line.payload import Source
from riskgate.model.order import Order
from riskgate.ticket import Ticket

Group = tuple[list["Offer"], list[Order]]


class Offer:
    """An order that waits to be sent with others, and its ticket when it was."""

    def __init__(self, source: Source, strategy: str | None) -> None:
        self.source = source
        self.strategy = strategy
        self._sent = threading.Event()
        self._ticket: Ticket | None = None
        self._error: RiskgateError | None = None

    def settle(self, ticket: Ticket | None, error: RiskgateError | None = None) -> None:
        """It was sent, or that broke."""
        self._ticket, self._error = ticket, error
        self._sent.set()

    def ticket(self, timeout: float = 30.0) -> Ticket | None:
        """Its ticket once it was sent; None if nobody has sent it within `timeout` seconds.

        Raise what broke the sending: its class says whether anything may have left.
        """
        self._sent.wait(timeout)
        if self._error is not None:
            raise self._error
        return self._ticket


class Collector:
    """Collects orders from any thread, until somebody sends them."""

    def __init__(self, gate: Gate, *, net: bool = False) -> None:
        self._gate = gate
        self._net = net
        self._lock = threading.Lock()
        self._offers: list[Offer] = []

    def offer(self, order: Source, *, strategy: str | None = None) -> Offer:
        """Let an order wait for the next `send`. Never raises for a bad one: it is denied then."""
        made = Offer(order, strategy)
        with self._lock:
            self._offers.append(made)
        return made

    def send(self, *, actor: str | None = None) -> tuple[Ticket, ...]:
        """Send all that was offered so far, and return the tickets, those of a block together.

        Raise RiskgateError, the first, if a group broke; its offers say so too.
        """
        with self._lock:
            offers, self._offers = self._offers, []
        broken: list[RiskgateError] = []
        tickets: list[Ticket] = []
        for group, orders in self._groups(offers):
            try:
                made = self._submitted(group, orders, actor)
            except RiskgateError as error:
                broken.append(error)
                for one in group:
                    one.settle(None, error)
                continue
            for one, ticket in zip(group, made, strict=True):
                one.settle(ticket)
            tickets += made
        if broken:
            raise broken[0]
        return tuple(tickets)

    def _submitted(
        self, group: Sequence[Offer], orders: Sequence[Order], actor: str | None
    ) -> tuple[Ticket, ...]:
        if len(group) > 1:
            return self._gate.submit_block(orders, net=self._net, actor=actor)
        (one,) = group
        return (self._gate.submit(one.source, strategy=one.strategy, actor=actor),)

    def _groups(self, offers: Sequence[Offer]) -> Iterator[Group]:
        """The offers in groups that go together, with their orders."""
        groups: list[Group] = []
        for one in offers:
            asked = payload.read(one.source, strategy=one.strategy)
            if asked.order is None or asked.faults:
                yield [one], []
                continue
            order = self._gate.world.resolve(asked.order, asked.floats)
            fits = (g for g in groups if not any(differences([*g[1], order], net=self._net)))
            group = next(fits, None)
            if group is None:
                groups.append(([one], [order]))
            else:
                group[0].append(one)
                group[1].append(order)
        yield from groups
