"""From what was asked to a decision: rules that fail, notes, and the price of a reservation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.decision import Action, Verdict
from riskgate.model.events import Decided
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy import catalog, compiler, schema, shape
from riskgate.rulekit.base import Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import quantity

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

LINE = "BUY 10 AAPL LMT 190"
BROKEN = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: a-size, kind: fat_finger, max_quantity: 5, because: asked before the one that fails}
  - {id: broken, kind: broken, match: {symbol: AAPL}, max_anything: 5, on_breach: warn,
     because: somebody else wrote it}
  - {id: z-size, kind: fat_finger, max_quantity: 6, because: asked after the one that fails}
"""


class Broken(Rule):
    """A rule kind of a third party that fails on every order of 10 and cannot judge one of 3."""

    kind = "broken"

    @at_most(quantity())
    def max_anything(self, order: Order, seen: Snapshot) -> Measured:
        """Whatever it is."""
        if order.quantity == 3:
            raise MissingData(Code.NO_ADV, f"nothing is known of {seen.contract.symbol}")
        return Decimal(1) / (order.quantity - 10)


@pytest.fixture
def _broken_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if an installed package published the kind `broken`."""
    known: Mapping[str, type[Rule]] = {**catalog.kinds(), "broken": Broken}
    for module in (catalog, compiler, schema, shape):
        if hasattr(module, "kinds"):
            monkeypatch.setattr(module, "kinds", lambda: known)
    schema._part.cache_clear()
    yield
    schema._part.cache_clear()


@pytest.mark.usefixtures("_broken_kind")
def test_33_a_rule_that_raises_denies_and_the_others_are_still_asked(
    staged: Callable[[str], Stage],
) -> None:
    stage = staged(BROKEN)
    decision = stage.gate.submit(LINE).decision
    assert decision.action is Action.DENY
    assert decision.by == ("desk/a-size", "desk/broken", "desk/z-size")
    finding = decision.breaches[1]
    assert (finding.code, finding.verdict) == ("RULE_ERROR", Verdict.UNKNOWN)
    assert "DivisionByZero" in finding.text
    assert (finding.where, finding.because) == ("desk.yaml:8", "somebody else wrote it")


@pytest.mark.usefixtures("_broken_kind")
def test_33_after_a_rule_has_raised_the_gate_goes_on(staged: Callable[[str], Stage]) -> None:
    stage = staged(BROKEN)
    assert "RULE_ERROR" in stage.gate.submit(LINE).decision.codes
    assert stage.gate.submit("BUY 4 AAPL LMT 190").allowed
    assert stage.gate.submit("BUY 5 MSFT LMT 400").allowed
    assert stage.gate.submit("BUY 3 AAPL LMT 190").decision.codes == ("NO_ADV",)


def test_a_held_order_has_its_value_on_record(staged: Callable[[str], Stage]) -> None:
    stage = staged(
        BROKEN.replace("kind: broken", "kind: fat_finger")
        .replace("max_anything: 5", ("max_quantity: 1"))
        .replace("on_breach: warn", "on_breach: hold")
    )
    assert stage.gate.submit("BUY 2 AAPL LMT 191").decision.action is Action.HOLD
    recorded = stage.journal.payloads()[-1]
    assert isinstance(recorded, Decided)
    assert recorded.unit_value == 191


def test_a_denied_order_reserves_no_value(stage: Stage) -> None:
    stage.gate.submit("BUY 999 AAPL LMT 190")
    recorded = stage.journal.payloads()[-1]
    assert isinstance(recorded, Decided)
    assert recorded.unit_value is None


def test_an_order_that_no_rule_prices_may_leave_without_a_price(
    staged: Callable[[str], Stage],
) -> None:
    stage = staged(
        BROKEN.replace("kind: broken", "kind: fat_finger").replace("anything", "quantity")
    )
    assert stage.gate.submit("BUY 1 KO LMT 60").allowed
    recorded = stage.journal.payloads()[-1]
    assert isinstance(recorded, Decided)
    assert recorded.unit_value == 60  # its own price, where the market has none
    assert stage.reserved("KO") == (0, 1, 0)


def test_a_decision_records_everything_that_it_was_made_on(stage: Stage) -> None:
    stage.gate.submit(LINE)
    recorded = stage.journal.payloads()[-1]
    assert isinstance(recorded, Decided)
    snapshot = recorded.snapshot
    assert snapshot is not None
    assert (recorded.actor, recorded.decision.digest) == ("desk", stage.policies.digest)
    assert snapshot.as_of == stage.clock.now()
    assert snapshot.quote == stage.market.quote("AAPL")
    assert set(snapshot.readings) == {bound.name for bound in stage.policies.bounds}


def test_an_allowed_order_needs_no_note(stage: Stage) -> None:
    assert stage.gate.submit(LINE).decision.notes == ()


def test_an_unknown_instrument_is_asked_for(stage: Stage) -> None:
    decision = stage.gate.submit("BUY 1 ES.FUT LMT 5000 expiry=2026-06-19").decision
    assert decision.codes == ("UNKNOWN_INSTRUMENT",)
    assert len(decision.notes) == 1
    assert [terms.symbol for terms in stage.broker.wanted] == ["ES"]
