"""The order's own holding at its worst, and shares of an account's value."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from riskgate.model.order import Order
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Replaced, Snapshot
from riskgate.rulekit.worst import gross_worst, long_worst, percent_of, short_worst, times

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
HELD = Holding(Decimal(-10), buys=Decimal(4), sells=Decimal(3))


@pytest.mark.parametrize(
    ("line", "worst"),
    [
        ("BUY 5 AAPL MKT", (-1, -13, 13)),
        ("BUY 20 AAPL MKT", (14, -13, 14)),
        ("SELL 5 AAPL MKT", (-6, -18, 18)),
    ],
)
def test_the_order_is_added_on_its_own_side(line: str, worst: tuple[int, int, int]) -> None:
    order, seen = Order.parse(line), Snapshot(as_of=NOON)
    measured = (long_worst, short_worst, gross_worst)
    assert [int(measure(HELD, order, seen)) for measure in measured] == list(worst)


def test_of_a_modify_only_what_can_still_fill_is_added() -> None:
    order = Order.parse("BUY 20 AAPL MKT")
    seen = Snapshot(as_of=NOON, replaced=Replaced(order, filled=Decimal(15)))
    assert long_worst(Holding(), order, seen) == 5


def test_a_share_of_nothing_has_no_end() -> None:
    assert percent_of(Decimal(1), Decimal(8)) == Decimal("12.5")
    for whole in (Decimal(0), Decimal(-1)):
        assert times(Decimal(0), whole) == percent_of(Decimal(1), whole) == Decimal("Infinity")
