"""Events: each kind has a name, and says which instruments it describes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args

from riskgate.model.decision import Action, Decision
from riskgate.model.events import (
    KINDS,
    Decided,
    ForeignReported,
    Note,
    Payload,
    PositionsReported,
    instruments_of,
)
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order, Side
from riskgate.model.report import ExecutionReport, ForeignOrder, Position
from riskgate.model.snapshot import Snapshot

NOW = datetime(2026, 3, 2, tzinfo=UTC)
AAPL = Instrument(key="AAPL", symbol="AAPL")
ORDER = Order.parse("BUY 1 AAPL MKT")
DENIED = Decision(order=None, action=Action.DENY, as_of=NOW, digest="")


def test_every_payload_has_a_kind_for_people() -> None:
    tags = {payload.__struct_config__.tag for payload in get_args(Payload)}
    assert tags == set(KINDS)


def test_events_describe_the_instruments_they_name() -> None:
    seen = Snapshot(as_of=NOW, instrument=AAPL)
    execution = ExecutionReport(
        execution_id="x",
        account="DU1",
        instrument=AAPL,
        side=Side.BUY,
        quantity=Decimal(1),
        price=Decimal(1),
        at=NOW,
    )
    foreign = ForeignOrder(
        perm_id=1, order=ORDER, instrument=AAPL, remaining=Decimal(1), status=Status.SUBMITTED
    )
    position = Position(account="DU1", instrument=AAPL, quantity=Decimal(5))
    described: list[Payload] = [
        Decided(order_id=1, ref="r", text="", decision=DENIED, snapshot=seen),
        execution,
        PositionsReported(positions=(position,)),
        ForeignReported(orders=(foreign,)),
    ]
    assert [instruments_of(event) for event in described] == [(AAPL,)] * 4


def test_other_events_describe_none() -> None:
    blind = Decided(order_id=1, ref="r", text="", decision=DENIED, snapshot=Snapshot(as_of=NOW))
    unread = Decided(order_id=1, ref="r", text="", decision=DENIED)
    assert [instruments_of(event) for event in (blind, unread, Note(text="x"))] == [()] * 3
