"""Variables over the file: `RISKGATE_MODE=paper`, `RISKGATE_BROKER__PORT=4002`.

Rule 1: a variable names a setting, `__` goes one level down; its text is read as YAML is, strictly.
Rule 2: a name that is nearly a setting is an error, like a key of the file that is nearly one.
Rule 3: a name that is nothing like a setting is somebody else's, and is let alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from riskgate.config.finding import VARIABLE
from riskgate.config.values import Config
from riskgate.errors import ConfigError
from riskgate.policy.source import Document, Location, closest, parse

PREFIX: Final = "RISKGATE_"
DOWN: Final = "__"
DEEP: Final = frozenset({"broker", "aggregation"})  # what has settings of its own, by name


class Given(NamedTuple):
    """Settings as somebody said them: values, the file, and the variables that were over it."""

    value: dict[str, Any]
    document: Document | None
    said: Mapping[Location, str]

    def place(self, location: Location, *, of_key: bool = False) -> str:
        """Where a setting is said: `riskgate.yaml:3:7`, or `$RISKGATE_MODE`."""
        for length in range(len(location), 0, -1):
            if location[:length] in self.said:
                return f"${self.said[location[:length]]}"
        if self.document is None:
            return "settings"
        mark = self.document.key_mark(location) if of_key else self.document.mark(location)
        return f"{self.document.path}:{mark.line}:{mark.column}"


def over(document: Document | None, value: dict[str, Any], environ: Mapping[str, str]) -> Given:
    """The values of a file with those of variables over them. Raise ConfigError for one it cannot.

    What is wrong with all of the variables is said at once.
    """
    merged, said, wrong = dict(value), dict[Location, str](), list[str]()
    for name, text in sorted(environ.items()):
        location = _setting(name)
        if location is None:
            wrong += _nearly(name)
            continue
        read, fault = _read(name, text)
        if fault or not _put(merged, location, read):
            wrong.append(fault or f"${name}: `{location[0]}` is no mapping in the file")
        said[location] = name
    if wrong:
        raise ConfigError("; ".join(wrong))
    return Given(merged, document, said)


def _setting(name: str) -> tuple[str, ...] | None:
    """The setting that a variable names; None for a variable that names none."""
    if not name.startswith(PREFIX) or name == VARIABLE:
        return None
    path = tuple(name.removeprefix(PREFIX).lower().split(DOWN))
    known = path[0] in Config.__struct_fields__ and all(path)
    return path if known and (len(path) == 1 or (len(path) == 2 and path[0] in DEEP)) else None  # noqa: PLR2004  # a setting, or one of its own


def _nearly(name: str) -> Iterator[str]:
    """The complaint about a name that was meant as a setting."""
    if not name.startswith(PREFIX) or name == VARIABLE:
        return
    first, _, rest = name.removeprefix(PREFIX).lower().partition(DOWN)
    hint = closest(first, Config.__struct_fields__)
    single = next((deep for deep in DEEP if first.startswith(f"{deep}_")), None)
    if single is not None:
        meant = f"{PREFIX}{single}{DOWN}{first.removeprefix(f'{single}_')}".upper()
        yield f"${name}: no such setting (did you mean `{meant}`?)"
    elif first in Config.__struct_fields__:
        yield f"${name}: no such setting; `{first}` is said whole, as `{PREFIX}{first.upper()}`"
    elif hint is not None:
        meant = f"{PREFIX}{hint}{DOWN if rest else ''}{rest}".upper()
        yield f"${name}: no such setting (did you mean `{meant}`?)"


def _read(name: str, text: str) -> tuple[Any, str]:
    """A variable's value, and what is wrong with it."""
    document, problems = parse(f"value: {text}".encode(), f"${name}")
    if problems or document is None or not isinstance(document.value, dict):
        return None, "; ".join(f"${name}: {problem.text}" for problem in problems)
    return document.value["value"], ""


def _put(value: dict[str, Any], location: tuple[str, ...], read: object) -> bool:
    """Set one value; False where there is no place for it."""
    *above, last = location
    inside = value
    for key in above:
        found = inside.get(key, {})
        if not isinstance(found, dict):
            return False
        inside[key] = inside = dict(found)
    inside[last] = read
    return True
