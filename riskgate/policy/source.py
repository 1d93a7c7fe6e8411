"""The text of a policy, policy-test or state file, made into plain values with positions.

Rule 1: this is the only module that imports yaml, and it uses its parser events alone: no node
graph, no constructors, no tags; so a file can only ever become text, numbers, lists and mappings.
Rule 2: whatever is wrong with a file is a `Problem` with line and column, never an exception.
Rule 3: one pass reports all it can. What makes the rest unreadable ends it, and then there is no
`Document`. A `Document` beside problems serves to find more problems and must never be used.
Rule 4: only `true` and `false` are booleans, plain digits are `Decimal`, an empty value, `~` and
`null` are None, and everything else is the text as written.
Rule 5: a key is text. One that reads as a number, a boolean or nothing has to be quoted, as the
same word must be where it stands as a value; a policy then means the same to every reader.
Rule 6: characters that a reviewer cannot see are refused: they could hide a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from typing import Final, Protocol, TypeAlias

import msgspec
import yaml

from riskgate.policy.problem import Problem
from riskgate.policy.suggest import (
    Spot,
    closest,
    hidden_on_lines,
    in_plain_words,
    lines,
    number,
    quote_it,
    shown,
    why_no_key,
    why_not_a_number,
)

__all__ = ["CODES", "Document", "Mark", "Problem", "closest", "parse", "why_not_a_number"]

CODES: Final[dict[str, str]] = {
    "RG001": "the text cannot be read as YAML",
    "RG002": "a key is given twice in one mapping",
    "RG003": "an anchor (`&name`)",
    "RG004": "an alias (`*name`)",
    "RG005": "a merge key (`<<`)",
    "RG006": "a tag (`!name`)",
    "RG007": "several documents in one file",
    "RG008": "the file is larger than 1 MiB",
    "RG009": "lists and mappings are nested more than 32 levels deep",
    "RG010": "the file is not UTF-8",
    "RG011": "a character that cannot be seen",
    "RG012": "the file is empty",
    "RG013": "the file is no mapping of keys to values",
    "RG014": "a list or a mapping stands as a key",
    "RG015": "a key reads as a number, a boolean or nothing",
    "RG016": "a directive (`%YAML`, `%TAG`)",
}

LARGEST: Final = 1_048_576  # bytes
DEEPEST: Final = 32  # levels of lists and mappings, the outermost counted as one

Value: TypeAlias = "bool | Decimal | str | list[Value] | dict[str, Value] | None"
Location: TypeAlias = tuple[str | int, ...]
Places: TypeAlias = "dict[str | int, Place]"

_PARSER: type[yaml.CBaseLoader | yaml.BaseLoader] = (
    yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
)
_WORDS: Final[dict[str, Value]] = {"true": True, "false": False, "": None, "~": None, "null": None}
_NOWHERE: Final = "\0nowhere"  # entries whose key was refused are kept under it until they close
_MOST_HIDDEN: Final = 20  # a binary file must not fill the screen


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A place in a file; line and column count from 1."""

    line: int
    column: int


_START: Final = Mark(1, 1)


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a value and its key stand (counted from 0), and the same for all that it holds."""

    line: int
    column: int
    key_line: int
    key_column: int
    quoted: bool
    inside: Places | None


class Document(msgspec.Struct, frozen=True):
    """The plain value of a file, where each part of it stands, and the text it was read from.

    A location that does not exist answers for its nearest existing ancestor, so a message about
    a missing key points at the mapping that lacks it.
    """

    path: str
    value: Value
    root: Place
    text: str = ""

    def mark(self, location: Location) -> Mark:
        """Where the value at a location starts."""
        return _mark(self._place(location))

    def key_mark(self, location: Location) -> Mark:
        """Where the key of a mapping's entry starts; for an item of a list, the item."""
        place = self._place(location)
        return Mark(place.key_line + 1, place.key_column + 1)

    def quoted(self, location: Location) -> bool:
        """True if the value is text by its quotes (or a `|` or `>` block)."""
        return self._place(location).quoted

    def _place(self, location: Location) -> Place:
        place = self.root
        for step in location:
            if place.inside is None or step not in place.inside:
                break
            place = place.inside[step]
        return place


def parse(
    text: str | bytes, path: str, *, mapping: bool = True
) -> tuple[Document | None, tuple[Problem, ...]]:
    """The document in a file's text, and all that is wrong with it, sorted by place.

    The document may be used only if there are no problems; it is None where the text could not
    be read to its end. `mapping=False` lets the top level be a list or a scalar.
    """
    reader = _Reader(path)
    document = reader.document(text, mapping=mapping)
    return document, tuple(sorted(reader.problems))


