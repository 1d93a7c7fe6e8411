"""Convert at close: only near a close that is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from riskgate.execution.moves import Convert, Keep, Seen
from riskgate.execution.replace.convert_at_close import ConvertAtClose
from riskgate.model.order import Side

CLOSE = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
SEEN = Seen(
    side=Side.BUY,
    quantity=Decimal(100),
    filled=Decimal(0),
    limit_price=Decimal(190),
    tick=Decimal("0.01"),
    quote=None,
    closes=CLOSE,
    since=CLOSE - timedelta(hours=4),
    first_price=Decimal(190),
)
AT_CLOSE = ConvertAtClose(before=timedelta(minutes=5))


def test_it_waits_for_the_minutes_before_the_close() -> None:
    moment = CLOSE - timedelta(minutes=5)
    assert AT_CLOSE.next(SEEN, CLOSE - timedelta(hours=1)) == Keep(moment)
    assert AT_CLOSE.next(SEEN, moment) == Convert("the session closes in less than 5m")


def test_where_the_close_is_not_known_it_stays() -> None:
    assert AT_CLOSE.next(msgspec.structs.replace(SEEN, closes=None), CLOSE) == Keep()


def test_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        ConvertAtClose(before=timedelta(0))
