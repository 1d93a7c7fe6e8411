"""The decision: every rule is asked, the harshest answer wins, and doubt denies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from riskgate.model.decision import Action, Verdict
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import subject_of
from riskgate.model.trading import TradingState
from riskgate.policy.bound import Bound
from riskgate.policy.compiler import compile_policies
from riskgate.policy.evaluate import evaluate, explain
from riskgate.policy.policies import Policy, PolicySet
from riskgate.policy.selectors import EVERYTHING
from riskgate.policy.source import parse
from riskgate.rulekit.base import Context, Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import quantity

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
ORDER = Order.parse("BUY 100 AAPL LMT 190 DAY account=DU1")
AAPL = Instrument(key="AAPL", symbol="AAPL")
CALM = Snapshot(
    as_of=NOON,
    subject=subject_of(ORDER, AAPL),
    instrument=AAPL,
    accounts=("DU1",),
    quote=Quote(bid=Decimal("189.99"), ask=Decimal("190.01"), at=NOON),
)
HEAD = "riskgate: 1\npolicy: p\ntimezone: UTC\ncurrency: USD\n"


def policies(*rules: str, more: str = "", head: str = HEAD) -> PolicySet:
    """A policy of rules in flow form, each a fat finger of a quantity unless it says otherwise."""
    listed = "\n".join(
        f"  - {{id: r{n}, kind: fat_finger, because: a test, {rule}}}"
        for n, rule in enumerate(rules)
    )
    document, problems = parse(f"{head}rules:\n{listed}\n{more}".encode(), "p.yaml")
    assert document is not None, problems
    compiled, wrong = compile_policies([document], lambda _: None)
    assert compiled is not None, wrong
    return compiled


@pytest.mark.parametrize(
    ("actions", "harshest"),
    [
        ([], Action.ALLOW),
        (["warn"], Action.WARN),
        (["hold", "warn"], Action.HOLD),
        (["warn", "deny", "hold"], Action.DENY),
    ],
)
def test_the_harshest_answer_wins_and_every_breach_is_listed(
    actions: list[str], harshest: Action
) -> None:
    rules = [f"max_quantity: 1, on_breach: {action}" for action in actions]
    decision = evaluate(policies("max_quantity: 100", *rules), ORDER, CALM)
    assert decision.action is harshest
    assert decision.by == tuple(f"p/r{n}" for n in range(1, len(actions) + 1))
    assert decision.allowed is (harshest <= Action.WARN)


@pytest.mark.parametrize("on_breach", ["warn", "hold", "deny"])
def test_what_cannot_be_judged_denies_whatever_on_breach_says(on_breach: str) -> None:
    blind = msgspec.structs.replace(CALM, quote=None)
    rules = policies(f"max_notional: 1_000_000, on_breach: {on_breach}")
    decision = evaluate(rules, ORDER, blind)
    assert decision.action is Action.DENY
    (finding,) = decision.breaches
    assert (finding.verdict, finding.code) == (Verdict.UNKNOWN, "NO_PRICE")
    assert (finding.observed, finding.limit) == (None, Decimal(1_000_000))


def test_a_shadow_rule_keeps_its_verdict_and_stops_nothing() -> None:
    decision = evaluate(policies("max_quantity: 1, mode: shadow"), ORDER, CALM)
    assert decision.action is Action.ALLOW
    assert (decision.by, decision.shadow) == ((), ("p/r0",))
    (finding,) = decision.breaches
    assert (finding.verdict, finding.action, finding.enforced) == ("BREACH", Action.DENY, False)


def test_a_shadow_rule_that_cannot_be_judged_stops_nothing_either() -> None:
    blind = msgspec.structs.replace(CALM, quote=None)
    assert evaluate(policies("max_notional: 1, mode: shadow"), ORDER, blind).allowed


def test_a_rule_that_is_off_is_not_asked() -> None:
    rules = policies("max_quantity: 1, mode: 'off'")
    assert evaluate(rules, ORDER, CALM).action is Action.ALLOW
    assert explain(rules, ORDER, CALM) == ()


def test_an_order_that_no_policy_covers_is_denied() -> None:
    rules = policies("max_quantity: 1000", head=HEAD + "applies_to: {symbol: MSFT}\n")
    assert evaluate(rules, ORDER, CALM).by == ("NO_POLICY",)
    assert [f.code for f in explain(rules, ORDER, CALM)] == ["NO_POLICY"]


def test_a_policy_covers_an_order_that_none_of_its_rules_matches() -> None:
    rules = policies("max_quantity: 1, match: {symbol: MSFT}")
    assert evaluate(rules, ORDER, CALM).action is Action.ALLOW


def test_if_sanity_fails_the_rules_are_not_asked() -> None:
    off_tick = msgspec.structs.replace(ORDER, limit_price=Decimal("190.001"))
    rules = policies("max_quantity: 1")
    decision = evaluate(rules, off_tick, CALM)
    assert decision.by == ("OFF_TICK",)
    assert [f.code for f in explain(rules, off_tick, CALM)] == ["OFF_TICK"]


def test_if_only_a_state_denies_the_rules_are_asked() -> None:
    halted = msgspec.structs.replace(CALM, state=TradingState.HALTED)
    rules = policies("max_quantity: 1")
    assert evaluate(rules, ORDER, halted).by == ("HALTED", "p/r0")
    assert [f.name for f in explain(rules, ORDER, halted)] == ["HALTED", "p/r0"]


def test_a_decision_names_the_digest_the_moment_and_whether_it_reduces() -> None:
    rules = policies("max_quantity: 1000")
    long = msgspec.structs.replace(CALM, holding=Holding(Decimal(100)))
    sell = Order.parse("SELL 100 AAPL STP 195 DAY account=DU1")
    decision = evaluate(rules, sell, long)
    assert (decision.digest, decision.as_of, decision.reduction) == (rules.digest, NOON, True)
    (note,) = decision.notes
    assert "already through the market" in note


def test_explain_shows_passes_too_and_leaves_out_what_a_reduction_is_not_asked() -> None:
    rules = policies("max_quantity: 100, max_notional: 1")
    assert [f.verdict for f in explain(rules, ORDER, CALM)] == ["PASS", "BREACH"]
    long = msgspec.structs.replace(CALM, holding=Holding(Decimal(100)))
    sell = Order.parse("SELL 100 AAPL LMT 190 DAY account=DU1")
    position = HEAD + "rules: [{id: r, kind: position, max_short: 0, because: a test}]\n"
    document, _ = parse(position.encode(), "p.yaml")
    assert document is not None
    compiled, _ = compile_policies([document], lambda _: None)
    assert compiled is not None
    assert explain(compiled, sell, long) == ()
    assert evaluate(compiled, sell, long).allowed


WAIVER = """
waivers:
  - rule: r0
    match: {account: DU1}
    set: {max_quantity: 150}
    until: 2026-03-02T17:00:01+00:00
    approved_by: somebody
    because: a test
