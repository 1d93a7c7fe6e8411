"""Two gates on one journal, of which one has not read the last word of the other yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riskgate.errors import ConfigError
from riskgate.journal.memory import MemoryJournal
from riskgate.model.events import Outcome
from riskgate.model.lifecycle import Status
from riskgate.model.report import Sent
from riskgate.model.trading import TradingState
from tests.unit.conftest import FlakyJournal, Stage, StageBroker, compiled

if TYPE_CHECKING:
    from riskgate.gate import Gate

HOLDING = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 50, on_breach: hold, because: test}
  - {id: position, kind: position, per: symbol, max_long: 100, because: test}
"""
KEYED = "BUY 40 AAPL LMT 190 DAY key=K1"


@pytest.fixture
def holding() -> Stage:
    return Stage(compiled(HOLDING), FlakyJournal(MemoryJournal()))


def another(stage: Stage) -> tuple[Gate, StageBroker]:
    """A second gate, which has read the record up to now."""
    broker = StageBroker()
    gate = stage.another_gate(FlakyJournal(stage.journal.inner.another()), broker)
    gate.reconciled = True
    return gate, broker


def test_a_leg_that_was_cancelled_takes_its_held_group_with_it(holding: Stage) -> None:
    first, second = holding.gate.submit_basket(["BUY 60 AAPL LMT 190", "BUY 5 MSFT LMT 400"])
    assert holding.gate.cancel(second.order_id)
    assert (first.status, second.status) == (Status.NEVER_SENT, Status.NEVER_SENT)
    with pytest.raises(ConfigError, match="only a held order can be approved"):
        holding.gate.approve(first.order_id, by="m.ruiz", reason="x")
    assert holding.broker.placed == []


def test_a_cancel_of_what_another_gate_has_approved_is_a_cancel_and_releases_nothing(
    holding: Stage,
) -> None:
    number = holding.gate.submit("BUY 60 AAPL LMT 190", actor="bot").order_id
    other, _ = another(holding)
    holding.gate.approve(number, by="m.ruiz", reason="seen")
    holding.gate.take([Sent(order_id=number, broker_order_id=number, client_id=0)])
    assert other.cancel(number)
    assert other.ledger.orders[number].status is Status.PENDING_CANCEL
    assert not holding.gate.submit("BUY 50 AAPL LMT 190").allowed
    with pytest.raises(ConfigError, match="only a held order can be refused"):
        other.refuse(number, by="boss", reason="no")


def test_a_halt_is_recorded_although_another_gate_has_just_lifted_the_last(stage: Stage) -> None:
    stage.gate.halt(by="a", reason="smoke")
    other, _ = another(stage)
    other.resume(by="b", reason="ok", override=True)
    assert stage.gate.halt(by="c", reason="fire")
    assert stage.gate.submit("BUY 10 AAPL LMT 190").decision.codes == ("HALTED",)
    assert stage.broker.placed == []


def test_what_is_set_while_a_resume_reconciles_is_not_lifted(stage: Stage) -> None:
    stage.gate.halt(by="a", reason="lunch")

    def meanwhile() -> None:
        stage.broker.during_story = lambda: None
        stage.gate.halt(by="risk", reason="runaway", state=TradingState.KILLED)

    stage.broker.during_story = meanwhile
    with pytest.raises(ConfigError, match="set meanwhile: KILLED"):
        stage.gate.resume(by="b", reason="lunch is over")
    assert stage.gate.submit("BUY 10 AAPL LMT 190").decision.codes == ("KILLED",)


def test_nothing_is_approved_between_a_resolution_and_the_next_story(holding: Stage) -> None:
    number = holding.allowed("BUY 40 AAPL LMT 190")
    holding.says(number, Status.UNKNOWN)
    holding.gate.resolve(number, Outcome.FILLED, by="m.ruiz", reason="seen in TWS")
    refused = holding.gate.submit("BUY 40 AAPL LMT 190")
    assert "NOT_RECONCILED" in refused.decision.codes
    assert holding.gate.wants_reconcile


def test_an_order_that_another_gate_sent_under_the_same_key_is_not_ours_to_end(
    stage: Stage,
) -> None:
    other, broker = another(stage)
    stage.journal.fails_at = "commit"
    assert stage.gate.submit(KEYED).decision.codes == ("JOURNAL_UNAVAILABLE",)
    stage.journal.fails_at = ""
    sent = other.submit(KEYED)
    other.take([Sent(order_id=sent.order_id, broker_order_id=7, client_id=2)])
    stage.gate.follow()
    other.follow()
    assert sent.status is Status.PENDING_SUBMIT
    assert len(broker.placed) == 1


def test_a_modify_that_left_is_not_forgotten_because_its_repetition_was_refused(
    stage: Stage,
) -> None:
    number = stage.allowed("BUY 10 AAPL LMT 190")
    assert stage.gate.modify(number, quantity=80).allowed
    stage.gate.take([Sent(order_id=number, broker_order_id=number, client_id=0, version=1)])
    stage.journal.fails_at = "commit"
    assert not stage.gate.modify(number, quantity=80).allowed
    stage.journal.fails_at = ""
    stage.gate.follow()
    assert stage.reserved() == (0, 80, 0)


def test_a_mistyped_approval_does_not_cost_the_book(stage: Stage) -> None:
    before = stage.gate.ledger
    with pytest.raises(ConfigError, match="not on record"):
        stage.gate.approve(4711, by="m.ruiz", reason="x")
    stage.allowed()
    assert stage.gate.ledger is before
