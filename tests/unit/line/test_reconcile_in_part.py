"""What a story that is not whole must not do, and orders that live again after their end.

Found by the simulated worlds of tests/simulation.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from riskgate.line.reconcile import RISEN_AFTER
from riskgate.model.lifecycle import Status
from riskgate.model.report import StatusReport

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

ACCOUNT = "DU1234567"
LINE = "BUY 10 AAPL LMT 190"


def test_a_story_without_its_positions_takes_none_away(stage: Stage) -> None:
    stage.tell(positions=(stage.held(10),))
    stage.gate.reconcile()
    stage.tell(positions=(), complete=False)
    assert not stage.gate.reconcile().clean
    assert [str(held) for held in stage.gate.ledger.holdings.positions().values()] == ["10"]


def over(stage: Stage) -> int:
    """An order that the broker has cancelled."""
    number = stage.allowed()
    stage.gate.take([StatusReport(order_id=number, status=Status.CANCELLED)])
    assert stage.reserved() == (0, 0, 0)
    return number


def test_an_order_that_lives_again_after_its_end_counts_as_foreign(stage: Stage) -> None:
    number = over(stage)
    stage.clock.advance(RISEN_AFTER)
    stage.tell(statuses=(StatusReport(order_id=number, status=Status.SUBMITTED, perm_id=5),))
    outcome = stage.gate.reconcile()
    assert any("foreign order 5" in said for said in outcome.differences)
    assert stage.gate.ledger.holdings.of(ACCOUNT, "AAPL").buys == 10
    assert stage.gate.ledger.orders[number].status is Status.CANCELLED


def test_an_order_that_ended_while_the_story_was_told_does_not_live_again(stage: Stage) -> None:
    number = over(stage)
    stage.clock.advance(RISEN_AFTER - timedelta(seconds=1))
    stage.tell(statuses=(StatusReport(order_id=number, status=Status.SUBMITTED, perm_id=5),))
    assert stage.gate.reconcile().differences == ()
