"""What is wrong with a file, and where in it."""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong with a file; sorts by place.

    Line and column are 0 where there is no text to point into: a folder, a file that is not there.
    """

    path: str
    line: int
    column: int
    code: str
    text: str
    severity: str = "error"

    @property
    def where(self) -> str:
        """`path:line:column`, or the path alone."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path

    def __str__(self) -> str:
        return f"{self.where}: {self.severity} {self.code} {self.text}"
