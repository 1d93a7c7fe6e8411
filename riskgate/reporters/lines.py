"""Text broken into lines for a terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

WIDTH: Final = 80


def wrapped(text: str, indent: int = 0, *, hang: int = 2, width: int = WIDTH) -> list[str]:
    """Lines of at most `width` columns; long words, such as paths, are left whole.

    Every line begins after `indent` columns, and those after the first `hang` columns further.
    """
    margin = " " * indent
    return wrap(
        text,
        width,
        initial_indent=margin,
        subsequent_indent=margin + " " * hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
