"""A set with waivers is asked the long way round; where none holds, the answers are the same."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.readings import Holding, HoldingsReading
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import subject_of
from riskgate.policy.compiler import compile_policies
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
ORDER = Order.parse("SELL 100 AAPL LMT 190 DAY account=DU1")
AAPL = Instrument(key="AAPL", symbol="AAPL")
CALM = Snapshot(
    as_of=NOON,
    subject=subject_of(ORDER, AAPL),
    instrument=AAPL,
    accounts=("DU1",),
    quote=Quote(bid=Decimal("189.99"), ask=Decimal("190.01"), at=NOON),
    readings={"p/short": HoldingsReading()},
)
RULES = """\
riskgate: 1
policy: p
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, because: a test, max_quantity: 50, max_notional: 100}
  - {id: short, kind: position, because: a test, max_short: 10, max_long: 10}
  - {id: fine, kind: fat_finger, because: a test, max_quantity: 500}
"""
OVER = """\
waivers:
  - {rule: size, match: {symbol: AAPL}, set: {max_quantity: 500}, until: "2026-03-02T17:00:00Z",
     approved_by: a@b.example, because: a test}
"""
SEEN = {
    "calm": CALM,
    "without a price": msgspec.structs.replace(CALM, quote=None),
    "without a reading": msgspec.structs.replace(CALM, readings={}),
    "a reduction": msgspec.structs.replace(CALM, holding=Holding(Decimal(500))),
}


def compiled(text: str) -> PolicySet:
    """The policies of a text."""
    document, problems = parse(text.encode(), "p.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    return policies


@pytest.mark.parametrize("seen", SEEN)
def test_a_waiver_that_is_over_changes_no_answer(seen: str) -> None:
    plain = evaluate(compiled(RULES), ORDER, SEEN[seen])
    waived = evaluate(compiled(RULES + OVER), ORDER, SEEN[seen])
    assert plain.breaches == waived.breaches
    assert plain.action is waived.action


@pytest.mark.parametrize(
    ("seen", "breached"),
    [
        ("calm", ["max_short", "max_quantity", "max_notional"]),
        ("without a price", ["max_short", "max_quantity", "max_notional"]),
        ("without a reading", ["max_short", "max_quantity", "max_notional"]),
        ("a reduction", ["max_quantity", "max_notional"]),
    ],
)
def test_those_answers_are_not_all_the_same(seen: str, breached: list[str]) -> None:
    found = evaluate(compiled(RULES + OVER), ORDER, SEEN[seen]).breaches
    assert sorted(f.limit_name for f in found) == sorted(breached)
