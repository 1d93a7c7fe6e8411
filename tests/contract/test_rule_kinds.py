"""What every rule kind owes its readers, asked of every kind there is.

A new file in `riskgate/rules/` is tested here without a new line.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskgate.rules
from riskgate.model.decision import Verdict
from riskgate.model.hours import ALWAYS
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.readings import CountReading, DayReading, Holding, HoldingsReading, Reading
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import subject_of
from riskgate.policy.catalog import kinds
from riskgate.policy.compiler import compile_policies
from riskgate.policy.evaluate import explain
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse
from riskgate.rulekit.base import Limit, Rule
from riskgate.rulekit.bounds import HIGHER, LOWER
from riskgate.rulekit.parameters import Duration, Number, Schema
from riskgate.rulekit.tallies import DayTally, HoldingsTally, WindowTally

SECTIONS = ("Why", "Measures", "Passes with", "Breaches with", "Source")
EXAMPLE = re.compile(r"^(Passes|Breaches) with `(.+)`$\n((?:^    \S.*$\n?)+)", re.MULTILINE)
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
AAPL = Instrument(key="AAPL", symbol="AAPL")
QUOTE = Quote(bid=Decimal("189.99"), ask=Decimal("190.01"), last=Decimal(190), at=NOON)
POLICY = """
riskgate: 1
policy: p
timezone: UTC
currency: USD
rules:
  - {{id: r, kind: {kind}, because: an example, {config}}}
