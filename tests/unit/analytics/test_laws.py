"""What holds of the measures of any orders at all."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.analytics.exact import EXACT
from riskgate.analytics.facts import Execution, OrderFacts
from riskgate.analytics.measures import measured
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.totals import Totals, quality, totals
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from tests.unit.analytics.random_orders import random_orders
from tests.unit.analytics.samples import NOON, after

AMOUNTS = st.decimals("-999999999", "999999999", allow_nan=False, allow_infinity=False, places=9)
UNITS = st.decimals("0.000000001", "999999999", allow_nan=False, allow_infinity=False, places=9)
LAW = settings(max_examples=80, derandomize=True, deadline=None)
KNOWN = ("decision_price", "arrival_price", "end_price", "limit_price", "bid", "ask")


@st.composite
def fills(draw: st.DrawFn) -> Execution:
    return Execution(
        quantity=draw(UNITS),
        price=draw(AMOUNTS),
        at=after(draw(st.integers(0, 999))),
        commission=draw(AMOUNTS),
        currency="USD",
    )


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    done = tuple(draw(st.lists(fills(), max_size=4)))
    with localcontext(EXACT):
        filled = sum((one.quantity for one in done), Decimal(0))
        left = draw(st.one_of(st.just(Decimal(0)), UNITS))
        whole = filled > 0 and not left
    prices: dict[str, Any] = {name: draw(AMOUNTS) for name in KNOWN}
    return OrderFacts(
        order_id=1,
        currency="USD",
        side=draw(st.sampled_from(Side)),
        status=Status.FILLED if whole else Status.CANCELLED,
        quantity=filled + left,
        filled=filled,
        multiplier=draw(st.sampled_from([Decimal(1), Decimal(50), Decimal("0.01")])),
        decided_at=NOON,
        fills=done,
        **prices,
    )


def turned(facts: OrderFacts) -> OrderFacts:
    """The same order the other way round."""
    side = Side.SELL if facts.side is Side.BUY else Side.BUY
    return msgspec.structs.replace(facts, side=side, bid=facts.ask, ask=facts.bid)


@LAW
@given(orders())
def test_the_parts_of_a_shortfall_are_what_paper_made_less_what_was_made(facts: OrderFacts) -> None:
    found = measured(facts).shortfall
    assert found is not None
    assert found.fees is not None
    decision, end = facts.decision_price, facts.end_price
    assert decision is not None
    assert end is not None
    with localcontext(EXACT):
        # In cash: who buys pays, and holds what it is worth at the end; who sells the reverse.
        way = 1 if facts.side is Side.BUY else -1
        paper = way * facts.quantity * (end - decision) * facts.multiplier
        paid = sum((one.quantity * one.price for one in facts.fills), Decimal(0))
        fees = sum((one.commission or Decimal(0) for one in facts.fills), Decimal(0))
        real = way * (facts.filled * end - paid) * facts.multiplier - fees
        parts = (found.delay, found.execution, found.opportunity, found.fees)
        assert sum((part for part in parts if part is not None), Decimal(0)) == found.total
        assert found.total == paper - real


@LAW
@given(orders())
def test_a_buy_and_a_sell_at_the_same_prices_cost_the_opposite(facts: OrderFacts) -> None:
    one, other = measured(facts), measured(turned(facts))
    for name in ("decision", "arrival", "limit"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine is None) == (theirs is None)
        if mine is not None:
            assert mine.cost == theirs.cost.copy_negate()
            assert mine.bps is None or mine.bps == -theirs.bps
    assert one.shortfall is not None
    assert other.shortfall is not None
    for part in ("delay", "execution", "opportunity"):
        assert getattr(one.shortfall, part) == getattr(other.shortfall, part).copy_negate()
    assert one.shortfall.fees == other.shortfall.fees
    if one.improvement is not None and other.improvement is not None:
        assert one.improvement.amount == other.improvement.amount.copy_negate()
        assert one.improvement.better == other.improvement.worse


@LAW
@given(orders())
def test_no_unit_is_lost_or_made(facts: OrderFacts) -> None:
    one = measured(facts)
    with localcontext(EXACT):
        assert one.filling.quantity == facts.filled
        charged = sum((some.quantity for some in one.charges.by_currency), Decimal(0))
        assert charged == facts.filled
        if one.improvement is not None:
            held = one.improvement
            assert held.better + held.same + held.worse == facts.filled


@LAW
@given(st.integers(0, 10**9), st.integers(0, 30), st.randoms(use_true_random=False))
def test_the_order_of_the_orders_and_how_they_are_shared_out_change_no_digit(
    seed: int,
    cut: int,
    dice: Any,  # noqa: ANN401  # hypothesis's own kind of dice
) -> None:
    some = random_orders(seed, 30)
    whole = quality(some)
    shuffled = list(some)
    dice.shuffle(shuffled)
    assert quality(shuffled) == whole
    left, right = totals(some[:cut]), totals(some[cut:])
    left.merge(right)
    assert left.quality() == whole
    left.merge(Totals())
    assert left.quality() == whole


@LAW
@given(st.integers(0, 10**9), st.integers(0, 20))
def test_what_is_taken_away_was_never_there(seed: int, cut: int) -> None:
    some = random_orders(seed, 20)
    found = totals(some)
    for facts in some[cut:]:
        found.remove(measured(facts))
    assert found.quality() == quality(some[:cut])


@LAW
@given(st.integers(0, 10**9))
def test_the_parts_of_a_groups_shortfall_sum_to_its_total(seed: int) -> None:
    found: ExecutionQuality = quality(random_orders(seed, 40))
    for one in found.shortfall.values():
        assert one.delay + one.execution + one.opportunity + one.fees == one.total
    filled, whole = found.fills, found.counts
    if whole.sent:
        shares = (filled.by_count, filled.partly, filled.unfilled)
        assert abs(sum((share or Decimal(0) for share in shares), Decimal(0)) - 1) < Decimal(
            "1e-26"
        )
