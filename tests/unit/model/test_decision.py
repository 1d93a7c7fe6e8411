"""Decisions and findings: what people read, and what may leave."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
import pytest

from riskgate.errors import InvariantError
from riskgate.model.decision import Action, ApprovedOrder, Decision, Finding, Verdict, amount
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ORDER = Order.parse("BUY 500 AAPL LMT 190")
AAPL = Instrument(key="AAPL", symbol="AAPL")


def decision(action: Action, *breaches: Finding, order: Order | None = ORDER) -> Decision:
    return Decision(order=order, action=action, as_of=NOW, digest="d", breaches=breaches)


def test_the_harsher_action_is_the_greater() -> None:
    assert Action.ALLOW < Action.WARN < Action.HOLD < Action.DENY
    assert Action.HOLD.word == "hold"


def test_a_breach_shows_observed_limit_unit_and_share() -> None:
    finding = Finding(
        rule="us/value",
        limit_name="notional",
        observed=Decimal(95000),
        limit=Decimal(50000),
        unit="USD",
        where="us.yaml:21",
    )
    assert str(finding) == "us/value  us.yaml:21  notional 95,000 USD > limit 50,000 USD (190 %)"
    assert finding.headroom == -45000
    assert finding.name == "us/value"


@pytest.mark.parametrize(
    ("observed", "limit", "verdict", "sign", "headroom"),
    [
        ("5", "10", Verdict.PASS, "<=", "5"),
        ("10", "10", Verdict.PASS, "<=", "0"),
        ("12", "10", Verdict.BREACH, ">", "-2"),
        ("12", "10", Verdict.PASS, ">=", "2"),
        ("5", "10", Verdict.BREACH, "<", "-5"),
        ("10", "10", Verdict.BREACH, "=", "0"),
    ],
)
def test_the_sign_says_how_the_numbers_compare_whichever_way_the_limit_goes(
    observed: str, limit: str, verdict: Verdict, sign: str, headroom: str
) -> None:
    finding = Finding(
        rule="r",
        limit_name="x",
        verdict=verdict,
        observed=Decimal(observed),
        limit=Decimal(limit),
    )
    assert f" {observed} {sign} limit {limit} " in f"{finding} "
    assert finding.headroom == Decimal(headroom)


def test_what_is_no_number_is_beyond_every_limit() -> None:
    finding = Finding(rule="r", limit_name="x", observed=Decimal("NaN"), limit=Decimal(1))
    assert "beyond measure > limit 1" in str(finding)
    endless = Finding(rule="r", limit_name="x", observed=Decimal("Infinity"), limit=Decimal(5))
    assert str(endless) == "r  x beyond measure > limit 5"
    assert endless.headroom == Decimal("-Infinity")


def test_a_pass_a_limit_of_zero_and_words_are_shown_as_they_are() -> None:
    passed = Finding(
        rule="r", limit_name="max", verdict=Verdict.PASS, observed=Decimal(1), limit=Decimal(2)
    )
    assert str(passed) == "r  max 1 <= limit 2 (50 %)"
    assert str(Finding(rule="r", limit_name="max", observed=Decimal(1), limit=Decimal(0))) == (
        "r  max 1 > limit 0"
    )
    words = Finding(rule="r", limit_name="tifs", observed="GTC", limit=("DAY", "IOC"))  # type: ignore[arg-type]  # a bare word becomes a tuple
    assert str(words) == "r  tifs GTC, limit DAY, IOC"
    assert words.headroom is None
    assert str(Finding(rule="r", limit_name="x", observed=(), limit=Decimal(5))) == (
        "r  x none, limit 5"
    )
    assert str(Finding(code="NO_POLICY", text="no policy covers it")) == (
        "NO_POLICY  no policy covers it"
    )


def test_amounts_survive_json_as_what_they_were() -> None:
    for value in (Decimal("1.50"), ("700",), None):
        finding = Finding(rule="r", observed=value, limit=value)
        assert msgspec.json.decode(msgspec.json.encode(finding), type=Finding) == finding
    assert amount(5) == ("5",)
    assert (amount(value=True), amount(value=False)) == (("true",), ("false",))


class Margin(NamedTuple):
    """A value with named parts."""

    before: int
    after: int = 0


def test_whatever_is_no_number_becomes_words() -> None:
    assert amount((Decimal(1), date(2026, 3, 2))) == ("1", "2026-03-02")
    assert amount(Margin(5)) == ("before 5", "after 0")
    finding = Finding(rule="r", observed=5, limit=(7, 8))  # type: ignore[arg-type]  # what a rule may measure
    assert (finding.observed, finding.limit) == (("5",), ("7", "8"))


def test_a_decision_names_who_breached_each_once_and_shadows_apart() -> None:
    decided = decision(
        Action.DENY,
        Finding(rule="a", limit_name="x"),
        Finding(rule="a", limit_name="y", code="NO_PRICE"),
        Finding(code="HALTED"),
        Finding(rule="s", enforced=False, code="NO_FX"),
        Finding(rule="s", enforced=False),
    )
    assert decided.by == ("a", "HALTED")
    assert decided.shadow == ("s",)
    assert decided.codes == ("NO_PRICE", "HALTED")
    assert not decided.allowed


def test_only_what_was_allowed_can_be_approved_and_only_as_it_was() -> None:
    fields = {"order_id": 1, "ref": "r", "instrument": AAPL}
    for action in (Action.ALLOW, Action.WARN):
        assert ApprovedOrder(order=ORDER, decision=decision(action), **fields).order == ORDER  # type: ignore[arg-type]  # mixed
    other = Order.parse("BUY 501 AAPL LMT 190")
    for order, wrong in (
        (ORDER, decision(Action.HOLD)),
        (ORDER, decision(Action.DENY)),
        (ORDER, decision(Action.ALLOW, order=other)),
        (ORDER, decision(Action.ALLOW, order=None)),
    ):
        with pytest.raises(InvariantError, match="was not approved"):
            ApprovedOrder(order=order, decision=wrong, **fields)  # type: ignore[arg-type]  # mixed


def test_a_breach_by_a_hair_never_reads_as_all_of_the_limit() -> None:
    finding = Finding(
        rule="p/r", limit_name="max_long", observed=Decimal(10001), limit=Decimal(10000)
    )
    assert "(over 100 %)" in finding.measured


def test_a_pass_by_a_hair_reads_as_under_the_limit() -> None:
    finding = Finding(
        rule="p/r",
        limit_name="max_long",
        verdict=Verdict.PASS,
        observed=Decimal(9999),
        limit=Decimal(10000),
    )
    assert "(under 100 %)" in finding.measured
