"""What a schema found, in the words of the one who wrote the file: code, place, next step.

Rule 1: one mistake is one message. Where a key is misspelt, that the right one is missing is not
said again.
Rule 2: a message names what is allowed and shows what was found, as it was written.
Rule 3: a message about a value points at the value; about an unknown key, at the key; about what
is missing, at the mapping that lacks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from riskgate.model.money import text
from riskgate.policy.shape import NOT_BLANK, PATTERNS
from riskgate.policy.source import Document, Location, Problem
from riskgate.policy.suggest import closest, shown, why_not_a_number
from riskgate.rulekit.parameters import DURATION_TEXT, Schema

CODES: Final[Mapping[str, str]] = {
    "RG101": "a key is missing",
    "RG102": "a key is unknown",
    "RG103": "a rule's kind is unknown",
    "RG104": "a value is not one of those allowed",
    "RG105": "a value is of the wrong type",
    "RG106": "a rule without a limit",
    "RG107": "a text is blank or not of the form it must have",
    "RG108": "an empty list or mapping, or an item that is given twice",
    "RG109": "a case or a step that does not do exactly one thing",
}

TYPES: Final[Mapping[str, str]] = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of `key: value` lines",
}
NUMBERS: Final = ("number", "integer")
UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
}
"""How people write units of time, and how the policy language does; a bare number is seconds."""

_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9_./-]+(?: [A-Za-z0-9_./-]+)*").fullmatch
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)").fullmatch
_SHORT: Final = 64


class Fault(NamedTuple):
    """What a schema found: the keyword that failed, its argument, and the value it failed on."""

    keyword: str
    wanted: Any
    value: Any
    schema: Schema
    path: Location
    of_name: bool = False


class Complaint(NamedTuple):
    """One problem before it has a line and a column. `key` is the key that it is about."""

    code: str
    location: Location
    text: str
    at_key: bool = False
    key: str = ""
    meant: str = ""


def problem(document: Document, complaint: Complaint) -> Problem:
    """The complaint with its place in the file."""
    place = complaint.location
    mark = document.key_mark(place) if complaint.at_key else document.mark(place)
    return Problem(document.path, mark.line, mark.column, complaint.code, complaint.text)


def complaints(faults: Iterable[Fault], at: Location, document: Document) -> list[Complaint]:
    """All that the faults of one mapping say, once each. Their paths are relative to `at`."""
    found = [item for fault in faults for item in _said(fault, at, document)]
    meant = {(item.location[:-1], item.meant) for item in found if item.meant}
    misspelt = {location for location, _ in meant}
    return [
        item
        for item in dict.fromkeys(found)
        if not (item.code == "RG101" and (item.location, item.key) in meant)
        and not (item.code == "RG106" and item.location in misspelt)
    ]


def unknown_word(word: str, known: Iterable[str]) -> str:
    """` (did you mean ...?)`, or nothing."""
    hint = closest(word, known)
    return f" (did you mean `{hint}`?)" if hint else ""


def flow(items: Iterable[str]) -> str:
    """The names as a list in one line, with quotes where the language wants them."""
    written = (item if _PLAIN_WORD(item) else f'"{item}"' for item in items)
    return f"[{', '.join(written)}]"


def _as_list(value: object, item: Schema) -> str:
    """`; write [...]` for what is meant to be a list, or nothing."""
    written = ""
    if isinstance(value, dict):
        pairs = (f"{key}: {as_found(item).strip('`')}" for key, item in value.items())
        fits = value.keys() <= item.get("properties", {}).keys() and _all_plain(value.values())
        written = f"[{{{', '.join(pairs)}}}]" if fits else ""
    elif isinstance(value, str):
        parts = [part.strip() for part in value.split(",")]
        written = flow(part for part in parts if part) if any(parts) else ""
    return f"; write `{written}`" if 0 < len(written) <= _SHORT and written.isprintable() else ""


def _all_plain(values: Iterable[object]) -> bool:
    return all(
        isinstance(item, bool | Decimal) or (isinstance(item, str) and _PLAIN_WORD(item))
        for item in values
    )


def _as_duration(value: object) -> str:
    """`; write 60s` for a length of time in other words, or nothing."""
    length = _LENGTH(as_found(value).strip("`").strip().casefold())
    if length is None or length[2] not in UNITS or not Decimal(length[1]):
        return ""
    return f"; write `{length[1]}{UNITS[length[2]]}`"


def as_found(value: object) -> str:
    """A value as a message shows it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"`{str(value).lower()}`"
        case Decimal():
            return f"`{text(value)}`"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return f"`{shown(str(value))}`"


