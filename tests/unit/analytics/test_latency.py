"""How long orders took."""

from datetime import UTC, datetime, timedelta

from riskgate.analytics.latency import average_time, fill_time

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_fill_takes_from_its_decision_to_its_last_execution() -> None:
    assert fill_time(NOON, NOON + timedelta(seconds=3)) == timedelta(seconds=3)


def test_a_fill_that_is_stamped_before_its_order_took_no_time() -> None:
    assert fill_time(NOON, NOON - timedelta(milliseconds=400)) == timedelta(0)


def test_the_average_of_nothing_is_not_known() -> None:
    assert average_time([]) is None
    assert average_time([timedelta(seconds=1), timedelta(seconds=2)]) == timedelta(seconds=1.5)
