"""Conditions of orders, to and from the library's own classes.

Rule 1: one row a kind, for both directions.
Rule 2: IB watches a contract by its number and a venue; who finds the number for a name is given.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from riskgate.brokers.ib import moments, places, raw
from riskgate.brokers.ib.places import Finder
from riskgate.brokers.ib.wording import (
    TRIGGER_METHOD,
    number_in,
    number_out,
    text_out,
    whole_out,
)
from riskgate.model.instructions import Condition, ConditionKind
from riskgate.model.instrument import DEFAULT_VENUE

AND, OR = "a", "o"


class Form(msgspec.Struct, frozen=True):
    """How the library has one kind: its class, its number, the field of its level.

    `whole` levels are whole numbers in its messages; `watches` names a contract by its number.
    """

    name: str
    number: int
    level: str = ""
    whole: bool = False
    watches: bool = False


FORMS: Final = {
    ConditionKind.PRICE: Form("PriceCondition", 1, "price", watches=True),
    ConditionKind.TIME: Form("TimeCondition", 3),
    ConditionKind.MARGIN: Form("MarginCondition", 4, "percent", whole=True),
    ConditionKind.EXECUTION: Form("ExecutionCondition", 5),
    ConditionKind.VOLUME: Form("VolumeCondition", 6, "volume", whole=True, watches=True),
    ConditionKind.CHANGE: Form("PercentChangeCondition", 7, "changePercent", watches=True),
}
KINDS: Final = {form.number: kind for kind, form in FORMS.items()}


def fields_of(condition: Condition, finder: Finder | None) -> dict[str, object]:
    """The fields of the library's condition. Raise ValueError for what it cannot say.

    Without a finder names stay without their numbers, which is enough to look for faults.
    """
    form = FORMS[condition.kind]
    made: dict[str, object] = {"conjunction": AND if condition.also else OR}
    if condition.kind is ConditionKind.EXECUTION:
        return {**made, **_traded(condition)}
    made["isMore"] = condition.rises
    if form.level:
        if condition.level is None:
            raise ValueError("has no level")
        made[form.level] = (whole_out if form.whole else number_out)(condition.level)
    if condition.kind is ConditionKind.TIME:
        if condition.at is None:
            raise ValueError("has no time")
        made["time"] = moments.written(condition.at)
    if form.watches:
        place = _place(condition, finder)
        made |= {"conId": place.con_id, "exch": text_out(place.venue)}
    if condition.kind is ConditionKind.PRICE:
        made["triggerMethod"] = TRIGGER_METHOD.write(condition.method)
    return made


def unplaced(condition: Condition) -> dict[str, object]:
    """The fields as far as they are known without the numbers of contracts."""
    return fields_of(condition, None)


def _traded(condition: Condition) -> dict[str, object]:
    """What is traded goes by its name; whether it was prepared is no matter."""
    named = places.read(_contract_of(condition))
    if named.terms is None:
        raise ValueError("names its contract by a number; IB wants the symbol")
    return {
        "symbol": text_out(named.terms.symbol),
        "secType": text_out(named.terms.sec_type or "STK"),
        "exch": text_out(named.venue or DEFAULT_VENUE),
    }


def _place(condition: Condition, finder: Finder | None) -> places.Place:
    return places.find(_contract_of(condition), finder)


def _contract_of(condition: Condition) -> str:
    if not condition.contract:
        raise ValueError("names no contract")
    return condition.contract


def made(module: raw.Module, condition: Condition, finder: Finder) -> object:
    """The library's condition. Raise ValueError or OrderError if there is none."""
    kind: Any = getattr(module, FORMS[condition.kind].name)
    return kind(**fields_of(condition, finder))


def read(theirs: object) -> Condition:
    """Our condition of one of the library's. Raise ValueError for what we do not have."""
    kind = KINDS.get(getattr(theirs, "condType", 0))
    if kind is None:
        raise ValueError(f"is of a kind that is not modelled: {type(theirs).__name__}")
    form = FORMS[kind]
    level = number_in(getattr(theirs, form.level)) if form.level else None
    if form.level and level is None:
        raise ValueError(f"has no {form.level}")
    return Condition(
        kind=kind,
        contract=_contract(kind, theirs),
        level=level,
        at=moments.read(_text(theirs, "time")) if kind is ConditionKind.TIME else None,
        rises=bool(getattr(theirs, "isMore", True)),
        also=_conjunction(theirs) == AND,
        method=TRIGGER_METHOD.read(getattr(theirs, "triggerMethod", 0)),
    )


def _contract(kind: ConditionKind, theirs: object) -> str:
    venue = _text(theirs, "exch") if hasattr(theirs, "exch") else ""
    if kind is ConditionKind.EXECUTION:
        return places.named(_text(theirs, "symbol"), _text(theirs, "secType"), venue)
    if not FORMS[kind].watches:
        return ""
    number = getattr(theirs, "conId", 0)
    if not isinstance(number, int) or number <= 0:
        raise ValueError("names no contract number")
    return places.numbered(number, venue)


def _conjunction(theirs: object) -> str:
    said = _text(theirs, "conjunction")
    if said not in {AND, OR}:
        raise ValueError(f"is joined by `{said}`; use `{AND}` or `{OR}`")
    return said


def _text(theirs: object, name: str) -> str:
    value = getattr(theirs, name)
    if not isinstance(value, str):
        raise ValueError(f"has a {name} that is no text")  # noqa: TRY004  # as all that is wrong
    return value
