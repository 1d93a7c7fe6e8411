"""Damaged policies: an answer and never a traceback, and no rule lost that the text still has.

An independent reader (PyYAML, which gives every scalar as text) says what a damaged text holds. If
the file loads, then every rule that this reader sees is in force or off, under its own id and with
every limit that stands in the text; and what loads under the old digest means what it meant before.
So a rule can only go where the text itself no longer has it, and then the digest says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from riskgate.policy import schema
from riskgate.policy.bound import Bound
from riskgate.policy.cases import read_tests
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import Problem, parse

SEEDS = 10
FILES = 100  # damaged files of a seed: 1,000 of all, 10,000 with `--large`
LIMIT_SECONDS = 5.0  # of processor time, for the slowest of all files
ROOT = Path(__file__).parents[2]
POLICIES = sorted((ROOT / "policies").glob("*.yaml"))
GOOD = [path for path in POLICIES if not path.name.endswith(".test.yaml")]
ALL = [*POLICIES, *sorted((ROOT / "tests" / "golden").glob("bad_*.yaml"))]
ODD = "\t\n\r '\"#&*!|>%@`:-?,[]{}<~_.09\\\0\x1b\u00a0\u202e\ufeffé😀"


def damaged(text: str, random: Random) -> str:
    """The text with one to three lines or characters lost, doubled, moved or changed."""
    for _ in range(random.randint(1, 3)):
        lines = text.splitlines(keepends=True) or [""]
        at, to = (random.randrange(len(lines)) for _ in range(2))
        place = random.randrange(len(text) + 1)
        how = random.choice(
            ("lose", "double", "swap", "indent", "comment", "put", "drop", "change")
        )
        if how == "lose":
            del lines[at : at + random.choice((1, 1, 1, 2, 5))]
        elif how == "double":
            lines.insert(to, lines[at])
        elif how == "swap":
            lines[at], lines[to] = lines[to], lines[at]
        elif how == "indent":
            lines[at] = random.choice((f"  {lines[at]}", lines[at].removeprefix("  ")))
        elif how == "comment":
            lines[at] = f"# {lines[at]}"
        else:
            put = "" if how == "drop" else random.choice(ODD)
            lines = [text[:place], put, text[place + (how != "put") :]]
        text = "".join(lines)
    return text


def loaded(text: str) -> tuple[PolicySet | None, tuple[Problem, ...]]:
    """The policies of a text, or what is wrong with it; one of the two is never missing."""
    document, problems = parse(text.encode("utf-8", "replace"), "p.yaml")
    if document is None:
        assert problems
        return None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    found = (*problems, *wrong)
    assert policies is not None or found
    return (None if found else policies), found


def rules_of(text: str) -> dict[str, dict[str, Any]]:
    """The rules of a text by id, as PyYAML reads them: every scalar is text."""
    value = yaml.load(text, Loader=yaml.CBaseLoader)  # the loader that builds only text
    rules = value["rules"]
    found = {rule["id"]: rule for rule in rules}
    assert len(found) == len(rules)
    return found


def same(written: object, means: object) -> bool:
    """Whether a number in force is the number that stands in the text."""
    if not isinstance(means, Decimal) or not isinstance(written, str):
        return True
    try:
        return Decimal(written.replace("_", "")) == means
    except InvalidOperation:
        return False


def meaning(bounds: tuple[Bound, ...]) -> dict[str, dict[str, str]]:
    return {bound.name: {c.name: str(c.value) for c in bound.checks} for bound in bounds}


def texts(random: Random, paths: list[Path]) -> Iterator[tuple[str, str]]:
    for _ in range(FILES):
        before = random.choice(paths).read_text("utf-8", "replace")
        yield before, damaged(before, random)


def test_a_damaged_policy_never_loads_with_fewer_rules_in_silence(seed: int) -> None:
    count = 0
    for before, after in texts(Random(seed), GOOD):
        policies, _ = loaded(after)
        if policies is None:
            continue
        count += 1
        there, known = rules_of(after), {*policies.bounds, *policies.off}
        assert {bound.name.rpartition("/")[2] for bound in known} == set(there)
        for bound in known:
            written = there[bound.name.rpartition("/")[2]]
            assert bound.kind == written["kind"]
            limits = bound.rule.limits().keys() & written.keys()
            assert limits <= {check.name for check in bound.checks}
            assert all(same(written[c.name], c.value) for c in bound.checks if c.name in limits)
        original, _ = loaded(before)
        assert original is not None
        if policies.digest == original.digest:
            assert meaning(policies.bounds) == meaning(original.bounds)
            assert meaning(policies.off) == meaning(original.off)
        else:
            assert before != after
    assert count >= FILES // 20  # enough of the damage leaves a policy that loads


def test_every_rule_that_is_taken_out_changes_the_digest() -> None:
    count = 0
    for path in GOOD:
        text = path.read_text()
        original, problems = loaded(text)
        assert original is not None, problems
        for name in rules_of(text):
            fewer, wrong = loaded(without(text, name))
            if fewer is None:  # a waiver of the rule, or no rule is left
                assert wrong
                continue
            count += 1
            assert fewer.digest != original.digest
            assert len(fewer.bounds) + len(fewer.off) == len(rules_of(text)) - 1
    assert count >= 10


def without(text: str, name: str) -> str:
    """The text without the lines of one rule."""
    kept, inside = [], False
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("- id:"):
            inside = line.split(":", 1)[1].split("#")[0].strip() == name
        elif inside and line.strip() and not line.startswith(" "):
            inside = False
        kept += [] if inside else [line]
    return "".join(kept)


@pytest.mark.timeout(120)
def test_damaged_files_get_an_answer_and_never_a_traceback(seed: int) -> None:
    for _, text in texts(Random(seed), ALL):
        began = time.process_time()
        policies, problems = loaded(text)
        assert policies is not None or problems
        document, _ = parse(text.encode("utf-8", "replace"), "p.test.yaml")
        if document is not None and not schema.test_problems(document):
            file, wrong = read_tests(document)
            assert file is not None or wrong
        for problem in problems:
            assert str(problem).isprintable(), text
            assert min(problem.line, problem.column) >= 1
        assert time.process_time() - began < LIMIT_SECONDS, text
