"""Routing: the first rule that fits, what an order states itself, and refusals by name."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.route import Place, RouteRule, Routing, When, routed
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order, OrderType

AAPL = Instrument(key="AAPL", symbol="AAPL")
WHERE = Place(AAPL, ("SMART", "ARCA", "IEX", "NASDAQ"), "regular")
LINE = "BUY 100 AAPL LMT 190"


def sent(routing: Routing, line: str = LINE, place: Place = WHERE) -> tuple[str | None, str]:
    """The exchange, and what was said of it or why not."""
    found = routed(routing, Order.parse(line), place)
    return found.order.exchange, found.said or "; ".join(fault.text for fault in found.faults)


def only(*rules: RouteRule) -> Routing:
    return Routing(rules=rules)


def test_without_settings_an_order_goes_where_its_contract_goes() -> None:
    assert sent(Routing()) == (None, "")


def test_the_first_rule_that_fits_decides() -> None:
    routing = only(
        RouteRule(name="others", when=When(symbols=("MSFT",)), venues=("NASDAQ",)),
        RouteRule(when=When(symbols=("AAPL",)), venues=("IEX", "SMART")),
        RouteRule(venues=("ARCA",)),
    )
    assert sent(routing) == ("IEX", "IEX by routing rule 2")
    assert sent(routing, "BUY 1 TSLA MKT", Place()) == ("ARCA", "ARCA by routing rule 3")


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        (When(), True),
        (When(symbols=("AAPL", "MSFT")), True),
        (When(symbols=("MSFT",)), False),
        (When(sec_types=("STK",)), True),
        (When(sec_types=("OPT",)), False),
        (When(order_types=(OrderType.LMT,)), True),
        (When(order_types=(OrderType.MKT,)), False),
        (When(strategies=("alpha",)), False),
        (When(sessions=("regular",)), True),
        (When(sessions=("pre", "post")), False),
        (When(min_quantity=Decimal(100)), True),
        (When(min_quantity=Decimal(101)), False),
        (When(max_quantity=Decimal(100)), True),
        (When(max_quantity=Decimal(99)), False),
        (When(symbols=("AAPL",), max_quantity=Decimal(99)), False),
    ],
)
def test_a_rule_fits_where_everything_it_names_holds(when: When, *, fits: bool) -> None:
    venue, _ = sent(only(RouteRule(when=when, venues=("IEX",))))
    assert venue == ("IEX" if fits else None)


def test_a_session_that_is_not_known_is_none_that_a_rule_names() -> None:
    sessions = When(sessions=("regular", "pre", "post", "closed", "break"))
    assert sent(only(RouteRule(when=sessions, venues=("IEX",))), place=Place(AAPL)) == (None, "")


def test_excluded_venues_and_those_that_do_not_trade_it_are_passed_over() -> None:
    routing = Routing(
        rules=(RouteRule(venues=("BATS", "EDGX", "IEX", "ARCA"), exclude=("IEX",)),),
        exclude=("EDGX",),
    )
    assert sent(routing)[0] == "ARCA"
    assert sent(routing, place=Place(AAPL))[0] == "BATS"


def test_a_rule_without_a_venue_left_refuses_by_name_and_falls_through_to_none() -> None:
    routing = Routing(
        rules=(
            RouteRule(name="dark", venues=("IBKRATS", "EDGX")),
            RouteRule(venues=("SMART",)),
        ),
        exclude=("EDGX",),
    )
    venue, told = sent(routing)
    assert venue is None
    assert told == (
        "rule `dark` leaves no venue for AAPL: `IBKRATS` does not trade it; what does: SMART, ARCA,"
        " IEX, NASDAQ; `EDGX` is excluded"
    )
    assert routed(routing, Order.parse(LINE), WHERE).faults[0].code == "BAD_ORDER"


def test_an_order_that_states_its_exchange_keeps_it_unless_it_is_excluded() -> None:
    routing = Routing(rules=(RouteRule(venues=("IEX",), exclude=("ARCA",)),), exclude=("EDGX",))
    assert sent(routing, "BUY 100 AAPL@NASDAQ MKT") == ("NASDAQ", "")
    refused = "exchange `{}` is excluded by the routing settings"
    assert sent(routing, "BUY 100 AAPL@EDGX MKT") == ("EDGX", refused.format("EDGX"))
    assert sent(routing, "BUY 100 AAPL@ARCA MKT") == ("ARCA", refused.format("ARCA"))


def test_an_exclusion_of_the_contracts_own_exchange_is_no_silent_default() -> None:
    told = "AAPL: its exchange `SMART` is excluded; name another with exchange="
    assert sent(Routing(exclude=("SMART",))) == (None, told)


def test_a_route_names_a_preference_or_a_rule_whatever_the_rule_is_for() -> None:
    routing = Routing(
        rules=(RouteRule(name="big", when=When(min_quantity=Decimal(10**6)), venues=("ARCA",)),),
        preferences={"patient": ("IEX", "SMART")},
    )
    assert sent(routing, f"{LINE} route=patient") == ("IEX", "IEX by route `patient`")
    assert sent(routing, f"{LINE} route=big") == ("ARCA", "ARCA by route `big`")
    assert sent(routing) == (None, "")


def test_an_unknown_route_is_refused_with_what_may_be_meant() -> None:
    routing = Routing(preferences={"patient": ("IEX",)})
    assert sent(routing, f"{LINE} route=pateint")[1] == (
        "unknown route `pateint` (did you mean `patient`?)"
    )
    assert sent(routing, f"{LINE} route=x")[1] == "unknown route `x`; known are patient"
    assert sent(Routing(), f"{LINE} route=x")[1] == "unknown route `x`; known are none"


def test_a_route_and_an_exchange_must_agree() -> None:
    routing = Routing(preferences={"patient": ("IEX", "SMART")})
    assert sent(routing, "BUY 1 AAPL@IEX MKT route=patient") == ("IEX", "")
    told = "exchange `ARCA` is not of route `patient`: IEX, SMART"
    assert sent(routing, "BUY 1 AAPL@ARCA MKT route=patient") == ("ARCA", told)


def test_the_overnight_session_is_one_place_that_can_be_excluded() -> None:
    line = "BUY 100 AAPL LMT 190 OVERNIGHT"
    assert sent(only(RouteRule(venues=("IEX",))), line) == (None, "")
    told = "exchange `OVERNIGHT` is excluded by the routing settings"
    assert sent(Routing(exclude=("OVERNIGHT",)), line) == (None, told)


words = st.sampled_from(("SMART", "ARCA", "IEX", "NASDAQ", "EDGX", "BATS"))
venues = st.lists(words, max_size=4, unique=True).map(tuple)
rules = st.builds(
    RouteRule,
    when=st.builds(
        When,
        symbols=st.sampled_from(((), ("AAPL",), ("MSFT",))),
        sessions=st.sampled_from(((), ("regular",), ("pre",))),
        min_quantity=st.sampled_from((None, Decimal(50), Decimal(500))),
    ),
    venues=venues,
    exclude=venues,
)


@given(st.builds(Routing, rules=st.lists(rules, max_size=3).map(tuple), exclude=venues))
def test_no_order_ever_goes_to_an_excluded_venue_or_to_one_that_does_not_trade_it(
    routing: Routing,
) -> None:
    found = routed(routing, Order.parse(LINE), WHERE)
    goes_to = found.order.exchange or AAPL.exchange
    if not found.faults:
        assert goes_to not in routing.exclude
        assert goes_to in WHERE.venues
    assert routed(routing, Order.parse(LINE), WHERE) == found
    again = routed(routing, found.order, WHERE)
    assert found.faults or again.order == found.order, "routing twice changes nothing"


def test_a_combo_is_routed_by_its_legs() -> None:
    line = 'BUY 1 AAPL.BAG LMT 1 legs="BUY 1 #265598@SMART, SELL 1 #76792991@SMART"'
    routing = Routing(rules=(RouteRule(venues=("ARCA",)),), preferences={"p": ("IEX",)})
    assert sent(routing, line) == (None, "")
    told = "a combo is routed by its legs; leave route= out"
    assert sent(routing, f"{line} route=p") == (None, told)


@pytest.mark.parametrize("quantity", ["NaN", "sNaN", "Infinity"])
def test_what_is_no_quantity_is_of_no_size(quantity: str) -> None:
    sized = RouteRule(when=When(min_quantity=Decimal(1)), venues=("IEX",))
    order = msgspec.structs.replace(Order.parse(LINE), quantity=Decimal(quantity))
    assert routed(only(sized), order, WHERE).order.exchange is None
    assert routed(only(RouteRule(venues=("IEX",))), order, WHERE).order.exchange == "IEX"
