"""Whose order a message is about: ours, by its reference, or a stranger's.

Rule 1: the reference decides. TWS may add to it, so a reference that ours begins is ours only if
the message also has our number.
Rule 2: a status has no reference; it is known by the permanent id learnt from an echo, or by its
number under our client id.
Rule 3: an order has one permanent id, the first that was heard. Whatever else has its reference is
another order: a twin, which TWS made of a change, and a stranger's to us.
"""

from __future__ import annotations

from collections.abc import Mapping

from riskgate.brokers.ib.order_ids import OrderIds
from riskgate.brokers.ib.questions import FIRST_REQUEST


class Owners:
    """Our references, permanent ids and numbers. For use in the loop's thread."""

    def __init__(self, client_id: int) -> None:
        self._client_id = client_id
        self._refs: dict[str, int] = {}
        self._numbers: set[int] = set()
        self._perms: dict[int, int] = {}  # 0 for a twin
        self._first: dict[int, int] = {}
        self._twins: dict[int, int] = {}
        self._learnt = False
        self.ids = OrderIds()
        self.told = False
        self.answered = False  # a story, since the process began; `told` is of this session

    def learn(self, refs: Mapping[str, int]) -> None:
        """These are all of our orders so far."""
        if not self._learnt:  # later some of them wait, and shall leave under their own numbers
            self.ids.seen(max(refs.values(), default=0))
        self._learnt = True
        self._refs.update(refs)
        self._numbers.update(refs.values())
        self.told = True

    def placed(self, ref: str, order_id: int) -> None:
        """This order is ours; it leaves now."""
        self._refs[ref] = order_id
        self._numbers.add(order_id)

    def numbered(self, order_id: int, broker_order_id: int, client_id: int) -> None:
        """The broker has our order under this id of this client."""
        if client_id == self._client_id and 0 < broker_order_id < FIRST_REQUEST:
            self.ids.learn(order_id, broker_order_id)

    def executed(self, broker_order_id: int, client_id: int) -> None:
        """An order filled under this id: if the client is ours, it was given."""
        if client_id == self._client_id:
            self.ids.seen(broker_order_id)

    def by_ref(self, ref: str, order_id: int, perm_id: int) -> int:
        """The order with this reference; 0 for a stranger's. Remembers its permanent id."""
        if perm_id in self._perms:
            return self._perms[perm_id]
        found = self._refs.get(ref, 0)
        if not found and 0 < order_id < FIRST_REQUEST:
            number = self.ids.order(order_id)
            found = number if self._begins(ref, number) else 0
        return self._one_of(found, perm_id) if found else 0

    def by_number(self, order_id: int, client_id: int, perm_id: int) -> int:
        """The order a status is about; 0 for a stranger's."""
        if perm_id in self._perms:
            return self._perms[perm_id]
        number = self.ids.order(order_id)
        if client_id != self._client_id or number not in self._numbers:
            return 0
        return self._one_of(number, perm_id) if self.ids.knows(number) else number

    def twin_of(self, perm_id: int) -> int:
        """The order of which this permanent id is a twin, once; 0 for no twin."""
        return self._twins.pop(perm_id, 0)

    def _one_of(self, order_id: int, perm_id: int) -> int:
        """The order, or 0 if this is its twin."""
        if not perm_id:
            return order_id
        is_first = self._first.setdefault(order_id, perm_id) == perm_id
        if not is_first:
            self._twins[perm_id] = order_id
        self._perms[perm_id] = order_id if is_first else 0
        return self._perms[perm_id]

    def _begins(self, ref: str, order_id: int) -> bool:
        return any(
            number == order_id and ref.startswith(ours) for ours, number in self._refs.items()
        )
