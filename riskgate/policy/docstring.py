"""The docstring of a rule kind's file, taken apart: docs/rule-docstrings.md has the grammar.

Rule 1: what does not fit the grammar raises, with the line: a page is never half of one.
Rule 2: an example becomes a policy and a policy test as text, so it is judged and played by what
judges and plays every other policy test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from riskgate.errors import PolicyError
from riskgate.policy.case_shape import GIVEN, STEPS
from riskgate.policy.source import parse
from riskgate.policy.suggest import closest

VERBS: Final = ("Deny", "Hold", "Stop", "Warn")
PROSE: Final = ("Why", "Measures", "Source")
OUTCOMES: Final = ("Passes", "Breaches")
ORDER: Final = re.compile(r"(BUY|SELL) ")
HEAD: Final = re.compile(r"(Passes|Breaches) with `(.+)`")
POLICY: Final = "example"
WORLD: Final = (
    "now: 2026-03-02T12:00:00-05:00",
    "account: {net_liquidation: 1_000_000, available_funds: 1_000_000, day_pnl: 0}",
    "prices: {AAPL: {bid: 189.99, ask: 190.01, last: 190, close: 190}}",
    "adv: {AAPL: 1_000_000}",
)
"""What is given to every example that does not say otherwise."""


class Block(NamedTuple):
    """Orders that pass or breach under one configuration.

    `given` and `after` are in test notation; every order of `asked` meets the same world anew.
    """

    passes: bool
    config: str
    given: tuple[str, ...]
    after: tuple[str, ...]
    asked: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """`Passes` or `Breaches`."""
        return OUTCOMES[0] if self.passes else OUTCOMES[1]


class Docstring(NamedTuple):
    """The parts of a docstring; paragraphs of prose are lines."""

    title: str
    why: tuple[str, ...]
    measures: tuple[str, ...]
    blocks: tuple[Block, ...]
    source: tuple[str, ...]


class _Section(NamedTuple):
    head: str
    line: int
    body: tuple[tuple[int, str], ...]


def read_docstring(text: str, name: str) -> Docstring:
    """Take a cleaned docstring apart; `name` is whose. Raise PolicyError where it is wrong."""
    lines = text.rstrip().splitlines() or [""]
    reader = _Reader(name)
    title = reader.title(lines)
    sections = list(reader.sections(lines[2:]))
    found = [section.head for section in sections if section.head in PROSE]
    examples = [section for section in sections if section.head not in PROSE]
    if [s.head for s in (*sections[:2], *sections[-1:])] != list(PROSE) or len(found) > len(PROSE):
        raise reader.wrong(2, "the sections are Why, Measures, the examples, Source; in this order")
    prose = {section.head: reader.prose(section) for section in sections if section.head in PROSE}
    return Docstring(
        title, prose["Why"], prose["Measures"], reader.blocks(examples), prose["Source"]
    )


class _Reader:
    """Reads the docstring of one file."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wrong(self, line: int, what: str) -> PolicyError:
        """What to raise; lines count from 0."""
        return PolicyError(f"docstring of {self.name}, line {line + 1}: {what}")

    def title(self, lines: Sequence[str]) -> str:
        if not lines[0].startswith(tuple(f"{verb} " for verb in VERBS)) or lines[0][-1:] != ".":
            raise self.wrong(0, f"begin with {', '.join(VERBS)} and end the line with a full stop")
        if "".join(lines[1:2]):
            raise self.wrong(1, "leave a blank line below the first")
        return lines[0]

    def sections(self, lines: Sequence[str]) -> Iterator[_Section]:
        """The heads with what is indented below them."""
        head, line, body = "", 2, list[tuple[int, str]]()
        for number, text in enumerate(lines, 2):
            if not text or text.startswith("    "):
                body.append((number, text[4:]))
                continue
            if text.startswith(" "):
                raise self.wrong(number, "indent what stands in a section by four blanks")
            if head or body:
                yield self.section(head, line, body)
            head, line, body = text.rstrip(), number, []
        yield self.section(head, line, body)

    def section(self, head: str, line: int, body: list[tuple[int, str]]) -> _Section:
        if head not in (*PROSE, *OUTCOMES) and not HEAD.fullmatch(head):
            raise self.wrong(line, f"`{head}` is no section; the text in one is indented")
        if not any(text for _, text in body):
            raise self.wrong(line, f"nothing stands below `{head}`")
        return _Section(head, line, tuple(body))

    def prose(self, section: _Section) -> tuple[str, ...]:
        """The paragraphs, each on one line."""
        text = "\n".join(line for _, line in section.body).strip("\n")
        return tuple(" ".join(part.split()) for part in re.split(r"\n{2,}", text))

    def blocks(self, sections: Iterable[_Section]) -> tuple[Block, ...]:
        """The examples; there is one that passes and one that breaches."""
        blocks: list[Block] = []
        for section in sections:
            match = HEAD.fullmatch(section.head)
            if match is None and not blocks:
                raise self.wrong(section.line, f"write `{section.head} with` and a configuration")
            config = match[2] if match else blocks[-1].config
            blocks.append(self.block(section, config))
        for passes, outcome in ((True, OUTCOMES[0]), (False, OUTCOMES[1])):
            if not any(block.passes is passes for block in blocks):
                raise self.wrong(2, f"an example under `{outcome} with` is missing")
        return tuple(blocks)

    def block(self, section: _Section, config: str) -> Block:
        """One example: given, then after, then what is asked."""
        rank = {"given": 0, "after": 1, "asked": 2}
        parts: dict[str, list[str]] = {part: [] for part in rank}
        self.yaml(section.line, config)
        last = "given"
        for line, text in self.joined(section):
            part, said = self.part(line, text)
            if rank[part] < rank[last]:
                raise self.wrong(line, "first what is `given`, then `after`, then the orders")
            parts[part].append(said)
            last = part
        if not parts["asked"]:
            raise self.wrong(section.line, f"no order stands below `{section.head}`")
        self.once(section.line, parts["given"])
        passes = section.head.startswith(OUTCOMES[0])
        return Block(passes, config, *(tuple(parts[part]) for part in rank))

    def joined(self, section: _Section) -> Iterator[tuple[int, str]]:
        """The lines, each with those below it that are indented deeper."""
        whole: list[tuple[int, str]] = []
        for line, text in section.body:
            if text.startswith(" ") and whole:
                whole[-1] = (whole[-1][0], f"{whole[-1][1]} {text.strip()}")
            elif text:
                whole.append((line, text.rstrip()))
        yield from whole

    def part(self, line: int, text: str) -> tuple[str, str]:
        """Which part of an example a line is, and what it says there."""
        word, _, rest = text.partition(" ")
        if word == "given":
            for key in self.yaml(line, rest):
                self.known(line, key, GIVEN)
            return "given", rest
        part, said = ("after", rest) if word == "after" else ("asked", text)
        if not ORDER.match(said):
            self.known(line, self.yaml(line, said)[0], STEPS)
        return part, said

    def known(self, line: int, key: str, names: Iterable[str]) -> None:
        if key not in names:
            hint = closest(key, names)
            meant = f"did you mean `{hint}`?" if hint else f"use one of {', '.join(names)}"
            raise self.wrong(line, f"unknown key `{key}`; {meant}")

    def yaml(self, line: int, text: str) -> list[str]:
        """The keys of `key: value, ...`."""
        document, problems = parse(f"{{{text}}}", self.name)
        if problems or document is None or not isinstance(document.value, dict):
            why = f": {problems[0].text}" if problems else ""
            raise self.wrong(line, f"`{text}` cannot be read as `key: value, ...`{why}")
        if not document.value or None in document.value.values():
            raise self.wrong(line, f"`{text}` lacks an order, or a value for a key")
        return list(document.value)

    def once(self, line: int, given: list[str]) -> None:
        keys = [key for text in given for key in self.yaml(line, text)]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise self.wrong(line, f"`{min(twice)}` is given twice; put it on one line")


