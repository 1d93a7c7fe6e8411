"""What applies to an order: what its price must be, under the waivers of a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from riskgate.model.market import PriceTerms
from riskgate.model.subject import Subject
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.selection import price_terms_at
from riskgate.policy.source import parse

US = Subject(account="DU1", symbol="AAPL")
PRICED = """\
riskgate: 1
policy: p
timezone: UTC
currency: USD
rules:
  - {id: age, kind: reference_price, max_age: 5s, max_divergence_percent: 5, because: a test}
  - {id: type, kind: reference_price, require: [live], because: a test}
  - {id: watch, kind: reference_price, mode: shadow, max_age: 1s, because: a test}
waivers:
"""
WAIVER = (
    "  - {rule: %s, match: {symbol: AAPL}, set: {%s},"
    " until: '2026-03-02T18:00:00Z', approved_by: a, because: a test}\n"
)


def priced(*waivers: tuple[str, str]) -> PolicySet:
    """Rules about prices, with waivers of some of their limits."""
    text = PRICED.removesuffix("waivers:\n") if not waivers else PRICED
    document, problems = parse(text + "".join(WAIVER % one for one in waivers), "p.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    return policies


@pytest.mark.parametrize(
    ("waivers", "seconds", "types"),
    [
        ((), 5, ("live",)),
        ((("age", "max_age: 2m"),), 120, ("live",)),
        ((("age", "max_age: 2m"), ("age", "max_age: 20s")), 20, ("live",)),
        ((("type", "require: [live, frozen]"),), 5, ("frozen", "live")),
        (
            (("type", "require: [live, frozen]"), ("type", "require: [delayed, live]")),
            5,
            ("live",),
        ),
        ((("watch", "max_age: 1m"),), 5, ("live",)),
    ],
)
def test_what_a_price_must_be_is_what_the_enforced_rules_say_now(
    waivers: tuple[tuple[str, str], ...], seconds: int, types: tuple[str, ...]
) -> None:
    policies = priced(*waivers)
    terms = price_terms_at(policies.for_(US), US, datetime(2026, 3, 2, 17, tzinfo=UTC))
    assert terms == PriceTerms(timedelta(seconds=seconds), types)
    later = price_terms_at(policies.for_(US), US, datetime(2026, 3, 2, 18, tzinfo=UTC))
    assert later == PriceTerms(timedelta(seconds=5), ("live",))
