"""Sliding windows and trading days at their edges, and clocks that step back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.policy.cases import given_of
from riskgate.policy.compiler import compile_policies
from riskgate.policy.source import parse

POLICY = """
riskgate: 1
policy: p
timezone: America/New_York
day_starts: "{starts}"
currency: USD
rules:
  - {{id: r, because: a test, {rule}}}
"""
LINE = "BUY 10 AAPL LMT 190"


def stage(rule: str, now: str, cache: Path, starts: str = "00:00") -> Rehearsal:
    document, problems = parse(POLICY.format(rule=rule, starts=starts).encode(), "p.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    given = given_of({"now": now, "prices": {"AAPL": "189.99 x 190.01"}})
    return Rehearsal(policies, given, ExchangeCalendars(cache), MemoryJournal())


def played(rule: str, moments: list[str], cache: Path, starts: str = "00:00") -> str:
    """Submit at each moment in turn; `+` for what passed and `-` for what was denied."""
    here = stage(rule, moments[0], cache, starts)
    said = ""
    for moment in moments:
        here.clock.set(datetime.fromisoformat(moment))
        said += "+" if here.submit(LINE).allowed else "-"
    return said


def seconds(*offsets: float) -> list[str]:
    start = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    return [(start + timedelta(seconds=offset)).isoformat() for offset in offsets]


RATE = "kind: message_rate, max: 2, window: 1s"


@pytest.mark.parametrize(
    ("rule", "offsets", "said"),
    [
        (RATE, (0, 0, 0, 0.999999, 1, 1), "++--++"),
        (RATE, (0, 0.5, 1, 1.4, 1.5), "+++-+"),
        ("kind: duplicate, window: 5s", (0, 4.999999, 5), "+-+"),
        (RATE, (10, 10, 9.5, 10.999, 11), "++--+"),
        (RATE, (100, 100, 40, 40.999, 41, 41), "++--++"),
        (RATE, (0, 86_400, 86_400, 1, 1.5, 2), "+++--+"),
    ],
)
def test_a_window_holds_what_is_younger_than_itself_and_stepping_back_helps_nobody(
    rule: str, offsets: tuple[float, ...], said: str, tmp_path: Path
) -> None:
    assert played(rule, seconds(*offsets), tmp_path) == said


DAY = "kind: daily_volume, max_orders: 1"


@pytest.mark.parametrize(
    ("starts", "moments", "said"),
    [
        (
            "00:00",
            [
                "2026-03-02T23:59:59-05:00",
                "2026-03-02T23:59:59.9-05:00",
                "2026-03-03T00:00:00-05:00",
            ],
            "+-+",
        ),
        (
            "17:00",
            ["2026-03-02T16:59:59-05:00", "2026-03-02T17:00:00-05:00", "2026-03-03T16:59:59-05:00"],
            "++-",
        ),
        # Spring: the day of the change has 23 hours; 02:30 does not exist and the day rolls at 3.
        (
            "02:30",
            ["2026-03-08T01:59:59-05:00", "2026-03-08T03:00:00-04:00", "2026-03-09T02:29:59-04:00"],
            "++-",
        ),
        # Autumn: 01:30 comes twice; the day has rolled at the first one and does not roll back.
        (
            "01:30",
            [
                *("2026-11-01T01:29:59-04:00", "2026-11-01T01:30:00-04:00"),
                *("2026-11-01T01:10:00-05:00", "2026-11-01T01:30:00-05:00"),
                "2026-11-02T01:30:00-05:00",
            ],
            "++--+",
        ),
        # A clock that steps back over midnight neither forgets the day nor opens the last one.
        ("00:00", ["2026-03-03T00:00:05-05:00", "2026-03-02T23:59:59-05:00"], "+-"),
        (
            "00:00",
            ["2026-03-03T00:00:05-05:00", "2026-03-02T23:00:00-05:00", "2026-03-03T00:01:00-05:00"],
            "+--",
        ),
    ],
)
def test_a_trading_day_runs_from_one_start_to_the_next_on_the_policys_clocks(
    starts: str, moments: list[str], said: str, tmp_path: Path
) -> None:
    assert played(DAY, moments, tmp_path, starts) == said


def test_slices_of_one_parent_are_not_alike_but_those_of_two_are(tmp_path: Path) -> None:
    here = stage("kind: duplicate, window: 5s", seconds(0)[0], tmp_path)
    parents = [here.submit(f"BUY {size} AAPL LMT 190").order_id for size in (1000, 2000)]
    assert here.submit(LINE, parent=parents[0]).allowed
    assert here.submit(LINE, parent=parents[0]).allowed
    assert not here.submit(LINE, parent=parents[1]).allowed
    assert not here.submit(LINE).allowed


def test_a_window_keeps_nothing_of_what_has_left_it(tmp_path: Path) -> None:
    here = stage("kind: duplicate, window: 1s", seconds(0)[0], tmp_path)
    (counter,) = here.gate.ledger.counting._of_rule.values()
    for size in range(1, 40):
        here.submit(f"BUY {size} AAPL LMT 190")
        here.clock.advance(timedelta(milliseconds=500))
    assert len(counter._alike) <= 3  # type: ignore[attr-defined]  # a counter of windows


def test_an_order_without_a_strategy_has_a_budget_of_its_own(tmp_path: Path) -> None:
    rule = "kind: position, per: [account, symbol, strategy], max_long: 100, max_short: 0"
    here = stage(rule, seconds(0)[0], tmp_path)
    assert here.submit("BUY 100 AAPL LMT 190 DAY strategy=alpha").allowed
    assert not here.submit("BUY 1 AAPL LMT 190 DAY strategy=alpha").allowed
    assert here.submit("BUY 100 AAPL LMT 190 DAY").allowed
    assert not here.submit("BUY 1 AAPL LMT 190 DAY").allowed
    assert here.submit("BUY 100 AAPL LMT 190 DAY strategy=beta").allowed
