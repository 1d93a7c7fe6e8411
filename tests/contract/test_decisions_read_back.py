"""Every decision can be read back from its file, and made again from what was read.

The documented breaches of every rule kind and the cases of the shipped policies are asked, so a
new limit whose value the record cannot hold fails here before it stops a gate from starting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from riskgate.authoring import policy_tests
from riskgate.authoring.playing import play
from riskgate.authoring.policy_tests import Test
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.coding import encode
from riskgate.journal.journal import SqliteJournal, open_journal
from riskgate.journal.memory import MemoryJournal
from riskgate.model.decision import Decision, Finding
from riskgate.model.events import Decided, Payload
from riskgate.policy.docstring import Block
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from tests.contract.test_rule_kinds import Example, cases, examples, usable

CALENDARS = ExchangeCalendars()
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
CASES = policy_tests.find([Path(__file__).parents[2] / "policies"], CALENDARS)
LINE = "BUY 100 AAPL LMT 190 DAY"


def breach(kind: str, config: str, line: str = LINE) -> Example:
    return Example(kind, Block(passes=False, config=config, given=(), after=(), asked=(line,)), 0)


# Limits that are no numbers and that no documented example need breach.
MORE = (
    breach("market_hours", "calendar: XNYS, not_within: {after_open: 4h}"),
    breach("market_hours", "calendar: XNYS, moc_cutoff: 5h", "BUY 9 AAPL MOC"),
    breach("permitted", 'symbols: ["!AAPL", "M*"]'),
    breach("market_hours", 'calendar: always, closed: ["11:00-12:30", "12:00-12:01"]'),
)
BREACHES = [example for example in (*examples(), *MORE) if not example.block.passes]


def asked(example: Example) -> list[Payload]:
    """All that is recorded when an example is played."""
    journal = MemoryJournal()
    case = cases(example.kind, example.block)[example.place]
    assert play(case, usable(example.kind, example.block), CALENDARS, journal) == ()
    return [event.payload for event in journal.read()]


def decided(made: list[Payload]) -> Decision:
    """The last decision on record."""
    return [payload for payload in made if isinstance(payload, Decided)][-1].decision


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteJournal]:
    journal = open_journal(tmp_path_factory.mktemp("record") / "journal.db", durability="os")
    yield journal
    journal.close()


def read_back(store: SqliteJournal, made: Iterable[Payload]) -> list[Payload]:
    with store.turn() as turn:
        numbers = [turn.append(payload, NOON).seq for payload in made]
    return [event.payload for event in store.read(after=numbers[0] - 1)]


def decided_again(policies: PolicySet, found: Iterable[Payload]) -> int:
    """How many decisions could be made again, each equal to the recorded one."""
    count = 0
    for payload in found:
        if not isinstance(payload, Decided) or payload.snapshot is None:
            continue
        if payload.decision.order is None:
            continue
        again = evaluate(policies, payload.decision.order, payload.snapshot)
        assert again == payload.decision, payload.text
        count += 1
    return count


@pytest.mark.parametrize("example", BREACHES, ids=str)
def test_a_documented_breach_reads_back_and_is_decided_again(
    store: SqliteJournal, example: Example
) -> None:
    made = asked(example)
    stopped = {name for p in made if isinstance(p, Decided) for name in p.decision.by}
    assert f"example/{example.kind.replace('_', '-')}" in stopped
    found = read_back(store, made)
    assert found == made
    assert decided_again(usable(example.kind, example.block), found) >= 1


@pytest.mark.parametrize(
    ("number", "limit"),
    [(0, ("after_open 4h", "before_close 0s")), (2, ("M*, !AAPL",))],
)
def test_a_limit_that_is_no_number_is_recorded_in_words(
    number: int, limit: tuple[str, ...]
) -> None:
    (finding,) = decided(asked(MORE[number])).breaches
    assert finding.limit == limit


def test_closed_windows_are_recorded_as_the_policy_writes_them() -> None:
    (finding,) = decided(asked(MORE[-1])).breaches
    assert finding == Finding(
        rule="example/market-hours",
        kind="market_hours",
        limit_name="closed",
        observed=("inside 11:00-12:30",),
        limit=("11:00-12:30", "12:00-12:01"),
        unit="time of day",
        where=finding.where,
        because="an example",
    )


@pytest.mark.parametrize("test", CASES, ids=lambda test: test.case.name)
def test_every_decision_of_a_shipped_case_reads_back_and_is_decided_again(
    store: SqliteJournal, test: Test
) -> None:
    journal = MemoryJournal()
    assert play(test.case, test.policies, CALENDARS, journal) == ()
    made = [event.payload for event in journal.read()]
    found = read_back(store, made)
    assert found == made
    assert [encode(payload) for payload in found] == [encode(payload) for payload in made]
    decided_again(test.policies, found)


@pytest.mark.slow
def test_nearly_every_shipped_case_has_a_decision_to_make_again() -> None:
    count = 0
    for test in CASES:
        journal = MemoryJournal()
        play(test.case, test.policies, CALENDARS, journal)
        count += bool(decided_again(test.policies, [event.payload for event in journal.read()]))
    assert count >= len(CASES) * 9 // 10
