"""Blocks in the book, under random stories: what holds at every moment, and again from the events.

FIX 4.4: the quantities of all allocations of an order never exceed what was executed of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.ledger.life import Life
from riskgate.model.decision import Action, Decision
from riskgate.model.events import CancelRequested, Decided, Payload, Reconciled
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order, OrderType, Side
from riskgate.model.report import (
    CancelNotSent,
    CommissionReport,
    ExecutionReport,
    NeverSent,
    Sent,
    StatusReport,
)
from riskgate.model.snapshot import Snapshot
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
ACCOUNT = "DU1"
AAPL = Instrument(
    key="AAPL",
    symbol="AAPL",
    sec_type="STK",
    currency="USD",
    exchange="SMART",
    min_tick=Decimal("0.01"),
)
TEXT = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: own, kind: position, per: [account, strategy], max_long: 1, because: test}
"""


def policies() -> PolicySet:
    document, _ = parse(TEXT, "desk.yaml")
    assert document is not None
    found, wrong = compile_policies([document], lambda _: None)
    assert found is not None, wrong
    return found


POLICIES = policies()


@dataclass
class Story:
    """A book, all that it was told, and what the broker has executed of the block."""

    sizes: list[tuple[Side, int]]
    book: Book = field(default_factory=lambda: Book(Counting(POLICIES), lambda _: None))
    told: list[tuple[Payload, datetime]] = field(default_factory=list)
    executed: dict[str, tuple[int, int]] = field(default_factory=dict)
    at: datetime = NOON

    def __post_init__(self) -> None:
        self.number = len(self.sizes) + 1
        for place, (side, size) in enumerate(self.sizes, 1):
            self.tell(self.decided(place, side, size, block=self.number))
        total = sum(size if side is Side.BUY else -size for side, size in self.sizes)
        self.side = Side.BUY if total > 0 else Side.SELL
        members = tuple(range(1, self.number))
        self.tell(self.decided(self.number, self.side, abs(total), members=members))

    def decided(
        self,
        number: int,
        side: Side,
        size: int,
        *,
        block: int = 0,
        members: tuple[int, ...] = (),
    ) -> Decided:
        order = Order(
            side=side,
            quantity=Decimal(size),
            symbol="AAPL",
            order_type=OrderType.MKT,
            account=ACCOUNT,
            strategy=f"s{number}" if block else None,
        )
        return Decided(
            order_id=number,
            ref=f"r{number}",
            text=str(order),
            decision=Decision(order=order, action=Action.ALLOW, as_of=NOON, digest=""),
            snapshot=Snapshot(as_of=NOON, instrument=AAPL),
            unit_value=Decimal(190),
            block=block,
            members=members,
        )

    def tell(self, payload: Payload) -> None:
        self.at += timedelta(seconds=1)
        self.told.append((payload, self.at))
        self.book.apply(payload, self.at)

    def fill(self, name: str, quantity: int) -> None:
        revision = self.executed.get(name, (0, 0))[0] + 1
        self.executed[name] = revision, quantity
        self.tell(
            ExecutionReport(
                execution_id=f"{name}.{revision:02}",
                order_id=self.number,
                account=ACCOUNT,
                instrument=AAPL,
                side=self.side,
                quantity=Decimal(quantity),
                price=Decimal(190 + revision),
                at=self.at,
            )
        )

    @property
    def block(self) -> Life:
        return self.book.orders[self.number]

    def check(self) -> None:
        """What holds at every moment."""
        block, sign = self.block, 1 if self.side is Side.BUY else -1
        executed = Decimal(sum(quantity for _, quantity in self.executed.values()))
        assert block.filled == executed
        given_ = ZERO
        for life in block.members:
            assert ZERO <= life.filled <= life.quantity
            mine = [f.quantity for f in self.book.fills.values() if f.order_id == life.order_id]
            assert sum(mine, ZERO) == life.filled
            given_ += life.filled if life.subject.side == block.subject.side else -life.filled
            left = life.quantity - life.filled if life.status.working else ZERO
            assert life.reserved == left
            assert life.status.working <= block.status.working
            signed = life.filled if life.subject.side == Side.BUY else -life.filled
            own = self.book.holdings.of(ACCOUNT, "AAPL", life.subject.strategy)
            assert own.position == signed
        assert given_ == min(executed, block.quantity)
        whole = self.book.holdings.of(ACCOUNT, "AAPL")
        assert whole.position == sign * executed
        assert self.book.holdings.of(ACCOUNT, "AAPL", "").position == sign * (executed - given_)
        working = [one for one in block.members if one.status.working]
        assert whole.buys == sum((o.reserved for o in working if o.subject.side == Side.BUY), ZERO)
        assert whole.sells == sum(
            (o.reserved for o in working if o.subject.side == Side.SELL), ZERO
        )
        for stem, fill in block.fills.items():
            costs = [
                part.commission or ZERO
                for life in block.members
                for part in life.fills.values()
                if part.stem.startswith(f"{stem}/") and part.quantity
            ]
            assert not costs or sum(costs, ZERO) == (fill.commission or ZERO)

    def facts(self, book: Book) -> object:
        return (
            [msgspec.structs.asdict(one.view()) for one in book.orders.values()],
            [(one.reserved, one.said_alive, one.cancel_counted) for one in book.orders.values()],
            dict(book.fills),
            book.holdings.positions(),
        )


