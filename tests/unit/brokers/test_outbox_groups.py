"""Orders that leave as one, or not at all: brackets and one-cancels-all groups in the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from riskgate.brokers.ib.outbox import Cancel, Item, Outbox, Parcel, Sink
from riskgate.errors import NotConnected, OrderError
from riskgate.execution.pacer import Pacer
from riskgate.model.decision import Action, ApprovedOrder, Decision
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order
from riskgate.model.report import NeverSent, Report, Sent, unsent


def leg(
    order_id: int, *, bracket: int = 0, reduction: bool = False, priority: int = 0
) -> ApprovedOrder:
    order = Order.parse(f"BUY 1 AAPL LMT 180 DAY priority={priority}")
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
        bracket=bracket,
    )


def bracket(first: int, *, reduction: bool = False) -> tuple[ApprovedOrder, ...]:
    entry = leg(first, bracket=first, reduction=reduction)
    exits = (leg(first + n, bracket=first, reduction=not reduction) for n in (1, 2))
    return (entry, *exits)


class Post:
    """An outbox with everything that left it and everything it told."""

    def __init__(self, rate: int = 45, bound: int = 1000) -> None:
        self.left: list[Item] = []
        self.told: list[Report] = []
        self.breaks_after: int | None = None
        self.broken: Exception | None = None
        sink = Sink(self._write, self._hear, lambda: None)
        self.outbox = Outbox(Pacer(rate), sink, max_wait=2.0, bound=bound)

    def _write(self, item: Item) -> tuple[Report, ...]:
        if self.broken is not None:
            raise self.broken
        self.left.append(item)
        orders = item.orders if isinstance(item, Parcel) else ()
        if isinstance(item, ApprovedOrder):
            orders = (item,)
        until = len(orders) if self.breaks_after is None else self.breaks_after
        sent = [
            Sent(order_id=one.order_id, broker_order_id=one.order_id, client_id=1)
            for one in orders[:until]
        ]
        return (*sent, *(unsent(one, "NOT_CONNECTED", "gone") for one in orders[until:]))

    def _hear(self, reports: Iterable[Report]) -> None:
        self.told += reports

    def place(self, orders: tuple[ApprovedOrder, ...], now: float = 0.0) -> None:
        self.outbox.place(orders[0], now, orders[1:])

    def flush(self, now: float = 0.0) -> float | None:
        while (pause := self.outbox.step(now)) == 0:
            pass
        return pause

    def never(self) -> list[tuple[int, str]]:
        return [(one.order_id, one.code) for one in self.told if isinstance(one, NeverSent)]

    def sent(self) -> list[int]:
        return [one.order_id for one in self.told if isinstance(one, Sent)]


def test_a_bracket_leaves_in_one_step_and_each_leg_is_told() -> None:
    post = Post()
    post.place(bracket(1))
    assert post.outbox.step(0.0) is None
    assert post.left == [Parcel(bracket(1))]
    assert post.sent() == [1, 2, 3]


def test_a_bracket_waits_until_there_is_a_token_for_each_leg() -> None:
    post = Post(rate=4)
    for number in (1, 2):
        post.place((leg(number),))
    post.place(bracket(3))
    pause = post.flush()
    assert pause is not None
    assert post.sent() == [1, 2]
    assert post.flush(0.5) == pytest.approx(0.6)
    post.flush(1.2)
    assert post.sent() == [1, 2, 3, 4, 5]
    post.place((leg(6),), 1.2)
    post.place((leg(7),), 1.2)
    post.flush(1.2)
    assert post.sent() == [1, 2, 3, 4, 5, 6]


def test_a_group_larger_than_the_rate_is_never_sent() -> None:
    post = Post(rate=2)
    post.place(bracket(1))
    assert post.flush() is None
    assert post.never() == [(1, "QUEUE_FULL"), (2, "QUEUE_FULL"), (3, "QUEUE_FULL")]


def test_the_bound_counts_legs() -> None:
    post = Post(bound=4)
    post.place((leg(1),))
    post.place((leg(2),))
    post.place(bracket(3))
    assert post.never() == [(3, "QUEUE_FULL"), (4, "QUEUE_FULL"), (5, "QUEUE_FULL")]
    post.flush()
    post.place(bracket(6))
    post.place((leg(9),))
    post.flush()
    assert post.sent() == [1, 2, 6, 7, 8, 9]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_what_drops_one_leg_drops_the_bracket(number: int) -> None:
    ways: dict[str, Callable[[Post], object]] = {
        "HALTED": lambda post: post.outbox.withdraw(lambda one: one == number, "HALTED"),
        "CANCELLED": lambda post: post.outbox.cancel(number, 0.0),
        "QUEUE_EXPIRED": lambda post: post.flush(2.0),
        "NOT_CONNECTED": lambda post: post.outbox.close("gone"),
    }
    for code, drop in ways.items():
        post = Post()
        post.place(bracket(1))
        drop(post)
        post.flush()
        assert post.left == []
        assert post.never() == [(1, code), (2, code), (3, code)]


def test_every_leg_is_asked_about_before_a_bracket_is_withdrawn() -> None:
    post, asked = Post(), []

    def covers(number: int) -> bool:
        asked.append(number)
        return True

    post.place(bracket(1))
    post.outbox.withdraw(covers, "KILLED")
    assert asked == [1, 2, 3]


def test_the_cancel_of_a_leg_that_was_dropped_with_its_bracket_sends_nothing() -> None:
    post = Post()
    post.place(bracket(1))
    post.outbox.cancel(3, 0.0)
    for number in (1, 2, 3):
        post.outbox.cancel(number, 0.0)
    post.flush()
    assert post.left == []
    texts = [one.text for one in post.told if isinstance(one, NeverSent)]
    assert texts == ["cancelled before it was sent, with order 3 of its group"] * 3


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotConnected("gone"), "NOT_CONNECTED"),
        (OrderError("no", (("BAD_PRICE", "no"),)), "BAD_PRICE"),
    ],
)
def test_a_bracket_of_which_nothing_could_be_written_was_never_sent(
    error: Exception, code: str
) -> None:
    post = Post()
    post.broken = error
    post.place(bracket(1))
    post.flush()
    assert post.never() == [(1, code), (2, code), (3, code)]


def test_of_a_bracket_that_broke_in_the_middle_each_leg_is_told_for_what_it_is() -> None:
    post = Post()
    post.breaks_after = 2
    post.place(bracket(1))
    post.flush()
    assert post.sent() == [1, 2]
    assert post.never() == [(3, "NOT_CONNECTED")]
    post.breaks_after = None
    for number in (1, 3):
        post.outbox.cancel(number, 0.0)
    post.flush()
    assert post.left[1:] == [Cancel(1)]


def test_an_entry_that_reduces_takes_its_exits_with_it() -> None:
    post = Post()
    post.place((leg(1),))
    post.place(bracket(2, reduction=True))
    post.flush()
    assert post.sent() == [2, 3, 4, 1]


def test_a_group_reduces_only_if_all_of_it_does() -> None:
    post = Post()
    post.place((leg(1),))
    post.place((leg(2, reduction=True), leg(3)))
    post.place((leg(4, reduction=True), leg(5, reduction=True)))
    post.flush()
    assert post.sent() == [4, 5, 1, 2, 3]


def test_the_higher_priority_goes_first_among_equals_and_never_before_a_cancel() -> None:
    post = Post()
    post.place((leg(1),), 0.0)
    post.place((leg(2, priority=5),), 0.1)
    post.place((leg(3, priority=5),), 0.2)
    post.place((leg(4, reduction=True, priority=-1),), 0.3)
    post.outbox.cancel(9, 0.4)
    post.flush(0.5)
    assert post.left[0] == Cancel(9)
    assert post.sent() == [4, 2, 3, 1]


def test_what_left_says_how_long_it_waited() -> None:
    post = Post()
    post.place(bracket(1), 0.0)
    post.place((leg(4),), 0.5)
    post.flush(0.5)
    waited = {one.order_id: one.queued for one in post.told if isinstance(one, Sent)}
    assert waited == {1: Decimal("0.5"), 2: Decimal("0.5"), 3: Decimal("0.5"), 4: Decimal(0)}
