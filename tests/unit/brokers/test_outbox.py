from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest

from riskgate.brokers.ib.outbox import Ask, Cancel, CancelAll, Item, Outbox, Sink
from riskgate.errors import InvariantError, NotConnected, OrderError
from riskgate.execution.pacer import Pacer
from riskgate.model.decision import Action, ApprovedOrder, Decision
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order
from riskgate.model.report import CancelNotSent, NeverSent, Report, Sent


def approved(
    order_id: int,
    *,
    modify: bool = False,
    reduction: bool = False,
    quantity: int = 1,
    version: int = 0,
) -> ApprovedOrder:
    order = Order.parse(f"BUY {quantity} AAPL LMT 180 DAY")
    decision = Decision(
        order=order,
        action=Action.ALLOW,
        as_of=datetime(2025, 1, 6, tzinfo=UTC),
        digest="test",
        reduction=reduction,
    )
    return ApprovedOrder(
        order=order,
        decision=decision,
        order_id=order_id,
        ref=f"rg-{order_id}",
        instrument=Instrument(key="AAPL", symbol="AAPL"),
        replaces=modify,
        version=version,
    )


class Post:
    """An outbox with everything that left it and everything it told."""

    def __init__(self, rate: int = 45, bound: int = 1000, broken: Exception | None = None) -> None:
        self.left: list[Item] = []
        self.told: list[Report] = []
        self.broken = broken
        sink = Sink(self._write, self._hear, lambda: None)
        self.outbox = Outbox(Pacer(rate), sink, max_wait=2.0, bound=bound)

    def _write(self, item: Item) -> tuple[Report, ...]:
        if self.broken is not None:
            raise self.broken
        self.left.append(item)
        if not isinstance(item, ApprovedOrder):
            return ()
        return (Sent(order_id=item.order_id, broker_order_id=item.order_id, client_id=1),)

    def _hear(self, reports: Iterable[Report]) -> None:
        self.told += reports

    def flush(self, now: float = 0.0) -> float | None:
        while (pause := self.outbox.step(now)) == 0:
            pass
        return pause

    def ids(self) -> list[int]:
        return [item.order_id for item in self.left if isinstance(item, ApprovedOrder)]

    def never(self) -> list[tuple[int, str, bool]]:
        return [
            (one.order_id, one.code, one.modify) for one in self.told if isinstance(one, NeverSent)
        ]

    def unsent_versions(self) -> list[tuple[int, str]]:
        return [(one.version, one.code) for one in self.told if isinstance(one, NeverSent)]

    def uncancelled(self) -> list[tuple[int, str]]:
        return [(one.order_id, one.text) for one in self.told if isinstance(one, CancelNotSent)]


def test_what_is_placed_leaves_in_order_and_is_told_as_sent() -> None:
    post = Post()
    for order_id in (1, 2, 3):
        post.outbox.place(approved(order_id), 0.0)
    assert post.flush() is None
    assert post.ids() == [1, 2, 3]
    assert [one.order_id for one in post.told if isinstance(one, Sent)] == [1, 2, 3]


def test_no_more_leaves_than_the_pacer_lets_through() -> None:
    post = Post(rate=2)
    for order_id in (1, 2, 3):
        post.outbox.place(approved(order_id), 0.0)
    pause = post.flush()
    assert pause is not None
    assert pause > 1
    assert post.ids() == [1, 2]
    post.flush(1.2)
    assert post.ids() == [1, 2, 3]


def test_cancels_go_first_then_reductions_then_new_orders_then_data() -> None:
    post = Post()
    post.outbox.ask(lambda: None, 0.0)
    post.outbox.place(approved(1), 0.0)
    post.outbox.place(approved(2, reduction=True), 0.0)
    post.outbox.cancel(9, 0.0)
    post.outbox.cancel_all(0.0)
    post.flush()
    kinds = [type(item) for item in post.left]
    assert kinds == [CancelAll, Cancel, ApprovedOrder, ApprovedOrder, Ask]
    assert post.ids() == [2, 1]


def test_a_cancel_is_sent_once_however_often_it_is_asked() -> None:
    post = Post()
    post.outbox.cancel(9, 0.0)
    post.outbox.cancel(9, 0.1)
    post.flush(0.2)
    assert post.left == [Cancel(9)]


def test_the_cancel_of_what_waits_drops_it_and_sends_nothing() -> None:
    post = Post()
    post.outbox.place(approved(1), 0.0)
    post.outbox.cancel(1, 0.0)
    post.flush()
    assert post.left == []
    assert post.never() == [(1, "CANCELLED", False)]


def test_the_cancel_of_what_was_dropped_before_sends_nothing() -> None:
    post = Post()
    for order_id in (1, 2):
        post.outbox.place(approved(order_id), 0.0)
    post.outbox.withdraw(lambda key: key == 1, "KILLED")
    post.outbox.cancel(2, 0.0)
    for order_id in (1, 2):
        post.outbox.cancel(order_id, 0.0)
        assert not post.outbox.cancelling(order_id)
    post.flush()
    assert post.left == []


