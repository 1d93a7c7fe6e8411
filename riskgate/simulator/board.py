"""What a person or a program sees of a running simulator: a live table, lines, or lines of JSON.

Rule 1: the table fits a terminal of 80 by 24; the newest orders are on top.
Rule 2: where standard output is no terminal there is no table but a line for each change.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from types import TracebackType
from typing import Protocol, Self, TextIO

import msgspec
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from riskgate.simulator.book import DONE, LiveOrder, view_of
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


def in_a_line(order: LiveOrder) -> str:
    """`client 1 order 3: BUY 100 AAPL LMT 190.25 DAY: Filled 100/100 at 190.01`."""
    done = f"{plain(order.filled)}/{plain(order.terms.quantity)}"
    at = f" at {plain(order.average)}" if order.average else ""
    owner = f"client {order.client_id} order {order.order_id}"
    owner = "by hand" if order.is_by_hand else owner
    return f"{owner}: {_asked(order)}: {order.status} {done}{at}"


def _asked(order: LiveOrder) -> str:
    """`BUY 100 AAPL LMT 190.25 DAY`."""
    terms = order.terms
    asked = f"{terms.action} {plain(terms.quantity)} {order.listing.symbol} {terms.order_type}"
    if terms.order_type.startswith("TRAIL"):
        prices = _trailing(order)
    else:
        prices = " ".join(plain(one) for one in (terms.stop, terms.limit) if one)
    return " ".join(part for part in (asked, prices, terms.tif) if part)


def _trailing(order: LiveOrder) -> str:
    """How far the stop is behind, where it is now, and the limit once there is one."""
    percent = order.asked.number("trailingPercent")
    parts = (
        ("by", f"{plain(percent)}%" if percent else plain(order.terms.stop or Decimal(0))),
        ("stop", plain(order.trail) if order.trail else ""),
        ("limit", plain(order.fixed) if order.fixed else ""),
    )
    return " ".join(f"{word} {price}" for word, price in parts if price)


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
                self._say(self._object(order, gateway) if self._as_json else in_a_line(order))
        if len(self._seen) > MOST_SEEN + len(gateway.exchange.book.orders):
            known = gateway.exchange.book.orders.keys()
            self._seen = {number: one for number, one in self._seen.items() if number in known}

    def _object(self, order: LiveOrder, gateway: Gateway) -> str:
        fields = msgspec.to_builtins(view_of(order))
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
        made.add_row(*_cells(order))
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


def _cells(order: LiveOrder) -> Iterator[Text | str]:
    colour = _COLOURS.get(order.status, "" if order.status in DONE else "bold")
    yield "by hand" if order.is_by_hand else f"{order.client_id}/{order.order_id}"
    yield _asked(order)
    yield Text(order.status, style=colour)
    yield f"{plain(order.filled)}/{plain(order.terms.quantity)}"
    yield plain(order.average) if order.average else ""
