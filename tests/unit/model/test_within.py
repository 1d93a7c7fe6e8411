"""A context of two steps."""

from __future__ import annotations

import pytest

from riskgate.model.within import Within


def test_leaving_is_told_what_was_entered_and_that_nothing_broke() -> None:
    told: list[tuple[str, BaseException | None]] = []
    with Within(lambda: "lock", lambda what, error: told.append((what, error))) as what:
        assert what == "lock"
        assert told == []
    assert told == [("lock", None)]


def test_what_is_raised_inside_is_told_and_goes_on() -> None:
    told: list[BaseException | None] = []
    broken = ValueError("broken")

    def leave(_what: int, error: BaseException | None) -> bool:
        told.append(error)
        return True

    with pytest.raises(ValueError, match="broken"), Within(lambda: 1, leave):
        raise broken
    assert told == [broken]


def test_what_cannot_be_entered_is_not_left() -> None:
    left: list[object] = []

    def enter() -> object:
        raise OSError("no lock")

    with (
        pytest.raises(OSError, match="no lock"),
        Within(enter, lambda what, _: left.append(what)),
    ):
        left.append("inside")
    assert left == []
