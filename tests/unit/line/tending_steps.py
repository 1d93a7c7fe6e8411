"""What the tests of tended orders do alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from riskgate.gate import Gate
from riskgate.model.instrument import Terms
from riskgate.model.lifecycle import Status
from riskgate.model.report import Sent

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

SECOND = timedelta(seconds=1)
CHASE = "chase every=5s max_changes=3 max_move=0.50"
AT_CLOSE = "convert_at_close before=5m"
HOURS = "20260302:0930-20260302:1600"  # NOON is 12:00 there


def checked(stage: Stage) -> Iterator[None]:
    """Hours for the instrument; after the test the journal alone gives the same book."""
    instrument = msgspec.structs.replace(stage.instrument(), hours=HOURS, zone="America/New_York")
    stage.market.list_instrument(Terms(symbol="AAPL"), instrument)
    yield
    stage.gate.ledger.holdings.remark(stage.market.take_changed())
    folded = stage.folded()
    assert stage.facts() == stage.facts(folded)
    assert tended(stage.gate.ledger.works.tended) == tended(folded.works.tended)


def tended(of: object) -> list[object]:
    assert isinstance(of, dict)
    return [
        (number, str(one.plan), one.since, one.changes, one.changed_at, one.refused, one.converting)
        for number, one in of.items()
    ]


def moved(stage: Stage, bid: str, ask: str, by: timedelta = 6 * SECOND) -> None:
    stage.clock.advance(by)
    stage.quote("AAPL", bid, ask)
    stage.gate.step()


def working(stage: Stage, strategy: str, line: str = "BUY 40 AAPL LMT 189.90") -> int:
    number = stage.allowed(line)
    stage.gate.take([Sent(order_id=number, broker_order_id=number, client_id=0)])
    stage.says(number, Status.SUBMITTED)
    stage.gate.tender.tend(number, strategy, by="ann")
    return number


def limit_of(stage: Stage, number: int) -> Decimal | None:
    order = stage.gate.ledger.orders[number].order
    return order.limit_price if order else None


def near_the_close(stage: Stage, gate: Gate | None = None, left: timedelta = SECOND * 299) -> None:
    close = datetime.fromisoformat("2026-03-02T21:00:00+00:00")
    stage.clock.set(close - left)
    stage.quote("AAPL", "189.99", "190.01")
    (gate or stage.gate).step()
