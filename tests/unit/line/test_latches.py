"""Latches: what a breach leaves behind, for whom, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from riskgate.errors import ConfigError
from riskgate.journal.memory import MemoryJournal
from riskgate.model.account import Account
from riskgate.model.decision import Action
from riskgate.model.events import AccountReported, LimitTripped, StateChanged
from riskgate.model.trading import Scope, Standing, TradingState
from riskgate.policy.latches import next_day
from riskgate.policy.policies import PolicySet
from riskgate.rulekit.base import Context
from tests.unit.conftest import ACCOUNT, FlakyJournal, Stage

LATCHING = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: repeat, kind: repeat_execution, per: [account, strategy], max: 2, window: 10s,
     because: test}
  - {id: watched, kind: repeat_execution, max: 1, window: 10s, then: halt, mode: shadow,
     because: test}
  - {id: loss, kind: loss, max_day_loss: 1000, because: test}
  - {id: fall, kind: loss, max_drawdown_percent: 10, then: halt, because: test}
"""


@pytest.fixture
def latching(compile_text: Callable[[str], PolicySet]) -> Stage:
    made = Stage(compile_text(LATCHING), FlakyJournal(MemoryJournal()))
    report(made, "100000", "0")
    return made


def report(stage: Stage, worth: str, profit: str) -> None:
    """The broker reports an account's values."""
    stage.market.set_account(
        Account(
            id=ACCOUNT,
            net_liquidation=Decimal(worth),
            available_funds=Decimal(worth),
            day_pnl=Decimal(profit),
            at=stage.clock.now(),
        )
    )
    stage.gate.judge_accounts()


def standings(stage: Stage) -> list[Standing]:
    return [e.standing for e in stage.journal.payloads() if isinstance(e, StateChanged)]


def burst(stage: Stage, orders: int, strategy: str = "alpha") -> list[Action]:
    return [
        stage.gate.submit(f"BUY {n} AAPL LMT 190", strategy=strategy).decision.action
        for n in range(1, orders + 1)
    ]


def test_a_breaker_denies_by_the_rule_and_the_next_by_the_state_too(latching: Stage) -> None:
    assert burst(latching, 2) == [Action.ALLOW] * 2
    third = latching.gate.submit("BUY 3 AAPL LMT 190", strategy="alpha").decision
    fourth = latching.gate.submit("BUY 4 AAPL LMT 190", strategy="alpha").decision
    assert third.by == ("desk/repeat",)
    assert fourth.by == ("REDUCE_ONLY", "desk/repeat")


def test_a_latch_holds_for_the_values_of_per_and_nobody_else(latching: Stage) -> None:
    burst(latching, 3)
    (standing,) = standings(latching)
    assert standing.scope == Scope(account=ACCOUNT, strategy="alpha")
    assert (standing.state, standing.by, standing.latch) == (
        TradingState.REDUCE_ONLY,
        "desk/repeat",
        True,
    )
    assert latching.gate.submit("BUY 1 AAPL LMT 190", strategy="beta").allowed


def test_a_latch_outlives_its_window_and_the_process(latching: Stage) -> None:
    burst(latching, 3)
    latching.clock.advance(timedelta(minutes=5))
    latching.quote("AAPL", "189.99", "190.01")
    gate = latching.restarted()
    gate.reconcile()
    denied = gate.submit("BUY 9 AAPL LMT 190", strategy="alpha").decision
    assert denied.codes == ("REDUCE_ONLY",)
    assert "by the rule desk/repeat" in denied.breaches[0].text


def test_the_same_latch_is_recorded_once(latching: Stage) -> None:
    burst(latching, 9)
    assert len(standings(latching)) == 1


def test_a_manual_resume_does_not_lift_a_latch_nor_a_latch_a_halt(latching: Stage) -> None:
    burst(latching, 3)
    latching.clock.advance(timedelta(seconds=11))
    scope = Scope(account=ACCOUNT, strategy="alpha")
    latching.gate.resume(reason="looked", by="m.ruiz", scope=scope)
    assert latching.gate.submit("BUY 9 AAPL LMT 190", strategy="alpha").decision.codes
    latching.gate.halt(reason="smoke", by="m.ruiz")
    latching.gate.resume(reason="looked", by="m.ruiz", scope=scope, latch=True)
    assert latching.gate.submit("BUY 9 AAPL LMT 190", strategy="alpha").decision.codes == (
        "HALTED",
    )
    latching.gate.resume(reason="looked", by="m.ruiz")
    assert latching.gate.submit("BUY 9 AAPL LMT 190", strategy="alpha").allowed


