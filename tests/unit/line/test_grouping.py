"""Groups: judged in turn, answered as one, and nothing of a refused one stays behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.journal.memory import MemoryJournal
from riskgate.line.bookkeeping import Bookkeeper
from riskgate.line.grouping import Exits
from riskgate.model.decision import Action
from riskgate.model.events import Decided
from riskgate.model.instructions import Instructions
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import CancelNotSent, NeverSent, OrderEcho
from riskgate.model.trading import TradingState
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from tests.unit.conftest import ACCOUNT, FlakyJournal, Stage

if TYPE_CHECKING:
    from riskgate.ticket import Ticket

BUY = "BUY 60 AAPL LMT 190"
EXITS = Exits(take_profit=Decimal(195), stop_loss=Decimal(185))
COUNTED = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: sum, kind: group_notional, max_notional: 40_000, because: test}
  - {id: soft, kind: group_notional, max_soft_breaches: 1, because: test}
  - {id: size, kind: fat_finger, max_quantity: 50, on_breach: warn, because: test}
  - {id: intent, kind: declared_intent, tolerance_percent: 5, mode: shadow, because: test}
"""


@pytest.fixture
def counted(compile_text: Callable[[str], PolicySet]) -> Stage:
    return Stage(compile_text(COUNTED), FlakyJournal(MemoryJournal()))


def actions(tickets: tuple[Ticket, ...]) -> list[Action]:
    return [ticket.decision.action for ticket in tickets]


def test_a_refused_basket_leaves_the_book_as_it_was(stage: Stage) -> None:
    before = stage.facts()
    tickets = stage.gate.submit_basket([BUY, "BUY 30 MSFT LMT 400", "BUY 41 AAPL LMT 189"])
    assert [ticket.decision.codes for ticket in tickets] == [
        ("GROUP_DENIED",),
        ("GROUP_DENIED",),
        (),
    ]
    assert tickets[2].decision.by == ("desk/position",)
    after = stage.facts()
    for fact in ("reserved", "working", "positions", "versions"):
        kept = after[fact]
        if isinstance(kept, dict):
            kept = {n: value for n, value in kept.items() if n not in (1, 2, 3)}
        assert kept == before[fact]
    assert after["readings"] == before["readings"]
    assert stage.broker.placed == []


def test_an_allowed_basket_leaves_in_order_and_counts_like_any_orders(stage: Stage) -> None:
    tickets = stage.gate.submit_basket([BUY, "BUY 30 MSFT LMT 400", "BUY 40 AAPL LMT 189"])
    assert [one.order_id for one in stage.broker.placed] == [one.order_id for one in tickets]
    assert stage.reserved() == (0, 100, 0)
    assert stage.facts() == stage.facts(stage.folded())


def test_every_decision_of_a_group_can_be_made_again_from_its_record(counted: Stage) -> None:
    counted.gate.submit_basket([BUY, "BUY 30 MSFT LMT 400"])
    counted.gate.submit_basket(["BUY 60 AAPL LMT 189", "BUY 51 MSFT LMT 1"])
    counted.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    for event in counted.journal.payloads():
        if isinstance(event, Decided) and event.snapshot and event.decision.order:
            again = evaluate(counted.policies, event.decision.order, event.snapshot)
            assert again == event.decision


def test_the_sum_of_a_submission_is_held_against_its_limit(counted: Stage) -> None:
    # 45 x 190.01 and 80 x 400.01 are more than 40,000 together, and neither is alone.
    assert counted.gate.submit("BUY 40 AAPL LMT 190").decision.by == ()
    tickets = counted.gate.submit_basket(["BUY 45 AAPL LMT 190", "BUY 80 MSFT LMT 400"])
    assert {name for one in tickets for name in one.decision.by} == {
        "desk/sum",
        "desk/size",
    }
    assert actions(tickets) == [Action.DENY, Action.DENY]


def test_warnings_of_a_submission_add_up(counted: Stage) -> None:
    assert actions(counted.gate.submit_basket(["BUY 51 AAPL LMT 190"])) == [Action.WARN]
    tickets = counted.gate.submit_basket(["BUY 51 AAPL LMT 189", "BUY 51 AAPL LMT 188"])
    assert actions(tickets) == [Action.DENY, Action.DENY]
    assert tickets[0].decision.by == ("desk/size", "desk/soft")


