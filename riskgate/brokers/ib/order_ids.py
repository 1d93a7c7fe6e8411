"""The broker's order ids, and which of our orders has which.

Rule 1: an id is given when an order is written, above all that were written or seen. So ids only
grow on the wire, in whatever order the orders leave. While none overtakes, ids are our own numbers.
Rule 2: an id that was given is never given again, also if nothing left under it.
Rule 3: an order of which nothing was heard yet has its own number, unless another order has it.
"""

from __future__ import annotations

from riskgate.brokers.ib.questions import FIRST_REQUEST


class OrderIds:
    """The ids of one client. For use in the loop's thread."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._orders: dict[int, int] = {}
        self._last = 0

    @property
    def following(self) -> int:
        """The lowest id that may still be given."""
        return self._last + 1

    def seen(self, broker_order_id: int) -> None:
        """The broker has named this id, or it is on record: TWS takes only higher ones from us."""
        if 0 < broker_order_id < FIRST_REQUEST:
            self._last = max(self._last, broker_order_id)

    def give(self, order_id: int) -> int:
        """The id under which an order leaves now."""
        given = self._last = max(self.following, order_id)
        self.learn(order_id, given)
        return given

    def learn(self, order_id: int, broker_order_id: int) -> None:
        """The broker has one of our orders under this id."""
        self._ids[order_id] = broker_order_id
        self._orders[broker_order_id] = order_id

    def knows(self, order_id: int) -> bool:
        """Whether the id of an order is more than a guess."""
        return order_id in self._ids

    def of(self, order_id: int) -> int:
        """The id of one of our orders; 0 if it cannot be told."""
        if order_id in self._ids:
            return self._ids[order_id]
        return 0 if order_id in self._orders else order_id

    def order(self, broker_order_id: int) -> int:
        """Which of our orders has this id; 0 for none of them."""
        if broker_order_id in self._orders:
            return self._orders[broker_order_id]
        return 0 if broker_order_id in self._ids else broker_order_id
