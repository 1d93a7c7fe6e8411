"""Exposure: worst-case values of a whole budget, gross and net."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.readings import ExposureReading, Holding
from tests.unit.rules.conftest import NOON

Ask = Callable[..., dict[str, Finding]]
ALL = "max_gross: 19_000, max_net_long: 19_000, max_net_short: 19_000"


def own(position: int, buys: int = 0, sells: int = 0) -> ExposureReading:
    return ExposureReading(Holding(Decimal(position), Decimal(buys), Decimal(sells)))


@pytest.mark.parametrize(
    ("read", "line", "gross", "net"),
    [
        (own(0), "BUY 100 AAPL LMT 190", 19_000, 19_000),
        (own(0), "SELL 100 AAPL LMT 190", 19_000, 19_000),
        (own(10, buys=5, sells=20), "BUY 1 AAPL LMT 190", 16 * 190, 16 * 190),
        (own(10, buys=5, sells=20), "SELL 9 AAPL LMT 190", 19 * 190, 19 * 190),
        (own(10, buys=5, sells=40), "BUY 1 AAPL LMT 190", 30 * 190, 16 * 190),
        (own(-30), "BUY 40 AAPL LMT 190", 30 * 190, 10 * 190),
        (own(30), "SELL 40 AAPL LMT 190", 30 * 190, 10 * 190),
    ],
)
def test_the_order_is_added_on_its_side_of_the_worst_case(
    ask: Ask, read: ExposureReading, line: str, gross: int, net: int
) -> None:
    answers = ask("exposure", ALL, line, read)
    side = "max_net_long" if line.startswith("BUY") else "max_net_short"
    assert {name: answer.observed for name, answer in answers.items()} == {
        "max_gross": gross,
        side: net,
    }


def test_at_the_limit_passes_and_a_cent_beyond_breaches(ask: Ask) -> None:
    read = ExposureReading(Holding(), gross={"USD": Decimal("0.01")})
    at = ask("exposure", "max_gross: 19_000.01", "BUY 100 AAPL LMT 190", read)
    beyond = ask("exposure", "max_gross: 19_000", "BUY 100 AAPL LMT 190", read)
    assert at["max_gross"].verdict == "PASS"
    assert (beyond["max_gross"].verdict, beyond["max_gross"].headroom) == (
        "BREACH",
        Decimal("-0.01"),
    )


def test_others_add_to_gross_and_offset_in_net_in_the_policys_currency(ask: Ask) -> None:
    read = ExposureReading(
        Holding(),
        gross={"EUR": Decimal(1000), "USD": Decimal(50)},
        net_long={"EUR": Decimal(-1000), "USD": Decimal(50)},
        net_short={"EUR": Decimal(1000)},
    )
    fx = {"EUR": Decimal("1.25")}
    bought = ask("exposure", ALL, "BUY 1 AAPL LMT 200", read, fx=fx)
    assert bought["max_gross"].observed == 1250 + 50 + 200
    assert bought["max_net_long"].observed == -1250 + 50 + 200
    sold = ask("exposure", ALL, "SELL 1 AAPL LMT 190", read, fx=fx, currency="EUR")
    assert sold["max_gross"].observed == 1000 + 40 + 152
    assert sold["max_net_short"].observed == 1000 + 152
    unknown = ask("exposure", ALL, "BUY 1 AAPL LMT 200", read)
    assert {answer.code for answer in unknown.values()} == {"NO_FX"}


@pytest.mark.parametrize(
    ("instrument", "line", "value"),
    [
        (
            Instrument(key="ES", symbol="ES", sec_type="FUT", multiplier=Decimal(50)),
            "BUY 2 ES.FUT LMT 190",
            19_000,
        ),
        (
            Instrument(key="AAPL.OPT", symbol="AAPL", sec_type="OPT", multiplier=Decimal(100)),
            "SELL 1 AAPL.OPT LMT 190",
            19_000,
        ),
        (
            Instrument(key="CL", symbol="CL", multiplier=Decimal(10), negative_prices=True),
            "BUY 10 CL LMT -190",
            19_000,
        ),
    ],
)
def test_multipliers_count_and_a_negative_price_is_worth_its_size(
    ask: Ask, instrument: Instrument, line: str, value: int
) -> None:
    quote = Quote(last=Decimal(-190 if "-190" in line else 190), at=NOON)
    answers = ask("exposure", ALL, line, own(0), instrument=instrument, quote=quote)
    assert {answer.observed for answer in answers.values()} == {Decimal(value)}


def test_without_a_price_here_or_a_mark_elsewhere_nothing_is_known(ask: Ask) -> None:
    blind = ask("exposure", ALL, "BUY 1 AAPL LMT 190", own(0), quote=None)
    assert {answer.code for answer in blind.values()} == {"NO_PRICE"}
    unmarked = ExposureReading(Holding(), unmarked=("MSFT",))
    answers = ask("exposure", ALL, "SELL 1 AAPL LMT 190", unmarked)
    assert {answer.code for answer in answers.values()} == {"NO_PRICE"}
    assert all("MSFT" in answer.text for answer in answers.values())


def test_a_sum_that_is_no_number_is_a_breach(ask: Ask) -> None:
    read = ExposureReading(Holding(), gross={"USD": Decimal("NaN")})
    (answer,) = ask("exposure", "max_gross: 1_000_000", "BUY 1 AAPL LMT 190", read).values()
    assert answer.verdict == "BREACH"


def test_a_reduction_is_not_asked_and_a_modify_counts_what_can_still_fill(ask: Ask) -> None:
    held = Holding(Decimal(200))
    assert ask("exposure", ALL, "SELL 200 AAPL LMT 190", ExposureReading(held), holding=held) == {}
    answers = ask("exposure", ALL, "BUY 60 AAPL LMT 190", own(0), replaces="BUY 50 AAPL LMT 190")
    assert answers["max_gross"].observed == 60 * 190
