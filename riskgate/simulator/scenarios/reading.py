"""Nodes to values, as the types of a struct have it.

Rule 1: a struct is its own schema: its fields are the keys, its defaults what may be left out.
Rule 2: one pass finds all that is wrong; a wrong key is answered with the nearest right one.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from riskgate.simulator.scenarios.source import Entry, Node, Problem, ScenarioError

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,30})?")
LONGEST = 1_000_000_000  # seconds; what is a float here is one, or smaller
_FLAGS = {"true": True, "false": False}


class Wrong(Exception):  # noqa: N818  # found in a file, told as a Problem
    """A value that its type does not take."""


def nearest(word: str, words: Iterable[str]) -> str:
    """`; did you mean ...?`, or what there is."""
    known = sorted(words)
    found = get_close_matches(word, known, n=1)
    return f"did you mean `{found[0]}`?" if found else f"there is: {', '.join(known)}"


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Wrong("is not a whole number")
    return int(text)


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Wrong("is not a number")
    return Decimal(text)


def _seconds(text: str) -> float:
    number = float(_number(text))
    if number > LONGEST:
        raise Wrong(f"is above {LONGEST}")
    return number


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
    return found


_SCALARS: dict[object, Callable[[str], object]] = {
    str: str,
    int: _whole,
    float: _seconds,
    Decimal: _number,
    bool: _flag,
    datetime: _moment,
}


class Reader:
    """Reads one file's nodes and keeps what is wrong."""

    def __init__(self, path: str) -> None:
        self.path = path
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
        hints = get_type_hints(kind)
        before = len(self.problems)
        given: dict[str, object] = {}
        for key, entry in entries.items():
            if key not in hints:
                self.complain(entry.line, f"{what}: `{key}`: {nearest(key, hints)}")
            elif (value := self.value(hints[key], entry.node, f"{what}: {key}")) is not None:
                given[key] = value
        filled = {key for key, entry in entries.items() if entry.node.value is not None}
        for missing in sorted(_required(kind) - filled):
            self.complain(line, f"{what}: `{missing}` is missing")
        if len(self.problems) > before:
            return None
        try:
            return kind(**given)
        except (ValueError, TypeError) as fault:
            self.complain(line, str(fault))
            return None

    def value(self, kind: Any, node: Node, what: str) -> Any:  # noqa: ANN401  # a type at run time
        """The value of a node as this type, None when it is empty or wrong."""
        value = node.value
        if value is None:
            return None
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.struct(kind, self.mapping(node, what), node.line, what)
        origin, inner = get_origin(kind), get_args(kind)
        if origin in {Union, types.UnionType}:
            (one,) = [arg for arg in inner if arg is not types.NoneType]
            return self.value(one, node, what)
        if origin is tuple:
            found = [self.value(inner[0], one, what) for one in self.items(node, what)]
            return tuple(one for one in found if one is not None)
        if origin is dict:
            entries = self.mapping(node, what).items()
            return {key: self.value(inner[1], one.node, f"{what}: {key}") for key, one in entries}
        return self._scalar(kind, node, what)

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
            self.complain(node.line, f"{what}: `{text}` {fault}")
            return None


def _required(kind: type[msgspec.Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(kind) if field.required}
