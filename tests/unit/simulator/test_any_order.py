"""Orders with any fields at all: taken or refused, never a broken simulator, never too much."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskgate.simulator import Options, VirtualClock, quote
from riskgate.simulator.algos import ALGOS
from riskgate.simulator.book import HONEST
from riskgate.simulator.checks import TIMES_IN_FORCE
from riskgate.simulator.server import Simulator
from riskgate.simulator.styles import STYLES
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import INFINITE, Record
from tests.unit.simulator.conftest import AAPL, NOW

if TYPE_CHECKING:
    from riskgate.simulator.wire.kinds import Value

NUMBERS = st.sampled_from(
    [
        None,
        Decimal(0),
        Decimal("0.01"),
        Decimal(1),
        Decimal(50),
        Decimal("189.5"),
        Decimal(191),
        Decimal(-5),
        Decimal("0.005"),
        Decimal("1e20"),
        INFINITE,
    ]
)
WHOLES = st.sampled_from([None, 0, 1, 2, 3, 7, 60, -1, 8314, 2**31 - 2])
TIMES = st.sampled_from(
    [
        "",
        "soon",
        "20250106-17:00:30",
        "20250106 18:00:00 US/Eastern",
        "99991231 23:59:59",
        "00010101",
    ]
)
REAL_FIELDS = [
    "lmtPrice",
    "auxPrice",
    "cashQty",
    "discretionaryAmt",
    "percentOffset",
    "trailStopPrice",
    "trailingPercent",
    "lmtPriceOffset",
    "startingPrice",
    "stockRefPrice",
    "delta",
    "volatility",
    "scalePriceIncrement",
    "triggerPrice",
    "adjustedStopPrice",
    "adjustedStopLimitPrice",
    "adjustedTrailingAmount",
    "peggedChangeAmount",
    "referenceChangeAmount",
    "competeAgainstBestOffset",
    "midOffsetAtWhole",
]
WHOLE_FIELDS = [
    "displaySize",
    "minQty",
    "ocaType",
    "triggerMethod",
    "parentId",
    "duration",
    "scaleInitLevelSize",
    "scaleSubsLevelSize",
    "adjustableTrailingUnit",
    "referenceContractId",
    "volatilityType",
]
FLAG_FIELDS = [
    "allOrNone",
    "hidden",
    "outsideRth",
    "blockOrder",
    "conditionsCancelOrder",
    "conditionsIgnoreRth",
    "isPeggedChangeAmountDecrease",
    "autoCancelParent",
]
CONDITION: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "condType": st.sampled_from([1, 3, 4, 5, 6, 7]),
        "conjunction": st.sampled_from(["a", "o", ""]),
        "isMore": st.booleans(),
        "conId": st.sampled_from([AAPL.con_id, 8314]),
        "price": NUMBERS,
        "percent": WHOLES,
        "volume": WHOLES,
        "changePercent": NUMBERS,
        "symbol": st.just("AAPL"),
        "secType": st.just("STK"),
    }
)
PARAMS: st.SearchStrategy[Any] = st.lists(
    st.fixed_dictionaries(
        {
            "tag": st.sampled_from(sorted(set().union(*(one.known for one in ALGOS.values())))),
            "value": st.sampled_from(
                ["", "0.1", "5", "1e-9", "1e300", "NaN", "Normal", "99:99", "17:05:00 UTC"]
            ),
        }
    ),
    max_size=3,
)


def some(names: list[str], values: st.SearchStrategy[Value]) -> st.SearchStrategy[Record]:
    """A few of these fields."""
    return st.dictionaries(st.sampled_from(names), values, max_size=3)


@st.composite
def requests(draw: st.DrawFn) -> Record:
    record: Record = {
        "symbol": "AAPL",
        "secType": "STK",
        "exchange": "SMART",
        "currency": "USD",
        "transmit": True,
        "action": draw(st.sampled_from(["BUY", "SELL"])),
        "orderType": draw(st.sampled_from(sorted(STYLES))),
        "tif": draw(st.sampled_from(sorted(TIMES_IN_FORCE))),
        "totalQuantity": draw(st.sampled_from([Decimal(0), Decimal(7), Decimal(100)])),
        "lmtPrice": Decimal(190),
        "auxPrice": Decimal(190),
        "goodAfterTime": draw(TIMES) if draw(st.booleans()) else "",
        "goodTillDate": draw(TIMES),
        "ocaGroup": draw(st.sampled_from(["", "", "g"])),
        "hedgeType": draw(st.sampled_from(["", "", "", "D", "F"])),
        "hedgeParam": draw(st.sampled_from(["", "1.5", "\u00b2"])),
        "adjustedOrderType": draw(st.sampled_from(["", "", "STP", "TRAIL"])),
        "conditions": list(draw(st.lists(CONDITION, max_size=2))),
    }
    record |= draw(some(REAL_FIELDS, NUMBERS)) | draw(some(WHOLE_FIELDS, WHOLES))
    record |= draw(some(FLAG_FIELDS, st.booleans()))
    if draw(st.integers(0, 3)) == 0:
        record |= {
            "algoStrategy": draw(st.sampled_from(sorted(ALGOS))),
            "algoParams": list(draw(PARAMS)),
        }
    return record


def settle(simulator: Simulator) -> None:
    """Do all that is due; more than so much of it would be a loop."""
    for _ in range(20_000):
        if not simulator.gateway.step():
            return
    raise AssertionError("the simulator is never done")


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(requests(), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_any_order_is_taken_or_refused_and_the_sums_agree(
    asked: list[Record],
    sessions: bool,  # noqa: FBT001  # hypothesis gives it
    queueing: bool,  # noqa: FBT001
) -> None:
    clock = VirtualClock(NOW)
    simulator = Simulator(Options(auto=False, sessions=sessions, queueing=queueing), clock)
    exchange = simulator.gateway.exchange
    for number, record in enumerate(asked, 1):
        exchange.place(1, Message("placeOrder", {**record, "orderId": number}), HONEST)
    settle(simulator)
    for last in ("189", "191.5", "190"):
        exchange.set_quote(AAPL.con_id, quote(last, Decimal(last) + 1, last, "189"))
        settle(simulator)
        clock.advance(timedelta(minutes=20))
        settle(simulator)
    exchange.close_day()
    exchange.open_day()
    exchange.cancel_all()
    settle(simulator)
    assert list(exchange.book.open()) == []
    shares = sum(
        one.shares if one.action == "BUY" else -one.shares for one in exchange.book.executions
    )
    held = exchange.world.accounts["DU1234567"].positions.get(AAPL.con_id)
    assert (held.quantity if held else 0) == shares
    for order in exchange.book.done():
        assert 0 <= order.filled <= order.terms.quantity
