"""Stats that are told as they change: each fill, correction and commission counts once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import PeriodError
from riskgate.model.events import Note
from riskgate.model.lifecycle import Status
from riskgate.model.report import CommissionReport
from riskgate.orders import ExecutionStats, ExecutionTracker

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

DAY = date(2026, 3, 2)
D = Decimal


@pytest.fixture
def tracker(stage: Stage) -> ExecutionTracker:
    return ExecutionTracker(stage.gate)


def commission(execution_id: str, amount: str) -> CommissionReport:
    return CommissionReport(execution_id=execution_id, amount=D(amount), currency="USD")


def rates(heard: list[ExecutionStats]) -> list[Decimal | None]:
    return [one.fill_rate for one in heard]


def test_each_fill_correction_and_late_commission_is_told_and_counts_once(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    number = stage.sent()  # 10 at a mid of 190
    heard: list[ExecutionStats] = []
    tracker.on_stats(heard.append)
    stage.gate.take([stage.execution(number, "4", "0001.01", "190.19")])
    stage.gate.take([stage.execution(number, "4", "0001.01", "190.19")])  # said again
    stage.gate.take([stage.execution(number, "5", "0001.02", "190.38")])  # corrected
    stage.gate.take([commission("0001.02", "1.50")])
    stage.gate.take([commission("0001.02", "1.50")])
    stage.gate.take([stage.execution(number, "5", "0002.01", "190")])
    tracker.close()
    assert rates(heard) == [D("0.4"), D("0.5"), D("0.5"), D(1)]
    # 0.19 and then 0.38 of 190 are 10 and 20 bps; 5 at each of 0.38 and 0 are 10
    assert [one.avg_slippage for one in heard] == [D(10), D(20), D(20), D(10)]
    assert [one.total_commission for one in heard] == [D(0), D(0), D("1.50"), D("1.50")]
    assert heard[-1] == tracker.get_execution_stats(DAY, DAY)
    assert heard[-1].filled_orders == 1


def test_a_commission_counts_in_the_currency_that_it_is_charged_in(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    number = stage.sent()
    heard: list[ExecutionStats] = []
    tracker.on_stats(heard.append)
    stage.gate.take([commission("0002.01", "2")])  # it came before its execution
    stage.gate.take([stage.execution(number, "4", "0001.01"), commission("0001.01", "1.50")])
    stage.gate.take([stage.execution(number, "6", "0002.01")])
    in_euros = CommissionReport(execution_id="0001.01", amount=D("1.50"), currency="EUR")
    stage.gate.take([in_euros])  # of the same amount, and yet another
    tracker.close()
    assert [(one.total_commission, one.commissions) for one in heard] == [
        (D("1.50"), {"USD": D("1.50")}),
        (D("3.50"), {"USD": D("3.50")}),
        (None, {"EUR": D("1.50"), "USD": D(2)}),
    ]
    assert heard[-1] == tracker.get_execution_stats(DAY, DAY)


def test_what_is_recorded_together_is_told_together(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    number = stage.sent()
    heard: list[ExecutionStats] = []
    tracker.on_stats(heard.append)
    parts = [stage.execution(number, "2", f"000{part}.01") for part in (1, 2)]
    stage.gate.take([*parts, commission("0001.01", "1")])
    tracker.close()
    assert [(one.fill_rate, one.total_commission) for one in heard] == [(D("0.4"), D(1))]


def test_a_commission_of_nobodys_execution_changes_nothing(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    heard: list[ExecutionStats] = []
    number = stage.sent()
    tracker.on_stats(heard.append)
    stage.gate.take([commission("0007.01", "1")])  # it came before its execution
    assert heard == []
    stage.gate.take([stage.execution(number, "10", "0007.01")])
    tracker.close()
    assert [one.total_commission for one in heard] == [D(1)]


def test_orders_from_before_count_and_are_not_told_again(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    first, second = stage.sent(), stage.sent("BUY 30 AAPL LMT 190")
    stage.gate.take([stage.execution(first, "10", "0001.01")])
    heard: list[ExecutionStats] = []
    tracker.on_stats(heard.append)
    stage.gate.take([stage.execution(second, "10", "0002.01")])
    tracker.close()
    assert rates(heard) == [D("0.5")]


def test_what_becomes_of_an_order_is_told_too(tracker: ExecutionTracker, stage: Stage) -> None:
    heard: list[ExecutionStats] = []
    tracker.on_stats(heard.append)
    number = stage.sent()
    stage.says(number, Status.CANCELLED)
    stage.gate.submit("BUY 1000 AAPL LMT 190")
    stage.gate.submit("BUY what")
    tracker.close()
    last = heard[-1]
    assert (last.total_orders, last.cancelled_orders, last.denied_orders) == (3, 1, 2)
    assert last == tracker.get_execution_stats(DAY, DAY)


def test_what_is_tracked_beside_the_gate_is_told(tracker: ExecutionTracker, stage: Stage) -> None:
    number = stage.sent()
    heard: list[ExecutionStats] = []
    tracker.on_stats(heard.append)
    report = stage.execution(number, "4", "0009.01")
    tracker.track_execution(report)
    tracker.track_execution(report)
    tracker.close()
    assert rates(heard) == [D("0.4")]


def test_a_period_hears_of_its_own_orders_only(tracker: ExecutionTracker, stage: Stage) -> None:
    today: list[ExecutionStats] = []
    tomorrow: list[ExecutionStats] = []
    number = stage.sent()
    tracker.on_stats(today.append, DAY, DAY)
    tracker.on_stats(tomorrow.append, DAY + timedelta(days=1))
    stage.clock.advance(timedelta(days=1))
    stage.gate.take([stage.execution(number, "4", "0001.01")])
    tracker.close()
    assert (rates(today), tomorrow) == ([D("0.4")], [])
    with pytest.raises(PeriodError):
        tracker.on_stats(today.append, "yesterday")


def test_after_closing_nothing_is_told(tracker: ExecutionTracker, stage: Stage) -> None:
    heard: list[ExecutionStats] = []
    number = stage.sent()
    tracker.on_stats(heard.append)
    tracker.close()
    tracker.close()
    stage.gate.take([stage.execution(number, "4", "0001.01")])
    assert heard == []
    tracker.on_stats(heard.append)
    stage.gate.take([stage.execution(number, "6", "0002.01")])
    tracker.close()
    assert rates(heard) == [D(1)], "it began anew"


def test_a_callback_that_raises_is_reported_by_its_name_and_called_again(stage: Stage) -> None:
    errors: list[BaseException] = []
    heard: list[ExecutionStats] = []

    def broken(stats: ExecutionStats) -> None:
        heard.append(stats)
        raise ValueError("out of luck")

    tracker = ExecutionTracker(stage.gate, on_error=errors.append)
    number = stage.sent()
    tracker.on_stats(broken)
    for count in (1, 2):
        stage.gate.take([stage.execution(number, "4", f"000{count}.01")])
    tracker.close()
    assert len(heard) == len(errors) == 2
    notes = [one.text for one in stage.journal.payloads() if isinstance(one, Note)]
    assert "broken for the stats after order" in notes[0]


def test_the_stats_of_many_orders_are_the_same_told_or_asked(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    heard: list[ExecutionStats] = []
    tracker.on_stats(heard.append)
    for turn in range(6):
        number = stage.sent("SELL 10 MSFT LMT 400" if turn % 2 else "BUY 10 AAPL LMT 190")
        stage.clock.advance(timedelta(seconds=turn))
        for piece in range(turn % 3 + 1):
            stem = f"{turn}{piece}"
            stage.gate.take([stage.execution(number, "2", f"{stem}.01", "200")])
            stage.gate.take([commission(f"{stem}.01", "0.35")])
        if turn == 4:
            stage.says(number, Status.CANCELLED)
    tracker.close()
    assert heard[-1] == tracker.get_execution_stats(DAY, DAY)
    assert heard[-1].total_commission == D("0.35") * 12
