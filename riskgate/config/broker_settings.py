"""The settings about the broker that need more than a type: codes, and the restart window.

Rule 1: everything that is wrong is found, each with its place inside the setting.
Rule 2: settings name codes that the table has not, and make one that it has ambiguous; less
careful than the table they cannot be.
Rule 3: a restart window is short. One that covers half a day would hide real outages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from riskgate.execution.codes import ABOUT_US, CLASSES, WORDS, Class
from riskgate.execution.restarts import RestartWindow
from riskgate.policy.source import closest
from riskgate.rulekit.parameters import time_of_day

HIGHEST: Final = 2**31 - 1
KEYS: Final = ("from", "until", "time_zone")
FORM: Final = '{from: "23:45", until: "00:45", time_zone: America/New_York}'
LONGEST_WINDOW: Final = 4 * 3600  # seconds
DAY: Final = 24 * 3600


class SettingFault(NamedTuple):
    """A fault at a location inside a setting; `of_key` where the key is wrong, not the value."""

    location: tuple[str | int, ...]
    text: str
    of_key: bool = False


def said(value: object) -> tuple[dict[int, Class], list[SettingFault]]:
    """What the setting `broker_codes` says, and everything that is wrong with it."""
    if not isinstance(value, Mapping):
        text = "`broker_codes` must be a mapping of codes to classes, such as {10350: warning}"
        return {}, [SettingFault((), text)]
    found: dict[int, Class] = {}
    faults: list[SettingFault] = []
    for key, word in value.items():
        code, wrong = _code(key)
        kind, unknown = _class(key, word)
        faults += [*wrong, *unknown]
        if code is not None and kind is not None:
            faults += _twice(key, code, found) or _less_careful(key, code, kind)
            found[code] = kind
    return found, faults


def _code(key: object) -> tuple[int | None, list[SettingFault]]:
    digits = str(key)
    if isinstance(key, bool) or not (digits.isascii() and digits.isdigit()):
        text = f"`{key}` is not a code; codes are whole numbers such as 10349"
        return None, [SettingFault((digits,), text, of_key=True)]
    if len(digits) > len(str(HIGHEST)) or not 0 < int(digits) <= HIGHEST:
        text = f"code `{digits}` is out of range; codes are from 1 to {HIGHEST}"
        return None, [SettingFault((digits,), text, of_key=True)]
    return int(digits), []


def _class(key: object, word: object) -> tuple[Class | None, list[SettingFault]]:
    if isinstance(word, Class):
        return word, []
    kind = WORDS.get(word) if isinstance(word, str) else None
    if kind is not None:
        return kind, []
    hint = closest(str(word), tuple(WORDS))
    meant = f" (did you mean `{hint}`?)" if hint else f"; known are {', '.join(WORDS)}"
    text = f"`{key}`: unknown class `{word}`{meant}"
    return None, [SettingFault((str(key),), text)]


def _twice(key: object, code: int, found: Mapping[int, Class]) -> list[SettingFault]:
    text = f"code {code} is said twice"
    return [SettingFault((str(key),), text, of_key=True)] if code in found else []


def _less_careful(key: object, code: int, kind: Class) -> list[SettingFault]:
    shipped = CLASSES.get(code, kind)
    if kind is shipped or (kind is Class.AMBIGUOUS and shipped not in ABOUT_US):
        return []
    may = "and stays so" if shipped in ABOUT_US else "and can only be made `ambiguous`"
    text = f"`{key}`: code {code} is `{shipped.word}` {may}; found `{kind.word}`"
    return [SettingFault((str(key),), text)]


def window_of(value: object) -> tuple[RestartWindow | None, list[SettingFault]]:
    """What the setting `restart_window` says, and everything that is wrong with it."""
    if value is None or isinstance(value, RestartWindow):
        return value, []
    if not isinstance(value, Mapping):
        return None, [SettingFault((), f"`restart_window` must be a mapping such as {FORM}")]
    faults = [_unknown(str(key)) for key in value if key not in KEYS]
    faults += [
        SettingFault((), f"`restart_window` lacks `{key}`; write it as {FORM}")
        for key in KEYS
        if key not in value
    ]
    times: dict[str, time] = {}
    for key in ("from", "until"):
        try:
            times[key] = time_of_day(value[key]) if key in value else time()
        except ValueError as error:
            faults.append(SettingFault((key,), f"`{key}` {error}"))
    faults += _zone_faults(value.get("time_zone", "UTC"))
    if not faults:
        faults += _length_faults(times["from"], times["until"])
    if faults:
        return None, faults
    return RestartWindow(times["from"], times["until"], str(value["time_zone"])), []


def _unknown(key: str) -> SettingFault:
    hint = closest(key, KEYS)
    meant = f" (did you mean `{hint}`?)" if hint else f"; known are {', '.join(KEYS)}"
    return SettingFault((key,), f"unknown key `{key}`{meant}", of_key=True)


def _zone_faults(name: object) -> list[SettingFault]:
    try:
        ZoneInfo(name if isinstance(name, str) and name else "?")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        text = f"`time_zone` must be a time zone such as America/New_York; found `{name}`"
        return [SettingFault(("time_zone",), text)]
    return []


def _length_faults(start: time, end: time) -> list[SettingFault]:
    seconds = (_seconds(end) - _seconds(start)) % DAY
    if seconds == 0:
        return [SettingFault(("until",), "`until` must differ from `from`")]
    if seconds > LONGEST_WINDOW:
        text = f"`restart_window` must be at most 4 hours long; found {start:%H:%M} to {end:%H:%M}"
        return [SettingFault(("until",), text)]
    return []


def _seconds(wall: time) -> int:
    return wall.hour * 3600 + wall.minute * 60 + wall.second
