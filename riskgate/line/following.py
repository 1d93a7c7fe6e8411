"""Those who follow the record: told of each event once, in order, when it is on record.

Rule 1: nobody is told of a turn that did not happen, and nobody again of what is folded again.
Rule 2: telling is handing over. Followers are told under the gate's lock, so they take the news,
return at once, and raise nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from riskgate.ledger.book import Book
from riskgate.model.events import Payload, Recorded
from riskgate.model.report import ExecutionReport, Fill
from riskgate.model.view import OrderView


class News(NamedTuple):
    """One event, and what it made of our order and its fill; None where it is about none.

    What an event says of a block is followed by what it says of each member.
    """

    seq: int
    payload: Payload
    order: OrderView | None
    fill: Fill | None


Follower = Callable[[News], object]


class Following:
    """The followers of one book, and the news of the turn that is not yet on record."""

    def __init__(self) -> None:
        self._followers: tuple[Follower, ...] = ()
        self._waiting: list[News] = []
        self._told = 0

    def add(self, follower: Follower, seq: int) -> None:
        """Tell somebody of what is recorded after event `seq`."""
        if not self._followers:
            self._told = seq
        self._followers += (follower,)

    def remove(self, follower: Follower) -> None:
        """Tell somebody no more."""
        self._followers = tuple(one for one in self._followers if one != follower)

    def folded(self, recorded: Recorded, book: Book) -> None:
        """Keep what an event came to until its turn is on record."""
        if not self._followers or recorded.seq <= self._told:
            return
        for payload in (recorded.payload, *book.blocks.told):
            life = book.orders.get(getattr(payload, "order_id", 0))
            fill = book.fills.get(payload.stem) if isinstance(payload, ExecutionReport) else None
            view = None if life is None else life.view()
            self._waiting.append(News(recorded.seq, payload, view, fill))

    def tell(self) -> None:
        """The turn is on record: hand over what it brought."""
        waiting, self._waiting = self._waiting, []
        for news in waiting:
            self._told = news.seq
            for follower in self._followers:
                follower(news)

    def forget(self) -> None:
        """The turn did not happen, or nobody knows whether it did."""
        self._waiting.clear()