def test_a_declared_intent_is_held_against_the_whole_submission(counted: Stage) -> None:
    orders = ["BUY 50 AAPL LMT 190", "BUY 25 MSFT LMT 400"]
    near = counted.gate.submit_basket(orders, intent=19_500)
    far = counted.gate.submit_basket([f"{line} DAY" for line in orders], intent=9_500)
    assert [ticket.decision.shadow for ticket in near] == [(), ()]
    assert [ticket.decision.shadow for ticket in far] == [("desk/intent",)] * 2


@pytest.mark.parametrize("intent", [True, float("nan"), "much", Decimal("Infinity")])
def test_an_intent_that_is_no_number_denies_the_whole(stage: Stage, intent: object) -> None:
    tickets = stage.gate.submit_basket([BUY], intent=intent)  # type: ignore[arg-type]
    assert tickets[0].decision.codes == ("BAD_ORDER",)


def test_an_empty_basket_is_nothing(stage: Stage) -> None:
    assert stage.gate.submit_basket([]) == ()


def test_keys_make_a_basket_idempotent(stage: Stage) -> None:
    lines = [f"{BUY} key=one", "BUY 30 MSFT LMT 400 key=two"]
    first = stage.gate.submit_basket(lines)
    again = stage.gate.submit_basket(lines)
    assert [one.order_id for one in again] == [one.order_id for one in first]
    assert len(stage.broker.placed) == 2
    mixed = stage.gate.submit_basket([f"{BUY} key=one", "BUY 1 MSFT LMT 400 key=new"])
    assert mixed[0].decision.codes == ("KEY_REUSED",)
    assert mixed[1].decision.codes == ("GROUP_DENIED",)


def test_a_basket_that_cannot_be_recorded_does_not_leave(stage: Stage) -> None:
    for where in ("begin", "commit"):
        stage.journal.fails_at = where
        tickets = stage.gate.submit_basket([BUY, "BUY 30 MSFT LMT 400"])
        assert [one.decision.codes for one in tickets] == [("JOURNAL_UNAVAILABLE",)] * 2
    stage.journal.fails_at = ""
    assert stage.broker.placed == []
    assert stage.gate.submit_basket([BUY])[0].allowed
    assert stage.reserved() == (0, 60, 0)


def test_a_session_lost_before_a_bracket_leaves_is_never_sent(stage: Stage) -> None:
    stage.broker.away = True
    tickets = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    assert [one.status for one in tickets] == [Status.NEVER_SENT] * 3
    never = [event for event in stage.journal.payloads() if isinstance(event, NeverSent)]
    assert [event.order_id for event in never] == [one.order_id for one in tickets]
    assert stage.reserved() == (0, 0, 0)


def test_a_broker_that_carries_no_brackets_is_not_sent_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(stage.broker), "carries_brackets", False)
    tickets = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    assert [one.decision.codes for one in tickets] == [("BAD_ORDER",)] * 3
    assert stage.broker.placed == []


def test_a_bracket_of_something_unreadable_is_one_refusal(stage: Stage) -> None:
    (ticket,) = stage.gate.submit_bracket("BUY AAPL", exits=EXITS)
    assert ticket.decision.action is Action.DENY
    assert ticket.status is Status.DENIED


def test_exits_of_an_entry_that_lasts_an_instant_stay(stage: Stage) -> None:
    _, profit, loss = stage.gate.submit_bracket("BUY 10 AAPL LMT 190 IOC", exits=EXITS)
    assert [str(one.decision.order) for one in (profit, loss)] == [
        f"SELL 10 AAPL LMT 195 GTC account={ACCOUNT}",
        f"SELL 10 AAPL STP 185 GTC account={ACCOUNT}",
    ]


def test_a_bracket_survives_a_restart(stage: Stage) -> None:
    entry, profit, _ = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    stage.gate.take([stage.execution(entry.order_id, "4")])
    assert stage.reserved() == (4, 6, 4)
    assert stage.facts() == stage.facts(stage.folded())
    gate = stage.restarted()
    gate.take([stage.execution(profit.order_id, "4", "0002.01", "195")])
    assert gate.ledger.holdings.of(ACCOUNT, "AAPL").sells == 0


def test_one_key_is_one_order_in_a_basket_too(stage: Stage) -> None:
    tickets = stage.gate.submit_basket(["BUY 5 AAPL LMT 190 key=k", "BUY 5 MSFT LMT 400 key=k"])
    assert [one.decision.codes for one in tickets] == [("GROUP_DENIED",), ("KEY_REUSED",)]
    assert stage.broker.placed == []


