"""The page of a rule kind as lines: for a terminal, and as Markdown for `docs/rules/`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from riskgate.policy.docstring import Block
from riskgate.policy.pages import Entry, Page, ParameterLine
from riskgate.reporters.lines import wrapped

MADE: Final = "<!-- made by `riskgate rules --write docs/rules`; edit the docstring instead -->"
TIGHTER: Final = {"more": "more items are tighter", "fewer": "fewer items are tighter"}
FLAGS: Final = {"higher": "`true` is tighter", "lower": "`false` is tighter"}


def page_lines(page: Page) -> Iterator[str]:
    """A page for a terminal."""
    yield from (f"{page.kind}: {page.text.title}", "")
    for head, prose in (("Why", page.text.why), ("Measures", page.text.measures)):
        yield head
        yield from _paragraphs(prose, 4)
    yield "Parameters"
    for item in page.parameters:
        yield f"    {item.name}"
        yield from wrapped(item.help, 8, hang=0)
        yield from wrapped(f"{'; '.join(_properties(item))}.", 8, hang=0)
    for fact in page.facts:
        yield from wrapped(fact, 4, hang=0)
    for block in page.text.blocks:
        yield f"{block.outcome} with `{block.config}`"
        yield from (f"    {line}" for line in _played(block))
    yield "Source"
    yield from _paragraphs(page.text.source, 4)


def page_sections(page: Page) -> Iterator[str]:
    """A page as Markdown."""
    yield from (MADE, "", f"# {page.kind}", "", page.text.title, "")
    for head, prose in (("Why", page.text.why), ("Measures", page.text.measures)):
        yield from (f"## {head}", "", *_spaced(prose))
    yield from ("## Parameters", "", "| name | value | meaning |", "|---|---|---|")
    for item in page.parameters:
        yield f"| `{item.name}` | {_cell('; '.join(_properties(item)))} | {_cell(item.help)} |"
    yield from ("", *(f"* {fact}" for fact in page.facts), "", "## Examples", "")
    for block in page.text.blocks:
        yield from (
            f"{block.outcome} with `{block.config}`:",
            "",
            "```",
            *_played(block),
            "```",
            "",
        )
    yield from ("## Source", "", *list(_spaced(page.text.source))[:-1])


def index_sections(entries: Iterable[Entry]) -> Iterator[str]:
    """The list of kinds as Markdown, each with a link to its page."""
    yield from (MADE, "", "# Rule kinds", "")
    yield from (f"* [`{entry.kind}`]({entry.kind}.md): {entry.title}" for entry in entries)


def _properties(item: ParameterLine) -> Iterator[str]:
    """What may stand there, in which unit, by default, and which way is tighter."""
    yield f"{item.type} ({item.unit})" if item.unit else item.type
    if item.required:
        yield "required"
    if item.default is not None:
        yield f"default `{item.default}`"
    if item.tighter:
        yield _direction(item)
    if not item.is_limit:
        yield "no limit by itself"


def _direction(item: ParameterLine) -> str:
    """Which way is tighter, said for what the parameter holds."""
    if item.type == "true or false":
        return FLAGS.get(item.tighter, "")
    return TIGHTER.get(item.tighter, f"a {item.tighter} value is tighter")


def _cell(text: str) -> str:
    """Text that cannot end a cell of a table."""
    return text.replace("|", "\\|")


def _played(block: Block) -> Iterator[str]:
    yield from (f"given {fact}" for fact in block.given)
    yield from (f"after {step}" for step in block.after)
    yield from block.asked


def _spaced(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield from (paragraph, "")


def _paragraphs(paragraphs: tuple[str, ...], indent: int) -> Iterator[str]:
    for place, paragraph in enumerate(paragraphs):
        yield from ([""] if place else [])
        yield from wrapped(paragraph, indent, hang=0)
