"""Reference price: the type before the age, the age before what the prices say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.market import PriceDemands, PriceTerms, Quote
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Submission
from riskgate.rulekit.base import Context
from riskgate.rulekit.matching import names
from riskgate.rules.reference_price import ReferencePrice

Ask = Callable[..., dict[str, Finding]]
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
OIL = Instrument(key="CL", symbol="CL", sec_type="FUT", negative_prices=True)
PRICED = ("bid", "ask", "last", "close")
HELD = Holding(Decimal(100))
BUY, SELL = "BUY 1 AAPL LMT 190", "SELL 1 AAPL LMT 190"


def quote(age: timedelta = timedelta(0), **given: Any) -> Quote:  # noqa: ANN401  # fields of a quote
    prices: dict[str, Any] = {name: Decimal(given.pop(name)) for name in PRICED if name in given}
    return Quote(at=NOON - age, **prices, **given)


def ms(count: int) -> timedelta:
    return timedelta(milliseconds=count)


@pytest.mark.parametrize(
    ("age", "code"), [(ms(0), ""), (ms(5000), ""), (ms(5001), "STALE_PRICE"), (ms(-1), "")]
)
def test_a_price_may_be_as_old_as_the_limit_and_not_a_millisecond_more(
    ask: Ask, age: timedelta, code: str
) -> None:
    seen = quote(age, bid=190, ask=190)
    (answer,) = ask("reference_price", "max_age: 5s", BUY, quote=seen).values()
    assert (answer.verdict, answer.code) == ("UNKNOWN" if code else "PASS", code)


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (None, "NO_PRICE"),
        (quote(), "NO_PRICE"),
        (quote(close=190), "NO_PRICE"),
        (quote(bid=190), "NO_PRICE"),
        (quote(bid=191, ask=190), "NO_PRICE"),
        (quote(bid=191, ask=190, last=190), ""),
        (quote(last=190), ""),
        (quote(last=190, type="delayed"), "NOT_LIVE"),
        (quote(timedelta(days=1), last=190, type="delayed"), "NOT_LIVE"),
        (quote(timedelta(days=1), last=190), "STALE_PRICE"),
        (Quote(last=Decimal(190)), "STALE_PRICE"),
    ],
)
@pytest.mark.parametrize("config", ["max_age: 5s", "require: [live]"])
def test_what_is_not_good_enough_says_why_the_type_before_the_age(
    ask: Ask, config: str, seen: Quote | None, code: str
) -> None:
    (answer,) = ask("reference_price", config, BUY, quote=seen).values()
    assert (answer.verdict, answer.code) == ("UNKNOWN" if code else "PASS", code)


@pytest.mark.parametrize(
    ("config", "type_", "code"),
    [
        ("require: [live]", "live", ""),
        ("require: live", "frozen", "NOT_LIVE"),
        ("require: [live, delayed]", "delayed", ""),
        ("require: [live, delayed]", "frozen", "NOT_LIVE"),
        ("require: [delayed]", "live", "NOT_LIVE"),
        ("require: [live, delayed, frozen]", "delayed-frozen", "NOT_LIVE"),
    ],
)
def test_only_the_required_types_are_good_enough(
    ask: Ask, config: str, type_: str, code: str
) -> None:
    (answer,) = ask("reference_price", config, BUY, quote=quote(last=190, type=type_)).values()
    assert (answer.verdict, answer.code) == ("UNKNOWN" if code else "PASS", code)


def test_what_a_rule_does_not_say_is_as_it_is_for_the_order(ask: Ask) -> None:
    old, delayed = quote(ms(61_000), last=190), quote(ms(6000), last=190, type="delayed")
    longer = PriceTerms(timedelta(minutes=10), ("delayed", "live"))
    for config, seen, code in (
        ("require: [live]", old, "STALE_PRICE"),
        ("max_divergence_percent: 5", old, "STALE_PRICE"),
        ("deny_at_floor: true", old, "STALE_PRICE"),
        ("max_age: 10s", delayed, "NOT_LIVE"),
    ):
        (answer,) = ask("reference_price", config, BUY, quote=seen).values()
        assert answer.code == code
        (answer,) = ask("reference_price", config, BUY, quote=seen, price_terms=longer).values()
        assert answer.verdict == "PASS"


def test_a_rule_judges_by_its_own_terms_where_it_has_some(ask: Ask) -> None:
    shared = PriceTerms(timedelta(seconds=5), ("live",))
    config = "max_age: 10m, require: [live, delayed], max_divergence_percent: 5"
    seen = quote(timedelta(minutes=10), last=190, type="delayed")
    answers = ask("reference_price", config, BUY, quote=seen, price_terms=shared)
    assert [answer.verdict for answer in answers.values()] == ["PASS"] * 3


@pytest.mark.parametrize(
    ("seen", "observed"),
    [
        (quote(bid="99.99", ask="100.01"), "0"),
        (quote(bid="99.99", ask="100.01", last=105), "5"),
        (quote(bid="99.99", ask="100.01", last=105, close=103), "5"),
        (quote(bid="99.99", ask="100.01", last=105, close=90), 15 / Decimal("0.9")),
        (quote(last=100, close="105.01"), "5.01"),
        (quote(bid=101, ask=100, last=100, close=104), "4"),
        (quote(bid=-4, ask="-3.4", last="0.01"), "37100"),
        (quote(bid=-40, ask=-40, last=-42), "5"),
        (quote(bid=-1, ask=1, last=1), "Infinity"),
        (quote(last=0), "Infinity"),
        (quote(last=5, close=0), "Infinity"),
    ],
)
def test_divergence_is_the_widest_gap_over_the_smallest_absolute_value(
    ask: Ask, seen: Quote, observed: str | Decimal
) -> None:
    config, line = "max_divergence_percent: 5", "BUY 1 CL LMT 1"
    (answer,) = ask("reference_price", config, line, quote=seen, instrument=OIL).values()
    assert answer.observed == Decimal(observed)
    assert answer.verdict == ("PASS" if Decimal(observed) <= 5 else "BREACH")


@pytest.mark.parametrize(
    ("traded", "verdict"), [(ms(10_000), "BREACH"), (ms(10_001), "PASS"), (None, "BREACH")]
)
def test_an_old_last_trade_is_no_witness(ask: Ask, traded: timedelta | None, verdict: str) -> None:
    at = None if traded is None else NOON - traded
    seen = quote(bid=190, ask=190, last=150, last_at=at)
    config = "max_age: 10s, max_divergence_percent: 5"
    answers = ask("reference_price", config, BUY, quote=seen)
    assert answers["max_divergence_percent"].verdict == verdict


def test_without_a_mid_an_old_last_trade_is_what_orders_are_judged_by(ask: Ask) -> None:
    seen = quote(last=150, close=190, last_at=NOON - timedelta(hours=1))
    (answer,) = ask("reference_price", "max_divergence_percent: 5", BUY, quote=seen).values()
    assert answer.verdict == "BREACH"


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (quote(bid="0.02", ask="0.03"), "PASS"),
        (quote(bid="0.01", ask="0.03"), "BREACH"),
        (quote(bid="0.02", ask="0.03", last="0.01"), "BREACH"),
        (quote(last="0.01"), "BREACH"),
        (quote(last="0.02"), "PASS"),
        (quote(bid=-4, ask=-3), "BREACH"),
        (quote(ask="0.01", last="0.02"), "PASS"),
        (quote(ask="0.01"), "UNKNOWN"),
        (None, "UNKNOWN"),
    ],
)
def test_nothing_is_opened_at_the_floor(ask: Ask, seen: Quote | None, verdict: str) -> None:
    line = "BUY 1 CL LMT 0.02"
    (answer,) = ask(
        "reference_price", "deny_at_floor: true", line, quote=seen, instrument=OIL
    ).values()
    assert answer.verdict == verdict


def test_the_floor_of_a_coarser_contract_is_its_tick(ask: Ask) -> None:
    coarse = Instrument(key="ES", symbol="ES", sec_type="FUT", min_tick=Decimal("0.25"))
    for last, verdict in (("0.25", "BREACH"), ("0.50", "PASS")):
        config, line, seen = "deny_at_floor: true", "BUY 1 ES LMT 0.5", quote(last=last)
        (answer,) = ask("reference_price", config, line, quote=seen, instrument=coarse).values()
        assert answer.verdict == verdict


def test_the_floor_can_be_switched_off(ask: Ask) -> None:
    config = "max_age: 5s, deny_at_floor: false"
    answers = ask("reference_price", config, BUY, quote=quote(last="0.01"))
    assert list(answers) == ["max_age"]


ALL = "max_age: 5s, require: [live], max_divergence_percent: 5, deny_at_floor: true"


def test_a_reduction_is_asked_for_age_and_type_only(ask: Ask) -> None:
    floored = quote(last="0.01", close=190)
    answers = ask("reference_price", ALL, SELL, quote=floored, holding=HELD)
    assert {name: answer.verdict for name, answer in answers.items()} == {
        "max_age": "PASS",
        "require": "PASS",
    }
    answers = ask("reference_price", ALL, "SELL 101 AAPL LMT 190", quote=floored, holding=HELD)
    assert answers["deny_at_floor"].verdict == "BREACH"
    assert answers["max_divergence_percent"].verdict == "BREACH"
    old = quote(ms(5001), last=190)
    assert ask("reference_price", ALL, SELL, quote=old, holding=HELD)["max_age"].code == (
        "STALE_PRICE"
    )
    delayed = quote(last=190, type="delayed")
    assert ask("reference_price", ALL, SELL, quote=delayed, holding=HELD)["require"].code == (
        "NOT_LIVE"
    )


def test_the_exit_of_a_bracket_is_a_reduction(ask: Ask) -> None:
    leg = Submission(orders=3, place=2, exit=True)
    answers = ask("reference_price", ALL, SELL, quote=quote(last="0.01"), submission=leg)
    assert set(answers) == {"max_age", "require"}


def test_a_milder_modify_is_a_reduction_and_a_keener_one_is_not(ask: Ask) -> None:
    floored = quote(last="0.01")
    for line, asked in (("BUY 1 AAPL LMT 189", False), ("BUY 1 AAPL LMT 191", True)):
        answers = ask("reference_price", "deny_at_floor: true", line, quote=floored, replaces=BUY)
        assert ("deny_at_floor" in answers) is asked


def test_what_it_demands_of_a_price_is_what_is_given() -> None:
    def demands(**values: object) -> PriceDemands:
        return ReferencePrice("p/r", values, Context()).price_terms()

    five = timedelta(seconds=5)
    assert demands(max_age=five) == PriceDemands(five, None)
    assert demands(require=names(("live", "frozen"))) == PriceDemands(None, ("live", "frozen"))
    assert demands(max_divergence_percent=Decimal(5)) == PriceDemands(None, None)
