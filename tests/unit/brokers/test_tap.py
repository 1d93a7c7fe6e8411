from __future__ import annotations

from typing import Any

import pytest

from riskgate.brokers.ib.client import load
from riskgate.brokers.ib.tap import Tap
from riskgate.errors import InvariantError

LIBRARY: Any = load()


def test_a_callback_takes_the_place_of_the_librarys() -> None:
    heard: list[int] = []
    wrapper = LIBRARY.IB().wrapper
    Tap(print).attach(wrapper, {"nextValidId": heard.append})
    wrapper.nextValidId(7)
    assert heard == [7]


def test_a_method_that_is_not_there_fails_the_start_by_name() -> None:
    with pytest.raises(InvariantError, match="its wrapper has no `orderGone`"):
        Tap(print).attach(LIBRARY.IB().wrapper, {"orderGone": print})


def test_an_exception_is_counted_and_told_before_the_library_can_swallow_it() -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    told: list[str] = []
    tap, wrapper = Tap(told.append), LIBRARY.IB().wrapper
    tap.attach(wrapper, {"orderStatus": broken})
    with pytest.raises(ZeroDivisionError):
        wrapper.orderStatus(1)
    assert tap.failures == 1
    assert told[0].startswith("orderStatus: ZeroDivisionError")


def test_what_the_library_needs_for_itself_is_called_after_ours() -> None:
    heard: list[str] = []
    wrapper = LIBRARY.IB().wrapper
    wrapper.connectionClosed = lambda: heard.append("library")
    Tap(print).also(wrapper, "connectionClosed", lambda: heard.append("ours"))
    wrapper.connectionClosed()
    assert heard == ["ours", "library"]
