"""The raw callbacks: what the library decoded, before it draws conclusions from it.

Rule 1: the tap takes the place of the library's own methods. They are not called, so the library
keeps no orders and no tickers, and there is no belief of its own that anybody could read.
Rule 2: a method that is not there fails the start: the library is not the one we know.
Rule 3: an exception in a callback is counted and told before the library can swallow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from riskgate.brokers.ib import raw
from riskgate.errors import InvariantError

Callback = Callable[..., None]


class Tap:
    """The callbacks of one session."""

    def __init__(self, alarm: Callable[[str], None]) -> None:
        self.failures = 0
        self._alarm = alarm

    def attach(self, wrapper: raw.Wrapper, callbacks: Mapping[str, Callback]) -> None:
        """Put ours in the place of the library's. Raise InvariantError for an unknown name."""
        check_has(wrapper, callbacks)
        for name, callback in callbacks.items():
            setattr(wrapper, name, self._guarded(name, callback))

    def also(self, wrapper: raw.Wrapper, name: str, callback: Callback) -> None:
        """Put ours before one of the library's that it needs for itself."""
        original: Callback = getattr(wrapper, name)

        def both(*values: object) -> None:
            callback(*values)
            original(*values)

        self.attach(wrapper, {name: both})

    def heard(self, name: str, callback: Callback) -> Callback:
        """A callback of ours whose failures are counted and told, for who attaches it himself."""
        return self._guarded(name, callback)

    def _guarded(self, name: str, callback: Callback) -> Callback:
        def guarded(*values: Any) -> None:  # noqa: ANN401  # whatever the library decoded
            try:
                callback(*values)
            except BaseException as error:
                self.failures += 1
                self._alarm(f"{name}: {error!r}")
                raise

        return guarded


def check_has(wanted: object, names: Iterable[str]) -> None:
    """Raise InvariantError if an object of the library lacks something that we replace."""
    missing = sorted(name for name in names if not hasattr(wanted, name))
    if missing:
        library, kind = type(wanted).__module__.partition(".")[0], type(wanted).__name__.lower()
        raise InvariantError(
            f"{library}: its {kind} has no `{missing[0]}`; this version is not known, "
            "use ib_insync 0.9.86 or ib_async 2"
        )


def ignored(*_: object) -> None:
    """Take the place of a method that would only complain to the log."""
