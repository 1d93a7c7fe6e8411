"""What an order may say beside its type and prices, and what goes with what."""

from __future__ import annotations

import pytest

from riskgate.errors import OrderError
from riskgate.model.order import Order
from riskgate.model.order_line import read


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("BUY 100 AAPL LMT 190 DAY display_size=99", ""),
        ("BUY 100 AAPL LMT 190 DAY display_size=100", "must be below the quantity 100; found 100"),
        ("BUY 100 AAPL LMT 190 DAY display_size=0", "display_size must be above zero"),
        ("BUY 100 AAPL LMT 190 DAY display_size=1.5", "display_size must be a whole number"),
        ("BUY 100 AAPL LMT 190 DAY display_size=1" + "0" * 20, "is no number anybody means"),
        (
            "BUY 100 AAPL LMT 190 DAY display_size=10 discretionary_amount=1",
            "display_size and discretionary_amount exclude each other",
        ),
        (
            "BUY 100 AAPL LMT 190 DAY display_size=10 hidden=true",
            "display_size and hidden exclude each other",
        ),
        ("BUY 100 AAPL LMT 190 DAY min_quantity=100", ""),
        ("BUY 100 AAPL LMT 190 DAY min_quantity=101", "min_quantity must be at most the quantity"),
        ("BUY 1" + "0" * 20 + " AAPL MKT DAY min_quantity=5", "above 2147483647"),
        ("BUY 50 AAPL LMT 190 DAY block=true", ""),
        ("BUY 49 AAPL LMT 190 DAY block=true", "a block is 50 or more"),
        ("BUY 50 AAPL MKT DAY block=true", "MKT takes no block"),
        ("BUY 50 AAPL MKT DAY sweep_to_fill=true", "MKT takes no sweep_to_fill"),
        ("BUY 50 AAPL REL 0.1 discretionary_amount=1", "REL takes no discretionary_amount"),
        ("BUY 50 AAPL LMT 190 DAY discretionary_amount=0", "discretionary_amount must be above"),
        ("BUY 50 AAPL STP 190 DAY trail_stop_price=1", "STP takes no trail_stop_price"),
        ("BUY 50 AAPL LMT 190 DAY trigger_method=last", "LMT takes no trigger_method"),
        ("BUY 50 AAPL LIT 190 191 DAY trigger_method=last", ""),
        ("BUY 50 AAPL LMT 190 DAY not_held=true", "not_held needs exchange=IBKRATS"),
        ("BUY 50 AAPL LMT 190 DAY min_trade_quantity=5", "min_trade_quantity needs exchange=IB"),
        ("BUY 50 AAPL@IBKRATS LMT 190 DAY not_held=true min_trade_quantity=5", ""),
        ("BUY 50 AAPL@IBKRATS LMT 190 DAY min_trade_quantity=51", "must be at most the quantity"),
        ("BUY 50 AAPL@IBKRATS LMT 190 DAY compete_offset=1", "LMT takes no compete_offset"),
        ("BUY 50 AAPL@IBKRATS PEG_BEST 190 DAY", "PEG_BEST needs compete_offset"),
        ("BUY 50 AAPL PEG_BEST 190 DAY compete_offset=0", "PEG_BEST needs exchange=IBKRATS"),
        ("BUY 50 AAPL@IBKRATS PEG_BEST 190 DAY compete_offset=0 min_compete_size=500", ""),
        ("BUY 50 AAPL@IBKRATS PEG_BEST 190 DAY compete_offset=-1", "must be zero or more"),
        ("BUY 50 AAPL@IBKRATS PEG_MID 0 DAY mid_offset_at_whole=-0.01", ""),
        (
            "BUY 50 AAPL@IBKRATS PEG_MID 0.1 DAY mid_offset_at_half=0.01",
            "mid_offset_at_half needs peg_offset 0; one of them counts",
        ),
        ("BUY 50 AAPL REL 0 DAY", "peg_offset must be above zero"),
        ("BUY 50 AAPL PEG_MKT -0.01 DAY", ""),
        ("BUY 0 AAPL MKT DAY cash_quantity=5000", ""),
        ("BUY 26 AAPL LMT 190 DAY cash_quantity=5000", ""),
        ("BUY 0 AAPL LMT 190 DAY cash_quantity=0", "cash_quantity must be above zero"),
        ("BUY -1 AAPL LMT 190 DAY cash_quantity=5", "quantity must be above zero; found `-1`"),
        ("BUY 0 AAPL STP 190 DAY cash_quantity=5000", "STP takes no cash_quantity"),
        (
            "BUY 0 AAPL LMT 190 DAY cash_quantity=5000 min_quantity=5",
            "min_quantity and cash_quantity exclude each other",
        ),
        ("BUY 0 AAPL LMT 190 DAY cash_quantity=5000 block=true", "block and cash_quantity"),
        ("BUY 1 AAPL LMT 190 DAY oca_group=g", ""),
        ("BUY 1 AAPL LMT 190 DAY oca_type=reduce", "oca_type needs an oca_group"),
        ("BUY 1 AAPL LMT 190 DAY priority=-1000", ""),
        ("BUY 1 AAPL LMT 190 DAY priority=1001", "priority must be -1000 to 1000"),
        ("BUY 1 AAPL LMT 190 OVERNIGHT", ""),
        ("BUY 1 AAPL@NYSE LMT 190 OVERNIGHT", "OVERNIGHT has its own exchange; leave out NYSE"),
        (
            "BUY 1 AAPL@OVERNIGHT LMT 190 DAY",
            "exchange OVERNIGHT is written as time in force OVERNIGHT, not DAY",
        ),
        ("BUY 1 AAPL MKT OVERNIGHT", "MKT takes DAY, GTC, IOC, FOK, GTD, OPG, AUC, not OVERNIGHT"),
        ("BUY 1 AAPL MOC GTC", "MOC takes DAY, not GTC"),
        ("BUY 1 AAPL REL 0.1 IOC", "REL takes DAY, GTC, GTD, not IOC"),
        ("BUY 1 AAPL TRAIL 0.1 FOK", "TRAIL takes DAY, GTC, GTD, not FOK"),
        ("BUY 1 AAPL STP 1 OPG", "STP takes DAY, GTC, IOC, FOK, GTD, not OPG"),
        ("BUY 1 AAPL MTL 1 AUC", ""),
        ("BUY 1 AAPL MTL 1 DAY", "MTL takes a limit_price only with AUC"),
        ("BUY 1 AAPL LIT 1 DAY", "LIT needs limit_price"),
        ("BUY 1 AAPL LMT 1 DAY good_after=2026-03-05T10:00:00-05:00", ""),
        (
            "BUY 1 AAPL LMT 1 GTD 2026-03-05T15:00:00+00:00 good_after=2026-03-05T10:00:00-05:00",
            "good_after must be before good_till",
        ),
        (
            "BUY 1 AAPL LMT 1 GTD 2026-03-05T15:00:01+00:00 good_after=2026-03-05T10:00:00-05:00",
            "",
        ),
        (
            "BUY 1 AAPL LMT 1 GTD 2026-03-05T15:00:01.5+00:00",
            "good_till needs a time of whole seconds",
        ),
    ],
)
def test_an_order_says_what_its_type_and_venue_take(line: str, expected: str) -> None:
    _, faults = read(line)
    assert bool(faults) == bool(expected), faults
    assert expected in "; ".join(fault.text for fault in faults)


def test_all_that_is_wrong_with_an_order_is_named_together() -> None:
    line = "BUY 40 AAPL MKT OVERNIGHT display_size=90 hidden=true block=true oca_type=reduce"
    with pytest.raises(OrderError) as caught:
        Order.parse(line)
    assert sorted(caught.value.codes) == [
        *("BAD_ORDER", "BAD_ORDER", "BAD_ORDER", "BAD_QUANTITY", "BAD_QUANTITY", "BAD_TIF")
    ]
