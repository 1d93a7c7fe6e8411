"""Plans read: from words or text to the algorithm, guards or strategy that they name.

Rule 1: nothing is registered by hand: a file in `execution/algos` is an algorithm, and one in
`execution/replace` a replacement strategy, each with one class whose fields are its parameters.
Rule 2: what is wrong with a plan is said with the name of its parameter; no parameter is left out
silently.
"""

from __future__ import annotations

import difflib
import pkgutil
import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from importlib import import_module
from types import ModuleType, UnionType
from typing import Any, Final, NamedTuple, get_args, get_origin

import msgspec

from riskgate.errors import ConfigError
from riskgate.execution import algos, replace
from riskgate.execution.guards import Guards
from riskgate.execution.moves import Strategy
from riskgate.execution.slices import Algo
from riskgate.model.money import text as number_text
from riskgate.model.spans import MICROSECOND, microseconds_of, written
from riskgate.model.work import Plan

LONGEST: Final = timedelta(days=366)
PAIR: Final = 2
DIGITS: Final = re.compile(r"-?\d{1,18}(?:\.\d{1,12})?")


class Planned(NamedTuple):
    """What a plan of an algorithm comes to."""

    algo: Algo
    guards: Guards


@cache
def algorithms() -> Mapping[str, type[Any]]:
    """Our algorithms by name."""
    return _found(algos)


@cache
def strategies() -> Mapping[str, type[Any]]:
    """Our replacement strategies by name."""
    return _found(replace)


@lru_cache(maxsize=256)
def planned(plan: Plan) -> Planned:
    """The algorithm and the guards of a plan. Raise ConfigError, saying what is wrong with it."""
    kind = _kind(plan, algorithms(), "algorithm")
    mine = {field.name for field in msgspec.structs.fields(kind)}
    given = _params(plan, mine | set(Guards.__struct_fields__))
    guards = _made(plan, Guards, {k: v for k, v in given.items() if k not in mine})
    return Planned(_made(plan, kind, {k: v for k, v in given.items() if k in mine}), guards)


def strategy(plan: Plan) -> Strategy:
    """The replacement strategy of a plan. Raise ConfigError, saying what is wrong with it."""
    kind = _kind(plan, strategies(), "strategy")
    given = _params(plan, {field.name for field in msgspec.structs.fields(kind)})
    made: Strategy = _made(plan, kind, given)
    return made


def plan_of(source: object) -> Plan:
    """A plan from text such as `twap duration=30m slices=10`, or as it is.

    Raise ConfigError for what is neither.
    """
    if isinstance(source, Plan):
        return _checked(source)
    words = source.split() if isinstance(source, str) else []
    pairs = [word.partition("=") for word in words[1:]]
    if not words or not all(name and equals and value for name, equals, value in pairs):
        said = f"`{source}`" if isinstance(source, str) else f"a {type(source).__name__}"
        raise ConfigError(f"{said} is no plan; write `twap duration=30m slices=10`")
    return Plan(words[0], tuple((name, value) for name, _, value in pairs))


def _checked(plan: Plan) -> Plan:
    """A plan that was made by hand. Raise ConfigError where it is not made of text."""
    given: object = plan.params
    pairs = given if isinstance(given, tuple) else (None,)
    fits = (isinstance(pair, tuple) and len(pair) == PAIR and _is_text(*pair) for pair in pairs)
    if not (_is_text(plan.name) and all(fits)):
        raise ConfigError("a plan is a name, and pairs of a parameter and its value, all text")
    return plan


def _is_text(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def stated(*parts: Any) -> Plan:  # noqa: ANN401  # algorithms, strategies and guards
    """The plan that names an algorithm or strategy, and guards, as they are made."""
    params = [
        (field.name, _text(getattr(part, field.name)))
        for part in parts
        for field in msgspec.structs.fields(part)
        if getattr(part, field.name) != field.default
    ]
    return Plan(type(parts[0]).__module__.rpartition(".")[2], tuple(params))


def _found(folder: ModuleType) -> dict[str, type[Any]]:
    found = {}
    for module in pkgutil.iter_modules(folder.__path__):
        path = f"{folder.__name__}.{module.name}"
        kinds = [
            item
            for item in vars(import_module(path)).values()
            if isinstance(item, type)
            and issubclass(item, msgspec.Struct)
            and item.__module__ == path
        ]
        if len(kinds) != 1:
            raise ConfigError(f"{path}: expected one class, its parameters as fields")
        found[module.name] = kinds[0]
    return dict(sorted(found.items()))


def _kind(plan: Plan, known: Mapping[str, type[Any]], what: str) -> type[Any]:
    if plan.name not in known:
        raise ConfigError(f"there is no {what} `{plan.name}`; there is {', '.join(known)}")
    return known[plan.name]


def _params(plan: Plan, known: set[str]) -> dict[str, str]:
    names = [name for name, _ in plan.params]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean `{near[0]}`" if near else f"known are {', '.join(sorted(known))}"
            raise ConfigError(f"{plan.name}: unknown parameter `{name}`; {hint}")
        if names.count(name) > 1:
            raise ConfigError(f"{plan.name}: `{name}` is given twice")
    return dict(plan.params)


def _made(plan: Plan, kind: type[Any], given: Mapping[str, str]) -> Any:  # noqa: ANN401  # the kind
    values = {}
    for field in msgspec.structs.fields(kind):
        if field.name in given:
            try:
                values[field.name] = _value(given[field.name], field.type)
            except ValueError as error:
                raise ConfigError(f"{plan.name}: {field.name}: {error}") from None
        elif field.required:
            raise ConfigError(f"{plan.name}: `{field.name}` is missing")
    try:
        return kind(**values)
    except ValueError as error:
        raise ConfigError(f"{plan.name}: {error}") from None


def _value(text: str, kind: Any) -> Any:  # noqa: ANN401  # whatever a field is
    """A parameter of its field's type. Raise ValueError if it is none."""
    if isinstance(kind, UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    if get_origin(kind) is tuple:
        return tuple(_value(part, get_args(kind)[0]) for part in text.split(","))
    if isinstance(kind, type) and issubclass(kind, Enum):
        words = [str(one.value) for one in kind]
        if text not in words:
            raise ValueError(f"`{text}` is none of {', '.join(words)}")
        return kind(text)
    if kind is timedelta:
        return _length(text)
    if not DIGITS.fullmatch(text):
        raise ValueError(f"`{text}` is no number")
    if kind is int and "." in text:
        raise ValueError(f"`{text}` is no whole number")
    return kind(text)


def _length(text: str) -> timedelta:
    microseconds = microseconds_of(text)
    if microseconds is None:
        raise ValueError(f"`{text}` is no length of time; write 90s, 30m or 6h")
    if microseconds > LONGEST // MICROSECOND:
        raise ValueError(f"`{text}` is longer than a year")
    return microseconds * MICROSECOND


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    if isinstance(value, timedelta):
        return written(value)
    return number_text(value) if isinstance(value, Decimal) else str(value)