STATUSES = st.sampled_from(
    [
        *(Status.SUBMITTED, Status.PRE_SUBMITTED, Status.PENDING_CANCEL, Status.INACTIVE),
        *(Status.UNKNOWN, Status.CANCELLED, Status.REJECTED, Status.EXPIRED, Status.FILLED),
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), st.integers(0, 5), st.integers(0, 60)),
        st.tuples(st.just("status"), STATUSES, st.just(0)),
        st.tuples(st.just("cost"), st.integers(0, 5), st.integers(-300, 300)),
        st.tuples(st.just("other"), st.integers(0, 4), st.just(0)),
    ),
    max_size=14,
)
SIZES = st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 80)), min_size=2, max_size=5)


def others(number: int) -> list[Payload]:
    return [
        Sent(order_id=number, broker_order_id=7, client_id=1),
        NeverSent(order_id=number, code="QUEUE_EXPIRED", text="too late"),
        CancelRequested(order_id=number),
        CancelNotSent(order_id=number, text="gone"),
        Reconciled(clean=True),
    ]


def play(story: Story, step: tuple[str, object, int]) -> None:
    what, which, amount = step
    if what == "fill":
        story.fill(f"e{which}", amount)
    elif what == "status":
        story.tell(StatusReport(order_id=story.number, status=Status(str(which))))
    elif what == "cost":
        cost = Decimal(amount) / 100
        story.tell(CommissionReport(execution_id=f"e{which}.01", amount=cost, currency="USD"))
    else:
        story.tell(others(story.number)[int(str(which))])


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(SIZES, STEPS)
def test_whatever_happens_to_a_block_its_members_have_just_what_was_executed(
    sizes: list[tuple[Side, int]], steps: list[tuple[str, object, int]]
) -> None:
    if not sum(size if side is Side.BUY else -size for side, size in sizes):
        return
    story = Story(sizes)
    for step in steps:
        play(story, step)
        story.check()
    again = Book(Counting(POLICIES), lambda _: None)
    for payload, at in story.told:
        again.apply(payload, at)
    assert story.facts(again) == story.facts(story.book)


@settings(max_examples=100, deadline=None)
@given(SIZES, st.lists(st.integers(1, 60), min_size=1, max_size=12))
def test_a_block_that_fills_in_any_pieces_fills_every_member(
    sizes: list[tuple[Side, int]], pieces: list[int]
) -> None:
    total = abs(sum(size if side is Side.BUY else -size for side, size in sizes))
    if not total:
        return
    story = Story(sizes)
    left = total
    for place, piece in enumerate(pieces):
        now = min(piece, left)
        if now:
            story.fill(f"e{place}", now)
            story.check()
        left -= now
    if left:
        story.fill("last", left)
    story.check()
    assert [life.status for life in story.block.members] == [Status.FILLED] * len(sizes)
    assert story.block.status is Status.FILLED


def test_an_older_revision_that_comes_late_changes_nothing() -> None:
    story = Story([(Side.BUY, 60), (Side.BUY, 40)])
    story.fill("e1", 50)
    first = story.told[-1][0]
    story.fill("e1", 40)
    before = story.facts(story.book)
    story.tell(first)
    assert story.facts(story.book) == before
    assert story.book.blocks.told == ()


def test_an_event_about_no_block_is_retold_to_nobody() -> None:
    story = Story([(Side.BUY, 60), (Side.BUY, 40)])
    story.tell(Sent(order_id=story.number, broker_order_id=7, client_id=1))
    assert [getattr(one, "order_id", 0) for one in story.book.blocks.told] == [1, 2]
    story.tell(Reconciled(clean=True))
    assert story.book.blocks.told == ()


def test_an_execution_of_another_order_is_not_the_blocks_too() -> None:
    story = Story([(Side.BUY, 60), (Side.BUY, 40)])
    story.tell(story.decided(9, Side.BUY, 5))
    story.fill("e1", 5)
    theirs = story.told[-1][0]
    assert isinstance(theirs, ExecutionReport)
    again = msgspec.structs.replace(theirs, execution_id="x.01")
    story.tell(msgspec.structs.replace(again, order_id=9))
    before = story.facts(story.book)
    story.tell(again)
    assert story.facts(story.book) == before
