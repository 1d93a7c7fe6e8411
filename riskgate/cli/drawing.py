"""Drawing frames on a terminal until somebody has seen enough, and leaving it as it was.

Rule 1: however it ends, by time, Ctrl-C or SIGTERM, the terminal is given back as it was.
Rule 2: a frame is as large as the terminal is now; a journal that cannot be read for a moment is
said on the screen, and tried again.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Never

import click
import msgspec
from rich.console import Console
from rich.live import Live

from riskgate.errors import TERMINATED, JournalError
from riskgate.record.live_view import Frame
from riskgate.reporters.watch_screen import drawn, screen


def draw(look: Callable[[], Frame], interval: float, seconds: float | None) -> None:
    """Draw what `look` sees, every so many seconds, for so many, or until KeyboardInterrupt."""
    console = Console()
    ends = None if seconds is None else time.monotonic() + seconds
    frame = look()
    with _terminable(), Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            lines = screen(frame, console.width, console.height)
            live.update(drawn(lines), refresh=True)
            left = interval if ends is None else min(interval, ends - time.monotonic())
            if left <= 0:
                return
            time.sleep(left)
            frame = _next(look, frame)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM unwind what is at work, as Ctrl-C does."""

    def end(_number: int, _frame: FrameType | None) -> Never:
        raise click.exceptions.Exit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _next(look: Callable[[], Frame], last: Frame) -> Frame:
    """The next frame; the last one, and why there is no other, where the journal fails."""
    try:
        return look()
    except JournalError as error:
        return msgspec.structs.replace(last, trouble=str(error))
