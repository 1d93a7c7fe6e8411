from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from riskgate.brokers.ib import translate
from riskgate.brokers.ib.client import load
from riskgate.brokers.ib.translate import STATUSES, echo_of, faults_of, foreign_of, order_of
from riskgate.errors import OrderError
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order, OrderType, Side, Tif

LIBRARY: Any = load()
AAPL = Instrument(key="AAPL", symbol="AAPL", con_id=265598)


def made(line: str) -> Any:  # noqa: ANN401  # the library's order
    return order_of(LIBRARY, Order.parse(line), "rg-1", "DU1")


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("BUY 100 AAPL MKT DAY", {"action": "BUY", "orderType": "MKT", "tif": "DAY"}),
        ("SELL 5 AAPL LMT 190.05 GTC", {"action": "SELL", "lmtPrice": 190.05, "tif": "GTC"}),
        ("BUY 5 AAPL LMT 190.05 IOC", {"tif": "IOC"}),
        ("BUY 5 AAPL LMT 190.05 FOK", {"tif": "FOK"}),
        ("SELL 5 AAPL STP 180 DAY", {"orderType": "STP", "auxPrice": 180}),
        (
            "SELL 5 AAPL STP_LMT 180 179.5 DAY",
            {"orderType": "STP LMT", "auxPrice": 180, "lmtPrice": 179.5},
        ),
        ("BUY 5 AAPL LMT 190 DAY outside_rth=true", {"outsideRth": True}),
    ],
)
def test_an_order_becomes_the_librarys(line: str, fields: dict[str, object]) -> None:
    order = made(line)
    assert {name: getattr(order, name) for name in fields} == fields


def test_account_reference_and_flags_are_always_stated() -> None:
    order = made("BUY 5 AAPL MKT DAY")
    assert (order.account, order.orderRef, order.transmit) == ("DU1", "rg-1", True)
    assert (order.eTradeOnly, order.firmQuoteOnly, order.outsideRth) == (False, False, False)


@pytest.mark.parametrize(
    ("line", "code", "name"),
    [
        ("BUY 5 AAPL MOC DAY", "BAD_ORDER", "order_type `MOC`"),
        ("BUY 5 AAPL LOC 190 DAY", "BAD_ORDER", "order_type `LOC`"),
        ("BUY 5 AAPL LMT 190 GTD 2030-01-02T10:00:00+00:00", "BAD_TIF", "tif `GTD`"),
        ("BUY 5 AAPL LMT 190 GTD 2030-01-02T10:00:00+00:00", "BAD_TIF", "good_till"),
        ("BUY 5 AAPL LMT 190 DAY algo=vwap", "BAD_ORDER", "algo `vwap`"),
        ("BUY 5 AAPL LMT 190 DAY route=best", "BAD_ORDER", "route `best`"),
        ("BUY 5 X.BOND LMT 190 DAY", "BAD_ORDER", "security type `BOND`"),
        ("BUY 0.12345678901234567891 AAPL MKT DAY", "BAD_QUANTITY", "quantity"),
        ("BUY 5 AAPL LMT 190.0000000000000001 DAY", "BAD_PRICE", "limit_price"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(line: str, code: str, name: str) -> None:
    faults = faults_of(Order.parse(line))
    assert any(fault.code == code and name in fault.text for fault in faults)
    with pytest.raises(OrderError) as caught:
        made(line)
    assert code in caught.value.codes


def test_every_type_and_time_in_force_is_carried_or_refused() -> None:
    for order_type in OrderType:
        for tif in Tif:
            order = Order(
                side=Side.BUY,
                quantity=Decimal(1),
                symbol="A",
                order_type=order_type,
                limit_price=Decimal(1),
                stop_price=Decimal(1),
                tif=tif,
            )
            carried = order_type in translate.TYPES and tif in translate.TIFS
            assert (faults_of(order) == ()) is carried


def test_all_faults_are_told_together() -> None:
    order = Order.parse("BUY 5 AAPL LOC 190.0000000000000001 DAY algo=vwap route=best")
    assert len(faults_of(order)) == 4


@pytest.mark.parametrize("ref", ["rg-\u00e9", "rg-\x00", "a\tb"])
def test_a_text_that_is_not_printable_ascii_does_not_go_out(ref: str) -> None:
    with pytest.raises(OrderError, match="not printable ASCII"):
        order_of(LIBRARY, Order.parse("BUY 5 AAPL MKT DAY"), ref, "DU1")


def test_an_echo_ignores_the_defaults_that_ib_repeats() -> None:
    order = LIBRARY.Order(orderType="MKT", totalQuantity=5.0, lmtPrice=0.0, auxPrice=0.0)
    echo = echo_of(1, order)
    assert (echo.quantity, echo.limit_price, echo.stop_price) == (Decimal(5), None, None)


def test_ibs_statuses_are_ours() -> None:
    assert STATUSES["ApiPending"] is Status.PENDING_SUBMIT
    assert STATUSES["ApiCancelled"] is Status.CANCELLED
    assert STATUSES["PreCancelled"] is Status.PENDING_CANCEL
    assert STATUSES["Inactive"] is Status.INACTIVE
    assert "ValidationError" not in STATUSES


def test_an_execution_becomes_a_report() -> None:
    at = datetime(2025, 1, 6, 15, tzinfo=UTC)
    execution = LIBRARY.Execution(
        execId="0001.01.01", time=at, acctNumber="DU1", side="SLD", shares=10.0, price=190.05
    )
    report = translate.execution_of(7, execution, AAPL)
    assert (report.side, report.quantity, report.price) == (
        Side.SELL,
        Decimal(10),
        Decimal("190.05"),
    )
    assert (report.stem, report.at, report.order_id) == ("0001.01", at, 7)


def test_an_execution_that_cannot_be_read_is_not_guessed() -> None:
    execution = LIBRARY.Execution(execId="1.1", side="?", shares=10.0, price=1.0)
    with pytest.raises(OrderError, match="cannot be read"):
        translate.execution_of(7, execution, AAPL)


def test_an_unset_commission_is_not_known_and_a_rebate_is_a_number() -> None:
    unset = LIBRARY.CommissionReport(execId="1.1", commission=1.7976931348623157e308)
    rebate = LIBRARY.CommissionReport(execId="1.1", commission=-0.25, currency="USD")
    assert translate.commission_of(unset) is None
    report = translate.commission_of(rebate)
    assert report is not None
    assert report.amount == Decimal("-0.25")


def test_a_foreign_order_of_a_type_we_do_not_have_is_tagged() -> None:
    order = LIBRARY.Order(
        action="SSHORT", totalQuantity=5.0, orderType="REL", tif="OPG", permId=9, account="DU1"
    )
    foreign = foreign_of(order, AAPL, Status.SUBMITTED, Decimal(5))
    assert (foreign.order.side, foreign.order.tag) == (Side.SELL, "ib:REL")
    assert foreign.order.order_type is OrderType.MKT


def test_a_foreign_order_keeps_its_terms() -> None:
    option = Instrument(key="k", symbol="AAPL", sec_type="OPT", expiry=date(2025, 1, 17), right="C")
    order = LIBRARY.Order(action="BUY", totalQuantity=5.0, orderType="LMT", lmtPrice=1.5, tif="GTC")
    foreign = foreign_of(order, option, Status.SUBMITTED, Decimal(3))
    assert str(foreign.order).startswith("BUY 5 AAPL.OPT LMT 1.5 GTC")
    assert (foreign.order.expiry, foreign.remaining) == (date(2025, 1, 17), Decimal(3))
