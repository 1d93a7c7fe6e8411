"""Combos of a guarded script: judged by their legs, sent as the script made them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.contract.guard.conftest import Script, messages


def bag(script: Script, **leg: object) -> Any:  # noqa: ANN401  # the library's contract
    """AAPL against two of MSFT, with whatever else the second leg says."""
    numbers = [script.stock(name).conId for name in ("AAPL", "MSFT")]
    module = script.module
    legs = [
        module.ComboLeg(conId=numbers[0], ratio=1, action="BUY", exchange="SMART"),
        module.ComboLeg(conId=numbers[1], ratio=2, action="SELL", exchange="SMART", **leg),
    ]
    return module.Contract(
        symbol="AAPL", secType="BAG", currency="USD", exchange="SMART", comboLegs=legs
    )


def test_a_combo_of_a_script_fills_leg_by_leg(script: Script) -> None:
    trade = script.ib.placeOrder(bag(script), script.module.MarketOrder("BUY", 10))
    script.until_status(trade, "Filled")
    script.until(lambda: len(script.gate.ledger.holdings.positions()) == 2)
    held = {key: n for (_, key), n in script.gate.ledger.holdings.positions().items()}
    assert held == {"AAPL": 10, "MSFT": -20}
    assert script.sim.positions() == {"AAPL": Decimal(10), "MSFT": Decimal(-20)}


def test_a_combo_of_a_script_is_denied_for_one_leg(script: Script) -> None:
    trade = script.ib.placeOrder(bag(script), script.module.MarketOrder("BUY", 260))
    script.turned()
    assert trade.orderStatus.status == "Cancelled"
    assert any("denied by riskgate" in said for said in messages(trade))
    assert script.sent() == []


@pytest.mark.parametrize(("name", "value"), [("openClose", 1), ("shortSaleSlot", 2)])
def test_what_a_leg_says_that_is_not_modelled_is_refused_by_name(
    script: Script, name: str, value: int
) -> None:
    contract = bag(script, **{name: value})
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 1))
    script.turned()
    assert trade.orderStatus.status == "Cancelled"
    assert any(f"comboLegs {name}" in said for said in messages(trade))
    assert script.sent() == []
