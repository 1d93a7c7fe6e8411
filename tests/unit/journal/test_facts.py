"""The tables, the book and exported files give the same facts of every order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.analytics.facts import OrderFacts
from riskgate.errors import JournalError
from riskgate.journal import facts
from riskgate.journal.archive import Archive, Filter, open_for_reading
from riskgate.journal.facts_files import (
    EXECUTION_KINDS,
    ORDER_KINDS,
    facts_of_files,
)
from riskgate.journal.journal import SqliteJournal
from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.ledger.order_facts import facts_from, facts_of
from riskgate.model.decision import Action, Decision
from riskgate.model.events import CancelRequested, Decided, Payload
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.order import Order, Side
from riskgate.model.report import (
    CommissionReport,
    ExecutionReport,
    Fill,
    NeverSent,
    OrderEcho,
    Sent,
    StatusReport,
)
from riskgate.model.snapshot import Snapshot
from riskgate.model.view import OrderView
from riskgate.parquet import write
from riskgate.policy.policies import PolicySet
from riskgate.reporters import csv
from riskgate.reporters.columns import Sheet

AT = datetime.fromisoformat("2026-03-02T14:30:00+00:00")
ORDERS = (1, 2, 3)
AAPL = Instrument(key="AAPL", symbol="AAPL", exchange="ISLAND", multiplier=Decimal(1))
cents = st.integers(1, 50_000).map(lambda number: Decimal(number) / 100)
units = st.integers(0, 300).map(Decimal)
prices = st.none() | cents
number = st.sampled_from(ORDERS)


def deciding(
    order_id: int, side: str, action: Action, quote: tuple[Decimal | None, Decimal | None]
) -> Decided:
    order = Order.parse(f"{side} 100 AAPL LMT 190 account=DU1 strategy=s{order_id % 2}")
    bid, ask = quote
    looked = Snapshot(as_of=AT, instrument=AAPL, quote=Quote(bid=bid, ask=ask, last=bid))
    decision = Decision(order=order, action=action, as_of=AT, digest="d")
    return Decided(
        order_id=order_id,
        ref=f"rg-{order_id}",
        text=str(order),
        decision=decision,
        snapshot=looked,
        unit_value=Decimal(190),
    )


def executing(order_id: int, name: int, revision: int, amounts: tuple[Decimal, Decimal]) -> Payload:
    return ExecutionReport(
        execution_id=f"{order_id}.x{name}.{revision:02}",
        order_id=order_id,
        account="DU1",
        instrument=AAPL,
        side=Side.BUY,
        quantity=amounts[0],
        price=amounts[1],
        at=AT + timedelta(seconds=name),
    )


events: st.SearchStrategy[Payload] = st.one_of(
    st.builds(
        deciding,
        number,
        st.sampled_from(["BUY", "SELL"]),
        st.sampled_from(Action),
        st.tuples(prices, prices),
    ),
    st.builds(
        Sent,
        order_id=number,
        broker_order_id=number,
        client_id=st.just(1),
        queued=cents,
        mid=prices,
    ),
    st.builds(StatusReport, order_id=number, status=st.sampled_from(Status), mid=prices),
    st.builds(OrderEcho, order_id=number, quantity=st.just(Decimal(100))),
    st.builds(NeverSent, order_id=number, code=st.just("X"), text=st.just("lost"), mid=prices),
    st.builds(CancelRequested, order_id=number),
    st.builds(
        executing, st.integers(0, 3), st.integers(1, 4), st.integers(1, 3), st.tuples(units, cents)
    ),
    st.builds(
        CommissionReport,
        execution_id=st.builds("{}.x{}.01".format, number, st.integers(1, 4)),
        amount=cents,
        currency=st.just("USD"),
    ),
)


def told(journal: SqliteJournal, story: Iterable[Payload]) -> Book:
    """The book of a story, of which each event is a turn of its own."""
    book = Book(Counting(PolicySet((), (), "")), lambda _: None)
    for place, one in enumerate(story):
        event = one
        if isinstance(one, Decided) and one.order_id in book.orders:
            known = book.orders[one.order_id].status
            link = "approves" if known is Status.HELD else "replaces"
            event = msgspec.structs.replace(one, **{link: one.order_id})
        elif isinstance(one, ExecutionReport) and one.order_id not in book.orders:
            event = msgspec.structs.replace(one, order_id=0)  # nobody knows whose it is
        with journal.turn() as turn:
            at = AT + timedelta(milliseconds=170 * place)
            turn.append(event, at)
            book.apply(event, at)
            lives, fills = book.take_touched()
            turn.project([life.view() for life in lives], list(fills))
    return book


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    first=st.lists(st.sampled_from(ORDERS), unique=True, min_size=1),
    story=st.lists(events, max_size=25),
)
def test_the_book_and_the_tables_give_the_same_facts(
    first: list[int], story: list[Payload]
) -> None:
    opening = [
        deciding(one, "BUY", Action.ALLOW, (Decimal("189.99"), Decimal("190.01"))) for one in first
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder, "journal.db")
        with closing(SqliteJournal(path, durability="os")) as journal:
            book = told(journal, [*opening, *story])
        found = [facts_of(life) for _, life in sorted(book.orders.items())]
        assert found
        with open_for_reading(path) as archive:
            assert list(archive.facts()) == found
            written(archive, Path(folder))
        for suffix in ("parquet", "csv"):
            files = (Path(folder, f"{name}.{suffix}") for name in ("orders", "executions"))
            assert list(facts_of_files(*files)) == found


def written(archive: Archive, folder: Path) -> None:
    """Both tables, exported both ways."""
    tables = (
        ("orders", ORDER_KINDS, list(archive.each_order())),
        ("executions", EXECUTION_KINDS, list(archive.each_fill())),
    )
    for name, kinds, rows in tables:
        write(folder / f"{name}.parquet", kinds, ([row[key] for key in kinds] for row in rows))
        sheet = Sheet((), kinds)
        (folder / f"{name}.csv").write_text("".join(csv.records(rows, sheet)))


words = st.sampled_from(["", "a", "ISLAND"])
moments = st.none() | st.integers(0, 10**9).map(lambda us: AT + timedelta(microseconds=us))
amounts = st.none() | st.decimals(-1000, 1000, allow_nan=False, places=4)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_field_of_a_view_comes_through_the_tables(data: st.DataObject) -> None:
    draw = data.draw
    told_of: dict[str, Any] = {name: draw(words) for name in WORDS}
    told_of |= {name: draw(moments) for name in MOMENTS}
    told_of |= {name: draw(amounts) for name in AMOUNTS}
    view = OrderView(
        order_id=7,
        ref="rg-7",
        order=None,
        text="BUY 1 A MKT",
        status=draw(st.sampled_from(Status)),
        action=draw(st.sampled_from(Action)),
        side=draw(st.sampled_from(["BUY", "SELL", ""])),
        created_at=AT,
        updated_at=AT,
        quantity=draw(units),
        filled_quantity=draw(units),
        sec_type=draw(st.sampled_from(["STK", "BAG"])),
        members=draw(st.sampled_from([(), (8, 9)])),
        is_parent=draw(st.booleans()),
        modifies=draw(number),
        cancels=draw(number),
        parent_id=draw(number),
        block_id=draw(number),
        **told_of,
    )
    fills = [
        Fill(
            execution_id=f"{place}.01",
            order_id=7,
            symbol="A",
            side=Side.BUY,
            quantity=draw(units),
            price=draw(cents),
            timestamp=draw(st.sampled_from([AT, AT + timedelta(seconds=1)])),
            commission=draw(amounts),
            currency=draw(words),
        )
        for place in range(draw(st.integers(0, 4)))
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder, "journal.db")
        with closing(SqliteJournal(path, durability="os")) as journal, journal.turn() as turn:
            turn.project([view], fills)
        with open_for_reading(path) as archive:
            assert list(archive.facts()) == [facts_from(view, fills)]


WORDS = ("account_id", "strategy", "symbol", "order_type", "venue", "currency", "reason")
MOMENTS = ("decided_at", "sent_at", "acknowledged_at", "first_filled_at", "filled_at", "done_at")
AMOUNTS = (
    *("limit_price", "avg_fill_price", "multiplier", "decision_price", "bid", "ask"),
    *("arrival_price", "queued", "end_price"),
)


@pytest.fixture
def many(
    journal: SqliteJournal, path: Path, view: Callable[..., OrderView], fill: Callable[..., Fill]
) -> Path:
    """Orders of several batches, two fills for each, and one fill of nobody's."""
    orders = [
        view(one, venue="ARCA" if one % 2 else "ISLAND", parent_id=one // 10 * 10, sec_type="STK")
        for one in range(1, 26)
    ]
    fills = [
        fill(f"{one:02}.{part}.01", one, quantity=Decimal(part))
        for one in range(1, 26)
        for part in (2, 1)
    ]
    with journal.turn() as turn:
        turn.project(orders, [*fills, fill("99.01", 0)])
    journal.close()
    return path


def numbers(found: Iterable[OrderFacts]) -> list[int]:
    return [one.order_id for one in found]


@pytest.mark.parametrize("size", [1, 2, 5, 25, 26])
def test_facts_stream_in_batches_of_any_size(
    many: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(facts, "ORDERS_AT_ONCE", size)
    monkeypatch.setattr("riskgate.journal.archive.ROWS_AT_ONCE", size)
    with open_for_reading(many) as archive:
        found = list(archive.facts())
        orders, fills = list(archive.each_order()), list(archive.each_fill())
        assert sorted(fills, key=str) == sorted(archive.fills(), key=str)
        assert orders == archive.orders()[::-1]
    assert numbers(found) == list(range(1, 26))
    assert [[one.execution_id for one in order.fills] for order in found] == [
        [f"{number:02}.1.01", f"{number:02}.2.01"] for number in range(1, 26)
    ]
    assert {order.filled for order in found} == {Decimal(3)}
    assert fills[0]["execution_id"] == "99.01"
    assert [row["order_id"] for row in fills[1:]] == [n for n in range(1, 26) for _ in (1, 2)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(venue="ARCA", until=AT - timedelta(days=1)), []),
        (Filter(venue="ARCA"), list(range(1, 26, 2))),
        (Filter(parent=20), list(range(20, 26))),
        (Filter(limit=3), [23, 24, 25]),
        (Filter(limit=2, venue="ARCA"), [23, 25]),
        (Filter(limit=0), []),
        (Filter(limit=99, parent=20), list(range(20, 26))),
        (Filter(order_type="MKT"), []),
        (Filter(order_id=4), [4]),
    ],
)
def test_facts_and_rows_are_narrowed_alike(many: Path, wanted: Filter, expected: list[int]) -> None:
    with open_for_reading(many) as archive:
        assert numbers(archive.facts(wanted)) == expected
        assert [row["order_id"] for row in archive.each_order(wanted)] == expected
        assert len(list(archive.each_fill(wanted))) == len(archive.fills(wanted))


def test_a_row_that_nobody_wrote_is_told(many: Path) -> None:
    with closing(SqliteJournal(many)) as journal:
        journal._store.connection.execute("UPDATE orders SET quantity = 'x' WHERE order_id = 3")
    with open_for_reading(many) as archive, pytest.raises(JournalError, match="audit verify"):
        list(archive.facts())


def test_two_readers_of_one_archive_do_not_disturb_each_other(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "ORDERS_AT_ONCE", 2)
    with open_for_reading(many) as archive:
        pairs = list(zip(archive.facts(), archive.facts(), strict=True))
    assert all(one == other for one, other in pairs)
    assert len(pairs) == 25
