"""What no case reaches: rules, limits, verdicts, waivers, softer outcomes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from riskgate.authoring import coverage, policy_tests
from riskgate.authoring.policy_tests import Survey
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal

CALENDARS = ExchangeCalendars()
POLICY = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - id: size
    kind: fat_finger
    match: {symbol: AAPL}
    max_quantity: 100
    max_notional: 50_000
    because: test
"""
CASES = """\
policies: [desk.yaml]
given:
  now: 2026-03-02T10:00:00-05:00
  prices: {AAPL: 190 x 190, MSFT: 400 x 400}
cases:
"""
Surveyed = Callable[..., Survey]


@pytest.fixture
def surveyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surveyed:
    """The survey of these orders, each with what is expected of it."""
    monkeypatch.chdir(tmp_path)

    def run(*orders: str, policy: str = POLICY, cases: str = CASES) -> Survey:
        listed = (f"  - {{name: case {i}, order: {order}}}\n" for i, order in enumerate(orders))
        Path("desk.yaml").write_text(policy)
        Path("desk.test.yaml").write_text(cases + "".join(listed))
        return watched("desk.test.yaml")

    return run


def watched(*paths: str) -> Survey:
    tests = policy_tests.find(paths, CALENDARS)
    return coverage.survey(coverage.watch(tests, CALENDARS, MemoryJournal))


def told(survey: Survey) -> list[str]:
    return [str(gap) for gap in survey.gaps]


def test_a_rule_that_no_case_asks_is_one_gap(surveyed: Surveyed) -> None:
    survey = surveyed("BUY 1 MSFT LMT 400, expect: allow")
    assert told(survey) == ["desk.yaml:6: desk/size: never asked"]
    assert survey.summary == "coverage: 1 gap in 1 rule"


def test_every_limit_must_pass_and_breach(surveyed: Surveyed) -> None:
    passing, breaching = "BUY 1 AAPL LMT 190, expect: allow", "BUY 101 AAPL LMT 190, expect: deny"
    assert told(surveyed(passing)) == [
        "desk.yaml:6: desk/size max_notional: never breached",
        "desk.yaml:6: desk/size max_quantity: never breached",
    ]
    assert told(surveyed(breaching)) == [
        "desk.yaml:6: desk/size max_notional: never breached",
        "desk.yaml:6: desk/size max_quantity: never passed",
    ]
    clean = surveyed(passing, "BUY 300 AAPL LMT 190, expect: deny")
    assert (clean.gaps, clean.summary) == (
        (),
        "coverage: every limit of 1 rule is asked, passed and breached",
    )


def test_a_limit_that_is_never_asked_says_so(surveyed: Surveyed) -> None:
    policy = POLICY.replace("max_notional: 50_000", "max_stop_deviation_percent: 5")
    survey = surveyed(
        "BUY 1 AAPL LMT 190, expect: allow", "BUY 101 AAPL LMT 190, expect: deny", policy=policy
    )
    assert told(survey) == ["desk.yaml:6: desk/size max_stop_deviation_percent: never asked"]


def test_what_cannot_be_judged_is_asked_and_neither_passed_nor_breached(
    surveyed: Surveyed,
) -> None:
    policy = POLICY.replace("    max_quantity: 100\n", "")
    cases = CASES.replace("AAPL: 190 x 190, ", "")
    survey = surveyed("BUY 1 AAPL LMT 190, expect: deny", policy=policy, cases=cases)
    assert [gap.what for gap in survey.gaps] == ["never breached", "never passed"]


@pytest.mark.parametrize("outcome", ["hold", "warn"])
def test_a_softer_outcome_must_be_decided_by_its_rule(surveyed: Surveyed, outcome: str) -> None:
    deny = "  - {id: hard, kind: fat_finger, max_quantity: 99, because: test}\n"
    soft = POLICY.replace("because", f"on_breach: {outcome}\n    because")
    orders = ("BUY 1 AAPL LMT 190, expect: allow", "BUY 300 AAPL LMT 190, expect: ")
    assert told(surveyed(orders[0], orders[1] + outcome, policy=soft)) == []
    assert told(surveyed(orders[0], orders[1] + "deny", policy=soft + deny)) == [
        f"desk.yaml:6: desk/size: no decision to {outcome} because of it"
    ]


def test_a_waiver_that_no_case_uses_is_a_gap(surveyed: Surveyed) -> None:
    waiver = """\
waivers:
  - rule: size
    match: {strategy: rebalance}
    set: {max_quantity: 500}
    until: 2026-12-18T16:00:00-05:00
    approved_by: m.ruiz
    because: test
"""
    orders = ("BUY 1 AAPL LMT 190, expect: allow", "BUY 300 AAPL LMT 190, expect: deny")
    survey = surveyed(*orders, policy=POLICY + waiver)
    assert [gap.what for gap in survey.gaps] == [
        "the waiver until 2026-12-18T16:00:00-05:00 never applied"
    ]
    used = "BUY 200 AAPL LMT 190 DAY strategy=rebalance, expect: allow"
    assert told(surveyed(*orders, used, policy=POLICY + waiver)) == []


def test_files_that_load_the_same_policy_reach_it_together(surveyed: Surveyed) -> None:
    surveyed("BUY 1 AAPL LMT 190, expect: allow")
    Path("more").mkdir()
    elsewhere = CASES.replace("[desk.yaml]", "[../desk.yaml]")
    case = "  - {name: large, order: BUY 300 AAPL LMT 190, expect: deny}\n"
    Path("more/large.test.yaml").write_text(elsewhere + case)
    assert len(watched("desk.test.yaml").gaps) == 2
    assert told(watched(".")) == []
