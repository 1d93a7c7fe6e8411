"""Random sound orders of every type go to the library and come back as they were."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskgate.brokers.ib import places
from riskgate.brokers.ib.client import load
from riskgate.brokers.ib.places import Place
from riskgate.brokers.ib.terms_in import order_from
from riskgate.brokers.ib.terms_out import Placing, faults_of, order_of, venue_of
from riskgate.model.fields import stated
from riskgate.model.instructions import Condition, ConditionKind, OcaType
from riskgate.model.money import ZERO
from riskgate.model.order import Order, OrderType
from tests.unit.model.order_strategies import orders

if TYPE_CHECKING:
    from riskgate.model.instrument import Terms

LIBRARY: Any = load()
OURS_ALONE = ("strategy", "key", "tag", "intent", "locate", "route", "trigger_now", "priority")
CARRIED: Counter[bool] = Counter()


def find(terms: Terms, number: int) -> Place:
    return Place(number or 1 + sum(map(ord, terms.symbol)), "SMART")


def meant(order: Order) -> dict[str, object]:
    """What of an order goes to the broker, as it is read there."""
    said = order.instructions
    changes: dict[str, object] = {
        "conditions": tuple(as_placed(one) for one in said.conditions),
        "oca_type": (said.oca_type or OcaType.CANCEL_BLOCK) if said.oca_group else None,
    }
    full = msgspec.structs.replace(
        order,
        quantity=ZERO if said.cash_quantity is not None else order.quantity,
        exchange=None if order.exchange == "SMART" else order.exchange,
        instructions=msgspec.structs.replace(said, **changes),
    )
    return {name: value for name, value in stated(full).items() if name not in OURS_ALONE}


def as_placed(condition: Condition) -> Condition:
    """A condition whose contract is named as IB repeats it."""
    if not condition.contract:
        return condition
    named = places.read(condition.contract)
    if condition.kind is ConditionKind.EXECUTION:
        assert named.terms is not None
        kind, venue = named.terms.sec_type or "STK", named.venue or "SMART"
        contract = places.named(named.terms.symbol, kind, venue)
    else:
        place = places.find(condition.contract, find)
        contract = places.numbered(place.con_id, place.venue)
    return msgspec.structs.replace(condition, contract=contract)


@pytest.mark.parametrize("kind", OrderType)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_order_comes_back_as_it_went(kind: OrderType, data: st.DataObject) -> None:
    order = data.draw(orders(kind))
    faults = faults_of(order)
    CARRIED[not faults] += 1
    if not faults:
        written = order_of(LIBRARY, order, "rg-1", order.account or "", Placing(finder=find))
        back = order_from(order.terms, written, venue_of(order))
        assert stated(back) == meant(order)


def test_most_sound_orders_are_carried() -> None:
    assert CARRIED[True] > CARRIED[False]
