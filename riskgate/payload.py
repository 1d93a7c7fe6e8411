"""What comes in: text, a mapping or an `Order`, read into one `Order` or into all its faults.

Rule 1: reading never raises for a bad order; `Asked.faults` names everything that is wrong.
Rule 2: names become upper case, and nothing else is coerced: numeric text, booleans as numbers,
NaN and unknown fields are refused.
Rule 3: a float is read as the number a person would see, and remembered as a float, so that the
gate may move it onto the tick it means.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

import msgspec

from riskgate.model import order_line
from riskgate.model.codes import Code
from riskgate.model.money import exact
from riskgate.model.order import Fault, Order, OrderType, Side, Tif
from riskgate.model.terms import TEXT_FIELDS, faults_of, well_typed

Source = Order | str | Mapping[str, object]
ALIASES: Final = {"time_in_force": "tif"}
NUMBERS: Final = (
    *("quantity", "limit_price", "stop_price", "trail_amount", "trail_percent", "limit_offset"),
    *("strike", "multiplier", "intent"),
)
UPPER: Final = ("symbol", "exchange", "currency", "sec_type", "right")
TEXTS: Final = ("strategy", "account", "key", "tag", "algo", "route", "locate")
FLAGS: Final = ("outside_rth", "trigger_now")
REQUIRED: Final = ("side", "quantity", "symbol", "order_type")
CODE_OF: Final = {"quantity": Code.BAD_QUANTITY, "tif": Code.BAD_TIF, "good_till": Code.BAD_TIF}
LONGEST_SHOWN: Final = 200
MOST: Final = 10**27
MOST_ORDERS: Final = 2**31
_SHORT: Final = reprlib.Repr()  # survives whatever another's `repr` does
_SHORT.maxdict = _SHORT.maxother = _SHORT.maxstring = LONGEST_SHOWN


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked for: the order if it could be read, what it was, and what is wrong."""

    order: Order | None
    text: str
    faults: tuple[Fault, ...] = ()
    floats: frozenset[str] = frozenset()

    def checked(self) -> Order:
        """The order. Raise OrderError with every code if there are faults."""
        if self.order is None or self.faults:
            raise order_line.refused(self.text, self.faults)
        return self.order


def read(source: Source, **defaults: str | None) -> Asked:
    """Read an order from outside; `defaults` fill what it leaves open (strategy, account)."""
    if isinstance(source, str):
        return _with_defaults(_from_line(source), defaults)
    if isinstance(source, Order):
        return _with_defaults(_from_order(source), defaults)
    if isinstance(source, Mapping):
        return _with_defaults(_from_mapping(source), defaults)
    fault = Fault(Code.BAD_ORDER, f"an order is text, a mapping or an Order; found {type(source)}")
    return Asked(order=None, text=_shown(source), faults=(fault,))


def _with_defaults(asked: Asked, defaults: Mapping[str, str | None]) -> Asked:
    order = asked.order
    if order is None:
        return asked
    missing = {k: v for k, v in defaults.items() if v is not None and getattr(order, k) is None}
    if not missing:
        return asked
    full = msgspec.structs.replace(order, **missing)
    faults = faults_of(full)
    if faults:
        return _faulty(full, f"{asked.text} {missing}", faults)
    return msgspec.structs.replace(asked, order=full, text=str(full))


def _faulty(order: Order | None, text: str, faults: tuple[Fault, ...]) -> Asked:
    """What was asked, with what is wrong; the order goes along where it can be put on record.

    Then the gate can also say what is wrong with it in the market it is meant for.
    """
    sound = order is not None and well_typed(order) and _plain_texts(order)
    return Asked(order=order if sound else None, text=_shown(text), faults=faults)


def _plain_texts(order: Order) -> bool:
    return all((getattr(order, name) or "").isascii() for name in TEXT_FIELDS)


def _from_line(line: str) -> Asked:
    order, faults = order_line.read(line)
    if order is None or faults:
        return _faulty(order, line, faults)
    return Asked(order=order, text=str(order))


def _from_order(order: Order) -> Asked:
    """An `Order` that is as it should be is taken as it is; others are read like a mapping."""
    named = (getattr(order, name) for name in UPPER)
    if well_typed(order) and all(name is None or name == name.upper() for name in named):
        faults = faults_of(order)
        if not faults:
            return Asked(order=order, text=str(order))
    given = {k: v for k, v in msgspec.structs.asdict(order).items() if v is not None}
    return _from_mapping(given)


def _from_mapping(given: Mapping[str, object]) -> Asked:
    fields = {
        ALIASES.get(str(key), str(key)): value for key, value in given.items() if value is not None
    }
    shown = _shown(dict(given))
    faults = (*_judge(fields), *_given_twice(given))
    if faults:
        return Asked(order=None, text=shown, faults=faults)
    floats = frozenset(name for name in NUMBERS if isinstance(fields.get(name), float))
    order = Order(**{name: _value(name, value) for name, value in fields.items()})
    stated = faults_of(order)
    if stated:
        return msgspec.structs.replace(_faulty(order, shown, stated), floats=floats)
    return Asked(order=order, text=str(order), floats=floats)


