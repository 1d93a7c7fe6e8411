"""The types of a rule's parameters: what YAML may hold, what it becomes, and how it is described.

Rule 1: a type says three things of itself: its JSON Schema, how it reads a value, and its unit.
Rule 2: reading raises ValueError with a text that a risk officer can act on.
Rule 3: a list may name groups (`@name`); the compiler has spread them before a type reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final, NamedTuple

from riskgate.model.money import text
from riskgate.model.spans import MICROSECOND, microseconds_of
from riskgate.rulekit.matching import Names, names
from riskgate.rulekit.tallies import Shock

Schema = dict[str, Any]
NUMBER_TEXT: Final = r"^[-+]?\d+(_\d+)+(\.\d+)?$"
DURATION_TEXT: Final = r"^\d+(\.\d+)?(ms|s|m|h|d)$"
TIME_TEXT: Final = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
WINDOW_TEXT: Final = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?-([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
LONGEST: Final = timedelta(days=10_000)


class Window(NamedTuple):
    """A daily window of wall time, start included, end not; it may cross midnight."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{_wall(self.start)}-{_wall(self.end)}"


def _wall(at: time) -> str:
    return at.isoformat("auto" if at.second else "minutes")


class Margins(NamedTuple):
    """How far from the first open and the last close of a session day an order must stay."""

    after_open: timedelta = timedelta(0)
    before_close: timedelta = timedelta(0)


@dataclass(frozen=True)
class Number:
    """A plain decimal number, zero or more."""

    unit: str = ""
    whole: bool = False
    least: int = 0
    step: Decimal = Decimal("0.01")

    def schema(self) -> Schema:
        """A number, or text with `_` separators as YAML 1.2 editors see it."""
        plain: Schema = {"type": "integer" if self.whole else "number", "minimum": self.least}
        return {"anyOf": [plain, {"type": "string", "pattern": NUMBER_TEXT}]}

    def read(self, value: object) -> Decimal:
        """A finite Decimal at or above the least value."""
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise ValueError(f"must be a number; found `{value}`")  # noqa: TRY004  # one error kind
        number = Decimal(value)
        if not number >= self.least:
            raise ValueError(f"must be {self.least} or more; found `{text(number)}`")
        if self.whole and number != number.to_integral_value():
            raise ValueError(f"must be a whole number; found `{text(number)}`")
        return number


def quantity() -> Number:
    """Units of the instrument."""
    return Number("units", step=Decimal(1))


def money() -> Number:
    """An amount in the policy's currency."""
    return Number("money")


def count() -> Number:
    """How many, a whole number."""
    return Number("", whole=True, step=Decimal(1))


def percent() -> Number:
    """Percent: 5 is 5 %."""
    return Number("%")


def ticks() -> Number:
    """Multiples of the instrument's smallest price step."""
    return Number("ticks", step=Decimal(1))


def price() -> Number:
    """A distance in price, in the instrument's currency."""
    return Number("price")


@dataclass(frozen=True)
class Duration:
    """A length of time such as `500ms`, `5s`, `10m`, `1h`, `2d`."""

    unit: ClassVar[str] = "time"

    def schema(self) -> Schema:
        """Text of digits and a unit."""
        return {"type": "string", "pattern": DURATION_TEXT}

    def read(self, value: object) -> timedelta:
        """A length of time above zero, to the microsecond."""
        return duration(value)


def duration(value: object) -> timedelta:
    """Read `500ms`, `5s`, `10m`, `1h` or `2d`."""
    amount = microseconds_of(value) if isinstance(value, str) else None
    if amount is None:
        raise ValueError(f"must be a duration such as 500ms, 5s, 10m, 1h or 2d; found `{value}`")
    if not 0 < amount <= LONGEST // MICROSECOND:
        raise ValueError(f"must be above zero and below 10000d; found `{value}`")
    return amount * MICROSECOND


@dataclass(frozen=True)
class TimeOfDay:
    """A wall time such as `"09:30"` or `"16:00:00"`."""

    unit: ClassVar[str] = "time of day"

    def schema(self) -> Schema:
        """Text hh:mm or hh:mm:ss."""
        return {"type": "string", "pattern": TIME_TEXT}

    def read(self, value: object) -> time:
        """A naive wall time; whose zone it is, the parameter says."""
        return time_of_day(value)


def time_of_day(value: object) -> time:
    """Read `09:30` or `16:00:00`."""
    if isinstance(value, str) and re.fullmatch(TIME_TEXT[1:-1], value):
        return time.fromisoformat(value)
    raise ValueError(f'must be a time of day such as "09:30" or "16:00:00"; found `{value}`')


@dataclass(frozen=True)
class Flag:
    """`true` or `false`; with `only`, nothing but that one."""

    unit: ClassVar[str] = ""
    only: bool | None = None

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"} if self.only is None else {"const": self.only}

    def read(self, value: object) -> bool:
        """A real boolean."""
        if not isinstance(value, bool) or (self.only is not None and value is not self.only):
            wanted = "true or false" if self.only is None else str(self.only).lower()
            raise ValueError(f"must be {wanted}; found `{value}`")
        return value


@dataclass(frozen=True)
class Choice:
    """One word out of a few."""

    options: tuple[str, ...]
    unit: ClassVar[str] = ""

    def schema(self) -> Schema:
        """An enumeration."""
        return {"enum": list(self.options)}

    def read(self, value: object) -> str:
        """One of the options."""
        if not isinstance(value, str) or value not in self.options:
            raise ValueError(f"must be one of {', '.join(self.options)}; found `{value}`")
        return value


