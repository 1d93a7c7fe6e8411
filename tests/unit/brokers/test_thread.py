from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from riskgate.brokers.ib.questions import Questions, Refused
from riskgate.brokers.ib.thread import LoopThread
from riskgate.errors import InvariantError, NotConnected


class Alarms:
    """What a loop complained of."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.news = threading.Event()

    def __call__(self, what: str) -> None:
        self.told.append(what)
        self.news.set()


@pytest.fixture
def alarms() -> Alarms:
    return Alarms()


@pytest.fixture
def loop(alarms: Alarms) -> Iterator[LoopThread]:
    thread = LoopThread("test-loop", alarms)
    yield thread
    thread.stop()
    assert not any(one.name == "test-loop" for one in threading.enumerate())


async def answer() -> int:
    return 42


def test_a_coroutine_runs_in_the_loop_and_its_answer_comes_back(loop: LoopThread) -> None:
    assert loop.run(answer(), 1) == 42


def test_the_thread_of_the_loop_cannot_wait_for_itself(loop: LoopThread) -> None:
    async def wait_for_itself() -> None:
        loop.run(answer(), 1)

    with pytest.raises(InvariantError, match="must not wait"):
        loop.run(wait_for_itself(), 1)


def test_what_takes_too_long_is_given_up(loop: LoopThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskgate.brokers.ib.thread.MARGIN", 0.0)
    given_up = threading.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    with pytest.raises(TimeoutError):
        loop.run(never(), 0.05)
    assert given_up.wait(5)


def test_an_exception_that_nobody_caught_is_told(loop: LoopThread, alarms: Alarms) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    assert loop.soon(broken)
    assert alarms.news.wait(5)
    assert "ZeroDivisionError" in alarms.told[0]


def test_a_stopped_loop_takes_nothing_and_stops_again(alarms: Alarms) -> None:
    thread = LoopThread("test-loop", alarms)
    thread.stop()
    thread.stop()
    assert not thread.soon(lambda: None)
    thread.begin(answer())
    with pytest.raises(NotConnected):
        thread.run(answer(), 1)


def test_what_still_runs_when_the_loop_stops_is_cancelled(alarms: Alarms) -> None:
    thread, begun, cancelled = LoopThread("test-loop", alarms), threading.Event(), []

    async def forever() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    thread.begin(forever())
    assert begun.wait(5)
    thread.stop()
    assert cancelled == [True]


# -- questions ------------------------------------------------------------------------------------


def test_a_question_is_answered_refused_or_fails_with_the_connection(loop: LoopThread) -> None:
    async def ask() -> None:
        questions = Questions()
        answered, refused, lost = (questions.ask(key) for key in ("a", "b", "c"))
        questions.answered("a")
        assert questions.refused("b", 200, "no such thing")
        assert not questions.refused("b", 200, "again")
        questions.answered("never asked")
        questions.close("gone")
        assert answered.result() is None
        assert isinstance(refused.exception(), Refused)
        assert isinstance(lost.exception(), NotConnected)

    loop.run(ask(), 5)


def test_asking_twice_is_one_question(loop: LoopThread) -> None:
    async def ask() -> None:
        questions = Questions()
        first = questions.ask("time")
        assert questions.ask("time") is first
        questions.answered("time")
        assert questions.ask("time") is not first

    loop.run(ask(), 5)
