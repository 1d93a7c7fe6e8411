"""What the writer probably meant: near misses of words, of numbers and of YAML.

Rule 1: this module only words hints; nothing here decides whether a policy is valid, except
`number`, the one grammar of numbers in the policy language.
Rule 2: a suggestion is made only when it is near, and never depends on the order of candidates.
Rule 3: work is bounded by `LONGEST`, so a hostile word costs nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

LONGEST: Final = 64
"""Words longer than this get no suggestion."""

DIGITS: Final = 28
"""Most digits of a number: beyond them decimal arithmetic would round."""

_NUMBER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*(?:_[0-9]+)*)(?:\.[0-9]+)?").fullmatch
_NUMBER_LIKE: Final = re.compile(r"[-+.]?[0-9]").match
_NO_NUMBER_WORD: Final = re.compile(r"[-+]?\.?(?:nan|inf|infinity)", re.IGNORECASE).fullmatch

_FOR_EXAMPLE: Final = "plain digits such as 1_000 or 0.5"
_ODD_IN_NUMBERS: Final = {
    ",": "has a comma; write thousands as 10_000 and decimals as 0.5",
    ":": f"has a colon, as a time has; write {_FOR_EXAMPLE}",
}


def number(text: str) -> Decimal | None:
    """The number a plain scalar stands for: digits with sign, point and `_`; None if it is none."""
    if _NUMBER(text) is None:
        return None
    if len(text) > DIGITS and sum(map(str.isdigit, text)) > DIGITS:
        return None
    return Decimal(text.replace("_", ""))


def shown(text: str) -> str:
    """Text of the user made fit for one line of a message: printable, cut when long."""
    cut = text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
    return cut if cut.isprintable() else cut.encode("unicode_escape").decode("ascii")


def _loose(text: str) -> Decimal:
    return Decimal(text.replace("_", ""))


def _whole(text: str) -> Decimal:
    return Decimal(int(text, 0))


_READINGS: Final[tuple[tuple[re.Pattern[str], Callable[[str], Decimal]], ...]] = (
    (re.compile(r"[-+]?(?:_*[0-9][0-9_]*\.?[0-9_]*|_*\.[0-9][0-9_]*)"), _loose),
    (re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]{1,2}"), _loose),
    (re.compile(r"[-+]?0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)"), _whole),
    (
        re.compile(r"[-+]?[0-9]{1,3}(?: [0-9]{3})+(?:\.[0-9]+)?"),
        lambda t: _loose(t.replace(" ", "")),
    ),
    (re.compile(r"[-+]?[0-9_]*[0-9](?:\.[0-9]+)? ?%"), lambda t: _loose(t.rstrip(" %"))),
)
"""Spellings that are no plain number but leave no doubt which number they mean."""


def _meant(text: str) -> str | None:
    """The plain spelling of a number that was written in another way."""
    for pattern, reading in _READINGS:
        if pattern.fullmatch(text):
            plain = f"{reading(text):,f}".replace(",", "_")
            return plain if number(plain) is not None else None
    return None


def why_not_a_number(text: str, *, quoted: bool = False) -> str | None:
    """Why a scalar is no number and what to write; None if it is one, or nothing helps."""
    if number(text) is not None:
        return f'`"{text}"` is quoted text; write {text} without quotes' if quoted else None
    if _NUMBER(text):
        return f"`{shown(text)}` has more than {DIGITS} digits; round it"
    if _NO_NUMBER_WORD(text):
        return f"`{text}` is no number to compare with; write {_FOR_EXAMPLE}"
    if len(text) > LONGEST or not _NUMBER_LIKE(text.lstrip("_")):
        return None
    for char, hint in _ODD_IN_NUMBERS.items():
        if char in text:
            return f"`{shown(text)}` {hint}"
    plain = _meant(text) or _FOR_EXAMPLE
    return f"`{shown(text)}` is no plain number; write {plain}"


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` most probably misspells; None when nothing is near."""
    if len(word) > LONGEST:
        return None
    wanted = _folded(word)
    best: tuple[int, str] | None = None
    for candidate in candidates:
        near = min(3, max(len(word), len(candidate)) // 3)
        distance = _distance(wanted, _folded(candidate), near)
        if (
            distance <= near
            and candidate != word
            and (best is None or (distance, candidate) < best)
        ):
            best = distance, candidate
    return best[1] if best else None


def _folded(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")


def _distance(one: str, other: str, limit: int) -> int:
    """Edits between two words, a swap of neighbours counting once; `limit + 1` when beyond it.

    The optimal string alignment distance (Damerau 1964, restricted form).
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def why_no_key(text: str) -> str:
    """Why a plain scalar that reads as a number, a boolean or nothing cannot be a key."""
    if not text:
        return "the key before this `:` is missing"
    kind = {"true": "a boolean", "false": "a boolean"}.get(text, "nothing")
    kind = kind if number(text) is None else "a number"
    return f'key `{shown(text)}` reads as {kind}; if it is a name, write it as "{shown(text)}"'


_BREAK: Final = re.compile(r"\r\n|\r|\n")
_AS_TEXT: Final = "if it is text, put it in quotes"
_HIDDEN: Final = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u061c\u115f\u1160\u1680\u180e\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u3000\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffc\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)


def lines(text: str) -> list[str]:
    """The lines as YAML and editors count them."""
    return _BREAK.split(text)


def hidden_on_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column (from 1) and name of the first character on each line that cannot be seen."""
    if _HIDDEN.search(text) is None:
        return
    for line, words in enumerate(lines(text), 1):
        found = _HIDDEN.search(words)
        if found:
            name = unicodedata.name(found[0], "control character").lower()
            yield line, found.start() + 1, f"U+{ord(found[0]):04X} ({name})"


class Spot(Protocol):
    """A parser's position: everything counts from 0, in characters."""

    line: int
    column: int
    index: int


def quote_it(text: str, at: Spot, what: str) -> str:
    """That a word is read as something else, and how to make it text."""
    return f"`{shown(_word(text, at))}` reads as {what}; {_AS_TEXT}"


class _Saying(NamedTuple):
    """A pattern over how and where a parser failed, and what we say."""

    pattern: str
    words: str
    at_start: bool = False  # the place is where the broken thing began, not where it broke
    code: str = "RG001"


_SAYINGS: Final = (
    _Saying("^tab", "a tab indents this line; indent with spaces"),
    _Saying(
        "quoted scalar: found unex", "the quote `{began}` that opens here is never closed", True
    ),
    _Saying(
        "quoted scalar|invalid Unicode",
        "a backslash in double quotes starts an escape; write two, or use single quotes",
    ),
    _Saying(" tag:|tag handle", f"`{{word}}` reads as a tag; {_AS_TEXT}", True, "RG006"),
    _Saying("an alias:", f"`{{word}}` reads as an alias; {_AS_TEXT}", True, "RG004"),
    _Saying("an anchor:", f"`{{word}}` reads as an anchor; {_AS_TEXT}", True, "RG003"),
    _Saying("directive|incompatible", "a directive (`%`); remove the line", True, "RG016"),
    _Saying("flow sequence", "the list that `[` opens here lacks a `,` or its `]` {where}", True),
    _Saying(
        "flow mapping", "the mapping that `{{` opens here lacks a `,` or its `}}` {where}", True
    ),
    _Saying(r"\|\t\|.*any token", "a tab cannot separate words here; use blanks"),
    _Saying("any token", "no text without quotes starts with `{char}`; write it in quotes"),
    _Saying("second.*mapping values", "a second `: ` in this line; put the text with it in quotes"),
    _Saying(
        "mapping values",
        "no key can stand here; line it up with its neighbours, and end the key above with `:`",
    ),
    _Saying("sequence entries", "a list item cannot start here; give `-` a line of its own"),
    _Saying("mapping keys", "no text without quotes starts with `? `; write it in quotes"),
    _Saying("expected ':'", "this line is no `key: value`; the `:` is missing", True),
    _Saying("document start", "this line fits nothing above it; line it up with the first line"),
    _Saying(r"\|[\]}]\|.*block", "`{char}` closes nothing; remove it"),
    _Saying(r"\|:\|.*block", "the key before this `:` is missing"),
    _Saying(
        "block collection",
        "this line does not continue the list above; its items start with `- ` in column {column}",
    ),
    _Saying(
        "first.*block mapping",
        "this line does not continue the mapping above; its keys start in column {column}",
    ),
    _Saying(
        "block mapping",
        "more text follows a value that has ended; quote it all, or close a quote above",
    ),
    _Saying("block scalar", "after `|` or `>` the text starts on the next line, indented"),
    _Saying(
        r"\|\|.*flow node", "the file ends inside a list or mapping; close it with `]` or `}}`"
    ),
    _Saying(r"\|\|.*node", "the file ends where a value was expected"),
    _Saying("node content", "a value was expected before `{char}`"),
    _Saying("", "this cannot be read: {says}"),
)
"""In order; the first that fits speaks. The wording of both of PyYAML's parsers is covered."""


def in_plain_words(says: str, at: Spot, began: Spot, text: str) -> tuple[str, int, int, str]:
    """Code, line, column (from 1) and message for what a parser `says` it cannot read.

    `at` is where it stopped, `began` where the thing it was reading starts.
    """
    char = text[at.index : at.index + 1]
    how = f"{_situation(at, text)}|{char}|{says}"
    saying = next(saying for saying in _SAYINGS if re.search(saying.pattern, how, re.DOTALL))
    words = saying.words.format(
        began=text[began.index : began.index + 1],
        char=shown(char),
        column=began.column + 1,
        says=shown(says),
        where=f"at line {at.line + 1}, column {at.column + 1}" if char else "when the file ends",
        word=shown(_word(text, began)),
    )
    place = began if saying.at_start else at
    every = lines(text)
    if place.line == len(every):  # the end of a file without a last line break
        return saying.code, len(every), len(every[-1]) + 1, words
    return saying.code, place.line + 1, place.column + 1, words


def _word(text: str, at: Spot) -> str:
    """The run of characters that starts at a place."""
    return re.split(r"[\s,\[\]{}]", text[at.index : at.index + LONGEST], maxsplit=1)[0]


def _situation(at: Spot, text: str) -> str:
    """What the line says about the place where a parser stopped."""
    line = [*lines(text), ""][at.line]  # the end of the file may count as a line of its own
    before = line[: at.column]
    indent = line[: len(line) - len(line.lstrip())]
    facts = {
        "tab": "\t" in indent,
        "first": not before.strip(),
        "second": ": " in before,
    }
    return " ".join(name for name, holds in facts.items() if holds)
