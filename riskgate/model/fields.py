"""The fields of an order as lines and payloads know them: one flat row of names.

Rule 1: everything here is read off the structs; a field that is added there is a field here.
Rule 2: `Order` nests what is seldom said in `instructions`; outside the model nothing is nested.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum, auto
from functools import cache
from itertools import compress
from operator import attrgetter, is_not
from types import NoneType
from typing import Any, Final, NamedTuple, get_args, get_origin

import msgspec

from riskgate.model.codes import Code
from riskgate.model.instructions import PLAIN, Instructions
from riskgate.model.order import PRICE_FIELDS, Fault, Order

POSITIONAL: Final = frozenset(
    {"side", "quantity", "symbol", "order_type", *PRICE_FIELDS, "tif", "good_till"}
)
NAMES: Final = frozenset(
    {"symbol", "exchange", "currency", "sec_type", "right", "contract", "side", "order_type"}
)
LONGEST_SHOWN: Final = 200
_SHORT: Final = reprlib.Repr()  # survives whatever another's `repr` does
_SHORT.maxdict = _SHORT.maxother = _SHORT.maxstring = LONGEST_SHOWN


class Kind(Enum):
    """What a field holds."""

    NUMBER = auto()
    WHOLE = auto()
    FLAG = auto()
    MOMENT = auto()
    DAY = auto()
    WORD = auto()  # one of a closed list
    NAME = auto()  # text that becomes upper case
    TEXT = auto()
    PAIRS = auto()  # names with their texts
    PART = auto()  # a struct of its own
    PARTS = auto()  # several of them


class Field(msgspec.Struct, frozen=True):
    """One field: what it holds, and what it is if nobody states it."""

    name: str
    kind: Kind
    code: Code
    default: object = None
    required: bool = False
    members: type[StrEnum] | None = None
    part: type[msgspec.Struct] | None = None


@cache
def fields_of(struct: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The fields of a struct, in its own order."""
    return tuple(_field(info) for info in msgspec.structs.fields(struct))


def _field(info: msgspec.structs.FieldInfo) -> Field:
    kind, meant = _kind(info.name, info.type)
    return Field(
        name=info.name,
        kind=kind,
        code=_code(info.name, kind),
        default=None if info.required else info.default,
        required=info.required,
        members=meant if kind is Kind.WORD else None,
        part=meant if kind in (Kind.PART, Kind.PARTS) else None,
    )


_SIMPLE: Final[Mapping[object, Kind]] = {
    Decimal: Kind.NUMBER,
    int: Kind.WHOLE,
    bool: Kind.FLAG,
    datetime: Kind.MOMENT,
    date: Kind.DAY,
}


def _kind(name: str, hint: Any) -> tuple[Kind, Any]:  # noqa: ANN401  # a type, or what typing makes
    """What a field of this type holds, and the class it is made of."""
    if get_origin(hint) is tuple:
        (item, _) = get_args(hint)
        return (Kind.PAIRS, None) if get_origin(item) is tuple else (Kind.PARTS, item)
    (meant,) = [each for each in get_args(hint) if each is not NoneType] or [hint]
    if meant is str:
        return (Kind.NAME if name in NAMES else Kind.TEXT), None
    if issubclass(meant, StrEnum):
        return Kind.WORD, meant
    return (Kind.PART, meant) if issubclass(meant, msgspec.Struct) else (_SIMPLE[meant], None)


def _code(name: str, kind: Kind) -> Code:
    """Which code says that a field is wrong."""
    if name.endswith(("quantity", "_size")):
        return Code.BAD_QUANTITY
    if kind is Kind.MOMENT or name == "tif":
        return Code.BAD_TIF
    return Code.BAD_PRICE if kind is Kind.NUMBER else Code.BAD_ORDER


_SAID: Final = {field.name: field for field in fields_of(Instructions)}
FLAT: Final[Mapping[str, Field]] = {
    **{field.name: field for field in fields_of(Order) if field.name != "instructions"},
    **_SAID,
}
KEYS: Final = tuple(name for name in FLAT if name not in POSITIONAL)
NUMBERS: Final = tuple(name for name, field in FLAT.items() if field.kind is Kind.NUMBER)


class _Row(NamedTuple):
    """Some fields of a struct, all read at once: every order is written several times."""

    names: tuple[str, ...]
    defaults: tuple[object, ...]
    values_of: Callable[[object], tuple[object, ...]]


def _row(names: Iterable[str]) -> _Row:
    chosen = tuple(names)
    return _Row(chosen, tuple(FLAT[name].default for name in chosen), attrgetter(*chosen))


_OWN: Final = _row(name for name in FLAT if name not in _SAID)
_OWN_KEYS: Final = _row(name for name in _OWN.names if name in KEYS)
_SAID_ROW: Final = _row(_SAID)


def stated(order: Order) -> dict[str, object]:
    """What an order states, flat; whatever is as it would be anyway is left out."""
    return {**_stated(order, _OWN), **_said(order)}


