"""Nodes as text in canonical layout.

Rule 1: two blanks for each level, lists one level inside their key, no blank at the end of a line,
at most one blank line together, one line break at the end.
Rule 2: what is in flow style (`{...}`, `[...]`) stays so: on one line if it fits, else wrapped. One
that holds comments is copied as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from riskgate.authoring.layout.order import Path, ordered
from riskgate.authoring.layout.tree import Collection, Entry, Scalar, Tree

STEP: Final = 2
WIDTH: Final = 100


def write(tree: Tree) -> str:
    """The whole file."""
    lines = [*tree.header, *_Writer(tree).block(tree.root, 0, ()), *tree.footer]
    kept = [
        line.rstrip()
        for place, line in enumerate(lines)
        if line.strip() or (place and lines[place - 1].strip())
    ]
    return "\n".join(kept).strip("\n") + "\n"


class _Writer:
    """Writes the nodes of one file."""

    def __init__(self, tree: Tree) -> None:
        self.trailing = tree.trailing

    def block(self, node: Collection, indent: int, path: Path) -> Iterator[str]:
        """The lines of a block collection."""
        pad = " " * indent
        for place, entry in ordered(node, path):
            yield from (pad + line if line else "" for line in entry.leading)
            if entry.key is None:
                yield from self.item(entry, indent, (*path, place))
            else:
                yield from self.pair(entry.key, entry.value, indent, (*path, entry.key.text))
            yield from (pad + line if line else "" for line in entry.tail)

    def pair(
        self, key: Scalar, value: Scalar | Collection, indent: int, path: Path
    ) -> Iterator[str]:
        """A key and its value."""
        head = f"{' ' * indent}{key.text}:"
        if isinstance(value, Collection) and not value.is_flow:
            yield head + self.trailing.get(key.line, "")
            yield from self.block(value, indent + STEP, path)
        else:
            yield from self.inline(head, value, indent, path)

    def item(self, entry: Entry, indent: int, path: Path) -> Iterator[str]:
        """An item of a list; the first line of a block begins beside the dash."""
        pad, value = " " * indent, entry.value
        if not isinstance(value, Collection) or value.is_flow:
            yield from self.inline(f"{pad}-", value, indent, path)
            return
        lines = list(self.block(value, indent + STEP, path))
        first = next(n for n, line in enumerate(lines) if line and line.lstrip()[0] != "#")
        yield from (f"{pad}{line.strip()}" if line else "" for line in lines[:first])
        yield f"{pad}- {lines[first].lstrip()}"
        yield from lines[first + 1 :]

    def inline(
        self, head: str, value: Scalar | Collection, indent: int, path: Path
    ) -> Iterator[str]:
        """A scalar or a flow collection after its key or dash."""
        if isinstance(value, Scalar):
            lines = list(_scalar(value, indent + STEP))
        elif any(n in self.trailing for n in range(value.line, value.end)) or _is_noted(value):
            lines = value.text.split("\n")
        else:
            lines = _wrapped(head, value, indent, path)
        comment = self.trailing.get(value.end, "")
        lines = [f"{head} {lines[0]}" if lines[0] else head, *lines[1:]]
        yield from (*lines[:-1], lines[-1] + comment)


def _is_noted(value: Collection) -> bool:
    """Whether a comment has a line of its own inside a flow collection."""
    return any(line.lstrip().startswith("#") for line in value.text.split("\n"))


def _scalar(node: Scalar, indent: int) -> Iterator[str]:
    """The lines of a scalar as written; those after the first are indented anew."""
    first, *more = node.text.split("\n")
    pad = " " * indent
    yield first
    if first[:1] in ("|", ">") and more:
        shift = min(len(line) - len(line.lstrip(" ")) for line in more if line.strip())
        yield from (pad + line[shift:] if line.strip() else "" for line in more)
    else:
        yield from (pad + line.strip() if line.strip() else "" for line in more)


def _wrapped(head: str, value: Collection, indent: int, path: Path) -> list[str]:
    """A flow collection on one line if it fits, else its parts on as few lines as they fill."""
    whole = flow(value, path)
    if len(head) + 1 + len(whole) <= WIDTH:
        return [whole]
    opening, closing = whole[0], whole[-1]
    pad = " " * (indent + STEP)
    lines: list[str] = []
    line = f"{head} {opening}"
    parts = [_part(entry, (*path, place)) for place, entry in ordered(value, path)]
    for number, part in enumerate(parts):
        text = part + (closing if number == len(parts) - 1 else ",")
        gap = "" if line.endswith(opening) and not lines else " "
        if len(line) + len(gap) + len(text) > WIDTH and line.strip() and line != pad:
            lines.append(line)
            line, gap = pad, ""
        line += gap + text if line != pad else text
    lines.append(line)
    return [lines[0][len(head) + 1 :], *lines[1:]]


def flow(node: Collection, path: Path) -> str:
    """A flow collection on one line."""
    parts = [_part(entry, (*path, place)) for place, entry in ordered(node, path)]
    opening, closing = "{}" if node.is_mapping else "[]"
    return f"{opening}{', '.join(parts)}{closing}"


def _part(entry: Entry, path: Path) -> str:
    value = entry.value
    if isinstance(value, Collection):
        text = flow(value, path)
    else:
        text = " ".join(line.strip() for line in value.text.split("\n"))
    if entry.key is None:
        return text
    return f"{entry.key.text}: {text}" if text else f"{entry.key.text}:"
