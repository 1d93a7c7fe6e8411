from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from riskgate.brokers.ib.terms_in import echo_of, order_from
from riskgate.brokers.ib.terms_out import order_of, venue_of
from riskgate.errors import OrderError
from riskgate.model.fields import stated
from riskgate.model.instructions import Algo, OcaType
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.order import Order, OrderType, Tif
from riskgate.model.report import OrderEcho
from tests.unit.brokers.order_samples import LIBRARY, SAMPLES

AAPL = Instrument(key="AAPL", symbol="AAPL", con_id=265598)
UNSET = 1.7976931348623157e308


def theirs(kind: str = "LMT", /, **said: Any) -> Any:  # noqa: ANN401  # the library's order
    usual = {"action": "BUY", "totalQuantity": 100.0, "tif": "DAY", "lmtPrice": 190.0}
    return LIBRARY.Order(**{"orderType": kind, **usual, **said})


def read(kind: str = "LMT", /, **said: Any) -> Order:  # noqa: ANN401  # any value of the library's
    return order_from(AAPL, theirs(kind, **said))


def meant(line: str) -> dict[str, object]:
    order = Order.parse(line)
    full = msgspec.structs.replace(order, sec_type="STK", currency="USD", account="DU1")
    return stated(full)


@pytest.mark.parametrize("line", SAMPLES)
def test_ibs_own_sample_of_a_type_becomes_an_order(line: str) -> None:
    order = order_from(AAPL, LIBRARY.Order(**SAMPLES[line]), venue_of(Order.parse(line)))
    assert stated(order) == meant(line)


@pytest.mark.parametrize("line", SAMPLES)
def test_what_was_written_is_read_back(line: str) -> None:
    order = Order.parse(line)
    written = order_of(LIBRARY, order, "rg-1", "DU1")
    assert stated(order_from(AAPL, written, venue_of(order))) == meant(line)


def test_terms_are_enough_to_name_a_contract() -> None:
    terms = Terms(symbol="ES", sec_type="FUT", currency="USD", multiplier=Decimal(50))
    order = order_from(terms, theirs(), "CME")
    assert (order.symbol, order.sec_type, order.exchange) == ("ES", "FUT", "CME")
    assert order.multiplier == Decimal(50)


@pytest.mark.parametrize("venue", ["", "SMART", None])
def test_the_usual_venue_is_none_that_was_stated(venue: str | None) -> None:
    assert order_from(AAPL, theirs(), venue).exchange is None


def test_orders_for_the_opening_are_read_as_such_by_either_name() -> None:
    assert read("LOO").tif is Tif.OPG
    order = read("MOO", lmtPrice=UNSET)
    assert (order.order_type, order.tif) == (OrderType.MKT, Tif.OPG)


@pytest.mark.parametrize("name", ["PEGMID", "PEG MID"])
def test_pegs_are_read_in_both_spellings(name: str) -> None:
    assert read(name, auxPrice=0.01).order_type is OrderType.PEG_MID


def test_the_limit_of_a_trailing_stop_may_be_stated_as_a_price() -> None:
    sell = read("TRAIL LIMIT", action="SELL", auxPrice=1.0, trailStopPrice=189.0, lmtPrice=188.5)
    buy = read("TRAIL LIMIT", auxPrice=1.0, trailStopPrice=191.0, lmtPrice=191.25)
    assert (sell.limit_offset, buy.limit_offset) == (Decimal("0.5"), Decimal("0.25"))


def test_a_limit_price_without_a_stop_price_says_nothing_of_an_offset() -> None:
    assert read("TRAIL LIMIT", auxPrice=1.0).limit_offset is None  # which sanity then misses


@pytest.mark.parametrize("nothing", [None, "", 0, False])
def test_a_flag_may_be_left_out_in_many_ways(nothing: object) -> None:
    assert not read(hidden=nothing).instructions.hidden


def test_an_empty_time_in_force_is_the_day() -> None:
    assert read(tif="").tif is Tif.DAY


def test_a_group_whose_type_is_left_open_is_what_ib_makes_of_it() -> None:
    assert read(ocaGroup="g").instructions.oca_type is OcaType.REDUCE


def test_times_are_read_with_their_zone() -> None:
    late = read(tif="GTD", goodTillDate="20260305 09:30:00 US/Eastern")
    assert late.good_till == datetime(2026, 3, 5, 14, 30, tzinfo=UTC)


