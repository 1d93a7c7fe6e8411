"""Orders that the gate routes: judged at the venue they go to, recorded, and told."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.execution.route import RouteRule, Routing, When
from riskgate.line.grouping import Exits
from riskgate.model.events import Decided
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.order import Order
from riskgate.record.chronicle import chronicle
from riskgate.reporters import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Stage

LIMITS = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: where, kind: permitted, exchanges: [SMART, IEX, ARCA], because: test}
  - {id: clip, kind: fat_finger, max_quantity: 50, on_breach: hold, because: test}
"""
ROUTING = Routing(
    rules=(
        RouteRule(name="early", when=When(sessions=("pre",)), venues=("ARCA",)),
        RouteRule(when=When(symbols=("AAPL",)), venues=("IEX", "SMART")),
        RouteRule(when=When(symbols=("MSFT",)), venues=("BATS",)),
    ),
    exclude=("EDGX",),
)


@pytest.fixture
def stage(staged: Callable[[str], Stage]) -> Stage:
    stage = staged(LIMITS)
    stage.gate.world.routing = ROUTING
    return stage


def test_the_venue_is_chosen_before_the_order_is_judged(stage: Stage) -> None:
    assert stage.gate.submit("BUY 10 AAPL LMT 190").allowed
    assert stage.broker.placed[-1].order.exchange == "IEX"
    denied = stage.gate.submit("BUY 10 MSFT LMT 400")
    assert denied.decision.by == ("desk/where",)
    order = denied.decision.order
    assert order is not None
    assert order.exchange == "BATS"


def test_the_choice_is_on_record_and_why_tells_it(stage: Stage) -> None:
    number = stage.allowed("BUY 10 AAPL LMT 190")
    recorded = stage.journal.payloads()[-1]
    assert isinstance(recorded, Decided)
    assert recorded.text == "BUY 10 AAPL@IEX LMT 190 DAY account=DU1234567"
    assert recorded.snapshot is not None
    assert recorded.snapshot.routed == "IEX by routing rule 2"
    told = chronicle(stage.journal.inner.another().read, str(number), stage.policies)
    assert told is not None
    lines = [line.split(maxsplit=1) for line in text.chronicle(told).splitlines() if line]
    assert ["route", "IEX by routing rule 2"] in lines


def test_what_is_not_routed_has_nothing_to_tell(stage: Stage) -> None:
    stage.allowed("BUY 10 AAPL@ARCA LMT 190")
    recorded = stage.journal.payloads()[-1]
    assert isinstance(recorded, Decided)
    assert recorded.snapshot is not None
    assert recorded.snapshot.routed == ""


def test_an_excluded_venue_denies_by_name(stage: Stage) -> None:
    ticket = stage.gate.submit("BUY 10 AAPL@EDGX LMT 190")
    assert ticket.decision.codes == ("BAD_ORDER",)
    assert "exchange `EDGX` is excluded" in str(ticket.decision.breaches[0])


def test_the_instruments_own_venues_bound_the_choice(stage: Stage) -> None:
    stage.market.set_venues("AAPL", ("SMART", "NASDAQ"))
    stage.allowed("BUY 10 AAPL LMT 190")
    assert stage.broker.placed[-1].order.exchange == "SMART"


def test_an_order_is_routed_by_the_session_it_meets(stage: Stage) -> None:
    hours = {
        "hours": "20260302:0930-20260302:1600",
        "trading_hours": "20260302:0400-20260302:2000",
        "zone": "America/New_York",
    }
    aapl = Instrument(key="AAPL", symbol="AAPL", **hours)  # type: ignore[arg-type]  # texts
    stage.market.list_instrument(Terms(symbol="AAPL"), aapl)
    stage.allowed("BUY 10 AAPL LMT 190")
    stage.clock.set(stage.clock.now().replace(hour=13, minute=0))
    stage.quote("AAPL", "189.99", "190.01")
    stage.allowed("BUY 10 AAPL LMT 190")
    stage.clock.set(stage.clock.now().replace(day=9))
    stage.quote("AAPL", "189.99", "190.01")
    stage.allowed("BUY 10 AAPL LMT 190")
    venues = [one.order.exchange for one in stage.broker.placed]
    assert venues == ["IEX", "ARCA", "IEX"], "hours that are not known are no session"


