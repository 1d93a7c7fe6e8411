"""Fat finger: the size of one order, and how far its prices lie from where they should."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.hours import ALWAYS, parse_ib_hours
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.rulekit.base import Context
from riskgate.rulekit.matching import names
from riskgate.rules.fat_finger import FatFinger

Ask = Callable[..., dict[str, Finding]]
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
OIL = Instrument(key="CL", symbol="CL", sec_type="FUT", negative_prices=True)


def quote(last: str) -> Quote:
    return Quote(last=Decimal(last), at=NOON)


def test_size_is_measured_in_units_money_and_share_of_the_average_volume(ask: Ask) -> None:
    config = "max_quantity: 100, max_notional: 19_000, max_adv_percent: 5"
    answers = ask("fat_finger", config, "BUY 100 AAPL LMT 190", adv=Decimal(2000))
    assert [a.observed for a in answers.values()] == [100, 19_000, 5]
    assert {a.verdict for a in answers.values()} == {"PASS"}
    answers = ask("fat_finger", config, "BUY 101 AAPL LMT 190", adv=Decimal(2000))
    assert {a.verdict for a in answers.values()} == {"BREACH"}


@pytest.mark.parametrize("adv", [None, Decimal(0), Decimal("NaN")])
def test_without_an_average_volume_its_share_is_unknown(ask: Ask, adv: Decimal | None) -> None:
    (answer,) = ask("fat_finger", "max_adv_percent: 5", "BUY 1 AAPL MKT", adv=adv).values()
    assert (answer.verdict, answer.code) == ("UNKNOWN", "NO_ADV")


@pytest.mark.parametrize(
    ("config", "line", "observed"),
    [
        ("max_deviation_percent: 5", "BUY 1 AAPL LMT 199.5", "5"),
        ("max_deviation_percent: 5", "BUY 1 AAPL LMT 100", "0"),
        ("max_deviation_percent: 5", "SELL 1 AAPL LMT 171", "10"),
        ("max_deviation_percent: 5", "SELL 1 AAPL LMT 250", "0"),
        ("max_deviation_percent: 5, both_sides: true", "SELL 1 AAPL LMT 209", "10"),
        ("max_deviation_ticks: 5", "BUY 1 AAPL LMT 190.05", "5"),
        ("max_deviation_amount: 5", "SELL 1 AAPL LMT 184", "6"),
        ("max_deviation_amount: 5", "BUY 1 AAPL LOC 191", "1"),
        ("max_deviation_amount: 5", "BUY 1 AAPL MKT", None),
        ("max_deviation_amount: 5", "BUY 1 AAPL STP 195", None),
        ("max_deviation_percent: 1", "BUY 1 AAPL STP_LMT 200 204", "2"),
        ("max_deviation_amount: 1", "SELL 1 AAPL STP_LMT 180 179", "1"),
        ("max_deviation_amount: 1", "SELL 1 AAPL TRAIL_LMT 2 0.5", "0.5"),
        ("max_deviation_percent: 1", "SELL 1 AAPL TRAIL_LMT 15 3.5", "2"),
        ("max_deviation_percent: 1", "BUY 1 AAPL TRAIL_LMT 5% 3.99", "2"),
        ("max_deviation_amount: 1", "SELL 1 AAPL TRAIL 2", None),
        ("max_stop_deviation_percent: 5", "SELL 1 AAPL STP 171", "10"),
        ("max_stop_deviation_percent: 5", "BUY 1 AAPL STP 209", "10"),
        ("max_stop_deviation_percent: 5", "BUY 1 AAPL STP_LMT 209 500", "10"),
        ("max_stop_deviation_percent: 5", "SELL 1 AAPL TRAIL 19", "10"),
        ("max_stop_deviation_percent: 5", "SELL 1 AAPL TRAIL_LMT 7.5% 1", "7.5"),
        ("max_stop_deviation_percent: 5", "SELL 1 AAPL LMT 1", None),
        ("max_deviation_percent: 1, never_below_amount: 5", "BUY 1 AAPL LMT 195", "0"),
        ("max_deviation_amount: 1, never_below_amount: 5", "BUY 1 AAPL LMT 195.01", "5.01"),
        ("max_deviation_ticks: 1, never_below_ticks: 5", "BUY 1 AAPL LMT 190.05", "0"),
        ("max_deviation_ticks: 1, never_below_ticks: 5", "BUY 1 AAPL LMT 190.06", "6"),
        ("max_stop_deviation_percent: 1, never_below_amount: 9", "SELL 1 AAPL STP 181", "0"),
        ("max_stop_deviation_percent: 1, never_below_amount: 9", "SELL 1 AAPL TRAIL 9", "0"),
    ],
)
def test_a_limit_is_compared_with_the_reference_or_with_its_own_trigger(
    ask: Ask, config: str, line: str, observed: str | None
) -> None:
    answers = ask("fat_finger", config, line)
    assert [a.observed for a in answers.values()] == ([Decimal(observed)] if observed else [])


def test_exactly_at_the_limit_passes_and_a_tick_beyond_does_not(ask: Ask) -> None:
    for line, verdict in (("BUY 1 AAPL LMT 195.7", "PASS"), ("BUY 1 AAPL LMT 195.71", "BREACH")):
        answers = ask("fat_finger", "max_deviation_percent: 3", line)
        assert answers["max_deviation_percent"].verdict == verdict


def test_a_percentage_of_a_negative_price_is_of_its_absolute_value(ask: Ask) -> None:
    percent = "max_deviation_percent: 10, max_stop_deviation_percent: 10"
    for line, observed in (("BUY 1 CL LMT -30", "25"), ("SELL 1 CL LMT -50", "25")):
        answers = ask("fat_finger", percent, line, instrument=OIL, quote=quote("-40"))
        assert answers["max_deviation_percent"].observed == Decimal(observed)
    answers = ask("fat_finger", percent, "SELL 1 CL TRAIL 5%", instrument=OIL, quote=quote("-40"))
    assert answers["max_stop_deviation_percent"].observed == 5


def test_a_percentage_of_zero_is_unknown_but_never_for_a_distance_that_never_breaches(
    ask: Ask,
) -> None:
    config = "max_deviation_percent: 10"
    world = {"instrument": OIL, "quote": quote("0")}
    (answer,) = ask("fat_finger", config, "BUY 1 CL LMT 0.01", **world).values()
    assert (answer.verdict, answer.code) == ("UNKNOWN", "NO_PRICE")
    config = f"{config}, never_below_amount: 0.05"
    (answer,) = ask("fat_finger", config, "BUY 1 CL LMT 0.01", **world).values()
    assert answer.verdict == "PASS"


def test_without_a_reference_price_the_deviation_is_unknown(ask: Ask) -> None:
    config = "max_deviation_amount: 10, max_notional: 1_000_000"
    only_close = Quote(close=Decimal(190), at=NOON)
    answers = ask("fat_finger", config, "BUY 1 AAPL LMT 190", quote=only_close)
    assert answers["max_deviation_amount"].code == "NO_PRICE"
    assert answers["max_notional"].verdict == "PASS"


LIMITS = ("max_quantity", "max_notional", "max_adv_percent", "max_deviation_amount")


def test_with_a_session_the_rule_is_asked_only_then(ask: Ask) -> None:
    zeros = ", ".join(f"{name}: 0" for name in (*LIMITS, "max_stop_deviation_percent"))
    line = "BUY 1 AAPL STP_LMT 195 196"
    for session, asked in (("regular", 5), ("pre", 0)):
        config = f"{zeros}, session: [{session}], calendar: always"
        answers = ask("fat_finger", config, line, hours={"always": ALWAYS}, adv=Decimal(1))
        assert len(answers) == asked


def test_a_session_in_hours_that_nobody_knows_is_unknown(ask: Ask) -> None:
    config = 'max_quantity: 5, session: [pre], calendar: XNYS, pre: "04:00", post: "20:00"'
    (answer,) = ask("fat_finger", config, "BUY 1 AAPL MKT").values()
    assert answer.code == "NO_HOURS"
    hours = parse_ib_hours("20260302:0930-20260302:1600", "America/New_York")
    assert ask("fat_finger", config, "BUY 1 AAPL MKT", hours={"XNYS": hours}) == {}
    early = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    answers = ask("fat_finger", config, "BUY 1 AAPL MKT", hours={"XNYS": hours}, as_of=early)
    assert answers["max_quantity"].verdict == "PASS"


def test_a_session_needs_a_calendar() -> None:
    with_session = {"session": names(("PRE",))}
    assert [name for name, _ in FatFinger("p/r", with_session, Context()).faults()] == ["session"]
    both = FatFinger("p/r", {**with_session, "calendar": "XNYS"}, Context())
    assert (both.faults(), both.calendars()) == ((), ("XNYS",))
    assert FatFinger("p/r", {"calendar": "XNYS"}, Context()).calendars() == ()


def test_a_session_before_the_open_needs_to_know_when_it_begins() -> None:
    early = {"session": names(("pre",)), "calendar": "XNYS"}
    assert [name for name, _ in FatFinger("p/r", early, Context()).faults()] == ["session"]
    assert FatFinger("p/r", {**early, "pre": time(4)}, Context()).faults() == ()
    assert FatFinger("p/r", {**early, "calendar": "IB"}, Context()).faults() == ()


@pytest.mark.parametrize(
    ("line", "observed"),
    [
        ("BUY 1 AAPL LIT 180 181.8", "1"),  # measured from its own trigger
        ("BUY 1 AAPL MIT 180", None),  # it has no limit
        ("BUY 1 AAPL LMT 190 discretionary_amount=1.90", "1"),
        ("SELL 1 AAPL LMT 190 discretionary_amount=1.90", "1"),
        ("BUY 1 AAPL REL 1.91", "1"),  # the bid of 189.99 and 1.91
        ("BUY 1 AAPL REL 1.91 190", "0"),  # and no further than its cap
        ("SELL 1 AAPL REL 1.91", "1"),
        ("BUY 1 AAPL MIDPRICE 191.9", "1"),
        ("BUY 1 AAPL MIDPRICE", None),
        ("BUY 1 AAPL@IBKRATS PEG_BEST 191.9 compete_offset=0.01", "1"),
    ],
)
def test_every_type_is_measured_by_the_worst_price_it_may_trade_at(
    ask: Ask, line: str, observed: str | None
) -> None:
    answers = ask("fat_finger", "max_deviation_percent: 5", line)
    measured = [answer.observed for answer in answers.values()]
    assert measured == ([] if observed is None else [Decimal(observed)])


def test_a_touch_price_is_a_trigger_like_a_stop(ask: Ask) -> None:
    (answer,) = ask("fat_finger", "max_stop_deviation_percent: 5", "BUY 1 AAPL MIT 171").values()
    assert (str(answer.verdict), answer.observed) == ("BREACH", Decimal(10))