class _Event(Protocol):
    """What this module reads of a parser event; only scalars have a value and a style."""

    start_mark: Spot
    anchor: str | None
    tag: str | None
    value: str
    style: str | None


class _Frame:
    """A mapping or list that is still open."""

    __slots__ = ("key", "key_at", "places", "value", "wants_key")

    def __init__(self, value: list[Value] | dict[str, Value], places: Places, at: Spot) -> None:
        self.value = value
        self.places = places
        self.wants_key = isinstance(value, dict)  # the next node is a key
        self.key = ""
        self.key_at = at

    def name(self, key: str, at: Spot) -> None:
        """Take the key of the value that comes next."""
        self.key, self.key_at, self.wants_key = key, at, False

    def put(self, value: Value, at: Spot, inside: Places | None, *, quoted: bool) -> None:
        """Store the value that came."""
        line, column = at.line, at.column
        if isinstance(self.value, list):
            place = Place(line, column, line, column, quoted, inside)
            self.places[len(self.value)] = place
            self.value.append(value)
        else:
            key_at = self.key_at
            place = Place(line, column, key_at.line, key_at.column, quoted, inside)
            self.places[self.key] = place
            self.value[self.key] = value
            self.wants_key = True


def _plain(text: str) -> Value:
    """What a scalar without quotes means."""
    if text in _WORDS:
        return _WORDS[text]
    found = number(text) if text[0] in "+-0123456789" else None
    return text if found is None else found


_TOP: Final = yaml.Mark("", 0, 0, 0, None, 0)


def _mark(at: Spot | Place) -> Mark:
    return Mark(at.line + 1, at.column + 1)


