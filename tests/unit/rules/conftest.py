"""One rule, one order, one quiet market: what each of the rule's limits answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from riskgate.model.decision import Finding
from riskgate.model.hours import ALWAYS
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.readings import Reading
from riskgate.model.snapshot import Replaced, Snapshot
from riskgate.model.subject import subject_of
from riskgate.policy.compiler import compile_policies
from riskgate.policy.evaluate import explain
from riskgate.policy.source import parse

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
AAPL = Instrument(key="AAPL", symbol="AAPL")
QUOTE = Quote(bid=Decimal("189.99"), ask=Decimal("190.01"), last=Decimal(190), at=NOON)
POLICY = """
riskgate: 1
policy: p
timezone: {zone}
currency: {currency}
rules:
  - {{id: r, kind: {kind}, because: a test, {config}}}
"""
Ask = Callable[..., dict[str, Finding]]


@pytest.fixture
def ask() -> Ask:
    """Ask one rule about one order; the keywords replace parts of the calm snapshot."""

    def asked(
        kind: str,
        config: str,
        line: str,
        reading: Reading | None = None,
        **changes: Any,  # noqa: ANN401  # fields of the snapshot
    ) -> dict[str, Finding]:
        places = {"zone": changes.pop("zone", "UTC"), "currency": changes.pop("currency", "USD")}
        text = POLICY.format(kind=kind, config=config, **places)
        document, problems = parse(text.encode(), "p.yaml")
        assert document is not None, problems
        policies, wrong = compile_policies([document], lambda _: None)
        assert policies is not None, wrong
        order = Order.parse(f"{line} account=DU1")
        if "replaces" in changes:
            changes["replaced"] = Replaced(Order.parse(changes.pop("replaces")))
        instrument = changes.setdefault("instrument", AAPL)
        snapshot = Snapshot(
            as_of=NOON,
            subject=subject_of(order, instrument),
            accounts=("DU1",),
            quote=QUOTE,
            readings={} if reading is None else {"p/r": reading},
            hours={"always": ALWAYS},
        )
        seen = msgspec.structs.replace(snapshot, **changes)
        answers = explain(policies, order, seen)
        assert all(answer.rule for answer in answers), answers
        return {answer.limit_name: answer for answer in answers}

    return asked
