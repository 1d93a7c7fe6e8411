from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.queue import Priority, Queue, Waiting

P = Priority


def waiting(priority: Priority, since: float, key: int = 0) -> Waiting[str]:
    return Waiting(priority, since, key, f"{priority.name} {since:g}")


def drained(queue: Queue[str]) -> list[str]:
    items = []
    while (entry := queue.pop()) is not None:
        items.append(entry.item)
    return items


def test_kill_goes_before_cancel_before_modify_before_reduce_before_new_before_data() -> None:
    queue: Queue[str] = Queue()
    for priority in (P.DATA, P.NEW, P.KILL, P.REDUCE, P.CANCEL, P.MODIFY):
        queue.put(waiting(priority, 0))
    order = [item.split()[0] for item in drained(queue)]
    assert order == ["KILL", "CANCEL", "MODIFY", "REDUCE", "NEW", "DATA"]


@given(st.lists(st.tuples(st.sampled_from(list(P)), st.integers(0, 5))))
def test_among_equals_the_longest_wait_goes_first_then_the_earliest_arrival(
    arrivals: list[tuple[Priority, int]],
) -> None:
    queue: Queue[int] = Queue()
    for number, (priority, since) in enumerate(arrivals):
        queue.put(Waiting(priority, since, 0, number))
    left = []
    while (entry := queue.pop()) is not None:
        left.append(entry)
    keys = [(entry.priority, entry.since, entry.item) for entry in left]
    assert keys == sorted(keys)
    assert len(keys) == len(arrivals)


def test_a_full_queue_refuses_orders_and_takes_cancels_and_data() -> None:
    queue: Queue[str] = Queue(bound=2)
    assert queue.put(waiting(P.NEW, 0))
    assert queue.put(waiting(P.MODIFY, 0))
    assert not queue.put(waiting(P.REDUCE, 0))
    assert queue.put(waiting(P.CANCEL, 0))
    assert queue.put(waiting(P.KILL, 0))
    assert queue.put(waiting(P.DATA, 0))
    assert len(queue) == 5


def test_what_left_or_was_removed_makes_room_again() -> None:
    queue: Queue[str] = Queue(bound=2)
    queue.put(waiting(P.NEW, 0, key=1))
    queue.put(waiting(P.NEW, 1, key=2))
    assert queue.pop() is not None
    assert queue.put(waiting(P.NEW, 2, key=3))
    assert [entry.key for entry in queue.remove(lambda entry: entry.key == 2)] == [2]
    assert queue.put(waiting(P.NEW, 3, key=4))
    assert not queue.put(waiting(P.NEW, 4, key=5))


def test_the_chosen_are_removed_in_turn_and_the_others_keep_theirs() -> None:
    queue: Queue[str] = Queue()
    for key, priority in enumerate((P.NEW, P.CANCEL, P.NEW, P.REDUCE), start=1):
        queue.put(waiting(priority, key, key))
    gone = queue.remove(lambda entry: entry.priority in {P.NEW, P.REDUCE})
    assert [entry.item for entry in gone] == ["REDUCE 4", "NEW 1", "NEW 3"]
    assert drained(queue) == ["CANCEL 2"]


def test_looking_at_the_first_leaves_it_there() -> None:
    queue: Queue[str] = Queue()
    assert queue.first() is None
    assert queue.pop() is None
    queue.put(waiting(P.NEW, 0))
    assert queue.first() == waiting(P.NEW, 0)
    assert len(queue) == 1


def test_among_equals_the_higher_rank_goes_first_and_never_before_what_is_more_urgent() -> None:
    queue: Queue[str] = Queue()
    ranks = ((P.NEW, 0, 0), (P.NEW, 1, 5), (P.NEW, 2, 5), (P.NEW, 3, -1), (P.CANCEL, 4, 0))
    for priority, since, rank in ranks:
        queue.put(Waiting(priority, since, 0, f"{priority.name} {since}", rank))
    assert drained(queue) == ["CANCEL 4", "NEW 1", "NEW 2", "NEW 0", "NEW 3"]


def test_what_leaves_as_one_takes_a_place_for_each_of_its_messages() -> None:
    queue: Queue[str] = Queue(bound=4)
    assert queue.put(Waiting(P.NEW, 0, 1, "bracket", 0, 3))
    assert not queue.put(Waiting(P.NEW, 1, 4, "pair", 0, 2))
    assert queue.put(Waiting(P.NEW, 2, 6, "one"))
    assert not queue.put(Waiting(P.NEW, 3, 7, "another"))
    assert [entry.item for entry in queue.remove(lambda entry: entry.size == 3)] == ["bracket"]
    assert queue.put(Waiting(P.REDUCE, 4, 8, "three", 0, 3))
    assert queue.pop() is not None
    assert queue.put(Waiting(P.REDUCE, 5, 9, "three", 0, 3))
