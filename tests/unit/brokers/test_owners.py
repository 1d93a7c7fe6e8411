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


def test_an_order_that_leaves_is_ours_before_any_story() -> None:
    fresh = Owners(client_id=1)
    fresh.placed("rg-5", 5)
    assert fresh.by_ref("rg-5", 5, 0) == 5
    assert not fresh.told
