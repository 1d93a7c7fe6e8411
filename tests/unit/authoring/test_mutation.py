"""Whether the cases notice that a limit moved by one step, and what is said where they do not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from riskgate.authoring import coverage, mutation, policy_tests
from riskgate.authoring.coverage import Shown
from riskgate.authoring.mutation import Unnoticed
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal

CALENDARS = ExchangeCalendars()
HEAD = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
"""
SIZE = "  - {id: size, kind: fat_finger, max_quantity: 100, because: test}\n"
GIVEN = """\
policies: [desk.yaml]
given:
  now: 2026-03-02T10:00:00-05:00
  prices: {AAPL: 100 x 100, MSFT: 400 x 400}
  instruments: {ROUND: {lot: 100}}
cases:
"""
AT = "  - {name: at, order: BUY 100 AAPL LMT 100, expect: allow}\n"
BEYOND = "  - {name: beyond, order: BUY 101 AAPL LMT 100, expect: deny}\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def missed(rules: str, cases: str) -> tuple[Unnoticed, ...]:
    Path("desk.yaml").write_text(HEAD + rules)
    Path("desk.test.yaml").write_text(GIVEN + cases)
    return mutation.unnoticed(["."], CALENDARS, MemoryJournal)


def told(rules: str, cases: str) -> list[str]:
    return [f"{gap.limit}: {gap.what}" for gap in missed(rules, cases)]


def test_a_case_at_the_limit_and_one_beyond_pin_it() -> None:
    assert missed(SIZE, AT + BEYOND) == ()


def test_a_nudge_that_no_case_notices_is_listed_with_its_place() -> None:
    (gap,) = missed(SIZE, BEYOND)
    assert str(gap) == "desk.yaml:6: desk/size max_quantity: 99 is not noticed (nudged down)"
    assert (gap.rule, gap.limit, gap.direction) == ("desk/size", "max_quantity", "nudged down")
    assert (gap.value, gap.path, gap.line) == ("99", "desk.yaml", 6)


def test_a_limit_that_is_never_breached_could_be_anything() -> None:
    assert told(SIZE, AT) == [
        "max_quantity: 101 is not noticed (nudged up)",
        "mode: shadow is not noticed (changed)",
        "on_breach: hold is not noticed (nudged down)",
    ]


def test_a_rule_that_is_never_asked_is_noticed_by_nobody() -> None:
    rule = SIZE.replace("max_q", "match: {symbol: KO}, max_q")
    assert len(missed(rule, AT)) == 4


def test_a_quantity_moves_by_the_lots_that_are_traded() -> None:
    rule = SIZE.replace("max_q", "match: {symbol: ROUND}, max_q")
    case = "  - {name: %s, order: BUY %s ROUND LMT 100, expect: %s, prices: {ROUND: 100 x 100}}\n"
    both = case % ("at", 100, "allow") + case % ("beyond", 200, "deny")
    assert told(rule, both) == []
    assert told(rule, case % ("at", 100, "allow"))[0].startswith("max_quantity: 200 is")


def test_money_moves_by_a_cent_or_by_what_one_tick_is_worth() -> None:
    rule = "  - {id: value, kind: fat_finger, max_notional: 500_000, because: test}\n"
    listed = "instruments: {ES: {sec_type: FUT, multiplier: 50, min_tick: 0.25}}"
    given = f"prices: {{ES: 5000 x 5000}}, {listed}"
    case = "  - {name: %s, order: BUY %s ES LMT %s, expect: %s, " + given + "}\n"
    at, beyond = case % ("at", 2, 5000, "allow"), case % ("two", 2, "5000.25", "deny")
    assert told(rule, at + beyond) == ["max_notional: 500,012.50 is not noticed (nudged up)"]
    dear = (case % ("one", 1, "10000.25", "deny")).replace("5000 x 5000", "10000 x 10000")
    assert told(rule, at + dear) == []


def test_a_window_moves_by_a_millisecond() -> None:
    rule = "  - {id: twice, kind: duplicate, window: 5s, because: test}\n"
    story = """\
  - name: %s
    steps:
      - {submit: BUY 1 AAPL LMT 100, expect: allow}
      - advance: %s
      - {submit: BUY 1 AAPL LMT 100, expect: %s}
"""
    inside, after = story % ("inside", "4999ms", "deny"), story % ("after", "5s", "allow")
    assert told(rule, inside + after) == []
    late, early = story % ("late", "6s", "allow"), story % ("early", "1s", "deny")
    assert told(rule, late + early) == [
        "window: 4.999s is not noticed (nudged down)",
        "window: 5.001s is not noticed (nudged up)",
    ]