def must_be(schema: Schema) -> str:
    """What a value must be, in words."""
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    if "const" in schema:
        return as_found(schema["const"]).strip("`")
    if schema.get("pattern") in PATTERNS:
        return PATTERNS[schema["pattern"]]
    words = TYPES.get(schema.get("type", ""), "something else")
    return f"{words} such as {schema['examples'][0]}" if "examples" in schema else words


def _said(fault: Fault, at: Location, document: Document) -> Iterator[Complaint]:
    location = (*at, *fault.path)
    if fault.of_name:
        what = f"the name `{shown(fault.value)}` must be {must_be(fault.schema)}"
        yield Complaint("RG107", (*location, fault.value), what, at_key=True)
        return
    yield from _SAYINGS[fault.keyword](fault, location, document)


def _required(fault: Fault, location: Location, _document: Document) -> Iterator[Complaint]:
    for key in fault.wanted:
        if key not in fault.value:
            what = _what_it_holds(fault.schema["properties"].get(key, {}))
            yield Complaint("RG101", location, f"missing key `{key}`{what}", key=key)


def _what_it_holds(schema: Schema) -> str:
    """What a key is for, from the text that editors show for it."""
    about = schema.get("description", "").rstrip(".")
    return f": {about[:1].lower()}{about[1:]}" if about else ""


def _unknown(fault: Fault, location: Location, _document: Document) -> Iterator[Complaint]:
    known = fault.schema["properties"]
    for key in fault.value:
        if key in known:
            continue
        if key == "per" and "kind" in known:
            text_ = f"`per` has no meaning for {fault.value['kind']}: it has no budget"
            yield Complaint("RG102", (*location, key), text_, at_key=True)
            continue
        hint = closest(key, [name for name in known if name not in fault.value])
        meant = f" (did you mean `{hint}`?)" if hint else f"; known keys: {', '.join(known)}"
        what = f"unknown key `{shown(key)}`{meant}"
        yield Complaint("RG102", (*location, key), what, at_key=True, meant=hint or "")


def _no_limit(fault: Fault, location: Location, _document: Document) -> Iterator[Complaint]:
    kind = fault.value["kind"]
    names = [branch["required"][0] for branch in fault.wanted]
    some = f"at least one of {', '.join(names)}" if len(names) > 1 else f"`{names[0]}`"
    article = "an" if kind[0] in "aeiou" else "a"
    yield Complaint("RG106", location, f"{article} {kind} rule needs {some}")


def _wrong_type(fault: Fault, location: Location, document: Document) -> Iterator[Complaint]:
    schema, value = fault.schema, fault.value
    wanted = schema["type"]
    what = f"{_subject(location)} must be {must_be(schema)}; "
    if wanted in NUMBERS and isinstance(value, str):
        why = why_not_a_number(value, quoted=document.quoted(location))
        yield Complaint("RG105", location, what + (why or f"found {as_found(value)}"))
    elif wanted == "integer" and isinstance(value, Decimal):
        yield Complaint("RG104", location, f"{what}found {as_found(value)}")
    elif isinstance(value, bool | Decimal) and _takes_free_text(schema):
        kind = "a boolean" if isinstance(value, bool) else "a number"
        plain = as_found(value).strip("`")
        yield Complaint("RG105", location, f'{what}`{plain}` reads as {kind}; write "{plain}"')
    else:
        hint = _as_list(value, schema.get("items", {})) if wanted == "array" else ""
        hint = _as_duration(value) if _is_duration(schema) else hint
        yield Complaint("RG105", location, f"{what}found {as_found(value)}{hint}")


