"""What comes in: text, a mapping or an `Order`, read into one `Order` or into all its faults.

Rule 1: reading never raises for a bad order; `Asked.faults` names everything that is wrong.
Rule 2: names become upper case, and nothing else is coerced: numeric text, booleans as numbers,
NaN and unknown fields are refused.
Rule 3: a float is read as the number a person would see, and remembered as a float, so that the
gate may move it onto the tick it means.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from riskgate.model import order_line
from riskgate.model.codes import Code
from riskgate.model.everyday import is_upper_case, line_of
from riskgate.model.fields import FLAT, NUMBERS, Field, assembled, shown, stated, texts
from riskgate.model.given import Wrong, meant, named, plain, unknown
from riskgate.model.instructions import Instructions
from riskgate.model.order import Fault, Order
from riskgate.model.sound import plainly_sound
from riskgate.model.terms import faults_of, well_typed
from riskgate.model.work import Plan

Source = Order | str | Mapping[str, object]
ALIASES: Final = {"time_in_force": "tif"}
MOST_ORDERS: Final = 2**31
BY_SCRIPT: Final = "placeOrder "
# What begins so was asked for in other ways than by an order's words; it is not read again.
NO_ORDER_LINE: Final = ("modify ", "approve ", BY_SCRIPT)
_OWN: Final = threading.local()  # what each thread has for itself


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked for: the order if it could be read, what it was, and what is wrong.

    With a `plan` it is to be worked off in slices.
    """

    order: Order | None
    text: str
    faults: tuple[Fault, ...] = ()
    floats: frozenset[str] = frozenset()
    plan: Plan | None = None

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
    return Asked(order=None, text=shown(source), faults=(fault,))


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
    sound = order is not None and well_typed(order) and all(map(str.isascii, texts(order)))
    return Asked(order=order if sound else None, text=shown(text), faults=faults)


def _from_line(line: str) -> Asked:
    order, faults = order_line.read(line)
    if order is None or faults:
        return _faulty(order, line, faults)
    return Asked(order=order, text=str(order))


def _from_order(order: Order) -> Asked:
    """An `Order` that is as it should be is taken as it is; others are read like a mapping."""
    line = line_of(order)
    if line is not None:
        return Asked(order=order, text=line)
    sound = plainly_sound(order)
    if (sound or well_typed(order)) and is_upper_case(order) and (sound or not faults_of(order)):
        return Asked(order=order, text=order_line.write(order))
    if not isinstance(order.instructions, Instructions):
        found = shown(order.instructions)
        fault = Fault(Code.BAD_ORDER, f"instructions must be Instructions; found `{found}`")
        return Asked(order=None, text=shown(order), faults=(fault,))
    return _from_mapping(stated(order))


def _from_mapping(given: Mapping[str, object]) -> Asked:
    fields = {
        ALIASES.get(name, name): value
        for name, value in ((named(key), value) for key, value in given.items())
        if value is not None
    }
    faults = (*_judge(fields), *_given_twice(given))
    if faults:
        return Asked(order=None, text=shown(dict(given)), faults=faults)
    floats = frozenset(name for name in NUMBERS if isinstance(fields.get(name), float))
    order = assembled({name: meant(FLAT[name], value) for name, value in fields.items()})
    wrong = faults_of(order)
    if wrong:
        return msgspec.structs.replace(_faulty(order, shown(dict(given)), wrong), floats=floats)
    return Asked(order=order, text=str(order), floats=floats)


def written(order: Order) -> dict[str, object]:
    """The flat payload of an order: what it states, each under its own name.

    It reads back as the same order. Numbers are `Decimal`; all else is what JSON and YAML have.
    """
    return {name: plain(value) for name, value in stated(order).items()}


def _judge(fields: Mapping[str, object]) -> tuple[Fault, ...]:
    """Every fault of a payload's shape."""
    validator = _validator()
    validator.validate(dict(fields), normalize=False)  # nothing is coerced, and it takes longest
    return tuple(
        Fault(FLAT[name].code if name in FLAT else Code.BAD_ORDER, text)
        for name, texts in validator.errors.items()
        for text in _flat(name, texts, fields)
    )


def _given_twice(given: Mapping[str, object]) -> tuple[Fault, ...]:
    return tuple(
        Fault(FLAT[name].code, f"`{name}` and `{alias}` are one field")
        for alias, name in ALIASES.items()
        if alias in given and name in given
    )


def _flat(name: str, texts: list[object], fields: Mapping[str, object]) -> list[str]:
    if name not in FLAT:
        return [unknown(name, FLAT)]
    if name not in fields:
        return [f"`{name}` is missing"]
    return [str(text) for text in texts]


def _validator() -> Any:  # noqa: ANN401  # the library has no types
    """One of this thread's own: it keeps in itself what it is at."""
    if not hasattr(_OWN, "validator"):
        from cerberus import Validator  # noqa: PLC0415  # 50 ms that a one-line order never needs

        _OWN.validator = Validator(
            {
                name: {"required": field.required, "check_with": _check(field)}
                for name, field in FLAT.items()
            }
        )
    return _OWN.validator


def _check(field: Field) -> Callable[..., None]:
    def check(name: str, value: object, error: Callable[[str, str], None]) -> None:
        try:
            meant(field, value)
        except Wrong as wrong:
            for fault in wrong.faults:
                error(name, fault.text)

    return check


def order_number(given: object) -> int:
    """An order's number; whatever can be none is a number that no order has."""
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < MOST_ORDERS:
        return given
    return -1


def printable(words: object) -> str:
    """Words of a person or program as they may be recorded: one short line, nothing hidden."""
    return "" if words is None else shown(words).strip()
