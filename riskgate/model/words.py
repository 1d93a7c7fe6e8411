"""Things as people write them: `1 file`, `2 files`, and a digest in short."""

from __future__ import annotations


def counted(number: int, name: str) -> str:
    """So many of them, by a name that takes an `s` where there is not exactly one.

    >>> counted(0, "error"), counted(1, "error")
    ('0 errors', '1 error')
    """
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def abridged(digest: str) -> str:
    """Enough of a digest to tell policies apart."""
    return digest[:12]