def test_every_word_of_a_list_needs_its_case() -> None:
    rule = "  - {id: names, kind: permitted, symbols: [AAPL, MSFT, KO], because: test}\n"
    cases = AT + "  - {name: no, order: BUY 1 IBM LMT 100, expect: deny}\n"
    assert told(rule, cases) == [
        "symbols: KO is not noticed (left out)",
        "symbols: MSFT is not noticed (left out)",
    ]


def test_a_waivers_limit_is_nudged_like_any_other() -> None:
    waiver = """\
waivers:
  - rule: size
    match: {strategy: rebalance}
    set: {max_quantity: 500}
    until: 2026-12-18T16:00:00-05:00
    approved_by: m.ruiz
    because: test
"""
    case = "  - {name: w%s, order: BUY %s AAPL LMT 100 DAY strategy=rebalance, expect: %s}\n"
    pinned = case % (1, 500, "allow") + case % (2, 501, "deny")
    assert told(SIZE + waiver, AT + BEYOND + pinned) == []
    assert told(SIZE + waiver, AT + BEYOND + case % (1, 500, "allow")) == [
        "max_quantity (waiver 1): 501 is not noticed (nudged up)"
    ]


def test_a_rule_in_shadow_mode_is_pinned_by_what_its_breach_does_not_do() -> None:
    shadow = SIZE.replace("because", "mode: shadow, because")
    watched = "  - {name: %s, order: BUY %s AAPL LMT 100, expect: allow, shadow: %s}\n"
    at, beyond = watched % ("at", 100, "[]"), watched % ("beyond", 101, "[desk/size]")
    assert told(shadow, at + beyond) == []
    assert told(shadow, at) == [
        "max_quantity: 101 is not noticed (nudged up)",
        "mode: enforce is not noticed (changed)",
    ]


def test_a_softer_and_a_harsher_answer_are_both_noticed() -> None:
    held = SIZE.replace("because", "on_breach: hold, because")
    assert told(held, AT + BEYOND.replace("deny", "hold")) == []


def test_what_would_leave_a_rule_without_a_limit_is_no_nudge() -> None:
    alone = "  - {id: regular, kind: permitted, outside_rth: false, because: test}\n"
    with_another = alone.replace("because", "sides: [BUY, SELL], because")
    assert {gap.limit for gap in missed(alone, AT)} == {"mode", "on_breach"}
    assert "outside_rth: false is not noticed (left out)" in told(with_another, AT)


def test_a_case_that_fails_anyway_notices_nothing() -> None:
    wrong = BEYOND.replace("deny", "allow")
    assert len(missed(SIZE, AT + wrong)) == 3


def test_a_rule_of_several_test_files_is_nudged_once_and_noticed_by_any() -> None:
    Path("more").mkdir()
    elsewhere = GIVEN.replace("[desk.yaml]", "[../desk.yaml]")
    Path("more/more.test.yaml").write_text(elsewhere + BEYOND)
    assert missed(SIZE, AT) == ()


def test_progress_counts_to_the_number_of_nudges() -> None:
    missed(SIZE, AT + BEYOND)
    watched = coverage.watch(policy_tests.find(["."], CALENDARS), CALENDARS, MemoryJournal)
    heard: list[tuple[int, int]] = []
    survey = mutation.survey(
        watched, CALENDARS, MemoryJournal, lambda done, of: heard.append((done, of))
    )
    assert heard == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert survey.summary == "mutation: 4 nudges, all noticed"


def test_cases_whose_measurement_is_no_number_are_replayed_too() -> None:
    """A NaN compares with nothing, so it must not decide which case comes first."""
    Path("desk.yaml").write_text(HEAD + SIZE)
    Path("desk.test.yaml").write_text(GIVEN + AT + BEYOND)
    watched = coverage.watch(policy_tests.find(["."], CALENDARS), CALENDARS, MemoryJournal)
    broken = [
        msgspec.structs.replace(case, shown=tuple(_with_nan(shown) for shown in case.shown))
        for case in watched
    ]
    assert mutation.survey(broken, CALENDARS, MemoryJournal).gaps == ()


def _with_nan(shown: Shown) -> Shown:
    nan = (msgspec.structs.replace(answer, observed=Decimal("NaN")) for answer in shown.answers)
    return shown._replace(answers=tuple(nan))


def test_while_a_case_fails_nothing_is_nudged() -> None:
    Path("desk.yaml").write_text(HEAD + SIZE)
    Path("desk.test.yaml").write_text(GIVEN + AT.replace("allow", "deny") + BEYOND)
    tests = policy_tests.find(["."], CALENDARS)
    watched = coverage.watch(tests, CALENDARS, MemoryJournal)
    told: list[int] = []
    found = mutation.survey(watched, CALENDARS, MemoryJournal, lambda done, _of: told.append(done))
    assert (found.gaps, found.summary, told) == ((), "mutation: not run: 1 case fails", [])
