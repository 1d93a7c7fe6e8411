"""Orders that hold the book's room together: the exits of a bracket, and one-cancels-all groups.

Rule 1: an order is in one of them at most; one that is in none shares with nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from riskgate.ledger.brackets import Brackets
from riskgate.ledger.life import Life
from riskgate.ledger.oca import Due, OcaGroups, place_of
from riskgate.model.money import ZERO
from riskgate.model.subject import Subject


class Sharing:
    """Who shares what with whom, in one book; `post` is how the book reserves for an order."""

    def __init__(self, orders: Mapping[int, Life], post: Callable[[Life, Due], None]) -> None:
        self._orders = orders
        self._post = post
        self._brackets = Brackets(orders)
        self._groups = OcaGroups()

    def _kind(self, life: Life) -> Brackets | OcaGroups:
        return self._groups if life.oca else self._brackets

    def touched_by(self, life: Life) -> Iterator[tuple[Life, Due]]:
        """What must be reserved now for the order, and for those whose claims it may change."""
        return self._kind(life).touched_by(life)

    def suppose(self, life: Life) -> Due:
        """An order joins those that it shares with; what must be reserved for it now."""
        return next(due for one, due in tuple(self.touched_by(life)) if one is life)

    def others(self, life: Life) -> list[Life]:
        """The other orders that an order shares its claim with."""
        return [one for one in self._kind(life).sharing_with(life) if one is not life]

    def forget(self, life: Life) -> None:
        """An order that was only supposed is gone."""
        self._kind(life).forget(life)

    @contextmanager
    def standing_aside(self, lives: Iterable[Life]) -> Iterator[None]:
        """The book as if these orders reserved nothing; they work all the same."""
        kept = [
            (one, (one.reserved, one.reserved_value))
            for one in lives
            if one.reserved or one.reserved_value
        ]
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
