"""What a person or a program sees of a running simulator: a live table, lines, or lines of JSON.

Rule 1: the table fits a terminal of 80 by 24; the newest orders are on top.
Rule 2: where standard output is no terminal there is no table but a line for each change.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Protocol, Self, TextIO

import msgspec
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from riskgate.simulator.book import DONE, OrderView, view_of
from riskgate.simulator.gateway import Gateway
from riskgate.simulator.wire.kinds import plain

AROUND_THE_ROWS = 7  # title, header, rules, the last line and the cursor
MOST_SEEN = 10_000  # orders that are remembered though the broker has forgotten them
_COLOURS = {"Filled": "green", "Cancelled": "dim", "Inactive": "red", "PendingCancel": "yellow"}


class Opened(msgspec.Struct, frozen=True):
    """Where clients and tests connect."""

    host: str
    port: int
    control: int
    scenario: str = ""


class Board(Protocol):
    """Something that shows a simulator while it runs."""

    def __enter__(self) -> Self:
        """Take the screen."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back."""
        ...

    def opened(self, where: Opened) -> None:
        """Clients can connect."""
        ...

    def changed(self, gateway: Gateway) -> None:
        """Something has happened."""
        ...


def in_a_line(order: OrderView) -> str:
    """`client 1 order 3: BUY 100 AAPL LMT 190.25 DAY: Filled 100/100 at 190.01`."""
    prices = " ".join(plain(one) for one in (order.stop, order.limit) if one)
    asked = f"{order.action} {plain(order.quantity)} {order.symbol} {order.order_type}"
    terms = " ".join(part for part in (asked, prices, order.tif) if part)
    done = f"{plain(order.filled)}/{plain(order.quantity)}"
    at = f" at {plain(order.average)}" if order.average else ""
    return f"client {order.client_id} order {order.order_id}: {terms}: {order.status} {done}{at}"


class Lines:
    """A line, or an object of JSON, for each change of an order."""

    def __init__(self, *, as_json: bool, out: TextIO | None = None) -> None:
        self._as_json = as_json
        self._out = out or sys.stdout
        self._seen: dict[int, tuple[object, ...]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._out.flush()

    def opened(self, where: Opened) -> None:
        """Say where to connect."""
        if self._as_json:
            self._say(json.dumps(msgspec.structs.asdict(where)))
            return
        played = f", scenario {where.scenario}" if where.scenario else ""
        self._say(f"TWS simulator listening on {where.host}:{where.port}{played} (Ctrl-C stops it)")
        self._say(f"control channel on {where.host}:{where.control}")

    def changed(self, gateway: Gateway) -> None:
        """Say which orders are not what they were."""
        for order in tuple(gateway.exchange.book.orders.values()):
            now = (order.status, order.filled, order.terms)
            if self._seen.get(order.perm_id) != now:
                self._seen[order.perm_id] = now
                view = view_of(order)
                self._say(self._object(view, gateway) if self._as_json else in_a_line(view))
        if len(self._seen) > MOST_SEEN + len(gateway.exchange.book.orders):
            known = gateway.exchange.book.orders.keys()
            self._seen = {number: one for number, one in self._seen.items() if number in known}

    def _object(self, view: OrderView, gateway: Gateway) -> str:
        fields = msgspec.to_builtins(view)
        return json.dumps({"time": gateway.clock.now().isoformat(), **fields})

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)


class Screen:
    """The live table."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._live = Live(console=self._console, auto_refresh=False, transient=False)
        self._where = Opened("", 0, 0)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def opened(self, where: Opened) -> None:
        """Say where to connect."""
        self._where = where

    def changed(self, gateway: Gateway) -> None:
        """Draw the table again."""
        rows = max(self._console.size.height - AROUND_THE_ROWS, 1)
        self._live.update(table(self._where, gateway, rows), refresh=True)


def table(where: Opened, gateway: Gateway, rows: int) -> Table:
    """The newest orders, as many as there are rows, under a line about the whole."""
    made = Table(title=_title(where, gateway), title_justify="left", title_style="", expand=True)
    made.add_column("id", justify="right", no_wrap=True)
    made.add_column("order", no_wrap=True, ratio=1, overflow="ellipsis")
    made.add_column("status", no_wrap=True)
    made.add_column("filled", justify="right", no_wrap=True)
    made.add_column("price", justify="right", no_wrap=True)
    orders = gateway.exchange.book.orders
    for order in islice(reversed(orders.values()), rows):
        made.add_row(*_cells(view_of(order)))
    working = sum(1 for _ in gateway.exchange.book.open())
    fills = len(gateway.exchange.book.executions)
    played = f"; scenario {where.scenario}" if where.scenario else ""
    counted = f"{len(orders)} orders, {working} working, {fills} executions"
    made.caption = Text(f"{counted}{played}", no_wrap=True, overflow="ellipsis")
    made.caption_justify = "left"
    return made


def _title(where: Opened, gateway: Gateway) -> Text:
    clients = ",".join(str(one) for one in sorted(gateway.sessions)) or "none"
    text = f"TWS {where.host}:{where.port}  control {where.control}  {_time(gateway.clock.now())}"
    return Text(f"{text}  clients {clients}", overflow="ellipsis", no_wrap=True)


def _time(now: datetime) -> str:
    return f"{now:%Y-%m-%d %H:%M:%S}Z"


def _cells(order: OrderView) -> Iterator[Text | str]:
    prices = " ".join(plain(one) for one in (order.stop, order.limit) if one)
    asked = f"{order.action} {plain(order.quantity)} {order.symbol} {order.order_type}"
    yield f"{order.client_id}/{order.order_id}"
    yield " ".join(part for part in (asked, prices, order.tif) if part)
    yield Text(
        order.status, style=_COLOURS.get(order.status, "" if order.status in DONE else "bold")
    )
    yield f"{plain(order.filled)}/{plain(order.quantity)}"
    yield plain(order.average) if order.average else ""
