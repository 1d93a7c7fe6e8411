"""What orders alike are: remembered as long as it holds, and no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.ledger.kinds import Kinds
from riskgate.ledger.market import Market
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.order import Order
from riskgate.policy.policies import PolicySet

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

AAPL = Instrument(key="AAPL", symbol="AAPL")


def market(*, assume: bool = False) -> Market:
    made = Market(assume=assume)
    made.list_instrument(Terms(symbol="AAPL"), AAPL)
    return made


def test_orders_alike_but_for_quantity_price_and_key_are_one_kind(stage: Stage) -> None:
    kinds, policies = Kinds(market()), stage.gate.policies
    first = kinds.of(Order.parse("BUY 1 AAPL LMT 190"), policies)
    assert kinds.of(Order.parse("BUY 2 AAPL LMT 191 key=another"), policies) is first
    assert first.instrument is AAPL
    assert first.subject.symbol == "AAPL"


@pytest.mark.parametrize(
    "other",
    [
        "SELL 1 AAPL LMT 190",
        "BUY 1 AAPL MKT",
        "BUY 1 AAPL LMT 190 GTC",
        "BUY 1 AAPL LMT 190 strategy=momo",
        "BUY 1 AAPL LMT 190 account=DU2",
        "BUY 1 AAPL LMT 190 tag=a",
        "BUY 1 AAPL LMT 190 exchange=ARCA",
    ],
)
def test_what_rules_may_tell_apart_is_another_kind(stage: Stage, other: str) -> None:
    kinds, policies = Kinds(market()), stage.gate.policies
    first = kinds.of(Order.parse("BUY 1 AAPL LMT 190"), policies)
    assert kinds.of(Order.parse(other), policies).subject != first.subject


def test_a_name_that_is_listed_anew_is_looked_at_anew(stage: Stage) -> None:
    known, policies, order = market(), stage.gate.policies, Order.parse("BUY 1 AAPL LMT 190")
    kinds = Kinds(known)
    assert kinds.of(order, policies).instrument is AAPL
    halted = msgspec.structs.replace(AAPL, halted=True)
    known.list_instrument(Terms(symbol="AAPL"), halted)
    assert kinds.of(order, policies).instrument is halted
    known.delist(Terms(symbol="AAPL"))
    assert kinds.of(order, policies).instrument is None


def test_a_name_that_comes_to_be_known_is_no_longer_unknown(stage: Stage) -> None:
    known, policies, order = Market(), stage.gate.policies, Order.parse("BUY 1 AAPL LMT 190")
    kinds = Kinds(known)
    assert kinds.of(order, policies).instrument is None
    known.list_instrument(Terms(symbol="AAPL"), AAPL)
    assert kinds.of(order, policies).instrument is AAPL


def test_another_policy_set_applies_at_once(stage: Stage) -> None:
    kinds, order = Kinds(market()), Order.parse("BUY 1 AAPL LMT 190")
    assert kinds.of(order, stage.gate.policies).selection.covered
    nothing = PolicySet((), (), "nothing")
    assert not kinds.of(order, nothing).selection.covered
    assert kinds.of(order, stage.gate.policies).selection.covered