def test_the_cancel_of_an_order_whose_modify_waits_drops_the_modify_and_is_sent() -> None:
    post = Post()
    post.outbox.echoed(1)
    post.outbox.place(approved(1, modify=True), 0.0)
    post.outbox.cancel(1, 0.0)
    post.flush()
    assert post.left == [Cancel(1)]
    assert post.never() == [(1, "CANCELLED", True)]


def test_a_modify_waits_for_the_echo_and_the_one_the_newest_replaces_is_never_sent() -> None:
    post = Post()
    post.outbox.place(approved(1), 0.0)
    post.outbox.place(approved(1, modify=True, quantity=2, version=1), 0.0)
    post.outbox.place(approved(1, modify=True, quantity=3, version=2), 0.0)
    assert post.flush() == pytest.approx(2.0)
    assert len(post.left) == 1
    post.outbox.echoed(1)
    post.flush(0.1)
    assert [item.order.quantity for item in post.left if isinstance(item, ApprovedOrder)] == [1, 3]
    assert post.never() == [(1, "SUPERSEDED", True)]
    assert post.unsent_versions() == [(1, "SUPERSEDED")]


def test_every_modify_that_does_not_leave_is_named_by_its_version() -> None:
    ways: dict[str, Callable[[Post], object]] = {
        "QUEUE_EXPIRED": lambda post: post.flush(2.0),
        "HALTED": lambda post: post.outbox.withdraw(lambda _: True, "HALTED"),
        "CANCELLED": lambda post: post.outbox.cancel(1, 0.0),
        "NOT_CONNECTED": lambda post: post.outbox.close("gone"),
    }
    for code, drop in ways.items():
        for echoed in (True, False):
            post = Post()
            if echoed:
                post.outbox.echoed(1)
            post.outbox.place(approved(1, modify=True, version=4), 0.0)
            drop(post)
            assert post.unsent_versions() == [(4, code)]


def test_a_modify_that_cannot_be_written_is_named_by_its_version() -> None:
    post = Post(broken=NotConnected("gone"))
    post.outbox.echoed(1)
    post.outbox.place(approved(1, modify=True, version=4), 0.0)
    post.flush()
    assert post.unsent_versions() == [(4, "NOT_CONNECTED")]


@pytest.mark.parametrize("written", [True, False])
def test_no_modify_leaves_behind_a_cancel(*, written: bool) -> None:
    """The broker would take it for a new order."""
    post = Post()
    post.outbox.echoed(1)
    post.outbox.cancel(1, 0.0)
    if written:
        post.flush()
    post.outbox.place(approved(1, modify=True, version=1), 0.0)
    post.outbox.echoed(1)
    post.flush()
    assert post.left == [Cancel(1)]
    assert post.unsent_versions() == [(1, "NOT_MODIFIABLE")]


def test_a_cancel_that_could_not_be_written_is_told_and_the_order_may_be_modified() -> None:
    post = Post(broken=ConnectionError("gone"))
    post.outbox.echoed(7)
    post.outbox.cancel(7, 0.0)
    post.flush()
    assert post.uncancelled() == [(7, "gone")]
    post.broken = None
    post.outbox.place(approved(7, modify=True), 0.0)
    post.flush()
    assert post.ids() == [7]


def test_cancels_that_wait_when_the_session_goes_are_told() -> None:
    post = Post()
    post.outbox.cancel(7, 0.0)
    post.outbox.cancel_all(0.0)
    post.outbox.ask(lambda: None, 0.0)
    post.outbox.close("lost")
    assert post.uncancelled() == [(0, "lost"), (7, "lost")]
    assert len(post.told) == 2


def test_a_second_cancel_that_is_lost_does_not_deny_the_first() -> None:
    post = Post()
    post.outbox.cancel(7, 0.0)
    post.flush()
    post.outbox.cancel(7, 0.1)
    post.outbox.close("lost")
    assert post.uncancelled() == []


def test_a_second_modify_waits_for_the_echo_of_the_first() -> None:
    post = Post()
    post.outbox.echoed(1)
    post.outbox.place(approved(1, modify=True, quantity=2), 0.0)
    post.flush()
    post.outbox.place(approved(1, modify=True, quantity=3), 0.0)
    post.flush()
    assert len(post.left) == 1
    post.outbox.echoed(1)
    post.flush()
    assert len(post.left) == 2


def test_a_modify_that_waits_too_long_is_never_sent() -> None:
    post = Post()
    post.outbox.place(approved(1, modify=True), 0.0)
    assert post.outbox.step(1.9) == pytest.approx(0.1)
    assert post.never() == []
    assert post.outbox.step(2.0) is None
    assert post.never() == [(1, "QUEUE_EXPIRED", True)]
    post.outbox.echoed(1)
    post.flush(2.1)
    assert post.left == []


