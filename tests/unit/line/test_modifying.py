"""What of a working order can be modified: what the broker changes, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.model.instrument import Instrument, Terms
from riskgate.model.order import Order

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

CHANGES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a trigger": (
        "BUY 10 AAPL MIT 185",
        {"trigger_price": Decimal(184)},
        "BUY 10 AAPL MIT 184 DAY",
    ),
    "an offset and a cap": (
        "BUY 10 AAPL REL 0.01",
        {"peg_offset": Decimal("0.02"), "limit_price": Decimal(190)},
        "BUY 10 AAPL REL 0.02 190 DAY",
    ),
    "no cap any more": (
        "BUY 10 AAPL MIDPRICE 190",
        {"limit_price": None},
        "BUY 10 AAPL MIDPRICE DAY",
    ),
    "an amount into a percent": (
        "SELL 10 AAPL TRAIL 1",
        {"trail_amount": None, "trail_percent": Decimal(2)},
        "SELL 10 AAPL TRAIL 2% DAY",
    ),
    "what is shown": (
        "BUY 10 AAPL LMT 190 DAY display_size=2",
        {"display_size": Decimal(3)},
        "BUY 10 AAPL LMT 190 DAY display_size=3",
    ),
    "discretion": (
        "BUY 10 AAPL LMT 190",
        {"discretionary_amount": Decimal("0.01")},
        "BUY 10 AAPL LMT 190 DAY discretionary_amount=0.01",
    ),
    "the quantity of an order with all that it says": (
        'SELL 10 AAPL STP 180 GTC trigger_method=last adjusts="at 195 to TRAIL 2%"',
        {"quantity": Decimal(5)},
        'SELL 5 AAPL STP 180 GTC trigger_method=last adjusts="at 195 to TRAIL 2%"',
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_broker_changes_can_be_modified(stage: Stage, name: str) -> None:
    line, changes, becomes = CHANGES[name]
    number = stage.allowed(line)
    asked = stage.gate.modify(number, **changes).decision
    assert not any(str(one.code).startswith("BAD_") for one in asked.breaches)
    assert asked.order is not None
    wanted = Order.parse(f"{becomes} account={asked.order.account}")
    assert asked.order == wanted


FIXED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "its type": (
        "BUY 10 AAPL LMT 190",
        {"order_type": "MKT"},
        "BAD_ORDER",
        "`order_type` cannot be modified",
    ),
    "its conditions": (
        "BUY 10 AAPL LMT 190",
        {"conditions": "margin <= 30"},
        "BAD_ORDER",
        "`conditions` cannot be modified",
    ),
    "its time in force": (  # IB: 105, it differs in more than price and quantity
        "BUY 10 AAPL LMT 190",
        {"tif": "GTC"},
        "BAD_ORDER",
        "`tif` cannot be modified",
    ),
    "what an amount of cash buys": (
        "BUY 0 AAPL LMT 190 DAY cash_quantity=1000",
        {"quantity": Decimal(4)},
        "BAD_QUANTITY",
        "the quantity of an order for cash cannot be modified",
    ),
}


@pytest.mark.parametrize("name", FIXED)
def test_what_the_broker_does_not_change_is_refused(stage: Stage, name: str) -> None:
    line, changes, code, why = FIXED[name]
    number = stage.allowed(line)
    decision = stage.gate.modify(number, **changes).decision
    (found,) = [one for one in decision.breaches if why in one.text]
    assert found.code == code


def test_an_order_whose_condition_looks_at_what_nobody_knows_is_denied_and_asked_for(
    stage: Stage,
) -> None:
    order = Order.parse('BUY 10 AAPL LMT 190 DAY conditions="price NVDA >= 100"')
    market, before = stage.gate.world.market, len(stage.broker.wanted)
    market.delist(Terms(symbol="NVDA"))
    decision = stage.gate.submit(order).decision
    assert [one.code for one in decision.breaches] == ["UNKNOWN_INSTRUMENT"]
    assert "`NVDA`: a condition looks at it" in decision.breaches[0].text
    assert [one.symbol for one in stage.broker.wanted[before:]] == ["AAPL", "NVDA"]
    market.list_instrument(Terms(symbol="NVDA"), Instrument(key="NVDA", symbol="NVDA"))
    assert stage.gate.submit(order).allowed
