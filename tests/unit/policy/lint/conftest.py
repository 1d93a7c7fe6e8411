"""A desk to lint at: policies as text, and whatever evidence a test lays beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest

from riskgate.policy.cases import read_tests
from riskgate.policy.compiler import compile_policies
from riskgate.policy.lint.desk import Desk, Evidence, Tested, desk
from riskgate.policy.lint.findings import findings
from riskgate.policy.remarks import remarks
from riskgate.policy.source import Document, parse

HEAD = "riskgate: 1\npolicy: {0}\ncurrency: USD\ntimezone: America/New_York\n"
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
Lay = Callable[..., Desk]
Found = Callable[..., list[str]]


def read(text: str, path: str) -> Document:
    document, problems = parse(text, path)
    assert document is not None, problems
    assert problems == ()
    return document


def cases_of(text: str, *policies: str) -> tuple[Tested, ...]:
    """The cases of a policy test, played against the policies of these names."""
    file, problems = read_tests(read(f"policies: [desk.yaml]\n{text}", "desk.test.yaml"))
    assert file is not None, problems
    return tuple(Tested(case=case, policies=frozenset(policies)) for case in file.cases)


@pytest.fixture
def lay() -> Lay:
    """Lay out policies, given without their first four lines; the first is named `desk`."""

    def laid(*bodies: str, **evidence: object) -> Desk:
        names = ["desk", *(f"desk-{number}" for number in range(2, len(bodies) + 1))]
        texts = [HEAD.format(name) + body for name, body in zip(names, bodies, strict=True)]
        documents = [read(text, f"{name}.yaml") for name, text in zip(names, texts, strict=True)]
        policies, problems = compile_policies(documents, lambda _: None)
        assert policies is not None, problems
        files = [(d, remarks(text, d)) for d, text in zip(documents, texts, strict=True)]
        return desk(files, policies, msgspec.structs.replace(Evidence(now=NOW), **evidence))

    return laid


@pytest.fixture
def found(lay: Lay) -> Found:
    """What lint finds in policies, as `file:line CODE`."""

    def as_lines(*bodies: str, **evidence: object) -> list[str]:
        problems = findings(lay(*bodies, **evidence))
        return [f"{item.path}:{item.line} {item.code}" for item in problems]

    return as_lines
