"""Limits as a table: aligned, within eighty columns, and never a number that misleads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.model.decision import Action, Finding, Verdict
from riskgate.policy.explaining import Use
from riskgate.reporters.use_tables import brief, share, use_lines


def use(observed: object, limit: object, **changed: object) -> Use:
    given: dict[str, object] = {
        "rule": "desk/size",
        "limit_name": "max_quantity",
        "unit": "units",
        "where": "desk.yaml:7",
        "because": "RISK-1",
        "observed": observed,
        "limit": limit,
        **changed,
    }
    own, floor = (given.pop(name, None) for name in ("own", "floor"))
    return Use(finding=Finding(**given), own=own, floor=bool(floor))  # type: ignore[arg-type]


def test_a_row_has_what_was_observed_the_orders_share_limit_headroom_and_percent() -> None:
    assert use_lines([use(Decimal(600), Decimal(500), own=Decimal(100))]) == [
        "                        observed  this order  limit  headroom   used",
        "  desk/size  desk.yaml:7",
        "    max_quantity units       600         100    500      -100  120 %",
        "    because: RISK-1",
    ]


def test_without_because_the_reason_is_left_out() -> None:
    lines = use_lines([use(Decimal(6), Decimal(5))], because=False)
    assert [line for line in lines if "because" in line] == []


def test_the_least_that_must_be_left_is_marked() -> None:
    (_, _, row, _) = use_lines([use(Decimal(6), Decimal(5), verdict=Verdict.PASS, floor=True)])
    assert row.split() == ["max_quantity", "units", "6", ">=", "5", "1", "83", "%"]


def test_a_wide_table_is_set_closer_and_a_wider_one_on_two_lines() -> None:
    close = use(Decimal(15_000_000), Decimal(10_000_000), own=Decimal(15_000_000))
    wide = use(Decimal(409_920_000_000), Decimal(50_000_000), own=Decimal(409_920_000_000))
    for one, rows in ((close, 1), (wide, 2)):
        named = use(
            one.finding.observed, one.finding.limit, own=one.own, limit_name="max_deviation_amount"
        )
        lines = use_lines([named], because=False)
        assert [line for line in lines if len(line) > 80] == []
        assert len(lines) == 2 + rows
        assert lines[0].split() == ["observed", "this", "order", "limit", "headroom", "used"]
        assert lines[-1].endswith(" %")


def test_words_have_no_columns() -> None:
    lines = use_lines([use(("MKT",), ("LMT", "STP"), unit="", limit_name="order_types")])
    assert lines[1] == "    order_types MKT, limit LMT, STP"


def test_what_could_not_be_judged_says_what_was_missing() -> None:
    unknown = use(
        None, Decimal(5), verdict=Verdict.UNKNOWN, code="NO_PRICE", text="AAPL: no usable price"
    )
    assert use_lines([unknown])[:2] == [
        "  desk/size  desk.yaml:7  (could not be judged)",
        "    NO_PRICE: AAPL: no usable price",
    ]


def test_a_built_in_check_is_its_code_and_text() -> None:
    code = Use(finding=Finding(code="HALTED", text="HALTED for all"))
    assert use_lines([code]) == ["  HALTED  HALTED for all"]


@pytest.mark.parametrize(
    ("changed", "aside"),
    [
        ({"enforced": False}, "(shadow: not enforced)"),
        ({"action": Action.WARN}, "(warns only)"),
        ({"action": Action.HOLD, "enforced": False}, "(shadow: not enforced, holds for approval)"),
    ],
)
def test_a_breach_that_does_not_deny_says_so(changed: dict[str, object], aside: str) -> None:
    lines = use_lines([use(Decimal(6), Decimal(5), **changed)])
    assert lines[1] == f"  desk/size  desk.yaml:7  {aside}"


def test_limits_of_one_rule_stand_under_one_heading_with_one_reason_and_waiver() -> None:
    one = use(Decimal(6), Decimal(5), waiver="desk/size until noon")
    other = use(Decimal(60), Decimal(50), limit_name="max_notional", waiver="desk/size until noon")
    lines = [line.strip() for line in use_lines([one, other])]
    assert len([line for line in lines if line.startswith("desk/size  desk.yaml")]) == 1
    assert lines[-2:] == ["waiver: desk/size until noon", "because: RISK-1"]


@pytest.mark.parametrize(
    ("number", "limit", "shown"),
    [
        ("31.5789473", "3", "31.5789"),
        ("3.00000001", "3", "3.00000001"),
        ("0.0000000149999", None, "0.00000001"),
        ("1E-25", None, "0.0000000000000000000000001"),
        ("15000000", None, "15,000,000"),
        ("-0.5", None, "-0.50"),
        ("NaN", "3", "no number"),
    ],
)
def test_a_number_is_short_unless_that_would_mislead(
    number: str, limit: str | None, shown: str
) -> None:
    assert brief(Decimal(number), Decimal(limit) if limit else None) == shown


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        ("100", "100 %"),
        ("100.02", ">100 %"),
        ("99.98", "<100 %"),
        ("0.2", "<1 %"),
        ("0", "0 %"),
        ("55.5", "56 %"),
        (None, ""),
    ],
)
def test_a_hundred_percent_is_only_what_is_exactly_at_its_limit(
    percent: str | None, shown: str
) -> None:
    assert share(None if percent is None else Decimal(percent)) == shown
