"""What a history does to the counters is what the gate's book does, event by event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pytest

from riskgate.calendars import ExchangeCalendars
from riskgate.history.days import AccountDay
from riskgate.history.lives import Lives
from riskgate.history.opening import Opening
from riskgate.history.rows import Told
from riskgate.history.sources import Place
from riskgate.history.trading import SOUND, Trading
from riskgate.history.working import _Walk, policies_of
from riskgate.ledger.book import Book
from riskgate.line.judging import unit_value
from riskgate.model.decision import Decision
from riskgate.model.events import Decided
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.readings import Reading
from riskgate.model.report import ExecutionReport, StatusReport
from riskgate.model.snapshot import Snapshot
from tests.contract.replay.histories import POLICY, as_csv, asked, orders

MORE = """\
  - {id: funds, kind: buying_power, max_percent: 90, because: a test}
  - {id: open, kind: working_orders, max_count: 40, because: a test}
  - {id: ratio, kind: order_efficiency, max_ratio: 3, after_orders: 50, because: a test}
  - {id: broken, kind: reject_breaker, max: 9, window: 10m, counts: [rejected, denied],
     because: a test}
  - {id: strategy, kind: position, per: [strategy, symbol], max_long: 3000, because: a test}
  - {id: much, kind: concentration, max_percent: 60, because: a test}
  - {id: shock, kind: stress, shocks: [{percent: -20}], max_loss: 200_000, because: a test}
  - {id: loss, kind: loss, max_drawdown_percent: 1, because: a test}
"""


class ByTheBook(Lives):
    """The same told to the gate's book as events; it forgets nothing."""

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self._book = book
        self._told: dict[int, tuple[Decision, Instrument]] = {}

    def decided(
        self, row: int, decision: Decision, snapshot: Snapshot, instrument: Instrument
    ) -> None:
        order = decision.order
        assert order is not None
        self._told[row] = decision, instrument
        event = Decided(
            order_id=row,
            ref=str(row),
            text="",
            decision=decision,
            snapshot=snapshot,
            unit_value=unit_value(decision, order, snapshot),
        )
        self._book.apply(event, decision.as_of)

    def filled(
        self, row: int, quantity: object, price: object, at: datetime, *, over: bool = False
    ) -> None:
        decision, instrument = self._told[row]
        order = decision.order
        assert order is not None
        fill = ExecutionReport(
            execution_id=f"{row}.1",
            order_id=row,
            account=order.account or "",
            instrument=instrument,
            side=order.side,
            quantity=quantity,  # type: ignore[arg-type]
            price=price,  # type: ignore[arg-type]
            at=at,
        )
        self._book.apply(fill, at)
        if over and quantity != order.quantity:
            self.ended(row, Status.CANCELLED, at)

    def ended(self, row: int, status: Status, at: datetime) -> None:
        ends = Status.CANCELLED if status is Status.FILLED else status
        self._book.apply(StatusReport(order_id=row, status=ends), at)


@pytest.mark.parametrize("seed", range(4))
def test_every_counter_reads_the_same(tmp_path: Path, seed: int) -> None:
    rows = [
        row
        | {
            "net_liquidation": 1_000_000 - 300 * n,
            "available_funds": 500_000 + 1_000 * n,
            "day_pnl": -n,
        }
        for n, row in enumerate(orders(700, days=1, accounts=1, seed=seed))
    ]
    ask = asked(as_csv(tmp_path / "x.csv", rows), POLICY + MORE)
    (lean, read), whole = (decided(told, kind) for told, kind in both(ask))
    assert (lean, read) == whole
    assert len({one.by for one in lean}) > 12
    assert len(read) >= 14


def both(ask: object) -> list[tuple[list[Told], type[Lives]]]:
    from riskgate.history.days import Index  # noqa: PLC0415  # only here
    from riskgate.history.sources import opened  # noqa: PLC0415  # same

    index = Index("America/New_York", Opening())
    assert list(index.read(opened(ask.path), lambda _: None)) == []  # type: ignore[attr-defined]
    walk = _Walk(ask, tuple(index.parts()))  # type: ignore[arg-type]
    told = [one for _, one in walk.orders()]
    return [(told, Lives), (told, ByTheBook)]


def decided(told: list[Told], kind: type[Lives]) -> tuple[list[Decision], Mapping[str, Reading]]:
    """Every decision, and what the rules would read after the last."""
    policies = policies_of((("desk.yaml", (POLICY + MORE).encode()),))
    trading = Trading(
        policies, ExchangeCalendars(), AccountDay("DU0", date(2026, 3, 2), Place(0, 0), 1, 1)
    )
    trading._lives = kind(trading._world.book)
    found = [trading.trade(one) for one in told]
    last = trading._world.snapshot(told[-1].order, told[-1].at, SOUND)
    return found, last.readings
