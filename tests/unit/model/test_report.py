"""Reports: one execution, its revisions, and what is left of an order."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from riskgate.model.decision import Action
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from riskgate.model.report import CommissionReport, ExecutionReport, Fill, revision_of, stem_of
from riskgate.model.view import OrderView

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("execution", "stem", "revision"),
    [
        ("0001f4e8.68a8b5c5.01.01", "0001f4e8.68a8b5c5.01", (1, "")),
        ("0001f4e8.68a8b5c5.01.02", "0001f4e8.68a8b5c5.01", (2, "")),
        ("a.10", "a", (10, "")),
        ("plain", "plain", (0, "plain")),
        ("a.x", "a", (0, "x")),
    ],
)
def test_an_execution_id_is_a_stem_and_a_revision(
    execution: str, stem: str, revision: tuple[int, str]
) -> None:
    assert stem_of(execution) == stem
    assert revision_of(execution) == revision


def test_a_tenth_revision_is_later_than_a_ninth() -> None:
    assert revision_of("a.10") > revision_of("a.9")


def test_reports_and_fills_know_their_stem() -> None:
    fill = Fill(
        execution_id="a.01",
        order_id=1,
        symbol="AAPL",
        side=Side.BUY,
        quantity=Decimal(1),
        price=Decimal(1),
        timestamp=NOW,
    )
    report = ExecutionReport(
        execution_id="a.02",
        account="DU1",
        instrument=Instrument(key="AAPL", symbol="AAPL"),
        side=Side.BUY,
        quantity=Decimal(1),
        price=Decimal(1),
        at=NOW,
    )
    assert fill.stem == report.stem == "a"


def test_what_can_still_fill_is_never_below_zero() -> None:
    view = OrderView(
        order_id=1,
        ref="r",
        order=None,
        text="",
        status=Status.FILLED,
        action=Action.ALLOW,
        quantity=Decimal(100),
        filled_quantity=Decimal(40),
        created_at=NOW,
        updated_at=NOW,
    )
    assert view.remaining_quantity == 60


def test_an_execution_is_a_fill_whose_cost_may_come_later() -> None:
    report = ExecutionReport(
        execution_id="a.01",
        order_id=7,
        account="DU1",
        instrument=Instrument(key="BMW", symbol="BMW", currency="EUR"),
        side=Side.SELL,
        quantity=Decimal(3),
        price=Decimal(90),
        at=NOW,
    )
    fill = report.as_fill()
    assert fill == Fill(
        execution_id="a.01",
        order_id=7,
        symbol="BMW",
        side=Side.SELL,
        quantity=Decimal(3),
        price=Decimal(90),
        timestamp=NOW,
        account="DU1",
        currency="EUR",
    )
    cost = CommissionReport(execution_id="a.01", amount=Decimal("1.25"), currency="EUR")
    assert report.as_fill(cost).commission == Decimal("1.25")
