"""What every rule kind owes its readers, asked of every kind there is.

A new file in `riskgate/rules/` is tested here without a new line: its docstring's examples are
played through the gate, and its limits are moved to see that they move the right way.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskgate.rules
from riskgate.authoring.playing import Player
from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.errors import PolicyError
from riskgate.journal.memory import MemoryJournal
from riskgate.model.decision import Action, Decision, Verdict
from riskgate.model.events import Decided
from riskgate.policy import schema
from riskgate.policy.cases import Case, read_tests
from riskgate.policy.catalog import kinds
from riskgate.policy.compiler import compile_policies
from riskgate.policy.docstring import Block, cases_of, policy_of
from riskgate.policy.pages import Page, page_of
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse
from riskgate.rulekit.base import Limit, Rule
from riskgate.rulekit.bounds import HIGHER, LOWER
from riskgate.rulekit.parameters import Duration, Number

CALENDARS = ExchangeCalendars()
each_kind = pytest.mark.parametrize("kind", kinds().values(), ids=list(kinds()))


class Example(NamedTuple):
    """One documented order, in its block."""

    kind: str
    block: Block
    place: int

    def __str__(self) -> str:
        asked = self.block.asked[self.place]
        return f"{self.kind}: {self.block.outcome} with {self.block.config}: {asked}"


class Outcome(NamedTuple):
    """What became of the order of an example."""

    failures: tuple[str, ...]
    decisions: tuple[Decision, ...]


@cache
def pages() -> Mapping[str, Page]:
    """The pages that can be made; for the others, a test of their own fails."""
    found = {}
    for name, kind in kinds().items():
        try:
            found[name] = page_of(kind)
        except PolicyError:
            continue
    return found


def examples() -> Iterator[Example]:
    for name, page in pages().items():
        for block in page.text.blocks:
            yield from (Example(name, block, place) for place in range(len(block.asked)))


@cache
def compiled(kind: str, block: Block) -> PolicySet | str:
    """The policy of an example, or what is wrong with it."""
    document, problems = parse(policy_of(kind, block), "example.yaml")
    if document is None or problems:
        return "; ".join(map(str, problems))
    policies, wrong = compile_policies([document], lambda _: None)
    return policies or "; ".join(map(str, wrong))


def usable(kind: str, block: Block) -> PolicySet:
    policies = compiled(kind, block)
    assert isinstance(policies, PolicySet), policies
    return policies


@cache
def cases(kind: str, block: Block) -> tuple[Case, ...]:
    """The cases of a block, judged as the tests of a desk are."""
    document, problems = parse(cases_of(kind, block), "example.test.yaml")
    assert document is not None, problems
    assert problems + schema.test_problems(document) == ()
    file, wrong = read_tests(document)
    assert file is not None, wrong
    return file.cases


def played(case: Case, policies: PolicySet) -> Outcome:
    """Play a case through the gate; the decisions are those of its last step."""
    journal = MemoryJournal()
    player = Player(case, Rehearsal(policies, case.given, CALENDARS, journal))
    *before, last = case.steps
    failures = [str(f) for n, step in enumerate(before, 1) for f in player.step(n, step)]
    past = len(list(journal.read()))
    failures += (str(failure) for failure in player.step(len(case.steps), last))
    new = [event.payload for event in list(journal.read())[past:]]
    return Outcome(tuple(failures), tuple(e.decision for e in new if isinstance(e, Decided)))


@each_kind
def test_a_kind_is_documented_in_the_grammar_of_rules(kind: type[Rule]) -> None:
    page = page_of(kind)
    assert page.kind == kind.kind
    assert page.summary.endswith(".")


@each_kind
def test_a_kind_has_one_name_in_all_places(kind: type[Rule]) -> None:
    assert Path(inspect.getfile(kind)).stem == kind.kind
    assert kind.__module__.rpartition(".")[2] == kind.kind
    assert kinds()[kind.kind] is kind


def test_every_file_among_the_rules_is_a_kind() -> None:
    files = {path.stem for folder in riskgate.rules.__path__ for path in Path(folder).glob("*.py")}
    assert files - {"__init__"} <= set(kinds())


@pytest.mark.parametrize("example", list(examples()), ids=str)
def test_the_documented_examples_are_true(example: Example) -> None:
    policies = usable(example.kind, example.block)
    case = cases(example.kind, example.block)[example.place]
    outcome = played(case, policies)
    assert outcome.failures == ()
    assert outcome.decisions
    if not example.block.passes:
        found = [f for decision in outcome.decisions for f in decision.breaches if f.rule]
        assert Verdict.BREACH in {finding.verdict for finding in found}


@each_kind
def test_every_parameter_says_what_it_is(kind: type[Rule]) -> None:
    page = page_of(kind)
    assert [line.name for line in page.parameters] == list(kind.parameters) != []
    for line in page.parameters:
        assert line.help.endswith(".")
        assert line.type not in ("", "anything")


@each_kind
def test_a_limit_that_compares_numbers_says_which_way_is_tighter(kind: type[Rule]) -> None:
    for limit in kind.limits().values():
        if isinstance(limit.type, Number | Duration):
            assert limit.tighter in (LOWER, HIGHER)


@each_kind
def test_a_kind_has_at_least_one_limit_and_they_stand_among_its_parameters(
    kind: type[Rule],
) -> None:
    assert kind.limits()
    assert all(isinstance(limit, Limit) for limit in kind.limits().values())
    assert kind.limits().keys() <= kind.parameters.keys()


@each_kind
def test_a_kind_with_a_budget_has_a_tally(kind: type[Rule]) -> None:
    block = page_of(kind).text.blocks[0]
    if kind.has_budget:
        assert usable(kind.kind, block).bounds[0].tally is not None


STEPS = (0, 1, 2, 3, 5, 20, 99, 100, 101, 250, 400, 19_000, 60_000, 900_000, 2_000_000)
NUMERIC = [
    (kind.kind, name)
    for kind in kinds().values()
    for name, limit in kind.limits().items()
    if isinstance(limit.type, Number) and kind.kind in pages()
]


def moved(block: Block, name: str, value: int) -> Block:
    """The block with one limit set to a value."""
    text, found = re.subn(rf"\b{name}: [\d_.]+", f"{name}: {value}", block.config)
    return block._replace(config=text if found else f"{block.config}, {name}: {value}")


@pytest.mark.parametrize(("kind", "name"), NUMERIC, ids=[f"{k}.{n}" for k, n in NUMERIC])
@settings(max_examples=25)
@given(data=st.data())
def test_a_tighter_limit_never_allows_more(kind: str, name: str, data: st.DataObject) -> None:
    step = st.sampled_from(STEPS)
    low, high = sorted((data.draw(step), data.draw(step)))
    pair = (high, low) if kinds()[kind].limits()[name].tighter == HIGHER else (low, high)
    example = data.draw(st.sampled_from([e for e in examples() if e.kind == kind]))
    case = cases(kind, example.block)[example.place]
    tight, loose = (compiled(kind, moved(example.block, name, value)) for value in pair)
    if isinstance(tight, str) or isinstance(loose, str):  # parameters that do not go together
        return
    stopped, let = (
        any(decision.action > Action.WARN for decision in played(case, policies).decisions)
        for policies in (tight, loose)
    )
    assert stopped or not let
