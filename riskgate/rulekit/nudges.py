"""The smallest changes of a parameter's value: what `--mutate` tries on every limit.

Rule 1: a nudge is one step: a lot, 0.01 of money or percent, a tick, a count, a millisecond, a
second of wall time, a word. What cannot stand in a policy is no nudge.
Rule 2: a nudge may have several values, and is noticed if any of them is: where one tick of a
contract is 5 USD, a limit on money is tried with 0.01 and with 5; where a list could hold several
other words, one is enough.
Rule 3: what could change no answer at all is no nudge, as a word that a pattern covers too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from riskgate.model.money import ZERO, grouped
from riskgate.model.spans import SECOND, written
from riskgate.rulekit.matching import Names, is_pattern, names
from riskgate.rulekit.parameters import (
    Choice,
    Duration,
    Edges,
    Flag,
    Margins,
    Number,
    ParameterType,
    Shocks,
    TimeOfDay,
    Window,
    Windows,
    Words,
)
from riskgate.rulekit.shocks import described
from riskgate.rulekit.tallies import Shock

MOMENT: Final = timedelta(milliseconds=1)
SOME_DAY: Final = date(2000, 1, 1)
CENT: Final = Decimal("0.01")
ANY: Final = "*"
UP: Final = "nudged up"
DOWN: Final = "nudged down"


class Evidence(msgspec.Struct, frozen=True):
    """What the cases show of a limit: the steps of what they trade, and the words that breached.

    `worths` are what one tick of one lot is worth in the policy's currency.
    """

    lots: frozenset[Decimal] = frozenset()
    ticks: frozenset[Decimal] = frozenset()
    worths: frozenset[Decimal] = frozenset()
    words: frozenset[str] = frozenset()


class Nudge(NamedTuple):
    """One change: how, what is written instead, and the values that it may have.

    A value of None means that the parameter is left out.
    """

    how: str
    shown: str
    values: tuple[object, ...]


def nudges(type_: ParameterType, value: object, seen: Evidence) -> tuple[Nudge, ...]:
    """Every nudge of a value; none for what has no neighbour, such as a calendar."""
    return tuple(_nudges(type_, value, seen))


def _nudges(type_: ParameterType, value: Any, seen: Evidence) -> Iterator[Nudge]:  # noqa: ANN401  # the type reads it
    match type_:
        case Number():
            yield from _of_number(type_, value, seen)
        case Duration():
            yield from _of_duration(value)
        case TimeOfDay():
            yield from _of_time(value)
        case Windows():
            yield from _of_windows(value)
        case Edges():
            yield from _of_margins(value)
        case Flag():
            yield from _of_flag(type_, flag=value)
        case Choice():
            others = (option for option in type_.options if option != value)
            yield from (Nudge(f"instead of {value}", option, (option,)) for option in others)
        case Words():
            yield from _of_words(type_, value, seen)
        case Shocks():
            yield from _of_shocks(value)


def _of_number(type_: Number, value: Decimal, seen: Evidence) -> Iterator[Nudge]:
    steps = _steps(type_, seen)
    for how, sign in ((DOWN, -1), (UP, 1)):
        values = tuple(other for step in steps if (other := value + sign * step) >= type_.least)
        if values:
            yield Nudge(how, grouped(values[-1]), values)


def _steps(type_: Number, seen: Evidence) -> tuple[Decimal, ...]:
    """How far a number may move; the smallest first."""
    steps = {"units": seen.lots, "price": seen.ticks}.get(type_.unit, frozenset())
    if type_.unit == "money":
        steps = frozenset({type_.step, *(worth for worth in seen.worths if worth > type_.step)})
    return tuple(sorted(steps)) or (type_.step,)


def _of_duration(value: timedelta) -> Iterator[Nudge]:
    for how, step in ((DOWN, -MOMENT), (UP, MOMENT)):
        if value + step > timedelta(0):
            yield Nudge(how, written(value + step), (value + step,))


def _of_time(value: time) -> Iterator[Nudge]:
    for how, step in ((DOWN, -SECOND), (UP, SECOND)):
        other = _moved(value, step)
        if (other > value) == (step > timedelta(0)):  # a day's edge is not crossed
            yield Nudge(how, other.isoformat("seconds"), (other,))


def _moved(wall: time, by: timedelta) -> time:
    return (datetime.combine(SOME_DAY, wall) + by).time()


def _of_windows(windows: tuple[Window, ...]) -> Iterator[Nudge]:
    for place, window in enumerate(windows):
        others = (*windows[:place], *windows[place + 1 :])
        for edge in Window._fields:
            for how, step in ((DOWN, -SECOND), (UP, SECOND)):
                at = getattr(window, edge)
                to = _moved(at, step)
                moved = window._replace(**{edge: to})
                crossed = at if step > timedelta(0) else to
                if moved.start == moved.end or any(_covers(other, crossed) for other in others):
                    continue
                values = (*windows[:place], moved, *windows[place + 1 :])
                yield Nudge(f"{edge} {how}", str(moved), (values,))


def _covers(window: Window, wall: time) -> bool:
    if window.start < window.end:
        return window.start <= wall < window.end
    return wall >= window.start or wall < window.end


def _of_margins(margins: Margins) -> Iterator[Nudge]:
    for name, length in margins._asdict().items():
        for nudge in _of_duration(length) if length else ():
            (other,) = nudge.values
            moved = Margins(**{**margins._asdict(), name: other})
            yield Nudge(nudge.how, f"{name} {nudge.shown}", (moved,))


def _of_flag(type_: Flag, *, flag: bool) -> Iterator[Nudge]:
    if type_.only is None:
        yield Nudge("flipped", str(not flag).lower(), (not flag,))
    else:
        yield Nudge("left out", str(flag).lower(), (None,))


def _of_shocks(shocks: tuple[Shock, ...]) -> Iterator[Nudge]:
    """Each jump a hundredth larger and smaller, of price or of percent."""
    for place, shock in enumerate(shocks):
        size = "percent" if shock.amount is None else "amount"
        for how, step in ((DOWN, -CENT), (UP, CENT)):
            by = (getattr(shock, size) or ZERO) + step
            if by:
                moved = msgspec.structs.replace(shock, **{size: by})
                values = (*shocks[:place], moved, *shocks[place + 1 :])
                yield Nudge(how, described(moved), (values,))


def _of_words(type_: Words, listed: Names, seen: Evidence) -> Iterator[Nudge]:
    items = _items(listed)
    for item in items:
        left = names(tuple(other for other in items if other != item))
        if len(items) > 1 and _matters(item, left):
            yield Nudge("left out", item, (left,))
    more = [word for word in _further(type_, seen) if word not in listed]
    if more:
        values = tuple(names((*items, word)) for word in more)
        shown = " or ".join(more) if ANY not in more else "any other word"
        yield Nudge("added", shown, values)


def _items(listed: Names) -> tuple[str, ...]:
    """The list as it was written, in some order."""
    barred = (f"!{item}" for item in (*sorted(listed.barred), *listed.barred_patterns))
    return (*sorted(listed.exact), *listed.patterns, *barred)


def _matters(item: str, left: Names) -> bool:
    """Whether a list without the item matches other words than with it, as far as one can say."""
    bare = item.removeprefix("!")
    return is_pattern(bare) or (bare in left) is item.startswith("!")


def _further(type_: Words, seen: Evidence) -> tuple[str, ...]:
    """The words that a list could hold as well: those that breached, else any."""
    if not type_.options:
        return (ANY,)
    if not seen.words:
        return type_.options
    return tuple(option for option in type_.options if option in seen.words)
