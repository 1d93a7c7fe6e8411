"""Orders for an amount of cash before the gate."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.journal.memory import MemoryJournal
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import StatusReport
from riskgate.policy.policies import PolicySet
from riskgate.replay.replaying import replay
from tests.unit.conftest import FlakyJournal, Stage, compiled

CASH = "BUY 0 AAPL MKT DAY cash_quantity=1000"
HEAD = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
"""


def at(rule: str) -> Stage:
    text = f"{HEAD}  - {{id: r0, {rule}, because: test}}\n"
    return Stage(compiled(text), FlakyJournal(MemoryJournal()))


def quantity(order: Order | None) -> Decimal:
    assert order is not None
    return order.quantity


def test_the_amount_is_the_notional_to_the_cent() -> None:
    assert at("kind: fat_finger, max_notional: 1000").gate.submit(CASH).allowed
    ticket = at("kind: fat_finger, max_notional: 999.99").gate.submit(CASH)
    assert ticket.decision.breaches[0].observed == 1000


def test_what_is_measured_in_units_sees_the_most_that_it_can_be() -> None:
    assert at("kind: position, max_long: 6").gate.submit(CASH).allowed
    assert not at("kind: position, max_long: 5").gate.submit(CASH).allowed
    assert not at("kind: fat_finger, max_quantity: 5").gate.submit(CASH).allowed


@pytest.mark.parametrize("stated", ["1", "5", "7", "5000"])
def test_a_quantity_that_is_stated_beside_the_cash_is_refused(stage: Stage, stated: str) -> None:
    ticket = stage.gate.submit(CASH.replace("BUY 0", f"BUY {stated}"))
    (finding,) = ticket.decision.breaches
    assert finding.code == "BAD_QUANTITY"
    assert finding.text == f"an order for cash states no quantity; found {stated}, write 0"
    assert stage.reserved() == (0, 0, 0)


def test_the_order_on_record_can_be_stated_again(stage: Stage) -> None:
    recorded = stage.gate.submit(CASH).decision.order
    assert quantity(recorded) == 6
    assert stage.gate.submit(str(recorded)).allowed


def test_the_same_key_is_the_same_order_whatever_the_price_is_by_then(stage: Stage) -> None:
    number = stage.allowed(f"{CASH} key=mine")
    stage.quote("AAPL", "99.99", "100.01")
    assert stage.gate.submit(f"{CASH} key=mine").order_id == number
    other = stage.gate.submit("BUY 0 AAPL MKT DAY cash_quantity=999 key=mine")
    assert other.decision.codes == ("KEY_REUSED",)


def test_it_is_filled_when_the_broker_says_so_and_its_executions_are_here(stage: Stage) -> None:
    number = stage.sent(CASH)
    stage.gate.take([stage.execution(number, "3", "1.1.01")])
    filled = StatusReport(order_id=number, status=Status.FILLED, filled=Decimal("5.26"))
    stage.gate.take([filled])
    assert stage.status_of(number) is Status.PARTIALLY_FILLED
    assert stage.reserved() == (3, 3, 0)
    stage.gate.take([stage.execution(number, "2.26", "1.2.01")])
    assert stage.status_of(number) is Status.FILLED
    assert stage.reserved() == (Decimal("5.26"), 0, 0)
    assert stage.facts(stage.folded()) == stage.facts()


def test_more_units_than_were_expected_are_no_overfill(stage: Stage) -> None:
    number = stage.sent(CASH)
    stage.gate.take([stage.execution(number, "7", "1.1.01")])
    assert stage.gate.ledger.orders[number].overfilled == 0
    assert stage.status_of(number) is Status.PARTIALLY_FILLED
    assert stage.reserved() == (7, 0, 0)


def test_a_held_order_for_cash_that_is_approved_later_counts_at_the_price_of_then() -> None:
    stage = at("kind: fat_finger, max_notional: 999, on_breach: hold")
    ticket = stage.gate.submit(CASH)
    stage.quote("AAPL", "99.99", "100.01")
    (again,) = stage.gate.approve(ticket.order_id, by="ann", reason="meant")
    assert again.allowed
    assert quantity(again.decision.order) == 11
    assert stage.reserved() == (0, 11, 0)


def test_every_decision_of_it_can_be_made_again(stage: Stage, policies: PolicySet) -> None:
    number = stage.allowed("BUY 0 AAPL LMT 185 DAY cash_quantity=1000")
    assert stage.gate.modify(number, limit_price=Decimal(100)).allowed
    assert not stage.gate.modify(number, quantity=Decimal(3)).allowed
    assert not stage.gate.submit("BUY 0 IBM MKT DAY cash_quantity=1000").allowed
    read = stage.journal.inner.another().read
    found = replay(lambda after: (one for one in read() if one.seq > after), policies)
    assert (found.decisions, found.different) == (4, 0)
