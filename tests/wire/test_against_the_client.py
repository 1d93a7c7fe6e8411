"""The tables against the real library: what it writes is read, what is written it reads.

No socket: the library's own client writes into a list, and its own decoder calls a recorder.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskgate.simulator.wire.codec import MESSAGE_TABLE, REQUEST_TABLE, Message, split
from riskgate.simulator.wire.kinds import UNSET_REAL, Record
from tests.wire.conftest import client_library, habits

if TYPE_CHECKING:
    from tests.wire.conftest import Contract, Order

ib = client_library()
NEWS_AT = (157, 158, 160, 162, 163, 164, 166, 169, 170, 173, 176, 177, 178)
VERSIONS = tuple(version for version in NEWS_AT if version <= habits().highest)
NUMBER = {"reqId": 1, "orderId": 1}


class Pen:
    """The library's client, writing to nowhere."""

    def __init__(self, version: int) -> None:
        self.client = ib.client.Client(None)
        self.client.connState = self.client.CONNECTED
        self.client._serverVersion = version
        self.written: list[str] = []
        self.client.sendMsg = self.written.append
        self.version = version

    def read(self) -> Message:
        """What the simulator makes of the last message."""
        return REQUEST_TABLE.decode(self.written[-1].encode(), self.version)


class Ear:
    """The library's decoder, telling a list."""

    def __init__(self, version: int) -> None:
        self.heard: list[tuple[str, tuple[Any, ...]]] = []
        self.ib = SimpleNamespace(TimezoneTWS="")
        self.defaultTimezone = UTC  # ib_async: the zone of its answers
        self.decoder: Any = ib.decoder.Decoder(self, version)
        self.version = version
        self.decoder.logger = SimpleNamespace(exception=self.broken)

    def broken(self, *about: object) -> None:
        raise AssertionError(about)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *values: self.heard.append((name, values))

    def hear(self, name: str, record: Record) -> tuple[Any, ...]:
        """What the library makes of a message."""
        self.decoder.interpret(split(MESSAGE_TABLE.encode(name, record, self.version)))
        return self.heard[-1][1]


def conditions() -> list[Any]:
    return [
        ib.PriceCondition(price=1.5, conId=7, exch="SMART"),
        ib.TimeCondition(time="20250106 10:00:00 US/Eastern"),
        ib.MarginCondition(percent=5),
        ib.ExecutionCondition(secType="STK", exch="SMART", symbol="IBM"),
        ib.VolumeCondition(volume=5, conId=7, exch="SMART"),
        ib.PercentChangeCondition(changePercent=0.5, conId=7, exch="SMART"),
    ]


def combo() -> Contract:
    legs = [ib.ComboLeg(conId=n, ratio=1, action="BUY", exchange="CME") for n in (1, 2)]
    made: Contract = ib.Bag(symbol="ES", exchange="CME", currency="USD", comboLegs=legs)
    return made


def orders() -> Iterator[tuple[str, Contract, Order]]:
    """One order for every part of placeOrder that is not always there."""
    stock = ib.Stock("AAPL", "SMART", "USD")
    ats = ib.Stock("AAPL", "IBKRATS", "USD")
    tag = ib.TagValue("adaptivePriority", "Urgent")
    cases: dict[str, tuple[Contract, dict[str, object]]] = {
        "plain": (stock, {"orderType": "MKT"}),
        "limit": (stock, {"orderType": "LMT", "lmtPrice": 1e-7, "orderRef": "rg-\u00e9"}),
        "combo": (combo(), {"smartComboRoutingParams": [ib.TagValue("NonGuaranteed", "1")]}),
        "combo prices": (combo(), {"orderComboLegs": [ib.OrderComboLeg(1.5)]}),
        "algo": (stock, {"algoStrategy": "Adaptive", "algoParams": [tag]}),
        "conditions": (stock, {"conditions": conditions()}),
        "hedge": (stock, {"hedgeType": "D", "hedgeParam": "1"}),
        "scale": (stock, {"scalePriceIncrement": 0.5, "scaleInitLevelSize": 5}),
        "delta neutral": (stock, {"deltaNeutralOrderType": "LMT", "deltaNeutralConId": 5}),
        "benchmark": (stock, {"orderType": "PEG BENCH", "referenceContractId": 5}),
        "midpoint": (ats, {"orderType": "PEG MID", "midOffsetAtHalf": 0.5}),
        "best": (ats, {"orderType": "PEG BEST", "competeAgainstBestOffset": 0.5}),
        "up to mid": (ats, {"orderType": "PEG BEST", "competeAgainstBestOffset": float("inf")}),
        "misc": (stock, {"orderMiscOptions": [tag], "whatIf": True, "manualOrderTime": "x"}),
    }
    for name, (contract, terms) in cases.items():
        yield name, contract, ib.Order(action="BUY", totalQuantity=10, **terms)


