"""A gate that runs elsewhere, reached through the journal: recorded, asked and waited for."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from riskgate.brokers.none import NoBroker
from riskgate.errors import BrokerError, ConfigError, JournalError
from riskgate.ledger.market import Market
from riskgate.line.outside import Outside
from riskgate.model.events import Answered, Deed, Outcome, Requested
from riskgate.model.lifecycle import Status
from riskgate.model.trading import Scope, TradingState
from riskgate.policy.policies import PolicySet
from riskgate.running import errands
from riskgate.running.remote import Remote, carried_out
from tests.unit.conftest import CALENDARS, FlakyJournal, Stage

SHORT = 0.01


def record_of(stage: Stage, running: tuple[int, ...] = (1,)) -> Remote:
    """What another process has of the stage's gate."""
    outside = Outside(
        journal=FlakyJournal(stage.journal.inner.another()),
        broker=NoBroker(),
        market=Market(),
        calendars=CALENDARS,
        clock=stage.clock,
        actor="elsewhere",
    )
    found = Remote(PolicySet((), (), digest=""), outside, ExitStack(), running)
    found.start(activate=False)
    return found


def request(stage: Stage, deed: Deed = Deed.RECONCILE) -> Requested:
    return Requested(id="", deed=deed, at=stage.clock.now(), by="m.ruiz", reason="a test")


@pytest.fixture
def answering(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage whose gate goes a round whenever somebody waits for the record."""

    def attend(_: float) -> None:
        stage.gate.follow()
        errands.run(stage.gate)

    monkeypatch.setattr("riskgate.running.remote.time.sleep", attend)
    return stage


def test_a_record_activates_no_policies_and_knows_the_accounts(stage: Stage) -> None:
    stage.sent()
    record = record_of(stage)
    assert record.ledger.digest == stage.policies.digest
    with pytest.raises(ConfigError, match="account `DU0` is not one of DU1234567"):
        record.halt(by="m.ruiz", reason="news", scope=Scope(account="DU0"))


def test_a_halt_on_record_holds_for_the_next_order_of_the_gate(stage: Stage) -> None:
    record_of(stage).halt(by="m.ruiz", reason="news")
    assert stage.gate.submit("BUY 1 AAPL LMT 190").decision.codes == ("HALTED",)


def test_what_cannot_be_recorded_raises_for_nobody_records_it_later(stage: Stage) -> None:
    record = record_of(stage)
    record._journal.fails_at = "commit"  # type: ignore[attr-defined]
    with pytest.raises(JournalError, match="the disk is full"):
        record.halt(by="m.ruiz", reason="news")
    assert stage.gate.submit("BUY 1 AAPL LMT 190").allowed


def test_a_request_is_answered_by_the_gate_that_runs(answering: Stage) -> None:
    answer = record_of(answering).ask(request(answering), 2)
    assert (answer.done, answer.ok, answer.actor) == (True, True, "desk")


def test_a_request_that_nobody_takes_on_is_withdrawn(stage: Stage) -> None:
    record = record_of(stage)
    with pytest.raises(BrokerError, match=r"client id 1.* did not answer .*nothing was begun"):
        record.ask(request(stage), SHORT)
    assert record.unanswered
    stage.gate.follow()
    errands.run(stage.gate)
    answers = [one for one in stage.journal.payloads() if isinstance(one, Answered)]
    assert [one.text for one in answers] == ["nobody took it on in time"]


def test_a_request_that_is_not_done_in_time_says_that_it_was_taken_on(stage: Stage) -> None:
    record = record_of(stage)

    def take_on() -> bool:
        for name in tuple(record.ledger.facts.requests):
            stage.gate.take([Answered(id=name, actor="desk")])
        return False

    record.wait_for(take_on, 0)
    wait = record.wait_for

    def waiting(holds: object, timeout: float) -> bool:
        del holds
        take_on()
        return wait(lambda: False, timeout)

    record.wait_for = waiting  # type: ignore[method-assign]
    with pytest.raises(BrokerError, match="took this on, but was not done within"):
        record.ask(request(stage), SHORT)


def test_a_kill_on_record_is_proven_by_the_gate_that_runs(answering: Stage) -> None:
    answering.broker.client_id = 1
    number = answering.sent()
    cancel = answering.broker.cancel

    def obey(order_id: int) -> None:
        cancel(order_id)
        answering.says(order_id, Status.CANCELLED)

    answering.broker.cancel = obey  # type: ignore[method-assign]
    report = record_of(answering).kill(by="m.ruiz", reason="smoke", timeout=2)
    assert (report.confirmed, report.proven, report.flat) == ((number,), True, True)
    assert answering.gate.ledger.facts.standings[Scope(), ""].state is TradingState.KILLED


def test_a_kill_where_no_gate_runs_proves_nothing(stage: Stage) -> None:
    report = record_of(stage, running=()).kill(by="m.ruiz", reason="smoke", timeout=SHORT)
    assert (report.proven, report.because) == (False, "no gate runs that could reconcile")


def test_a_cancel_and_a_resolution_on_record_reach_the_gate(stage: Stage) -> None:
    stage.broker.client_id = 1
    number, lost = stage.sent(), stage.sent("BUY 1 MSFT LMT 400")
    stage.says(lost, Status.UNKNOWN)
    record = record_of(stage)
    assert record.cancel_all(Scope(symbol="AAPL"), actor="m.ruiz") == (number,)
    record.resolve(lost, Outcome.DEAD, by="m.ruiz", reason="seen at the broker")
    stage.gate.follow()
    assert stage.broker.cancelled == [number]
    assert stage.status_of(lost) is Status.CANCELLED
    assert stage.reserved("MSFT") == (0, 0, 0)


def test_news_of_which_no_turn_was_had_are_not_forgotten(stage: Stage) -> None:
    record = record_of(stage)
    stage.gate.halt(by="m.ruiz", reason="news")
    record._journal.fails_at = "begin"  # type: ignore[attr-defined]
    with pytest.raises(JournalError):
        record.wait_for(lambda: True, 0)
    record._journal.fails_at = ""  # type: ignore[attr-defined]
    record._journal.has_news = lambda: False  # type: ignore[method-assign]  # as a store says it
    assert record.wait_for(lambda: bool(record.ledger.facts.standings), 0)


def test_a_request_of_our_own_gate_is_done_here(stage: Stage) -> None:
    answer = carried_out(stage.gate, request(stage), SHORT)
    assert (answer.done, answer.ok) == (True, True)
    assert not any(isinstance(one, Requested) for one in stage.journal.payloads())
