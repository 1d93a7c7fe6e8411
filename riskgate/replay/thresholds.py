"""When a replay fails a pipeline: `loosened>0`, `denied >= 10`, one or several with commas.

Grammar: CONDITION = NAME (`>` | `>=` | `=`) NUMBER. A name is a count of `Effects.counts`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

NAMES: Final = ("loosened", "tightened", "changed", "denied", "untold")
SIGNS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "=": operator.eq,
}
WRITTEN: Final = re.compile(r"\s*([a-z]+)\s*(>=|>|=)\s*([0-9]{1,15})\s*")


class Threshold(msgspec.Struct, frozen=True):
    """A count, and when it fails."""

    name: str
    sign: str
    number: int

    def is_met(self, counts: Mapping[str, int]) -> bool:
        """Whether the count fails."""
        return SIGNS[self.sign](counts[self.name], self.number)

    def __str__(self) -> str:
        return f"{self.name}{self.sign}{self.number}"


def thresholds_of(text: str) -> tuple[Threshold, ...]:
    """The conditions of a text. Raise ValueError, naming what cannot be read."""
    return tuple(_one(part) for part in text.split(","))


def _one(text: str) -> Threshold:
    found = WRITTEN.fullmatch(text)
    if found is None or found[1] not in NAMES:
        raise ValueError(
            f"`{text.strip()}` is no condition; write one such as loosened>0: {', '.join(NAMES)},"
            " then > or >= or =, then a number"
        )
    return Threshold(found[1], found[2], int(found[3]))
