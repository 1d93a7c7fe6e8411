"""One order's history: found by number, reference or key, and told in the order of the record."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.model.account import Account
from riskgate.model.lifecycle import Status
from riskgate.model.report import (
    CancelNotSent,
    CommissionReport,
    ErrorReport,
    NeverSent,
    StatusReport,
)
from riskgate.record.chronicle import Chronicle, chronicle
from riskgate.reporters.chronicle_lines import summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Stage

    Staged = Callable[[str], Stage]

LINE = "BUY 10 AAPL LMT 190"
HELD = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: large, kind: fat_finger, max_quantity: 5, on_breach: hold, because: test}
"""
BREAKER = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: breaker, kind: repeat_execution, max: 1, window: 10m, then: halt, because: test}
"""


def told(stage: Stage, name: object) -> Chronicle:
    found = chronicle(lambda: stage.journal.inner.another().read(), str(name), stage.policies)
    assert found is not None
    return found


def texts(of: Chronicle, chapter: int = -1) -> list[str]:
    return [happening.text for happening in of.chapters[chapter].then]


def test_what_happened_is_told_in_order_and_each_thing_once(stage: Stage) -> None:
    number = stage.sent()
    stage.echoes(number, "10")
    for status in (Status.PRE_SUBMITTED, Status.SUBMITTED):
        stage.says(number, status)
    stage.gate.take([stage.execution(number, "4", "a.01", "190.01")])
    stage.gate.take([StatusReport(order_id=number, status=Status.SUBMITTED, filled=Decimal(4))])
    stage.gate.take([CommissionReport(execution_id="a.01", amount=Decimal(1), currency="USD")])
    stage.gate.cancel(number, actor="m.ruiz")
    stage.says(number, Status.CANCELLED)
    assert texts(told(stage, number)) == [
        f"the order left for the broker as its order {number}",
        "broker confirms 10 at 190",
        "broker says PreSubmitted",
        "broker says Submitted",
        "filled 4 at 190.01",
        "commission 1 USD",
        "cancel requested by m.ruiz",
        "broker says Cancelled",
    ]


def test_what_the_fills_cost_is_told_by_currency(stage: Stage) -> None:
    number = stage.sent()
    for name in ("a.01", "b.01", "c.01"):
        stage.gate.take([stage.execution(number, "3", name)])
    cost = dict(summary(told(stage, number)))["cost"]
    assert cost.startswith("average 190, commission not told yet, slippage")
    for name, amount, currency in (("a.01", "1", "USD"), ("b.01", "0.5", "EUR")):
        charged = CommissionReport(execution_id=name, amount=Decimal(amount), currency=currency)
        stage.gate.take([charged])
    found = told(stage, number)
    assert found.commissions == {"USD": Decimal(1), "EUR": Decimal("0.5")}
    assert "average 190, commission 1 USD, 0.50 EUR, slippage" in dict(summary(found))["cost"]


def test_the_order_is_where_its_events_have_brought_it(stage: Stage) -> None:
    number = stage.sent()
    stage.sent("BUY 5 MSFT LMT 400")
    stage.gate.take([stage.execution(number, "4", "a.01", "190.19")])
    found = told(stage, number)
    assert found.view == stage.gate.order(number)
    assert found.arrival == 190
    assert found.slippage_bps == 10


def test_a_correction_of_a_fill_is_told_as_one_and_counts_once(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([stage.execution(number, "4", "a.01", "191")])
    stage.gate.take([stage.execution(number, "4", "a.02", "189.81")])
    found = told(stage, number)
    assert texts(found)[1:] == ["filled 4 at 191", "fill corrected: it was 4 at 189.81"]
    assert found.slippage_bps == -10
    assert found.view.filled_quantity == 4


def test_a_sell_that_gets_less_than_the_market_costs(stage: Stage) -> None:
    number = stage.sent("SELL 10 AAPL LMT 189")
    stage.gate.take([stage.execution(number, "10", "a.01", "189.81")])
    assert told(stage, number).slippage_bps == 10


@pytest.mark.parametrize("name", ["mine", "1"])
def test_an_order_is_found_by_its_key_and_by_its_number(stage: Stage, name: str) -> None:
    stage.gate.submit(f"{LINE} key=mine")
    assert told(stage, name).view.order_id == 1


def test_a_number_goes_before_a_key_that_reads_like_one(stage: Stage) -> None:
    stage.gate.submit(f"{LINE} key=2")
    stage.gate.submit("BUY 5 MSFT LMT 400 key=77")
    assert told(stage, "2").view.symbol == "MSFT"
    assert told(stage, "77").view.symbol == "MSFT"


@pytest.mark.parametrize("name", ["9", "0", "x", "", "\u0661"])
def test_what_is_not_on_record_is_none(stage: Stage, name: str) -> None:
    stage.sent()
    stage.gate.take([stage.execution(0, "5", "f.01")])
    events = stage.journal.inner.another().read
    assert chronicle(events, name, stage.policies) is None


def test_a_modify_is_a_chapter_of_its_own(stage: Stage) -> None:
    number = stage.sent()
    stage.echoes(number, "10")
    stage.gate.modify(number, quantity=12, actor="alpha")
    stage.gate.take(
        [NeverSent(order_id=number, code="104", text="cannot modify", modify=True, version=1)]
    )
    first, second = told(stage, number).chapters
    assert (first.what, second.what) == ("new order", "modify")
    assert second.decided.actor == "alpha"
    assert [happening.text for happening in second.then] == [
        "the modify was never sent: 104: cannot modify"
    ]


def test_an_approval_is_a_chapter_with_who_and_why(staged: Staged) -> None:
    stage = staged(HELD)
    number = stage.gate.submit(LINE).order_id
    stage.clock.advance(timedelta(minutes=1))
    stage.gate.approve(number, by="m.ruiz", reason="checked by phone")
    found = told(stage, number)
    first, second = found.chapters
    assert [chapter.what for chapter in (first, second)] == ["new order", "approval"]
    assert (second.decided.actor, second.decided.reason) == ("m.ruiz", "checked by phone")
    assert found.view.status is Status.PENDING_SUBMIT


def test_what_a_breach_led_to_is_part_of_the_story(staged: Staged) -> None:
    stage = staged(BREAKER)
    stage.sent()
    denied = stage.gate.submit(LINE)
    assert not denied.allowed
    (text,) = texts(told(stage, denied.order_id))
    assert text.startswith("HALTED for account=DU1234567 since")
    assert "by the rule desk/breaker" in text
    (only,) = texts(told(stage, 1))
    assert only.startswith("the order left")


def test_a_rule_that_denies_for_the_day_is_told_with_until_when(staged: Staged) -> None:
    rule = "id: loss, kind: loss, max_day_loss: 10, because: test"
    stage = staged(f"{HELD}  - {{{rule}}}\n")
    stage.market.set_account(Account(id="DU1234567", day_pnl=Decimal(-11)))
    number = stage.gate.submit("BUY 1 AAPL LMT 190").order_id
    (text,) = texts(told(stage, number))
    assert text.startswith("desk/loss denies for account=DU1234567 until 2026-03-03 00:00:00 UTC: ")


def test_a_cancel_of_everything_that_did_not_leave_is_told_of_each_order(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([CancelNotSent(order_id=0, text="the socket dropped")])
    stage.gate.reconcile()
    assert texts(told(stage, number))[1:] == [
        "a cancel did not leave: the socket dropped",
        "status Unknown: the broker's story does not know it",
    ]


def test_a_refusal_by_the_broker_is_told_with_its_code(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([ErrorReport(order_id=number, code=201, text="margin")])
    stage.gate.take([StatusReport(order_id=number, status=Status.INACTIVE, reason="201: margin")])
    assert texts(told(stage, number))[1:] == [
        "broker code 201: margin",
        "broker says Inactive: 201: margin",
    ]


def test_what_could_not_be_read_as_an_order_has_a_story_too(stage: Stage) -> None:
    number = stage.gate.submit("BUY lots").order_id
    found = told(stage, number)
    assert (found.view.text, found.view.status, found.arrival) == (
        *("BUY lots", Status.DENIED, None),
    )
    assert found.chapters[0].price is None
