"""When things happened to an order, and at which prices, is folded from the record alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest
from msgspec import structs

from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.ledger.market import Market
from riskgate.ledger.stamping import mid_of, stamped
from riskgate.ledger.timeline import Timeline
from riskgate.model.decision import Action, Decision
from riskgate.model.events import ApprovalRefused, Decided, Payload
from riskgate.model.instrument import Instrument, Part, Terms
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.order import Order, Side
from riskgate.model.report import ExecutionReport, NeverSent, OrderEcho, Sent, StatusReport
from riskgate.model.snapshot import Snapshot
from riskgate.model.view import OrderView
from riskgate.policy.policies import PolicySet

AT: Final = datetime.fromisoformat("2026-03-02T14:30:00+00:00")
AAPL: Final = Instrument(key="AAPL", symbol="AAPL", exchange="SMART")
QUOTE: Final = Quote(bid=Decimal("189.98"), ask=Decimal("190.02"))
MID: Final = Decimal("190.01")


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def deciding(action: Action = Action.ALLOW, quote: Quote = QUOTE, approves: int = 0) -> Decided:
    order = Order.parse("BUY 100 AAPL LMT 190 exchange=ISLAND account=DU1")
    return Decided(
        order_id=1,
        ref="rg-1",
        text=str(order),
        decision=Decision(order=order, action=action, as_of=AT, digest="d"),
        snapshot=Snapshot(as_of=AT, instrument=AAPL, quote=quote),
        unit_value=Decimal(190),
        approves=approves,
    )


def sending(**more: object) -> Sent:
    return Sent(order_id=1, broker_order_id=1, client_id=1, **more)  # type: ignore[arg-type]


def status(word: Status, mid: Decimal | None = None) -> StatusReport:
    return StatusReport(order_id=1, status=word, mid=mid)


def filling(quantity: int, at: datetime, name: str = "x1.01") -> ExecutionReport:
    return ExecutionReport(
        execution_id=name,
        order_id=1,
        account="DU1",
        instrument=AAPL,
        side=Side.BUY,
        quantity=Decimal(quantity),
        price=Decimal(190),
        at=at,
    )


def book_of(*events: tuple[float, Payload]) -> Book:
    book = Book(Counting(PolicySet((), (), "")), lambda _: None)
    for seconds, event in ((0, deciding()), *events):
        book.apply(event, after(seconds))
    return book


def seen(*events: tuple[float, Payload]) -> OrderView:
    return book_of(*events).orders[1].view()


def test_a_whole_life_is_told_moment_by_moment() -> None:
    view = seen(
        (0.25, sending(queued=Decimal("0.2"), mid=MID)),
        (0.5, status(Status.SUBMITTED)),
        (0.75, status(Status.SUBMITTED)),
        (2.25, filling(40, after(2))),
        (3.5, filling(60, after(3), "x2.01")),
        (4, status(Status.FILLED)),
    )
    assert (view.decided_at, view.sent_at, view.queued) == (AT, after(0.25), Decimal("0.2"))
    assert (view.bid, view.ask) == (Decimal("189.98"), Decimal("190.02"))
    assert (view.decision_price, view.arrival_price) == (Decimal(190), MID)
    assert view.acknowledged_at == after(0.5)
    assert (view.first_filled_at, view.done_at) == (after(2.25), after(3.5))
    assert (view.filled_at, view.end_price) == (after(3), None)
    assert (view.venue, view.currency, view.multiplier) == ("ISLAND", "USD", Decimal(1))


def test_a_fill_that_is_told_late_is_of_the_second_that_the_broker_stamped() -> None:
    view = seen((0.25, sending()), (90, filling(100, after(2))))
    assert (view.first_filled_at, view.done_at, view.updated_at) == (after(3), after(3), after(90))


def test_a_fill_that_is_stamped_ahead_of_our_clock_is_of_now() -> None:
    assert seen((1, filling(40, after(5)))).first_filled_at == after(1)


@pytest.mark.parametrize("year", [1, 9999])
def test_no_stamp_is_too_far_away(year: int) -> None:
    life = Timeline(AT)
    life.filled(AT.replace(year=year, month=12 if year > 1 else 1, day=31), AT)
    assert life.first_filled_at is not None


def test_a_correction_that_names_no_order_is_of_the_order_of_what_it_corrects() -> None:
    book = book_of((1, filling(40, after(1))))
    nameless = structs.replace(filling(30, after(1), "x1.02"), order_id=0)
    told = stamped(nameless, book, Market())
    assert told == filling(30, after(1), "x1.02")
    book.apply(told, after(2))
    assert [fill.quantity for fill in book.orders[1].fills.values()] == [30]
    assert book.orders[1].filled == 30
    assert book.fills["x1"].order_id == 1
    foreign = structs.replace(nameless, execution_id="y1.01")
    assert stamped(foreign, book, Market()) is foreign


def test_the_first_fill_is_the_earliest_though_it_is_told_last() -> None:
    view = seen((9, filling(10, after(8))), (20, filling(10, after(3), "x2.01")))
    assert view.first_filled_at == after(4)


def test_what_ends_unfilled_has_the_price_of_its_end() -> None:
    told = (0.25, sending(mid=MID)), (1, filling(40, after(1)))
    view = seen(*told, (5, status(Status.CANCELLED, Decimal("191.5"))))
    assert (view.done_at, view.end_price) == (after(5), Decimal("191.5"))
    assert view.filled_quantity == 40
    again = seen(*told, (5, status(Status.CANCELLED, MID)), (6, status(Status.CANCELLED)))
    assert (again.done_at, again.end_price) == (after(5), MID)


def test_a_cancel_that_a_fill_crosses_leaves_nothing_over() -> None:
    view = seen((5, status(Status.CANCELLED, MID)), (6, filling(100, after(4))))
    assert (view.status, view.end_price, view.done_at) == (Status.FILLED, None, after(5))


def test_what_comes_back_to_life_is_not_over() -> None:
    lost = NeverSent(order_id=1, code="GONE", text="it was dropped", mid=MID)
    view = seen((1, lost))
    assert (view.done_at, view.end_price) == (after(1), MID)
    view = seen((1, lost), (2, filling(40, after(2))))
    assert (view.status, view.done_at, view.end_price) == (Status.PARTIALLY_FILLED, None, None)


def test_a_correction_can_take_the_end_back() -> None:
    view = seen((1, filling(100, AT)), (2, filling(90, AT, "x1.02")))
    assert (view.status, view.done_at) == (Status.PARTIALLY_FILLED, None)


def test_an_order_that_was_denied_was_over_when_it_was_decided() -> None:
    book = Book(Counting(PolicySet((), (), "")), lambda _: None)
    book.apply(deciding(Action.DENY), AT)
    view = book.orders[1].view()
    assert (view.done_at, view.sent_at, view.decision_price) == (AT, None, Decimal(190))


def test_a_held_order_is_of_the_decision_that_sent_it() -> None:
    book = Book(Counting(PolicySet((), (), "")), lambda _: None)
    book.apply(deciding(Action.HOLD), AT)
    assert book.orders[1].view().done_at is None
    later = Quote(bid=Decimal(195), ask=Decimal(197))
    book.apply(deciding(Action.ALLOW, later, approves=1), after(600))
    view = book.orders[1].view()
    assert (view.decided_at, view.created_at) == (after(600), AT)
    assert (view.bid, view.ask, view.decision_price) == (Decimal(195), Decimal(197), Decimal(196))


def test_a_modify_that_leaves_is_no_arrival() -> None:
    view = seen((1, sending(mid=MID)), (2, sending(version=1, mid=Decimal(1), queued=Decimal(9))))
    assert (view.sent_at, view.arrival_price, view.queued) == (after(1), MID, Decimal(0))
    assert seen((2, sending(version=1, mid=MID))).sent_at is None


def test_an_echo_acknowledges() -> None:
    assert seen((1, OrderEcho(order_id=1, quantity=Decimal(100)))).acknowledged_at == after(1)


@pytest.fixture
def market() -> Market:
    market = Market()
    market.list_instrument(Terms(symbol="AAPL"), AAPL)
    market.set_quote("AAPL", Quote(bid=Decimal(190), ask=Decimal("190.02")))
    return market


@pytest.mark.parametrize(
    "report",
    [
        sending(),
        status(Status.CANCELLED),
        status(Status.REJECTED),
        status(Status.EXPIRED),
        NeverSent(order_id=1, code="X", text="x"),
    ],
)
def test_arrivals_and_ends_are_stamped_with_the_mid(market: Market, report: Payload) -> None:
    given = stamped(report, book_of(), market)
    assert isinstance(given, Sent | StatusReport | NeverSent)
    assert given.mid == MID
    assert stamped(given, book_of(), Market()) is given  # what says a price keeps it


@pytest.mark.parametrize(
    "report",
    [
        sending(version=2),
        status(Status.SUBMITTED),
        status(Status.FILLED),
        status(Status.INACTIVE),
        NeverSent(order_id=1, code="X", text="x", modify=True),
        StatusReport(order_id=9, status=Status.CANCELLED),
        ApprovalRefused(order_id=1, by="a", reason="b"),
        filling(1, AT),
    ],
)
def test_nothing_else_is_stamped(market: Market, report: Payload) -> None:
    assert stamped(report, book_of(), market) is report


def test_what_is_over_or_has_no_price_is_left_alone(market: Market) -> None:
    report = status(Status.CANCELLED)
    assert stamped(report, book_of((1, report)), market) is report
    assert stamped(report, book_of(), Market()) is report


def test_the_mid_of_a_combo_is_the_net_of_its_legs(market: Market) -> None:
    other = Instrument(key="MSFT", symbol="MSFT")
    parts = (Part("BUY", 1, AAPL), Part("SELL", 2, other))
    combo = Instrument(key="c", symbol="c", sec_type="BAG", legs=parts)
    assert mid_of(combo, market) is None
    market.set_quote("MSFT", Quote(bid=Decimal(50), ask=Decimal("50.5")))
    assert mid_of(combo, market) == MID - 2 * Decimal("50.25")
