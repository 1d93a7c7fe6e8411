"""Worst-case values of a budget, as orders, fills, positions and prices move them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.model.account import Account
from riskgate.model.decision import Finding
from riskgate.model.events import Decided, PositionsReported
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.readings import ExposureReading, Holding
from riskgate.model.report import ForeignOrder, Position
from riskgate.policy.evaluate import explain

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

RULES = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: all, kind: exposure, max_gross: 1_000_000, max_net_long: 1_000_000,
     max_net_short: 1_000_000, because: test}
  - {id: account, kind: exposure, per: account, max_gross: 1_000_000, because: test}
  - {id: strategy, kind: exposure, per: [account, strategy], max_gross: 1_000_000, because: test}
  - {id: side, kind: exposure, per: side, max_gross: 1_000_000, because: test}
  - {id: futures, kind: exposure, match: {sec_type: FUT}, max_gross: 1_000_000, because: test}
  - {id: leverage, kind: leverage, match: {account: DU2}, max: 1000, because: test}
"""
Staged = Callable[[str], "Stage"]


def asked(stage: Stage, line: str) -> dict[str, Finding]:
    """What every limit answers to an order that is not sent."""
    order = stage.gate.world.resolve(Order.parse(line))
    snapshot = stage.gate.world.snapshot(order, stage.clock.now(), stage.gate._sound())
    answers = explain(stage.policies, order, snapshot)
    return {f"{a.rule.removeprefix('desk/')}.{a.limit_name}": a for a in answers}


def seen(stage: Stage, line: str, *names: str) -> list[object]:
    found = asked(stage, line)
    return [found[name].observed for name in names]


def test_orders_fills_and_cancels_move_the_sums(staged: Staged) -> None:
    stage = staged(RULES)
    bought = stage.sent("BUY 10 MSFT LMT 400")
    sold = stage.sent("SELL 4 MSFT LMT 400")
    three = ("all.max_gross", "all.max_net_long")
    assert seen(stage, "BUY 1 AAPL LMT 190", *three) == [4190, 4190]
    assert seen(stage, "SELL 1 AAPL LMT 190", "all.max_net_short") == [1790]
    stage.gate.take([stage.execution(bought, "3", price="400")])
    assert seen(stage, "BUY 1 AAPL LMT 190", *three) == [4190, 4190]
    assert seen(stage, "SELL 1 AAPL LMT 190", "all.max_net_short") == [1600 - 1200 + 190]
    stage.says(bought, Status.CANCELLED)
    stage.says(sold, Status.CANCELLED)
    assert seen(stage, "BUY 1 AAPL LMT 190", *three) == [1390, 1390]
    assert seen(stage, "SELL 1 AAPL LMT 190", "all.max_net_short") == [190 - 1200]
    assert stage.facts() == stage.facts(stage.folded())


def test_a_new_mark_moves_the_sum_whatever_its_age(staged: Staged) -> None:
    stage = staged(RULES)
    stage.gate.take([PositionsReported(positions=(stage.held(10, "MSFT"),))])
    assert seen(stage, "BUY 1 AAPL LMT 190", "all.max_gross") == [4190]
    stage.quote("MSFT", "500", "502")
    assert seen(stage, "BUY 1 AAPL LMT 190", "all.max_gross") == [5200]
    stage.market.set_quote("MSFT", Quote(close=Decimal(300)))
    assert seen(stage, "BUY 1 AAPL LMT 190", "all.max_gross") == [3190]
    stage.market.set_quote("MSFT", Quote())
    assert asked(stage, "BUY 1 AAPL LMT 190")["all.max_gross"].code == "NO_PRICE"
    stage.gate.take([PositionsReported(positions=(stage.held(0, "MSFT"),))])
    assert seen(stage, "BUY 1 AAPL LMT 190", "all.max_gross") == [190]


def test_longs_and_shorts_of_several_instruments(staged: Staged) -> None:
    stage = staged(RULES)
    stage.gate.take([PositionsReported(positions=(stage.held(-10, "MSFT"),))])
    assert seen(stage, "BUY 1 AAPL LMT 190", "all.max_gross", "all.max_net_long") == [4190, -3810]
    assert seen(stage, "SELL 1 AAPL LMT 190", "all.max_gross", "all.max_net_short") == [4190, 4190]


def test_budgets_are_told_apart_by_per_and_narrowed_by_what_a_holding_has(staged: Staged) -> None:
    stage = staged(RULES)
    stage.market.set_account(Account(id="DU2", net_liquidation=Decimal(1000)))
    apple = stage.instrument()
    five = Position(account="DU2", instrument=apple, quantity=Decimal(5))
    stage.gate.take([PositionsReported(positions=(five,))])
    stage.allowed("BUY 10 MSFT LMT 400 account=DU1234567", strategy="alpha")
    names = ("all.max_gross", "account.max_gross", "strategy.max_gross", "side.max_gross")
    line = "BUY 1 AAPL LMT 190 account=DU2 strategy=alpha"
    assert seen(stage, line, *names) == [4000 + 6 * 190, 6 * 190, 190, 4000 + 6 * 190]
    line = "BUY 1 AAPL LMT 190 account=DU1234567 strategy=alpha"
    assert seen(stage, line, *names)[1:3] == [4190, 4190]
    line = "BUY 1 AAPL LMT 190 account=DU1234567 strategy=beta"
    assert seen(stage, line, *names)[1:3] == [4190, 190]
    assert "futures.max_gross" not in asked(stage, line)
    assert seen(stage, "BUY 1 AAPL LMT 190 account=DU2", "leverage.max") == [Decimal("1.14")]


def test_a_selector_narrows_the_sum_to_its_own_instruments(staged: Staged) -> None:
    stage = staged(RULES)
    future = Instrument(
        key="ES.FUT", symbol="ES", sec_type="FUT", multiplier=Decimal(50), min_tick=Decimal("0.25")
    )
    stage.market.list_instrument(Terms(symbol="ES", sec_type="FUT"), future)
    stage.market.set_quote("ES.FUT", Quote(last=Decimal(5000), at=stage.clock.now()))
    stage.gate.take([PositionsReported(positions=(stage.held(10, "MSFT"),))])
    names = ("futures.max_gross", "all.max_gross")
    assert seen(stage, "SELL 2 ES.FUT LMT 5000", *names) == [500_000, 504_000]


def test_foreign_orders_and_a_modified_order_count(staged: Staged) -> None:
    stage = staged(RULES)
    foreign = ForeignOrder(
        perm_id=1,
        order=Order.parse("SELL 7 MSFT LMT 400 account=DU1234567"),
        instrument=stage.instrument("MSFT"),
        remaining=Decimal(7),
        status=Status.SUBMITTED,
    )
    stage.tell(foreign=(foreign,))
    stage.gate.reconcile()
    assert seen(stage, "BUY 1 AAPL LMT 190", "all.max_gross") == [2990]
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.says(number, Status.SUBMITTED)
    ticket = stage.gate.modify(number, quantity=20)
    (reading,) = [
        event.snapshot.readings["desk/all"]
        for event in stage.journal.payloads()
        if isinstance(event, Decided) and event.replaces and event.snapshot
    ]
    assert ticket.allowed
    assert reading == ExposureReading(
        Holding(),
        gross={"USD": Decimal(2800)},
        net_long={},
        net_short={"USD": Decimal(2800)},
    )
