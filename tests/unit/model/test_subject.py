"""What selectors and budgets see of an order."""

from __future__ import annotations

from datetime import date

from riskgate.model.instrument import Instrument
from riskgate.model.order import Order
from riskgate.model.subject import (
    SELECTOR_KEYS,
    Subject,
    holding_subject,
    subject_of,
    telling_apart,
)

JUNE = Instrument(
    key="ES.FUT expiry=2026-06-19",
    symbol="ES",
    sec_type="FUT",
    exchange="CME",
    expiry=date(2026, 6, 19),
    underlying="SPX",
)
LINE = "BUY 2 ES.FUT MKT DAY strategy=s account=DU1 tag=t"


def test_a_subject_has_the_names_of_the_order_and_of_its_instrument() -> None:
    subject = subject_of(Order.parse(LINE), JUNE)
    named = [getattr(subject, key) for key in SELECTOR_KEYS]
    assert named == ["DU1", "s", "ES", "FUT", "CME", "USD", "BUY", "MKT", "DAY", "SPX", "t"]


def test_an_order_that_names_a_venue_has_that_one() -> None:
    assert subject_of(Order.parse(LINE.replace("ES.FUT", "ES.FUT@GLOBEX")), JUNE).exchange == (
        "GLOBEX"
    )
    assert subject_of(Order.parse("BUY 1 A MKT"), Instrument(key="A", symbol="A")) == Subject(
        *("", "", "A", "STK", "SMART", "USD", "BUY", "MKT", "DAY", "A", "", "A")
    )


def test_in_a_budget_a_symbol_is_the_instrument_and_an_underlying_is_not() -> None:
    subject = holding_subject("DU1", JUNE, "s")
    assert telling_apart(("account", "symbol"))(subject) == ("DU1", "ES.FUT expiry=2026-06-19")
    assert telling_apart(("underlying", "strategy", "side"))(subject) == ("SPX", "s", "")


def test_without_names_all_are_one_budget() -> None:
    tell = telling_apart(())
    assert tell(Subject()) == tell(holding_subject("DU1", JUNE))
