"""Makes the page of all settings, from the schema that editors complete by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docs.reference.text import table
from riskgate.brokers.ib.settings import Settings
from riskgate.config.overlay import DEEP, DOWN, PREFIX
from riskgate.config.schema import settings_schema

SPAN = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"
WORDS = {
    "array": "list",
    "boolean": "yes or no",
    "null": "nothing",
    "object": "section",
    "string": "text",
}
HEADS = ("setting", "type", "default", "means")
Part = Mapping[str, Any]


def page() -> str:
    """The page, whole."""
    lines = ["# Settings", ""]
    lines += ["For whoever runs a gate: each key of `riskgate.yaml`, from its schema."]
    lines += ["[Settings](../settings.md) tells where the file is looked for and shows it whole."]
    deep = " and ".join(f"`{name}`" for name in sorted(DEEP))
    lines += [f"A variable goes over a key at the top, and over those of {deep}: `{PREFIX}MODE`,"]
    lines += [f"`{PREFIX}BROKER{DOWN}PORT`."]
    schema = settings_schema({"broker": Settings})
    return "\n".join([*lines, "", *table(HEADS, rows(schema, schema.get("$defs", {})))]) + "\n"


def rows(schema: Part, named: Part, above: str = "") -> Iterator[tuple[object, ...]]:
    """One for each setting, those of a section below it; `[]` stands for each of a list."""
    for name, said in schema.get("properties", {}).items():
        one, path = _whole(said, named), f"{above}{name}"
        yield f"`{path}`", _type(one, named), _default(one), one.get("description", "")
        yield from rows(one, named, f"{path}.")
        yield from rows(_whole(one.get("items", {}), named), named, f"{path}[].")
        for each in one.get("anyOf", ()):
            yield from rows(_whole(each, named), named, f"{path}.")


def _whole(one: Part, named: Part) -> dict[str, Any]:
    found = named[one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else {}
    return {**found, **one}


def _type(said: Part, named: Part) -> str:
    one = _whole(said, named)
    if "enum" in one:
        return " or ".join(f"`{word}`" for word in one["enum"])
    if "anyOf" in one:
        return " or ".join(dict.fromkeys(_type(each, named) for each in one["anyOf"]))
    if "pattern" in one:
        return "duration, such as `1.5s` or `15m`" if one["pattern"] == SPAN else "text"
    if one.get("type") == "array":
        return f"list of {_type(one.get('items', {}), named)}"
    kinds = one.get("type", "anything")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(WORDS.get(kind, kind) for kind in kinds)


def _default(one: Part) -> str:
    plain = "default" in one and "properties" not in one
    return f"`{json.dumps(one['default'])}`" if plain else ""