def test_a_latch_drops_what_waits_to_be_sent(latching: Stage) -> None:
    burst(latching, 3)
    assert latching.broker.withdrawn == [(1, "REDUCE_ONLY"), (2, "REDUCE_ONLY")]


def test_a_shadow_rule_never_latches(latching: Stage) -> None:
    burst(latching, 2)
    assert standings(latching) == []


def test_a_loss_reported_between_orders_denies_for_the_rest_of_the_day(latching: Stage) -> None:
    report(latching, "98000", "-1000.01")
    report(latching, "100000", "500")
    (trip,) = [e for e in latching.journal.payloads() if isinstance(e, LimitTripped)]
    assert (trip.rule, trip.scope) == ("desk/loss", Scope(account=ACCOUNT))
    assert latching.gate.submit("BUY 1 AAPL LMT 190").decision.by == ("desk/loss",)
    gate = latching.restarted()
    gate.reconcile()
    assert gate.submit("BUY 2 AAPL LMT 190").decision.by == ("desk/loss",)
    latching.clock.set(trip.until)
    latching.quote("AAPL", "189.99", "190.01")
    report(latching, "100000", "0")
    assert latching.gate.submit("BUY 3 AAPL LMT 190").allowed


def test_a_loss_at_its_limit_trips_nothing(latching: Stage) -> None:
    report(latching, "99000", "-1000")
    assert not [e for e in latching.journal.payloads() if isinstance(e, LimitTripped)]
    assert latching.gate.submit("BUY 1 AAPL LMT 190").allowed


def test_a_fall_from_the_highest_value_halts_the_account(latching: Stage) -> None:
    report(latching, "120000", "0")
    report(latching, "107999", "0")
    (standing,) = standings(latching)
    assert (standing.state, standing.scope) == (TradingState.HALTED, Scope(account=ACCOUNT))
    highs = [
        e.account.net_liquidation
        for e in latching.journal.payloads()
        if isinstance(e, AccountReported)
    ]
    assert highs == [Decimal(100000), Decimal(120000)]


def test_a_high_is_remembered_before_any_rule_asks_for_it(
    stage: Stage, compile_text: Callable[[str], PolicySet]
) -> None:
    report(stage, "120000", "0")
    report(stage, "100000", "0")
    stage.gate.reload(compile_text(LATCHING))
    stage.gate.reconcile()
    fallen = stage.gate.submit("BUY 1 AAPL LMT 190").decision
    assert fallen.by == ("desk/fall",)


def test_what_holds_an_order_does_not_latch(compile_text: Callable[[str], PolicySet]) -> None:
    text = LATCHING.replace(
        "window: 10s,\n     because", "window: 10s, on_breach: hold,\n     because"
    )
    held = Stage(compile_text(text), FlakyJournal(MemoryJournal()))
    report(held, "100000", "0")
    assert burst(held, 3) == [Action.ALLOW, Action.ALLOW, Action.HOLD]
    assert standings(held) == []


def test_only_what_a_rule_has_latched_is_lifted_as_a_latch(latching: Stage) -> None:
    burst(latching, 3)
    with pytest.raises(ConfigError, match="latched is account=DU1234567 strategy=alpha"):
        latching.gate.resume(reason="looked", by="m.ruiz", latch=True)


@pytest.mark.parametrize(
    ("at", "starts", "next_"),
    [
        ("2026-03-02T15:00", time(0), "2026-03-03T05:00"),
        ("2026-03-02T15:00", time(18), "2026-03-02T23:00"),
        ("2026-03-02T23:00", time(18), "2026-03-03T23:00"),
        ("2026-03-07T15:00", time(18), "2026-03-07T23:00"),
        ("2026-03-07T23:00", time(18), "2026-03-08T22:00"),  # the clocks go forward that night
    ],
)
def test_a_day_ends_on_the_policy_s_own_clocks(at: str, starts: time, next_: str) -> None:
    context = Context(zone="America/New_York", day_starts=starts)
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert next_day(context, moment) == datetime.fromisoformat(next_).replace(tzinfo=UTC)