ORDERS = {name: (contract, order) for name, contract, order in orders()}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ORDERS)
def test_every_kind_of_order_is_read_to_its_last_field(name: str, version: int) -> None:
    pen = Pen(version)
    contract, order = ORDERS[name]
    pen.client.placeOrder(5, contract, order)
    found = pen.read()
    assert (found.integer("orderId"), found.text("symbol")) == (5, contract.symbol)
    assert found.text("orderRef") == order.orderRef
    assert found.flag("whatIf") is order.whatIf
    assert len(found.fields.get("conditions", []) or []) == len(order.conditions)  # type: ignore[arg-type]


def arguments(method: Callable[..., None]) -> list[object]:
    """Something for every parameter of one of the client's requests."""
    known: dict[str, object] = {
        "contract": ib.Stock("AAPL", "SMART", "USD"),
        "execFilter": ib.ExecutionFilter(),
        "subscription": ib.ScannerSubscription(),
        "data": ib.WshEventData(),
        "snapshot": False,
        "useRTH": True,
        "keepUpToDate": False,
        "mktDataOptions": [],
        "fundamentalDataOptions": [],
        "implVolOptions": [],
        "optPrcOptions": [],
        "optionPrice": 1.5,
        "underPrice": 1.5,
        "volatility": 0.2,
    }
    flags = {"isSmartDepth", "allMsgs", "bAutoBind", "subscribe", "ledgerAndNLV", "apiOnly"}
    flags |= {"regulatorySnapshot", "ignoreSize", "useRth"}
    return [known.get(name, name in flags or 1) for name in inspect.signature(method).parameters]


def requests() -> list[str]:
    """Every request the library's client can make, orders apart."""
    starts = ("req", "cancel", "calculate", "query", "subscribe", "unsubscribe", "update", "verify")
    more = ("startApi", "setServerLogLevel", "requestFA", "replaceFA", "exerciseOptions")
    found = [n for n in dir(ib.client.Client) if n.startswith(starts) or n in more]
    return [name for name in found if name != "updateReqId"]


@pytest.mark.parametrize("version", [*VERSIONS[::4], 171, VERSIONS[-1]])
@pytest.mark.parametrize("name", requests())
def test_every_request_of_the_library_is_in_the_tables(name: str, version: int) -> None:
    pen = Pen(version)
    method = getattr(pen.client, name)
    method(*arguments(method))
    found = pen.read()
    assert found.name.lower() == name.lower()
    assert len(pen.written) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_an_execution_reaches_the_library_whole(version: int) -> None:
    record: Record = {
        **NUMBER,
        "conId": 265598,
        "symbol": "AAPL",
        "secType": "STK",
        "execId": "a.b.c.01",
        "time": "20250106  10:00:00",
        "side": "BOT",
        "shares": Decimal("100.00"),
        "price": Decimal("190.01"),
        "permId": 17,
        "execClientId": 3,
        "cumQty": Decimal(100),
        "avgPrice": Decimal("190.01"),
        "orderRef": "rg-1",
    }
    _, contract, execution = Ear(version).hear("execDetails", record)
    assert (contract.conId, contract.symbol) == (265598, "AAPL")
    assert (execution.shares, execution.price, execution.permId) == (100.0, 190.01, 17)
    assert (execution.orderRef, execution.clientId, execution.side) == ("rg-1", 3, "BOT")


