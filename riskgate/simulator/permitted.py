"""What values may be: the ranges and sets that stand beside a field in its type.

Rule 1: a field says once what it takes, as in `Annotated[int, Within(0, 100)]`; a file, the control
channel and Python are held to the same.
Rule 2: why a value is refused is said without its name; who refuses it knows where it stands.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any, Final, Protocol, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

LONGEST_TEXT: Final = 4_000
LONGEST_WORD: Final = 64


class Known(Protocol):
    """What only a simulator of some day knows."""

    def why_unlisted(self, symbol: str) -> str | None:
        """Why nothing of this name can be traded, None when it can."""
        ...

    def why_no_price(self, symbol: str, price: Decimal) -> str | None:
        """Why what has this name cannot be quoted at this price, None when it can."""
        ...

    def why_no_account(self, code: str) -> str | None:
        """Why there is no such account, None when there is."""
        ...


class Permitted(msgspec.Struct, frozen=True):
    """What a value may be."""

    def fault(self, value: object, known: Known | None = None) -> str | None:
        """Why a value is refused, None when it is taken."""
        raise NotImplementedError


class Within(Permitted, frozen=True):
    """A number from `low` to `high`; with `above`, more than `low`."""

    low: float
    high: float
    above: bool = False

    def fault(self, value: object, known: Known | None = None) -> str | None:
        """Why a value is refused; NaN and truth values are no numbers."""
        del known
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return "is not a number"
        if value != value or not self.low <= value <= self.high:  # noqa: PLR0124  # NaN
            return f"is outside {self.low}..{self.high}"
        return f"is not above {self.low}" if self.above and value == self.low else None


class OneOf(Permitted, frozen=True):
    """One of some words."""

    words: tuple[str, ...]

    def fault(self, value: object, known: Known | None = None) -> str | None:
        """Why a value is refused."""
        del known
        return None if value in self.words else f"is not known; {nearest(str(value), self.words)}"


class Plain(Permitted, frozen=True):
    """A text that a message can carry: of one line and not without end."""

    longest: int = LONGEST_TEXT

    def fault(self, value: object, known: Known | None = None) -> str | None:
        """Why a value is refused."""
        del known
        if not isinstance(value, str):
            return "is not a text"
        if not all(letter.isprintable() for letter in value):
            return "holds what cannot be printed, such as a zero byte or the end of a line"
        return f"is longer than {self.longest}" if len(value) > self.longest else None


class Code(Plain, frozen=True):
    """The code of an account: one word, for a list of them is joined by commas."""

    def fault(self, value: object, known: Known | None = None) -> str | None:
        """Why a value is refused."""
        clash = not value or any(letter in str(value) for letter in ", ")
        return "is not one word without commas" if clash else super().fault(value, known)


class Listed(Plain, frozen=True):
    """Something that can be traded: a local symbol or a symbol."""

    def fault(self, value: object, known: Known | None = None) -> str | None:
        """Why a value is refused."""
        why = super().fault(value)
        return known.why_unlisted(str(value)) if why is None and known is not None else why


class Held(Plain, frozen=True):
    """An account that the simulator has, or none."""

    def fault(self, value: object, known: Known | None = None) -> str | None:
        """Why a value is refused."""
        why = super().fault(value)
        is_asked = why is None and known is not None and value
        return known.why_no_account(str(value)) if known is not None and is_asked else why


class Zone(Permitted, frozen=True):
    """The name of a time zone."""

    def fault(self, value: object, known: Known | None = None) -> str | None:
        """Why a value is refused."""
        del known
        try:
            ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return "is no time zone such as US/Eastern"
        return None


BILLION: Final = 1_000_000_000
Seconds = Annotated[float, Within(0, BILLION)]
Count = Annotated[int, Within(0, BILLION)]
ErrorCode = Annotated[int, Within(1, 99_999)]
Rate = Annotated[Decimal, Within(-BILLION, BILLION)]  # a price; those of futures may be negative
Size = Annotated[Decimal, Within(0, 1_000 * BILLION)]
Quantity = Annotated[Decimal, Within(0, BILLION, above=True)]
Text = Annotated[str, Plain()]
Symbol = Annotated[str, Listed(LONGEST_WORD)]
AccountCode = Annotated[str, Code(LONGEST_WORD)]
HeldAccount = Annotated[str, Held(LONGEST_WORD)]


class Checked(msgspec.Struct, frozen=True):
    """Values that are refused when they are made, if their types do not permit them."""

    def __post_init__(self) -> None:
        """Raises ValueError with the first field that is not what its type permits."""
        for name, hint in hints(type(self)).items():
            for value, why in faults(hint, getattr(self, name)):
                raise ValueError(f"{in_words(type(self))}: {name}: `{value}` {why}")


@lru_cache(maxsize=256)
def hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of a struct's fields, with what they permit."""
    return get_type_hints(kind, include_extras=True)


LEVELS: Final = ("bid", "ask", "last", "open", "high", "low", "close")


def price_faults(found: msgspec.Struct, known: Known) -> Iterator[tuple[str, Decimal, str]]:
    """Each price of a market or bar that its symbol cannot have, and why."""
    symbol = getattr(found, "symbol", None)
    for name in LEVELS if isinstance(symbol, str) else ():
        price = getattr(found, name, None)
        if isinstance(price, Decimal) and (why := known.why_no_price(str(symbol), price)):
            yield name, price, why


def in_words(kind: type) -> str:
    """A type's name as files have it: FillAfterCancel is `fill_after_cancel`."""
    letters = (f"_{one.lower()}" if one.isupper() else one for one in kind.__name__)
    return "".join(letters).lstrip("_")


def faults(
    hint: Any,  # noqa: ANN401  # a type
    value: object,
    known: Known | None = None,
) -> Iterator[tuple[object, str]]:
    """Each value within a value that its type does not permit, and why."""
    origin, inner = get_origin(hint), get_args(hint)
    if value is None:
        return
    if origin is Annotated:
        yield from ((value, why) for why in reasons(hint, value, known))
    elif origin in {Union, types.UnionType}:
        for one in inner:
            yield from faults(one, value, known) if one is not types.NoneType else ()
    elif (origin is tuple and isinstance(value, tuple)) or isinstance(value, Mapping):
        for one in value:
            yield from faults(inner[0], one, known)


def reasons(hint: Any, value: object, known: Known | None = None) -> list[str]:  # noqa: ANN401
    """Why an annotated type refuses a value, nothing when it takes it."""
    rules = [one for one in hint.__metadata__ if isinstance(one, Permitted)]
    return [why for one in rules if (why := one.fault(value, known)) is not None]


def nearest(word: str, words: Iterable[str]) -> str:
    """`did you mean ...?`, or what there is."""
    known = sorted(words)
    found = get_close_matches(word, known, n=1)
    return f"did you mean `{found[0]}`?" if found else f"there is: {', '.join(known)}"
