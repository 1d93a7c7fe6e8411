"""The highest value of an account, and rules that tripped: from reports, for their scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.ledger.counters.losses import LossCounter
from riskgate.ledger.counters.news import Mention, Question
from riskgate.model.account import Account
from riskgate.model.events import LimitTripped
from riskgate.model.order import Order
from riskgate.model.readings import Holding, LossReading
from riskgate.model.subject import Subject
from riskgate.model.trading import Scope
from riskgate.rulekit.tallies import LossTally
from tests.unit.conftest import NOON

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

RULES = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: loss, kind: loss, max_day_loss: 1_000, max_drawdown_percent: 10, because: test}
"""
Staged = Callable[[str], "Stage"]
ACCOUNT = "DU1234567"


def counter() -> LossCounter:
    return LossCounter(LossTally("desk/loss", "UTC"), ("account",))


def question(minutes: int = 0, account: str = "DU1", strategy: str = "") -> Question:
    asked = Mention(Subject(account=account, strategy=strategy), Order.parse("BUY 1 AAPL MKT"))
    return Question(asked, Holding(), Holding(), NOON + timedelta(minutes=minutes))


def trip(rule: str = "desk/loss", scope: Scope | None = None) -> LimitTripped:
    until = NOON + timedelta(hours=1)
    return LimitTripped(rule=rule, scope=scope or Scope(account="DU1"), at=NOON, until=until)


def test_the_highest_value_of_each_account_is_kept_until_it_is_forgotten() -> None:
    losses = counter()
    for value in ("100", "120", "90", "NaN", "Infinity"):
        losses.reported("DU1", Decimal(value))
    losses.reported("DU2", Decimal(-5))
    peaks = [losses.read(question(account=name)) for name in ("DU1", "DU2", "DU3")]
    assert peaks == [LossReading(Decimal(120)), LossReading(Decimal(-5)), LossReading()]
    losses.new_peak("DU1")
    losses.new_peak("DU9")
    losses.reported("DU1", Decimal(80))
    assert losses.read(question()).peak == 80
    losses.new_peak(None)
    assert [losses.read(question(account=name)).peak for name in ("DU1", "DU2")] == [None, None]


def test_a_trip_holds_for_its_scope_until_its_moment() -> None:
    losses = counter()
    losses.tripped(trip("desk/other"))
    assert losses.read(question()).tripped is None
    losses.tripped(trip())
    assert losses.read(question(59)).tripped == NOON
    assert losses.read(question(60)).tripped is None
    assert losses.read(question(59, account="DU2")).tripped is None
    losses.tripped(trip(scope=Scope(account="DU2", strategy="alpha")))
    assert losses.read(question(account="DU2", strategy="alpha")).tripped == NOON
    assert losses.read(question(account="DU2", strategy="beta")).tripped is None


def test_a_later_trip_of_the_same_scope_takes_the_place_of_the_first() -> None:
    losses = counter()
    losses.tripped(trip())
    again = NOON + timedelta(days=1)
    losses.tripped(
        LimitTripped(
            rule="desk/loss",
            scope=Scope(account="DU1"),
            at=again,
            until=again + timedelta(hours=1),
        )
    )
    assert losses.read(question(24 * 60 + 1)).tripped == again


def report(stage: Stage, worth: str, pnl: str = "0") -> None:
    stage.market.set_account(
        Account(
            id=ACCOUNT,
            net_liquidation=Decimal(worth),
            day_pnl=Decimal(pnl),
            at=stage.clock.now(),
        )
    )


def test_what_a_decision_saw_of_an_account_is_remembered_by_the_journal(staged: Staged) -> None:
    stage = staged(RULES)
    report(stage, "100000")
    stage.allowed("BUY 1 AAPL LMT 190")
    report(stage, "89999.99")
    assert stage.gate.submit("BUY 1 AAPL LMT 190").decision.by == ("desk/loss",)
    stage.journal.inner.another()
    restarted = stage.restarted()
    restarted.reconcile()
    report(stage, "100000")
    assert restarted.submit("BUY 1 AAPL LMT 190").decision.by == ("desk/loss",)
    stage.clock.advance(timedelta(hours=12))
    stage.quote("AAPL", "189.99", "190.01")
    report(stage, "90000")
    assert restarted.submit("BUY 1 AAPL LMT 190").allowed
