"""Drawing frames on a terminal until somebody has seen enough, and leaving it as it was.

Rule 1: however it ends, by time, Ctrl-C or SIGTERM, the terminal is given back as it was.
Rule 2: a frame is as large as the terminal is now; a journal that cannot be read for a moment is
said on the screen, and tried again.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
from rich.console import Console
from rich.live import Live

from riskgate.cli.ending import terminable
from riskgate.errors import JournalError
from riskgate.record.live_view import Frame
from riskgate.reporters.watch_screen import drawn, screen


def draw(look: Callable[[], Frame], interval: float, seconds: float | None) -> None:
    """Draw what `look` sees, every so many seconds, for so many, or until KeyboardInterrupt."""
    console = Console()
    ends = None if seconds is None else time.monotonic() + seconds
    frame = look()
    with terminable(), Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            lines = screen(frame, console.width, console.height)
            live.update(drawn(lines), refresh=True)
            left = interval if ends is None else min(interval, ends - time.monotonic())
            if left <= 0:
                return
            time.sleep(left)
            frame = _next(look, frame)


def _next(look: Callable[[], Frame], last: Frame) -> Frame:
    """The next frame; the last one, and why there is no other, where the journal fails."""
    try:
        return look()
    except JournalError as error:
        return msgspec.structs.replace(last, trouble=str(error))