def test_the_same_terms_are_the_same_order_however_they_were_routed(stage: Stage) -> None:
    first = stage.gate.submit("BUY 10 AAPL LMT 190 key=k1")
    stage.gate.world.routing = Routing(rules=(RouteRule(venues=("ARCA",)),))
    again = stage.gate.submit("BUY 10 AAPL LMT 190 key=k1")
    assert again.order_id == first.order_id
    other = stage.gate.submit("BUY 10 AAPL@IEX LMT 190 key=k1")
    assert other.decision.codes == ("KEY_REUSED",)
    assert len(stage.broker.placed) == 1


def test_a_modify_keeps_the_venue_of_its_order(stage: Stage) -> None:
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.gate.world.routing = Routing(rules=(RouteRule(venues=("ARCA",)),), exclude=("IEX",))
    assert stage.gate.modify(number, quantity=5).allowed
    assert stage.broker.placed[-1].order.exchange == "IEX"


def test_an_approved_order_goes_where_it_was_held_for(stage: Stage) -> None:
    stage.gate.world.routing = Routing(preferences={"patient": ("IEX", "ARCA")})
    held = stage.gate.submit("BUY 60 AAPL LMT 190 route=patient")
    stage.gate.world.routing = Routing(preferences={"patient": ("ARCA", "IEX")})
    (ticket,) = stage.gate.approve(held.order_id, by="boss", reason="test")
    assert ticket.allowed, ticket.decision.breaches
    assert stage.broker.placed[-1].order.exchange == "IEX"


def test_each_leg_of_a_bracket_is_routed(stage: Stage) -> None:
    exits = Exits(take_profit=200, stop_loss=180)
    tickets = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=exits)
    assert all(ticket.allowed for ticket in tickets)
    assert [one.order.exchange for one in stage.broker.placed] == ["IEX"] * 3


def test_without_routing_a_route_is_left_to_others(stage: Stage) -> None:
    stage.gate.world.routing = None
    assert stage.gate.submit("BUY 10 AAPL LMT 190 route=anything").allowed
    stage.gate.world.routing = Routing()
    refused = stage.gate.submit("BUY 10 AAPL LMT 190 route=anything")
    assert "unknown route `anything`; known are none" in str(refused.decision.breaches[0])


def test_an_unknown_instrument_is_unknown_and_nothing_else(stage: Stage) -> None:
    stage.market.delist(Terms(symbol="NOPE"))
    assert stage.gate.submit("BUY 10 NOPE MKT").decision.codes == ("UNKNOWN_INSTRUMENT",)


@pytest.mark.parametrize("quantity", ["NaN", "sNaN", "-5", "1e400"])
def test_a_quantity_that_is_none_is_denied_and_not_raised_about(
    stage: Stage, quantity: str
) -> None:
    sized = RouteRule(when=When(min_quantity=Decimal(100)), venues=("ARCA",))
    stage.gate.world.routing = Routing(rules=(sized,))
    order = msgspec.structs.replace(Order.parse("BUY 10 AAPL MKT"), quantity=Decimal(quantity))
    assert "BAD_QUANTITY" in stage.gate.submit(order).decision.codes


def test_hours_that_cannot_be_read_are_no_session(stage: Stage) -> None:
    odd = Instrument(key="AAPL", symbol="AAPL", hours="whenever", zone="America/New_York")
    stage.market.list_instrument(Terms(symbol="AAPL"), odd)
    stage.allowed("BUY 10 AAPL LMT 190")
    assert stage.broker.placed[-1].order.exchange == "IEX"
