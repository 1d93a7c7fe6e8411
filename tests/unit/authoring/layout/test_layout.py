"""Layout: what it changes, what it never changes, and that twice is once."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.authoring.layout import laid_out
from riskgate.authoring.layout.tree import read_tree
from riskgate.errors import PolicyError
from riskgate.policy.compiler import compile_policies
from riskgate.policy.source import parse

ROOT = Path(__file__).parents[4]
SHIPPED = sorted((ROOT / "policies").glob("*[!t].yaml"))
FILES = [
    path
    for folder in ("policies", "tests/conformance/policies")
    for path in sorted((ROOT / folder).glob("*.yaml"))
    if not path.name.endswith(".test.yaml")
]
MESSY = """\
# yaml-language-server: $schema=x
---
policy: p          # the name
riskgate: 1


# about currency
currency: USD
timezone: America/New_York
rules:
    # about the list
    - kind: position    # kind first
      id: a
      # why so low
      max_long: 1_000.50
      because: >-
          folded   text
            deeper # no comment

      match:
        symbol: [AAPL,   "NO", 09:30,
           0700]
        # inside match
    - {kind: fat_finger, max_quantity: 10,   id: b, because: "it, is"}   # in one line
    -
      id: c
      kind: permitted
      symbols:
      - AAPL   # one
      # two
      - "MSFT"
      because: a plain text
          on two lines   # at its end
      tifs: [DAY,  # noted
             IOC]
    # the end of the rules
# footer
"""
TIDY = """\
# yaml-language-server: $schema=x
riskgate: 1
policy: p          # the name
timezone: America/New_York

# about currency
currency: USD
rules:
  # about the list
  - id: a
    kind: position    # kind first

    match:
      symbol: [AAPL, "NO", 09:30, 0700]
      # inside match
    # why so low
    max_long: 1_000.50
    because: >-
      folded   text
        deeper # no comment
  - {id: b, kind: fat_finger, max_quantity: 10, because: "it, is"}   # in one line
  - id: c
    kind: permitted
    symbols:
      - AAPL   # one
      # two
      - "MSFT"
    tifs: [DAY,  # noted
             IOC]
    because: a plain text
      on two lines   # at its end
  # the end of the rules
# footer
"""


def digest(text: str) -> str:
    document, problems = parse(text, "p.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    return policies.digest


def test_keys_comments_and_blanks_find_their_places() -> None:
    assert laid_out(MESSY, "p.yaml") == TIDY


def test_what_is_laid_out_stays_as_it_is() -> None:
    assert laid_out(TIDY, "p.yaml") == TIDY


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_policy_keeps_its_digest_and_its_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    written = laid_out(text, path.name)
    assert digest(written) == digest(text)
    assert read_tree(written).comments == read_tree(text).comments
    assert laid_out(written, path.name) == written


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_policies_are_laid_out(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert laid_out(text, path.name) == text


def shaken(text: str, seed: int) -> str:
    """The text with harmless damage: blank lines, comments, blanks at ends, rules reordered."""
    dice = random.Random(seed)
    head, _, tail = text.partition("rules:\n")
    lines = tail.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("  - ")] + [len(lines)]
    rules = [lines[a:b] for a, b in pairwise(starts)]
    dice.shuffle(rules)
    out: list[str] = []
    for line in (line for rule in rules for line in rule):
        plain = not line.strip().startswith("#") and not line.endswith((",", "|", ">", "-"))
        if dice.random() < 0.2 and plain and line[:4].strip():
            out.append(f"  # remark {len(out)}")
        if dice.random() < 0.2 and plain and line[:6].strip() and not line[:4].strip():
            out.append(f"{' ' * dice.choice((0, 4, 9))}# remark {len(out)}")
        gap = " " * dice.choice((1, 2, 7))
        ending = f"{gap}# end {len(out)}" if plain and "#" not in line and line.strip() else ""
        out.append(line + (ending if dice.random() < 0.3 else " " * dice.choice((0, 3))))
        if dice.random() < 0.2 and plain:
            out += [""] * dice.choice((1, 3))
    return f"{head}rules:\n" + "\n".join(lines[: starts[0]] + out) + "\n" * dice.choice((0, 1, 4))


@pytest.mark.slow
@settings(max_examples=120, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10**6), path=st.sampled_from(FILES))
def test_a_shaken_policy_keeps_what_it_says_and_settles_at_once(seed: int, path: Path) -> None:
    text = shaken(path.read_text(encoding="utf-8"), seed)
    document, problems = parse(text, path.name)
    if document is None or problems:  # shaken too hard
        return
    written = laid_out(text, path.name)
    again, _ = parse(written, path.name)
    assert again is not None
    assert again.value == document.value
    assert read_tree(written).comments == read_tree(text).comments
    assert laid_out(written, path.name) == written
    assert "\n\n\n" not in written
    assert all(line == line.rstrip() for line in written.splitlines())


def test_a_text_that_cannot_be_read_is_refused_with_its_problems() -> None:
    with pytest.raises(PolicyError, match="before it can be read") as raised:
        laid_out("a: [1", "p.yaml")
    assert raised.value.problems


def test_a_comment_with_no_place_is_a_reason_to_leave_the_file_alone() -> None:
    text = "riskgate: 1\nrules:\n  - # beside a dash\n    id: a\n"
    with pytest.raises(PolicyError, match="a comment would be lost; put it above a key"):
        laid_out(text, "p.yaml")


def test_windows_line_ends_stay_and_a_byte_order_mark_goes() -> None:
    text = "\ufeffpolicy: p\r\nriskgate: 1 # one\r\n"
    assert laid_out(text, "p.yaml") == "riskgate: 1 # one\r\npolicy: p\r\n"


def test_a_long_list_is_wrapped_and_a_short_one_joined() -> None:
    names = ", ".join(f"SYMBOL{n}" for n in range(30))
    written = laid_out(f"groups:\n  all: [{names}]\n  few: [A,\n    B]\n", "p.yaml")
    assert max(map(len, written.splitlines())) <= 100
    assert "  few: [A, B]\n" in written
    assert laid_out(written, "p.yaml") == written
