"""Held orders: another person, once, in time, and decided again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from riskgate.errors import ConfigError
from riskgate.journal.memory import MemoryJournal
from riskgate.model.decision import Action
from riskgate.model.events import ApprovalRefused, Decided
from riskgate.model.lifecycle import Status
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from tests.unit.conftest import FlakyJournal, Stage

BIG = "BUY 60 AAPL LMT 190"
HOLDING = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 50, on_breach: hold, because: test}
  - {id: position, kind: position, per: symbol, max_long: 100, because: test}
  - {id: alike, kind: duplicate, window: 1h, because: test}
"""


@pytest.fixture
def holding(compile_text: Callable[[str], PolicySet]) -> Stage:
    return Stage(compile_text(HOLDING), FlakyJournal(MemoryJournal()))


def held(stage: Stage, line: str = BIG, actor: str = "bot") -> int:
    ticket = stage.gate.submit(line, actor=actor)
    assert ticket.decision.action is Action.HOLD
    assert ticket.status is Status.HELD
    return ticket.order_id


def test_an_approved_order_leaves_under_its_own_number_and_reference(holding: Stage) -> None:
    number = held(holding)
    ref = holding.gate.ledger.orders[number].ref
    (ticket,) = holding.gate.approve(number, by="m.ruiz", reason="called the desk")
    assert (ticket.order_id, ticket.ref, ticket.allowed) == (number, ref, True)
    assert [one.order_id for one in holding.broker.placed] == [number]
    assert holding.reserved() == (0, 60, 0)
    assert holding.facts() == holding.facts(holding.folded())


def test_who_approved_and_why_is_on_record(holding: Stage) -> None:
    holding.gate.approve(held(holding), by="m.ruiz", reason="called the desk")
    approved = [e for e in holding.journal.payloads() if isinstance(e, Decided)][-1]
    assert (approved.approves, approved.actor, approved.reason) == (1, "m.ruiz", "called the desk")
    assert approved.snapshot is not None
    assert approved.decision.order is not None
    again = evaluate(holding.policies, approved.decision.order, approved.snapshot)
    assert again == approved.decision


@pytest.mark.parametrize(
    ("by", "reason", "why"),
    [
        ("", "because", "needs `by` and `reason`"),
        ("m.ruiz", "  ", "needs `by` and `reason`"),
        ("bot", "because", "`bot` submitted order 1; another person must approve it"),
    ],
)
def test_nobody_approves_without_a_name_a_reason_or_their_own(
    holding: Stage, by: str, reason: str, why: str
) -> None:
    number = held(holding)
    with pytest.raises(ConfigError, match=why):
        holding.gate.approve(number, by=by, reason=reason)
    assert holding.broker.placed == []


def test_an_approval_is_for_one_order_once(holding: Stage) -> None:
    number = held(holding)
    holding.gate.approve(number, by="m.ruiz", reason="fine")
    with pytest.raises(ConfigError, match="only a held order can be approved"):
        holding.gate.approve(number, by="m.ruiz", reason="fine")
    with pytest.raises(ConfigError, match="order 77 is not on record"):
        holding.gate.approve(77, by="m.ruiz", reason="fine")
    assert holding.gate.submit("BUY 61 AAPL LMT 180").decision.action is Action.DENY


def test_a_denied_approval_is_not_asked_for_again(holding: Stage) -> None:
    number = held(holding)
    holding.clock.advance(timedelta(minutes=15, microseconds=1))
    holding.quote("AAPL", "189.99", "190.01")
    (ticket,) = holding.gate.approve(number, by="m.ruiz", reason="late")
    assert ticket.decision.codes == ("APPROVAL_EXPIRED",)
    assert ticket.status is Status.DENIED
    with pytest.raises(ConfigError, match="order 1 is Denied"):
        holding.gate.approve(number, by="m.ruiz", reason="later")


def test_at_the_last_moment_an_approval_still_counts(holding: Stage) -> None:
    number = held(holding)
    holding.clock.advance(timedelta(minutes=15))
    holding.quote("AAPL", "189.99", "190.01")
    assert holding.gate.approve(number, by="m.ruiz", reason="just so")[0].allowed