"""


def test_a_waiver_holds_until_its_end_and_the_decision_names_it() -> None:
    rules = policies("max_quantity: 50", more=WAIVER)
    large = msgspec.structs.replace(ORDER, quantity=Decimal(151))
    assert evaluate(rules, ORDER, CALM).allowed
    (passed,) = explain(rules, ORDER, CALM)
    assert (passed.limit, passed.waiver) == (Decimal(150), "p/r0 until 2026-03-02T17:00:01+00:00")
    (breach,) = evaluate(rules, large, CALM).breaches
    assert breach.waiver == passed.waiver
    later = msgspec.structs.replace(CALM, as_of=NOON + timedelta(seconds=1))
    (ended,) = evaluate(rules, ORDER, later).breaches
    assert (ended.limit, ended.waiver) == (Decimal(50), "")
    other = msgspec.structs.replace(CALM, subject=CALM.subject._replace(account="DU2"))
    assert evaluate(rules, ORDER, other).action is Action.DENY


class Broken(Rule):
    """A rule of a third party that fails in one way or another."""

    kind = "broken"

    @at_most(quantity())
    def max_error(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """It raises."""
        raise KeyError(order.symbol)

    @at_most(quantity())
    def max_float(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """It answers with what cannot be compared."""
        return 5.0  # type: ignore[return-value]  # that is the point

    @at_most(quantity())
    def max_nan(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """It answers with doubt."""
        return Decimal("NaN")


def broken(*limits: str) -> PolicySet:
    """A sound rule, and a broken one with these limits."""
    from riskgate.policy.compiler import _checks  # noqa: PLC0415  # the compiler's own binding

    sound = policies("max_quantity: 1")
    rule = Broken("p/broken", dict.fromkeys(limits, Decimal(9)), Context())
    bound = Bound(
        name="p/broken",
        rule=rule,
        selector=EVERYTHING,
        per=(),
        action=Action.WARN,
        enforced=True,
        because="a test",
        where="p.yaml:1",
        checks=_checks(rule),
        tally=None,
    )
    policy = Policy(
        name="p",
        description="",
        owner="",
        selector=EVERYTHING,
        currency="USD",
        zone="UTC",
        path="p.yaml",
    )
    return PolicySet([policy], [*sound.bounds, bound], "d")


@pytest.mark.parametrize("limit", ["max_error", "max_float"])
def test_a_rule_that_fails_denies_and_the_others_are_still_asked(limit: str) -> None:
    decision = evaluate(broken(limit), ORDER, CALM)
    assert decision.action is Action.DENY
    assert decision.by == ("p/broken", "p/r0")
    assert decision.codes == ("RULE_ERROR",)
    assert "the rule failed" in decision.breaches[0].text


def test_doubt_is_a_breach() -> None:
    decision = evaluate(broken("max_nan"), ORDER, CALM)
    assert [b.verdict for b in decision.breaches] == ["BREACH", "BREACH"]