FULL: Record = {
    "orderId": 5,
    "permId": 17,
    "clientId": 3,
    "symbol": "AAPL",
    "action": "BUY",
    "totalQuantity": Decimal(100),
    "lmtPrice": Decimal("190.05"),
    "tif": "GTC",
    "orderRef": "rg-1",
    "hedgeType": "D",
    "hedgeParam": "1",
    "deltaNeutralOrderType": "None",
    "scalePriceIncrement": Decimal("0.5"),
    "algoStrategy": "Twap",
    "algoParams": [{"tag": "a", "value": "b"}],
    "comboLegs": [{"conId": 1, "ratio": 2, "action": "BUY", "exchange": "CME"}],
    "orderComboLegs": [{"price": Decimal("1.5")}],
    "smartComboRoutingParams": [{"tag": "c", "value": "d"}],
    "deltaNeutralContract": True,
    "dncConId": 8,
    "conditions": [
        {"condType": 3, "conjunction": "a", "isMore": True, "time": "now"},
        {"condType": 4, "conjunction": "o", "isMore": False, "percent": 5},
    ],
    "status": "Submitted",
    "completedStatus": "Filled Size: 100",
    "filledQuantity": Decimal(100),
    "initMarginChange": "4750",
    "duration": 30,
    "postToAts": 2,
    "autoCancelParent": True,
    "midOffsetAtHalf": Decimal("0.5"),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", ["LMT", "PEG BENCH"])
def test_an_open_order_with_all_its_parts_reaches_the_library(kind: str, version: int) -> None:
    _, contract, order, state = Ear(version).hear("openOrder", {**FULL, "orderType": kind})
    assert (order.orderId, order.permId, order.clientId, order.tif) == (5, 17, 3, "GTC")
    assert (order.lmtPrice, order.hedgeParam, order.orderRef) == (190.05, "1", "rg-1")
    assert (len(contract.comboLegs), contract.deltaNeutralContract.conId) == (1, 8)
    assert [one.condType for one in order.conditions] == [3, 4]
    assert (state.status, state.initMarginChange) == ("Submitted", "4750")
    assert order.usePriceMgmtAlgo is False
    if version >= 159:
        assert order.duration == 30
    if version >= 162:
        assert order.autoCancelParent is True
    if version >= 170:
        assert order.midOffsetAtHalf == 0.5


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", ["LMT", "PEG BENCH"])
def test_a_completed_order_with_all_its_parts_reaches_the_library(kind: str, version: int) -> None:
    contract, order, state = Ear(version).hear("completedOrder", {**FULL, "orderType": kind})
    assert (order.permId, order.filledQuantity, order.orderRef) == (17, 100.0, "rg-1")
    assert (state.status, state.completedStatus) == ("Submitted", "Filled Size: 100")
    assert (len(order.conditions), contract.deltaNeutralContract.conId) == (2, 8)
    if version >= 170:
        assert order.midOffsetAtHalf == 0.5


@pytest.mark.parametrize("version", VERSIONS)
def test_contract_details_reach_the_library_whole(version: int) -> None:
    record: Record = {
        "reqId": 4,
        "symbol": "ES",
        "secType": "FUT",
        "conId": 7,
        "minTick": Decimal("0.25"),
        "priceMagnifier": 1,
        "timeZoneId": "US/Central",
        "secIdList": [{"tag": "ISIN", "value": "x"}],
        "marketRuleIds": "67",
        "realExpirationDate": "20250321",
        "minSize": Decimal(1),
    }
    number, details = Ear(version).hear("contractDetails", record)
    assert (number, details.contract.conId, details.minTick) == (4, 7, 0.25)
    assert (details.timeZoneId, details.marketRuleIds) == ("US/Central", "67")
    assert details.realExpirationDate == "20250321"
    if version >= 164:
        assert details.minSize == 1.0


MESSAGES: dict[str, Record] = {
    "orderStatus": {"orderId": 5, "status": "Filled", "filled": Decimal(1)},
    "error": {"reqId": -1, "code": 2104, "text": "ok"},
    "commissionReport": {"execId": "a.b.c.01", "commission": Decimal(1), "realizedPNL": UNSET_REAL},
    "accountValue": {"key": "NetLiquidation", "value": "1", "currency": "USD", "account": "DU1"},
    "portfolio": {"symbol": "AAPL", "position": Decimal(1), "account": "DU1"},
    "position": {"symbol": "AAPL", "position": Decimal(1), "account": "DU1"},
    "positionMulti": {"reqId": 1, "symbol": "AAPL", "account": "DU1"},
    "accountUpdateMulti": {"reqId": 1, "key": "NetLiquidation", "value": "1"},
    "accountSummary": {"reqId": 1, "tag": "NetLiquidation", "value": "1"},
    "pnl": {"reqId": 1},
    "pnlSingle": {"reqId": 1, "position": Decimal(3)},
    "tickPrice": {"reqId": 1, "tickType": 1, "price": Decimal("1.5"), "size": Decimal(100)},
    "tickSize": {"reqId": 1, "tickType": 0, "size": Decimal(100)},
    "tickGeneric": {"reqId": 1, "tickType": 49, "value": Decimal(1)},
    "tickReqParams": {"reqId": 1, "minTick": Decimal("0.01"), "snapshotPermissions": 3},
    "symbolSamples": {
        "reqId": 1,
        "samples": [{"conId": 5, "derivativeSecTypes": [{"secType": "OPT"}]}],
    },
    "securityDefinitionOptionParameter": {
        "reqId": 1,
        "underlyingConId": 5,
        "expirations": [{"expiration": "20250117"}],
        "strikes": [{"strike": Decimal("187.5")}],
    },
    "marketRule": {
        "marketRuleId": 26,
        "increments": [{"lowEdge": Decimal(0), "increment": Decimal("0.01")}],
    },
    "orderBound": {"permId": 1, "clientId": 2, "orderId": 3},
    "currentTime": {"time": 1736175600},
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", MESSAGES)
def test_every_other_message_is_taken_by_the_library(name: str, version: int) -> None:
    assert Ear(version).hear(name, MESSAGES[name])


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(VERSIONS),
    st.decimals(0, 10**6, places=4, allow_nan=False),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
)
def test_numbers_and_references_survive_the_library(
    version: int, price: Decimal, reference: str
) -> None:
    pen = Pen(version)
    order = ib.LimitOrder("BUY", 1, float(price), orderRef=reference)
    pen.client.placeOrder(1, ib.Stock("AAPL", "SMART", "USD"), order)
    assert pen.read().number("lmtPrice") == Decimal(str(float(price)))
    assert pen.read().text("orderRef") == reference
    _, _, seen, _ = Ear(version).hear("openOrder", pen_record(pen))
    assert (seen.lmtPrice, seen.orderRef) == (float(price), reference)


def pen_record(pen: Pen) -> Record:
    return {**pen.read().fields, "conditions": []}
