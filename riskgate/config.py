"""Settings: one strict file, found in a fixed order; no secret ever stands in it.

Rule 1: unknown keys are errors, as in policies; a typo must never switch a safety off.
Rule 2: live trading needs two settings, `mode: live` and `allow_live: true`.
Rule 3: relative paths are relative to the file that names them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args, get_type_hints

import msgspec

from riskgate.broker_settings import SettingFault, said, window_of
from riskgate.errors import ConfigError
from riskgate.execution.aggregate import Aggregation
from riskgate.execution.codes import Class
from riskgate.execution.route import Routing
from riskgate.policy.source import Document, Location, Problem, closest, parse
from riskgate.routing_settings import routing_of
from riskgate.rulekit.parameters import duration

FILE: Final = "riskgate.yaml"
CODES: Final = "broker_codes"
ROUTING: Final = "routing"
WINDOW: Final = "restart_window"
NUMERIC_KEY: Final = "RG015"  # a key that reads as a number is no mistake where codes are keys
POLICIES: Final = "policies"
VARIABLE: Final = "RISKGATE_CONFIG"
T = TypeVar("T", bound=msgspec.Struct)


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a gate is set up with. `broker` holds the settings of the broker's adapter.

    `hold_for` is how long a held order can be approved, `max_account_age` how old the account
    values may be that a decision reads; a settings file says them as `15m` or `90s`. A running gate
    kills everything when `kill_file` appears, or when its process gets `kill_signal`.
    `broker_codes` says what codes mean that the table of `execution.codes` has not, in its words.
    """

    mode: Literal["paper", "live"] = "paper"
    allow_live: bool = False
    policies: tuple[str, ...] = ()
    journal: str = "riskgate.sqlite"
    durability: Literal["full", "os"] = "full"
    watch: tuple[str, ...] = ()
    actor: str = ""
    hold_for: timedelta = timedelta(minutes=15)
    max_account_age: timedelta = timedelta(minutes=5)
    kill_file: str = "riskgate.kill"
    kill_signal: Literal["SIGUSR1", "SIGUSR2", "none"] = "SIGUSR1"
    broker: dict[str, Any] = {}
    broker_codes: dict[int, Class] = {}
    routing: Routing = Routing()
    aggregation: Aggregation = Aggregation()


DURATIONS: Final = frozenset({"hold_for", "max_account_age"})


def find(given: str | Path | None = None) -> Path | None:
    """The settings file: as given, else `$RISKGATE_CONFIG`, else `./riskgate.yaml`, else None."""
    named = given or os.environ.get(VARIABLE)
    if named:
        path = Path(named)
        if not path.is_file():
            raise ConfigError(f"settings file `{path}`: no such file; check the path")
        return path
    here = Path(FILE)
    return here if here.is_file() else None


def load(path: str | Path) -> Config:
    """Read a settings file. Raise ConfigError with everything that is wrong with it."""
    file = Path(path)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"settings file `{file}`: {error.strerror or error}") from None
    document, problems = parse(raw, str(file))
    problems = _without_codes(document, problems)
    if problems or document is None:
        raise ConfigError("; ".join(str(problem) for problem in problems))
    value, wrong = _timed(document)
    value, misread = _of_broker(document, value)
    unknown = [_placed(document, key) for key in _unknown(document.value, Config)]
    if unknown or wrong or misread:
        raise ConfigError("; ".join((*unknown, *wrong, *misread)))
    return _anchored(converted(value, Config, str(file)), file.parent)


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


def _timed(document: Document) -> tuple[object, list[str]]:
    """The settings with durations in place of their texts, and what is wrong with those texts."""
    if not isinstance(document.value, dict):
        return document.value, []
    value: dict[str, object] = dict(document.value)
    wrong: list[str] = []
    for key in DURATIONS & value.keys():
        try:
            value[key] = duration(value[key])
        except ValueError as error:
            mark = document.mark((key,))
            wrong.append(f"{document.path}:{mark.line}:{mark.column}: `{key}` {error}")
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


def _of_broker(document: Document, value: object) -> tuple[object, list[str]]:
    """The settings with codes, routing and restart window read, and what is wrong with those."""
    if not isinstance(value, dict):
        return value, []
    read: dict[str, object] = dict(value)
    wrong: list[str] = []
    if CODES in read:
        read[CODES], faults = said(_plain(read[CODES]))
        wrong += [_at(document, (CODES,), fault) for fault in faults]
    if ROUTING in read:
        read[ROUTING], unfit = routing_of(read[ROUTING])
        wrong += [_at(document, (ROUTING,), fault) for fault in unfit]
    broker = read.get("broker")
    if isinstance(broker, dict) and WINDOW in broker:
        window, faults = window_of(broker[WINDOW])
        wrong += [_at(document, ("broker", WINDOW), fault) for fault in faults]
        read["broker"] = {**broker, WINDOW: window}
    return read, wrong


def _at(document: Document, setting: Location, fault: SettingFault) -> str:
    """A fault with its place in the file."""
    place = (*setting, *fault.location)
    mark = document.key_mark(place) if fault.of_key else document.mark(place)
    return f"{document.path}:{mark.line}:{mark.column}: {fault.text}"


def _placed(document: Document, key: str) -> str:
    mark = document.key_mark((key,))
    where = f"{document.path}:{mark.line}:{mark.column}"
    return f"{where}: {_not_known(key, Config)}"


def _unknown(value: object, to: type[T]) -> list[str]:
    known = to.__struct_fields__
    return [key for key in value if key not in known] if isinstance(value, dict) else []


def _not_known(key: str, to: type[T]) -> str:
    known = to.__struct_fields__
    hint = closest(key, known)
    meant = f" (did you mean `{hint}`?)" if hint else f"; known are {', '.join(known)}"
    return f"unknown key `{key}`{meant}"


def converted(value: object, to: type[T], where: str) -> T:
    """A settings value from plain values. Raise ConfigError with the place and what it must be."""
    for key in _unknown(value, to):
        raise ConfigError(f"{where}: {_not_known(key, to)}")
    try:
        return msgspec.convert(_plain(value), to, strict=True)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        key = place.rstrip("`")
        options = ", ".join(map(str, get_args(get_type_hints(to).get(key))))
        meant = f"; use one of {options}" if what.startswith("Invalid enum") and options else ""
        named = f"`{key}`: " if key else ""
        raise ConfigError(f"{where}: {named}{what[:1].lower()}{what[1:]}{meant}") from None


def _plain(value: Any) -> Any:  # noqa: ANN401  # YAML
    """Whole numbers as int and others as float: settings hold ports and seconds, never money."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _anchored(config: Config, folder: Path) -> Config:
    """The same settings with paths from the folder of their file."""
    journal = config.journal if "://" in config.journal else str(folder / config.journal)
    policies = tuple(str(folder / path) for path in config.policies)
    kill_file = str(folder / config.kill_file) if config.kill_file else ""
    return msgspec.structs.replace(config, journal=journal, policies=policies, kill_file=kill_file)
