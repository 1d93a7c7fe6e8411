"""Group commit: who waits while the record is flushed shares the next flush, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from riskgate.errors import OutcomeUnknown
from riskgate.journal.memory import MemoryTurn
from riskgate.line import gathering
from riskgate.line.gathering import MOST_TOGETHER, Asking, Gathering
from riskgate.line.payload import Asked
from riskgate.model.codes import Code
from riskgate.model.decision import Action
from riskgate.model.events import Decided

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

SECONDS = 10
THREADS = 80


class Line:
    """A line whose first batch takes as long as it is told; what is "bad" breaks its batch."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.lock = threading.RLock()
        self.goes_on = threading.Event()
        self.gathering: Gathering[str, str] = Gathering(self.lock, self.run)
        self.breaks: BaseException | None = None
        self.records_first = False

    def run(self, batch: Sequence[Asking[str, str]]) -> None:
        self.batches.append([one.what for one in batch])
        if len(self.batches) == 1:
            assert self.goes_on.wait(SECONDS)
        for one in batch:
            one.is_recorded = self.records_first
        if self.breaks is not None and any(one.what == "bad" for one in batch):
            raise self.breaks
        for one in batch:
            one.attempt(str.upper)

    @contextmanager
    def while_one_is_flushed(self) -> Iterator[Callable[[str], Future[str]]]:
        """Ask while the first batch is under way; it ends when the block does."""
        with ThreadPoolExecutor(THREADS) as pool:
            first = pool.submit(self.gathering.through, "first")
            until(lambda: self.batches == [["first"]])

            def ask(what: str) -> Future[str]:
                before = self.gathering.waiting
                asked = pool.submit(self.gathering.through, what)
                until(lambda: self.gathering.waiting > before)
                return asked

            try:
                yield ask
            finally:
                self.goes_on.set()
            assert first.result(SECONDS) == "FIRST"


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, for a bounded time."""
    deadline, pause = monotonic() + SECONDS, threading.Event()
    while not holds():
        assert monotonic() < deadline
        pause.wait(0.0005)


@pytest.fixture(autouse=True)
def nobody_is_saved_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is forgotten waits until the test fails."""
    monkeypatch.setattr(gathering, "SOON", 10 * SECONDS)


@pytest.fixture
def line() -> Line:
    return Line()


def test_who_comes_alone_goes_alone_and_at_once(line: Line) -> None:
    line.goes_on.set()
    assert [line.gathering.through(what) for what in ("a", "b")] == ["A", "B"]
    assert line.batches == [["a"], ["b"]]


def test_who_comes_during_a_flush_shares_the_next_in_the_order_of_coming(line: Line) -> None:
    with line.while_one_is_flushed() as ask:
        asked = [ask(f"order {number}") for number in range(5)]
    assert [one.result(SECONDS) for one in asked] == [f"ORDER {n}" for n in range(5)]
    assert line.batches == [["first"], [f"order {number}" for number in range(5)]]


def test_a_batch_is_bounded(line: Line) -> None:
    with line.while_one_is_flushed() as ask:
        asked = [ask(f"{number}") for number in range(MOST_TOGETHER + 3)]
    assert all(one.result(SECONDS) for one in asked)
    assert [len(batch) for batch in line.batches] == [1, MOST_TOGETHER, 3]


def test_what_breaks_before_it_is_recorded_breaks_alone(line: Line) -> None:
    line.breaks = ValueError("not this one")
    with line.while_one_is_flushed() as ask:
        good, bad, late = ask("good"), ask("bad"), ask("late")
    assert (good.result(SECONDS), late.result(SECONDS)) == ("GOOD", "LATE")
    with pytest.raises(ValueError, match="not this one"):
        bad.result(SECONDS)
    assert line.batches[1:] == [["good", "bad", "late"], ["good"], ["bad"], ["late"]]


