"""A scenario: a market, the faults to come and what happens when, as a file or in Python.

Rule 1: the same scenario, seed and virtual clock give the same run.
Rule 2: a scenario has an end: faults fire a bounded number of times, the timeline is a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, get_args

import msgspec

from riskgate.simulator.events import happen
from riskgate.simulator.faults import EVENTS, Action, Event, Fault, Price
from riskgate.simulator.options import Options
from riskgate.simulator.scenarios.reading import Reader, nearest
from riskgate.simulator.scenarios.source import (
    Entry,
    Node,
    Problem,
    ScenarioError,
    parse_yaml,
    read,
)

if TYPE_CHECKING:
    from riskgate.simulator.gateway import Gateway

HERE: Final = Path(__file__).parent
ACTIONS: Final[dict[str, type[Action]]] = {
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower(): kind for kind in get_args(Action)
}
HAPPENINGS: Final = {word: kind for word, kind in ACTIONS.items() if kind in EVENTS}
_OF_A_FAULT: Final[tuple[str, ...]] = ("nth", "times", "chance")
_NOT_IN_FILES: Final = frozenset({"port", "auto"})


class Happening(msgspec.Struct, frozen=True):
    """Something that happens so many seconds of the simulator's clock after the start."""

    after: float
    event: Event


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that makes a run; `start` is where a virtual clock begins."""

    name: str
    about: str = ""
    sources: tuple[str, ...] = ()
    seed: int = 0
    start: datetime | None = None
    options: Options = Options()
    prices: tuple[Price, ...] = ()
    faults: tuple[Fault, ...] = ()
    timeline: tuple[Happening, ...] = ()


AnyScenario: TypeAlias = Scenario | Path | str


def names() -> tuple[str, ...]:
    """The scenarios that come with the simulator."""
    return tuple(sorted(path.stem for path in HERE.glob("*.yaml")))


def load(wanted: AnyScenario) -> Scenario:
    """A scenario from its file, or by the name or number of one that comes with the simulator.

    Raises ScenarioError with all that is wrong, OSError when the file cannot be read.
    """
    if isinstance(wanted, Scenario):
        return wanted
    path = Path(wanted)
    if path.suffix not in {".yaml", ".yml"}:
        path = _shipped(str(wanted))
    return parse(read(path), str(path))


def _shipped(wanted: str) -> Path:
    for name in names():
        number, _, rest = name.partition("-")
        if wanted in {name, number, rest}:
            return HERE / f"{name}.yaml"
    text = f"`{wanted}`: no such scenario and no .yaml file; {nearest(wanted, names())}"
    raise ScenarioError((Problem("scenario", 1, text),))


def parse(text: str, path: str = "scenario.yaml") -> Scenario:
    """A scenario from its text. Raises ScenarioError."""
    reader = Reader(path)
    root = parse_yaml(text, path)
    entries = dict(reader.mapping(root, "scenario"))
    parts = {
        key: entries.pop(key)
        for key in ("options", "prices", "faults", "timeline", "name")
        if key in entries
    }
    entries["name"] = parts.pop("name", Entry(1, Node(1, Path(path).stem)))
    for key in set(entries) - _HEAD:
        known = (*_HEAD, "options", "prices", "faults", "timeline")
        reader.complain(entries.pop(key).line, f"scenario: `{key}`: {nearest(key, known)}")
    head = reader.struct(Scenario, entries, root.line, "scenario")
    made = {
        key: _PARTS[key](reader, entry.node) for key, entry in parts.items() if entry.node.value
    }
    reader.finish()
    if head is None:
        raise ScenarioError((Problem(path, 1, "the scenario cannot be read"),))
    return msgspec.structs.replace(head, **made)


def play(gateway: Gateway, scenario: Scenario) -> None:
    """Open the markets and set what happens when. Raises LookupError for an unknown symbol."""
    for price in scenario.prices:
        happen(gateway, price)
    for one in scenario.timeline:
        gateway.later(one.after, partial(gateway.happens, one.event))
    gateway.wake()


# -- the parts of a file --------------------------------------------------------------------------


def _options(reader: Reader, node: Node) -> Options:
    entries = dict(reader.mapping(node, "options"))
    for key in entries.keys() & _NOT_IN_FILES:
        reader.complain(entries.pop(key).line, f"options: `{key}` is not for a file to say")
    return reader.struct(Options, entries, node.line, "options") or Options()


def read_prices(reader: Reader, node: Node) -> tuple[Price, ...]:
    """Markets by symbol, or a list of markets that name their symbol."""
    rows: list[tuple[int, Mapping[str, Entry]]] = []
    if isinstance(node.value, list):
        rows = [(one.line, reader.mapping(one, "prices")) for one in node.value]
    else:
        for symbol, entry in reader.mapping(node, "prices").items():
            named = {"symbol": Entry(entry.line, Node(entry.line, symbol))}
            inner = reader.mapping(entry.node, f"prices: {symbol}")
            rows.append((entry.line, {**named, **inner}))
    return tuple(one for line, row in rows if (one := _price(reader, row, line)) is not None)


def _price(reader: Reader, row: Mapping[str, Entry], line: int) -> Price | None:
    found = reader.struct(Price, row, line, "prices")
    if found is not None and None not in {found.bid, found.ask}:
        bid, ask = found.bid, found.ask
        if bid is not None and ask is not None and bid > ask:
            reader.complain(line, f"prices: {found.symbol}: the bid {bid} is above the ask {ask}")
    return found


def read_action(
    reader: Reader, entries: dict[str, Entry], line: int, kinds: Mapping[str, type[Action]]
) -> Action | None:
    """The action that `do` names, from the keys that are left beside it."""
    named = entries.pop("do", None)
    if named is None or not isinstance(named.node.value, str):
        reader.complain(line, f"`do` is missing; there is: {', '.join(sorted(kinds))}")
        return None
    word = named.node.value
    if word not in kinds:
        reader.complain(named.line, f"do: `{word}`: {nearest(word, kinds)}")
        return None
    return reader.struct(kinds[word], entries, line, word)


def read_fault(reader: Reader, node: Node) -> Fault | None:
    """A fault: at which message, how often, and what to do there."""
    entries = dict(reader.mapping(node, "faults"))
    about: dict[str, Entry] = {key: entries.pop(key) for key in _OF_A_FAULT if key in entries}
    at = entries.pop("at", None)
    action = read_action(reader, entries, node.line, ACTIONS)
    if at is None or not isinstance(at.node.value, str):
        reader.complain(node.line, "faults: `at` is missing: the name of a request, or `execution`")
        return None
    counted = reader.struct(_Counted, about, node.line, "faults")
    if action is None or counted is None:
        return None
    try:
        return Fault(at.node.value, action, counted.nth, counted.times, counted.chance)
    except ValueError as fault:
        reader.complain(at.line, str(fault))
        return None


class _Counted(msgspec.Struct, frozen=True):
    """How often a fault happens."""

    nth: int = 0
    times: int = 1
    chance: float = 1.0


def _faults(reader: Reader, node: Node) -> tuple[Fault, ...]:
    found = (read_fault(reader, one) for one in reader.items(node, "faults"))
    return tuple(one for one in found if one is not None)


def read_happening(reader: Reader, node: Node) -> Happening | None:
    """An event and when it happens."""
    entries = dict(reader.mapping(node, "timeline"))
    after = entries.pop("after", None)
    event = read_action(reader, entries, node.line, HAPPENINGS)
    seconds = None if after is None else reader.value(float, after.node, "timeline: after")
    if after is None:
        reader.complain(node.line, "timeline: `after` is missing: seconds from the start")
    if seconds is None or not isinstance(event, EVENTS):
        return None
    return Happening(seconds, event)


def _timeline(reader: Reader, node: Node) -> tuple[Happening, ...]:
    found = (read_happening(reader, one) for one in reader.items(node, "timeline"))
    return tuple(one for one in found if one is not None)


_HEAD = frozenset({"name", "about", "sources", "seed", "start"})
_PARTS = {
    "options": _options,
    "prices": read_prices,
    "faults": _faults,
    "timeline": _timeline,
}