REPEATED = {
    "lmtPrice": 0.0,
    "auxPrice": 0.0,
    "displaySize": 2147483647,
    "trailStopPrice": 191.0,
    "ocaType": 3,
    "openClose": "",
    "deltaNeutralOrderType": "None",
    "adjustedOrderType": "None",
    "clearingIntent": "IB",
    "dontUseAutoPriceForHedge": True,
    "volatilityType": 0,
    "volatility": 0.25,
    "referencePriceType": 0,
    "rule80A": "0",
    "cashQty": 0.0,
    "usePriceMgmtAlgo": True,
    "shareholder": "Not an insider or substantial shareholder",
    "lmtPriceOffset": UNSET,
    "permId": 77,
    "parentId": 5,
}


def test_what_ib_fills_in_is_nothing_that_was_said() -> None:
    assert stated(read("MKT", **REPEATED)) == stated(read("MKT", lmtPrice=UNSET))


def test_what_only_ib_fills_in_is_refused_of_a_program() -> None:
    mine = {**REPEATED, "permId": 0}
    with pytest.raises(OrderError) as caught:
        read("MKT", **mine)
    found = {text.partition(" ")[0] for _, text in caught.value.reasons}
    assert found == {"volatility", "usePriceMgmtAlgo", "trailStopPrice"}


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "a side": ({"action": "SSHORT"}, "action `SSHORT` is not modelled; use BUY, SELL"),
    "a time in force": ({"tif": "GTX"}, "tif `GTX` is not modelled"),
    "a price that the type has not": ({"auxPrice": 5.0}, "auxPrice `5.0` is not taken"),
    "a price that is none": ({"lmtPrice": math.nan}, "lmtPrice `nan` is no finite number"),
    "a price that is endless": ({"lmtPrice": math.inf}, "lmtPrice `inf` is no finite number"),
    "a price that is a truth": ({"lmtPrice": True}, "lmtPrice `True` is no finite number"),
    "a price that is a list": ({"lmtPrice": [190]}, "lmtPrice `[190]` is no finite number"),
    "a flag that is none": ({"hidden": "maybe"}, "hidden `maybe` is neither true nor false"),
    "a text that is none": ({"ocaGroup": 5}, "ocaGroup `5` is no text"),
    "a trigger method": ({"triggerMethod": 5}, "triggerMethod `5` is not modelled"),
    "a kind of group": ({"ocaGroup": "g", "ocaType": 4}, "ocaType `4` is not modelled"),
    "a time without a zone": (
        {"goodAfterTime": "20260305 09:30:00"},
        "goodAfterTime `20260305 09:30:00` has no zone that is known",
    ),
    "up to the middle": (
        {"orderType": "PEG BEST", "competeAgainstBestOffset": math.inf},
        "competeAgainstBestOffset `inf` is no finite number",
    ),
    "an offset of another type": (
        {"competeAgainstBestOffset": 0.01},
        "competeAgainstBestOffset `0.01` is not taken",
    ),
    "parameters of no algo": (
        {"algoParams": [LIBRARY.TagValue("a", "b")]},
        "needs algoStrategy",
    ),
    "a trigger price of no adjustment": ({"triggerPrice": 5.0}, "triggerPrice `5.0` is not taken"),
    "an adjustment without a trigger price": (
        {"orderType": "STP", "auxPrice": 5.0, "lmtPrice": 0.0, "adjustedOrderType": "STP"},
        "triggerPrice",
    ),
    "an adjustment to another type": (
        {
            "orderType": "STP",
            "auxPrice": 5.0,
            "lmtPrice": 0.0,
            "adjustedOrderType": "MKT",
            "triggerPrice": 5.0,
        },
        "adjustedOrderType `MKT` is not modelled",
    ),
    "a unit of a trailing amount": (
        {
            "orderType": "STP",
            "auxPrice": 5.0,
            "lmtPrice": 0.0,
            "triggerPrice": 5.0,
            "adjustedOrderType": "TRAIL",
            "adjustedTrailingAmount": 1.0,
            "adjustableTrailingUnit": 2,
        },
        "adjustableTrailingUnit `2` is not modelled",
    ),
    "a condition": ({"conditions": ["soon"]}, "conditions `soon` is of a kind"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_we_do_not_have_is_refused_by_the_name_of_the_field(name: str) -> None:
    said, why = WRONG[name]
    with pytest.raises(OrderError) as caught:
        order_from(AAPL, theirs(**said))
    assert why in str(caught.value)
    assert {code for code, _ in caught.value.reasons} <= {"BAD_ORDER", "BAD_TIF"}


@pytest.mark.parametrize(
    "kind",
    [
        *("VOL", "PEG STK", "PEG BENCH", "BOX TOP", "PASSV REL", "PEG PRIM", "REL + LMT"),
        *("", "STPLMT", "lmt", None, 5),
    ],
)
def test_a_type_that_is_not_modelled_is_refused_by_name(kind: object) -> None:
    with pytest.raises(OrderError, match="orderType `") as caught:
        order_from(AAPL, theirs(orderType=kind))
    assert caught.value.codes[0] == "BAD_ORDER"


def test_all_that_is_wrong_is_told_together() -> None:
    with pytest.raises(OrderError) as caught:
        read("VOL", tif="GTX", action="SLONG", hedgeType="D", volatility=0.2)
    found = [text.partition(" ")[0] for _, text in caught.value.reasons]
    assert found == ["volatility", "hedgeType", "action", "orderType", "tif"]


def test_an_algo_is_read_with_its_parameters() -> None:
    params = [LIBRARY.TagValue("adaptivePriority", "Normal")]
    order = read(algoStrategy="Adaptive", algoParams=params)
    assert order.algo == Algo("Adaptive", (("adaptivePriority", "Normal"),))


# -- echoes ---------------------------------------------------------------------------------------


def test_an_echo_ignores_the_defaults_that_ib_repeats() -> None:
    assert echo_of(1, theirs("MKT", **REPEATED)) == OrderEcho(
        order_id=1, quantity=Decimal(100), perm_id=77, tif=Tif.DAY
    )


ECHOES: dict[str, dict[str, object]] = {
    "BUY 100 AAPL LMT 190 DAY display_size=10": {
        "limit_price": Decimal(190),
        "display_size": Decimal(10),
    },
    "BUY 100 AAPL LMT 190 DAY discretionary_amount=0.1": {
        "limit_price": Decimal(190),
        "discretionary_amount": Decimal("0.1"),
    },
    "BUY 100 AAPL LIT 189 189.1 DAY": {
        "trigger_price": Decimal(189),
        "limit_price": Decimal("189.1"),
    },
    "SELL 100 AAPL STP 180 DAY": {"stop_price": Decimal(180)},
    "SELL 100 AAPL TRAIL 1.5 DAY": {"trail_amount": Decimal("1.5")},
    "SELL 100 AAPL TRAIL_LMT 2% 0.25 DAY": {
        "trail_percent": Decimal(2),
        "limit_offset": Decimal("0.25"),
    },
    "BUY 100 AAPL REL 0.02 190 DAY": {"peg_offset": Decimal("0.02"), "limit_price": Decimal(190)},
    "BUY 100 AAPL PEG_MID 0 DAY": {"peg_offset": Decimal(0)},
    "BUY 100 AAPL MIDPRICE DAY": {},
    "BUY 100 AAPL LMT 190 GTD 2026-03-05T09:30:00-05:00": {
        "limit_price": Decimal(190),
        "tif": Tif.GTD,
        "good_till": datetime(2026, 3, 5, 14, 30, tzinfo=UTC),
    },
    "BUY 100 AAPL LMT 190 OVERNIGHT": {"limit_price": Decimal(190), "tif": Tif.OVERNIGHT},
}


@pytest.mark.parametrize("line", ECHOES)
def test_an_echo_has_what_an_order_of_its_type_can_be_modified_in(line: str) -> None:
    order = Order.parse(line)
    echo = echo_of(1, order_of(LIBRARY, order, "rg-1", "DU1"), venue_of(order) or "SMART")
    usual = {"order_id": 1, "quantity": Decimal(100), "tif": Tif.DAY}
    assert echo == OrderEcho(**{**usual, **ECHOES[line]})  # type: ignore[arg-type]  # as in the table


def test_an_end_whose_zone_ib_leaves_open_is_not_known() -> None:
    assert echo_of(1, theirs(tif="GTD", goodTillDate="20260305 09:30:00")).good_till is None


def test_an_echo_of_an_order_that_we_do_not_have_has_its_quantity() -> None:
    echo = echo_of(1, theirs("VOL", tif="GTX"))
    assert echo == OrderEcho(order_id=1, quantity=Decimal(100))
