"""Nodes to values, as the types of a struct have it.

Rule 1: a struct is its own schema: its fields are the keys, its defaults what may be left out.
Rule 2: one pass finds all that is wrong; a wrong key is answered with the nearest right one.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from riskgate.simulator.permitted import Known, hints, nearest, price_faults, reasons
from riskgate.simulator.scenarios.source import Entry, Node, Problem, ScenarioError

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,30})?")
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
LONGEST_SHOWN: Final = 60
_FLAGS = {"true": True, "false": False}


class Wrong(Exception):  # noqa: N818  # found in a file, told as a Problem
    """A value that its type does not take."""


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Wrong("is not a whole number")
    return int(text)


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Wrong("is not a number")
    return Decimal(text)


def _real(text: str) -> float:
    return float(_number(text))


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise Wrong("is neither `true` nor `false`")
    return _FLAGS[text]


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong("is not a time such as 2025-01-06T15:00:00Z") from None
    if found.tzinfo is None:
        raise Wrong("has no time zone; write 2025-01-06T15:00:00Z")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Wrong(f"is outside the years {FIRST_YEAR}..{LAST_YEAR}")
    return found.astimezone(UTC)


_SCALARS: dict[object, Callable[[str], object]] = {
    str: str,
    int: _whole,
    float: _real,
    Decimal: _number,
    bool: _flag,
    datetime: _moment,
}


class Reader:
    """Reads one file's nodes and keeps what is wrong."""

    def __init__(self, path: str, known: Known | None = None) -> None:
        self.path = path
        self.known = known  # without it, symbols and accounts are taken as they are
        self.problems: list[Problem] = []

    def complain(self, line: int, text: str) -> None:
        """Keep what is wrong with a line."""
        self.problems.append(Problem(self.path, line, text))

    def finish(self) -> None:
        """Raises ScenarioError with everything that was wrong."""
        if self.problems:
            raise ScenarioError(tuple(sorted(self.problems)))

    def mapping(self, node: Node, what: str) -> Mapping[str, Entry]:
        """The entries of a mapping; none, and a complaint, when it is something else."""
        if isinstance(node.value, dict):
            return node.value
        self.complain(node.line, f"{what}: is no mapping of keys to values")
        return {}

    def items(self, node: Node, what: str) -> list[Node]:
        """The items of a list; none, and a complaint, when it is something else."""
        if isinstance(node.value, list):
            return node.value
        self.complain(node.line, f"{what}: is no list")
        return []

    def struct(self, kind: type[S], entries: Mapping[str, Entry], line: int, what: str) -> S | None:
        """A struct of the entries, None when they do not make one."""
        fields = hints(kind)
        before = len(self.problems)
        given: dict[str, object] = {}
        for key, entry in entries.items():
            if key not in fields:
                self.complain(entry.line, f"{what}: `{key}`: {_nearest_key(key, fields)}")
            elif (value := self.value(fields[key], entry.node, f"{what}: {key}")) is not None:
                given[key] = value
        filled = {key for key, entry in entries.items() if entry.node.value is not None}
        for missing in sorted(_required(kind) - filled):
            self.complain(line, f"{what}: `{missing}` is missing")
        if len(self.problems) > before:
            return None
        try:
            found = kind(**given)
        except (ValueError, TypeError) as fault:
            self.complain(line, str(fault))
            return None
        for name, price, why in () if self.known is None else price_faults(found, self.known):
            self.complain(line, f"{what}: {name}: `{price}` {why}")
        return found if len(self.problems) == before else None

    def value(self, kind: Any, node: Node, what: str) -> Any:  # noqa: ANN401  # a type at run time
        """The value of a node as this type, None when it is empty or wrong."""
        value = node.value
        if value is None:
            return None
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.struct(kind, self.mapping(node, what), node.line, what)
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._permitted(kind, node, what)
        if origin in {Union, types.UnionType}:
            (one,) = [arg for arg in inner if arg is not types.NoneType]
            return self.value(one, node, what)
        if origin in {tuple, dict}:
            return self._many(kind, node, what)
        return self._scalar(kind, node, what)

    def _many(self, kind: Any, node: Node, what: str) -> object:  # noqa: ANN401
        """A tuple, or a mapping by names of its own."""
        inner = get_args(kind)
        if get_origin(kind) is tuple:
            found = [self.value(inner[0], one, what) for one in self.items(node, what)]
            return tuple(one for one in found if one is not None)
        return {
            self.value(inner[0], Node(one.line, key), what): self.value(
                inner[1], one.node, f"{what}: {key}"
            )
            for key, one in self.mapping(node, what).items()
        }

    def _permitted(self, kind: Any, node: Node, what: str) -> object:  # noqa: ANN401
        """What was read, None and a complaint when its type does not permit it."""
        found = self.value(get_args(kind)[0], node, what)
        whys = [] if found is None else reasons(kind, found, self.known)
        for why in whys:
            self.complain(node.line, f"{what}: `{_shown(node.value)}` {why}")
        return None if whys else found

    def _scalar(self, kind: object, node: Node, what: str) -> object:
        text = node.value
        if not isinstance(text, str):
            self.complain(node.line, f"{what}: is no single value")
            return None
        if get_origin(kind) is Literal:
            words = [str(one) for one in get_args(kind)]
            if text not in words:
                self.complain(node.line, f"{what}: `{text}`: {nearest(text, words)}")
            return text
        try:
            return _SCALARS[kind](text)
        except Wrong as fault:
            self.complain(node.line, f"{what}: `{_shown(text)}` {fault}")
            return None


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _nearest_key(key: str, fields: Mapping[str, object]) -> str:
    return nearest(key, fields) if fields else "it takes nothing"


@lru_cache(maxsize=256)
def _required(kind: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(field.name for field in msgspec.structs.fields(kind) if field.required)
