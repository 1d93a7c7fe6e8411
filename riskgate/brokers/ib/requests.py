"""Requests that are no orders: how they leave, and how their answers are waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from riskgate.brokers.ib import raw
from riskgate.brokers.ib.outbox import Outbox
from riskgate.brokers.ib.questions import Questions
from riskgate.errors import NotConnected

TIME: Final = "time"  # the question that shows that the broker is there


class Requests:
    """The library's client for requests. For use in the loop's thread."""

    def __init__(self, module: raw.Module, client: raw.Client, outbox: Outbox) -> None:
        self._now = asyncio.get_running_loop().time
        self.module = module
        self.client = client
        self.questions = Questions()
        self._outbox = outbox

    def number(self) -> int:
        """A new request number, far above every order id. Raise NotConnected."""
        try:
            return self.client.getReqId()
        except ConnectionError as error:
            raise NotConnected(str(error)) from error

    def later(self, send: Callable[[], None]) -> None:
        """Send when nothing more important waits."""
        self._outbox.ask(send, self._now())

    def now(self, send: Callable[[], None]) -> None:
        """Send at once: for the few that must not wait behind orders. Raise NotConnected."""
        self._outbox.counted(self._now())
        try:
            send()
        except ConnectionError as error:
            raise NotConnected(str(error)) from error
