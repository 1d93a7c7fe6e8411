"""What IB's message codes mean for an order: one table, as data, that settings may extend.

Rule 1: no code releases anything; only a status of the broker's own or a clean query does.
Rule 2: a code that is not in the table is ambiguous: it is reported, and the broker is asked.
Rule 3: what would reject a new order leaves a working one as it is: its modify was refused.
Rule 4: settings name codes that the table has not, and make one that it has ambiguous; less
careful than the table they cannot be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Class(StrEnum):
    """What a code says."""

    REJECTED = "R"
    REFUSED = "M"
    WARNING = "W"
    CANCELLED = "C"
    SESSION = "S"
    PACING = "P"
    DATA = "D"
    INFORMATION = "I"
    AMBIGUOUS = "A"

    @property
    def word(self) -> str:
        """As settings say it."""
        return self.name.lower()


WORDS: Final = {kind.word: kind for kind in Class}

MEANINGS: Final[dict[Class, str]] = {
    Class.REJECTED: "A new order is dead; a modify of one was refused.",
    Class.REFUSED: "A modify or a cancel was refused, the order is as it was.",
    Class.WARNING: "The order lives.",
    Class.CANCELLED: "The order was cancelled, by us or by the broker.",
    Class.SESSION: "About the session, which may have missed something.",
    Class.PACING: "We were too fast.",
    Class.DATA: "About a request for data, never about an order.",
    Class.INFORMATION: "Nothing follows from it.",
    Class.AMBIGUOUS: "The broker is asked.",
}

# Codes and ranges of codes; sources: IB's message code page and the threads named in the docs.
_TABLE: Final = {
    Class.PACING: "100",
    Class.AMBIGUOUS: "134-136 161 320 322 323 10147 10328",
    Class.REFUSED: "104 105 329 422 440 2102 10148 10149 10242 10326 10341",
    Class.WARNING: "131 399 404 481 492 2109 2137 2148 2161 2168 2169 10311 10329 10349",
    Class.CANCELLED: "202",
    Class.SESSION: (
        "326 327 501-506 507 508-531 1100-1102 1300 2100 2101 2103 2105 2110 2157 10015"
    ),
    Class.INFORMATION: "2104 2106-2108 2119 2158 10167",
    Class.DATA: (
        "102 162 165 166 300 309 310 316 317 354 365 366 430 10090 10168 10182 10186 10197"
    ),
    Class.REJECTED: (
        "103 106 107 109-111 113 116 117 125 126 132 133 146-148 151-160 163 164 168 "
        "200 201 203 321 328 331-344 347-353 355 358-364 367-380 382 383 387-398 400-403 406-413 "
        "415 417-419 423-429 433-437 439 441-448 451 460 10006 10241 10243-10252 10268-10270 "
        "10289-10293 10318"
    ),
}
_NEVER_SURE: Final = frozenset({103})  # may mean that an earlier message was taken after all
ABOUT_US: Final = frozenset({Class.SESSION, Class.PACING})  # what the session itself hears


def _spelt_out(codes: str) -> Iterator[int]:
    for part in codes.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


CLASSES: Final[dict[int, Class]] = {
    code: kind for kind, codes in _TABLE.items() for code in _spelt_out(codes)
}


class Meanings:
    """The table, with what settings say beside it."""

    def __init__(self, said: Mapping[int, Class] = MappingProxyType({})) -> None:
        self._classes = {**CLASSES, **said}

    def knows(self, code: int) -> bool:
        """Whether the code is in the table or in the settings."""
        return code in self._classes

    def of(self, code: int, *, modifying: bool = False) -> Class:
        """What a code says about an order, which may have a modify in flight."""
        kind = self._classes.get(code, Class.AMBIGUOUS)
        if modifying and kind is Class.REJECTED:
            return Class.AMBIGUOUS if code in _NEVER_SURE else Class.REFUSED
        return kind


SHIPPED: Final = Meanings()
