"""What other processes ask of a gate: taken on once, on record, and always answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from riskgate.errors import JournalError
from riskgate.journal.memory import MemoryJournal
from riskgate.model.account import Account
from riskgate.model.events import Answered, Deed, Requested
from riskgate.model.trading import Scope, TradingState
from riskgate.policy.policies import PolicySet
from riskgate.running import errands
from tests.unit.conftest import ACCOUNT, FlakyJournal, Stage

FALLING = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: fall, kind: loss, max_drawdown_percent: 10, then: halt, because: test}
"""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fills what the scripted broker is given; nothing is waited for."""
    monkeypatch.setattr(errands, "FARING", 0.0)


def asked(stage: Stage, deed: Deed, **more: object) -> Requested:
    """A request that another process has recorded."""
    given = {"id": "r1", "by": "m.ruiz", "reason": "a test", "at": stage.clock.now(), **more}
    request = Requested(deed=deed, **given)  # type: ignore[arg-type]
    with FlakyJournal(stage.journal.inner.another()).turn() as turn:
        turn.append(request, stage.clock.now())
    stage.gate.follow()
    return request


def answers(stage: Stage) -> list[Answered]:
    return [one for one in stage.journal.payloads() if isinstance(one, Answered)]


def answer(stage: Stage, deed: Deed, **more: object) -> Answered:
    asked(stage, deed, **more)
    errands.run(stage.gate)
    return answers(stage)[-1]


def test_a_request_is_taken_on_and_then_answered_once(stage: Stage) -> None:
    asked(stage, Deed.RECONCILE)
    for _ in range(2):
        errands.run(stage.gate)
    assert [(one.id, one.done, one.ok) for one in answers(stage)] == [
        ("r1", False, False),
        ("r1", True, True),
    ]


@pytest.fixture
def fallen(compile_text: Callable[[str], PolicySet]) -> Stage:
    """A gate that a rule has halted: the account fell by a fifth."""
    stage = Stage(compile_text(FALLING), FlakyJournal(MemoryJournal()))
    for worth in ("100000", "80000"):
        reported(stage, worth)
        stage.gate.judge_accounts()
    return stage


def reported(stage: Stage, worth: str | None) -> None:
    value = None if worth is None else Decimal(worth)
    stage.market.set_account(Account(id=ACCOUNT, net_liquidation=value, at=stage.clock.now()))


def lifted(stage: Stage, **more: object) -> str:
    said = answer(stage, Deed.RESUME, latch=True, scope=Scope(account=ACCOUNT), **more)
    assert said.ok
    return said.text


def test_who_lifts_a_latch_is_told_what_set_it_and_that_nobody_has_asked_again(
    fallen: Stage,
) -> None:
    text = lifted(fallen)
    assert text.startswith("resumed\ndesk/fall had set it: max_drawdown_percent 20 % > ")
    assert "it is asked again with the next order or report" in text
    fallen.gate.halt(reason="smoke", by="m.ruiz")
    assert answer(fallen, Deed.RESUME, id="r2").text == "resumed"


def test_who_lifts_a_latch_is_told_what_its_rule_finds_now(fallen: Stage) -> None:
    reported(fallen, "85000")
    told = lifted(fallen).partition("; by the account's report of 2026-03-02 17:00:00 UTC ")[2]
    assert told.startswith("it does: max_drawdown_percent 15 % > limit 10 %")
    assert fallen.gate.ledger.facts.standings == {}  # telling sets nothing
    fallen.gate.judge_accounts()
    assert fallen.gate.ledger.facts.standings  # as it was told


def test_who_lifts_a_latch_is_told_where_its_rule_finds_nothing_now(fallen: Stage) -> None:
    reported(fallen, "95000")
    assert lifted(fallen).endswith(
        "; by the account's report of 2026-03-02 17:00:00 UTC it does not"
    )
    fallen.gate.judge_accounts()
    assert fallen.gate.ledger.facts.standings == {}


def test_what_a_rule_finds_is_not_told_where_nobody_can_know(fallen: Stage) -> None:
    fallen.market.set_account(Account(id=ACCOUNT))
    assert lifted(fallen).endswith("where that still holds")


def test_of_two_gates_one_takes_it_on(stage: Stage) -> None:
    asked(stage, Deed.RECONCILE)
    other = stage.restarted()
    errands.run(other)
    errands.run(stage.gate)
    assert len(answers(stage)) == 2


def test_a_reconcile_tells_its_differences(stage: Stage) -> None:
    stage.tell(positions=(stage.held(7),))
    said = answer(stage, Deed.RECONCILE)
    assert (said.ok, said.text, said.code) == (True, "position DU1234567 AAPL is 7", 0)


def test_a_reconcile_that_is_not_clean_is_code_6(stage: Stage) -> None:
    stage.tell(complete=False)
    said = answer(stage, Deed.RECONCILE)
    assert (said.ok, said.code) == (False, 6)


def test_a_resume_lifts_the_scope_after_a_clean_reconcile(stage: Stage) -> None:
    stage.gate.halt(by="m.ruiz", reason="smoke", scope=Scope(symbol="AAPL"))
    stage.tell(complete=False)
    said = answer(stage, Deed.RESUME, scope=Scope(symbol="AAPL"))
    assert (said.ok, said.code) == (False, 6)
    assert stage.gate.ledger.facts.standings
    stage.tell()
    assert answer(stage, Deed.RESUME, id="r2", scope=Scope(symbol="AAPL")).ok
    assert stage.gate.ledger.facts.standings == {}


def test_an_exit_is_decided_as_asked(stage: Stage) -> None:
    stage.gate.take([stage.execution(stage.sent("BUY 50 AAPL LMT 190"), "50")])
    said = answer(stage, Deed.EXIT, symbol="AAPL", quantity=Decimal(20), limit_price=Decimal(189))
    assert (said.ok, said.code) == (True, 0)
    assert "`SELL 20 AAPL.STK LMT 189" in said.text
    assert "allow" in said.text


def test_an_exit_that_is_denied_is_code_3_and_names_why(stage: Stage) -> None:
    stage.gate.take([stage.execution(stage.sent("BUY 50 AAPL LMT 190"), "50")])
    stage.gate.distrust("the session was lost")
    said = answer(stage, Deed.EXIT, symbol="AAPL")
    assert (said.ok, said.code) == (False, 3)
    assert "deny by NOT_RECONCILED" in said.text


@pytest.mark.parametrize(
    ("deed", "more", "why"),
    [
        (Deed.EXIT, {"symbol": "AAPL"}, "there is no position in `AAPL`"),
        (Deed.APPROVE, {"order_id": 77}, "order 77 is not on record"),
        (Deed.RESUME, {"by": " "}, "both not blank"),
        (Deed.RESUME, {"latch": True}, "no rule has latched"),
        (Deed.FLATTEN, {"reason": ""}, "both not blank"),
    ],
)
def test_what_cannot_be_done_is_answered_with_the_reason_and_the_code(
    stage: Stage, deed: Deed, more: dict[str, object], why: str
) -> None:
    said = answer(stage, deed, **more)
    assert (said.done, said.ok, said.code) == (True, False, 2)
    assert why in said.text


def test_a_flatten_with_nothing_held_says_so(stage: Stage) -> None:
    said = answer(stage, Deed.FLATTEN)
    assert (said.ok, said.code) == (True, 0)
    assert said.text == "nothing is held there: nothing was sent"
    assert stage.gate.ledger.facts.standings[Scope(), ""].state is TradingState.HALTED


def test_what_is_asked_too_long_ago_is_refused(stage: Stage) -> None:
    late = stage.clock.now() - timedelta(seconds=61)
    said = answer(stage, Deed.RECONCILE, at=late)
    assert (said.ok, said.code) == (False, 70)
    assert "more than 60 s before a gate read it" in said.text
    assert answer(stage, Deed.RECONCILE, id="r2", at=stage.clock.now()).ok


def test_what_cannot_be_taken_on_record_is_not_done(stage: Stage) -> None:
    asked(stage, Deed.FLATTEN)
    stage.journal.fails_at = "commit"
    with pytest.raises(JournalError):
        errands.run(stage.gate)
    assert stage.gate.ledger.facts.standings == {}
    stage.journal.fails_at = ""
    with stage.gate.turn():
        pass
    errands.run(stage.gate)
    assert answers(stage)[-1].ok


def test_every_deed_can_be_done() -> None:
    assert set(errands._DEEDS) == set(Deed)


def test_a_gate_without_policies_leaves_to_others_what_needs_them(stage: Stage) -> None:
    asked(stage, Deed.EXIT, symbol="AAPL")
    asked(stage, Deed.RECONCILE, id="r2")
    errands.run(stage.gate, errands.UNJUDGED)
    assert {one.id for one in answers(stage)} == {"r2"}
    errands.run(stage.gate)
    assert answers(stage)[-1].id == "r1"


def test_what_is_dated_in_the_future_is_refused(stage: Stage) -> None:
    said = answer(stage, Deed.RECONCILE, at=stage.clock.now() + timedelta(seconds=6))
    assert (said.ok, said.code) == (False, 70)
    assert "dated in the future" in said.text
    soon = stage.clock.now() + timedelta(seconds=5)
    assert answer(stage, Deed.RECONCILE, id="r2", at=soon).ok


@pytest.mark.parametrize("quantity", ["NaN", "-1"])
def test_an_exit_of_no_amount_is_answered_with_no(stage: Stage, quantity: str) -> None:
    stage.gate.take([stage.execution(stage.sent("BUY 50 AAPL LMT 190"), "50")])
    said = answer(stage, Deed.EXIT, symbol="AAPL", quantity=Decimal(quantity))
    assert (said.done, said.ok, said.code) == (True, False, 2)
