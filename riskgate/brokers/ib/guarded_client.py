"""The library's client as the gate uses it while somebody else uses it too.

Rule 1: what the gate calls here is written at once; it has had its turn in the outbox.
Rule 2: our request numbers lie above those of the library, so an answer tells who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from decimal import Decimal
from functools import wraps
from typing import Any

from riskgate.brokers.ib import raw
from riskgate.brokers.ib.guarded_wire import OURS, PastTheGate, Theirs, Wire

Told = Callable[[str, int], None]


class OwnClient:
    """One client object, with the library's own methods for what the gate sends."""

    def __init__(self, client: Theirs, wire: Wire, told: Told) -> None:
        self._client = client
        self._wire = wire
        self._told = told
        self._number = OURS

    def getReqId(self) -> int:  # noqa: N802  # the library's name
        """A number for a request of ours. Raise ConnectionError if nothing can be asked."""
        if not self._client.isReady():
            raise ConnectionError("not connected")
        self._number += 1
        return self._number

    def updateReqId(self, number: int) -> None:  # noqa: N802  # the library's name
        """Keep the library's numbers above those of orders."""
        self._client.updateReqId(number)

    def cancelPositions(self) -> None:  # noqa: N802  # the library's name
        """A story is told or given up. The library goes on to follow positions."""
        self._wire.turns.give_up()

    def placeOrder(self, number: int, contract: raw.Contract, order: raw.Order) -> None:  # noqa: N802  # the library's name
        """Write an order, and say under which id it left."""
        self._original("placeOrder")(number, contract, order)
        self._told(order.orderRef, number)

    def ask_what_if(self, number: int, contract: Theirs, order: Theirs) -> None:
        """Write an order that is a question: it becomes none. Raise PastTheGate for another."""
        if order.whatIf is not True:
            raise PastTheGate("an order that is no what-if was to be asked; nothing was sent")
        self._original("placeOrder")(number, contract, order)

    def cancelOrder(self, number: int) -> None:  # noqa: N802  # the library's name
        """Write a cancel."""
        self._original("cancelOrder")(number)

    def reqGlobalCancel(self) -> None:  # noqa: N802  # the library's name
        """Write the cancel of everything."""
        self._original("reqGlobalCancel")()

    def __getattr__(self, name: str) -> Theirs:  # whatever the client has
        found = getattr(self._client, name)
        return self._written(found) if callable(found) and not hasattr(found, "emit") else found

    def _original(self, name: str) -> Callable[..., None]:
        method = getattr(type(self._client), name)
        return self._written(method.__get__(self._client))

    def _written(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def written(*values: object, **named: object) -> Theirs:  # the library's answer
            with self._wire.writing():
                return method(*values, **named)

        return written


def check_whole(said: object) -> None:
    """Raise PastTheGate for what could shift the fields of a message: then it is no question."""
    match said:
        case None | bool() | int() | float() | Decimal():
            return
        case str() if said.isprintable():
            return
        case list() | tuple():
            parts: Iterable[object] = said
        case _ if is_dataclass(said) and not isinstance(said, type):
            parts = vars(said).values()
        case _:
            raise PastTheGate(f"`{said!r:.40}` cannot be asked about; nothing was sent")
    for part in parts:
        check_whole(part)