def test_a_bracket_asked_for_again_by_its_key_is_the_same_bracket(stage: Stage) -> None:
    first = stage.gate.submit_bracket("BUY 10 AAPL LMT 190 key=k", exits=EXITS)
    again = stage.gate.submit_bracket("BUY 10 AAPL LMT 190 key=k", exits=EXITS)
    assert [one.order_id for one in again] == [one.order_id for one in first]
    assert len(stage.broker.placed) == 3
    other = Exits(take_profit=Decimal(196), stop_loss=Decimal(185))
    third = stage.gate.submit_bracket("BUY 10 AAPL LMT 190 key=k", exits=other)
    assert third[0].decision.codes == ("KEY_REUSED",)


@pytest.mark.parametrize("price", [195, 195.0, Decimal(195)])
def test_exits_may_be_any_number(stage: Stage, price: float | Decimal) -> None:
    exits = Exits(take_profit=price, stop_loss=185)
    tickets = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=exits)
    assert actions(tickets) == [Action.ALLOW] * 3


@pytest.mark.parametrize("price", [True, "195", None, float("nan"), Decimal("1E+999999")])
def test_exits_that_are_no_price_deny_and_never_raise(stage: Stage, price: object) -> None:
    exits = Exits(take_profit=price, stop_loss=185)  # type: ignore[arg-type]
    tickets = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=exits)
    assert {one.decision.action for one in tickets} == {Action.DENY}
    assert stage.broker.placed == []


def test_a_halt_takes_a_bracket_as_a_whole(stage: Stage) -> None:
    tickets = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    stage.gate.halt(reason="loss", by="m.ruiz", state=TradingState.REDUCE_ONLY)
    assert [number for number, _ in stage.broker.withdrawn] == [one.order_id for one in tickets]


def test_exits_of_an_entry_that_reduces_open_and_are_judged_so(stage: Stage) -> None:
    stage.gate.take([stage.execution(stage.allowed("BUY 90 AAPL LMT 190"), "90")])
    tickets = stage.gate.submit_bracket(
        "SELL 90 AAPL LMT 190", exits=Exits(take_profit=185, stop_loss=195)
    )
    assert actions(tickets) == [Action.DENY] * 3
    assert tickets[1].decision.by == ("desk/position",)


def test_a_parent_is_not_made_smaller_than_its_children(stage: Stage) -> None:
    parent = stage.sent("BUY 50 AAPL LMT 190")
    stage.gate.submit("BUY 30 AAPL LMT 190 tag=slice", parent=parent)
    assert stage.gate.modify(parent, quantity=20).decision.codes == ("PARENT_OVERFILL",)
    assert stage.gate.modify(parent, quantity=30).allowed


def test_a_long_basket_is_judged_in_one_pass(counted: Stage) -> None:
    lines = [f"BUY 1 AAPL LMT {180 + place / 100:.2f}" for place in range(200)]
    tickets = counted.gate.submit_basket(lines)
    assert len(tickets) == 200
    assert {one.decision.action for one in tickets} == {Action.ALLOW}


def test_exits_that_were_held_are_folded_as_they_were_approved(
    staged: Callable[[str], Stage],
) -> None:
    """Found by the simulated worlds: which exit holds their room hung on who was heard of first."""
    stage = staged(
        """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 50, on_breach: hold, because: test}
"""
    )
    entry, profit, _ = stage.gate.submit_bracket(BUY, exits=EXITS)
    assert entry.status is Status.HELD
    stage.gate.approve(entry.order_id, by="ann", reason="it is meant")
    stage.gate.take([stage.execution(entry.order_id, "60")])
    reserved = {n: life.reserved for n, life in stage.folded().orders.items()}
    assert reserved == {n: life.reserved for n, life in stage.gate.ledger.orders.items()}
    assert reserved[profit.order_id] == 60


def test_an_entry_is_not_made_smaller_than_its_exits(stage: Stage) -> None:
    entry, profit, loss = (
        one.order_id for one in stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    )
    assert stage.gate.modify(entry, quantity=9).decision.codes == ("NOT_MODIFIABLE",)
    for exit_ in (profit, loss):
        assert stage.gate.modify(exit_, quantity=9).allowed
    assert stage.gate.modify(entry, quantity=9).decision.codes == ("NOT_MODIFIABLE",)
    nine = Decimal(9)
    stage.gate.take([OrderEcho(order_id=profit, quantity=nine, limit_price=Decimal(195))])
    stage.gate.take([OrderEcho(order_id=loss, quantity=nine, stop_price=Decimal(185))])
    assert stage.gate.modify(entry, quantity=9).allowed


