"""From documents to a `PolicySet`: what the schema cannot say, and what is made of the rest."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from riskgate.model.decision import Action
from riskgate.model.subject import Subject
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import Document, Problem, parse
from riskgate.rulekit.parameters import Margins
from riskgate.rulekit.tallies import DayTally

HEAD = "riskgate: 1\npolicy: {0}\ncurrency: USD\ntimezone: America/New_York\n"
SIZE = "  - {id: size, kind: fat_finger, max_quantity: 100, because: mandate}\n"
RULES = HEAD.format("desk") + "rules:\n" + SIZE
WAIVER = (
    "  - {{rule: {rule}, match: {match}, set: {set}, until: {until},"
    " approved_by: m.ruiz, because: rebalance}}\n"
)
UNTIL = "2026-12-18T16:00:00-05:00"


def waiver(rule: str = "size", match: str = "{symbol: AAPL}", **other: str) -> str:
    words = {"set": "{max_quantity: 500}", "until": UNTIL, **other}
    return WAIVER.format(rule=rule, match=match, **words)


def read(text: str, path: str = "desk.yaml") -> Document:
    document, problems = parse(text, path)
    assert problems == ()
    assert document is not None
    return document


def knows(code: str) -> str | None:
    return None if code in {"XNYS", "IB", "always"} else f"calendar `{code}` is unknown"


def compiled(*texts: str) -> PolicySet:
    documents = [read(text, f"{place}.yaml") for place, text in enumerate(texts)]
    policies, problems = compile_policies(documents, knows)
    assert problems == ()
    assert policies is not None
    return policies


def refused(*texts: str) -> tuple[Problem, ...]:
    documents = [read(text, f"{place}.yaml") for place, text in enumerate(texts)]
    policies, problems = compile_policies(documents, knows)
    assert policies is None
    return problems


def said(*texts: str) -> list[str]:
    return [f"{item.path}:{item.line} {item.code}" for item in refused(*texts)]


def test_a_rule_is_bound_with_everything_that_asking_it_needs() -> None:
    policies = compiled(
        HEAD.format("desk")
        + "description: Ours.\nowner: me\nday_starts: '17:00'\n"
        + "rules:\n  - id: turnover\n    kind: daily_volume\n    match: {symbol: aapl}\n"
        + "    per: [account, symbol]\n    max_notional: 5_000\n    max_orders: 10\n"
        + "    on_breach: hold\n    mode: shadow\n    because: mandate\n    controls: [RTS6-15]\n"
    )
    (bound,) = policies.bounds
    assert bound.name == "desk/turnover"
    assert bound.kind == "daily_volume"
    assert bound.per == ("account", "symbol")
    assert (bound.action, bound.enforced) == (Action.HOLD, False)
    assert (bound.because, bound.controls) == ("mandate", ("RTS6-15",))
    assert bound.where == "0.yaml:9"
    assert [(check.name, check.value, check.unit) for check in bound.checks] == [
        ("max_notional", Decimal(5000), "USD"),
        ("max_orders", Decimal(10), ""),
    ]
    assert bound.tally == DayTally("America/New_York", time(17))
    assert bound.rule.context.currency == "USD"
    (policy,) = policies.policies
    assert (policy.name, policy.description, policy.owner) == ("desk", "Ours.", "me")
    assert (policy.currency, policy.zone, policy.path) == ("USD", "America/New_York", "0.yaml")


def test_what_is_left_out_has_the_languages_defaults() -> None:
    (bound,) = compiled(RULES).bounds
    assert (bound.action, bound.enforced, bound.per) == (Action.DENY, True, ())
    assert bound.rule.context.day_starts == time(0)
    assert (bound.waivers, bound.controls) == ((), ())


def test_a_per_of_one_word_is_a_list_of_one() -> None:
    text = RULES + "  - {id: p, kind: position, per: symbol, max_long: 1, because: x}\n"
    assert [bound.per for bound in compiled(text).bounds] == [("symbol",), ()]


def test_a_rule_covers_what_its_policy_and_its_match_cover() -> None:
    policies = compiled(
        HEAD.format("desk")
        + "applies_to: {account: DU1}\ngroups: {mega: [AAPL, MSFT]}\n"
        + "rules:\n  - {id: a, kind: fat_finger, match: {symbol: '@mega'}, max_quantity: 1,"
        + " because: x}\n"
    )
    mine = Subject(account="DU1", symbol="MSFT")
    assert [bound.name for bound in policies.for_(mine).bounds] == ["desk/a"]
    assert policies.for_(mine._replace(symbol="GME")).bounds == ()
    assert policies.for_(mine._replace(symbol="GME")).covered
    other = policies.for_(mine._replace(account="DU2"))
    assert (other.bounds, other.covered) == ((), False)


def test_a_rule_that_is_off_is_checked_and_not_asked() -> None:
    off = "  - {id: off, kind: fat_finger, max_quantity: 1, mode: off, because: x}\n"
    assert [bound.name for bound in compiled(RULES + off).bounds] == ["desk/size"]
    wrong = off.replace("max_quantity: 1", "max_quantity: 1, session: [pre]")
    assert said(RULES + wrong) == ["0.yaml:7 RG205"]
    ended = "waivers:\n" + waiver("off", until="2026-02-30T16:00Z", set="{max_quantity: 2}")
    assert said(RULES + off + ended) == ["0.yaml:9 RG210"]


def test_a_list_may_hold_groups() -> None:
    text = HEAD.format("desk") + "groups: {mega: [AAPL]}\nrules:\n"
    rule = "  - {id: a, kind: permitted, symbols: ['@mega', '!A*'], because: x}\n"
    (bound,) = compiled(text + rule).bounds
    assert str(bound.checks[0].value) == "AAPL, !A*"
    assert said(text + rule.replace("@mega", "@mgea")) == ["0.yaml:7 RG201"]


def test_an_unknown_group_is_said_where_it_stands() -> None:
    text = HEAD.format("desk") + "applies_to: {symbol: '@x', account: [A, '@y']}\n"
    problems = refused(text + "rules:\n" + SIZE)
    assert [(item.line, item.column, item.code) for item in problems] == [
        (5, 22, "RG201"),
        (5, 41, "RG201"),
    ]


def test_what_is_wrong_with_a_group_is_said_at_the_group() -> None:
    text = HEAD.format("desk") + "groups:\n  a: [AAPL, '@b']\n  c: ['@c']\nrules:\n" + SIZE
    problems = refused(text)
    assert [(item.line, item.column) for item in problems] == [(6, 13), (7, 6)]


@pytest.mark.parametrize("word", ["BUY", "sell", "!BUY", "B*"])
def test_a_side_may_be_written_as_orders_match_it(word: str) -> None:
    rule = (
        f"  - {{id: a, kind: fat_finger, match: {{side: '{word}'}}, max_quantity: 1, because: x}}"
    )
    assert len(compiled(HEAD.format("desk") + "rules:\n" + rule).bounds) == 1


@pytest.mark.parametrize(
    ("key", "word"), [("side", "BOTH"), ("order_type", "!LIMIT"), ("tif", "X*")]
)
def test_a_word_that_no_order_can_have_never_removes_a_limit(key: str, word: str) -> None:
    rule = (
        f"  - {{id: a, kind: fat_finger, match: {{{key}: '{word}'}}, max_quantity: 1, because: x}}"
    )
    assert "0.yaml:6 RG211" in said(HEAD.format("desk") + "rules:\n" + rule)


@pytest.mark.parametrize(
    "match",
    [
        "currency: [USD, '!EUR', 'U*', '??D']",
        "symbol: ['BRK B', BF.B, '!RDS A', 'ES*']",
        "strategy: [mean reversion, us]",
        "side: sell",
    ],
)
def test_names_that_orders_can_have_are_left_alone(match: str) -> None:
    rule = f"  - {{id: a, kind: fat_finger, match: {{{match}}}, max_quantity: 1, because: x}}"
    groups = "groups: {sell: [KO], tech: [MSFT]}\nrules:\n"
    assert len(compiled(HEAD.format("desk") + groups + rule).bounds) == 1


def test_a_blank_inside_a_group_is_said_once_at_the_group() -> None:
    rule = "  - {id: %s, kind: fat_finger, match: {symbol: '@g'}, max_quantity: 1, because: x}\n"
    groups = "groups:\n  g: [KO, AAPL MSFT]\nrules:\n"
    problems = refused(HEAD.format("desk") + groups + rule % "a" + rule % "b")
    assert [(item.line, item.column, item.code) for item in problems] == [(6, 11, "RG212")]


def test_a_waiver_may_allow_what_a_rule_may_not_say() -> None:
    text = HEAD.format("desk") + (
        "rules:\n  - {id: a, kind: short_sale, allow: false, because: x}\n"
        "waivers:\n  - rule: a\n    match: {symbol: KO}\n    set: {allow: true}\n"
        "    until: 2026-12-18T16:00:00-05:00\n    approved_by: risk\n    because: x\n"
    )
    assert len(compiled(text).bounds[0].waivers) == 1


def test_policies_differ_by_name() -> None:
    (problem,) = refused(RULES, RULES)
    assert str(problem) == "1.yaml:2:9: error RG202 policy `desk` is also in 0.yaml"


def test_rules_on_one_line_differ_by_id_too() -> None:
    rule = SIZE.removeprefix("  - ").strip()
    assert said(HEAD.format("desk") + f"rules: [{rule}, {rule}]\n") == ["0.yaml:5 RG203"]


def test_rules_of_a_file_differ_by_id_and_those_of_two_files_need_not() -> None:
    (problem,) = refused(RULES + SIZE)
    assert problem.text == "rule id `size` is used twice, first on line 6"
    assert len(compiled(RULES, RULES.replace("desk", "other")).bounds) == 2


@pytest.mark.parametrize("zone", ["Europe/Londn", "America", "../etc/passwd", "/etc/passwd"])
def test_a_time_zone_must_exist(zone: str) -> None:
    assert said(RULES.replace("America/New_York", zone)) == ["0.yaml:4 RG204"]


def test_a_calendar_must_be_known() -> None:
    rule = "  - {id: open, kind: market_hours, calendar: XNYS, because: x}\n"
    assert compiled(RULES + rule).for_(Subject()).calendars == ("XNYS",)
    (problem,) = refused(RULES + rule.replace("XNYS", "XNYZ"))
    assert (problem.code, problem.text) == ("RG207", "calendar `XNYZ` is unknown")


def test_a_value_that_only_its_type_can_judge_is_reported_once() -> None:
    rules = (
        "  - {id: a, kind: duplicate, window: 0s, because: x}\n"
        "  - {id: b, kind: fat_finger, max_quantity: 1, session: pre, calendar: ' ', because: x}\n"
    )
    assert said(RULES + rules) == ["0.yaml:7 RG104", "0.yaml:8 RG104"]


def test_parameters_that_need_each_other_are_reported_at_the_key() -> None:
    rule = "  - {id: b, kind: fat_finger, max_quantity: 1, session: [pre], because: x}\n"
    (problem,) = refused(RULES + rule)
    assert (problem.line, problem.column, problem.code) == (7, 48, "RG205")


def test_a_waiver_is_bound_to_its_rule() -> None:
    (bound,) = compiled(RULES + "waivers:\n" + waiver(match="{symbol: AAPL, side: BUY}")).bounds
    (waived,) = bound.waivers
    assert waived.name == f"desk/size until {UNTIL}"
    assert waived.until == datetime(2026, 12, 18, 21, tzinfo=UTC)
    assert waived.checks["max_quantity"].value == Decimal(500)
    assert waived.tighter == {"max_quantity": "lower"}
    assert (waived.approved_by, waived.because) == ("m.ruiz", "rebalance")
    assert waived.selector.matches(Subject(symbol="AAPL", side="BUY"))
    assert not waived.selector.matches(Subject(symbol="AAPL", side="SELL"))


def test_a_waiver_may_change_a_limit_that_stands_by_default() -> None:
    rule = "  - {id: open, kind: market_hours, calendar: XNYS, moc_cutoff: 10m, because: x}\n"
    change = "{sessions: [pre, regular], moc_cutoff: 1m}"
    bounds = compiled(RULES + rule + "waivers:\n" + waiver("open", set=change)).bounds
    checks = bounds[0].waivers[0].checks
    assert str(checks["sessions"].value) == "pre, regular"
    assert checks["moc_cutoff"].value == timedelta(minutes=1)


def test_a_waiver_of_margins_is_read_like_the_rules_own() -> None:
    rule = (
        "  - {id: o, kind: market_hours, calendar: IB, not_within: {after_open: 5m}, because: x}\n"
    )
    change = "{not_within: {after_open: 1m}}"
    bounds = compiled(RULES + rule + "waivers:\n" + waiver("o", set=change)).bounds
    assert bounds[0].waivers[0].checks["not_within"].value == Margins(timedelta(minutes=1))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rule": "siez"}, "RG208"),
        ({"set": "{max_notional: 5}"}, "RG209"),
        ({"set": "{both_sides: true}"}, "RG209"),
        ({"until": "2026-02-30T10:00:00Z"}, "RG210"),
        ({"match": "{symbol: '@nobody'}"}, "RG201"),
        ({"match": "{side: BYU}"}, "RG211"),
    ],
)
def test_a_waiver_that_cannot_hold_is_refused(change: dict[str, str], code: str) -> None:
    text = RULES + "waivers:\n" + waiver(**change)
    assert said(text) == [f"0.yaml:8 {code}"]


def test_a_limit_that_cannot_be_read_is_not_also_one_that_cannot_be_waived() -> None:
    rule = "  - {id: a, kind: market_hours, calendar: IB, moc_cutoff: 0s, because: x}\n"
    text = RULES + rule + "waivers:\n" + waiver("a", set="{moc_cutoff: 1m}")
    assert said(text) == ["0.yaml:7 RG104"]


def test_a_file_with_a_wrong_shape_does_not_hide_what_is_wrong_with_others() -> None:
    wrong = RULES.replace("max_quantity", "max_quantiy")
    other = RULES.replace("America/New_York", "Nowhere")
    assert said(wrong, other) == ["0.yaml:6 RG102", "1.yaml:4 RG204"]


def test_the_order_of_files_rules_and_keys_does_not_count() -> None:
    one = RULES + "  - {id: p, kind: position, max_long: 1, because: x}\n"
    turned = (
        "rules:\n  - {because: x, max_long: 1.0, kind: position, id: p}\n" + SIZE
    ) + HEAD.format("desk")
    two = RULES.replace("desk", "other")
    first, second = compiled(one, two), compiled(two, turned.replace("1.0", "1"))
    assert first.digest == second.digest
    assert [bound.name for bound in first.bounds] == [bound.name for bound in second.bounds]
    assert len(first.digest) == 64


@pytest.mark.parametrize(
    ("old", "new"),
    [("100", "101"), ("mandate", "whim"), ("id: size", "id: size2"), ("USD", "EUR")],
)
def test_the_digest_tells_other_policies_apart(old: str, new: str) -> None:
    assert compiled(RULES).digest != compiled(RULES.replace(old, new)).digest


def test_no_policy_at_all_is_a_set_that_covers_nothing() -> None:
    policies = compiled()
    assert (policies.bounds, policies.for_(Subject()).covered) == ((), False)
