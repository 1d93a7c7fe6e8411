"""A settings file read: everything that is wrong with it is said, each with its place."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_type_hints

import msgspec

from riskgate.config.broker_settings import SettingFault, said, window_of
from riskgate.config.finding import FILE, find
from riskgate.config.overlay import Given, over
from riskgate.config.routing_settings import routing_of
from riskgate.config.values import DURATIONS, Config
from riskgate.errors import ConfigError
from riskgate.execution.aggregate import Aggregation
from riskgate.policy.source import Document, Location, Problem, closest, parse
from riskgate.rulekit.parameters import duration

CODES: Final = "broker_codes"
ROUTING: Final = "routing"
WINDOW: Final = "restart_window"
NUMERIC_KEY: Final = "RG015"  # a key that reads as a number is no mistake where codes are keys
POLICIES: Final = "policies"
MOST_FAULTS: Final = 5  # told at once
T = TypeVar("T", bound=msgspec.Struct)


def load(path: str | Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read a settings file with the variables over it. Raise ConfigError with all that is wrong."""
    return loaded(path, environ)[0]


def loaded(
    path: str | Path | None, environ: Mapping[str, str] | None = None
) -> tuple[Config, Given]:
    """The settings, and who said them; without a file those of the variables and the defaults.

    `environ` is that of the process unless it is handed in. Raise ConfigError as `load` does.
    """
    document = None if path is None else _parsed(Path(path))
    value = document.value if document is not None and isinstance(document.value, dict) else {}
    given = over(document, value, os.environ if environ is None else environ)
    timed, wrong = _timed(given)
    read, misread = _read(given, timed)
    unknown = [
        f"{given.place((key,), of_key=True)}: {_not_known(key, Config)}"
        for key in _unknown(given.value, Config)
    ]
    if unknown or wrong or misread:
        raise ConfigError(_together([*unknown, *wrong, *misread]))
    config = converted(read, Config, lambda key: _said_at(given, key, path))
    return _anchored(config, given, Path(path).parent if path else Path()), given


def _said_at(given: Given, key: str, path: str | Path | None) -> str:
    """Where a setting is said; the file alone where a message names none, or one inside a list."""
    first = key.partition(".")[0].partition("[")[0]
    return given.place((first,)) if first in given.value else str(path or "settings")


def _parsed(file: Path) -> Document:
    """The file as plain values with places. Raise ConfigError with everything wrong with it."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"settings file `{file}`: {error.strerror or error}") from None
    document, problems = parse(raw, str(file))
    problems = _without_codes(document, problems)
    if problems or document is None:
        raise ConfigError(_together([str(problem) for problem in problems]))
    return document


def _together(faults: Sequence[str]) -> str:
    """Every fault, in one line; of a file that can hardly be one of settings the first few."""
    more, known = len(faults) - MOST_FAULTS, f"; known are {', '.join(Config.__struct_fields__)}"
    told = "; ".join(fault.removesuffix(known) for fault in faults[:MOST_FAULTS])
    told += known * any(fault.endswith(known) for fault in faults)
    return f"{told}; and {more} more: is this a file of settings?" if more > 0 else told


def policy_paths(given: Sequence[str] = ()) -> tuple[str, ...]:
    """The policies as given, else of the settings in force, else the folder `policies`.

    Raise ConfigError if there are none of these.
    """
    found = None if given else find()
    named = tuple(given) or (load(found).policies if found else ())
    if not named and not Path(POLICIES).exists():
        raise ConfigError(
            f"no policies: name files or folders with --policies, list them under `policies` in"
            f" `{FILE}`, or put them into `{POLICIES}/`"
        )
    return named or (POLICIES,)


def _timed(given: Given) -> tuple[dict[str, Any], list[str]]:
    """The settings with durations in place of their texts, and what is wrong with those texts."""
    value = dict(given.value)
    wrong: list[str] = []
    for key in DURATIONS & value.keys():
        try:
            value[key] = duration(value[key])
        except ValueError as error:
            wrong.append(f"{given.place((key,))}: `{key}` {error}")
    return value, sorted(wrong)


def _without_codes(document: Document | None, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems without those about codes of the broker, which are numbers and keys."""
    if document is None or not isinstance(document.value, dict):
        return tuple(problems)
    codes = document.value.get(CODES)
    marks = [document.key_mark((CODES, key)) for key in codes] if isinstance(codes, dict) else []
    places = {(mark.line, mark.column) for mark in marks}
    return tuple(
        one for one in problems if one.code != NUMERIC_KEY or (one.line, one.column) not in places
    )


def _read(given: Given, value: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The settings with codes, routing and restart window read, and what is wrong with those."""
    read = dict(value)
    wrong: list[str] = []
    if CODES in read:
        read[CODES], faults = said(_plain(read[CODES]))
        wrong += [_at(given, (CODES,), fault) for fault in faults]
    if ROUTING in read:
        read[ROUTING], unfit = routing_of(read[ROUTING])
        wrong += [_at(given, (ROUTING,), fault) for fault in unfit]
    broker = read.get("broker")
    if isinstance(broker, dict) and WINDOW in broker:
        window, faults = window_of(broker[WINDOW])
        wrong += [_at(given, ("broker", WINDOW), fault) for fault in faults]
        read["broker"] = {**broker, WINDOW: window}
    wrong += [
        f"{given.place(('aggregation', key), of_key=True)}: {_not_known(key, Aggregation)}"
        for key in _unknown(read.get("aggregation"), Aggregation)
    ]
    return read, wrong


def _at(given: Given, setting: Location, fault: SettingFault) -> str:
    """A fault with its place."""
    place = given.place((*setting, *fault.location), of_key=fault.of_key)
    return f"{place}: {fault.text}"


def _unknown(value: object, to: type[T]) -> list[str]:
    known = to.__struct_fields__
    return [key for key in value if key not in known] if isinstance(value, dict) else []


def _not_known(key: str, to: type[T]) -> str:
    known = to.__struct_fields__
    hint = closest(key, known)
    meant = f" (did you mean `{hint}`?)" if hint else f"; known are {', '.join(known)}"
    return f"unknown key `{key}`{meant}"


def converted(value: object, to: type[T], where: Callable[[str], str] | str) -> T:
    """A settings value from plain values. Raise ConfigError with the place and what it must be.

    `where` says where a key stands, or is the place of all of them.
    """
    place_of = where if callable(where) else (lambda _key: str(where))
    for key in _unknown(value, to):
        raise ConfigError(f"{place_of(key)}: {_not_known(key, to)}")
    try:
        return msgspec.convert(_plain(value), to, strict=True)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        key = place.rstrip("`")
        options = ", ".join(map(str, get_args(get_type_hints(to).get(key))))
        meant = f"; use one of {options}" if what.startswith("Invalid enum") and options else ""
        named = f"`{key}`: " if key else ""
        raise ConfigError(f"{place_of(key)}: {named}{what[:1].lower()}{what[1:]}{meant}") from None


def _plain(value: Any) -> Any:  # noqa: ANN401  # YAML
    """Whole numbers as int and others as float: settings hold ports and seconds, never money."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _anchored(config: Config, given: Given, folder: Path) -> Config:
    """The same settings with paths from the folder of the file, where it is the file that says."""

    def anchor(key: str, path: str) -> str:
        is_plain = not path or "://" in path or (key,) in given.said
        return path if is_plain else str(folder / path)

    return msgspec.structs.replace(
        config,
        journal=anchor("journal", config.journal),
        policies=tuple(anchor("policies", path) for path in config.policies),
        kill_file=anchor("kill_file", config.kill_file),
    )