def policy_of(kind: str, block: Block) -> str:
    """The policy that an example is played against, as YAML."""
    rule = f"{{id: {kind.replace('_', '-')}, kind: {kind}, because: an example, {block.config}}}"
    head = ("riskgate: 1", f"policy: {POLICY}", "timezone: America/New_York", "currency: USD")
    return "\n".join((*head, f"rules:\n  - {rule}", ""))


def cases_of(kind: str, block: Block) -> str:
    """A policy test with a case for each order of an example, as YAML."""
    lines = [f"policies: [{POLICY}.yaml]", "given:", *(f"  {fact}" for fact in WORLD), "cases:"]
    for asked in block.asked:
        lines.append(f"  - name: {json.dumps(asked)}")
        lines += [f"    given: {{{', '.join(block.given)}}}"] if block.given else []
        lines.append("    steps:")
        lines += (f"      - {{{_step(step)}}}" for step in block.after)
        lines.append(f"      - {{{_step(asked)}, {_expected(kind, block)}}}")
    return "\n".join((*lines, ""))


def _step(said: str) -> str:
    return f"submit: {json.dumps(said)}" if ORDER.match(said) else said


def _expected(kind: str, block: Block) -> str:
    if block.passes:
        return "expect: allow, by: []"
    return f"expect: deny, by: [{POLICY}/{kind.replace('_', '-')}]"
