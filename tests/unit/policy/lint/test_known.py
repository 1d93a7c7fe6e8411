"""What a record tells: the names of its orders, and how far limits were used."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.model.decision import Action, Decision
from riskgate.model.events import Decided
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy.lint.known import Use, history, words_of
from tests.unit.policy.lint.conftest import cases_of

if TYPE_CHECKING:
    from tests.unit.policy.lint.conftest import Lay

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
RULES = """rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: x}
  - {id: types, kind: permitted, order_types: [LMT], because: x}
"""


def decided(line: str | None, *, seen: bool = True) -> Decided:
    order = None if line is None else Order.parse(line)
    symbol = "" if order is None else order.symbol
    snapshot = Snapshot(
        as_of=NOW, instrument=Instrument(key=symbol, symbol=symbol), accounts=("DU1",)
    )
    decision = Decision(order=order, action=Action.DENY, as_of=NOW, digest="d")
    return Decided(
        order_id=1, ref="r", text="", decision=decision, snapshot=snapshot if seen else None
    )


def test_every_decision_with_a_snapshot_counts_as_a_use(lay: Lay) -> None:
    record = [decided(f"BUY {size} AAPL LMT 190 account=DU1") for size in (5, 9, 7)]
    record += [decided("BUY 99 MSFT LMT 9", seen=False), decided(None)]
    told = history(lay(RULES).policies, record)
    assert told.uses == {("desk/size", "max_quantity"): Use(3, Decimal(9))}
    assert told.words["symbol"] == {"AAPL", "MSFT"}


@pytest.mark.parametrize("symbol", ["[AAPL]", "5"])
def test_a_symbol_that_is_no_word_is_no_name(symbol: str) -> None:
    case = f"cases:\n  - {{name: a, order: {{symbol: {symbol}, side: BUY}}, expect: deny}}\n"
    (test,) = cases_of(case, "desk")
    assert {key for key, _ in words_of(test.case)} == {"account"}
