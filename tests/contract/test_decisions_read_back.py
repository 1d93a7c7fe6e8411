"""Every decision can be read back from its file, and made again from what was read.

The documented breaches of every rule kind and the cases of the shipped policies are asked, so a
new limit whose value the record cannot hold fails here before it stops a gate from starting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from riskgate import policy_tests
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.coding import encode
from riskgate.journal.journal import SqliteJournal, open_journal
from riskgate.journal.memory import MemoryJournal
from riskgate.model.decision import Finding
from riskgate.model.events import Decided, Payload
from riskgate.model.hours import Hours, TradingSession
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.playing import play
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from riskgate.policy_tests import Test
from tests.contract.test_rule_kinds import NOON, Example, calm, compiled, examples

CALENDARS = ExchangeCalendars()
CASES = policy_tests.find([Path(__file__).parents[2] / "policies"], CALENDARS)
LINE = "BUY 100 AAPL LMT 190 DAY"
# Limits that are no numbers and that no documented example breaches.
MORE = (
    Example("market_hours", False, "calendar: always, not_within: {after_open: 2h}", LINE),
    Example("market_hours", False, "calendar: always, moc_cutoff: 2h", "BUY 9 AAPL MOC"),
    Example("permitted", False, 'symbols: ["!AAPL", "M*"]', LINE),
    Example(
        "market_hours", False, 'calendar: always, closed: ["16:00-17:30", "17:00-17:01"]', LINE
    ),
)
# A market that opened an hour ago and closes in an hour.
AROUND_NOON = Hours(
    "always",
    "UTC",
    (TradingSession(NOON.date(), NOON - timedelta(hours=1), NOON + timedelta(hours=1)),),
)
BREACHES = [example for example in (*examples(), *MORE) if not example.passes]


def asked(example: Example) -> tuple[PolicySet, Order, Snapshot]:
    policies = compiled(example.kind, example.config)
    order = Order.parse(f"{example.line} account=DU1234567")
    snapshot = calm(order, policies)
    hours = {AROUND_NOON.calendar: AROUND_NOON}
    return policies, order, msgspec.structs.replace(snapshot, hours=hours)


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
    policies, order, snapshot = asked(example)
    decision = evaluate(policies, order, snapshot)
    assert decision.by == ("p/r",)
    made = Decided(order_id=1, ref="r", text=example.line, decision=decision, snapshot=snapshot)
    found = read_back(store, [made])
    assert found == [made]
    assert decided_again(policies, found) == 1


@pytest.mark.parametrize(
    ("number", "limit"),
    [(0, ("after_open 2:00:00", "before_close 0:00:00")), (2, ("M*, !AAPL",))],
)
def test_a_limit_that_is_no_number_is_recorded_in_words(
    number: int, limit: tuple[str, ...]
) -> None:
    (finding,) = evaluate(*asked(MORE[number])).breaches
    assert finding.limit == limit


def test_closed_windows_are_recorded_as_the_policy_writes_them() -> None:
    (finding,) = evaluate(*asked(MORE[-1])).breaches
    assert finding == Finding(
        rule="p/r",
        kind="market_hours",
        limit_name="closed",
        observed=("inside 16:00-17:30",),
        limit=("16:00-17:30", "17:00-17:01"),
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


def test_nearly_every_shipped_case_has_a_decision_to_make_again() -> None:
    count = 0
    for test in CASES:
        journal = MemoryJournal()
        play(test.case, test.policies, CALENDARS, journal)
        count += bool(decided_again(test.policies, [event.payload for event in journal.read()]))
    assert count >= len(CASES) * 9 // 10
