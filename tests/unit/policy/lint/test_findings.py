"""What single checks find and leave alone, and what remarks silence."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.policy import catalog, compiler, schema
from riskgate.policy.lint.findings import findings
from riskgate.policy.lint.known import History, Use, by_key, words_of
from riskgate.rulekit.base import at_most
from riskgate.rulekit.parameters import percent
from riskgate.rules.message_rate import MessageRate
from tests.unit.policy.lint.conftest import cases_of

if TYPE_CHECKING:
    from riskgate.model.order import Order
    from riskgate.model.snapshot import Snapshot
    from riskgate.rulekit.bounds import Measured
    from tests.unit.policy.lint.conftest import Found, Lay

SIZE = "  - {id: size, kind: fat_finger, max_quantity: 500, because: x}\n"
RULES = "rules:\n" + SIZE
OFF = "rules:\n" + SIZE + "  - id: off\n    kind: fat_finger\n    max_quantity: 9\n"
WAIVER = """waivers:
  - rule: size
    match: {{symbol: A}}
    set: {{max_quantity: 800}}
    until: {0}
    approved_by: m.ruiz
    because: x
"""
PASSES = "cases:\n  - {name: a, order: BUY 1 AAPL LMT 190 DAY, expect: allow}\n"


def off(comment: str, above: str = "") -> str:
    return f"{OFF}{above}    mode: off{comment}\n    because: x\n"


def test_plain_limits_are_not_suspicious(found: Found) -> None:
    assert found(RULES) == []


def test_a_remark_with_a_reason_silences_its_line(found: Found) -> None:
    assert found(off("  # riskgate: ignore[RG310] until March")) == []
    assert found(off("", above="    # riskgate: ignore[RG310] until March\n")) == []
    assert found(off("", above="    # riskgate: ignore[RG310, RG301] until March\n")) == [
        "desk.yaml:10 RG317"
    ]


def test_a_remark_without_a_reason_is_an_error_and_silences_nothing(lay: Lay) -> None:
    problems = findings(lay(off("  # riskgate: ignore[RG310]")))
    assert [(item.code, item.severity) for item in problems] == [
        ("RG310", "warning"),
        ("RG317", "error"),
    ]


@pytest.mark.parametrize(
    "comment",
    ["ignore[RG301] no such thing here", "ignore[RG999] no such code", "ignore RG310 no brackets"],
)
def test_a_remark_that_ignores_nothing_is_found(comment: str, found: Found) -> None:
    lines = found(off(f"  # riskgate: {comment}"))
    assert lines == ["desk.yaml:10 RG310", "desk.yaml:10 RG317"]


def test_a_remark_on_another_line_silences_nothing(found: Found) -> None:
    lines = found(off("", above="    # riskgate: ignore[RG310] why\n    controls: [x]\n"))
    assert lines == ["desk.yaml:10 RG317", "desk.yaml:12 RG310"]


def test_a_remark_about_a_check_that_was_not_made_is_left_alone(found: Found) -> None:
    remark = "rules:\n  # riskgate: ignore[RG312, RG314] tested on paper\n" + SIZE
    assert found(remark) == []
    tests = cases_of(PASSES, "desk")
    assert found(remark, tests=tests, unnoticed=frozenset()) == ["desk.yaml:6 RG317"]


@pytest.mark.parametrize(
    ("until", "codes"),
    [
        ("2026-03-02T15:00:00Z", ["RG307"]),
        ("2026-03-02T15:00:01Z", ["RG308"]),
        ("2026-03-16T15:00:00Z", ["RG308"]),
        ("2026-03-16T15:00:01Z", []),
        ("2027-03-03T15:00:00Z", []),
        ("2027-03-03T15:00:01Z", ["RG322"]),
    ],
)
def test_a_waivers_end_is_judged_to_the_second(until: str, codes: list[str], found: Found) -> None:
    assert found(RULES + WAIVER.format(until)) == [f"desk.yaml:11 {code}" for code in codes]


def test_the_moment_is_the_one_that_is_given(found: Found) -> None:
    text = RULES + WAIVER.format("2026-03-16T15:00:01Z")
    assert found(text, now=datetime(2026, 4, 1, tzinfo=UTC)) == ["desk.yaml:11 RG307"]


def test_waivers_of_rules_that_are_off_end_too(found: Found) -> None:
    text = off("") + WAIVER.format("2026-01-01T00:00:00Z").replace("size", "off").replace(
        "800", "9"
    )
    assert found(text) == ["desk.yaml:10 RG310", "desk.yaml:16 RG307"]


def test_a_group_that_is_used_twice_is_used(found: Found) -> None:
    groups = "groups: {a: ['@b', X], b: [Y]}\n"
    match = "match: {symbol: ['@a', '@b']}, max_q"
    assert found(groups + "rules:\n" + SIZE.replace("max_q", match)) == []


def test_a_group_within_a_used_group_is_used(found: Found) -> None:
    text = "groups: {a: ['@b'], b: [X], c: ['@d'], d: [Y]}\nrules:\n" + SIZE.replace(
        "max_q", "match: {symbol: '!@a'}, max_q"
    )
    assert found(text) == ["desk.yaml:5 RG315", "desk.yaml:5 RG315"]


def test_a_price_rule_for_other_orders_does_not_serve(found: Found) -> None:
    price = SIZE.replace("size", "price").replace("_quantity: 500", "_deviation_percent: 3")
    price = price.replace("max_", "match: {{symbol: {0}}}, max_").replace("- {", "- {{")
    price = price.replace("x}", "x}}")
    value = (
        "rules:\n  - {id: v, kind: fat_finger, match: {symbol: A}, max_notional: 9, because: x}\n"
    )
    assert found(value + price.format("B")) == ["desk.yaml:6 RG305"]
    assert found(value + price.format("A*")) == []


def test_a_loss_is_reported_and_needs_no_price_rule(found: Found) -> None:
    assert found("rules:\n  - {id: l, kind: loss, max_day_loss: 9, because: x}\n") == []


def test_a_warning_policy_beside_one_that_denies_is_fine(found: Found) -> None:
    warns = RULES.replace("because", "on_breach: warn, because").replace("500", "400")
    assert found(warns) == ["desk.yaml:2 RG316"]
    assert found(warns, RULES) == []


@pytest.mark.parametrize(
    ("rule", "suspicious"),
    [
        ("max_long: 9", True),
        ("max_long: 9, per: [account]", True),
        ("max_long: 9, per: [symbol]", False),
        ("max_long: 9, per: [underlying]", False),
        ("max_long: 9, match: {symbol: A}", False),
        ("max_long: 9, match: {symbol: [A, B]}", True),
    ],
)
def test_units_of_several_instruments_make_no_sum(
    rule: str, found: Found, *, suspicious: bool
) -> None:
    lines = found(f"rules:\n  - {{id: p, kind: position, {rule}, because: x}}\n")
    assert lines == (["desk.yaml:6 RG304"] if suspicious else [])


def test_a_name_that_tests_know_is_known(found: Found) -> None:
    rules = RULES.replace("max_q", "match: {strategy: [momentum, other]}, max_q")
    for case in ("strategy=momentum", "strategy=momentun"):
        test = PASSES.replace("DAY", f"DAY {case}")
        lines = found(rules, tests=cases_of(test, "desk"), unnoticed=frozenset())
        assert lines == ([] if case.endswith("um") else ["desk.yaml:6 RG306"])


def test_a_name_in_a_waiver_must_be_known_too(found: Found) -> None:
    text = RULES + WAIVER.format("2026-06-01T00:00:00Z")
    tests = cases_of(PASSES, "desk")
    assert found(text, tests=tests, unnoticed=frozenset()) == ["desk.yaml:9 RG306"]
    assert (
        found(text.replace("symbol: A", "symbol: AAPL"), tests=tests, unnoticed=frozenset()) == []
    )


def test_the_names_of_a_waiver_are_not_judged_while_its_rule_is_off(found: Found) -> None:
    waiver = WAIVER.format("2026-06-01T00:00:00Z").replace("size", "off").replace("800", "9")
    lines = found(off("") + waiver, tests=cases_of(PASSES, "desk"), unnoticed=frozenset())
    assert lines == ["desk.yaml:10 RG310"]


def test_a_rule_that_is_off_needs_no_test(found: Found) -> None:
    lines = found(off(""), tests=cases_of(PASSES, "desk"))
    assert lines == ["desk.yaml:6 RG312", "desk.yaml:10 RG310"]


@pytest.mark.parametrize(("waived", "suspicious"), [("1d", False), ("2d", True), ("3d", True)])
def test_a_waiver_must_loosen_what_is_tighter_when_higher(
    waived: str, found: Found, *, suspicious: bool
) -> None:
    rules = "rules:\n  - {id: e, kind: expiry_window, no_opening_within: 2d, because: x}\n"
    waiver = WAIVER.replace("size", "e").replace("max_quantity: 800", "no_opening_within: {1}")
    lines = found(rules + waiver.format("2026-06-01T00:00:00Z", waived))
    assert lines == (["desk.yaml:10 RG319"] if suspicious else [])


def test_without_tests_of_the_policy_no_name_is_unknown(found: Found) -> None:
    rules = RULES.replace("max_q", "match: {strategy: momentum}, max_q")
    lines = found(rules, tests=cases_of(PASSES, "another"), unnoticed=frozenset())
    assert lines == ["desk.yaml:2 RG312"]


def test_recorded_names_are_known_and_must_be_covered(found: Found) -> None:
    rules = "applies_to: {strategy: momentum}\n" + RULES
    known = by_key([("strategy", "momentum"), ("strategy", "carry")])
    assert found(rules, history=History(words=known)) == ["desk.yaml:2 RG313"]
    assert found(rules, history=History(words=by_key([]))) == ["desk.yaml:5 RG306"]


def test_an_unnoticed_limit_is_named_at_its_own_line(found: Found) -> None:
    unnoticed = frozenset({("desk/size", "max_quantity")})
    lines = found(RULES, tests=cases_of(PASSES, "desk"), unnoticed=unnoticed)
    assert lines == ["desk.yaml:6 RG312"]


@pytest.mark.parametrize(
    ("times", "largest", "suspicious"),
    [(20, "49", True), (20, "50", False), (19, "49", False), (20, "0", False)],
)
def test_use_is_judged_by_a_tenth_and_twenty_orders(
    times: int, largest: str, found: Found, *, suspicious: bool
) -> None:
    uses = {("desk/size", "max_quantity"): Use(times, Decimal(largest))}
    lines = found(RULES, history=History(words=by_key([]), uses=uses))
    assert lines == (["desk.yaml:6 RG314"] if suspicious else [])


@pytest.mark.parametrize(
    ("rate", "suspicious"),
    [("max: 50, window: 1s", False), ("max: 51, window: 1s", True), ("max: 51, window: 2s", False),
     ("max: 50, window: 100ms", False), ("max: 3001, window: 1m", True)],
)  # fmt: skip
def test_a_rate_is_compared_with_the_brokers_pace(
    rate: str, found: Found, *, suspicious: bool
) -> None:
    lines = found(f"rules:\n  - {{id: r, kind: message_rate, {rate}, because: x}}\n")
    assert lines == (["desk.yaml:6 RG320"] if suspicious else [])


def test_only_what_counts_messages_is_compared_with_the_brokers_pace(
    found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Share(MessageRate):
        """A rate that also judges a share of something else."""

        kind = "share"

        @at_most(percent())
        def max_percent(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002
            """Never measured."""
            return None

    known = {**catalog.kinds(), "share": Share}
    for reader in (schema, compiler):
        monkeypatch.setattr(reader, "kinds", lambda: known)
    both = "rules:\n  - {id: r, kind: share, window: 1s, max: 50, max_percent: 99, because: x}\n"
    assert found(both) == []


def test_the_words_of_a_case_are_those_of_its_world_and_its_orders() -> None:
    (test,) = cases_of(
        """
given:
  account: {id: DU1}
  strategy: a
  positions: {KO: 5}
  instruments: {NQ: {sec_type: FUT, multiplier: 20, min_tick: 0.25, expiry: 2026-06-19}}
  working: [SELL 1 GE LMT 9 DAY]
cases:
  - name: all
    steps:
      - {submit: {symbol: AAPL, side: BUY, strategy: b}, expect: deny}
      - bracket: {entry: BUY 1 MSFT LMT 9 DAY tag=t, take_profit: 10, stop_loss: 8}
      - basket: [BUY 1 ES.FUT LMT 9 DAY expiry=2026-06-19 account=DU2]
""",
        "desk",
    )
    words = by_key(words_of(test.case))
    assert words["symbol"] == {"KO", "GE", "AAPL", "MSFT", "ES", "NQ"}
    assert words["underlying"] >= {"NQ"}
    assert words["account"] == {"DU1", "DU2"}
    assert words["strategy"] == {"a", "b"}
    assert words["tag"] == {"t"}
