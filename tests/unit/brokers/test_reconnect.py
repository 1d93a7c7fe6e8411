"""How a lost session is brought back, step by step, on a clock of the test's own."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from riskgate.brokers.ib.reconnect import LOOK, Reconnect, Told
from riskgate.brokers.ib.settings import Settings
from riskgate.errors import ConfigError, NotConnected
from riskgate.execution.restarts import RestartWindow
from riskgate.model.report import Report
from riskgate.ports import Listener

EVENING = datetime(2026, 1, 6, 4, 30, tzinfo=UTC)  # 23:30 in New York
WINDOW = RestartWindow(time(23, 45), time(0, 45), "America/New_York")


@dataclass
class Wall:
    """A clock that the test moves."""

    at: datetime = EVENING

    def now(self) -> datetime:
        return self.at


@dataclass
class Script:
    """A broker whose sessions come and go as the test says; `answers` are of the next starts."""

    settings: Settings = field(default_factory=Settings)
    in_session: bool = True
    silent: bool = False
    trouble: str = ""
    mode_fault: str | None = None
    starts: int = 0
    answers: list[Exception | None] = field(default_factory=list)

    @property
    def connected(self) -> bool:
        return self.in_session and not self.trouble

    def start(self, listener: Listener) -> None:
        self.starts += 1
        self.in_session, self.silent = False, False
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.in_session, self.trouble = True, ""
        listener.session_changed("connected")

    def lose(self) -> None:
        self.in_session, self.trouble = False, "the connection was lost"


@dataclass
class World:
    """A broker, who watches it, what was told, and the time."""

    line: Script = field(default_factory=Script)
    wall: Wall = field(default_factory=Wall)
    notes: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    now: float = 0.0
    pause: float = 0.0

    def __post_init__(self) -> None:
        told = Told(self, self.notes.append)
        self.reconnect = Reconnect(self.line, told, self.wall, random.Random(7))

    def hear(self, reports: Iterable[Report]) -> None:
        raise AssertionError(reports)

    def session_changed(self, reason: str) -> None:
        self.changes.append(reason)

    def step(self) -> float:
        """One step, and on to when the next is due."""
        self.pause = self.reconnect.step(self.now)
        self.now += self.pause
        self.wall.at += timedelta(seconds=self.pause)
        return self.pause

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        for _ in range(100_000):
            if self.now >= end:
                return
            self.step()
        raise AssertionError("it does not wait")


def failing(times: int, error: Exception | None = None) -> list[Exception | None]:
    return [error or NotConnected("connection refused")] * times


def test_a_session_that_stands_is_only_looked_at() -> None:
    world = World()
    world.run(60)
    assert (world.line.starts, world.notes, world.pause) == (0, [], LOOK)


def test_a_lost_session_is_made_anew_at_once() -> None:
    world = World()
    world.line.lose()
    world.step()
    assert (world.line.starts, world.now) == (1, 0.0)
    world.step()
    assert world.notes == [
        "alarm: orders do not reach the broker since 04:30:00 UTC: the connection was lost",
        "connected again after 0 s; attempts: 1",
    ]


def test_waits_grow_with_jitter_and_are_bounded_for_ever() -> None:
    world = World()
    world.line.lose()
    world.line.answers = failing(10_000)
    begun: list[float] = []
    for _ in range(200):
        before = world.line.starts
        world.step()
        if world.line.starts > before:
            begun.append(world.now)
    waits = [later - earlier for earlier, later in pairwise(begun)]
    for number, wait in enumerate(waits):
        base = min(1.0 * 2**number, 30.0)
        assert base / 2 <= wait <= base
    assert len(waits) > 50
    assert len({round(wait, 6) for wait in waits[10:]}) > 20


def test_an_outage_is_one_note_and_one_more_however_often_it_is_tried() -> None:
    world = World()
    world.line.lose()
    world.line.answers = failing(9)
    world.run(600)
    assert world.line.starts == 10
    assert len(world.notes) == 2
    assert world.notes[1].endswith("; attempts: 10")


def test_every_failure_is_the_reason_why_nothing_is_approved() -> None:
    world = World()
    world.line.lose()
    busy = NotConnected("client id 7 is in use at 127.0.0.1:4002; choose another")
    wrong = ConfigError("account `DU9`: not in this session; found DU1")
    world.line.answers = [*failing(1), busy, wrong]
    world.run(60)
    heads = [change.partition(" (")[0] for change in world.changes]
    assert heads == ["connection refused", str(busy), str(wrong), "connected"]
    assert "attempt 1 to connect again, the next in 0." in world.changes[0]
    assert "attempt 3 " in world.changes[2]


def test_a_session_that_does_not_last_makes_the_next_wait_longer() -> None:
    world = World()
    begun: list[float] = []
    for number in range(1, 6):
        world.line.lose()
        while world.line.starts < number:
            world.step()
        begun.append(world.now)
        world.step()  # it stands for a moment
    waits = [later - earlier for earlier, later in pairwise(begun)]
    assert [wait >= 2**number / 2 for number, wait in enumerate(waits)] == [True] * 4


def test_after_a_session_has_stood_the_next_loss_is_made_good_at_once() -> None:
    world = World()
    world.line.lose()
    world.line.answers = failing(6)
    world.run(300)
    begun = world.now
    world.line.lose()
    world.step()
    assert (world.line.starts, world.now) == (8, begun)


def test_a_silent_session_is_given_up_when_it_has_been_silent_for_too_long() -> None:
    world = World()
    world.line.silent, world.line.trouble = True, "the broker does not answer"
    world.run(29)
    assert world.line.starts == 0
    world.run(2)
    assert world.line.starts == 1
    assert len(world.notes) == 2


def test_a_session_that_answers_again_is_kept() -> None:
    world = World()
    for _ in range(5):
        world.line.silent, world.line.trouble = True, "the broker does not answer"
        world.run(20)
        world.line.silent, world.line.trouble = False, ""
        world.run(5)
    assert world.line.starts == 0
    assert len(world.notes) == 10


@pytest.mark.parametrize("trouble", ["1100: lost", "the API of TWS is read-only"])
def test_what_only_tws_can_end_is_waited_for_in_the_session(trouble: str) -> None:
    world = World()
    world.line.trouble = trouble
    world.run(600)
    assert world.line.starts == 0
    assert world.notes == [
        f"alarm: orders do not reach the broker since 04:30:00 UTC: {trouble}",
    ]
    world.line.trouble = ""
    world.run(1)
    assert world.notes[1] == "connected again after 600 s"


def test_a_session_of_the_wrong_mode_is_back_but_said_to_approve_nothing() -> None:
    world = World()
    world.line.mode_fault = "mode is paper, but account U1 is a live account"
    world.line.lose()
    world.run(1)
    assert world.notes[-1].endswith(f"; nothing is approved: {world.line.mode_fault}")


# -- the restart window ---------------------------------------------------------------------------


def nightly() -> World:
    world = World(line=Script(Settings(restart_window=WINDOW, reconnect_max=20.0)))
    world.wall.at = datetime(2026, 1, 6, 4, 45, tzinfo=UTC)
    world.line.lose()
    return world


def test_in_the_restart_window_a_loss_is_no_alarm_and_tries_are_rare() -> None:
    world = nightly()
    world.line.answers = failing(30)
    begun: list[float] = []
    for _ in range(40):
        before = world.line.starts
        world.step()
        begun += [world.now] * (world.line.starts - before)
    assert {later - earlier for earlier, later in pairwise(begun)} == {20.0}
    assert world.notes == []


def test_a_restart_that_ends_in_its_window_is_one_note() -> None:
    world = nightly()
    world.line.answers = failing(3)
    world.run(120)
    assert world.notes == ["connected again after 60 s; attempts: 4"]


def test_a_restart_that_outlasts_its_window_is_an_alarm_then() -> None:
    world = nightly()
    world.line.answers = failing(10_000)
    world.run(3590)
    assert world.notes == []
    world.run(60)
    [alarm] = world.notes
    assert alarm.startswith("alarm: orders do not reach the broker since 04:45:00 UTC")


@pytest.mark.parametrize(
    ("utc", "covered"),
    [
        ("2026-01-06T04:44:59", False),  # 23:44:59 in winter
        ("2026-01-06T04:45:00", True),
        ("2026-01-06T05:44:59", True),
        ("2026-01-06T05:45:00", False),
        ("2026-07-07T03:45:00", True),  # an hour earlier in summer
        ("2026-07-07T04:45:00", False),
    ],
)
def test_a_window_over_midnight_follows_the_wall_clock_of_its_zone(
    utc: str, *, covered: bool
) -> None:
    assert WINDOW.covers(datetime.fromisoformat(utc).replace(tzinfo=UTC)) is covered


def test_a_window_within_a_day_is_covered_between_its_ends() -> None:
    window = RestartWindow(time(1), time(2, 30), "UTC")
    hours = [
        window.covers(datetime(2026, 1, 6, 0, 59, tzinfo=UTC) + timedelta(minutes=m))
        for m in (0, 1, 90, 91)
    ]
    assert hours == [False, True, True, False]
    assert str(window) == "01:00 to 02:30 UTC"


def test_what_is_no_fault_of_the_connection_is_not_tried_again() -> None:
    world = World()
    world.line.lose()
    world.line.answers = [ZeroDivisionError("a bug")]
    with pytest.raises(ZeroDivisionError):
        world.step()
