"""What the reference found and was mended: one small story each."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.line.grouping import Exits
from riskgate.model.report import ExecutionReport
from riskgate.policy.cases import account_of, given_of
from tests.spec.random_worlds import START, compiled

HEAD = {"riskgate": 1, "policy": "p", "timezone": "UTC", "currency": "USD"}


def a_stage(rule: dict[str, object], cache: Path) -> Rehearsal:
    policies = compiled([{**HEAD, "rules": [{"id": "r", "because": "a test", **rule}]}])
    facts = {"now": START.isoformat(), "prices": {"AAPL": "99.99 x 100.01"}}
    return Rehearsal(policies, given_of(facts), ExchangeCalendars(cache), MemoryJournal())


def test_the_stop_of_a_filled_bracket_can_be_moved(tmp_path: Path) -> None:
    stage = a_stage({"kind": "position", "max_long": Decimal(100), "max_short": 0}, tmp_path)
    exits = Exits(take_profit=Decimal(105), stop_loss=Decimal(95))
    entry, profit, loss = stage.gate.submit_bracket("BUY 100 AAPL LMT 100 DAY", exits=exits)
    fill = ExecutionReport(
        execution_id="x.01",
        order_id=entry.order_id,
        account=stage.account,
        instrument=stage.instrument("AAPL"),
        side=entry.decision.order.side if entry.decision.order else "BUY",  # type: ignore[arg-type]
        quantity=Decimal(100),
        price=Decimal(100),
        at=stage.clock.now(),
    )
    stage.gate.take([fill])
    assert stage.gate.modify(loss.order_id, stop_price=Decimal(96)).allowed
    assert stage.gate.modify(profit.order_id, limit_price=Decimal(104)).allowed
    assert not stage.gate.modify(loss.order_id, quantity=Decimal(101)).allowed
    assert not stage.submit("SELL 1 AAPL LMT 100 DAY").allowed


def test_a_shadow_rule_knows_the_peak_of_a_time_without_orders(tmp_path: Path) -> None:
    rule = {"kind": "loss", "max_drawdown_percent": Decimal(10), "mode": "shadow"}
    stage = a_stage(rule, tmp_path)
    for worth in (120_000, 100_000):
        account = account_of({"net_liquidation": Decimal(worth), "day_pnl": Decimal(0)})
        stage.market.set_account(msgspec.structs.replace(account, at=stage.clock.now()))
        stage.gate.judge_accounts()
    assert stage.submit("BUY 1 AAPL LMT 100 DAY").decision.shadow == ("p/r",)
