"""The worst price each order type works at, for a buy and for a sell."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.simulator.prices import Prices, quote
from riskgate.simulator.styles import STYLES, fixed_at_election, option_value
from riskgate.simulator.wire.kinds import INFINITE
from tests.unit.simulator.conftest import AAPL, order

PRICES = Prices()
PRICES.set(AAPL.con_id, quote("189", "191", "190"))
BENCH = 7
PRICES.set(BENCH, quote("99", "101", "100"))
NO_LIMIT: dict[str, object] = {"lmtPrice": None}
BOUNDS: dict[str, tuple[dict[str, object], str, str]] = {
    # type: fields, bound of a buy, bound of a sell
    "MKT": (NO_LIMIT, "Infinity", "-Infinity"),
    "LMT": ({"discretionaryAmt": Decimal("0.5")}, "190.5", "189.5"),
    "MIDPRICE": (NO_LIMIT, "190", "190"),
    "PEG MID": ({**NO_LIMIT, "auxPrice": Decimal("0.1")}, "189.9", "190.1"),
    "PEG MKT": ({**NO_LIMIT, "auxPrice": Decimal("0.1")}, "190.9", "189.1"),
    "REL": ({**NO_LIMIT, "auxPrice": Decimal("0.1")}, "189.1", "190.9"),
    "PEG PRIM": ({**NO_LIMIT, "percentOffset": Decimal("0.01")}, "190.89", "189.09"),
    "PASSV REL": ({**NO_LIMIT, "auxPrice": Decimal("0.1")}, "188.9", "191.1"),
    "PEG BEST": ({**NO_LIMIT, "competeAgainstBestOffset": Decimal("0.3")}, "189.3", "190.7"),
    "PEG STK": (
        {"delta": Decimal(50), "startingPrice": Decimal(20), "stockRefPrice": Decimal(188)},
        "21",
        "21",
    ),
    "PEG BENCH": (
        {
            "referenceContractId": BENCH,
            "startingPrice": Decimal(20),
            "stockRefPrice": Decimal(98),
            "peggedChangeAmount": Decimal(3),
            "referenceChangeAmount": Decimal(2),
            "isPeggedChangeAmountDecrease": True,
        },
        "17",
        "17",
    ),
}


@pytest.mark.parametrize("kind", BOUNDS)
@pytest.mark.parametrize("action", ["BUY", "SELL"])
def test_each_type_has_its_bound(kind: str, action: str) -> None:
    fields, buy, sell = BOUNDS[kind]
    one = order(orderType=kind, action=action, **fields)
    bound = STYLES[kind].bound(one, PRICES.of(AAPL.con_id), PRICES)
    assert bound == Decimal(buy if action == "BUY" else sell)


@pytest.mark.parametrize("kind", ["MIDPRICE", "PEG MID", "PEG MKT", "REL", "PASSV REL", "PEG BEST"])
def test_what_follows_the_market_waits_while_there_is_none(kind: str) -> None:
    one = order(orderType=kind, auxPrice=Decimal("0.1"))
    assert STYLES[kind].bound(one, quote(), Prices()) is None


@pytest.mark.parametrize("kind", ["MIDPRICE", "PEG MKT", "REL", "PASSV REL", "PEG BEST"])
@pytest.mark.parametrize("action", ["BUY", "SELL"])
def test_a_cap_is_never_passed(kind: str, action: str) -> None:
    cap = Decimal(185) if action == "BUY" else Decimal(195)
    one = order(orderType=kind, action=action, lmtPrice=cap, auxPrice=Decimal("0.1"))
    assert STYLES[kind].bound(one, PRICES.of(AAPL.con_id), PRICES) == cap


def test_an_infinite_offset_means_up_to_the_middle() -> None:
    one = order(
        orderType="PEG BEST",
        competeAgainstBestOffset=INFINITE,
        midOffsetAtWhole=Decimal("0.2"),
        lmtPrice=None,
    )
    assert STYLES["PEG BEST"].bound(one, PRICES.of(AAPL.con_id), PRICES) == Decimal("189.8")


def test_a_protected_order_gets_a_limit_when_it_is_elected() -> None:
    for action, limit in (("BUY", "191.20"), ("SELL", "188.80")):
        one = order(orderType="STP PRT", action=action)
        assert fixed_at_election(one, PRICES.of(AAPL.con_id)) == Decimal(limit)


def test_a_trailing_limit_is_the_stop_and_the_offset() -> None:
    one = order(orderType="TRAIL LIMIT", action="SELL", lmtPriceOffset=Decimal("0.5"))
    one.trail = Decimal(189)
    assert fixed_at_election(one, PRICES.of(AAPL.con_id)) == Decimal("188.5")


def test_the_option_model_is_blacks() -> None:
    # Hull, Options, Futures and Other Derivatives, the at-the-money approximation 0.4 S sigma
    assert option_value(100, 100, 0.2) == pytest.approx(0.4 * 100 * 0.2, rel=0.01)
    assert option_value(120, 100, 0.0) == 20
    assert option_value(80, 100, 0.0) == 0
