"""Brackets and one-cancels-all groups as the broker has them, and how they must reach it.

Rule 1: a bracket leaves whole and in order: its exits name the entry, and the last part transmits.
Rule 2: what a group can still fill is the worst of it: the exits of a bracket can trade when their
entry is filled, and one of them; of an OCA group one order of each side and symbol.
Rule 3: what becomes of an order that reaches an OCA group after another of it was filled IB does
not say; the simulator lets it live. It is held against no limit, but must be reserved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias

from riskgate.ledger.book import Book as OurBook
from riskgate.ledger.life import SHRINKING, Life
from riskgate.simulator.book import FILLED, Book, LiveOrder
from riskgate.simulator.gateway import Received
from tests.simulation.house import OURS
from tests.simulation.record import ZERO, Broken, Entry, Record

Key: TypeAlias = tuple[str, str]
BROKE_OFF = "NOT_CONNECTED"  # a socket may fail between two parts


class Groups:
    """The groups of one world: what is on record, and what the broker made of it."""

    def __init__(self, record: Record, broker: Book) -> None:
        self._record = record
        self._broker = broker

    # -- on the way -------------------------------------------------------------------------------

    def arrives(self, entry: Entry, received: Received, earlier: Collection[str]) -> None:
        """A part of a group is there; `earlier` are the references of what came before it."""
        is_first = entry.ref not in earlier
        if is_first and (entry.bracket or entry.oca):
            self._is_whole(entry)
        if entry.bracket:
            self._hangs_together(entry, received, earlier, is_first=is_first)

    def _is_whole(self, entry: Entry) -> None:
        """No other part was dropped before this one left."""
        for other in self._beside(entry):
            if other.never_sent and other.dropped != BROKE_OFF:
                said = f"order {entry.order_id} left, {other.order_id} of its group was dropped"
                raise Broken("whole", said)

    def _hangs_together(
        self, entry: Entry, received: Received, earlier: Collection[str], *, is_first: bool
    ) -> None:
        message = received.message
        number, parent = message.integer("orderId"), message.integer("parentId")
        last = entry.order_id == max(one.order_id for one in (entry, *self._beside(entry)))
        if message.flag("transmit") is not (last or not is_first):
            raise Broken("whole", f"order {number} of a bracket transmits at the wrong time")
        if not entry.is_exit:
            return
        whole = self._record.entries[entry.bracket]
        if whole.ref not in earlier:
            raise Broken("whole", f"exit {number} left before its entry")
        known = [
            one.order_id
            for one in self._broker.orders.values()
            if one.terms.order_ref == whole.ref and one.client_id == OURS
        ]
        if ((parent or is_first) and known and parent not in known) or (is_first and not parent):
            raise Broken("whole", f"exit {number} names {parent} as its entry")

    def _beside(self, entry: Entry) -> list[Entry]:
        """The other parts of a group."""
        return [
            one
            for one in self._record.entries.values()
            if one is not entry and (one.bracket, one.oca) == (entry.bracket, entry.oca)
        ]

    # -- at the broker ----------------------------------------------------------------------------

    def worst(self, orders: Iterable[LiveOrder]) -> dict[Key, Decimal]:
        """The most that these can still trade, by symbol and side."""
        found: defaultdict[Key, Decimal] = defaultdict(Decimal)
        shared: defaultdict[tuple[str, Key], Decimal] = defaultdict(Decimal)
        for order in orders:
            key = (order.listing.symbol, order.terms.action)
            name = self.name(order)
            if not name:
                found[key] += order.remaining
            elif self._can_trade(order):
                shared[name, key] = max(shared[name, key], order.remaining)
        for (_, key), most in shared.items():
            found[key] += most
        return found

    def name(self, order: LiveOrder) -> str:
        """The group that an order shares its room with, or nothing."""
        entry = self._record.by_ref.get(order.terms.order_ref)
        if entry is None or order.client_id != OURS:
            return ""
        if entry.oca:
            return f"oca {entry.oca}"
        return f"exits {entry.bracket}" if entry.is_exit else ""

    def _can_trade(self, order: LiveOrder) -> bool:
        if order.terms.parent_id:
            parent = self._broker.find(order.client_id, order.terms.parent_id)
            return parent is not None and parent.status == FILLED
        return not order.is_blocked and not self._is_late(order)

    def _is_late(self, order: LiveOrder) -> bool:
        """Whether another order of its group had traded when it came."""
        refs = {
            one.terms.order_ref
            for one in self._broker.orders.values()
            if one.terms.oca_group == order.terms.oca_group and one is not order
        }
        before = list(self._broker.executions)[: order.born]
        return any(one.order_ref in refs for one in before)

    # -- in our book ------------------------------------------------------------------------------

    def due(
        self, book: OurBook, orders: Iterable[LiveOrder]
    ) -> Iterator[tuple[list[LiveOrder], Decimal, Decimal]]:
        """Orders that share room, what they can fill as our book must have it, and what it has.

        `orders` are those of ours that work at the broker.
        """
        shared: defaultdict[tuple[str, Key], list[LiveOrder]] = defaultdict(list)
        for order in orders:
            name = self.name(order) or order.terms.order_ref
            shared[name, (order.listing.symbol, order.terms.action)].append(order)
        for (name, _), alike in shared.items():
            lives = [book.orders[book.by_ref[one.terms.order_ref]] for one in alike]
            known = lives[0]
            if name.startswith("exits "):
                siblings = [o for o in book.orders.values() if o.bracket == known.bracket]
                has = sum((one.reserved for one in siblings if one.is_exit), ZERO)
                yield alike, self.exits_due(book, known.bracket, alike), has
            elif known.oca:
                group = [one for one in book.orders.values() if one.oca == known.oca]
                has = sum((one.reserved for one in group if _is_beside(one, known)), ZERO)
                free = [one.remaining for one in alike if not one.is_blocked]
                yield alike, max(free, default=ZERO), has
            else:
                yield alike, sum((one.remaining for one in alike), ZERO), known.reserved

    def exits_due(self, book: OurBook, bracket: int, exits: Iterable[LiveOrder]) -> Decimal:
        """What the exits can fill of what the entry has filled, as far as our book has heard."""
        entry = book.orders[bracket]
        lives = [one for one in book.orders.values() if one.bracket == bracket and one.is_exit]
        gone = sum((one.filled for one in lives), ZERO)
        size = entry.order.quantity if entry.order is not None else ZERO
        beyond = max((max(ZERO, one.terms.quantity - size) for one in exits), default=ZERO)
        most = max((one.remaining for one in exits), default=ZERO)
        return min(most, max(ZERO, entry.filled - gone) + beyond)


def _is_beside(one: Life, other: Life) -> bool:
    """Whether two orders are of one symbol and side."""
    return (one.subject.symbol, one.subject.side) == (other.subject.symbol, other.subject.side)


def may_be_smaller(life: Life) -> bool:
    """Whether the broker may have made it smaller and our book must not believe it."""
    shrinks = life.order is not None and life.order.instructions.oca_type in SHRINKING
    return shrinks and life.last_version > 0
