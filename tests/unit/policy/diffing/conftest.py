"""Policies to compare: a text each side, and what `diff` says in short."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from riskgate.policy.compiler import compile_policies
from riskgate.policy.diffing.compare import compare
from riskgate.policy.diffing.difference import Difference
from riskgate.policy.diffing.sides import Side
from riskgate.policy.source import parse

HEAD = "riskgate: 1\npolicy: desk\ncurrency: USD\ntimezone: America/New_York\n"
Texts = str | Sequence[str]
Compared = Callable[[Texts, Texts], tuple[Difference, ...]]
Said = Callable[[Texts, Texts], list[str]]
Rules = Callable[..., str]


@pytest.fixture
def rules() -> Rules:
    """A policy of these rules; lines that begin with no `{` stand above them."""

    def write(*lines: str) -> str:
        above = "".join(f"{line}\n" for line in lines if not line.startswith("{"))
        items = "".join(
            f"  - {line.replace('{', '{because: mandate, ', 1)}\n"
            for line in lines
            if line.startswith("{")
        )
        return f"{HEAD}{above}rules:\n{items}"

    return write


@pytest.fixture
def compared() -> Compared:
    """All differences between two sets of texts."""
    return lambda old, new: compare(_side("old", old), _side("new", new)).found


@pytest.fixture
def said(compared: Compared) -> Said:
    """`LABEL+- rule what change | who`: `+` may allow more, `-` may stop more."""

    def say(old: Texts, new: Texts) -> list[str]:
        return [
            f"{item.label}{'+' * item.may_allow_more}{'-' * item.may_stop_more}"
            f" {item.subject.partition('/')[2] or item.subject} {item.what} {item.change}"
            f" | {item.who}"
            for item in compared(old, new)
        ]

    return say


def _side(name: str, texts: Texts) -> Side:
    documents = []
    for place, text in enumerate([texts] if isinstance(texts, str) else texts):
        document, problems = parse(text, f"{name}{place}.yaml")
        assert document is not None, problems
        assert not problems
        documents.append(document)
    policies, wrong = compile_policies(documents, lambda _: None)
    assert policies is not None, wrong
    return Side(policies, tuple(documents))
