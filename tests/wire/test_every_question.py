"""Every request the client library can wait for ends: with an answer, or with an error of its own.

Rule 1: the methods are found by looking at the library; one that is new to this test fails it.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.simulator import Group, Options, Running, running
from tests.wire.conftest import AAPL, Connect, Play, client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Library

ib: Library = client_library()
LIMIT = 3.0  # seconds; the library gives some up after four by itself
NO_REQUESTS = frozenset({"connectAsync", "timeRangeAsync"})
ACCOUNT = "F1"
Ask = Callable[[Any], Awaitable[object]]


def stock() -> Any:  # noqa: ANN401  # the library's, which has one of two names
    return ib.Stock("AAPL", "SMART", "USD", conId=265598)


def option() -> Any:  # noqa: ANN401
    return ib.Option("AAPL", strike=190, right="C", exchange="SMART", currency="USD")


QUESTIONS: dict[str, Ask] = {
    "accountSummaryAsync": lambda it: it.accountSummaryAsync(),
    "calculateImpliedVolatilityAsync": lambda it: it.calculateImpliedVolatilityAsync(
        option(), 5.0, 190.0
    ),
    "calculateOptionPriceAsync": lambda it: it.calculateOptionPriceAsync(option(), 0.3, 190.0),
    "getWshEventDataAsync": lambda it: it.getWshEventDataAsync(ib.WshEventData(conId=265598)),
    "getWshMetaDataAsync": lambda it: it.getWshMetaDataAsync(),
    "qualifyContractsAsync": lambda it: it.qualifyContractsAsync(ib.Stock("F", "SMART", "USD")),
    "reqAccountSummaryAsync": lambda it: it.reqAccountSummaryAsync(),
    "reqAccountUpdatesAsync": lambda it: it.reqAccountUpdatesAsync(ACCOUNT),
    "reqAccountUpdatesMultiAsync": lambda it: it.reqAccountUpdatesMultiAsync(ACCOUNT),
    "reqAllOpenOrdersAsync": lambda it: it.reqAllOpenOrdersAsync(),
    "reqCompletedOrdersAsync": lambda it: it.reqCompletedOrdersAsync(False),
    "reqContractDetailsAsync": lambda it: it.reqContractDetailsAsync(stock()),
    "reqCurrentTimeAsync": lambda it: it.reqCurrentTimeAsync(),
    "reqExecutionsAsync": lambda it: it.reqExecutionsAsync(),
    "reqFundamentalDataAsync": lambda it: it.reqFundamentalDataAsync(stock(), "ReportSnapshot"),
    "reqHeadTimeStampAsync": lambda it: it.reqHeadTimeStampAsync(stock(), "TRADES", True, 1),
    "reqHistogramDataAsync": lambda it: it.reqHistogramDataAsync(stock(), True, "3 days"),
    "reqHistoricalDataAsync": lambda it: it.reqHistoricalDataAsync(
        stock(), "", "1 D", "1 hour", "TRADES", True
    ),
    "reqHistoricalNewsAsync": lambda it: it.reqHistoricalNewsAsync(265598, "BRFG", "", "", 10),
    "reqHistoricalScheduleAsync": lambda it: it.reqHistoricalScheduleAsync(stock(), 5),
    "reqHistoricalTicksAsync": lambda it: it.reqHistoricalTicksAsync(
        stock(), "20250106 10:00:00 US/Eastern", "", 100, "TRADES", True
    ),
    "reqMarketRuleAsync": lambda it: it.reqMarketRuleAsync(26),
    "reqMatchingSymbolsAsync": lambda it: it.reqMatchingSymbolsAsync("AA"),
    "reqMktDepthExchangesAsync": lambda it: it.reqMktDepthExchangesAsync(),
    "reqNewsArticleAsync": lambda it: it.reqNewsArticleAsync("BRFG", "BRFG$1"),
    "reqNewsProvidersAsync": lambda it: it.reqNewsProvidersAsync(),
    "reqOpenOrdersAsync": lambda it: it.reqOpenOrdersAsync(),
    "reqPositionsAsync": lambda it: it.reqPositionsAsync(),
    "reqScannerDataAsync": lambda it: it.reqScannerDataAsync(
        ib.ScannerSubscription(instrument="STK", locationCode="STK.US", scanCode="TOP_PERC_GAIN")
    ),
    "reqScannerParametersAsync": lambda it: it.reqScannerParametersAsync(),
    "reqSecDefOptParamsAsync": lambda it: it.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598),
    "reqSmartComponentsAsync": lambda it: it.reqSmartComponentsAsync("9c0001"),
    "reqTickersAsync": lambda it: it.reqTickersAsync(stock()),
    "reqUserInfoAsync": lambda it: it.reqUserInfoAsync(),
    "requestFAAsync": lambda it: it.requestFAAsync(1),
    "whatIfOrderAsync": lambda it: it.whatIfOrderAsync(
        stock(), ib.MarketOrder("BUY", 10, account=ACCOUNT)
    ),
}


def asked_for() -> list[str]:
    """What the library can wait for."""
    return sorted(name for name, _ in inspect.getmembers(ib.IB) if name.endswith("Async"))


@pytest.fixture
def advised() -> Iterator[Running]:
    """A simulator whose login is an adviser's."""
    options = Options(accounts=(ACCOUNT, "U1", "U2"), groups={"all": Group(("U1", "U2"))})
    with running({"AAPL": AAPL}, options=options) as simulator:
        yield simulator


def test_there_is_a_question_for_each_method_of_the_library_that_waits() -> None:
    assert set(asked_for()) == QUESTIONS.keys() | NO_REQUESTS


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_request_is_waited_for_in_vain(
    advised: Running, play: Play, join: Connect, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with join(advised) as desk:
            with caplog.at_level(logging.ERROR):
                await asyncio.wait_for(QUESTIONS[name](desk.ib), LIMIT)

    play(scenario)
    assert [one.message for one in caplog.records if "imeout" in one.message] == []