def test_what_breaks_when_all_are_recorded_is_told_to_all_and_nothing_goes_twice(
    line: Line,
) -> None:
    line.breaks, line.records_first = ValueError("the store"), True
    with line.while_one_is_flushed() as ask:
        asked = [ask("good"), ask("bad")]
    for one in asked:
        with pytest.raises(ValueError, match="the store"):
            one.result(SECONDS)
    assert line.batches == [["first"], ["good", "bad"]]


def test_a_leader_that_is_interrupted_leaves_the_others_to_themselves(line: Line) -> None:
    line.breaks = KeyboardInterrupt()
    with line.while_one_is_flushed() as ask:
        bad, good = ask("bad"), ask("good")
    with pytest.raises(KeyboardInterrupt):
        bad.result(SECONDS)
    assert good.result(SECONDS) == "GOOD"
    assert line.batches[1:] == [["bad", "good"], ["good"]]


def test_who_was_recorded_by_an_interrupted_leader_knows_that_nobody_knows(line: Line) -> None:
    line.breaks, line.records_first = KeyboardInterrupt(), True
    with line.while_one_is_flushed() as ask:
        bad, good = ask("bad"), ask("good")
    with pytest.raises(OutcomeUnknown, match="reconcile"):
        good.result(SECONDS)
    assert isinstance(bad.exception(SECONDS), OutcomeUnknown | KeyboardInterrupt)


def test_whoever_holds_the_lock_waits_for_nobody(line: Line) -> None:
    with line.while_one_is_flushed() as ask:
        waits = ask("waits")
    assert waits.result(SECONDS) == "WAITS"
    with line.lock:
        assert line.gathering.through("mine") == "MINE"
    assert line.batches[-1] == ["mine"]


class Joined(Line):
    """A line that takes along who comes while it decides; for the first it waits till they did."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self.expected = expected

    def run(self, batch: Sequence[Asking[str, str]]) -> None:
        if not self.batches:
            until(lambda: self.gathering.waiting == self.expected)
        for one in batch:
            if one.what == "bad" and len(batch) > 1:
                raise ValueError("not this one")
            self.gathering.take_along(batch)
        self.batches.append([one.what for one in batch])
        for one in batch:
            one.attempt(str.upper)

    def all_of(self, *asked: str) -> list[Future[str]]:
        """Ask all of them at once."""
        with ThreadPoolExecutor(THREADS) as pool:
            return [pool.submit(self.gathering.through, what) for what in asked]


def test_who_comes_while_others_are_decided_shares_their_flush() -> None:
    line = Joined(5)
    asked = line.all_of(*(f"order {number}" for number in range(6)))
    assert [one.result(SECONDS) for one in asked] == [f"ORDER {n}" for n in range(6)]
    assert [len(batch) for batch in line.batches] == [6]


def test_a_batch_that_takes_along_is_bounded_too() -> None:
    line = Joined(MOST_TOGETHER + 2)
    asked = line.all_of(*(f"{number}" for number in range(MOST_TOGETHER + 3)))
    assert all(one.result(SECONDS) for one in asked)
    assert [len(batch) for batch in line.batches] == [MOST_TOGETHER, 3]


def test_who_was_taken_along_and_breaks_breaks_alone() -> None:
    line = Joined(2)
    *good, bad = line.all_of("good", "late", "bad")
    assert [one.result(SECONDS) for one in (*good, bad)] == ["GOOD", "LATE", "BAD"]
    assert sorted(map(tuple, line.batches)) == [("bad",), ("good",), ("late",)]


def test_whoever_holds_the_lock_takes_nobody_along() -> None:
    line = Joined(1)
    with ThreadPoolExecutor(1) as pool:
        with line.lock:
            waits = pool.submit(line.gathering.through, "waits")
            assert line.gathering.through("mine") == "MINE"
        assert waits.result(SECONDS) == "WAITS"
    assert line.batches == [["mine"], ["waits"]]


def test_what_one_does_afterwards_is_its_own_trouble(line: Line) -> None:
    line.goes_on.set()
    counting: Gathering[str, int] = Gathering(line.lock, lambda batch: batch[0].attempt(int))
    with pytest.raises(ValueError, match="invalid literal"):
        counting.through("a word")
    assert counting.through("3") == 3


class Slow:
    """Holds up a gate's first turn until so many wait for the next."""

    def __init__(self, stage: Stage) -> None:
        self.gathering = stage.gate._gathering
        self.turns = 0
        self._append = MemoryTurn.append
        self.expected = 0
        self.then: Callable[[], object] = lambda: None

    def append(self, turn: MemoryTurn, *given: object) -> object:
        self.turns += 1
        if self.turns == 1:
            until(lambda: self.gathering.waiting == self.expected)
            self.then()
        return self._append(turn, *given)  # type: ignore[arg-type]