def test_a_held_order_is_alike_to_the_next_one_and_not_to_itself(holding: Stage) -> None:
    number = held(holding)
    twin = holding.gate.submit(BIG)
    assert twin.decision.by == ("desk/alike", "desk/size")
    assert holding.gate.approve(number, by="m.ruiz", reason="fine")[0].allowed
    third = holding.gate.submit(BIG)
    alike = next(f for f in third.decision.breaches if f.rule == "desk/alike")
    assert alike.observed == 2  # itself, and the one that was held and then sent


def test_an_approval_that_cannot_be_recorded_sends_nothing(holding: Stage) -> None:
    number = held(holding)
    holding.journal.fails_at = "commit"
    (ticket,) = holding.gate.approve(number, by="m.ruiz", reason="fine")
    assert ticket.decision.codes == ("JOURNAL_UNAVAILABLE",)
    holding.journal.fails_at = ""
    assert holding.broker.placed == []
    assert holding.gate.approve(number, by="m.ruiz", reason="fine")[0].allowed


def test_two_gates_on_one_journal_approve_once(holding: Stage) -> None:
    number = held(holding)
    other = holding.restarted()
    other.reconcile()
    assert other.approve(number, by="m.ruiz", reason="fine")[0].allowed
    with pytest.raises(ConfigError, match="only a held order can be approved"):
        holding.gate.approve(number, by="k.lee", reason="fine too")
    assert holding.broker.placed == []


def test_a_held_order_waits_through_a_restart(holding: Stage) -> None:
    number = held(holding)
    gate = holding.restarted()
    gate.reconcile()
    assert gate.approve(number, by="m.ruiz", reason="fine")[0].allowed


def test_the_same_name_in_other_letters_is_the_same_person(holding: Stage) -> None:
    number = held(holding, actor="alice")
    with pytest.raises(ConfigError, match="another person must approve it"):
        holding.gate.approve(number, by="Alice", reason="fine")


def test_a_held_order_can_be_taken_back(holding: Stage) -> None:
    number = held(holding)
    assert holding.gate.cancel(number, actor="bot")
    view = holding.gate.order(number)
    assert view is not None
    assert view.status is Status.NEVER_SENT
    with pytest.raises(ConfigError, match="only a held order can be approved"):
        holding.gate.approve(number, by="m.ruiz", reason="fine")
    assert holding.gate.submit(BIG).decision.by == ("desk/size",)  # it is no duplicate of that one


def test_cancel_all_takes_back_what_is_held(holding: Stage) -> None:
    number, working = held(holding), holding.allowed("BUY 5 AAPL LMT 190")
    assert holding.gate.cancel_all() == (number, working)


def test_only_the_limit_that_held_is_forgiven(compile_text: Callable[[str], PolicySet]) -> None:
    text = HOLDING.replace("max_quantity: 50,", "max_quantity: 50, max_deviation_percent: 5,")
    stage = Stage(compile_text(text), FlakyJournal(MemoryJournal()))
    number = held(stage)
    stage.quote("AAPL", "94.99", "95.01")
    (ticket,) = stage.gate.approve(number, by="m.ruiz", reason="fine")
    assert ticket.decision.action is Action.DENY
    denied = [f.limit_name for f in ticket.decision.breaches if f.action is Action.DENY]
    assert denied == ["max_deviation_percent"]


def test_a_group_of_alike_orders_is_held_and_approved(
    compile_text: Callable[[str], PolicySet],
) -> None:
    text = HOLDING.replace("window: 1h,", "window: 1h, max: 2,").replace(
        "max_long: 100", "max_long: 200"
    )
    stage = Stage(compile_text(text), FlakyJournal(MemoryJournal()))
    tickets = stage.gate.submit_basket([BIG, BIG])
    assert tickets[0].decision.action is Action.HOLD
    approved = stage.gate.approve(tickets[0].order_id, by="m.ruiz", reason="fine")
    assert [one.allowed for one in approved] == [True, True]
    assert stage.facts() == stage.facts(stage.folded())


