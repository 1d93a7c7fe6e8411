"""The life of a block is that of its members, and the journal alone gives it again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from riskgate.errors import NotConnected
from riskgate.model.events import Decided, Outcome, Reconciled, Resolved
from riskgate.model.lifecycle import Status
from riskgate.model.report import (
    CancelNotSent,
    ErrorReport,
    NeverSent,
    OrderEcho,
    Sent,
    StatusReport,
)
from riskgate.model.trading import Scope, TradingState
from tests.unit.conftest import ACCOUNT, FlakyJournal, StageBroker
from tests.unit.line.blocks.conftest import ALPHA, BETA, House, codes, statuses

# --- the life of a block -------------------------------------------------------------------------


def test_what_the_broker_says_of_the_block_is_said_of_its_members(house: House) -> None:
    number, tickets = house.block()
    house.gate.take([Sent(order_id=number, broker_order_id=7, client_id=1)])
    house.says(number, Status.PRE_SUBMITTED)
    echo = OrderEcho(order_id=number, quantity=Decimal(100), limit_price=Decimal(190), perm_id=9)
    house.gate.take([echo, ErrorReport(order_id=number, code=399, text="later")])
    house.says(number, Status.SUBMITTED)
    assert statuses(*tickets) == [Status.SUBMITTED] * 2
    views = [view for one in tickets if (view := one.view)]
    assert [(one.broker_order_id, one.perm_id, one.reason) for one in views] == [
        (7, 0, "399: later")
    ] * 2


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.REJECTED, Status.EXPIRED], ids=str)
def test_the_end_of_the_block_is_the_end_of_its_members(house: House, status: Status) -> None:
    number, tickets = house.block()
    house.says(number, status)
    assert statuses(*tickets) == [status] * 2
    assert house.reserved() == (0, 0, 0)


def test_a_rejection_is_counted_of_the_members(house: House) -> None:
    number, _ = house.block()
    house.says(number, Status.REJECTED)
    assert [house.life(one).refusal_counted for one in (1, 2, 3)] == [True, True, False]


def test_an_inactive_block_keeps_its_members_room(house: House) -> None:
    number, tickets = house.block()
    house.says(number, Status.INACTIVE)
    assert statuses(*tickets) == [Status.INACTIVE] * 2
    assert house.reserved() == (0, 100, 0)
    house.says(number, Status.SUBMITTED)
    assert statuses(*tickets) == [Status.SUBMITTED] * 2


def test_a_block_that_the_broker_calls_filled_waits_for_its_fills(house: House) -> None:
    number, tickets = house.block()
    full = StatusReport(
        order_id=number, status=Status.FILLED, filled=Decimal(100), remaining=Decimal(0)
    )
    house.gate.take([full])
    assert house.reserved() == (0, 100, 0)
    house.fill(number, 60, "a.01")
    house.fill(number, 40, "b.01")
    assert statuses(*tickets) == [Status.FILLED] * 2


def test_a_block_that_ends_filled_with_less_ends_its_members(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, 30, "a.01")
    less = StatusReport(
        order_id=number, status=Status.FILLED, filled=Decimal(30), remaining=Decimal(0)
    )
    house.gate.take([less])
    assert statuses(*tickets) == [Status.CANCELLED] * 2
    assert house.reserved() == (30, 0, 0)


def test_a_member_cannot_be_modified_nor_can_its_block(house: House) -> None:
    number, _ = house.block()
    assert house.gate.modify(1, quantity=50).decision.by == ("NOT_MODIFIABLE",)
    refused = house.gate.modify(number, quantity=50)
    assert refused.decision.by == ("NOT_MODIFIABLE",)
    assert refused.decision.breaches[0].text == "order 3 is a block; cancel it instead"
    assert house.reserved() == (0, 100, 0)


def test_the_cancel_of_a_member_cancels_the_block(house: House) -> None:
    number, tickets = house.block()
    house.says(number, Status.SUBMITTED)
    assert house.gate.cancel(1)
    assert house.broker.cancelled == [number]
    assert statuses(*tickets) == [Status.PENDING_CANCEL] * 2
    assert house.reserved() == (0, 100, 0)
    house.says(number, Status.CANCELLED)
    assert statuses(*tickets) == [Status.CANCELLED] * 2
    assert not house.gate.cancel(1)


def test_a_cancel_that_did_not_leave_lets_all_work_on(house: House) -> None:
    number, tickets = house.block()
    house.says(number, Status.SUBMITTED)
    house.gate.cancel(number)
    house.gate.take([CancelNotSent(order_id=number, text="gone")])
    assert statuses(*tickets) == [Status.SUBMITTED] * 2


def test_a_cancel_that_a_story_does_not_know_lets_all_work_on(house: House) -> None:
    number, tickets = house.block()
    house.says(number, Status.SUBMITTED)
    house.gate.cancel(number)
    house.gate.take([StatusReport(order_id=number, status=Status.SUBMITTED, perm_id=9)])
    house.gate.take([Reconciled(clean=True)])
    assert statuses(*tickets) == [Status.SUBMITTED] * 2
    assert house.status_of(number) is Status.SUBMITTED


def test_a_kill_of_one_strategy_cancels_the_block_that_it_is_part_of(house: House) -> None:
    number, _ = house.block()
    house.gate.take([Sent(order_id=number, broker_order_id=7, client_id=0)])
    house.says(number, Status.SUBMITTED)
    house.tell(statuses=(StatusReport(order_id=number, status=Status.PENDING_CANCEL),))
    report = house.gate.kill(reason="x", by="m.ruiz", scope=Scope(strategy="beta"), timeout=0.01)
    assert house.broker.cancelled == [number]
    assert report.pending == (number,)


def test_a_kill_of_another_strategy_leaves_the_block_alone(house: House) -> None:
    number, tickets = house.block()
    house.gate.take([Sent(order_id=number, broker_order_id=7, client_id=0)])
    house.gate.kill(reason="x", by="m.ruiz", scope=Scope(strategy="gamma"), timeout=0.01)
    assert house.broker.cancelled == []
    assert Status.PENDING_CANCEL not in statuses(*tickets)


def test_a_strategy_whose_part_is_filled_has_nothing_left_to_cancel(house: House) -> None:
    number, tickets = house.block("BUY 1 AAPL LMT 190 strategy=alpha", BETA)
    house.fill(number, 40, "a.01")
    assert statuses(*tickets) == [Status.FILLED, Status.PARTIALLY_FILLED]
    assert house.gate.cancel_all(Scope(strategy="alpha")) == ()
    assert house.gate.cancel_all(Scope(strategy="beta")) == (number,)


def test_a_halt_of_one_strategy_drops_a_block_that_waits(house: House) -> None:
    number, _ = house.block()
    house.gate.halt(reason="x", by="m.ruiz", scope=Scope(strategy="beta"))
    assert house.broker.withdrawn == [(number, "HALTED")]


def test_a_block_that_waits_may_leave_under_reduce_only_if_each_member_reduces(
    house: House,
) -> None:
    house.sent("BUY 100 AAPL LMT 190 strategy=alpha")
    house.fill(1, 100, "a.01")
    house.broker.waiting.clear()
    number, _ = house.block("SELL 60 AAPL LMT 190 strategy=alpha", "SELL 30 AAPL LMT 190")
    house.gate.halt(reason="x", by="m.ruiz", state=TradingState.REDUCE_ONLY)
    assert house.broker.withdrawn == []
    house.gate.resume(reason="x", by="m.ruiz", override=True)
    house.says(number, Status.CANCELLED)
    house.broker.waiting.clear()
    number, _ = house.block("SELL 60 AAPL LMT 190 strategy=alpha", "SELL 60 AAPL LMT 190")
    house.gate.halt(reason="x", by="m.ruiz", state=TradingState.REDUCE_ONLY)
    assert house.broker.withdrawn == [(number, "REDUCE_ONLY")]


def test_a_halted_strategy_stays_out_of_a_block(house: House) -> None:
    house.gate.halt(reason="x", by="m.ruiz", scope=Scope(strategy="alpha"))
    gamma = BETA.replace("beta", "gamma")
    _, tickets = house.block(ALPHA, BETA, gamma)
    assert codes(*tickets) == [("HALTED",), (), ()]
    assert house.broker.placed[0].order.quantity == 80


# --- reconciling and crashes ---------------------------------------------------------------------


def test_a_story_that_knows_the_block_leaves_its_members_alone(house: House) -> None:
    number, tickets = house.block()
    house.gate.take([Sent(order_id=number, broker_order_id=7, client_id=1)])
    status = StatusReport(order_id=number, status=Status.SUBMITTED, perm_id=9)
    fill = msgspec.structs.replace(house.execution(0, "10", "a.01"), order_id=0, perm_id=9)
    house.gate.take([status])
    house.tell(statuses=(status,), executions=(fill,), positions=(house.held(10),))
    assert house.gate.reconcile().settled
    assert statuses(*tickets) == [Status.PARTIALLY_FILLED] * 2
    assert house.parts(*tickets) == [6, 4]
    assert house.gate.reconcile().differences == ()


def test_a_block_that_a_story_does_not_know_is_unknown_with_its_members(house: House) -> None:
    number, tickets = house.block()
    house.gate.take([Sent(order_id=number, broker_order_id=7, client_id=1)])
    outcome = house.gate.reconcile()
    assert outcome.disputed == 1
    assert statuses(*tickets) == [Status.UNKNOWN] * 2
    assert house.reserved() == (0, 100, 0)
    house.gate.resolve(1, Outcome.DEAD, by="m.ruiz", reason="seen in TWS")
    assert statuses(*tickets) == [Status.CANCELLED] * 2
    assert [one.order_id for one in house.journal.payloads() if isinstance(one, Resolved)] == [3]


def test_a_block_that_never_arrived_releases_its_members(house: House) -> None:
    number, tickets = house.block()
    house.gate.take([Sent(order_id=number, broker_order_id=7, client_id=1)])
    house.gate.reconcile()
    house.clock.advance(timedelta(seconds=31))
    house.gate.reconcile()
    assert statuses(*tickets) == [Status.NEVER_SENT] * 2
    assert house.reserved() == (0, 0, 0)


def test_a_gate_that_knows_only_the_journal_divides_the_next_fill_alike(house: House) -> None:
    number, _ = house.block()
    house.fill(number, 33, "a.01")
    later = house.restarted()
    for gate in (later, house.gate):
        gate.take([house.execution(number, "34", "b.01")])
    assert [one.quantity for one in later.fills(1)] == [20, 20]
    assert later.fills(2) == house.gate.fills(2)
    assert later.ledger.holdings.of(ACCOUNT, "AAPL").position == 67


def test_another_gate_on_the_journal_has_the_same_members_and_cancels_by_the_block(
    house: House,
) -> None:
    number, tickets = house.block()
    house.gate.take([Sent(order_id=number, broker_order_id=7, client_id=0)])
    broker = StageBroker()
    other = house.another_gate(FlakyJournal(house.journal.inner.another()), broker)
    house.fill(number, 50, "a.01")
    other.follow()
    assert [one.quantity for one in other.fills(1)] == [30]
    assert other.cancel(2)
    house.gate.follow()
    assert statuses(*tickets) == [Status.PENDING_CANCEL] * 2


def test_every_decision_says_what_it_was_part_of(house: House) -> None:
    house.block()
    made = [one for one in house.journal.payloads() if isinstance(one, Decided)]
    assert [(one.order_id, one.block, one.members) for one in made] == [
        (1, 3, ()),
        (2, 3, ()),
        (3, 0, (1, 2)),
    ]


def test_a_broker_that_goes_away_in_between_is_told_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise NotConnected("the session is gone")

    monkeypatch.setattr(house.broker, "place", gone)
    house.block()
    unsent = [one for one in house.journal.payloads() if isinstance(one, NeverSent)]
    assert [one.order_id for one in unsent] == [3]
