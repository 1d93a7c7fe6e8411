"""Contexts that are made for speed do what slow ones do."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress

import pytest

from riskgate.model.within import Paused, Within


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


class Steps:
    """What a paused generator did, in order; it may break at its end."""

    def __init__(self, at_the_end: BaseException | None = None) -> None:
        self.done: list[str] = []
        self.at_the_end = at_the_end

    def steps(self) -> Generator[str, None, None]:
        self.done.append("taken")
        try:
            yield "lock"
            if self.at_the_end is not None:
                raise self.at_the_end
        except ValueError as error:
            self.done.append(str(error))
            raise
        finally:
            self.done.append("let go")


def test_a_paused_generator_goes_on_when_it_is_left() -> None:
    seen = Steps()
    with Paused(seen.steps()) as what:
        assert what == "lock"
        assert seen.done == ["taken"]
    assert seen.done == ["taken", "let go"]


def test_a_paused_generator_is_told_what_was_raised_and_it_goes_on() -> None:
    seen, broken = Steps(), ValueError("broken")
    with pytest.raises(ValueError, match="broken") as raised, Paused(seen.steps()):
        raise broken
    assert raised.value is broken
    assert seen.done == ["taken", "broken", "let go"]


def test_what_a_paused_generator_raises_at_its_end_is_raised() -> None:
    seen = Steps(ValueError("no commit"))
    with pytest.raises(ValueError, match="no commit"), Paused(seen.steps()):
        seen.done.append("inside")
    assert seen.done == ["taken", "inside", "no commit", "let go"]


def test_what_a_paused_generator_raises_instead_has_the_first_as_its_context() -> None:
    def steps() -> Generator[None, None, None]:
        try:
            yield
        except ValueError:
            raise OSError("told otherwise")  # noqa: B904  # the context is the point

    with pytest.raises(OSError, match="otherwise") as raised, Paused(steps()):
        raise ValueError("broken")
    assert isinstance(raised.value.__context__, ValueError)


def test_one_that_is_lost_while_it_is_entered_lets_go() -> None:
    seen = Steps()
    paused = Paused(seen.steps())
    paused.__enter__()  # as if what enters it were interrupted right after
    assert seen.done == ["taken"]
    del paused
    assert seen.done == ["taken", "let go"]


def test_a_paused_generator_swallows_nothing() -> None:
    def steps() -> Generator[None, None, None]:
        with suppress(ValueError):
            yield

    with pytest.raises(ValueError, match="broken"), Paused(steps()):
        raise ValueError("broken")


@pytest.mark.parametrize("kind", [StopIteration, RuntimeError, GeneratorExit, KeyboardInterrupt])
def test_whatever_is_raised_inside_goes_on_as_it_is(kind: type[BaseException]) -> None:
    with pytest.raises(kind, match="broken"), Paused(Steps().steps()):
        raise kind("broken")
