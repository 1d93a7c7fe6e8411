"""Order sanity and states: always on, and every failure is reported at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.order import Fault, Order
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Replaced, Snapshot
from riskgate.model.trading import TradingState
from riskgate.policy import sanity

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
TODAY = NOON.date()
AAPL = Instrument(key="AAPL", symbol="AAPL", lot=Decimal(5))
OIL = Instrument(key="CL", symbol="CL", sec_type="FUT", negative_prices=True)
QUOTE = Quote(bid=Decimal("189.99"), ask=Decimal("190.01"), last=Decimal(190), at=NOON)
CALM = Snapshot(as_of=NOON, instrument=AAPL, accounts=("DU1",), quote=QUOTE)


def codes(line: str, order: dict[str, Any] | None = None, **changes: Any) -> list[str]:  # noqa: ANN401
    """The codes of an order whose `order` fields and whose world have been changed."""
    asked = Order.parse(f"{line} account=DU1")
    asked = msgspec.structs.replace(asked, **(order or {}))
    seen = msgspec.structs.replace(CALM, **changes)
    return [finding.code for finding in sanity.faults(asked, seen)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("BUY 100 AAPL LMT 190.01", []),
        ("BUY 100 AAPL MKT", []),
        ("BUY 101 AAPL MKT", ["BAD_QUANTITY"]),
        ("BUY 2.5 AAPL MKT", ["BAD_QUANTITY"]),
        ("BUY 100 AAPL LMT 190.001", ["OFF_TICK"]),
        ("BUY 100 AAPL LMT 0", ["BAD_PRICE"]),
        ("BUY 100 AAPL LMT -1", ["BAD_PRICE"]),
        ("BUY 101 AAPL STP_LMT 195.005 -1", ["BAD_QUANTITY", "BAD_PRICE", "OFF_TICK"]),
        ("SELL 100 AAPL TRAIL 0.005", ["OFF_TICK"]),
        ("SELL 100 AAPL TRAIL 0.123%", []),
        ("SELL 100 AAPL TRAIL_LMT 1 0.015", ["OFF_TICK"]),
        ("BUY 100 AAPL LMT 190 GTD 2026-03-02T17:00:00+00:00", ["BAD_TIF"]),
        ("BUY 100 AAPL LMT 190 GTD 2026-03-02T17:00:01+00:00", []),
        ("BUY 100 AAPL MIT 189.995", ["OFF_TICK"]),
        ("BUY 100 AAPL LIT -1 189", ["BAD_PRICE"]),
        ("BUY 100 AAPL REL 0.005", ["OFF_TICK"]),
        ("BUY 100 AAPL PEG_MID 0.005", []),  # half a tick is the middle of a narrow market
        ("BUY 100 AAPL LMT 190 discretionary_amount=0.005", ["OFF_TICK"]),
        ("BUY 100 AAPL LMT 190 display_size=7", ["BAD_QUANTITY"]),
        ("BUY 100 AAPL LMT 190 display_size=10", []),
        ("BUY 100 AAPL LMT 190 min_quantity=7", ["BAD_QUANTITY"]),
        ("BUY 100 AAPL TRAIL 1 trail_stop_price=195.005", ["OFF_TICK"]),
        ("BUY 100 AAPL TRAIL 1 trail_stop_price=189", ["STOP_THROUGH_MARKET"]),
        ("BUY 100 AAPL TRAIL 1 trail_stop_price=189 trigger_now=true", []),
        ('SELL 100 AAPL STP 180 adjusts="at 195 to STP 193"', []),
        ('SELL 100 AAPL STP 180 adjusts="at 195.005 to TRAIL 0.005"', ["OFF_TICK", "OFF_TICK"]),
    ],
)
def test_an_order_fits_its_instrument(line: str, expected: list[str]) -> None:
    assert codes(line) == expected


def test_off_the_tick_says_which_prices_are_near() -> None:
    order = Order.parse("BUY 100 AAPL LMT 190.005 account=DU1")
    (finding,) = sanity.faults(order, CALM)
    assert "near it are 190 and 190.01" in finding.text
    order = Order.parse("BUY 5 CL LMT -37.635 account=DU1")
    (finding,) = sanity.faults(order, msgspec.structs.replace(CALM, instrument=OIL))
    assert "near it are -37.63 and -37.64" in finding.text


@pytest.mark.parametrize("price", ["-37.63", "0", "0.01"])
def test_any_sign_is_a_price_where_the_instrument_allows_it(price: str) -> None:
    assert codes(f"BUY 5 CL LMT {price}", instrument=OIL) == []


def test_terms_and_instrument_are_judged_together() -> None:
    bad = {"quantity": Decimal(-101), "limit_price": Decimal("190.005"), "account": "DU9"}
    assert codes("BUY 5 AAPL LMT 190", bad) == ["BAD_QUANTITY", "UNKNOWN_ACCOUNT", "OFF_TICK"]
    nobody = {"quantity": Decimal("NaN"), "limit_price": Decimal("Infinity")}
    assert codes("BUY 5 AAPL LMT 190", nobody, instrument=None) == [
        *("BAD_QUANTITY", "BAD_PRICE", "UNKNOWN_INSTRUMENT")
    ]
    naive = {"good_till": datetime(2026, 1, 1)}  # noqa: DTZ001  # that is the fault
    line = "BUY 5 AAPL LMT 190 GTD 2027-01-01T00:00:00+00:00"
    assert codes(line, naive) == ["BAD_TIF"]


def test_values_of_a_wrong_type_are_judged_no_further() -> None:
    wrong = {"quantity": 5.5, "limit_price": Decimal("190.005")}
    assert codes("BUY 5 AAPL LMT 190", wrong) == ["BAD_QUANTITY"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"expiry": TODAY}, []),
        ({"expiry": TODAY - timedelta(days=1)}, ["EXPIRED_INSTRUMENT"]),
        ({"listed": TODAY}, []),
        ({"listed": TODAY + timedelta(days=1)}, ["EXPIRED_INSTRUMENT"]),
        ({"halted": True}, ["NOT_TRADABLE"]),
        ({"tradable": False}, ["NOT_TRADABLE"]),
        ({"lot": Decimal(0)}, ["BAD_QUANTITY"]),
        ({"min_tick": Decimal(0)}, []),
    ],
)
def test_an_instrument_must_be_listed_alive_and_tradable(
    changes: dict[str, Any], expected: list[str]
) -> None:
    instrument = msgspec.structs.replace(AAPL, **changes)
    assert codes("BUY 100 AAPL LMT 190", instrument=instrument) == expected


def test_a_contract_expires_with_the_last_trade_date_in_utc() -> None:
    june = Instrument(key="E", symbol="ES", sec_type="FUT", expiry=date(2026, 6, 19))
    last = datetime(2026, 6, 19, 23, 59, 59, tzinfo=UTC)
    assert codes("BUY 1 ES MKT", instrument=june, as_of=last) == []
    gone = codes("BUY 1 ES MKT", instrument=june, as_of=last + timedelta(seconds=1))
    assert gone == ["EXPIRED_INSTRUMENT"]


@pytest.mark.parametrize(
    ("account", "known", "expected"),
    [
        ("DU1", (), "NO_ACCOUNT"),
        (None, ("DU1", "DU2"), "NO_ACCOUNT"),
        ("DU9", ("DU1", "DU2"), "UNKNOWN_ACCOUNT"),
    ],
)
def test_the_account_is_known_and_named(
    account: str | None, known: tuple[str, ...], expected: str
) -> None:
    assert codes("BUY 5 AAPL MKT", {"account": account}, accounts=known) == [expected]


@pytest.mark.parametrize(
    ("line", "quote", "expected"),
    [
        ("BUY 5 AAPL STP 190.01", QUOTE, []),
        ("BUY 5 AAPL STP 190", QUOTE, ["STOP_THROUGH_MARKET"]),
        ("BUY 5 AAPL STP 180 DAY trigger_now=true", QUOTE, []),
        ("SELL 5 AAPL STP 189.99", QUOTE, []),
        ("SELL 5 AAPL STP 190", QUOTE, ["STOP_THROUGH_MARKET"]),
        ("BUY 5 AAPL STP_LMT 189 188", QUOTE, ["STOP_THROUGH_MARKET"]),
        ("BUY 5 AAPL STP 195", Quote(ask=Decimal(195), at=NOON), ["STOP_THROUGH_MARKET"]),
        ("BUY 5 AAPL STP 195.01", Quote(ask=Decimal(195), at=NOON), []),
        ("SELL 5 AAPL STP 185", Quote(bid=Decimal(185), at=NOON), ["STOP_THROUGH_MARKET"]),
        ("SELL 5 AAPL STP 185", Quote(ask=Decimal(195), at=NOON), ["NO_PRICE"]),
        ("SELL 5 AAPL STP 185", None, ["NO_PRICE"]),
        ("SELL 5 AAPL STP 185", Quote(last=Decimal(1)), ["STALE_PRICE"]),
    ],
)
def test_a_stop_already_through_the_market_is_denied_unless_it_may_trigger(
    line: str, quote: Quote | None, expected: list[str]
) -> None:
    assert codes(line, quote=quote) == expected


def test_a_stop_that_reduces_passes_with_a_note() -> None:
    held = Holding(Decimal(100))
    line = "SELL 100 AAPL STP 195"
    assert codes(line, holding=held) == []
    order = Order.parse(line)
    assert len(sanity.notes(order, msgspec.structs.replace(CALM, holding=held))) == 1
    assert codes("SELL 105 AAPL STP 195", holding=held) == ["STOP_THROUGH_MARKET"]
    old = Replaced(Order.parse("SELL 10 AAPL STP 195"))
    assert codes("SELL 5 AAPL STP 195", replaced=old) == []


def test_what_the_broker_cannot_carry_is_reported_beside_the_rest() -> None:
    fault = Fault("BAD_ORDER", "no such algo")
    assert codes("BUY 1 AAPL MKT", unsupported=(fault,)) == ["BAD_ORDER", "BAD_QUANTITY"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"connected": False}, ["NOT_CONNECTED"]),
        ({"mode_fault": "paper and live disagree"}, ["MODE_MISMATCH"]),
        ({"reconciled": False}, ["NOT_RECONCILED"]),
        ({"journal_writable": False}, ["JOURNAL_UNAVAILABLE"]),
        ({"parent_left": Decimal(-1)}, ["PARENT_OVERFILL"]),
        ({"parent_left": Decimal(0)}, []),
        ({"state": TradingState.REDUCE_ONLY}, ["REDUCE_ONLY"]),
        ({"state": TradingState.HALTED}, ["HALTED"]),
        ({"state": TradingState.KILLED, "connected": False}, ["NOT_CONNECTED", "KILLED"]),
    ],
)
def test_a_state_in_which_nothing_may_leave_is_named(
    changes: dict[str, Any], expected: list[str]
) -> None:
    seen = msgspec.structs.replace(CALM, **changes)
    assert [f.code for f in sanity.refusals(seen, reduction=False)] == expected


def test_reduce_only_lets_reductions_pass_and_a_halt_does_not() -> None:
    for state, expected in ((TradingState.REDUCE_ONLY, []), (TradingState.HALTED, ["HALTED"])):
        seen = msgspec.structs.replace(CALM, state=state)
        assert [f.code for f in sanity.refusals(seen, reduction=True)] == expected


NUMBERS = st.one_of(
    st.none(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from([Decimal("1E+300"), Decimal("-1E-300"), Decimal(190), True, "5", 5.5]),
)
FIELDS = ("limit_price", "stop_price", "trail_amount", "trail_percent", "limit_offset", "strike")


@pytest.mark.slow
@settings(max_examples=400, derandomize=True, deadline=None)
@given(
    order=st.fixed_dictionaries(
        {"quantity": NUMBERS.filter(lambda n: n is not None)},
        optional=dict.fromkeys((*FIELDS, "intent", "multiplier"), NUMBERS),
    ),
    line=st.sampled_from(["BUY 5 AAPL MKT", "SELL 5 AAPL STP_LMT 180 179", "BUY 5 AAPL TRAIL 1"]),
)
def test_sanity_never_raises_whatever_an_order_holds(order: dict[str, Any], line: str) -> None:
    found = codes(line, order)
    sound = type(order["quantity"]) is Decimal and order["quantity"].is_finite()
    assert found or (sound and order["quantity"] % 5 == 0)
