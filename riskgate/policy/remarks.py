"""Comments that speak to riskgate: `# riskgate: ignore[RG310] why it is as it is`.

Rule 1: only a real comment counts. A `#` inside quotes or a block of text is text.
Rule 2: a remark at the end of a line is about that line; one on a line of its own is about the
next line that is more than a comment.
Rule 3: this module judges nothing: what a remark may say, and whether it is needed, lint decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from riskgate.policy.source import Document, Mark, Place

REMARK: Final = re.compile(r"(?:^|(?<=\s))#\s*riskgate:\s*ignore\b\s*(?:\[([^\]\n]*)\])?(.*)$")
QUICK: Final = re.compile(r"riskgate:\s*ignore")
# What may stand after an opening quote while the text is not yet at its end.
QUOTED: Final = {
    '"': re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL),
    "'": re.compile(r"(?:[^']|'')*"),
}
COMMENT_OR_BLANK: Final = re.compile(r"\s*(#.*)?$")


class Remark(msgspec.Struct, frozen=True):
    """One remark: where it stands, the line that it is about, what it ignores, and why."""

    line: int
    column: int
    about: int
    codes: tuple[str, ...]
    reason: str


def remarks(text: str, document: Document) -> tuple[Remark, ...]:
    """All remarks in the text of a document, in order."""
    if not QUICK.search(text):
        return ()
    lines = text.removeprefix("\ufeff").splitlines()
    candidates = [
        (number, found) for number, line in enumerate(lines) if (found := REMARK.search(line))
    ]
    scalars = sorted(_scalars(document.root)) if candidates else []
    return tuple(
        _remark(number, found, lines)
        for number, found in candidates
        if not _is_text(Mark(number, found.start()), scalars, lines)
    )


def _remark(number: int, found: re.Match[str], lines: list[str]) -> Remark:
    codes = tuple(word for item in (found[1] or "").split(",") if (word := item.strip()))
    about = number
    if not lines[number][: found.start()].strip():
        later = range(number + 1, len(lines))
        about = next((n for n in later if not COMMENT_OR_BLANK.match(lines[n])), number)
    reason = found[2].strip().lstrip(":-").strip()
    return Remark(number + 1, found.start() + 1, about + 1, codes, reason)


def _scalars(place: Place) -> Iterator[tuple[int, int]]:
    """Where keys and scalars start, counted from 0."""
    for item in (place.inside or {}).values():
        yield item.key_line, item.key_column
        if item.inside is None:
            yield item.line, item.column
        else:
            yield from _scalars(item)


def _is_text(at: Mark, scalars: list[tuple[int, int]], lines: list[str]) -> bool:
    """Whether a place (counted from 0) lies inside the last scalar that starts before it."""
    before = [start for start in scalars if start < (at.line, at.column)]
    if not before:
        return False
    line, column = before[-1]
    sign = lines[line][column : column + 1]
    if sign in QUOTED:
        before_it = "\n".join((*lines[line : at.line], lines[at.line][: at.column]))
        return QUOTED[sign].fullmatch(before_it, column + 1) is not None
    if sign in ("|", ">") and at.line > line:
        return _in_block(lines, line, at.line)
    return False


def _in_block(lines: list[str], header: int, number: int) -> bool:
    """Whether a line belongs to the block of text whose `|` or `>` stands on an earlier line."""
    later = [line for line in lines[header + 1 : number + 1] if line.strip()]
    indent = _indent(later[0])
    return indent > 0 and all(_indent(line) >= indent for line in later)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
