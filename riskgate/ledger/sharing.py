"""Orders that hold the book's room together: the exits of a bracket, and one-cancels-all groups.

Rule 1: an order is in one of them at most; one that is in none shares with nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal

from riskgate.ledger.brackets import Brackets
from riskgate.ledger.life import Life
from riskgate.ledger.oca import OcaGroups, place_of
from riskgate.model.money import ZERO
from riskgate.model.subject import Subject

Due = tuple[Decimal, Decimal]


class Sharing:
    """Who shares what with whom, in one book; `post` is how the book reserves for an order."""

    def __init__(self, orders: Mapping[int, Life], post: Callable[[Life, Due], None]) -> None:
        self._orders = orders
        self._post = post
        self._brackets = Brackets(orders)
        self._groups = OcaGroups()

    def _kind(self, life: Life) -> Brackets | OcaGroups:
        return self._groups if life.oca else self._brackets

    def touched_by(self, life: Life) -> Iterable[Life]:
        """The orders whose claims a change of this one may change, itself among them."""
        return self._kind(life).touched_by(life)

    def others(self, life: Life) -> list[Life]:
        """The other orders that an order shares its claim with."""
        return [one for one in self._kind(life).sharing_with(life) if one is not life]

    def forget(self, life: Life) -> None:
        """An order that was only supposed is gone."""
        self._kind(life).forget(life)

    def due(self, life: Life) -> Due:
        """What must be reserved for an order now, in quantity and value."""
        return self._kind(life).due(life)

    @contextmanager
    def standing_aside(self, lives: Iterable[Life]) -> Iterator[None]:
        """The book as if these orders reserved nothing; they work all the same."""
        kept = [(one, (one.reserved, one.reserved_value)) for one in lives]
        for one, _ in kept:
            self._post(one, (ZERO, ZERO))
        try:
            yield
        finally:
            for one, due in kept:
                self._post(one, due)

    @contextmanager
    def beside(self, numbers: Iterable[int], subject: Subject) -> Iterator[None]:
        """The book as the next order of a one-cancels-all group meets the earlier ones.

        Those that it would share its claim with reserve nothing beside it.
        """
        place = place_of(subject)
        earlier = [self._orders[number] for number in numbers]
        with self.standing_aside([one for one in earlier if place_of(one.subject) == place]):
            yield
