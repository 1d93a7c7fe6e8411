"""What the journal's tests share: sample events, and a journal in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.journal.journal import SqliteJournal
from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.events import Decided, Payload
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order, Side
from riskgate.model.report import Fill
from riskgate.model.snapshot import Snapshot
from riskgate.model.view import OrderView

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
LINE = "BUY 100 AAPL LMT 190"


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    opened = SqliteJournal(path)
    yield opened
    opened.close()


@pytest.fixture
def decided() -> Callable[..., Decided]:
    """A decision about an order; with rules named, it denies because of them."""

    def build(order_id: int = 1, *rules: str) -> Decided:
        decision = Decision(
            order=Order.parse(LINE),
            action=Action.DENY if rules else Action.ALLOW,
            as_of=NOON,
            digest="d" * 8,
            breaches=tuple(Finding(rule=rule) for rule in rules),
        )
        snapshot = Snapshot(as_of=NOON)
        ref = f"rg-{order_id}"
        return Decided(order_id=order_id, ref=ref, text=LINE, decision=decision, snapshot=snapshot)

    return build


@pytest.fixture
def write() -> Callable[..., None]:
    """Record events, all in one turn."""

    def run(journal: SqliteJournal, *payloads: Payload) -> None:
        with journal.turn() as turn:
            for payload in payloads:
                turn.append(payload, NOON)

    return run


@pytest.fixture
def view() -> Callable[..., OrderView]:
    def build(order_id: int = 1, status: Status = Status.SUBMITTED, **changes: object) -> OrderView:
        terms = {
            "ref": f"rg-{order_id}",
            "order": Order.parse(LINE),
            "text": LINE,
            "action": Action.ALLOW,
            "account_id": "DU1",
            "strategy": "momentum",
            "symbol": "AAPL",
            "order_type": "LMT",
            "side": "BUY",
            "quantity": Decimal(100),
            "limit_price": Decimal("190.00"),
            "time_in_force": "DAY",
            "created_at": NOON,
            "updated_at": NOON,
        }
        return OrderView(order_id=order_id, status=status, **terms | changes)  # type: ignore[arg-type]

    return build


@pytest.fixture
def fill() -> Callable[..., Fill]:
    def build(execution_id: str = "0001.01", order_id: int = 1, **changes: object) -> Fill:
        terms = {
            "symbol": "AAPL",
            "side": Side.BUY,
            "quantity": Decimal(40),
            "price": Decimal("189.990"),
            "timestamp": NOON,
            "account": "DU1",
            "currency": "USD",
        }
        return Fill(execution_id=execution_id, order_id=order_id, **terms | changes)  # type: ignore[arg-type]

    return build