"""
each_kind = pytest.mark.parametrize("kind", kinds().values(), ids=list(kinds()))


class Example(NamedTuple):
    """One documented order, under one configuration, and what becomes of it."""

    kind: str
    passes: bool
    config: str
    line: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.line} ({self.config})"


def documentation(kind: type[Rule]) -> str:
    return inspect.cleandoc(sys.modules[kind.__module__].__doc__ or "")


def examples() -> Iterator[Example]:
    for name, kind in kinds().items():
        for verdict, config, lines in EXAMPLE.findall(documentation(kind)):
            for line in lines.strip().splitlines():
                yield Example(name, verdict == "Passes", config, line.strip())


@cache
def compiled(kind: str, config: str) -> PolicySet:
    document, problems = parse(POLICY.format(kind=kind, config=config).encode(), "p.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    return policies


def calm(order: Order, policies: PolicySet, reading: Reading | None = None) -> Snapshot:
    """A quiet market, and a book in which nothing has happened."""
    bound = policies.bounds[0]
    empty: dict[type, Reading] = {
        HoldingsTally: HoldingsReading(),
        DayTally: DayReading(),
        WindowTally: CountReading(),
    }
    readings = {} if bound.tally is None else {bound.name: reading or empty[type(bound.tally)]}
    return Snapshot(
        as_of=NOON,
        subject=subject_of(order, AAPL),
        instrument=AAPL,
        accounts=("DU1234567",),
        quote=QUOTE,
        adv=Decimal(1_000_000),
        readings=readings,
        hours={"always": ALWAYS},
    )


def verdicts(policies: PolicySet, line: str, reading: Reading | None = None) -> set[Verdict]:
    order = Order.parse(f"{line} account=DU1234567")
    answers = explain(policies, order, calm(order, policies, reading))
    return {answer.verdict for answer in answers if answer.rule} or {Verdict.PASS}


@each_kind
def test_a_kind_is_documented_in_the_grammar_of_rules(kind: type[Rule]) -> None:
    text = documentation(kind)
    title = text.partition("\n")[0]
    assert title.startswith("Deny ")
    assert title.endswith(".")
    heads = [line for line in text.splitlines()[1:] if line and not line.startswith(" ")]
    found = [next((s for s in SECTIONS if head.startswith(s)), head) for head in heads]
    assert list(dict.fromkeys(found)) == [s for s in SECTIONS if s in found]
    assert set(found) == set(SECTIONS)


@each_kind
def test_a_kind_has_one_name_in_all_places(kind: type[Rule]) -> None:
    path = Path(inspect.getfile(kind))
    assert path.stem == kind.kind
    assert path.parent == Path(riskgate.rules.__path__[0])
    assert kinds()[kind.kind] is kind


@each_kind
def test_every_example_of_the_documentation_is_found(kind: type[Rule]) -> None:
    heads = re.findall(r"^(?:Passes|Breaches) with", documentation(kind), re.MULTILINE)
    assert len({(e.passes, e.config) for e in examples() if e.kind == kind.kind}) == len(heads)


@pytest.mark.parametrize("example", list(examples()), ids=str)
def test_the_documented_examples_are_true(example: Example) -> None:
    found = verdicts(compiled(example.kind, example.config), example.line)
    assert found == {Verdict.PASS} if example.passes else Verdict.BREACH in found


@each_kind
def test_every_parameter_says_what_it_is(kind: type[Rule]) -> None:
    assert kind.parameters
    for parameter in kind.parameters.values():
        assert parameter.help.rstrip().endswith(".")
        schema: Schema = parameter.type.schema()
        assert schema
        assert isinstance(parameter.type.unit, str)


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
def test_a_kind_with_a_budget_has_a_tally_and_one_without_has_none(kind: type[Rule]) -> None:
    example = next(e for e in examples() if e.kind == kind.kind)
    assert (compiled(kind.kind, example.config).bounds[0].tally is not None) is kind.has_budget


READINGS: dict[str, st.SearchStrategy[Reading]] = {
    "position": st.builds(
        HoldingsReading,
        own=st.builds(Holding, *(st.integers(-500, 500).map(Decimal),) * 1),
        other_longs=st.integers(0, 300).map(Decimal),
        other_shorts=st.integers(0, 300).map(Decimal),
    ),
    "daily_volume": st.builds(
        DayReading,
        executed_quantity=st.integers(0, 500).map(Decimal),
        working_quantity=st.integers(0, 500).map(Decimal),
        orders_sent=st.integers(0, 9),
        orders_executed=st.integers(0, 9),
    ),
    **dict.fromkeys(("duplicate", "message_rate"), st.builds(CountReading, st.integers(0, 9))),
}
NEEDED = {
    "duplicate": "window: 5s, ",
    "message_rate": "window: 5s, ",
    "market_hours": "calendar: always, ",
}
NUMERIC = [
    (kind.kind, name)
    for kind in kinds().values()
    for name, limit in kind.limits().items()
    if isinstance(limit.type, Number)
]
STEPS = (0, 1, 3, 20, 99, 100, 101, 250, 400, 19_000, 60_000)
LINES = (
    *("BUY 100 AAPL LMT 191", "SELL 250 AAPL LMT 180", "BUY 7 AAPL MKT"),
    *("BUY 300 AAPL STP_LMT 195 200", "SELL 20 AAPL TRAIL_LMT 2% 0.5", "SELL 100 AAPL STP 150"),
)


@pytest.mark.parametrize(("kind", "name"), NUMERIC, ids=[f"{k}.{n}" for k, n in NUMERIC])
@settings(max_examples=25, derandomize=True, deadline=timedelta(seconds=5))
@given(data=st.data())
def test_a_tighter_limit_never_allows_more(kind: str, name: str, data: st.DataObject) -> None:
    limits = range(10) if kind in ("duplicate", "message_rate") else STEPS
    steps = st.sampled_from(limits)
    low, high = sorted((data.draw(steps), data.draw(steps)))
    tight, loose = (high, low) if kinds()[kind].limits()[name].tighter == HIGHER else (low, high)
    reading = data.draw(READINGS.get(kind, st.none()))
    line = data.draw(st.sampled_from(LINES))
    needed = NEEDED.get(kind, "")
    told = [
        verdicts(compiled(kind, f"{needed}{name}: {limit}"), line, reading)
        for limit in (tight, loose)
    ]
    assert told[0] != {Verdict.PASS} or told[1] == {Verdict.PASS}