def test_an_order_whose_turn_comes_too_late_is_never_sent_and_costs_no_token() -> None:
    post = Post(rate=1)
    post.outbox.place(approved(1), 0.0)
    post.outbox.place(approved(2), 2.5)
    post.flush(2.5)
    assert post.never() == [(1, "QUEUE_EXPIRED", False)]
    assert post.ids() == [2]


def test_cancels_and_data_never_expire() -> None:
    post = Post()
    post.outbox.cancel(9, 0.0)
    post.outbox.ask(lambda: None, 0.0)
    post.flush(1000.0)
    assert len(post.left) == 2


def test_beyond_the_bound_an_order_is_never_sent() -> None:
    post = Post(bound=1)
    post.outbox.place(approved(1), 0.0)
    post.outbox.place(approved(2), 0.0)
    assert post.never() == [(2, "QUEUE_FULL", False)]


def test_what_is_withdrawn_is_told_once_and_cancels_stay() -> None:
    post = Post()
    post.outbox.place(approved(1), 0.0)
    post.outbox.place(approved(2), 0.0)
    post.outbox.place(approved(3, modify=True), 0.0)
    post.outbox.cancel(8, 0.0)
    post.outbox.withdraw(lambda order_id: order_id != 2, "KILLED")
    post.outbox.withdraw(lambda order_id: order_id != 2, "KILLED")
    post.flush()
    assert post.never() == [(1, "KILLED", False), (3, "KILLED", True)]
    assert post.left == [Cancel(8), approved(2)]


def test_a_closed_outbox_takes_nothing_and_has_dropped_everything() -> None:
    post = Post()
    post.outbox.place(approved(1), 0.0)
    post.outbox.cancel(8, 0.0)
    post.outbox.close("gone")
    assert post.never() == [(1, "NOT_CONNECTED", False)]
    assert post.flush() is None
    assert post.left == []
    with pytest.raises(NotConnected, match="gone"):
        post.outbox.place(approved(2), 0.0)
    with pytest.raises(NotConnected, match="gone"):
        post.outbox.cancel(2, 0.0)
    with pytest.raises(NotConnected, match="gone"):
        post.outbox.cancel_all(0.0)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionError("Not connected"), "NOT_CONNECTED"),
        (NotConnected("gone"), "NOT_CONNECTED"),
        (OrderError("no", (("BAD_PRICE", "no"),)), "BAD_PRICE"),
    ],
)
def test_an_order_that_could_not_be_written_was_never_sent(error: Exception, code: str) -> None:
    post = Post(broken=error)
    post.outbox.place(approved(1), 0.0)
    post.outbox.cancel(5, 0.0)
    post.flush()
    assert post.never() == [(1, code, False)]


def test_a_fault_while_writing_leaves_the_outcome_open_but_loses_no_report() -> None:
    post = Post(broken=InvariantError("what"))
    post.outbox.place(approved(7, modify=True), -5.0)
    post.outbox.place(approved(1), 0.0)
    with pytest.raises(InvariantError):
        post.outbox.step(0.0)
    assert post.never() == [(7, "QUEUE_EXPIRED", True)]
    post.broken = None
    assert post.flush() is None
    assert post.left == []


def test_after_withdraw_returns_nothing_it_covers_leaves() -> None:
    """Two threads: one writes as fast as it can, the other withdraws in the middle."""
    post = Post(rate=100_000)
    for order_id in range(1, 1001):
        post.outbox.place(approved(order_id), 0.0)
    seen_at_return: list[int] = []
    go = threading.Event()

    def withdraw() -> None:
        go.wait(5)
        post.outbox.withdraw(lambda _: True, "KILLED")
        seen_at_return.append(len(post.left))

    thread = threading.Thread(target=withdraw)
    thread.start()
    for step in range(1000):
        if step == 100:
            go.set()
        post.outbox.step(0.0)
    thread.join(5)
    assert len(post.left) == seen_at_return[0]
    assert sorted(post.ids() + [order_id for order_id, _, _ in post.never()]) == list(
        range(1, 1001)
    )


def test_a_cancel_is_under_way_from_when_it_is_asked_for() -> None:
    post = Post()
    post.outbox.place(approved(1), 0.0)
    post.flush()
    assert not post.outbox.cancelling(1)
    post.outbox.cancel(1, 0.0)
    assert post.outbox.cancelling(1)
    post.flush()
    assert post.outbox.cancelling(1)
    assert not post.outbox.cancelling(2)


def test_a_cancel_that_could_not_leave_is_not_under_way() -> None:
    post = Post()
    post.outbox.cancel(1, 0.0)
    post.broken = NotConnected("the connection is gone")
    post.flush()
    assert post.uncancelled() == [(1, "the connection is gone")]
    assert not post.outbox.cancelling(1)
