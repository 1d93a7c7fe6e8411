"""Whose order a message is about: ours, by its reference, or a stranger's.

Rule 1: the reference decides. TWS may add to it, so a reference that ours begins is ours only if
the message also has our number.
Rule 2: a status has no reference; it is known by the permanent id learnt from an echo, or by its
number under our client id.
"""

from __future__ import annotations

from collections.abc import Mapping

from riskgate.brokers.ib.questions import FIRST_REQUEST


class Owners:
    """Our references and numbers. For use in the loop's thread."""

    def __init__(self, client_id: int) -> None:
        self._client_id = client_id
        self._refs: dict[str, int] = {}
        self._ids: set[int] = set()
        self._perms: dict[int, int] = {}
        self.told = False

    def learn(self, refs: Mapping[str, int]) -> None:
        """These are all of our orders so far."""
        self._refs.update(refs)
        self._ids.update(refs.values())
        self.told = True

    def placed(self, ref: str, order_id: int) -> None:
        """This order is ours; it leaves now."""
        self._refs[ref] = order_id
        self._ids.add(order_id)

    def by_ref(self, ref: str, order_id: int, perm_id: int) -> int:
        """The order with this reference; 0 for a stranger's. Remembers its permanent id."""
        found = self._refs.get(ref) or self._perms.get(perm_id, 0)
        if not found and 0 < order_id < FIRST_REQUEST and order_id in self._ids:
            found = order_id if self._begins(ref, order_id) else 0
        if found and perm_id:
            self._perms[perm_id] = found
        return found

    def by_number(self, order_id: int, client_id: int, perm_id: int) -> int:
        """The order a status is about; 0 for a stranger's."""
        known = self._perms.get(perm_id, 0)
        if known or client_id != self._client_id:
            return known
        return order_id if order_id in self._ids else 0

    def _begins(self, ref: str, order_id: int) -> bool:
        return any(
            number == order_id and ref.startswith(ours) for ours, number in self._refs.items()
        )
