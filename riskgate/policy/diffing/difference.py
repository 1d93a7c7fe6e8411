"""One difference: what it is called, for whom it holds, and what it may do to an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from riskgate.model.words import counted
from riskgate.policy.diffing.values import Way


class Label(StrEnum):
    """What people call a difference."""

    LOOSENED = "LOOSENED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"
    TIGHTENED = "TIGHTENED"
    ADDED = "ADDED"


LABELS: Final = {
    Way.NONE: Label.CHANGED,
    Way.ALLOWS: Label.LOOSENED,
    Way.STOPS: Label.TIGHTENED,
    Way.BOTH: Label.CHANGED,
}


class Spot(NamedTuple):
    """A line of a file, as the reader named the file or the revision."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two sets of policies in one place.

    `may_allow_more`: an order may get a milder answer than before; in doubt it may.
    `may_stop_more`: an order may get a harsher answer. `who` are the orders that it is about.
    """

    subject: str
    what: str
    who: str
    label: Label = Label.CHANGED
    kind: str = ""
    old: str = ""
    new: str = ""
    unit: str = ""
    may_allow_more: bool = False
    may_stop_more: bool = False
    until: str = ""
    note: str = ""
    because: str = ""
    old_where: Spot | None = None
    new_where: Spot | None = None

    @property
    def change(self) -> str:
        """`10,000 -> 15,000 units`."""
        values = [value for value in (self.old, self.new) if value]
        unit = f" {self.unit}" if self.unit and values else ""
        return " -> ".join(values) + unit

    @property
    def where(self) -> str:
        """The old place and the new one."""
        return " -> ".join(str(spot) for spot in (self.old_where, self.new_where) if spot)

    @property
    def effect(self) -> str:
        """What it may do to an order, in words."""
        if self.may_allow_more:
            return "may let through what was stopped"
        return "may stop what was let through" if self.may_stop_more else "none"


def going(way: Way, item: Difference) -> Difference:
    """The difference as one that goes this way; what was added or removed is called so."""
    label = item.label if item.label in (Label.ADDED, Label.REMOVED) else LABELS[way]
    return msgspec.structs.replace(
        item, label=label, may_allow_more=Way.ALLOWS in way, may_stop_more=Way.STOPS in way
    )


class Differences(msgspec.Struct, frozen=True):
    """All differences; those that may let through what was stopped come first."""

    found: tuple[Difference, ...]

    @property
    def summary(self) -> str:
        """`3 differences: 1 loosened, 2 tightened; 1 may let through what was stopped`."""
        if not self.found:
            return "no difference in meaning"
        counts = Counter(item.label for item in self.found)
        parts = ", ".join(f"{counts[label]} {label.lower()}" for label in Label if counts[label])
        milder = sum(item.may_allow_more for item in self.found)
        rest = f"{milder} may let through what was stopped" if milder else "none lets more through"
        return f"{counted(len(self.found), 'difference')}: {parts}; {rest}"

    def matching(self, wanted: Iterable[str]) -> tuple[Difference, ...]:
        """The differences that are `loosened`, `tightened`, `changed` or `any`."""
        asked = frozenset(wanted)
        return tuple(item for item in self.found if asked & _words(item))


def _words(item: Difference) -> frozenset[str]:
    """What `--fail-on` may call a difference: by what it may do, and by its label."""
    words = {"any", item.label.lower()}
    words |= {"loosened"} if item.may_allow_more else set()
    words |= {"tightened"} if item.may_stop_more else set()
    return frozenset(words)