def test_exits_take_over_nothing_of_how_their_entry_is_worked(stage: Stage) -> None:
    entry = "BUY 10 AAPL LMT 190 hidden=true priority=3"
    tickets = stage.gate.submit_bracket(entry, exits=EXITS)
    first, *exits = [one.decision.order for one in tickets if one.decision.order is not None]
    assert first.instructions == Instructions(hidden=True, priority=3)
    assert [one.instructions for one in exits] == [Instructions(priority=3)] * 2


def test_the_entry_of_a_bracket_is_for_a_quantity(stage: Stage) -> None:
    entry = Order.parse("BUY 10 AAPL LMT 190")
    cash = Instructions(cash_quantity=Decimal(1900))
    tickets = stage.gate.submit_bracket(
        msgspec.structs.replace(entry, instructions=cash), exits=EXITS
    )
    assert "BAD_QUANTITY" in tickets[0].decision.codes
    assert stage.broker.placed == []


@pytest.mark.parametrize("ending", [Status.REJECTED, Status.NEVER_SENT])
def test_an_entry_that_lost_an_exit_is_cancelled_and_again_if_that_did_not_help(
    stage: Stage, ending: Status
) -> None:
    entry, profit, loss = (
        one.order_id for one in stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    )
    for number in (entry, profit, loss):
        stage.says(number, Status.PRE_SUBMITTED)
    stage.gate.follow()
    assert stage.broker.cancelled == []
    if ending is Status.REJECTED:
        stage.says(loss, ending)
    else:
        stage.says(loss, Status.UNKNOWN)
        stage.gate.take([NeverSent(order_id=loss, code="NOT_CONNECTED", text="never arrived")])
    stage.gate.follow()
    stage.gate.follow()
    assert stage.broker.cancelled == [entry]
    stage.gate.take([CancelNotSent(order_id=entry, text="gone")])
    stage.gate.follow()
    assert stage.broker.cancelled == [entry]
    stage.clock.advance(timedelta(seconds=6))
    stage.gate.follow()
    assert stage.broker.cancelled == [entry, entry]


def test_an_entry_that_was_filled_in_part_is_not_cancelled_for_a_lost_exit(stage: Stage) -> None:
    """At IB the exit that is left would go with it, and so would what protects the position."""
    entry, _, loss = (
        one.order_id for one in stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    )
    stage.says(entry, Status.SUBMITTED)
    stage.gate.take([stage.execution(entry, "1")])
    stage.says(loss, Status.REJECTED)
    stage.gate.follow()
    assert stage.broker.cancelled == []


def test_a_group_of_which_one_is_over_on_record_is_not_handed_over(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Bookkeeper.turn

    @contextmanager
    def turn(desk: Bookkeeper, *, project: bool = True) -> Iterator[object]:
        with real(desk, project=project) as turned:
            yield turned
            if 3 in desk.ledger.orders and desk.ledger.orders[3].status is Status.PENDING_SUBMIT:
                turned.record(NeverSent(order_id=3, code="KILLED", text="another gate's word"))

    monkeypatch.setattr(Bookkeeper, "turn", turn)
    tickets = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    assert [one.status for one in tickets] == [Status.NEVER_SENT] * 3
    assert stage.broker.placed == []


def test_exits_that_open_do_not_leave_under_reduce_only_with_an_entry_that_reduces(
    stage: Stage,
) -> None:
    """Found by the simulated worlds: the exits were let through for their entry's sake."""
    stage.gate.take([stage.execution(stage.allowed("SELL 10 AAPL LMT 190"), "10")])
    stage.broker.waiting.clear()
    tickets = stage.gate.submit_bracket("BUY 10 AAPL LMT 190", exits=EXITS)
    assert [one.decision.reduction for one in tickets] == [True, False, False]
    stage.gate.halt(reason="loss", by="m.ruiz", state=TradingState.REDUCE_ONLY)
    assert {number for number, _ in stage.broker.withdrawn} & {one.order_id for one in tickets[1:]}
