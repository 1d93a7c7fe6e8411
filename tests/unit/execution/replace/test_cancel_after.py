"""Cancel after: once, when the time is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from riskgate.execution.moves import Drop, Keep, Seen
from riskgate.execution.replace.cancel_after import CancelAfter
from riskgate.model.order import Side

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
SEEN = Seen(
    side=Side.BUY,
    quantity=Decimal(100),
    filled=Decimal(0),
    limit_price=Decimal(190),
    tick=Decimal("0.01"),
    quote=None,
    closes=None,
    since=NOON,
    first_price=Decimal(190),
)
LATE = CancelAfter(after=timedelta(seconds=90))


def test_it_is_left_alone_until_its_time_is_over() -> None:
    end = NOON + timedelta(seconds=90)
    assert LATE.next(SEEN, NOON) == Keep(end)
    assert LATE.next(SEEN, end - timedelta(microseconds=1)) == Keep(end)
    assert LATE.next(SEEN, end) == Drop("it was not filled within 1m 30s")


def test_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        CancelAfter(after=timedelta(0))
