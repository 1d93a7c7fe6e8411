"""How whoever reads a long record tells how far that has got."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

STEP: Final = 500  # events between two reports of progress
Progress = Callable[[int], None]


def untold(_events: int) -> None:
    """For whoever does not want to know."""
