"""What the book remembers, and what it forgets on purpose."""

from __future__ import annotations

from decimal import Decimal

from riskgate.simulator.book import FILLED, Book
from tests.unit.simulator.conftest import AAPL, order


def test_living_orders_are_kept_and_finished_ones_up_to_a_number() -> None:
    book = Book(remembered=3)
    for number in range(1, 11):
        one = order(number)
        book.add(one)
        if number % 2:
            one.status = FILLED
            book.finish(one)
    assert [one.order_id for one in book.open()] == [2, 4, 6, 8, 10]
    assert [one.order_id for one in book.done()] == [5, 7, 9]
    assert book.find(1, 1) is None
    assert book.find(1, 5) is not None
    assert book.highest(1) == 10
    assert len(book.orders) == 8


def test_a_permanent_number_is_never_given_twice() -> None:
    book = Book(remembered=1)
    seen = set()
    for number in range(1, 6):
        one = order(number)
        one.perm_id = book.next_perm_id()
        seen.add(one.perm_id)
        book.add(one)
        book.finish(one)
    assert len(seen) == 5


def test_an_order_is_found_by_what_it_hangs_on_while_it_lives() -> None:
    book, condition = Book(), {"condType": 3}
    one = order(parentId=7, ocaGroup="g", conditions=[condition], referenceContractId=8)
    book.add(one)
    keys = (AAPL.con_id, 8, ("parent", 1, 7), ("group", "g"), "conditional")
    assert all(book.on(key) == [one] for key in keys)
    book.finish(one)
    assert not any(book.on(key) for key in keys)


def test_terms_that_change_move_an_order_to_another_group() -> None:
    book = Book()
    one = order(ocaGroup="g")
    book.add(one)
    book.unshelve(one)
    one.terms = order(ocaGroup="h", totalQuantity=Decimal(5)).terms
    book.shelve(one)
    assert (book.on(("group", "g")), book.on(("group", "h"))) == ([], [one])
