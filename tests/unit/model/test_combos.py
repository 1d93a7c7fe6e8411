"""Combos as values: what names one, what its legs are as orders, and what it is worth."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from riskgate.model import combos
from riskgate.model.combos import combined, leg_of, named, net, resolved, thinnest
from riskgate.model.instrument import Instrument, Part, Terms, key_of
from riskgate.model.market import Quote
from riskgate.model.order import Order, Side

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
AAPL = Instrument(key="AAPL", symbol="AAPL", con_id=265598)
MSFT = Instrument(key="MSFT", symbol="MSFT", con_id=272093)
CALL = Instrument(
    key="AAPL.OPT expiry=2026-06-19 strike=200 right=C",
    symbol="AAPL",
    sec_type="OPT",
    multiplier=Decimal(100),
    underlying="AAPL",
    con_id=7,
    expiry=date(2026, 6, 19),
    strike=Decimal(200),
    right="C",
)
PAIR = 'BUY 10 AAPL.BAG LMT -610.25 DAY legs="BUY 1 #265598@SMART, SELL 2 #272093@SMART"'
KNOWN = {"#265598": AAPL, "#272093": MSFT, "AAPL": AAPL, "MSFT": MSFT}


def found(line: str) -> Instrument | None:
    return resolved(Order.parse(line).terms, lambda terms: KNOWN.get(terms.symbol))


def pair(*, more: Instrument = MSFT) -> Instrument:
    terms = Terms(symbol="AAPL", sec_type="BAG")
    return combined(terms, [Part("BUY", 1, AAPL), Part("SELL", 2, more)])


def shown(
    bid: str | None, ask: str | None, *, at: datetime | None = NOON, kind: str = "live"
) -> Quote:
    prices = [None if price is None else Decimal(price) for price in (bid, ask)]
    return Quote(bid=prices[0], ask=prices[1], at=at, type=kind)


def test_a_combo_is_one_instrument_however_its_legs_are_named_and_ordered() -> None:
    by_number = found(PAIR)
    by_name = found('BUY 1 AAPL.BAG MKT DAY legs="SELL 2 MSFT@ARCA, BUY 1 AAPL"')
    assert by_number is not None
    assert by_name is not None
    assert by_number.key == by_name.key == 'AAPL.BAG legs="BUY 1 #265598, SELL 2 #272093"'
    assert (by_number.currency, by_number.multiplier, by_number.min_tick) == (
        "USD",
        Decimal(1),
        Decimal("0.01"),
    )
    assert by_number.negative_prices


@pytest.mark.parametrize(
    "other",
    [
        'legs="SELL 1 #265598, BUY 2 #272093"',
        'legs="BUY 1 #265598, SELL 1 #272093"',
        'legs="BUY 1 #265598, BUY 2 #272093"',
    ],
)
def test_other_sides_or_ratios_are_another_combo(other: str) -> None:
    one, two = found(PAIR), found(f"BUY 1 AAPL.BAG MKT DAY {other}")
    assert one is not None
    assert two is not None
    assert one.key != two.key
    assert key_of(Order.parse(PAIR).terms) != key_of(
        Order.parse(f"BUY 1 AAPL.BAG MKT {other}").terms
    )


def test_a_combo_with_a_leg_that_nobody_knows_is_not_known() -> None:
    assert found('BUY 1 AAPL.BAG MKT DAY legs="BUY 1 AAPL, SELL 1 #99"') is None


def test_the_terms_of_a_combo_name_it_again() -> None:
    known = found(PAIR)
    assert known is not None
    again = resolved(known.terms, lambda terms: KNOWN.get(terms.symbol))
    assert again == known


def test_a_leg_without_a_number_is_named_by_its_terms() -> None:
    part = Part("BUY", 1, msgspec.structs.replace(CALL, con_id=0))
    assert part.leg.contract == CALL.key
    name = named(part.leg.contract)
    assert name is not None
    assert name.terms.strike == 200
    assert named("AAPL and more") is None
    assert named("AAPL.BAG") is None


@pytest.mark.parametrize(("side", "sides"), [("BUY", ("BUY", "SELL")), ("SELL", ("SELL", "BUY"))])
def test_selling_a_combo_turns_each_leg_round(side: str, sides: tuple[str, str]) -> None:
    order = Order.parse(PAIR.replace("BUY 10", f"{side} 10"))
    known = pair()
    legs = [leg_of(order, part) for part in known.legs]
    assert tuple(leg.side for leg in legs) == sides
    assert [leg.quantity for leg in legs] == [10, 20]
    assert [(leg.symbol, leg.limit_price) for leg in legs] == [("AAPL", None), ("MSFT", None)]


def test_a_leg_keeps_what_the_order_says_of_account_strategy_time_and_venue() -> None:
    order = Order.parse(f"{PAIR} strategy=pairs account=DU1 outside_rth=true locate=L-1 tag=x")
    known = found(PAIR)
    assert known is not None
    leg = leg_of(order, known.legs[1])
    assert (leg.strategy, leg.account, leg.outside_rth, leg.locate, leg.tag, leg.exchange) == (
        *("pairs", "DU1", True, "L-1", "x"),
        "SMART",
    )


def test_the_market_of_a_combo_is_what_its_legs_come_to() -> None:
    later = NOON.replace(minute=1)
    quote = net(pair(), [shown("189.99", "190.01", at=later), shown("400", "401")])
    assert quote is not None
    assert (quote.bid, quote.ask) == (Decimal("189.99") - 802, Decimal("190.01") - 800)
    assert (quote.at, quote.type) == (NOON, "live")


def test_the_market_of_legs_with_unlike_multipliers_is_by_the_largest() -> None:
    terms = Terms(symbol="AAPL", sec_type="BAG")
    covered = combined(terms, [Part("BUY", 100, AAPL), Part("SELL", 1, CALL)])
    quote = net(covered, [shown("190", "191"), shown("5", "6")])
    assert quote is not None
    assert (quote.bid, quote.ask) == (Decimal(184), Decimal(186))


def test_a_combo_with_a_leg_without_a_side_of_its_market_lacks_that_side() -> None:
    quote = net(pair(), [shown("189", "190"), shown(None, "401")])
    assert quote is not None
    assert (quote.bid, quote.ask, quote.mid) == (Decimal(-613), None, None)
    assert net(pair(), [shown("189", "190"), None]) is None
    stale = net(pair(), [shown("189", "190", at=None), shown("400", "401", kind="delayed")])
    assert stale is not None
    assert (stale.at, stale.type) == (None, "delayed")


def test_the_volume_of_a_combo_is_that_of_its_thinnest_leg() -> None:
    assert thinnest(pair(), [Decimal(5000), Decimal(8000)]) == 4000
    assert thinnest(pair(), [Decimal(5000), None]) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (PAIR.replace("DAY", "OPG"), "time in force `OPG` does not go with a combo"),
        (f"{PAIR} display_size=1", "display_size does not go with a combo"),
        (f"{PAIR} oca_group=x", "oca_group does not go with a combo"),
        (f'{PAIR} algo="Adaptive adaptivePriority=Normal"', "algo does not go with a combo"),
    ],
)
def test_what_does_not_go_with_a_combo_is_refused_by_name(line: str, said: str) -> None:
    assert next(fault.text for fault in combos.faults(Order.parse(line))).startswith(said)
    assert not list(combos.faults(Order.parse(f"{PAIR} priority=3")))


def test_a_combo_of_too_many_legs_is_refused() -> None:
    legs = ", ".join(f"BUY 1 #{number}" for number in range(1, 8))
    order = Order.parse(f'BUY 1 AAPL.BAG MKT DAY legs="{legs}"')
    assert [fault.text for fault in combos.faults(order)] == ["a combo has 6 legs at most; found 7"]


def test_legs_that_do_not_go_together_are_refused() -> None:
    order = Order.parse(PAIR)
    assert list(combos.misfits(order, pair())) == []
    twice = [fault.text for fault in combos.misfits(order, pair(more=AAPL))]
    assert twice[0].startswith("a combo names each contract once")
    euro = msgspec.structs.replace(MSFT, currency="EUR")
    (mixed,) = combos.misfits(order, pair(more=euro))
    assert mixed.text == "the legs of a combo have one currency; found EUR, USD"
    (misnamed,) = combos.misfits(msgspec.structs.replace(order, symbol="FOO"), pair())
    assert misnamed.text == "a combo is named after its first leg: `AAPL.BAG`; found `FOO`"
    (large,) = combos.misfits(msgspec.structs.replace(order, quantity=Decimal(2**30)), pair())
    assert large.code == "BAD_QUANTITY"


def test_a_leg_is_named_in_words() -> None:
    leg = leg_of(Order.parse(PAIR), pair().legs[1])
    assert combos.in_words(leg, MSFT) == "SELL 20 MSFT"
    assert leg.side is Side.SELL
