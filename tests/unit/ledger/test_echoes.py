"""A modify is confirmed by an echo that carries every changed term, and by no other."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from riskgate.ledger.echoes import as_sent, repeats
from riskgate.model.order import Order, Tif
from riskgate.model.report import OrderEcho

CHANGES = {
    "quantity": ("BUY 100 AAPL LMT 190 DAY", "BUY 70 AAPL LMT 190 DAY"),
    "limit": ("BUY 100 AAPL LMT 190 DAY", "BUY 100 AAPL LMT 189 DAY"),
    "stop": ("SELL 100 AAPL STP 180 DAY", "SELL 100 AAPL STP 181 DAY"),
    "trigger": ("BUY 100 AAPL LIT 189 189.1 DAY", "BUY 100 AAPL LIT 188 189.1 DAY"),
    "offset": ("BUY 100 AAPL REL 0.01 DAY", "BUY 100 AAPL REL 0.02 DAY"),
    "a cap comes": ("BUY 100 AAPL MIDPRICE DAY", "BUY 100 AAPL MIDPRICE 190 DAY"),
    "a cap goes": ("BUY 100 AAPL PEG_MID 0 190 DAY", "BUY 100 AAPL PEG_MID 0 DAY"),
    "trail": ("SELL 100 AAPL TRAIL 1 DAY", "SELL 100 AAPL TRAIL 2 DAY"),
    "trail to percent": ("SELL 100 AAPL TRAIL 1 DAY", "SELL 100 AAPL TRAIL 1% DAY"),
    "limit offset": ("SELL 100 AAPL TRAIL_LMT 1 0.5 DAY", "SELL 100 AAPL TRAIL_LMT 1 0.25 DAY"),
    "shown size": (
        "BUY 100 AAPL LMT 190 DAY display_size=10",
        "BUY 100 AAPL LMT 190 DAY display_size=20",
    ),
    "no more shown size": ("BUY 100 AAPL LMT 190 DAY display_size=10", "BUY 100 AAPL LMT 190 DAY"),
    "discretion": (
        "BUY 100 AAPL LMT 190 DAY",
        "BUY 100 AAPL LMT 190 DAY discretionary_amount=0.1",
    ),
    "time in force": ("BUY 100 AAPL LMT 190 DAY", "BUY 100 AAPL LMT 190 GTC"),
    "end": (
        "BUY 100 AAPL LMT 190 GTD 2026-03-05T09:30:00-05:00",
        "BUY 100 AAPL LMT 190 GTD 2026-03-06T09:30:00-05:00",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_old_terms_do_not_confirm_new_ones(name: str) -> None:
    old, new = (Order.parse(line) for line in CHANGES[name])
    assert repeats(as_sent(1, old), old)
    assert repeats(as_sent(1, new), new)
    assert not repeats(as_sent(1, old), new)
    assert not repeats(as_sent(1, new), old)


def test_a_limit_that_the_broker_gives_to_a_market_order_changes_nothing() -> None:
    order = Order.parse("BUY 100 AAPL MTL DAY")
    given = msgspec.structs.replace(as_sent(1, order), limit_price=Decimal("190.01"))
    assert repeats(given, order)


def test_the_quantity_of_an_order_for_cash_is_the_brokers() -> None:
    order = Order.parse("BUY 0 AAPL LMT 190 DAY cash_quantity=20000")
    found = msgspec.structs.replace(as_sent(1, order), quantity=Decimal(105))
    assert repeats(found, order)


def test_what_the_broker_leaves_open_confirms_and_denies_nothing() -> None:
    order = Order.parse("BUY 100 AAPL LMT 190 GTD 2026-03-05T09:30:00-05:00")
    short = OrderEcho(order_id=1, quantity=Decimal(100), limit_price=Decimal(190))
    assert repeats(short, order)
    late = datetime(2026, 3, 6, tzinfo=UTC)
    assert not repeats(msgspec.structs.replace(short, good_till=late), order)
    assert not repeats(msgspec.structs.replace(short, tif=Tif.DAY), order)
