"""The broker's algorithms: what each is told, and what is wrong with what one is told.

Rule 1: a table and the checks of it; names and values are IB's own, to the letter.
Rule 2: an algo or a parameter that is not in the table is refused, never passed on.
Rule 3: times are UTC, as `20260305-14:30:00`: IB would read a time without a zone in the zone of
whoever is logged in there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

import msgspec

from riskgate.model.fields import shown
from riskgate.model.instructions import Algo
from riskgate.model.order_words import number

SMALLEST_SHARE: Final = Decimal("0.1")  # IB refuses a share of the volume outside of these
LARGEST_SHARE: Final = Decimal("0.5")
MOST: Final = 2**31 - 1
MOST_DIGITS: Final = 10
TIME_FORM: Final = "%Y%m%d-%H:%M:%S"
_TIME: Final = re.compile(r"\d{8}-\d\d:\d\d:\d\d", re.ASCII)
WINDOWS: Final = (("startTime", "endTime"), ("activeTimeStart", "activeTimeEnd"))


class Param(msgspec.Struct, frozen=True):
    """What a parameter may be; `must_be` says so in words."""

    must_be: str
    fits: Callable[[str], bool]
    required: bool = False


class Known(msgspec.Struct, frozen=True):
    """An algo that is supported: what it does, its parameters and its order types."""

    does: str
    params: Mapping[str, Param]
    order_types: tuple[str, ...] = ("LMT", "MKT")


def time_of(value: str) -> datetime | None:
    """The moment that a parameter states, or None."""
    if not _TIME.fullmatch(value):
        return None
    try:
        return datetime.strptime(value, TIME_FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def _is_share(value: str) -> bool:
    share = number(value)
    return share is not None and SMALLEST_SHARE <= share <= LARGEST_SHARE


def _is_count(value: str) -> bool:
    plain = value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS
    return plain and 0 < int(value) <= MOST


def _one_of(*words: str, required: bool = False) -> Param:
    return Param(f"one of {', '.join(words)}", frozenset(words).__contains__, required)


SHARE: Final = Param(f"a share of {SMALLEST_SHARE} to {LARGEST_SHARE}", _is_share)
COUNT: Final = Param("a whole number above zero", _is_count)
TIME: Final = Param("a UTC time such as 20260305-14:30:00", lambda v: time_of(v) is not None)
FLAG: Final = Param("1 or 0", frozenset({"1", "0"}).__contains__)
RISK: Final = _one_of("Get Done", "Aggressive", "Neutral", "Passive")
_NEEDED_SHARE: Final = Param(SHARE.must_be, SHARE.fits, required=True)
_NEEDED_COUNT: Final = Param(COUNT.must_be, COUNT.fits, required=True)
_WINDOW: Final = {"startTime": TIME, "endTime": TIME}
_UNTIL_DONE: Final = {**_WINDOW, "allowPastEndTime": FLAG}

ALGOS: Final[Mapping[str, Known]] = {
    "Adaptive": Known(
        "works between the quotes for a better price",
        {"adaptivePriority": _one_of("Urgent", "Normal", "Patient", required=True)},
    ),
    "Twap": Known(
        "trades evenly over time",
        {
            "strategyType": _one_of(
                *("Marketable", "Matching Midpoint", "Matching Same Side", "Matching Last")
            ),
            **_UNTIL_DONE,
        },
    ),
    "Vwap": Known(
        "trades along the usual volume of the day",
        {"maxPctVol": SHARE, **_UNTIL_DONE, "noTakeLiq": FLAG, "speedUp": FLAG},
    ),
    "ArrivalPx": Known(
        "trades near the price at its start",
        {"maxPctVol": SHARE, "riskAversion": RISK, **_UNTIL_DONE, "forceCompletion": FLAG},
    ),
    "ClosePx": Known(
        "trades towards the closing price",
        {"maxPctVol": SHARE, "riskAversion": RISK, "startTime": TIME, "forceCompletion": FLAG},
    ),
    "DarkIce": Known(
        "shows a part of its size, at random",
        {"displaySize": _NEEDED_COUNT, **_UNTIL_DONE},
    ),
    "PctVol": Known(
        "trades a share of the volume",
        {"pctVol": _NEEDED_SHARE, **_WINDOW, "noTakeLiq": FLAG},
    ),
    "AD": Known(
        "accumulates or distributes in parts, at intervals",
        {
            "componentSize": _NEEDED_COUNT,
            "timeBetweenOrders": _NEEDED_COUNT,
            **dict.fromkeys(("randomizeTime20", "randomizeSize55", "catchUp"), FLAG),
            "giveUp": COUNT,
            "waitForFill": FLAG,
            **dict.fromkeys(("activeTimeStart", "activeTimeEnd"), TIME),
        },
    ),
}


def faults(algo: Algo, order_type: str) -> Iterator[str]:
    """Everything wrong with an algo, for an order of this type."""
    known = ALGOS.get(algo.name)
    if known is None:
        near = _near(algo.name, ALGOS)
        yield f"algo `{shown(algo.name)}` is not supported{near}; use {_listed(ALGOS)}"
        return
    if order_type not in known.order_types:
        yield f"algo {algo.name} takes {' or '.join(known.order_types)}, not {order_type}"
    given = dict(algo.params)
    if len(given) < len(algo.params):
        yield f"algo {algo.name} is given a parameter twice"
    for name in known.params:
        if known.params[name].required and name not in given:
            yield f"algo {algo.name} needs {name}, {known.params[name].must_be}"
    yield from _values(algo, known)
    for start, end in WINDOWS:
        starts, ends = time_of(given.get(start, "")), time_of(given.get(end, ""))
        if starts is not None and ends is not None and not starts < ends:
            yield f"algo {algo.name}: {end} must be after {start}"


def _values(algo: Algo, known: Known) -> Iterator[str]:
    for name, value in algo.params:
        param = known.params.get(name)
        if param is None:
            near = _near(name, known.params)
            yield f"algo {algo.name} has no `{shown(name)}`{near}; it takes {_listed(known.params)}"
        elif not param.fits(value):
            yield f"algo {algo.name}: {name} must be {param.must_be}; found `{shown(value)}`"


def _near(name: str, known: Mapping[str, object]) -> str:
    spelled = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), spelled, n=1)
    return f" (did you mean `{spelled[near[0]]}`?)" if near else ""


def _listed(known: Mapping[str, object]) -> str:
    return ", ".join(known)
