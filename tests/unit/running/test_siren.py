"""The kill signal: heard by a thread of its own, and by nobody after the end."""

from __future__ import annotations

import os
import queue
import signal
import socket
import threading

import pytest

from riskgate.running.siren import Siren

SOON = 5.0
Heard = queue.SimpleQueue[tuple[str, str]]


def listening(heard: Heard) -> Siren:
    return Siren("SIGUSR2", lambda by, why: heard.put((by, why)))


def test_a_signal_is_an_alarm_with_its_name() -> None:
    heard: Heard = queue.SimpleQueue()
    siren = listening(heard)
    try:
        os.kill(os.getpid(), signal.SIGUSR2)
        assert heard.get(timeout=SOON) == ("signal", "the process got SIGUSR2")
    finally:
        siren.close()
    assert signal.getsignal(signal.SIGUSR2) is signal.SIG_DFL
    assert signal.set_wakeup_fd(-1) == -1


def test_where_somebody_else_reads_the_bytes_the_handler_hears_it() -> None:
    heard: Heard = queue.SimpleQueue()
    theirs, mine = socket.socketpair()
    theirs.setblocking(False)  # the library's shape
    signal.set_wakeup_fd(theirs.fileno())
    siren = listening(heard)
    try:
        os.kill(os.getpid(), signal.SIGUSR2)
        assert heard.get(timeout=SOON) == ("signal", "the process got SIGUSR2")
    finally:
        siren.close()
        assert signal.set_wakeup_fd(-1) == theirs.fileno()
        theirs.close()
        mine.close()


def test_another_handler_is_left_alone() -> None:
    assert Siren.can_listen("SIGUSR2")
    assert not Siren.can_listen("none")
    before = signal.signal(signal.SIGUSR2, lambda *_: None)
    try:
        assert not Siren.can_listen("SIGUSR2")
    finally:
        signal.signal(signal.SIGUSR2, before)


def test_only_the_main_thread_can_listen() -> None:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(Siren.can_listen("SIGUSR2")))
    thread.start()
    thread.join()
    assert found == [False]


def test_closed_from_another_thread_it_is_deaf() -> None:
    heard: Heard = queue.SimpleQueue()
    siren = listening(heard)
    thread = threading.Thread(target=siren.close)
    thread.start()
    thread.join()
    os.kill(os.getpid(), signal.SIGUSR2)
    with pytest.raises(queue.Empty):
        heard.get(timeout=0.1)
    siren.close()
