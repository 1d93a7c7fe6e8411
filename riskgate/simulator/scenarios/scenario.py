"""A scenario: a market, the faults to come and what happens when, as a file or in Python.

Rule 1: the same scenario, seed and virtual clock give the same run.
Rule 2: a scenario has an end: faults fire a bounded number of times, the timeline is a list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias, get_args

import msgspec

from riskgate.simulator.events import Movable, happen
from riskgate.simulator.faults import (
    ANY,
    EVENTS,
    PLACES,
    Action,
    Advance,
    Chance,
    Event,
    Fault,
    Price,
    Times,
    nearest_place,
)
from riskgate.simulator.gateway import Gateway
from riskgate.simulator.options import Options
from riskgate.simulator.permitted import (
    Checked,
    Count,
    Seconds,
    faults,
    hints,
    in_words,
    nearest,
    price_faults,
)
from riskgate.simulator.scenarios.known import Listings
from riskgate.simulator.scenarios.reading import Reader
from riskgate.simulator.scenarios.source import (
    Entry,
    Node,
    Problem,
    ScenarioError,
    parse_yaml,
    read,
)

HERE: Final = Path(__file__).parent
YAML: Final = frozenset({".yaml", ".yml"})
ACTIONS: Final[dict[str, type[Action]]] = {in_words(kind): kind for kind in get_args(Action)}
HAPPENINGS: Final = {word: kind for word, kind in ACTIONS.items() if kind in EVENTS}
_OF_A_FAULT: Final[tuple[str, ...]] = ("nth", "times", "chance")
_NOT_IN_FILES: Final = frozenset({"port", "auto"})


class Happening(Checked, frozen=True):
    """Something that happens so many seconds of the simulator's clock after the start."""

    after: Seconds
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


def load(wanted: AnyScenario, day: date | None = None, today: date | None = None) -> Scenario:
    """A scenario from its file, or by the name or number of one that comes with the simulator.

    It is read for what is listed on `day`; without it on the day the file starts on, or `today`.
    Raises ScenarioError with all that is wrong, OSError when the file cannot be read.
    """
    if isinstance(wanted, Scenario):
        return wanted
    path = Path(wanted)
    if path.suffix.lower() not in YAML:
        path = _shipped(str(wanted))
    return parse(read(path), str(path), day, today)


def _shipped(wanted: str) -> Path:
    for name in names():
        number, _, rest = name.partition("-")
        if wanted in {name, number, rest}:
            return HERE / f"{name}.yaml"
    text = f"scenario: `{wanted}`: no such scenario and no .yaml file; {nearest(wanted, names())}"
    raise ScenarioError((Problem("", 0, text),))


def parse(
    text: str,
    path: str = "scenario.yaml",
    day: date | None = None,
    today: date | None = None,
) -> Scenario:
    """A scenario from its text, for the listings of a day as `load` has it.

    Without any day, symbols are looked at when it is played. Raises ScenarioError.
    """
    reader = Reader(path)
    root = parse_yaml(text, path)
    entries = dict(reader.mapping(root, "scenario"))
    parts = {key: entries.pop(key) for key in ("options", *_PARTS, "name") if key in entries}
    entries["name"] = parts.pop("name", Entry(1, Node(1, Path(path).stem)))
    for key in set(entries) - _HEAD:
        known = (*_HEAD, "options", *_PARTS)
        reader.complain(entries.pop(key).line, f"scenario: `{key}`: {nearest(key, known)}")
    head = reader.struct(Scenario, entries, root.line, "scenario") or Scenario(name="")
    begins = day or (head.start.date() if head.start else today)
    options = parts.pop("options", Entry(1, Node(1, {}))).node
    head = msgspec.structs.replace(head, options=_options(reader, options, begins))
    reader.known = None if begins is None else Listings(begins, head.options.accounts)
    made = {
        key: _PARTS[key](reader, entry.node)
        for key, entry in parts.items()
        if entry.node.value is not None
    }
    reader.finish()
    return msgspec.structs.replace(head, **made)


