"""Playing policy tests: each step does what it says, and every mismatch is reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from riskgate.authoring.playing import Failure, play
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.policy.cases import read_tests
from riskgate.policy.source import parse

if TYPE_CHECKING:
    from riskgate.policy.policies import PolicySet

CALENDARS = ExchangeCalendars()
HEAD = """
policies: [desk.yaml]
given:
  now: 2026-03-02T12:00:00-05:00
  account: {id: DU1234567, available_funds: 1_000_000}
  prices: {AAPL: 189.99 x 190.01}
cases:
  - name: a case
"""
BUY = "BUY 60 AAPL LMT 190.00 DAY"


@pytest.fixture
def played(policies: PolicySet) -> Callable[[str], list[Failure]]:
    """Play one case that is written as YAML."""

    def run(text: str) -> list[Failure]:
        lines = "".join(f"    {line}\n" for line in text.strip().splitlines())
        document, problems = parse(HEAD + lines, "desk.test.yaml")
        assert document is not None, problems
        file, wrong = read_tests(document)
        assert file is not None, wrong
        return list(play(file.cases[0], policies, CALENDARS, MemoryJournal()))

    return run


Play = Callable[[str], list[Failure]]


def test_a_case_that_comes_out_as_expected_has_no_failures(played: Play) -> None:
    assert played(f"order: {BUY}\nexpect: allow\nby: []\nshadow: []") == []


def test_a_failure_says_what_was_expected_and_what_came(played: Play) -> None:
    failures = played("order: BUY 101 AAPL LMT 190.00 DAY\nexpect: allow\nby: [desk/day]")
    assert [str(failure) for failure in failures] == [
        "desk.test.yaml:8: a case: expected allow, got deny",
        "desk.test.yaml:8: a case: expected by desk/day, which did not breach",
        "desk.test.yaml:8: a case: by does not name desk/position, which breached",
    ]
    (finding,) = failures[0].findings
    assert "max_long 101 units > limit 100 units (101 %)" in str(finding)


def test_a_failure_in_a_story_names_its_step(played: Play) -> None:
    (failure,) = played(f"steps:\n  - submit: {BUY}\n    expect: deny\n  - advance: 1s")
    assert str(failure) == "desk.test.yaml:8: a case (step 1): expected deny, got allow"


def test_every_step_of_a_story_does_what_it_says(played: Play) -> None:
    story = f"""
steps:
  - submit: {BUY}
    expect: allow
  - broker: {{order: "#1", status: Submitted}}
  - fill: {{order: "#1", quantity: 20, price: 190.00}}
  - assert: {{position: {{AAPL: 20}}, working: 1, reserved_buy: {{AAPL: 40}}}}
  - modify: {{order: "#1", quantity: 50}}
    expect: allow
  - broker: {{order: "#1", status: Submitted}}
  - assert: {{reserved_buy: {{AAPL: 30}}}}
  - broker: {{order: "#1", code: 10349, text: tif was set to day}}
  - broker: {{order: "#1", code: 399}}
  - cancel: "#1"
  - broker: {{order: "#1", status: Cancelled}}
  - broker: {{order: "#1", status: Submitted}}
  - price: {{AAPL: {{}}}}
  - submit: {BUY}
    expect: deny
    by: [NO_PRICE]
  - now: 2026-03-03T12:00:00-05:00
  - price: {{AAPL: 189.99 x 190.01}}
  - account: {{available_funds: 5}}
  - halt: {{by: m.ruiz, reason: smoke}}
  - submit: {BUY}
    expect: deny
    by: [HALTED]
  - resume: {{by: m.ruiz, reason: no fire}}
  - halt:
  - resume:
  - state: REDUCE_ONLY
  - submit: SELL 20 AAPL LMT 190.00 DAY
    expect: allow
  - assert: {{working: 1, reserved_sell: {{AAPL: 20}}}}
