"""Every setting with its value and who said it: the file, a variable, or nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from riskgate.config.overlay import Given
from riskgate.config.reading import converted
from riskgate.config.values import Config
from riskgate.model.spans import span

DEFAULT: Final = "default"


class Setting(msgspec.Struct, frozen=True):
    """One setting: its name with its group, its value as the file would say it, and the source."""

    name: str
    value: str
    source: str


def settings_of(
    config: Config, given: Given, adapters: Mapping[str, type[msgspec.Struct]]
) -> Iterator[Setting]:
    """Every setting in the order of the documentation; `adapters` are the types of groups."""
    for name in Config.__struct_fields__:
        value = getattr(config, name)
        if name in adapters:
            yield from _group(name, value, adapters[name], given)
        elif isinstance(value, msgspec.Struct):
            yield from _fields(name, value, given)
        else:
            yield Setting(name, written(value), source(given, (name,)))


def source(given: Given, location: tuple[str, ...]) -> str:
    """Who said a setting: `riskgate.yaml:3:7`, `$RISKGATE_MODE`, or `default`."""
    inside: Any = given.value
    for key in location:
        if not isinstance(inside, dict) or key not in inside:
            return DEFAULT
        inside = inside[key]
    return given.place(location)


def written(value: object) -> str:
    """A value as the file would say it."""
    if isinstance(value, timedelta):
        return span(value)
    if isinstance(value, str):
        return value or '""'
    return msgspec.json.encode(msgspec.to_builtins(value)).decode()


def _group(
    name: str, value: Mapping[str, Any], kind: type[msgspec.Struct], given: Given
) -> Iterator[Setting]:
    """Settings that an adapter reads, with what it takes where nobody says anything."""
    read = converted(value, kind, lambda key: given.place((name, key), of_key=True))
    yield from _fields(name, read, given)


def _fields(name: str, value: msgspec.Struct, given: Given) -> Iterator[Setting]:
    for key in value.__struct_fields__:
        if key not in Config.__struct_fields__ and key != "meanings":
            shown = written(getattr(value, key))
            yield Setting(f"{name}.{key}", shown, source(given, (name, key)))