class _Reader:
    """Turns a text into values, noting each place and each problem."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.text = ""
        self.problems: list[Problem] = []
        self.over = False  # nothing more can be read
        self.documents: list[Value] = []
        self.frame = _Frame(self.documents, {}, _TOP)
        self.outer: list[_Frame] = []
        self.good_keys: set[str] = set()  # texts that may stand as a key without quotes

    def say(self, code: str, mark: Mark, text: str, *, over: bool = False) -> None:
        """Note a problem; `over` ends the pass."""
        self.problems.append(Problem(self.path, mark.line, mark.column, code, text))
        self.over = self.over or over

    def document(self, raw: str | bytes, *, mapping: bool) -> Document | None:
        """Everything in order: bytes, characters, events, top level."""
        self.decode(raw)
        self.refuse_hidden()
        if not self.over:
            self.read_events()
        if not self.over:
            self.check_top(mapping=mapping)
        if self.over:
            return None
        return Document(self.path, self.documents[0], self.frame.places[0], self.text)

    def decode(self, raw: str | bytes) -> None:
        """Make the bytes text, within the size limit."""
        data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        if len(data) > LARGEST:
            size = f"the file has {len(data):,} bytes, the most is {LARGEST:,} (1 MiB); split it"
            self.say("RG008", _START, size, over=True)
            return
        try:
            self.text = data.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            before = lines(data[: error.start].decode("utf-8"))
            byte = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8 text"
            self.say("RG010", Mark(len(before), len(before[-1]) + 1), byte, over=True)

    def refuse_hidden(self) -> None:
        """Refuse what a reviewer cannot see: the first on each line, on the first such lines."""
        for line, column, name in islice(hidden_on_lines(self.text), _MOST_HIDDEN):
            what = f"{name} cannot be seen; remove it or type a plain blank"
            self.say("RG011", Mark(line, column), what, over=True)

    def read_events(self) -> None:
        """Run the parser over the text."""
        handlers: dict[type, Callable[..., None]] = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.start,
            yaml.SequenceStartEvent: self.start,
            yaml.MappingEndEvent: self.end,
            yaml.SequenceEndEvent: self.end,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.begin,
        }  # the other events say nothing new
        parser = _PARSER(self.text)
        try:
            for event in iter(parser.get_event, None):
                handler = handlers.get(type(event))
                if handler:
                    handler(event)
                if self.over:
                    break
        except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last two: bad escapes
            self.say_broken(error)
        finally:
            parser.dispose()

    def begin(self, event: _Event) -> None:
        """A document starts, perhaps with directives, perhaps not the first."""
        at = event.start_mark
        if self.documents:
            more = "a second document starts here; keep one document in one file"
            self.say("RG007", _mark(at), more, over=True)
        elif self.text[at.index : at.index + 1] == "%":
            self.say("RG016", _mark(at), "a directive (`%`); remove the line")

    def scalar(self, event: _Event) -> None:
        """A key, or a value that is no collection."""
        at, text, quoted = event.start_mark, event.value, bool(event.style)
        if event.anchor or event.tag:
            self.refuse_marking(event)
        if quoted and not text.isprintable():
            self.refuse_escaped(at, text)
        frame = self.frame
        if not frame.wants_key:
            frame.put(text if quoted else _plain(text), at, None, quoted=quoted)
        elif text in self.good_keys and text not in frame.value:
            frame.name(text, at)
        else:
            frame.name(self.checked_key(at, text, quoted=quoted), at)

    def checked_key(self, at: Spot, text: str, *, quoted: bool) -> str:
        """The key a scalar stands for; a refused one keeps the reading going."""
        if text == "<<":
            if not quoted:
                self.say("RG005", _mark(at), "a merge key (`<<`); write the keys out")
                return _NOWHERE
        elif isinstance(_plain(text), str):
            self.good_keys.add(text)
        elif not quoted:
            self.say("RG015", _mark(at), why_no_key(text))
        if text in self.frame.value:
            first = self.frame.places[text].key_line + 1
            twice = f"duplicate key `{shown(text)}`, first on line {first}; keep one"
            self.say("RG002", _mark(at), twice)
            return _NOWHERE
        return text

    def start(self, event: _Event) -> None:
        """A mapping or list opens."""
        at = event.start_mark
        if event.anchor or event.tag:
            self.refuse_marking(event)
        value: list[Value] | dict[str, Value]
        value = {} if isinstance(event, yaml.MappingStartEvent) else []
        inside: Places = {}
        if self.frame.wants_key:
            what = "mapping" if isinstance(value, dict) else "list"
            self.say(
                "RG014", _mark(at), f"a {what} cannot be a key; a key is one word, or quoted text"
            )
            self.frame.name(_NOWHERE, at)
        else:
            self.frame.put(value, at, inside, quoted=False)
        self.outer.append(self.frame)
        self.frame = _Frame(value, inside, at)
        if len(self.outer) > DEEPEST:
            deep = f"nested more than {DEEPEST} levels deep; flatten it"
            self.say("RG009", _mark(at), deep, over=True)

    def end(self, _event: _Event) -> None:
        """The innermost mapping or list closes; what stood under refused keys goes."""
        if isinstance(self.frame.value, dict):
            self.frame.value.pop(_NOWHERE, None)
            self.frame.places.pop(_NOWHERE, None)
        self.frame = self.outer.pop()

    def alias(self, event: _Event) -> None:
        """An alias; it stands for nothing here."""
        at = event.start_mark
        what = quote_it(self.text, at, "an alias")
        self.say("RG004", _mark(at), f"{what}, else write it out")
        if self.frame.wants_key:
            self.frame.name(_NOWHERE, at)
        else:
            self.frame.put(None, at, None, quoted=False)

    def refuse_marking(self, event: _Event) -> None:
        """An anchor or tag before a node; the node itself is read as if it had none."""
        at = event.start_mark
        if event.anchor:
            self.say("RG003", _mark(at), f"{quote_it(self.text, at, 'an anchor')}, else remove it")
        if event.tag:
            self.say("RG006", _mark(at), f"{quote_it(self.text, at, 'a tag')}, else remove it")

    def refuse_escaped(self, at: Spot, text: str) -> None:
        """Characters that nobody can see, written as escapes inside double quotes."""
        for _line, _column, name in hidden_on_lines(text):
            self.say("RG011", _mark(at), f"the text holds {name}; remove that escape")

    def say_broken(self, error: Exception) -> None:
        """What the parser could not read, in plain words."""
        at = getattr(error, "problem_mark", None)
        if at is None:  # the pure parser's own stumbles over escapes that are out of range
            unreadable = "the text after this cannot be read; look for an escape such as `\\U`"
            self.say("RG001", _mark(self.frame.key_at), unreadable, over=True)
            return
        began = getattr(error, "context_mark", None) or at
        says = f"{getattr(error, 'context', '')}: {getattr(error, 'problem', '')}"
        code, line, column, text = in_plain_words(says, at, began, self.text)
        self.say(code, Mark(line, column), text, over=True)

    def check_top(self, *, mapping: bool) -> None:
        """The top level must be something, and a mapping if asked."""
        top = self.documents[0] if self.documents else None
        if top is None:
            empty = "the file has no content; start it with a `key: value` line"
            self.say("RG012", _START, empty, over=True)
        elif mapping and not isinstance(top, dict):
            found = "a list" if isinstance(top, list) else f"`{shown(str(top))}`"
            what = f"the file must be a mapping of `key: value` lines; found {found}"
            self.say("RG013", _mark(self.frame.places[0]), what, over=True)