"""
    assert [str(failure) for failure in played(story)] == []


def test_children_name_their_parent(played: Play) -> None:
    story = """
steps:
  - submit: BUY 10 AAPL LMT 190.00 DAY
    expect: allow
  - submit: BUY 10 AAPL LMT 190.00 DAY
    parent: "#1"
    expect: allow
  - submit: BUY 1 AAPL LMT 190.00 DAY
    parent: "#1"
    expect: deny
    by: [PARENT_OVERFILL]
"""
    assert played(story) == []


def test_a_repeated_submit_counts_its_answers(played: Play) -> None:
    story = f"steps:\n  - submit: {BUY}\n    repeat: 3\n    expect: "
    assert played(story + "{allow: 1, deny: 2, first: deny at 2}") == []
    whats = [f.what for f in played(story + "{allow: 2, deny: 2, hold: 1, first: deny at 1}")]
    assert whats == [
        "expected allow 2 times, got 1",
        "expected hold 1 times, got 0",
        "expected the first deny at 1, got 2",
    ]
    (failure,) = played(story + "{first: warn at 1}")
    assert failure.what == "expected the first warn at 1, got none"


def test_repeated_submits_are_numbered_each(played: Play) -> None:
    story = f"""
steps:
  - submit: BUY 1 AAPL LMT 190.00 DAY
    repeat: 3
    expect: {{allow: 3}}
  - submit: {BUY}
    expect: allow
  - fill: {{order: "#4", quantity: 60, price: 190.00}}
  - assert: {{position: {{AAPL: 60}}, working: 3}}
"""
    assert played(story) == []


def test_what_the_book_has_otherwise_is_reported_fact_by_fact(played: Play) -> None:
    facts = "{position: {AAPL: 1}, working: 2, reserved_buy: {AAPL: 3}, reserved_sell: {AAPL: 4}}"
    failures = played(f"steps:\n  - advance: 1s\n  - assert: {facts}")
    assert [failure.what for failure in failures] == [
        "expected working orders 2, got 0",
        "expected position of AAPL 1, got 0",
        "expected reserved buys of AAPL 3, got 0",
        "expected reserved sells of AAPL 4, got 0",
    ]


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ('{cancel: "#1"}', '`#1` names no submit before this step; the first one is "#1"'),
        ('{cancel: "#0"}', '`#0` names no submit before this step; the first one is "#1"'),
        ("{cancel: first}", '`first` names no submit before this step; the first one is "#1"'),
        ("{approve: something}", "`something` names no submit before this step; the first one is"),
        (
            f"{{submit: {BUY}, expect: deny, by: [desk/nobody]}}",
            "`desk/nobody` is neither a rule of these policies nor a code",
        ),
        ("{now: tomorrow}", "`tomorrow` is no time with an offset"),
        ("{price: {ES.FUT: 5000 x 5001}}", "`ES.FUT` is no instrument here"),
    ],
)
def test_a_step_that_cannot_be_played_ends_the_case_and_says_why(
    played: Play, step: str, what: str
) -> None:
    failures = played(f"steps:\n  - advance: 1s\n  - {step}\n  - {step}")
    assert [(failure.step, failure.what[: len(what)]) for failure in failures] == [(2, what)]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("BUY lots AAPL LMT 190", "`#1` could not be read as an order; it cannot fill"),
        ("BUY 1 ES.FUT LMT 5000", "`ES` is no instrument here; it cannot fill"),
    ],
)
def test_what_is_no_order_cannot_fill(played: Play, line: str, what: str) -> None:
    story = f"""
steps:
  - submit: {line}
    expect: deny
  - fill: {{order: "#1", quantity: 1, price: 1}}
"""
    assert [failure.what for failure in played(story)] == [what]


def test_a_world_that_cannot_be_made_is_a_failure_of_its_case(played: Play) -> None:
    (failure,) = played(f"order: {BUY}\nexpect: allow\nworking: [BUY 1]")
    assert failure.step == 0
    assert "write SIDE QUANTITY SYMBOL TYPE" in failure.what


def test_a_halt_is_for_the_scope_that_it_names(played: Play) -> None:
    story = """