@dataclass(frozen=True)
class Words:
    """A list of words, or one word; of given options, or any. Symbols may hold `*` and `?`.

    Without options, `of` is the selector key that the words are names for.
    """

    options: tuple[str, ...] = ()
    upper: bool = True
    of: str = "symbol"
    unit: ClassVar[str] = ""

    def schema(self) -> Schema:
        """A list without repeats, or a single word."""
        word: Schema = {"type": "string", "minLength": 1}
        if self.options:
            word = {"enum": list(self.options)}
        listed = {"type": "array", "items": word, "minItems": 1, "uniqueItems": True}
        return {"anyOf": [word, listed]}

    def read(self, value: object) -> Names:
        """The words as a list that matches, upper case where they are names."""
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, Sequence) or not listed:
            raise ValueError(f"must be a word or a list of words; found `{value}`")
        return names(tuple(self._word(item) for item in listed))

    def _word(self, item: object) -> str:
        if not isinstance(item, str) or not item.strip():
            raise ValueError(f"must hold words; found `{item}`")
        if self.options and item not in self.options:
            raise ValueError(f"must hold only {', '.join(self.options)}; found `{item}`")
        return item.upper() if self.upper and not self.options else item


@dataclass(frozen=True)
class Calendar:
    """An exchange code such as XNYS, `IB` for the contract's own hours, or `always`."""

    unit: ClassVar[str] = ""

    def schema(self) -> Schema:
        """Text; whether the calendar exists is checked when the policy is loaded."""
        return {"type": "string", "minLength": 1}

    def read(self, value: object) -> str:
        """A calendar's code."""
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"must be an exchange code such as XNYS; found `{value}`")
        return value


@dataclass(frozen=True)
class Windows:
    """Daily windows such as `"23:44-23:47"`."""

    unit: ClassVar[str] = "time of day"

    def schema(self) -> Schema:
        """A list of windows."""
        return {
            "type": "array",
            "items": {"type": "string", "pattern": WINDOW_TEXT},
            "minItems": 1,
        }

    def read(self, value: object) -> tuple[Window, ...]:
        """Windows of wall time."""
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise ValueError(f'must be a list of windows such as ["23:44-23:47"]; found `{value}`')
        return tuple(_window(item) for item in value)


def _window(item: object) -> Window:
    start, dash, end = item.partition("-") if isinstance(item, str) else ("", "", "")
    if not dash:
        raise ValueError(f'must hold windows such as "23:44-23:47"; found `{item}`')
    window = Window(time_of_day(start), time_of_day(end))
    if window.start == window.end:
        raise ValueError(f"must hold windows that last; `{item}` is empty")
    return window


@dataclass(frozen=True)
class Edges:
    """`after_open` and `before_close`, each a duration."""

    unit: ClassVar[str] = "time"

    def schema(self) -> Schema:
        """A mapping of one or both."""
        length = Duration().schema()
        after = {**length, "description": "How long after the first open."}
        before = {**length, "description": "How long before the last close."}
        return {
            "type": "object",
            "properties": {"after_open": after, "before_close": before},
            "additionalProperties": False,
            "minProperties": 1,
        }

    def read(self, value: object) -> Margins:
        """How far to stay away from open and close."""
        if not isinstance(value, Mapping) or not value:
            raise ValueError(f"must be after_open and before_close; found `{value}`")
        return Margins(**{str(name): duration(item) for name, item in value.items()})


@dataclass(frozen=True)
class Shocks:
    """A list of jumps, each of `amount` or `percent`, for some symbols or for all."""

    unit: ClassVar[str] = ""

    def schema(self) -> Schema:
        """A list of mappings; that there is one of `amount` and `percent` is read, not shaped."""
        signed: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER_TEXT}]}
        keys = {
            "symbol": (Words().schema(), "The root symbols whose prices jump; without it, all."),
            "amount": (signed, "By how much the price jumps, in price; negative for a fall."),
            "percent": (signed, "By how many percent of its mark; negative for a fall."),
        }
        shock = {
            "type": "object",
            "properties": {n: {**made, "description": help_} for n, (made, help_) in keys.items()},
            "additionalProperties": False,
            "minProperties": 1,
        }
        return {"type": "array", "items": shock, "minItems": 1}

    def read(self, value: object) -> tuple[Shock, ...]:
        """The jumps, in their order."""
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise ValueError(f"must be a list such as [{{percent: -20}}]; found `{value}`")
        return tuple(self._shock(place, item) for place, item in enumerate(value, 1))

    def _shock(self, place: int, item: object) -> Shock:
        given = dict(item) if isinstance(item, Mapping) else {}
        sizes = [name for name in ("amount", "percent") if name in given]
        if len(sizes) != 1:
            both = "both" if sizes else "neither"
            raise ValueError(
                f"must give each shock `amount` or `percent`; shock {place} has {both}"
            )
        by = given[sizes[0]]
        if isinstance(by, bool) or not isinstance(by, Decimal | int) or not Decimal(by).is_finite():
            raise ValueError(f"must jump by a number; shock {place} has `{by}`")
        if not by:
            raise ValueError(f"must move prices; shock {place} is a jump of 0")
        symbols = Words().read(given["symbol"]) if "symbol" in given else None
        return Shock(symbols=symbols, **{sizes[0]: Decimal(by)})


ParameterType = (
    Number | Duration | TimeOfDay | Flag | Choice | Words | Calendar | Windows | Edges | Shocks
)
