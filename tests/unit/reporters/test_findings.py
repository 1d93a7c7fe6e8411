"""Decisions as people read them: the rule, its place, what was measured, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from riskgate.model.decision import Action, Decision, Finding, Verdict
from riskgate.model.order import Order
from riskgate.reporters.findings import decision_lines, finding_lines

ORDER = Order.parse("BUY 500 AAPL LMT 190 DAY")


def decision(action: Action, *breaches: Finding, order: Order | None = ORDER) -> Decision:
    return Decision(
        order=order,
        action=action,
        as_of=datetime(2026, 3, 2, tzinfo=UTC),
        digest="d",
        breaches=breaches,
        notes=("a note that is said",),
    )


def breach(**changed: object) -> Finding:
    given: dict[str, object] = {
        "rule": "desk/value",
        "limit_name": "max_notional",
        "observed": Decimal(95_000),
        "limit": Decimal(50_000),
        "unit": "USD",
        "where": "desk.yaml:21",
        "because": "RISK-1",
        **changed,
    }
    return Finding(**given)  # type: ignore[arg-type]


def test_a_denial_reads_from_the_order_down_to_the_reason() -> None:
    assert decision_lines(decision(Action.DENY, breach())) == [
        "denied  BUY 500 AAPL LMT 190 DAY",
        "  desk/value  desk.yaml:21",
        "    max_notional 95,000 USD > limit 50,000 USD (190 %)",
        "    because: RISK-1",
        "  note: a note that is said",
    ]


@pytest.mark.parametrize(
    ("action", "word", "color"),
    [
        (Action.ALLOW, "allowed", 32),
        (Action.WARN, "allowed with a warning", 33),
        (Action.HOLD, "held", 33),
        (Action.DENY, "denied", 31),
    ],
)
def test_each_action_has_its_word_and_its_colour(action: Action, word: str, color: int) -> None:
    assert decision_lines(decision(action))[0] == f"{word}  {ORDER}"
    assert decision_lines(decision(action), color=True)[0].startswith(
        f"\x1b[1;{color}m{word}\x1b[0m"
    )


def test_limits_of_one_rule_stand_together_under_one_reason() -> None:
    lines = finding_lines([breach(), breach(limit_name="max_quantity", unit="units")])
    assert [line.split()[0] for line in lines] == [
        *("desk/value", "max_notional", "max_quantity", "because:"),
    ]


def test_a_built_in_check_is_one_line_with_its_code() -> None:
    assert finding_lines([Finding(code="BAD_QUANTITY", text="quantity must be above zero")]) == [
        "  BAD_QUANTITY  quantity must be above zero"
    ]


def test_what_could_not_be_judged_says_what_was_missing() -> None:
    unknown = breach(
        observed=None, verdict=Verdict.UNKNOWN, code="NO_PRICE", text="AAPL: no usable price"
    )
    assert finding_lines([unknown])[1] == "    NO_PRICE: AAPL: no usable price"
    assert finding_lines([unknown, unknown]) == finding_lines([unknown])


def test_a_waiver_and_a_mode_are_named() -> None:
    lines = finding_lines([breach(waiver="desk/value until noon", enforced=False, because="")])
    assert lines[0] == "  desk/value  desk.yaml:21  (shadow: not enforced)"
    assert lines[-1] == "    waiver: desk/value until noon"


def test_what_is_no_order_is_shown_as_it_was_asked() -> None:
    unread = decision(Action.DENY, order=None)
    assert decision_lines(unread, "BUY lots")[0] == "denied  BUY lots"


def test_an_order_that_says_much_goes_on_under_its_first_word() -> None:
    much = "at and after the price of another one, and not before "
    head = decision_lines(decision(Action.DENY, order=None), much * 2, color=True)[:2]
    assert head[0].startswith("\x1b[1;31mdenied\x1b[0m  at and after")
    assert head[1].startswith("        ")
    assert " ".join(line.strip() for line in head).endswith((much * 2).strip())


def test_long_lines_are_wrapped_and_no_word_is_broken() -> None:
    lines = finding_lines([breach(because="a reason that goes on " * 10, where="a/" * 60)])
    assert all(len(line) <= 80 for line in lines if "a/a/" not in line)
    assert any("a/" * 60 in line for line in lines)


def test_a_measurement_is_rounded_unless_it_would_look_like_its_limit() -> None:
    third = breach(observed=Decimal(10) / 3, limit=Decimal(3), unit="%", limit_name="max")
    assert third.measured == "max 3.333333 % > limit 3 % (111 %)"
    close = breach(observed=Decimal("3.0000000001"), limit=Decimal(3), unit="%", limit_name="max")
    assert close.measured == "max 3.0000000001 % > limit 3 % (over 100 %)"
    assert "beyond measure" in breach(observed=Decimal("NaN")).measured
