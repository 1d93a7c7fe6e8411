from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from riskgate.brokers.ib import translate
from riskgate.brokers.ib.terms_out import venue_of
from riskgate.brokers.ib.translate import STATUSES, foreign_of
from riskgate.errors import OrderError
from riskgate.model.fields import stated
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order, OrderType, Side, Tif
from tests.unit.brokers.order_samples import LIBRARY, SAMPLES

AAPL = Instrument(key="AAPL", symbol="AAPL", con_id=265598)


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


def working(kind: str = "LMT", /, **said: Any) -> Any:  # noqa: ANN401  # the library's order
    usual = {"action": "BUY", "totalQuantity": 5.0, "tif": "DAY", "permId": 9, "account": "DU1"}
    return LIBRARY.Order(**{"orderType": kind, **usual, **said})


@pytest.mark.parametrize(
    ("said", "tag", "kind"),
    [
        ({"orderType": "VOL", "volatility": 0.2}, "ib:VOL", OrderType.MKT),
        ({"action": "SSHORT", "lmtPrice": 190.0}, "ib:action", OrderType.LMT),
        ({"hedgeType": "D", "tif": "GTX", "lmtPrice": 190.0}, "ib:hedgeType tif", OrderType.LMT),
        (
            {"orderType": "REL", "auxPrice": 0.01, "percentOffset": 0.1},
            "ib:percentOffset",
            OrderType.REL,
        ),
    ],
)
def test_a_foreign_order_that_says_what_we_do_not_have_is_kept_and_tagged(
    said: dict[str, Any], tag: str, kind: OrderType
) -> None:
    foreign = foreign_of(working(**said), AAPL, Status.SUBMITTED, Decimal(5))
    assert (foreign.order.tag, foreign.order.order_type) == (tag, kind)
    assert foreign.order.side is (Side.SELL if "action" in said else Side.BUY)
    assert (foreign.order.quantity, foreign.remaining) == (Decimal(5), Decimal(5))
    assert foreign.order.tif is Tif.DAY


def test_a_foreign_order_keeps_its_prices_though_something_else_is_not_modelled() -> None:
    order = working("TRAIL LIMIT", auxPrice=1.0, lmtPriceOffset=0.5, hedgeType="D")
    terms = foreign_of(order, AAPL, Status.SUBMITTED, Decimal(5)).order
    assert (terms.trail_amount, terms.limit_offset) == (Decimal(1), Decimal("0.5"))


@pytest.mark.parametrize("line", [line for line in SAMPLES if "algo=" not in line])
def test_a_foreign_order_keeps_all_that_it_says(line: str) -> None:
    order = LIBRARY.Order(**{**SAMPLES[line], "permId": 9})
    venue = venue_of(Order.parse(line)) or ""
    foreign = foreign_of(order, AAPL, Status.SUBMITTED, Decimal(5), venue)
    named = msgspec.structs.replace(
        Order.parse(line), sec_type="STK", currency="USD", account="DU1"
    )
    assert stated(foreign.order) == stated(named)


def test_a_foreign_order_keeps_its_terms() -> None:
    option = Instrument(key="k", symbol="AAPL", sec_type="OPT", expiry=date(2025, 1, 17), right="C")
    order = LIBRARY.Order(action="BUY", totalQuantity=5.0, orderType="LMT", lmtPrice=1.5, tif="GTC")
    foreign = foreign_of(order, option, Status.SUBMITTED, Decimal(3))
    assert str(foreign.order).startswith("BUY 5 AAPL.OPT LMT 1.5 GTC")
    assert (foreign.order.expiry, foreign.remaining) == (date(2025, 1, 17), Decimal(3))