steps:
  - halt: {strategy: wild, by: m.ruiz, reason: drill}
  - submit: BUY 10 AAPL LMT 190.00 DAY
    expect: allow
  - submit: BUY 10 AAPL LMT 190.00 DAY strategy=wild
    expect: deny
    by: [HALTED]
  - resume: {strategy: wild}
  - submit: BUY 10 AAPL LMT 190.00 DAY strategy=wild
    expect: allow
"""
    assert played(story) == []


@pytest.mark.parametrize("halt", ["halt: a drill", "{halt: {}, by: m.ruiz, reason: a drill}"])
def test_who_halts_and_why_may_be_said_in_several_places(played: Play, halt: str) -> None:
    story = f"""
steps:
  - {halt}
  - submit: {BUY}
    expect: deny
    by: [HALTED]
"""
    assert played(story) == []


def test_what_a_repeated_submit_breaches_is_named_once_for_all(played: Play) -> None:
    story = f"steps:\n  - submit: {BUY}\n    repeat: 3\n    expect: {{allow: 1, deny: 2}}\n    "
    assert played(story + "by: [desk/position]") == []
    (failure,) = played(story + "by: []")
    assert failure.what == "by does not name desk/position, which breached"


def test_a_cancel_cannot_expect_a_decision(played: Play) -> None:
    story = f'steps:\n  - submit: {BUY}\n  - cancel: "#1"\n    expect: deny'
    (failure,) = played(story)
    assert failure.what.startswith("a cancel is never judged")


def test_findings_of_a_group_name_the_orders_they_are_about(played: Play) -> None:
    order = "BUY 101 AAPL LMT 190.00 DAY"
    (failure, *_) = played(f"basket: [{BUY}, {order}]\nexpect: allow")
    assert failure.told
    assert all(line.startswith("#1.2 desk/position") for line in failure.told)
    (failure, *_) = played(f"order: {order}\nexpect: allow")
    assert [line.split()[0] for line in failure.told] == ["desk/position"]


LATCHING = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: loss, kind: loss, max_day_loss: 1000, then: halt, because: test}
"""
LOST = """
steps:
  - account: {day_pnl: -2000}
  - submit: BUY 1 AAPL LMT 190
    expect: deny
    by: [desk/loss, HALTED]
  - account: {day_pnl: 0}
"""


@pytest.fixture
def latching(compile_text: Callable[[str], PolicySet]) -> PolicySet:
    return compile_text(LATCHING)


def lost(policies: PolicySet, more: str) -> list[str]:
    document, problems = parse(HEAD + indented(LOST + more), "desk.test.yaml")
    assert document is not None, problems
    file, wrong = read_tests(document)
    assert file is not None, wrong
    return [f.what for f in play(file.cases[0], policies, CALENDARS, MemoryJournal())]


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.strip().splitlines())


def test_a_resume_that_leaves_a_latch_standing_fails_and_says_how_to_lift_it(
    latching: PolicySet,
) -> None:
    (what,) = lost(latching, "  - resume: {account: DU1234567, by: ann, reason: ok}\n")
    assert what == (
        "nothing that a person has set stands here; a rule has latched `account=DU1234567`:"
        " write `latch: true` to lift that"
    )


def test_a_latch_is_lifted_where_the_step_says_so(latching: PolicySet) -> None:
    lifting = """\
  - resume: {account: DU1234567, by: ann, reason: ok, latch: true}
  - submit: BUY 1 AAPL LMT 190
    expect: allow
"""
    assert lost(latching, lifting) == []


def test_what_a_person_has_set_is_lifted_though_a_latch_stands(latching: PolicySet) -> None:
    assert lost(latching, "  - halt: a drill\n  - resume: over\n") == []