@pytest.fixture
def slow(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow(stage)

    def append(turn: MemoryTurn, *given: object) -> object:
        return made.append(turn, *given)

    monkeypatch.setattr(MemoryTurn, "append", append)
    return made


def test_orders_of_one_flush_see_each_other_as_working(stage: Stage, slow: Slow) -> None:
    slow.expected = 7
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(stage.gate.submit, "BUY 30 AAPL LMT 190") for _ in range(8)]
        tickets = [one.result(SECONDS) for one in asked]
    assert [one.allowed for one in tickets].count(True) == 3  # 100 is the limit
    assert len(stage.broker.placed) == 3
    assert stage.reserved() == (0, 90, 0)


def test_orders_that_come_before_a_flush_are_in_the_same_turn(
    stage: Stage, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[bool] = []
    turn = stage.gate.turn

    def counted(*, project: bool = True) -> Any:  # noqa: ANN401  # a context
        turns.append(project)
        return turn(project=project)

    monkeypatch.setattr(stage.gate, "turn", counted)
    slow.expected = 7
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(stage.gate.submit, "BUY 10 AAPL LMT 190") for _ in range(8)]
        assert all(one.result(SECONDS).allowed for one in asked)
    assert len(turns) == 1


def test_a_flush_that_fails_refuses_all_that_shared_it(stage: Stage, slow: Slow) -> None:
    slow.expected = 3
    slow.then = lambda: setattr(stage.journal, "fails_at", "commit")
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(stage.gate.submit, "BUY 10 AAPL LMT 190") for _ in range(4)]
        tickets = [one.result(SECONDS) for one in asked]
    assert {one.decision.codes for one in tickets} == {(Code.JOURNAL_UNAVAILABLE,)}
    assert stage.broker.placed == []
    stage.journal.fails_at = ""
    assert stage.gate.submit("BUY 100 AAPL LMT 190").decision.action is Action.ALLOW
    assert stage.reserved() == (0, 100, 0)  # nothing is left of those that were refused
    assert [isinstance(one, Decided) for one in stage.journal.payloads()].count(True) == 1


def test_what_would_not_read_back_is_refused_and_nothing_that_shared_its_flush(
    stage: Stage, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule of somebody's says something that no record can hold of the orders of `odd`."""
    judged = stage.gate._judge.order

    def order(asked: Asked, *given: Any) -> Decided:  # noqa: ANN401  # as the judge takes it
        made = judged(asked, *given)
        return msgspec.structs.replace(made, text="\ud800") if "=odd" in made.text else made

    monkeypatch.setattr(stage.gate._judge, "order", order)
    slow.expected = 3
    with ThreadPoolExecutor(4) as pool:
        names = ("first", "one", "odd", "two")
        asked = [pool.submit(stage.gate.submit, f"BUY 10 AAPL LMT 190 tag={n}") for n in names]
        codes = [one.result(SECONDS).decision.codes for one in asked]
    assert codes.count(()) == 3
    assert codes[2] == (Code.JOURNAL_UNAVAILABLE,)
    assert len(stage.broker.placed) == 3
    assert stage.reserved() == (0, 30, 0)
