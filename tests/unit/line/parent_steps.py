"""What the tests of parent orders share: time that passes, fills, and what was placed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.gate import Gate
from riskgate.line.parents import ParentTicket
from riskgate.line.parents_terms import progress_of
from riskgate.model.report import ExecutionReport
from riskgate.model.work import WorkState

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

MINUTE = timedelta(minutes=1)
TWAP = "twap duration=10m slices=10"
LINE = "BUY 95 AAPL MKT DAY"
SAID = {"by": "ann", "reason": "lunch"}


def check_folded(stage: Stage) -> None:
    """The journal alone gives the same book, and the same work."""
    folded = stage.folded()
    assert stage.facts() == stage.facts(folded)
    works = stage.gate.ledger.works
    assert list(map(progress_of, works.all())) == list(map(progress_of, folded.works.all()))
    assert list(works.open) == list(folded.works.open)


def passed(stage: Stage, by: timedelta = MINUTE, gate: Gate | None = None) -> None:
    """Time passes, the market says that it is still there, and what is due is done."""
    stage.clock.advance(by)
    stage.quote("AAPL", "189.99", "190.01")
    (gate or stage.gate).step()


def fill(stage: Stage, number: int) -> None:
    life = stage.gate.ledger.orders[number]
    assert life.order is not None
    stage.gate.take([stage.execution(number, str(life.order.quantity), f"x{number}.01")])


def execution_at(stage: Stage, gate: Gate, number: int) -> ExecutionReport:
    """All of an order filled, as the broker tells it to another gate."""
    order = gate.ledger.orders[number].order
    assert order is not None
    return ExecutionReport(
        execution_id=f"y{number}.01",
        order_id=number,
        account=order.account or "",
        instrument=stage.instrument(order.symbol),
        side=order.side,
        quantity=order.quantity,
        price=Decimal(190),
        at=stage.clock.now(),
    )


def caught_up(stage: Stage) -> None:
    """The first gate has read what the other has recorded."""
    with stage.gate.turn():
        pass


def fill_all(stage: Stage, ticket: ParentTicket) -> None:
    for number in ticket.slices:
        if stage.status_of(number).working:
            fill(stage, number)


def placed(stage: Stage) -> list[Decimal]:
    return [one.order.quantity for one in stage.broker.placed]


def state_of(ticket: ParentTicket) -> WorkState:
    progress = ticket.progress
    assert progress is not None
    return progress.state


def worked(stage: Stage, line: str = LINE, plan: str = TWAP) -> ParentTicket:
    ticket = stage.gate.work(line, plan)
    assert ticket.allowed, ticket.decision.breaches
    return ticket
