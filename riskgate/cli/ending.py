"""How a command that works for long is ended from outside: SIGTERM unwinds it, as Ctrl-C does."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Never

import click

from riskgate.errors import TERMINATED


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM unwind what is at work, and end with its exit code."""

    def end(_number: int, _frame: FrameType | None) -> Never:
        raise click.exceptions.Exit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
