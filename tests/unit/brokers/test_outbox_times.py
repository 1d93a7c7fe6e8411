"""The outbox's reckoning of time agrees with itself: what is due is done.

Found by the simulated worlds of tests/simulation.
"""

from __future__ import annotations

from datetime import UTC, datetime

from riskgate.brokers.ib.outbox import Item, Outbox, Sink
from riskgate.execution.pacer import Pacer
from riskgate.model.decision import Action, ApprovedOrder, Decision
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order
from riskgate.model.report import NeverSent, Report

SINCE = 3.94
JUST_BEFORE = 5.9399999999999995  # SINCE + 2 is not after it, and it less SINCE is not 2


def test_a_modify_whose_time_is_up_is_told_and_not_waited_for_again() -> None:
    told: list[Report] = []
    sink = Sink(_unwritten, told.extend, lambda: None)
    outbox = Outbox(Pacer(45), sink, max_wait=2.0, bound=10)
    outbox.place(_modify(), SINCE)
    assert outbox.step(SINCE) is not None
    assert outbox.step(JUST_BEFORE) is None
    assert [one.modify for one in told if isinstance(one, NeverSent)] == [True]


def _unwritten(item: Item) -> tuple[Report, ...]:
    raise AssertionError(item)


def _modify() -> ApprovedOrder:
    order = Order.parse("BUY 1 AAPL LMT 180 DAY")
    as_of = datetime(2025, 1, 6, tzinfo=UTC)
    return ApprovedOrder(
        order=order,
        decision=Decision(order=order, action=Action.ALLOW, as_of=as_of, digest="test"),
        order_id=1,
        ref="rg-1",
        instrument=Instrument(key="AAPL", symbol="AAPL"),
        replaces=True,
        version=1,
    )
