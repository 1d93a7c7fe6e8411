"""What an audit of a journal has found, as values."""

from __future__ import annotations

from datetime import datetime

import msgspec

from riskgate.model.moments import to_the_microsecond


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it was written; `seq`, `kind` and `at` where it is an event."""

    text: str
    seq: int | None = None
    kind: str = ""
    at: datetime | None = None

    def __str__(self) -> str:
        if self.seq is None:
            return self.text
        at = to_the_microsecond(self.at) if self.at else ""
        more = ", ".join(word for word in (self.kind, at) if word)
        return f"event {self.seq}{f' ({more})' if more else ''}: {self.text}"


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """How many events are whole, the hash of the last of them, and what is wrong.

    `remarks` are worth knowing, and no faults.
    """

    events: int
    head: str
    faults: tuple[Fault, ...] = ()
    remarks: tuple[str, ...] = ()
