from __future__ import annotations

from riskgate.brokers.ib.owners import Owners


def owners() -> Owners:
    made = Owners(client_id=1)
    made.learn({"a": 1, "ab": 2, "rg-x": 30})
    return made


def test_the_reference_decides_whatever_the_number() -> None:
    assert owners().by_ref("ab", 0, 0) == 2
    assert owners().by_ref("ab", 99, 0) == 2


def test_a_reference_that_tws_added_to_is_ours_with_our_number_only() -> None:
    assert owners().by_ref("rg-x/1", 30, 0) == 30
    assert owners().by_ref("rg-x/1", 31, 0) == 0
    assert owners().by_ref("abc", 2, 0) == 2
    assert owners().by_ref("abc", 0, 0) == 0


def test_a_stranger_with_our_number_is_a_stranger() -> None:
    assert owners().by_ref("zz", 1, 0) == 0
    assert owners().by_ref("", 1, 0) == 0


def test_a_permanent_id_that_was_learnt_is_known_again() -> None:
    ours = owners()
    ours.by_ref("ab", 2, 777)
    assert ours.by_ref("changed", 0, 777) == 2
    assert ours.by_number(5, 9, 777) == 2


def test_a_status_is_ours_under_our_client_id() -> None:
    assert owners().by_number(30, 1, 0) == 30
    assert owners().by_number(30, 2, 0) == 0
    assert owners().by_number(31, 1, 0) == 0


def test_a_status_is_about_the_order_that_has_the_id() -> None:
    ours = owners()
    ours.numbered(1, 30, 1)
    ours.numbered(2, 1, 9)
    assert [ours.by_number(number, 1, 0) for number in (30, 1, 2)] == [1, 0, 2]
    assert ours.by_ref("a/1", 30, 0) == 1
    assert ours.by_ref("rg-x/1", 30, 0) == 0


def test_the_first_list_of_our_orders_says_which_ids_were_given() -> None:
    ours = owners()
    assert ours.ids.following == 31
    ours.learn({"b": 40})  # it may wait to be sent
    assert ours.ids.following == 31
    ours.executed(50, 9)
    assert ours.ids.following == 31
    ours.executed(50, 1)
    assert ours.ids.following == 51


def test_a_second_permanent_id_is_a_strangers() -> None:
    ours = owners()
    ours.numbered(1, 1, 1)
    assert ours.by_ref("a", 1, 777) == 1
    assert ours.by_ref("a", 1, 778) == 0
    assert ours.by_number(1, 1, 778) == 0
    assert ours.by_number(1, 1, 779) == 0
    assert (ours.by_number(1, 1, 777), ours.by_number(1, 1, 0)) == (1, 1)
    assert [ours.twin_of(perm_id) for perm_id in (777, 778, 778, 779)] == [0, 1, 0, 1]


def test_the_permanent_id_of_a_status_is_the_first_if_nothing_came_before() -> None:
    ours = owners()
    ours.numbered(1, 1, 1)
    assert ours.by_number(1, 1, 777) == 1
    assert ours.by_ref("a", 1, 778) == 0


def test_an_order_that_leaves_is_ours_before_any_story() -> None:
    fresh = Owners(client_id=1)
    fresh.placed("rg-5", 5)
    assert fresh.by_ref("rg-5", 5, 0) == 5
    assert not fresh.told
