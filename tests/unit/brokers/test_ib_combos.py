"""Combos as IB's BAG contracts, and back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from riskgate.brokers.ib import combos, contracts
from riskgate.brokers.ib.client import load
from riskgate.errors import OrderError
from riskgate.model.combos import combined
from riskgate.model.instrument import Instrument, Part, Terms
from riskgate.model.order import Order

LIBRARY: Any = load()
AAPL = Instrument(key="AAPL", symbol="AAPL", con_id=265598)
MSFT = Instrument(key="MSFT", symbol="MSFT", con_id=272093)
TERMS = Terms(symbol="AAPL", sec_type="BAG")
PAIR = combined(TERMS, [Part("BUY", 1, AAPL), Part("SELL", 2, MSFT, "ARCA")])
KNOWN = {one.con_id: one for one in (AAPL, MSFT)}


def test_a_combo_goes_out_with_the_numbers_of_its_legs() -> None:
    contract: Any = combos.contract_of(LIBRARY, PAIR, None)
    assert (contract.secType, contract.symbol, contract.currency) == ("BAG", "AAPL", "USD")
    assert (contract.conId, contract.exchange) == (0, "SMART")
    assert [(leg.conId, leg.ratio, leg.action, leg.exchange) for leg in contract.comboLegs] == [
        (265598, 1, "BUY", "SMART"),
        (272093, 2, "SELL", "ARCA"),
    ]
    assert combos.contract_of(LIBRARY, PAIR, "CBOE").exchange == "CBOE"


def test_what_is_no_combo_goes_out_as_it_is() -> None:
    assert vars(combos.contract_of(LIBRARY, AAPL, None)) == vars(
        contracts.contract_of(LIBRARY, AAPL, None)
    )


def test_a_leg_without_a_number_cannot_go_out() -> None:
    nameless = msgspec.structs.replace(MSFT, con_id=0)
    pair = combined(TERMS, [Part("BUY", 1, AAPL), Part("SELL", 2, nameless)])
    with pytest.raises(OrderError, match="leg `MSFT`") as caught:
        combos.contract_of(LIBRARY, pair, None)
    assert caught.value.codes == ("UNKNOWN_INSTRUMENT",)


def test_what_goes_out_comes_back_as_the_same_combo() -> None:
    contract = combos.contract_of(LIBRARY, PAIR, None)
    assert combos.instrument_of(contract, KNOWN.get) == PAIR
    assert combos.instrument_of(contract, {265598: AAPL}.get) is None
    assert combos.instrument_of(LIBRARY.Contract(secType="BAG", symbol="AAPL"), KNOWN.get) is None


def test_a_combo_of_a_program_names_its_legs_by_number() -> None:
    terms = contracts.terms_of(combos.contract_of(LIBRARY, PAIR, None))
    stated = 'BUY 1 AAPL.BAG MKT currency=USD legs="BUY 1 #265598@SMART, SELL 2 #272093@ARCA"'
    assert terms == Order.parse(stated).terms


def test_in_the_place_of_a_combo_stand_its_legs() -> None:
    plain = LIBRARY.Contract(conId=8314, secType="STK")
    named = combos.members([combos.contract_of(LIBRARY, PAIR, None), plain])
    assert [one.conId for one in named] == [265598, 272093, 8314]


@pytest.mark.parametrize(
    ("name", "value"),
    [("openClose", 1), ("shortSaleSlot", 2), ("designatedLocation", "X"), ("exemptCode", 5)],
)
def test_what_a_leg_says_beside_its_contract_is_refused_by_name(name: str, value: object) -> None:
    contract: Any = combos.contract_of(LIBRARY, PAIR, None)
    combos.refuse_unsaid(contract)
    setattr(contract.comboLegs[1], name, value)
    with pytest.raises(OrderError, match=f"comboLegs {name} `{value}`"):
        combos.refuse_unsaid(contract)


def test_a_combo_is_carried_if_each_of_its_legs_is() -> None:
    order = Order.parse('BUY 1 AAPL.BAG MKT DAY legs="BUY 1 AAPL, SELL 1 #5"')
    assert list(contracts.faults_of(order.terms)) == []
    bond = Order.parse('BUY 1 AAPL.BAG MKT DAY legs="BUY 1 AAPL, SELL 1 XS1.BOND"')
    (fault,) = contracts.faults_of(bond.terms)
    assert fault.text.startswith("security type `BOND` cannot be sent")


def test_a_leg_by_its_number_is_asked_for_by_that_alone() -> None:
    contract = contracts.asked(LIBRARY, Terms(symbol="#265598"))
    assert {name: value for name, value in vars(contract).items() if value} == {"conId": 265598}
