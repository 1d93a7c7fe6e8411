"""In which order the keys of a policy file stand: as the schema lists them.

Rule 1: the parameters of a rule stand after `per`, in their author's order; so does every key of a
mapping that has no order of its own, such as a selector.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from riskgate.authoring.layout.tree import Collection, Entry
from riskgate.policy import shape

Path: TypeAlias = tuple[str | int, ...]


def ordered(node: Collection, path: Path) -> list[tuple[int, Entry]]:
    """The entries in canonical order, each with its place in the source."""
    numbered = list(enumerate(node.entries))
    if not node.is_mapping:
        return numbered
    rank = _rank(path)
    parameters = rank.get("per", 0)
    return sorted(numbered, key=lambda pair: rank.get(_name(pair[1]), parameters))


def _rank(path: Path) -> Mapping[str, int]:
    """Where the keys of a mapping stand; empty where they stay."""
    match path:
        case ():
            return _places(shape.top_shape({})["properties"])
        case ("rules", int()):
            return _places(shape.RULE_KEYS)
        case ("waivers", int()):
            return _places(shape.waiver_shape()["properties"])
        case _:
            return {}


def _places(keys: Iterable[str]) -> Mapping[str, int]:
    return {key: place for place, key in enumerate(keys)}


def _name(entry: Entry) -> str:
    return entry.key.text.strip("\"'") if entry.key else ""
