"""Orders as the simulator's book holds them, without a wire."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from riskgate.simulator.book import SUBMITTED, LiveOrder
from riskgate.simulator.contracts import Listing
from riskgate.simulator.hours import STOCK_LIQUID, STOCK_TRADING
from riskgate.simulator.terms import kept, terms_of
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record

NOW = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)
AAPL = Listing(
    con_id=265598,
    symbol="AAPL",
    sec_type="STK",
    exchange="SMART",
    primary_exchange="NASDAQ",
    currency="USD",
    local_symbol="AAPL",
    trading_class="NMS",
    min_tick=Decimal("0.01"),
    long_name="APPLE INC",
    trading=STOCK_TRADING,
    liquid=STOCK_LIQUID,
)


def order(number: int = 1, /, **fields: object) -> LiveOrder:
    """A working order to buy 100 at 190 or better, with these fields instead."""
    usual: Record = {
        "orderId": number,
        "action": "BUY",
        "totalQuantity": Decimal(100),
        "orderType": "LMT",
        "lmtPrice": Decimal(190),
        "transmit": True,
    }
    record: Record = {**usual, **fields}  # type: ignore[dict-item]  # each test knows its fields
    return LiveOrder(
        perm_id=1000 + number,
        order_id=number,
        client_id=1,
        listing=AAPL,
        terms=terms_of(Message("placeOrder", record), "DU1"),
        record=kept(record),
        status=SUBMITTED,
    )
