"""The versions of the tables, and how a file of an older version is brought up to this one.

Rule 1: a file of a newer version is refused, never guessed at.
Rule 2: a step is a function from one version to the next, and runs in the opening transaction.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from riskgate.errors import JournalError

VERSION: Final = 1


def check(path: Path, found: str | None) -> None:
    """Raise JournalError unless this riskgate can use tables of the version that was found."""
    if found is None:
        raise JournalError(
            f"journal `{path}`: it is a database of something else; check the path,"
            " or move the file away"
        )
    if not found.isascii() or not found.isdigit() or int(found) != VERSION:
        raise JournalError(
            f"journal `{path}`: its tables are of version {found} and this riskgate knows"
            f" version {VERSION}; use the riskgate that wrote it, or a newer one"
        )
