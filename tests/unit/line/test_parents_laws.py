"""Whatever happens to a parent: its slices never exceed it, and a quiet end is exactly the parent.

Fills in parts, rejects, lost orders, halts, pauses, modifies and restarts come at random moments,
by a seed that is the test's name.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import ConfigError
from riskgate.gate import Gate
from riskgate.ledger.life import Life
from riskgate.model.lifecycle import Status
from riskgate.model.report import CancelNotSent, ExecutionReport, NeverSent, Sent, StatusReport

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

PLANS = (
    "twap duration=5m slices=7 jitter_percent=50 seed=3 at_end=cross",
    "vwap duration=5m profile=5,1,0,3 at_end=cross",
    "pov percent=20 min_slice=3 max_slice=15",
    "iceberg display=11",
)
SAID = {"by": "ann", "reason": "a test"}


class Run:
    """One parent, its gate, and what befalls them."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.lot = Random(seed)
        self.gate: Gate = stage.gate
        self.volume = Decimal(1000)
        self.executions = 0
        stage.market.set_volume("AAPL", self.volume)
        plan = PLANS[seed % len(PLANS)]
        self.quantity = Decimal(self.lot.randrange(20, 100))
        ticket = self.gate.work(f"BUY {self.quantity} AAPL LMT 190 DAY", plan)
        assert ticket.allowed, ticket.decision.breaches
        self.number = ticket.order_id

    def passes(self) -> None:
        self.stage.clock.advance(timedelta(seconds=self.lot.randrange(1, 40)))
        self.volume += self.lot.randrange(0, 60)
        self.stage.quote("AAPL", "189.99", "190.01")
        self.stage.market.set_volume("AAPL", self.volume)
        self.gate.step()
        self.check()

    def working(self) -> list[Life]:
        return list(self.gate.ledger.working())

    def filled(self, life: Life, quantity: Decimal) -> None:
        assert life.instrument is not None
        assert life.order is not None
        self.executions += 1
        self.gate.take(
            [
                Sent(order_id=life.order_id, broker_order_id=life.order_id, client_id=0),
                ExecutionReport(
                    execution_id=f"z{self.number}-{self.executions}.01",
                    order_id=life.order_id,
                    account=life.order.account or "",
                    instrument=life.instrument,
                    side=life.order.side,
                    quantity=quantity,
                    price=Decimal(190),
                    at=self.stage.clock.now(),
                ),
            ]
        )

    def trouble(self) -> None:
        """Something of all that can happen."""
        what = self.lot.randrange(9)
        lives = self.working()
        life = self.lot.choice(lives) if lives else None
        if what in (0, 1, 2) and life is not None and life.reserved:
            self.filled(life, Decimal(self.lot.randint(1, int(life.reserved))))
        elif what == 3 and life is not None and not life.filled:
            self.gate.take([NeverSent(order_id=life.order_id, code="QUEUE_EXPIRED", text="late")])
        elif what == 4 and life is not None:
            status = self.lot.choice([Status.REJECTED, Status.CANCELLED, Status.UNKNOWN])
            self.gate.take([StatusReport(order_id=life.order_id, status=status)])
        elif what == 5:
            self.restarts()
        elif what == 6:
            self.steered()
        elif what == 7 and life is not None:
            self.gate.take([CancelNotSent(order_id=life.order_id, text="no")])
        elif what == 8:
            self.grows()

    def restarts(self) -> None:
        self.gate = self.stage.restarted()
        self.gate.reconciled = True

    def steered(self) -> None:
        deed = self.lot.choice([self.gate.parents.pause, self.gate.parents.resume])
        try:
            deed(self.number, **SAID)
        except ConfigError as error:
            assert "already" in str(error)  # noqa: PT017  # either may come

    def grows(self) -> None:
        wanted = Decimal(self.lot.randrange(20, 100))
        if self.gate.modify(self.number, quantity=wanted).allowed:
            self.quantity = wanted
        self.check()

    def check(self) -> None:
        """No share too many, by any count; nothing leaves but slices, each once."""
        book = self.gate.ledger
        parent = book.orders[self.number]
        slices = [life for life in book.orders.values() if life.parent == self.number]
        filled = sum((life.filled for life in slices), Decimal(0))
        assert parent.committed == filled + sum((one.reserved for one in slices), Decimal(0))
        assert parent.committed <= self.quantity
        assert parent.worked == filled
        assert parent.reserved == 0
        assert not [one for one in self.gate._broker.placed if one.order_id == self.number]  # type: ignore[attr-defined]
        refs = [life.ref for life in slices]
        assert len(refs) == len(set(refs))

    def ends_quietly(self) -> None:
        """No more trouble: what is asked for is filled, what is unknown is found dead."""
        for _ in range(150):
            for life in self.working():
                if life.status is Status.UNKNOWN:
                    self.gate.take([StatusReport(order_id=life.order_id, status=Status.CANCELLED)])
                elif life.reserved:
                    self.filled(life, life.reserved)
            if self.number not in self.gate.ledger.works.open:
                return
            if self.gate.ledger.works.open[self.number].state == "paused":
                self.gate.parents.resume(self.number, **SAID)
            self.passes()


@pytest.mark.parametrize("seed", range(40))
def test_no_trouble_makes_it_more_than_it_is(stage: Stage, seed: int) -> None:
    run = Run(stage, seed)
    for _ in range(30):
        run.trouble()
        run.passes()
    run.ends_quietly()
    life = run.gate.ledger.orders[run.number]
    assert life.status.finished
    assert life.status is Status.EXPIRED or life.worked == run.quantity
    folded = stage.folded()
    assert folded.orders[run.number].view() == life.view()
    assert list(folded.works.open) == []


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_without_trouble_it_is_filled_to_the_last_share(stage: Stage, seed: int) -> None:
    for plan in range(4):
        run = Run(stage, seed + plan)
        run.ends_quietly()
        life = run.gate.ledger.orders[run.number]
        assert (life.status, life.worked) == (Status.FILLED, run.quantity)
        stage.gate.take([])
        position = stage.gate.ledger.holdings.of(life.subject.account, "AAPL").position
        stage.allowed(f"SELL {position} AAPL LMT 190")
        sold = stage.gate.ledger.last_order_id
        stage.gate.take([stage.execution(sold, str(position), f"s{sold}.01")])
        stage.clock.advance(timedelta(minutes=1))
        stage.quote("AAPL", "189.99", "190.01")
