"""Halts: what waits is withdrawn, what comes is denied, and nobody forgets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskgate.model.events import StateChanged
from riskgate.model.trading import Scope, TradingState

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

LINE = "BUY 10 AAPL LMT 190"


# --- halts ---------------------------------------------------------------------------------------


def test_a_halt_withdraws_what_waits_in_its_scope(stage: Stage) -> None:
    one = stage.allowed()
    stage.allowed("BUY 1 MSFT LMT 400")
    stage.gate.halt(reason="smoke", by="m.ruiz", scope=Scope(symbol="AAPL"))
    assert stage.broker.withdrawn == [(one, "HALTED")]
    assert stage.gate.submit(LINE).decision.codes == ("HALTED",)
    assert stage.gate.submit("BUY 2 MSFT LMT 400").allowed


def test_reduce_only_withdraws_what_does_not_reduce(stage: Stage) -> None:
    bought = stage.allowed("BUY 50 AAPL LMT 190")
    stage.gate.take([stage.execution(bought, "50")])
    stage.broker.waiting.clear()
    adds = stage.allowed("BUY 1 AAPL LMT 190")
    reduces = stage.allowed("SELL 20 AAPL LMT 190")
    changed = stage.allowed("SELL 10 AAPL LMT 190")
    stage.gate.modify(changed, quantity=60)
    stage.gate.halt(reason="loss", by="m.ruiz", state=TradingState.REDUCE_ONLY)
    assert stage.broker.withdrawn == [(adds, "REDUCE_ONLY"), *[(changed, "REDUCE_ONLY")] * 2]
    assert stage.broker.waiting == [reduces]


def test_what_the_book_does_not_know_is_not_withdrawn(stage: Stage) -> None:
    stage.broker.waiting.append(77)
    stage.gate.halt(reason="smoke", by="m.ruiz")
    assert stage.broker.withdrawn == []


def test_the_same_state_is_recorded_once(stage: Stage) -> None:
    for _ in range(3):
        stage.gate.halt(reason="smoke", by="m.ruiz")
    stage.gate.halt(reason="fire", by="m.ruiz", state=TradingState.KILLED)
    states = [e.standing.state for e in stage.journal.payloads() if isinstance(e, StateChanged)]
    assert states == [TradingState.HALTED, TradingState.KILLED]


def test_a_halt_survives_a_restart(stage: Stage) -> None:
    stage.gate.halt(reason="smoke", by="m.ruiz", scope=Scope(symbol="AAPL"))
    gate = stage.restarted()
    gate.reconcile()
    assert gate.submit(LINE).decision.codes == ("HALTED",)
    assert gate.submit("BUY 2 MSFT LMT 400").allowed
    (standing,) = gate.ledger.facts.standings.values()
    assert (standing.by, standing.reason) == ("m.ruiz", "smoke")


def test_resume_lifts_only_the_scope_it_names(stage: Stage) -> None:
    stage.gate.halt(reason="smoke", by="m.ruiz")
    stage.gate.halt(reason="news", by="m.ruiz", scope=Scope(symbol="AAPL"))
    assert stage.gate.resume(reason="no fire", by="m.ruiz")
    assert stage.gate.submit(LINE).decision.codes == ("HALTED",)
    assert stage.gate.submit("BUY 2 MSFT LMT 400").allowed
    assert stage.gate.resume(reason="read them", by="m.ruiz", scope=Scope(symbol="AAPL"))
    assert stage.gate.submit(LINE).allowed


def test_a_weaker_halt_never_takes_the_place_of_a_stricter_one(stage: Stage) -> None:
    stage.gate.halt(reason="fire", by="m.ruiz", state=TradingState.KILLED)
    assert stage.gate.halt(reason="less", by="m.ruiz", state=TradingState.REDUCE_ONLY)
    assert stage.gate.submit(LINE).decision.codes == ("KILLED",)


def test_a_halt_of_a_symbol_stops_it_however_it_is_written(stage: Stage) -> None:
    stage.gate.halt(reason="news", by="m.ruiz", scope=Scope(symbol="aapl"))
    assert stage.gate.submit(LINE).decision.codes == ("HALTED",)