# --- refusals, and the end of waiting ------------------------------------------------------------


def test_a_refusal_ends_a_held_order_on_record_with_who_and_why(holding: Stage) -> None:
    number = held(holding)
    holding.gate.refuse(number, by="m.ruiz", reason="too large for today")
    assert holding.status_of(number) is Status.DENIED
    (refused,) = [one for one in holding.journal.payloads() if isinstance(one, ApprovalRefused)]
    assert (refused.by, refused.reason, refused.code) == ("m.ruiz", "too large for today", "")
    with pytest.raises(ConfigError, match="only a held order can be approved"):
        holding.gate.approve(number, by="m.ruiz", reason="after all")


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("m.ruiz", "  ")])
def test_a_refusal_names_somebody_and_a_reason(holding: Stage, by: str, reason: str) -> None:
    number = held(holding)
    with pytest.raises(ConfigError, match="a refusal needs `by` and `reason`"):
        holding.gate.refuse(number, by=by, reason=reason)
    assert holding.status_of(number) is Status.HELD


def test_only_a_held_order_can_be_refused(holding: Stage) -> None:
    with pytest.raises(ConfigError, match="order 9 is not on record; only a held order"):
        holding.gate.refuse(9, by="m.ruiz", reason="no")


def test_whoever_submitted_an_order_may_refuse_it(holding: Stage) -> None:
    number = held(holding)
    holding.gate.refuse(number, by="bot", reason="changed my mind")
    assert holding.status_of(number) is Status.DENIED


def test_a_refusal_of_one_refuses_its_group(compile_text: Callable[[str], PolicySet]) -> None:
    text = HOLDING.replace("window: 1h,", "window: 1h, max: 2,").replace("100", "200")
    stage = Stage(compile_text(text), FlakyJournal(MemoryJournal()))
    numbers = [one.order_id for one in stage.gate.submit_basket([BIG, BIG])]
    stage.gate.refuse(numbers[1], by="m.ruiz", reason="no")
    assert [stage.status_of(number) for number in numbers] == [Status.DENIED] * 2


def test_what_nobody_approves_in_time_is_denied_and_not_a_moment_earlier(holding: Stage) -> None:
    number = held(holding)
    holding.clock.advance(timedelta(minutes=15))
    holding.gate.follow()
    assert holding.status_of(number) is Status.HELD
    holding.clock.advance(timedelta(microseconds=1))
    holding.gate.follow()
    assert holding.status_of(number) is Status.DENIED
    view = holding.gate.order(number)
    assert view is not None
    assert view.reason.startswith("APPROVAL_EXPIRED by riskgate: nobody approved it within 15m")


def test_who_took_a_held_order_back_is_on_record(holding: Stage) -> None:
    number = held(holding)
    holding.gate.cancel(number, actor="bot")
    view = holding.gate.order(number)
    assert view is not None
    assert "cancelled by bot before anybody approved it" in view.reason


@pytest.mark.parametrize(
    "name", ["alice  smith", "\uff21lice Smith", "Ali\u200bce Smith", "ALICE SM\u00adITH"]
)
def test_another_spelling_of_a_name_is_not_another_person(holding: Stage, name: str) -> None:
    number = held(holding, actor="Alice Smith")
    with pytest.raises(ConfigError, match="another person must approve it"):
        holding.gate.approve(number, by=name, reason="fine")
    assert holding.broker.placed == []


def test_a_name_that_looks_like_a_code_is_only_a_name(holding: Stage) -> None:
    number = held(holding, actor="\\Uffffffff")
    assert holding.gate.approve(number, by="\\xzz", reason="fine")[0].allowed


def test_what_nobody_knows_the_submitter_of_nobody_can_approve(holding: Stage) -> None:
    """Whoever asks may be the one who submitted it: doubt denies."""
    number = held(holding, actor="\u200b")
    with pytest.raises(ConfigError, match=f"nobody knows who submitted order {number}.*`actor`"):
        holding.gate.approve(number, by="m.ruiz", reason="fine")
    holding.gate.refuse(number, by="m.ruiz", reason="nobody's")