def stated_keys(order: Order) -> dict[str, object]:
    """What an order states beside its type, prices and time in force."""
    return {**_stated(order, _OWN_KEYS), **_said(order)}


def _said(order: Order) -> dict[str, object]:
    said = order.instructions
    return {} if said is PLAIN else _stated(said, _SAID_ROW)


def _stated(struct: msgspec.Struct, row: _Row) -> dict[str, object]:
    values = row.values_of(struct)
    fields = zip(row.names, values, row.defaults, strict=True)
    other = compress(fields, map(is_not, values, row.defaults))  # few are, and few are looked at
    return {name: value for name, value, default in other if not is_default(value, default)}


def is_default(value: object, default: object) -> bool:
    """Whether nothing is stated; 0 for false is no default, it is of another type."""
    return value is None or (type(value) is type(default) and value == default)


def assembled(flat: Mapping[str, object]) -> Order:
    """The order that flat fields state; their values are of the right types."""
    said = {name: value for name, value in flat.items() if name in _SAID}
    rest: dict[str, Any] = {name: value for name, value in flat.items() if name not in said}
    made = Instructions(**said) if said else PLAIN  # type: ignore[arg-type]  # see the docstring
    return Order(**rest, instructions=PLAIN if made == PLAIN else made)


def misfits(order: Order) -> Iterator[Fault]:
    """Every value that is not of its field's type, so that it cannot be judged further."""
    yield from _misfits(order, "", skip="instructions")
    if isinstance(order.instructions, Instructions):
        yield from _misfits(order.instructions, "")
    else:
        wrong = shown(order.instructions)
        yield Fault(Code.BAD_ORDER, f"instructions must be Instructions; found `{wrong}`")


def _misfits(struct: msgspec.Struct, where: str, skip: str = "") -> Iterator[Fault]:
    for field in fields_of(type(struct)):
        value = getattr(struct, field.name)
        unstated = not field.required and value is field.default
        if field.name == skip or unstated:
            continue
        name = f"{where}{field.name}"
        if not holds(field, value):
            yield Fault(field.code, f"{name} must be {must_be(field)}; found `{shown(value)}`")
        elif field.kind is Kind.PART:
            yield from _misfits(value, f"{name}.")
        elif field.kind is Kind.PARTS:
            for at, item in enumerate(value):
                yield from _misfits(item, f"{name}[{at}].")


_TYPES: Final[Mapping[Kind, type]] = {
    **{kind: cls for cls, kind in _SIMPLE.items() if isinstance(cls, type)},
    **dict.fromkeys((Kind.NAME, Kind.TEXT), str),
}


def holds(field: Field, value: object) -> bool:
    """Whether a value is of its field's type; what a part holds is not looked at."""
    if field.kind is Kind.PAIRS:
        return isinstance(value, tuple) and all(map(_is_pair, value))
    meant = field.members or field.part or _TYPES[field.kind]
    if field.kind is Kind.PARTS:
        return isinstance(value, tuple) and all(isinstance(item, meant) for item in value)
    too_narrow = {Kind.WHOLE: bool, Kind.DAY: datetime}.get(field.kind)
    return isinstance(value, meant) and not (too_narrow and isinstance(value, too_narrow))


def _is_pair(value: object) -> bool:
    size = 2
    return (
        isinstance(value, tuple) and len(value) == size and all(isinstance(v, str) for v in value)
    )


_WORDS: Final[Mapping[Kind, str]] = {
    Kind.NUMBER: "a number",
    Kind.WHOLE: "a whole number",
    Kind.FLAG: "true or false",
    Kind.MOMENT: "a time with an offset",
    Kind.DAY: "a date such as 2026-06-19",
    Kind.NAME: "text",
    Kind.TEXT: "text",
    Kind.PAIRS: "names with their values",
}


def must_be(field: Field) -> str:
    """What a field must be, in words."""
    if field.members is not None:
        return f"one of {', '.join(field.members)}"
    if field.part is not None:
        name = field.part.__name__
        return f"a list of {name}s" if field.kind is Kind.PARTS else f"one {name}"
    return _WORDS[field.kind]


def texts(struct: msgspec.Struct) -> Iterator[str]:
    """Every text in what is of its types, however deep."""
    for field in fields_of(type(struct)):
        value = getattr(struct, field.name)
        if isinstance(value, msgspec.Struct):
            yield from texts(value)
        elif field.kind is Kind.PARTS:
            for item in value:
                yield from texts(item)
        elif field.kind is Kind.PAIRS:
            yield from (word for pair in value for word in pair)
        elif isinstance(value, str):
            yield value


def shown(value: object) -> str:
    """A value as one short printable line, whatever it is."""
    try:
        line = value if isinstance(value, str) else _SHORT.repr(value)
    except ValueError:
        line = "a number with thousands of digits"
    clean = line[:LONGEST_SHOWN]
    if not clean.isprintable():
        clean = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in clean)
    return clean + ("..." if len(line) > LONGEST_SHOWN else "")
