from __future__ import annotations

from riskgate.brokers.ib.order_ids import OrderIds
from riskgate.brokers.ib.questions import FIRST_REQUEST


def test_an_order_that_overtakes_none_has_its_own_number() -> None:
    ids = OrderIds()
    assert [ids.give(order_id) for order_id in (1, 2, 5)] == [1, 2, 5]


def test_an_order_that_was_overtaken_leaves_above_what_overtook_it() -> None:
    ids = OrderIds()
    assert [ids.give(order_id) for order_id in (3, 1, 2, 4, 9)] == [3, 4, 5, 6, 9]
    assert [ids.of(order_id) for order_id in (1, 2, 3, 4)] == [4, 5, 3, 6]
    assert [ids.order(number) for number in (3, 4, 5, 6)] == [3, 1, 2, 4]


def test_ids_are_given_above_what_the_broker_named() -> None:
    ids = OrderIds()
    ids.seen(500)
    ids.seen(20)
    assert ids.following == 501
    assert ids.give(3) == 501


def test_numbers_of_requests_and_of_orders_by_hand_are_no_ids() -> None:
    ids = OrderIds()
    for number in (-3, 0, FIRST_REQUEST, 2**31 - 1):
        ids.seen(number)
    assert ids.following == 1


def test_what_is_not_known_is_the_orders_own_number_unless_another_order_has_it() -> None:
    ids = OrderIds()
    assert (ids.of(8), ids.order(8), ids.knows(8)) == (8, 8, False)
    ids.learn(1, 8)
    assert (ids.of(8), ids.order(8), ids.knows(1)) == (0, 1, True)
    assert (ids.of(1), ids.order(1)) == (8, 0)
