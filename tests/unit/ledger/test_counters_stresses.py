"""What the worst-case book gains under each shock, as orders, positions and prices move it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.model.account import Account
from riskgate.model.events import PositionsReported
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.readings import Gains, StressReading
from riskgate.model.report import Position

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

RULES = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
groups: {tech: [MSFT, SAP]}
rules:
  - {id: all, kind: stress, max_loss: 9_000_000, because: test,
     shocks: [{percent: -10}, {symbol: "@tech", amount: 5}]}
  - {id: mine, kind: stress, max_percent: 100, mode: shadow, because: test,
     shocks: [{percent: -10}]}
  - {id: strategy, kind: stress, per: [strategy, side], max_loss: 9_000_000, because: test,
     shocks: [{percent: -10}]}
  - {id: tech, kind: stress, max_loss: 9_000_000, because: test,
     shocks: [{symbol: "@tech", amount: -1}]}
"""
Staged = Callable[[str], "Stage"]


def read(stage: Stage, rule: str = "all", line: str = "BUY 1 AAPL LMT 190") -> StressReading:
    order = stage.gate.world.resolve(Order.parse(line))
    snapshot = stage.gate.world.snapshot(order, stage.clock.now(), stage.gate._sound())
    found = snapshot.readings[f"desk/{rule}"]
    assert isinstance(found, StressReading)
    return found


def gains(*amounts: int, currency: str = "USD") -> Gains:
    return Gains(tuple({currency: Decimal(one)} if one else {} for one in amounts))


def test_orders_and_fills_are_taken_at_their_worst(staged: Staged) -> None:
    stage = staged(RULES)
    bought = stage.sent("BUY 10 MSFT LMT 400")
    assert read(stage).others == gains(-400, 0)
    sold = stage.sent("SELL 4 MSFT LMT 400")
    assert read(stage).others == gains(-400, -20)
    stage.gate.take([stage.execution(bought, "10", price="400")])
    assert read(stage).others == gains(-400, 30)
    stage.says(sold, Status.CANCELLED)
    assert read(stage).others == gains(-400, 50)
    assert read(stage, line="BUY 1 MSFT LMT 400").others == gains(0, 0)
    assert stage.facts() == stage.facts(stage.folded())


def test_marks_move_the_sums_and_only_what_is_shocked_needs_one(staged: Staged) -> None:
    stage = staged(RULES)
    stage.gate.take([PositionsReported(positions=(stage.held(-10, "MSFT"), stage.held(1, "KO")))])
    assert read(stage).others.unmarked == ("KO",)
    assert read(stage, "tech").others == gains(10)
    stage.quote("KO", "100", "100")
    assert read(stage).others == gains(400 - 10, -50)
    stage.quote("MSFT", "500", "500")
    assert read(stage).others == gains(500 - 10, -50)
    stage.market.set_quote("MSFT", Quote())
    assert read(stage, "tech").others == Gains(({},), ("MSFT",))
    stage.gate.take([PositionsReported(positions=(stage.held(0, "MSFT"),))])
    assert read(stage, "tech").others == gains(0)


def test_currencies_multipliers_and_prices_below_zero(staged: Staged) -> None:
    stage = staged(RULES)
    sap = Instrument(key="SAP", symbol="SAP", currency="EUR", multiplier=Decimal(10))
    oil = Instrument(key="CL", symbol="CL", multiplier=Decimal(1000), negative_prices=True)
    for instrument, last in ((sap, 100), (oil, -4)):
        stage.market.list_instrument(Terms(symbol=instrument.symbol), instrument)
        quote = Quote(last=Decimal(last), at=stage.clock.now())
        stage.market.set_quote(instrument.key, quote)
    held = (stage.held(2, "SAP"), stage.held(1, "CL"))
    stage.gate.take([PositionsReported(positions=held)])
    assert read(stage).others == Gains(
        ({"EUR": Decimal(-200), "USD": Decimal(400)}, {"EUR": Decimal(100)})
    )


def test_budgets_are_told_apart_and_an_account_has_a_part_of_its_own(staged: Staged) -> None:
    stage = staged(RULES)
    stage.market.set_account(Account(id="DU2"))
    other = Position(account="DU2", instrument=stage.instrument("MSFT"), quantity=Decimal(10))
    stage.gate.take([PositionsReported(positions=(other, stage.held(1, "MSFT")))])
    stage.allowed("BUY 2 MSFT LMT 400 account=DU2", strategy="alpha")
    line = "BUY 1 AAPL LMT 190 account=DU1234567 strategy=alpha"
    assert read(stage, "mine", line).others == gains(-40 * 13)
    assert read(stage, "mine", line).account == gains(-40)
    assert read(stage, "all", line).account is None
    assert read(stage, "strategy", line).others == gains(-80)
    assert read(stage, "strategy", line.replace("alpha", "beta")).others == gains(0)
    third = line.replace("DU1234567", "DU3")
    assert read(stage, "mine", third).account == gains(0)
