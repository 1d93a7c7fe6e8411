"""Questions to the broker that wait for an answer, or for the end of one.

Rule 1: each wait is bounded by whoever asked; here nothing waits for ever.
Rule 2: when the connection goes, every open question fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Final

from riskgate.errors import BrokerError, NotConnected

FIRST_REQUEST: Final = 1_000_000_000  # our order ids are IB's, so requests are numbered far above


class Refused(BrokerError):  # noqa: N818  # reads as the fact it states
    """The broker answered a question with an error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class Questions:
    """The open questions, by key. For use in the loop's thread."""

    def __init__(self) -> None:
        self._open: dict[Hashable, asyncio.Future[None]] = {}

    def ask(self, key: Hashable) -> asyncio.Future[None]:
        """A future that is done when the question is answered; asking twice shares it."""
        known = self._open.get(key)
        if known is None or known.done():
            known = self._open[key] = asyncio.get_running_loop().create_future()
            known.add_done_callback(_looked_at)
        return known

    def answered(self, key: Hashable) -> None:
        """The end of an answer has come."""
        future = self._open.pop(key, None)
        if future is not None and not future.done():
            future.set_result(None)

    def refused(self, key: Hashable, code: int, text: str) -> bool:
        """An error came for an answer; False if nobody asked."""
        future = self._open.pop(key, None)
        if future is None:
            return False
        if not future.done():
            future.set_exception(Refused(code, text))
        return True

    def close(self, reason: str) -> None:
        """Nothing will be answered any more."""
        opened, self._open = self._open, {}
        for future in opened.values():
            if not future.done():
                future.set_exception(NotConnected(reason))


def _looked_at(future: asyncio.Future[None]) -> None:
    """A question may be given up before it fails; that is no error of its own."""
    if not future.cancelled():
        future.exception()
