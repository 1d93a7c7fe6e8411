"""The way from the gate to the socket, beside the library's own; both write to no socket at all.

`submit.py` measures with this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from time import perf_counter
from typing import Any, NamedTuple

import desk
from measuring import Round

from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.client import load
from riskgate.brokers.ib.link import Link
from riskgate.brokers.ib.orders import Ears, Orders
from riskgate.brokers.ib.outbox import Outbox, Sink
from riskgate.brokers.ib.owners import Owners
from riskgate.brokers.ib.writing import Line, Writer
from riskgate.errors import ConfigError
from riskgate.execution.pacer import Pacer
from riskgate.ledger.market import Market
from riskgate.model.decision import Action, ApprovedOrder, Decision
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order

VERSION = 176  # of IB's messages
STOCK = Instrument(key="AAPL", symbol="AAPL", con_id=265598)
PLENTY = 10**9


class Parts(NamedTuple):
    """Seconds of one hand-over: all of it, and what the library took of that."""

    whole: float
    library: float


class Nowhere:
    """A connection that takes everything and sends nothing."""

    def __init__(self) -> None:
        self.transport = self
        self.numMsgSent = 0
        self.numBytesSent = 0

    def sendMsg(self, message: bytes) -> None:  # noqa: N802  # the library's names
        """Take a message."""
        self.numBytesSent += len(message)

    def isConnected(self) -> bool:  # noqa: N802  # same
        """It always is."""
        return True

    def is_closing(self) -> bool:
        """It never is."""
        return False

    def disconnect(self) -> None:
        """Nothing to end."""


class Counted:
    """The library's client, and how long it takes to write an order."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  # the library has no types
        self.conn = client.conn
        self.seconds = 0.0
        self._client = client

    def placeOrder(self, *given: object) -> None:  # noqa: N802  # the library's name
        """Write an order."""
        start = perf_counter()
        self._client.placeOrder(*given)
        self.seconds += perf_counter() - start


def rounds(size: int) -> tuple[list[Round], list[Round]] | None:
    """Ours around the library's client, and all of it, each against the library's `placeOrder`.

    None where no library is installed.
    """
    asyncio.set_event_loop(asyncio.new_event_loop())
    try:
        module: Any = load()
    except ConfigError:
        return None
    ib = module.IB()
    client = ib.client
    client.conn, client.connState = Nowhere(), client.CONNECTED
    client._serverVersion, client._apiReady = VERSION, True  # noqa: SLF001  # no server tells it
    client.MaxRequests = 0
    ib.wrapper.clientId = 1
    around, whole = [], []
    hand_over = _hand_over(module, Counted(client))
    for approved in _approved(size):
        theirs = _theirs(module, ib, approved)
        parts = hand_over(approved)
        around.append(Round(parts.whole - parts.library, theirs))
        whole.append(Round(parts.whole, theirs))
    return around, whole


def _theirs(module: Any, ib: Any, approved: ApprovedOrder) -> float:  # noqa: ANN401  # no types
    """What a script does: `ib.placeOrder(contract, order)`, both made beforehand."""
    order, known = approved.order, approved.instrument
    contract = module.Contract(
        conId=known.con_id, symbol="AAPL", secType="STK", exchange="SMART", currency="USD"
    )
    made = module.LimitOrder(
        "BUY", float(order.quantity), float(order.limit_price or 0), orderRef=approved.ref
    )
    start = perf_counter()
    ib.placeOrder(contract, made)
    return perf_counter() - start


def _hand_over(module: Any, client: Counted) -> Any:  # noqa: ANN401  # a function of ours
    """Queue, pace, translate, number and write one order, and tell of it: all in one thread."""
    catalogue = Catalogue(Market())
    ears = Ears(lambda _: None, lambda _: None, lambda _: None, catalogue.of)
    orders = Orders(Owners(1), ears)
    line = Line(client, 1, module, Link(lambda _: None), lambda account: account or "")  # type: ignore[arg-type]  # as much as it asks of a client
    writer = Writer(line, orders, catalogue)
    sink = Sink(lambda item: writer.write((item,)), lambda _: None, lambda: None)  # type: ignore[arg-type]  # nothing else is queued
    outbox = Outbox(Pacer(PLENTY), sink, max_wait=2.0, bound=PLENTY)

    def handed_over(approved: ApprovedOrder) -> Parts:
        client.seconds = 0.0
        start = perf_counter()
        outbox.place(approved, start)
        outbox.step(start)
        return Parts(perf_counter() - start, client.seconds)

    return handed_over


def _approved(size: int) -> Iterator[ApprovedOrder]:
    for number, order in zip(count(1), desk.some(desk.orders(), size), strict=False):
        yield _approval(order, number)


def _approval(order: Order, number: int) -> ApprovedOrder:
    decision = Decision(order, Action.ALLOW, desk.NOW, "measured")
    return ApprovedOrder(
        order=order, decision=decision, order_id=number, ref=f"rg-{number}", instrument=STOCK
    )
