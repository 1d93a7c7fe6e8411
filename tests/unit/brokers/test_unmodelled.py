"""Every field of the library's orders is modelled, harmless, or refused by name."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import pytest

from riskgate.brokers.ib import unmodelled, wording
from riskgate.brokers.ib.client import load
from riskgate.brokers.ib.terms_in import order_from
from riskgate.errors import OrderError
from riskgate.model.fields import stated
from riskgate.model.instrument import Instrument

LIBRARY: Any = load()
AAPL = Instrument(key="AAPL", symbol="AAPL", con_id=265598)
MODELLED = {
    *("action", "totalQuantity", "orderType", "tif", "ocaType", "conditions"),
    *("algoStrategy", "algoParams"),
    *("adjustedOrderType", "adjustedTrailingAmount", "adjustableTrailingUnit"),
    *wording.PRICES.values(),
    *wording.ADJUSTED_PRICES.values(),
    *(fact.theirs for fact in (*wording.FACTS, *wording.ORDER_FACTS)),
}
FIELDS = [field.name for field in fields(LIBRARY.Order)]
TIER = "softDollarTier"


def default_of(name: str) -> Any:  # noqa: ANN401  # of the field's type
    return getattr(LIBRARY.Order(), name)


def said(name: str) -> Any:  # noqa: ANN401  # of the field's type
    """A value that says something."""
    if name == TIER:
        return LIBRARY.SoftDollarTier("tier", "1", "a tier")
    before = default_of(name)
    if isinstance(before, bool):
        return not before
    return {str: "x", int: 3, float: 3.5, list: [LIBRARY.TagValue("a", "b")]}[type(before)]


def refusal(order: Any) -> str:  # noqa: ANN401  # the library's order
    """Why an order is refused, or nothing."""
    try:
        order_from(AAPL, order)
    except OrderError as error:
        return str(error)
    return ""


def placed(**more: object) -> Any:  # noqa: ANN401  # the library's order
    usual = {"action": "BUY", "totalQuantity": 100.0, "orderType": "LMT", "lmtPrice": 190.0}
    return LIBRARY.Order(**{**usual, "tif": "DAY", **more})


PLAIN = stated(order_from(AAPL, placed()))
# Fields that mean something beside another only.
ONLY_WITH_ANOTHER: dict[str, dict[str, object]] = {
    "ocaType": {"ocaGroup": "g"},
    "adjustableTrailingUnit": {
        "adjustedOrderType": "TRAIL",
        "triggerPrice": 5.0,
        "adjustedTrailingAmount": 1.0,
    },
}


def test_there_is_no_field_that_nobody_has_looked_at() -> None:
    looked_at = [*MODELLED, *unmodelled.HARMLESS, *unmodelled.REFUSED]
    assert sorted(looked_at) == sorted(FIELDS)


def test_each_field_that_is_not_modelled_has_a_reason() -> None:
    assert all([*unmodelled.HARMLESS.values(), *unmodelled.REFUSED.values()])
    assert {*unmodelled.USUAL, *unmodelled.FILLED_IN} <= {*unmodelled.REFUSED}


@pytest.mark.parametrize("name", unmodelled.REFUSED)
def test_a_field_that_would_be_lost_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(OrderError) as caught:
        order_from(AAPL, placed(**{name: said(name)}))
    ((code, text),) = caught.value.reasons
    assert code == "BAD_ORDER"
    assert text.startswith(f"{name} `")
    assert text.endswith(unmodelled.REFUSED[name])


@pytest.mark.parametrize("name", unmodelled.REFUSED)
def test_a_field_that_says_nothing_is_none(name: str) -> None:
    for nothing in (default_of(name), *unmodelled.USUAL.get(name, ())):
        order = order_from(AAPL, placed(**{name: nothing}))
        assert stated(order) == stated(order_from(AAPL, placed()))


@pytest.mark.parametrize("name", unmodelled.HARMLESS)
def test_a_harmless_field_changes_nothing(name: str) -> None:
    order = order_from(AAPL, placed(**{name: said(name)}))
    assert stated(order) == stated(order_from(AAPL, placed()))


@pytest.mark.parametrize("name", sorted(MODELLED))
def test_a_modelled_field_is_read_or_refused_by_its_name(name: str) -> None:
    """Of a limit order for stocks; the samples read each where it belongs."""
    order = placed(**{name: said(name)})
    if name in ONLY_WITH_ANOTHER:
        order = placed(**{name: said(name)}, **ONLY_WITH_ANOTHER[name])
    assert f"{name} `" in refusal(order) or stated(order_from(AAPL, order)) != PLAIN


@pytest.mark.parametrize("name", sorted(unmodelled.FILLED_IN))
def test_what_ib_fills_in_is_no_reason_to_refuse_what_it_repeats(name: str) -> None:
    repeated = placed(permId=7, **{name: said(name)})
    assert stated(order_from(AAPL, repeated)) == stated(order_from(AAPL, placed()))


def test_what_only_a_repeated_order_may_have_is_refused_for_its_infinity() -> None:
    with pytest.raises(OrderError, match="percentOffset `inf`"):
        order_from(AAPL, placed(permId=7, percentOffset=math.inf))