def _judge(fields: Mapping[str, object]) -> tuple[Fault, ...]:
    """Every fault of a payload's shape."""
    validator = _validator()
    validator.validate(dict(fields), normalize=False)  # nothing is coerced, and it takes longest
    return tuple(
        Fault(CODE_OF.get(name, _code(name)), text)
        for name, texts in validator.errors.items()
        for text in _flat(name, texts, fields)
    )


def _given_twice(given: Mapping[str, object]) -> tuple[Fault, ...]:
    return tuple(
        Fault(CODE_OF.get(name, Code.BAD_ORDER), f"`{name}` and `{alias}` are one field")
        for alias, name in ALIASES.items()
        if alias in given and name in given
    )


def _flat(name: str, texts: list[object], fields: Mapping[str, object]) -> list[str]:
    if name not in _schema():
        near = get_close_matches(name, _schema(), n=1)
        meant = f" (did you mean `{near[0]}`?)" if near else ""
        return [f"unknown field `{_shown(name)}`{meant}"]
    if name not in fields:
        return [f"`{name}` is missing"]
    return [str(text) for text in texts]


def _code(name: str) -> Code:
    return Code.BAD_PRICE if name in NUMBERS else Code.BAD_ORDER


@cache
def _schema() -> dict[str, Any]:
    checks: dict[str, Callable[..., None]] = {
        **dict.fromkeys(NUMBERS, _check_number),
        **dict.fromkeys((*UPPER, *TEXTS), _check_text),
        **dict.fromkeys(FLAGS, _check_flag),
        "side": _check_member(Side),
        "order_type": _check_member(OrderType),
        "tif": _check_member(Tif),
        "good_till": _check_moment,
        "expiry": _check_day,
    }
    return {
        name: {"required": name in REQUIRED, "check_with": check} for name, check in checks.items()
    }


@cache
def _validator() -> Any:  # noqa: ANN401  # the library has no types
    from cerberus import Validator  # noqa: PLC0415  # 50 ms that a one-line order never needs

    return Validator(_schema())


def _check_number(field: str, value: object, error: Callable[[str, str], None]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        error(field, f"{field} must be a number; found `{_shown(value)}`")
    elif not _is_finite(value):
        error(field, f"{field} must be a finite number; found `{_shown(value)}`")


def _is_finite(value: float | Decimal) -> bool:
    """Whether a number is one that anybody could mean; a giant integer is not."""
    if isinstance(value, int):
        return abs(value) < MOST
    return Decimal(value).is_finite()


def _check_text(field: str, value: object, error: Callable[[str, str], None]) -> None:
    if not isinstance(value, str) or not value:
        error(field, f"{field} must be text; found `{_shown(value)}`")
    elif field in UPPER and not value.isascii():
        error(field, f"{field} must be printable ASCII; found `{_shown(value)}`")


def _check_flag(field: str, value: object, error: Callable[[str, str], None]) -> None:
    if not isinstance(value, bool):
        error(field, f"{field} must be true or false; found `{_shown(value)}`")


def _check_member(kind: type[Side | OrderType | Tif]) -> Callable[..., None]:
    def check(field: str, value: object, error: Callable[[str, str], None]) -> None:
        if not isinstance(value, str) or value.upper() not in kind.__members__:
            known = ", ".join(kind)
            error(field, f"{field} must be one of {known}; found `{_shown(value)}`")

    return check


def _check_moment(field: str, value: object, error: Callable[[str, str], None]) -> None:
    moment = _moment(value)
    if moment is None or moment.tzinfo is None:
        error(field, f"{field} must be a time with an offset; found `{_shown(value)}`")


def _check_day(field: str, value: object, error: Callable[[str, str], None]) -> None:
    if _day(value) is None:
        error(field, f"{field} must be a date such as 2026-06-19; found `{_shown(value)}`")


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _day(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _value(name: str, value: Any) -> Any:  # noqa: ANN401  # judged field by field above
    if name in NUMBERS:
        return exact(value)
    if name in UPPER:
        return value.upper()
    members = {"side": Side, "order_type": OrderType, "tif": Tif}
    if name in members:
        return members[name](value.upper())
    return {"good_till": _moment, "expiry": _day}.get(name, lambda same: same)(value)


def order_number(given: object) -> int:
    """An order's number; whatever can be none is a number that no order has."""
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < MOST_ORDERS:
        return given
    return -1


def printable(words: object) -> str:
    """Words of a person or program as they may be recorded: one short line, nothing hidden."""
    return "" if words is None else _shown(words).strip()


def _shown(value: object) -> str:
    """A value as one short printable line, whatever it is."""
    try:
        line = value if isinstance(value, str) else _SHORT.repr(value)
    except ValueError:
        line = "a number with thousands of digits"
    clean = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line[:LONGEST_SHOWN])
    return clean + ("..." if len(line) > LONGEST_SHOWN else "")
