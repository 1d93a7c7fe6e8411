"""The strict reader of YAML under fire: hostile and damaged files, and PyYAML as the oracle."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
import yaml

from riskgate.policy import source
from riskgate.policy.source import CODES, Document, parse

PARSERS = (yaml.CBaseLoader, yaml.BaseLoader)
WORDS_FOR_NOTHING = ("", "~", "null")

GOOD = """\
# yaml-language-server: $schema=../schemas/policy.schema.json
riskgate: 1
policy: us-equities
description: Limits of the US equity desk, "as agreed".
applies_to: {account: [DU1234567, 'DU*'], sec_type: STK}
timezone: America/New_York
day_starts: "00:00"
groups:
  mega-caps: [AAPL, MSFT, NVDA]
rules:
  - id: single-name-position
    kind: position
    match: {symbol: "@mega-caps"}
    max_long: 10_000
    max_short: -0.5
    enabled: true
    because: >
      Desk mandate 2026-02,
      RISK-118.
  - id: double-click
    kind: duplicate
    window: 5s
    because: Größe zählt.
"""


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{" * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "[]," * 30_000,
        "a: [" + "{b: c}," * 10_000,
        "&a " * 30_000,
        '"' * 100_000,
        "a: " + "9" * 1_000_000,
        "a: " + "1_" * 500_000,
        "a: 1\n" * 20_000,
        "---\n" * 30_000,
        "%TAG !a! tag:x\n" * 10_000,
    ],
    ids=lambda text: text[:8].strip(),
)
@pytest.mark.timeout(20)
def test_a_hostile_file_is_answered_soon(text: str) -> None:
    document, problems = parse(text, "p")
    assert document is not None or problems


def damaged(rng: random.Random) -> str | bytes:
    """The good file with a few characters or bytes changed, lost, doubled or put in."""
    odd = "\t\n\r '\"#&*!|>%@`:-?,[]{}<~_.0\\\0\x1b\u00a0\u202e\ufeff\udc80é😀"
    text = GOOD
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(text))
        put = rng.choice((rng.choice(odd), "", text[at] * 2, chr(rng.randrange(0x300)), text[:at]))
        text = text[:at] + put + text[at + rng.randint(0, 2) :]
    if rng.random() < 0.5:
        return text
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


@pytest.mark.parametrize(("parser", "files"), [(PARSERS[0], 3000), (PARSERS[1], 300)])
def test_damaged_files_get_an_answer_and_never_an_exception(
    parser: type, files: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_PARSER", parser)
    rng = random.Random(20260302)
    for _ in range(files):
        text = damaged(rng)
        document, problems = parse(text, "p.yaml")
        assert document is not None or problems, text
        for problem in problems:
            assert problem.code in CODES
            assert min(problem.line, problem.column) >= 1
            assert str(problem).isprintable(), text
            assert "cannot be read:" not in problem.text, text  # words for all complaints


def agrees(node: yaml.Node, document: Document, location: tuple[str | int, ...]) -> bool:
    """True if the node graph of PyYAML has the same values at the same places."""
    value = document.value
    for step in location:
        value = value[step]  # type: ignore[index]
    mark = document.mark(location)
    if (node.start_mark.line + 1, node.start_mark.column + 1) != (mark.line, mark.column):
        return False
    if isinstance(node, yaml.MappingNode):
        keys = [(key.start_mark, key.value) for key, _ in node.value]
        marks = [document.key_mark((*location, key)) for _, key in keys]
        return (
            isinstance(value, dict)
            and list(value) == [key for _, key in keys]
            and [(m.line + 1, m.column + 1) for m, _ in keys] == [(m.line, m.column) for m in marks]
            and all(agrees(child, document, (*location, key.value)) for key, child in node.value)
        )
    if isinstance(node, yaml.SequenceNode):
        return (
            isinstance(value, list)
            and len(value) == len(node.value)
            and all(agrees(child, document, (*location, i)) for i, child in enumerate(node.value))
        )
    if isinstance(value, str) or document.quoted(location):
        return bool(value == node.value)
    if isinstance(value, Decimal):
        return value == Decimal(node.value.replace("_", ""))
    return (
        node.value
        in {"True": ("true",), "False": ("false",), "None": WORDS_FOR_NOTHING}[str(value)]
    )


def test_what_is_read_agrees_with_the_node_graph_of_pyyaml() -> None:
    rng = random.Random(15)
    texts = [GOOD, *(text for text in (damaged(rng) for _ in range(2000)) if isinstance(text, str))]
    read = 0
    for text in texts:
        document, problems = parse(text, "p.yaml")
        if document is not None and not problems:
            read += 1
            node = yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.CBaseLoader)
            assert node is not None
            assert agrees(node, document, ()), text
    assert read > 100  # enough of the damage was harmless