def play(gateway: Gateway, scenario: Scenario) -> None:
    """Open the markets and set what happens when.

    Raises LookupError or ValueError before anything has happened, for an unknown symbol or
    account and for what this simulator could never do.
    """
    events = [one.event for one in scenario.timeline]
    for event in (*scenario.prices, *events, *(one.action for one in scenario.faults)):
        check_possible(gateway, event)
    for price in scenario.prices:
        happen(gateway, price)
    for one in scenario.timeline:
        gateway.later(one.after, partial(gateway.happens, one.event))
    gateway.wake()


def known_to(gateway: Gateway) -> Listings:
    """What a running simulator lists and its accounts."""
    day, world = gateway.clock.now().date(), gateway.exchange.world
    return Listings(day, world.accounts, world.catalogue)


def check_possible(gateway: Gateway, action: Action) -> None:
    """Raises LookupError for a symbol or account there is not, ValueError for what cannot be."""
    if isinstance(action, Advance) and not isinstance(gateway.clock, Movable):
        raise ValueError("advance: this simulator's clock is the computer's and cannot be moved")  # noqa: TRY004  # not about a type
    known = known_to(gateway)
    for name, hint in hints(type(action)).items():
        for value, why in faults(hint, getattr(action, name), known):
            raise LookupError(f"{in_words(type(action))}: {name}: `{value}` {why}")
    for name, price, why in price_faults(action, known):
        raise ValueError(f"{in_words(type(action))}: {name}: `{price}` {why}")


# -- the parts of a file --------------------------------------------------------------------------


def _options(reader: Reader, node: Node, day: date | None) -> Options:
    reader.known = None if day is None else Listings(day)
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
    _complain_of_twins(reader, [row for _, row in rows])
    found = (reader.struct(Price, row, line, "prices") for line, row in rows)
    return tuple(one for one in found if one is not None)


def _complain_of_twins(reader: Reader, rows: list[Mapping[str, Entry]]) -> None:
    first: dict[object, int] = {}
    for entry in (row["symbol"] for row in rows if "symbol" in row):
        symbol = entry.node.value
        if isinstance(symbol, str) and first.setdefault(symbol, entry.line) != entry.line:
            text = f"prices: `{symbol}` is given twice, first in line {first[symbol]}"
            reader.complain(entry.line, text)


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
    own = _own_keys(entries.get("do"))
    about = {key: entries.pop(key) for key in _OF_A_FAULT if key in entries and key not in own}
    at = entries.pop("at", None)
    action = read_action(reader, entries, node.line, ACTIONS)
    if at is None or not isinstance(at.node.value, str):
        reader.complain(node.line, "faults: `at` is missing: the name of a request, or `execution`")
        return None
    if at.node.value not in PLACES:
        reader.complain(at.line, f"faults: at: `{at.node.value}`: {nearest_place(at.node.value)}")
    counted = reader.struct(_Counted, about, node.line, "faults")
    if action is None or counted is None or at.node.value not in PLACES:
        return None
    try:
        return Fault(at.node.value, action, counted.nth, counted.times, counted.chance)
    except ValueError as fault:
        reader.complain(at.line, str(fault))
        return None


def _own_keys(named: Entry | None) -> Collection[str]:
    """The keys of an action: `times` of `repeat` is not how often the fault happens."""
    kind = None if named is None else ACTIONS.get(str(named.node.value))
    return () if kind is None else kind.__struct_fields__


class _Counted(msgspec.Struct, frozen=True):
    """How often a fault happens."""

    nth: Count = ANY
    times: Times = 1
    chance: Chance = 1.0


def _faults(reader: Reader, node: Node) -> tuple[Fault, ...]:
    found = (read_fault(reader, one) for one in reader.items(node, "faults"))
    return tuple(one for one in found if one is not None)


def read_happening(reader: Reader, node: Node) -> Happening | None:
    """An event and when it happens."""
    entries = dict(reader.mapping(node, "timeline"))
    after = entries.pop("after", None)
    event = read_action(reader, entries, node.line, HAPPENINGS)
    seconds = None if after is None else reader.value(Seconds, after.node, "timeline: after")
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
    "prices": read_prices,
    "faults": _faults,
    "timeline": _timeline,
}
