"""A JSON Schema of the settings file, made from the types that read it, for editors and CI.

Rule 1: it is no second definition; a setting, its type and its default stand in the types alone.
Rule 2: it is not stricter than the reader, which also knows what goes together.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from inspect import cleandoc
from typing import Any, Final, get_args

import msgspec

from riskgate.config.broker_settings import KEYS
from riskgate.config.values import DURATIONS, Config
from riskgate.execution.codes import WORDS, Class
from riskgate.execution.restarts import RestartWindow
from riskgate.model.order import OrderType
from riskgate.model.spans import span

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
NOT_STATED: Final = frozenset({"mode", "allow_live", "meanings"})  # the adapter's, from elsewhere
DURATION: Final = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"}
CODES: Final = {
    "type": "object",
    "patternProperties": {"^[0-9]+$": {"enum": sorted(WORDS)}},
    "additionalProperties": False,
}
WINDOW: Final = {
    "type": "object",
    "required": list(KEYS),
    "additionalProperties": False,
    "properties": {key: {"type": "string"} for key in KEYS},
}
NAMES: Final = {"type": ["string", "array"], "items": {"type": "string", "minLength": 1}}
LISTS: Final = ("symbols", "sec_types", "order_types", "strategies", "sessions")


def settings_schema(adapters: Mapping[str, type[msgspec.Struct]]) -> dict[str, Any]:
    """The schema of `riskgate.yaml`; `adapters` are the types of the groups that adapters read."""
    made = msgspec.json.schema(Config, schema_hook=_custom)
    parts: dict[str, Any] = made["$defs"]
    whole = parts.pop("Config")
    properties = whole["properties"]
    for name, kind in adapters.items():
        properties[name] = {**_told(properties[name]), **_group(kind, parts)}
    for name in DURATIONS:
        default = span(getattr(Config(), name))
        properties[name] = {**_told(properties[name]), **DURATION, "default": default}
    properties["broker_codes"] = {**_told(properties["broker_codes"]), **CODES}
    _routing(parts)
    for word in (Class, OrderType):  # in other words, or a list of them
        parts.pop(word.__name__, None)
    return {
        "$schema": DRAFT,
        "title": "riskgate settings",
        "description": "riskgate.yaml: see docs/settings.md",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": {name: _plain(part) for name, part in sorted(parts.items())},
    }


def _group(kind: type[msgspec.Struct], parts: dict[str, Any]) -> dict[str, Any]:
    """What an adapter's own settings may be; nested types go to `parts`."""
    fields = [one for one in msgspec.structs.fields(kind) if one.name not in NOT_STATED]
    plain = [(one.name, one.type, one.default) for one in fields if not _is_window(one.type)]
    made = msgspec.json.schema(msgspec.defstruct(kind.__name__, plain), schema_hook=_custom)
    parts.update(made["$defs"])
    properties = parts.pop(kind.__name__)["properties"]
    for one in fields:
        if _is_window(one.type):
            told = {"description": _notes(one.type)[0].description} if _notes(one.type) else {}
            properties[one.name] = {**told, "anyOf": [WINDOW, {"type": "null"}], "default": None}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _is_window(hint: object) -> bool:
    plain = get_args(hint)[0] if _notes(hint) else hint
    return RestartWindow in get_args(plain)


def _notes(hint: object) -> tuple[msgspec.Meta, ...]:
    """What is said beside a type."""
    return getattr(hint, "__metadata__", ())


def _told(part: Mapping[str, Any]) -> dict[str, Any]:
    """The description of a setting whose schema is written here."""
    return {"description": part["description"]} if "description" in part else {}


def _routing(parts: dict[str, Any]) -> None:
    """Lists of names may be one name alone, and quantities are numbers."""
    when = parts["When"]["properties"]
    for key in LISTS:
        when[key] = {**_told(when[key]), **NAMES}
    for key in ("min_quantity", "max_quantity"):
        when[key] = {**_told(when[key]), "type": "number", "minimum": 0}
    for part, keys in (("RouteRule", ("venues", "exclude")), ("Routing", ("exclude",))):
        for key in keys:
            found = parts[part]["properties"]
            found[key] = {**_told(found[key]), **NAMES}
    parts["Routing"]["properties"]["preferences"]["additionalProperties"] = NAMES


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    """A nested object takes no other keys either; its docstring is without the code's indents."""
    if "description" in part:  # CPython 3.13 strips the indents itself, earlier ones do not
        part = {**part, "description": cleandoc(part["description"])}
    return {**part, "additionalProperties": False} if part.get("type") == "object" else part


def _custom(kind: type) -> dict[str, Any]:
    """What msgspec has no schema for; the reader reads those from plain words."""
    if kind in (Decimal, timedelta):
        return {"type": "number"}
    return {"type": "object"}