def _is_duration(schema: Schema) -> bool:
    return bool(schema.get("pattern") == DURATION_TEXT)


def _takes_free_text(schema: Schema) -> bool:
    """Whether quotes alone would make a value right."""
    return bool(schema["type"] == "string" and schema.get("pattern", NOT_BLANK) == NOT_BLANK)


def _subject(location: Location) -> str:
    """What a message speaks of: the key, or the items of the key's list."""
    name = next((step for step in reversed(location) if isinstance(step, str)), None)
    if name is None:
        return "the file"
    return f"`{name}`" if location[-1] == name else f"each item of `{name}`"


def _not_allowed(fault: Fault, location: Location, _document: Document) -> Iterator[Complaint]:
    value, what = fault.value, f"{_subject(location)} must be {must_be(fault.schema)}"
    options = fault.schema.get("enum", ())
    hint = unknown_word(value, options) if isinstance(value, str) else ""
    yield Complaint("RG104", location, f"{what}; found {as_found(value)}{hint}")


def _const(fault: Fault, location: Location, document: Document) -> Iterator[Complaint]:
    value, wanted = fault.value, fault.wanted
    why = None
    if isinstance(value, str) and isinstance(wanted, int) and not isinstance(wanted, bool):
        why = why_not_a_number(value, quoted=document.quoted(location))
    code = "RG105" if why else "RG104"
    what = f"{_subject(location)} must be {must_be(fault.schema)}"
    yield Complaint(code, location, f"{what}; {why or f'found {as_found(value)}'}")


def _pattern(fault: Fault, location: Location, _document: Document) -> Iterator[Complaint]:
    pattern, subject = fault.wanted, _subject(location)
    if pattern == NOT_BLANK:
        yield Complaint("RG107", location, f"{subject} must not be blank")
        return
    wanted = PATTERNS.get(pattern, f"text that matches {pattern}")
    hint = _as_duration(fault.value) if pattern == DURATION_TEXT else ""
    what = f"{subject} must be {wanted}; found {as_found(fault.value)}{hint}"
    yield Complaint("RG107", location, what)


def _too_short(_fault: Fault, location: Location, _document: Document) -> Iterator[Complaint]:
    yield Complaint("RG107", location, f"{_subject(location)} must not be empty text")


def _too_small(fault: Fault, location: Location, _document: Document) -> Iterator[Complaint]:
    what = f"{_subject(location)} must be {fault.wanted} or more"
    yield Complaint("RG104", location, f"{what}; found {as_found(fault.value)}")


def _empty(fault: Fault, location: Location, _document: Document) -> Iterator[Complaint]:
    what, one = ("list", "item") if isinstance(fault.value, list) else ("mapping", "key")
    text_ = f"{_subject(location)} is an empty {what}; give at least one {one}"
    yield Complaint("RG108", location, text_)


def _repeated(fault: Fault, location: Location, _document: Document) -> Iterator[Complaint]:
    items: Sequence[object] = fault.value
    for place, item in enumerate(items):
        if item in items[:place]:
            what = f"{_subject(location)} holds {as_found(item)} twice; remove one"
            yield Complaint("RG108", (*location, place), what)


_SAYINGS: Final[Mapping[str, Callable[[Fault, Location, Document], Iterator[Complaint]]]] = {
    "required": _required,
    "additionalProperties": _unknown,
    "anyOf": _no_limit,
    "type": _wrong_type,
    "enum": _not_allowed,
    "const": _const,
    "pattern": _pattern,
    "minLength": _too_short,
    "minimum": _too_small,
    "minItems": _empty,
    "minProperties": _empty,
    "uniqueItems": _repeated,
}
