"""What is spoken for of an account's funds: opening orders, and fills no report knows of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from riskgate.model.account import Account
from riskgate.model.events import PositionsReported
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.readings import FundsReading

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

RULES = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: funds, kind: buying_power, min_left: 0, because: test}
"""
Staged = Callable[[str], "Stage"]
ACCOUNT = "DU1234567"


def reports(stage: Stage, funds: str = "1000000", account: str = ACCOUNT) -> datetime:
    """The broker reports available funds now."""
    at = stage.clock.now()
    stage.market.set_account(Account(id=account, available_funds=Decimal(funds), at=at))
    return at


def spent(stage: Stage, line: str = "BUY 1 AAPL LMT 190") -> tuple[object, object]:
    """What working orders and fresh fills take, in dollars."""
    order = stage.gate.world.resolve(Order.parse(line))
    snapshot = stage.gate.world.snapshot(order, stage.clock.now(), stage.gate._sound())
    read = snapshot.readings["desk/funds"]
    assert isinstance(read, FundsReading)
    assert {*read.working, *read.fills} <= {"USD"}
    return read.working.get("USD", 0), read.fills.get("USD", 0)


def test_what_opens_is_spoken_for_until_it_is_dead(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage)
    number = stage.sent("BUY 10 AAPL LMT 190")
    assert spent(stage) == (1900, 0)
    stage.gate.cancel(number)
    assert spent(stage) == (1900, 0)
    stage.says(number, Status.CANCELLED)
    assert spent(stage) == (0, 0)


def test_a_fill_counts_until_a_report_that_is_newer(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage)
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.clock.advance(timedelta(seconds=1))
    stage.gate.take([stage.execution(number, "4", price="189")])
    assert spent(stage) == (1140, 756)
    stage.clock.advance(timedelta(seconds=1))
    reports(stage)
    assert spent(stage) == (1140, 0)


def test_at_one_moment_the_order_of_hearing_decides(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage)
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "4", "0001.01")])
    assert spent(stage) == (1140, 760)
    stage.clock.advance(timedelta(seconds=1))
    stage.gate.take([stage.execution(number, "6", "0002.01")])
    reports(stage)
    assert spent(stage) == (0, 0)


def test_without_a_moment_of_the_report_every_fill_counts(staged: Staged) -> None:
    stage = staged(RULES)
    stage.market.set_account(Account(id=ACCOUNT, available_funds=Decimal(1_000_000)))
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "10")])
    stage.clock.advance(timedelta(days=1))
    assert spent(stage) == (0, 1900)


def test_an_execution_dated_before_the_report_that_judged_its_order_still_counts(
    staged: Staged,
) -> None:
    stage = staged(RULES)
    early = stage.clock.now()
    stage.clock.advance(timedelta(milliseconds=500))
    reports(stage)
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.clock.advance(timedelta(milliseconds=500))
    report = stage.execution(number, "10")
    stage.gate.take([msgspec.structs.replace(report, at=early)])
    assert spent(stage) == (0, 1900)


def test_a_correction_after_the_report_gives_back_what_was_too_much(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage)
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "10", "0001.01")])
    stage.clock.advance(timedelta(seconds=1))
    reports(stage)
    assert spent(stage) == (0, 0)
    stage.clock.advance(timedelta(seconds=1))
    stage.gate.take([stage.execution(number, "7", "0001.02")])
    assert spent(stage) == (570, -570)


def test_a_reduction_takes_nothing_neither_working_nor_filled(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage)
    stage.gate.take([PositionsReported(positions=(stage.held(10),))])
    number = stage.sent("SELL 6 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "2")])
    assert spent(stage) == (0, 0)
    stage.sent("SELL 5 AAPL LMT 190")
    assert spent(stage) == (950, 0)


def test_a_reduction_that_is_enlarged_beyond_the_position_opens(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage)
    stage.gate.take([PositionsReported(positions=(stage.held(10),))])
    number = stage.sent("SELL 6 AAPL LMT 190")
    stage.says(number, Status.SUBMITTED)
    assert stage.gate.modify(number, quantity=12).allowed
    assert spent(stage) == (2280, 0)
    assert stage.gate.modify(number, quantity=8).allowed
    stage.echoes(number, "8")
    assert spent(stage) == (1520, 0)


def test_what_opened_still_opens_when_it_is_made_milder(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage)
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.says(number, Status.SUBMITTED)
    assert stage.gate.modify(number, quantity=5).decision.reduction
    stage.echoes(number, "5")
    assert spent(stage) == (950, 0)
    stage.gate.take([stage.execution(number, "5")])
    assert spent(stage) == (0, 950)


def test_a_modify_does_not_pay_for_what_it_replaces(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage, "3000")
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.says(number, Status.SUBMITTED)
    assert stage.gate.modify(number, quantity=15).allowed
    assert not stage.gate.modify(number, quantity=16).allowed
    assert spent(stage) == (2850, 0)


def test_margin_rates_count_and_accounts_are_apart(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage)
    reports(stage, account="DU2")
    future = Instrument(
        key="ES.FUT",
        symbol="ES",
        sec_type="FUT",
        multiplier=Decimal(50),
        min_tick=Decimal("0.25"),
        margin_rate=Decimal("0.1"),
    )
    stage.market.list_instrument(Terms(symbol="ES", sec_type="FUT"), future)
    stage.market.set_quote("ES.FUT", Quote(last=Decimal(200), at=stage.clock.now()))
    stage.allowed(f"SELL 2 ES.FUT LMT 200 account={ACCOUNT}")
    assert spent(stage, f"BUY 1 AAPL LMT 190 account={ACCOUNT}") == (2000, 0)
    assert spent(stage, "BUY 1 AAPL LMT 190 account=DU2") == (0, 0)


def test_after_a_restart_the_same_is_spoken_for(staged: Staged) -> None:
    stage = staged(RULES)
    reports(stage)
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.clock.advance(timedelta(seconds=1))
    stage.gate.take([stage.execution(number, "4")])
    assert stage.facts() == stage.facts(stage.folded())
