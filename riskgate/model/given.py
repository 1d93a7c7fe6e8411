"""What a value from outside means for a field: the value of the field's type, or why it is none.

Rule 1: names become upper case, and nothing else is coerced: numeric text, booleans as numbers
and NaN are refused. Text may state what a line states: a time, a day, or a part of an order.
Rule 2: a part may be stated as its text, as a mapping, or as the value itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any, Final

import msgspec

from riskgate.model import order_words
from riskgate.model.codes import Code
from riskgate.model.fields import Field, Kind, fields_of, is_default, must_be, shown
from riskgate.model.money import exact, text
from riskgate.model.order import Fault

MOST: Final = 10**27
PAIR: Final = 2
NUMERIC: Final = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)
IN_A_LINE: Final = "a number (text is taken in an order line only)"


class Wrong(ValueError):  # noqa: N818  # it is no error of the program
    """A value that a field cannot take: everything that is wrong with it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.text for fault in faults))
        self.faults = faults


def meant(field: Field, value: object, where: str = "") -> Any:  # noqa: ANN401  # what the field holds
    """The value that is meant. Raise Wrong if there is none."""
    return _READERS[field.kind](field, value, f"{where}{field.name}")


def unknown(name: str, known: Mapping[str, object], where: str = "") -> str:
    """What to say of a field that there is not."""
    near = get_close_matches(name, known, n=1)
    hint = f" (did you mean `{near[0]}`?)" if near else ""
    return f"unknown field `{where}{shown(name)}`{hint}"


def named(key: object) -> str:
    """The name of a field, whatever it is stated as."""
    return key if isinstance(key, str) else shown(key)


def _refuse(field: Field, value: object, name: str, what: str = "") -> Wrong:
    words = what or must_be(field)
    return Wrong(Fault(field.code, f"{name} must be {words}; found `{shown(value)}`"))


def _number(field: Field, value: object, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _refuse(field, value, name, IN_A_LINE if _is_numeric(value) else "")
    if not _is_finite(value):
        raise _refuse(field, value, name, "a finite number")
    return exact(value)


def _is_numeric(value: object) -> bool:
    """Whether it is text that a line would have as a number."""
    return isinstance(value, str) and NUMERIC.fullmatch(value) is not None


def _is_finite(value: float | Decimal) -> bool:
    """Whether a number is one that anybody could mean; a giant integer is not."""
    if isinstance(value, int):
        return abs(value) < MOST
    return Decimal(value).is_finite()


def _whole(field: Field, value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse(field, value, name)
    return value


def _flag(field: Field, value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise _refuse(field, value, name)
    return value


def _moment(field: Field, value: object, name: str) -> datetime:
    found = order_words.moment(value) if isinstance(value, str) else value
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise _refuse(field, value, name)
    return found


def _day(field: Field, value: object, name: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise _refuse(field, value, name) from None


def _word(field: Field, value: object, name: str) -> StrEnum:
    found = _members(field.members).get(value.upper()) if isinstance(value, str) else None
    if found is None:
        elsewhere = order_words.AUCTIONS.get(value.upper()) if isinstance(value, str) else None
        written = f" (`{value}` is written as {elsewhere})" if elsewhere else ""
        raise _refuse(field, value, name, must_be(field) + written)
    return found


@cache
def _members(words: type[StrEnum] | None) -> Mapping[str, StrEnum]:
    return {str(member).upper(): member for member in words or ()}


def _text(field: Field, value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise _refuse(field, value, name)
    return str(value)


def _name(field: Field, value: object, name: str) -> str:
    found = _text(field, value, name)
    if not found.isascii():
        raise _refuse(field, value, name, "printable ASCII")
    return found.upper()


def _pairs(field: Field, value: object, name: str) -> tuple[tuple[str, str], ...]:
    """A broker's parameters; a number is written as the text that the broker takes."""
    if isinstance(value, Mapping):
        rows = list(value.items())
    elif isinstance(value, tuple) and all(_is_pair(row) for row in value):
        rows = list(value)
    else:
        raise _refuse(field, value, name)
    return tuple((_text(field, key, name), _param(field, item, name)) for key, item in rows)


def _is_pair(row: object) -> bool:
    return isinstance(row, tuple) and len(row) == PAIR


def _param(field: Field, value: object, name: str) -> str:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return text(_number(field, value, name)) if is_number else _text(field, value, name)


def _part(field: Field, value: object, name: str) -> object:
    if isinstance(value, str):
        return _from_text(field, value, name)
    return _struct(field, value, name)


def _parts(field: Field, value: object, name: str) -> object:
    if isinstance(value, str):
        return _from_text(field, value, name)
    if not isinstance(value, list | tuple):
        raise _refuse(field, value, name)
    found: list[msgspec.Struct] = []
    faults: list[Fault] = []
    for at, item in enumerate(value):
        try:
            found.append(_struct(field, item, f"{name}[{at}]"))
        except Wrong as wrong:
            faults += wrong.faults
    if faults:
        raise Wrong(*faults)
    return tuple(found)


def _from_text(field: Field, value: str, name: str) -> object:
    try:
        return order_words.READERS[field.name](value)
    except order_words.Unread as unread:
        raise Wrong(Fault(Code.BAD_ORDER, f"{name}: {shown(str(unread))}")) from None


def _struct(field: Field, value: object, name: str) -> msgspec.Struct:
    """One part from its mapping, or from itself. Raise Wrong with all that is wrong with it."""
    part = field.part or msgspec.Struct
    given = msgspec.structs.asdict(value) if isinstance(value, part) else value
    if not isinstance(given, Mapping):
        raise _refuse(field, value, name, f"a mapping of {part.__name__} fields")
    known = {each.name: each for each in fields_of(part)}
    stated = {named(key): item for key, item in given.items() if item is not None}
    faults = [
        Fault(Code.BAD_ORDER, unknown(key, known, f"{name}.")) for key in stated if key not in known
    ]
    made: dict[str, Any] = {}
    for key, each in known.items():
        if key in stated and not _is_unsaid(each, stated[key]):
            try:
                made[key] = meant(each, stated[key], f"{name}.")
            except Wrong as wrong:
                faults += wrong.faults
        elif each.required:
            faults.append(Fault(each.code, f"{name}.{key} is missing"))
    if faults:
        raise Wrong(*faults)
    return part(**made)


def _is_unsaid(field: Field, value: object) -> bool:
    """Whether a value is the empty one that stands for nothing, as in a part read elsewhere."""
    return value == "" and field.default == "" and isinstance(value, str)


_READERS: Final[Mapping[Kind, Callable[[Field, object, str], object]]] = {
    Kind.NUMBER: _number,
    Kind.WHOLE: _whole,
    Kind.FLAG: _flag,
    Kind.MOMENT: _moment,
    Kind.DAY: _day,
    Kind.WORD: _word,
    Kind.NAME: _name,
    Kind.TEXT: _text,
    Kind.PAIRS: _pairs,
    Kind.PART: _part,
    Kind.PARTS: _parts,
}


def plain(value: object) -> object:
    """A value as a payload holds it: text, numbers, truth values, lists and mappings."""
    if isinstance(value, msgspec.Struct):
        rows = ((field, getattr(value, field.name)) for field in fields_of(type(value)))
        return {
            field.name: plain(item) for field, item in rows if not is_default(item, field.default)
        }
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        pairs = bool(value) and all(isinstance(item, tuple) for item in value)
        return dict(value) if pairs else [plain(item) for item in value]
    return value
