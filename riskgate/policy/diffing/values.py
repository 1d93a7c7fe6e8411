"""Which way a parameter went: whether its new value lets more orders pass, stops more, or both.

Rule 1: the direction is the parameter's own (`tighter`); where it has none, any change is doubt,
and doubt is both.
Rule 2: values are compared by meaning: a list by what it holds, windows by the time they cover.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from enum import Flag, auto
from typing import Any, Final

from riskgate.policy.diffing.globs import TooTangledError
from riskgate.policy.diffing.regions import ONLY_NEW, ONLY_OLD, admitted
from riskgate.rulekit.base import Parameter
from riskgate.rulekit.bounds import FEWER, HIGHER, LOWER, MORE
from riskgate.rulekit.matching import Names
from riskgate.rulekit.parameters import Window

MINUTE: Final = 60
DAY_END: Final = 24 * 60 * MINUTE


class Way(Flag):
    """What a change may do to an order; both is doubt, or some orders this way and some that."""

    NONE = 0
    ALLOWS = auto()
    STOPS = auto()
    BOTH = ALLOWS | STOPS


def way(parameter: Parameter, old: Any, new: Any) -> Way:  # noqa: ANN401  # the type knows
    """What becomes of orders when a parameter goes from one value to another; neither is None."""
    if old == new:
        return Way.NONE
    if isinstance(old, Names) and isinstance(new, Names):
        return _listed(parameter, *_names_apart(parameter, old, new))
    if _are_windows(old) and _are_windows(new):
        return _listed(parameter, *_times_apart(old, new))
    if parameter.tighter in (FEWER, MORE):
        gone, came = set(old) - set(new), set(new) - set(old)
        return _listed(parameter, bool(gone), bool(came))
    if parameter.tighter in (HIGHER, LOWER):
        return _sized(parameter.tighter, old, new)
    return Way.BOTH


def _sized(tighter: str, old: Any, new: Any) -> Way:  # noqa: ANN401  # anything with a size
    """By size; of a value with named parts, each part by itself."""
    parts = zip(old, new, strict=True) if isinstance(old, tuple) else ((old, new),)
    found = Way.NONE
    for before, after in parts:
        if before != after:
            found |= Way.STOPS if (after > before) == (tighter == HIGHER) else Way.ALLOWS
    return found


def _listed(parameter: Parameter, gone: bool, came: bool) -> Way:  # noqa: FBT001  # two facts
    """By what went from a list and what came to it."""
    if not (gone or came):
        return Way.NONE
    if parameter.tighter not in (FEWER, MORE):
        return Way.BOTH
    went, arrived = (
        (Way.STOPS, Way.ALLOWS) if parameter.tighter == FEWER else (Way.ALLOWS, Way.STOPS)
    )
    return (went if gone else Way.NONE) | (arrived if came else Way.NONE)


def _names_apart(parameter: Parameter, old: Names, new: Names) -> tuple[bool, bool]:
    """Whether names went, and whether names came. In doubt, both."""
    options = getattr(parameter.type, "options", ()) or None
    try:
        masks = admitted(((old,), (new,)), words=options)
    except TooTangledError:
        return True, True
    return ONLY_OLD in masks, ONLY_NEW in masks


def _are_windows(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, Window) for item in value)


def _times_apart(old: Iterable[Window], new: Iterable[Window]) -> tuple[bool, bool]:
    """Whether time went, and whether time came, asked at every edge of a window."""
    before, after = list(_stretches(old)), list(_stretches(new))
    edges = {start for start, _ in (*before, *after)} | {end for _, end in (*before, *after)}
    gone = any(_covers(before, edge) and not _covers(after, edge) for edge in edges)
    came = any(_covers(after, edge) and not _covers(before, edge) for edge in edges)
    return gone, came


def _stretches(windows: Iterable[Window]) -> Iterable[tuple[int, int]]:
    """Seconds of the day, end not included; a window over midnight is two."""
    for window in windows:
        start, end = _seconds(window.start), _seconds(window.end)
        yield from ((start, end),) if start < end else ((start, DAY_END), (0, end))


def _seconds(at: time) -> int:
    return (at.hour * MINUTE + at.minute) * MINUTE + at.second


def _covers(stretches: Iterable[tuple[int, int]], moment: int) -> bool:
    return any(start <= moment < end for start, end in stretches)
