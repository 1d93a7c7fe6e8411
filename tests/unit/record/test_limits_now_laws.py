"""What limits say of themselves holds for the next order, in any book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from riskgate.journal.memory import MemoryJournal
from riskgate.line.grouping import Exits
from riskgate.model.lifecycle import Status
from riskgate.record.limits_now import LimitNow, limits_now
from riskgate.record.present import Present
from tests.unit.conftest import ACCOUNT, FlakyJournal, Stage, compiled

TEXT = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: day, kind: daily_volume, max_quantity: 5000, max_notional: 900_000, max_orders: 60,
     because: test}
  - {id: gross, kind: exposure, max_gross: 800_000, max_net_long: 700_000, because: test}
  - {id: rate, kind: message_rate, max: 50, window: 1m, because: test}
  - {id: room, kind: position, per: [account, symbol], max_long: 900, max_short: 900,
     because: test}
  - {id: team, kind: position, per: [account, strategy], max_long: 1500, because: test}
  - {id: works, kind: working_orders, max_count: 9, max_quantity: 1000, because: test}
"""
SYMBOLS = {"AAPL": "190", "MSFT": "400"}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["order", "bracket", "oca", "fill", "part", "cancel", "modify"]),
        st.sampled_from(["BUY", "SELL"]),
        st.integers(1, 120),
        st.sampled_from(sorted(SYMBOLS)),
        st.sampled_from(["a", "b"]),
    ),
    max_size=14,
)
Step = tuple[str, str, int, str, str]


def line(side: str, quantity: int, symbol: str, strategy: str, more: int = 0) -> str:
    price = int(SYMBOLS[symbol]) + more
    return f"{side} {quantity} {symbol} LMT {price} strategy={strategy}"


def submit(stage: Stage, step: Step) -> None:
    what, side, quantity, symbol, strategy = step
    first = line(side, quantity, symbol, strategy)
    if what == "order":
        stage.gate.submit(first)
    elif what == "oca":
        stage.gate.submit_oca([first, line(side, quantity, symbol, strategy, -1)])
    else:
        away = 5 if side == "BUY" else -5
        price = int(SYMBOLS[symbol])
        exits = Exits(take_profit=Decimal(price + away), stop_loss=Decimal(price - away))
        stage.gate.submit_bracket(first, exits=exits)


def take(stage: Stage, step: Step, number: int) -> None:
    """One thing that may happen; what cannot happen now does not."""
    what, _, quantity, symbol, _ = step
    if what in {"order", "bracket", "oca"}:
        submit(stage, step)
        return
    working = [life for life in stage.gate.ledger.working() if not life.is_exit]
    if not working:
        return
    life = working[quantity % len(working)]
    left = int(life.quantity - life.filled)
    if what == "cancel":
        stage.says(life.order_id, Status.CANCELLED)
    elif what == "modify":
        stage.gate.modify(life.order_id, quantity=life.quantity + quantity)
    elif left > 0:
        much = left if what == "fill" else max(1, left // 2)
        report = stage.execution(life.order_id, str(much), f"{number:04}.01", SYMBOLS[symbol])
        stage.gate.take([report])


@pytest.fixture(scope="module")
def desk_of() -> Callable[[], Stage]:
    """A stage of its own for each book, under the same policies."""
    policies = compiled(TEXT)
    return lambda: Stage(policies, FlakyJournal(MemoryJournal()))


@settings(
    max_examples=50,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_the_most_that_is_left_passes_and_one_more_does_not(
    desk_of: Callable[[], Stage], steps: list[Step]
) -> None:
    stage = desk_of()
    for number, step in enumerate(steps, 1):
        take(stage, step, number)
    present = Present(stage.journal.inner.another().read)
    present.catch_up()
    found = limits_now(present, stage.clock.now())
    before = stage.facts(present.world.book)
    assert limits_now(present, stage.clock.now()) == found
    assert stage.facts(present.world.book) == before
    for row in found:
        check(row)
    for row in found:
        if (row.rule, row.limit_name) == ("desk/room", "max_long") and row.headroom is not None:
            symbol = row.budget.split("symbol=")[1]
            assert row.headroom < 1 or not is_too_much(stage, symbol, row.headroom)
            if stage.gate.ledger.holdings.of(ACCOUNT, symbol).long_worst >= 0:  # nothing is short
                assert is_too_much(stage, symbol, row.headroom + 1)


def is_too_much(stage: Stage, symbol: str, quantity: Decimal) -> bool:
    """Whether the rule of the room would be breached by so much more."""
    decided = stage.gate.weigh(f"BUY {quantity:f} {symbol} LMT {SYMBOLS[symbol]}")
    return "desk/room" in decided.decision.by


def check(row: LimitNow) -> None:
    """Headroom and percent are what the numbers come to."""
    if row.used is None or row.reserved is None or row.headroom is None:
        assert row.percent is None
        return
    assert row.used >= 0 or row.limit_name == "max_net_long"
    assert row.reserved >= 0
    assert row.headroom == row.limit - row.used - row.reserved
    assert row.percent == (row.used + row.reserved) / row.limit * 100
