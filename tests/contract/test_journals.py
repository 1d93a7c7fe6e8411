"""One contract, two journals: what the gate relies on holds in a file and in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from riskgate.errors import InvariantError, JournalError, JournalLocked
from riskgate.journal.journal import SqliteJournal
from riskgate.journal.memory import MemoryJournal
from riskgate.model.events import Note, Payload, Recorded
from riskgate.model.report import Sent
from riskgate.ports import Journal, Turn

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WAIT = timedelta(seconds=0.05)
Open = Callable[[], Journal]


@pytest.fixture(params=["file", "memory"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Journal]]:
    """Opens the same journal again, each time as another process would."""
    if request.param == "memory":
        yield lambda wait=WAIT: MemoryJournal(lock_wait=wait).another()
        return
    opened: list[SqliteJournal] = []

    def again(wait: timedelta = WAIT) -> Journal:
        opened.append(SqliteJournal(tmp_path / "journal.db", lock_wait=wait))
        return opened[-1]

    yield again
    for journal in opened:
        journal.close()


@pytest.fixture
def another(opening: Callable[..., Journal]) -> Open:
    first = opening()
    return first.another if isinstance(first, MemoryJournal) else opening


@pytest.fixture
def journal(another: Open) -> Journal:
    return another()


def note(journal: Journal, *texts: str) -> list[int]:
    with journal.turn() as turn:
        return [turn.append(Note(text=text), NOON).seq for text in texts]


def spoil(journal: Journal, text: str) -> tuple[Recorded, ...]:
    """A turn that appends, raises, and is gone; what it and a reader in it saw."""
    seen: tuple[Recorded, ...] = ()
    with suppress(ZeroDivisionError), journal.turn() as turn:
        turn.append(Note(text=text), NOON)
        seen = (*turn.tail, *journal.read())
        raise ZeroDivisionError
    return seen


def texts(events: object) -> list[str]:
    assert isinstance(events, tuple | list)
    return [event.payload.text for event in events]


def test_a_new_journal_is_empty(journal: Journal) -> None:
    assert list(journal.read()) == []
    with journal.turn() as turn:
        assert turn.tail == ()
    assert journal.writable()


def test_events_are_numbered_from_one_without_gaps(journal: Journal) -> None:
    assert note(journal, "a", "b") == [1, 2]
    assert note(journal, "c") == [3]
    assert [(e.seq, e.at) for e in journal.read()] == [(1, NOON), (2, NOON), (3, NOON)]
    assert texts(list(journal.read(after=1))) == ["b", "c"]
    assert list(journal.read(after=3)) == []


def test_what_was_appended_is_what_is_read(journal: Journal) -> None:
    payloads: list[Payload] = [
        Note(text="é\u0000\n"),
        Sent(order_id=1, broker_order_id=2, client_id=3),
    ]
    with journal.turn() as turn:
        appended = [turn.append(payload, NOON) for payload in payloads]
    assert [event.payload for event in appended] == payloads
    assert list(journal.read()) == appended


def test_a_turn_that_raises_leaves_nothing(journal: Journal) -> None:
    note(journal, "kept")
    spoil(journal, "lost")
    assert texts(list(journal.read())) == ["kept"]
    assert note(journal, "next") == [2]


@pytest.mark.parametrize("text", [5, None, "\ud800"])
def test_what_would_not_read_back_is_refused_and_costs_only_itself(
    another: Open, text: object
) -> None:
    ours = another()
    with ours.turn() as turn:
        turn.append(Note(text="before"), NOON)
        with pytest.raises(JournalError, match=r"read back|not Unicode"):
            turn.append(Note(text=text), NOON)  # type: ignore[arg-type]  # what is under test
        assert turn.append(Note(text="after"), NOON).seq == 2
    assert note(ours, "later") == [3]
    assert texts(list(another().read())) == ["before", "after", "later"]


def test_the_tail_is_what_others_wrote_since(another: Open) -> None:
    ours, theirs = another(), another()
    note(ours, "ours 1")
    note(theirs, "theirs 2", "theirs 3")
    with ours.turn() as turn:
        assert texts(turn.tail) == ["theirs 2", "theirs 3"]
        assert turn.append(Note(text="ours 4"), NOON).seq == 4
    with ours.turn() as turn:
        assert turn.tail == ()
    with theirs.turn() as turn:
        assert texts(turn.tail) == ["ours 4"]


def test_who_has_read_nothing_has_everything_as_tail(another: Open) -> None:
    note(another(), "a", "b")
    with another().turn() as turn:
        assert texts(turn.tail) == ["a", "b"]


def test_reading_moves_our_place_and_never_back(another: Open) -> None:
    ours, theirs = another(), another()
    note(theirs, "a", "b", "c")
    reading = ours.read()
    next(reading)
    with ours.turn() as turn:
        assert texts(turn.tail) == ["b", "c"]
    assert len(list(ours.read())) == 3
    with ours.turn() as turn:
        assert turn.tail == ()


def test_a_turn_that_raises_leaves_its_tail_for_the_next(another: Open) -> None:
    ours, theirs = another(), another()
    note(theirs, "a")
    with pytest.raises(ZeroDivisionError), ours.turn() as turn:
        raise ZeroDivisionError(texts(turn.tail))
    with ours.turn() as turn:
        assert texts(turn.tail) == ["a"]


def test_reading_inside_a_turn_sees_what_is_on_record(another: Open) -> None:
    ours, theirs = another(), another()
    note(theirs, "a", "b")
    tail_and_read = spoil(ours, "not yet")
    assert texts(tail_and_read) == ["a", "b", "a", "b"]
    with ours.turn() as turn:
        assert turn.tail == ()
        assert turn.append(Note(text="c"), NOON).seq == 3


def test_reading_after_an_event_that_is_not_there_is_an_error(journal: Journal) -> None:
    note(journal, "a")
    with pytest.raises(JournalError, match="there is no event 2"):
        list(journal.read(after=2))


def test_a_journal_that_somebody_holds_is_locked(another: Open) -> None:
    ours, theirs = another(), another()
    with theirs.turn() as turn:
        turn.append(Note(text="theirs"), NOON)
        with pytest.raises(JournalLocked, match=r"more than 0\.05 s"), ours.turn():
            pytest.fail("two turns at once")
    assert note(ours, "ours") == [2]


def test_a_turn_of_another_thread_is_waited_for(journal: Journal) -> None:
    inside, leave, refused = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with journal.turn():
            inside.set()
            leave.wait(10)

    def knock() -> None:
        try:
            note(journal, "late")
        except JournalLocked:
            refused.set()

    threads = [threading.Thread(target=hold), threading.Thread(target=knock)]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    assert refused.wait(10)
    leave.set()
    for thread in threads:
        thread.join(10)
    assert note(journal, "then") == [1]


def test_threads_take_turns(opening: Callable[..., Journal]) -> None:
    patient = opening(timedelta(seconds=30))

    def work() -> None:
        for _ in range(20):
            note(patient, "x")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [event.seq for event in patient.read()] == list(range(1, 41))


def test_a_turn_inside_a_turn_is_refused(journal: Journal) -> None:
    with pytest.raises(InvariantError, match="inside a turn"), journal.turn(), journal.turn():
        pytest.fail("two turns at once")
    assert note(journal, "a") == [1]


@pytest.mark.parametrize("raises", [False, True])
def test_a_turn_cannot_be_used_after_its_end(journal: Journal, *, raises: bool) -> None:
    ended: list[Turn] = []
    with suppress(ZeroDivisionError), journal.turn() as turn:
        ended.append(turn)
        turn.append(Note(text=str(1 / (not raises))), NOON)
    with pytest.raises(InvariantError, match="after its end"):
        ended[0].append(Note(text="late"), NOON)
    with pytest.raises(InvariantError, match="after its end"):
        ended[0].project((), ())
    assert len(list(journal.read())) == (0 if raises else 1)


def test_a_long_journal_is_read_whole(another: Open) -> None:
    ours, theirs = another(), another()
    note(theirs, *map(str, range(1203)))
    assert [event.seq for event in ours.read(after=1)] == list(range(2, 1204))
    with another().turn() as turn:
        assert [event.seq for event in turn.tail] == list(range(1, 1204))


def test_what_comes_while_we_read_is_read_too(another: Open) -> None:
    ours, theirs = another(), another()
    note(theirs, *map(str, range(600)))
    reading = ours.read()
    first = next(reading)
    note(theirs, "late")
    rest = texts(list(reading))
    assert first.seq == 1
    assert rest[-1] in {"late", "599"}
    with ours.turn() as turn:
        assert [*rest, *texts(turn.tail)][-1] == "late"


def test_a_file_is_closed_twice_without_harm(tmp_path: Path) -> None:
    with closing(SqliteJournal(tmp_path / "journal.db")) as journal:
        journal.close()
    assert not journal.writable()
    with pytest.raises(JournalError, match="closed"), journal.turn():
        pytest.fail("a turn at a closed journal")
