"""What the kinds of behaviour read, through the gate: after restarts, groups, fills of others.

Each story ends with the same question: does the journal alone give the same book?
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.gate import Gate
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order, Side
from riskgate.model.report import ForeignOrder, NeverSent

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

RULES = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: repeats, kind: repeat_execution, max: 3, window: 10s, then: deny, because: test}
  - {id: rejects, kind: reject_breaker, max: 1, window: 10s, then: deny, because: test}
  - {id: refused, kind: reject_breaker, counts: [rejected, denied], max: 90, window: 10s,
     because: test}
  - {id: resting, kind: working_orders, max_count: 3, max_quantity: 900, because: test}
  - {id: efficiency, kind: order_efficiency, max_ratio: 90, because: test}
  - {id: own, kind: self_match, scope: account, because: test}
  - {id: position, kind: position, match: {symbol: MSFT}, per: [account, symbol], max_long: 10,
     max_short: 10, because: test}
"""


@pytest.fixture
def stage(staged: Callable[[str], Stage]) -> Iterator[Stage]:
    made = staged(RULES)
    yield made
    with made.gate.turn():  # catch up with what other gates wrote
        pass
    assert made.facts() == made.facts(made.folded())


def denied_by(gate: Gate, line: str) -> tuple[str, ...]:
    return gate.submit(line).decision.by


def never_sent(number: int) -> NeverSent:
    return NeverSent(order_id=number, code="QUEUE_EXPIRED", text="too late")


def test_21_a_restart_forgets_neither_repetitions_nor_what_works(stage: Stage) -> None:
    for _ in range(3):
        stage.allowed()
    line = "BUY 10 AAPL LMT 190"
    assert denied_by(stage.gate, line) == ("desk/repeats", "desk/resting")
    gate = stage.restarted()
    gate.reconciled = True
    assert denied_by(gate, line) == ("desk/repeats", "desk/resting")
    assert denied_by(gate, "SELL 10 AAPL LMT 190") == ("desk/own",)
    stage.clock.advance(timedelta(seconds=10))
    assert denied_by(gate, line) == ("desk/resting",)


def test_21_a_restart_forgets_no_refusal(stage: Stage) -> None:
    for number in (stage.sent(), stage.sent()):
        stage.says(number, Status.REJECTED)
        stage.says(number, Status.REJECTED)
    assert denied_by(stage.gate, "BUY 1 AAPL LMT 190") == ("desk/rejects",)
    gate = stage.restarted()
    gate.reconciled = True
    assert denied_by(gate, "BUY 1 AAPL LMT 190") == ("desk/rejects",)


def test_a_denied_basket_leaves_nothing_behind(stage: Stage) -> None:
    lines = ["BUY 1 AAPL LMT 190", "BUY 2 AAPL LMT 190", "BUY 11 MSFT LMT 400"]
    tickets = stage.gate.submit_basket(lines)
    assert not any(ticket.allowed for ticket in tickets)
    stage.clock.advance(timedelta(seconds=1))
    for _ in range(3):
        stage.allowed()
    stage.clock.advance(timedelta(seconds=9, milliseconds=999))
    assert "desk/repeats" in denied_by(stage.gate, "BUY 10 AAPL LMT 190")


def test_an_order_that_never_left_was_no_repetition_and_works_no_more(stage: Stage) -> None:
    numbers = [stage.allowed() for _ in range(3)]
    stage.gate.take([never_sent(numbers[0])])
    stage.allowed()
    assert denied_by(stage.gate, "BUY 10 AAPL LMT 190") == ("desk/repeats", "desk/resting")


def test_orders_of_others_are_not_our_own(stage: Stage) -> None:
    theirs = ForeignOrder(
        perm_id=5,
        order=Order.parse("SELL 100 AAPL LMT 190 account=DU1234567"),
        instrument=stage.instrument(),
        remaining=Order.parse("SELL 100 AAPL LMT 190").quantity,
        status=Status.SUBMITTED,
    )
    stage.tell(foreign=(theirs,))
    stage.gate.reconcile()
    assert stage.reserved() == (0, 0, 100)
    assert stage.gate.submit("BUY 1 AAPL LMT 190").allowed


def test_36_a_fill_after_a_restart_moves_the_book_once(stage: Stage) -> None:
    number = stage.sent()
    fill = stage.execution(number, "10", "0001.01")
    gate = stage.restarted()
    gate.take([fill])
    gate.take([fill])
    assert gate.ledger.holdings.of("DU1234567", "AAPL").position == 10
    assert gate.ledger.working() == ()
    stage.gate.take([fill])
    assert stage.reserved() == (10, 0, 0)


def test_36_a_foreign_fill_and_a_liquidation_move_the_book_once(stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([stage.execution(number, "10", "0001.01")])
    theirs = stage.execution(0, "5", "0002.01")
    forced = msgspec.structs.replace(stage.execution(0, "15", "0003.01"), side=Side.SELL)
    stage.gate.take([theirs, theirs, forced])
    assert stage.reserved() == (0, 0, 0)
    gate = stage.restarted()
    gate.take([theirs, forced])
    assert gate.ledger.holdings.of("DU1234567", "AAPL").position == 0
    assert len(gate.ledger.fills) == 3
