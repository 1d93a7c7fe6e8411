"""Bodies to messages and back, for one negotiated version, in both directions.

A server reads requests and writes messages; a client (here only tests) does the reverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from riskgate.simulator.wire.fields import WireError
from riskgate.simulator.wire.framing import frame
from riskgate.simulator.wire.kinds import Record, Value
from riskgate.simulator.wire.layout import Layout
from riskgate.simulator.wire.messages import MESSAGES
from riskgate.simulator.wire.program import Cursor, Program
from riskgate.simulator.wire.requests import REQUESTS

MIN_VERSION = 157
MAX_VERSION = 200  # from 201 on the messages are protobuf, which is not spoken here
_NUMBER = re.compile(r"[0-9]{1,6}")


class Message(msgspec.Struct, frozen=True):
    """One decoded message: its name and its fields, read through typed accessors."""

    name: str
    fields: Record

    def text(self, name: str) -> str:
        """A text field; empty when it is unset."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def integer(self, name: str) -> int:
        """A whole number; 0 when it is unset."""
        value = self.fields.get(name)
        return value if isinstance(value, int) else 0

    def number(self, name: str) -> Decimal | None:
        """A decimal number, None when it is unset."""
        value = self.fields.get(name)
        return value if isinstance(value, Decimal) else None

    def flag(self, name: str) -> bool:
        """True only when the field is `1`."""
        return self.fields.get(name) is True


class Table:
    """One direction: the layouts by number and by name."""

    def __init__(self, layouts: Iterable[Layout]) -> None:
        self.by_number: dict[int, Layout] = {}
        self.by_name: dict[str, Layout] = {}
        for entry in layouts:
            self.by_number[entry.number] = entry
            self.by_name[entry.name] = entry
        self._programs: dict[tuple[str, int], Program] = {}

    def decode(self, body: bytes, version: int) -> Message:
        """The message in this body. Raises WireError."""
        parts = split(body)
        found = self._find(parts[0])
        record: Record = {}
        cursor = Cursor(parts, version)
        try:
            self._program(found, version).read(cursor, record)
            cursor.finish()
        except WireError as fault:
            raise WireError(f"{found.name}: {fault}", record, cursor.table()) from None
        return Message(found.name, record)

    def named(self, body: bytes, version: int) -> list[tuple[str, str]]:
        """Each text of this body with its field's name, the number first. Raises WireError."""
        parts = split(body)
        cursor = Cursor(parts, version)
        self._program(self._find(parts[0]), version).read(cursor, {})
        cursor.finish()
        return [("number", parts[0]), *cursor.named()]

    def encode(self, name: str, record: Mapping[str, Value], version: int) -> bytes:
        """The body of this message. Raises WireError when a value cannot be written."""
        entry = self.by_name[name]
        parts = [str(entry.number)]
        self._program(entry, version).write(parts, record)
        parts.append("")
        body = "\0".join(parts)
        if body.count("\0") != len(parts) - 1:
            culprit = next(part for part in parts if "\0" in part)
            raise WireError(f"{name}: `{culprit[:40]!r}` holds a zero byte")
        return body.encode()

    def _program(self, entry: Layout, version: int) -> Program:
        key = (entry.name, version)
        found = self._programs.get(key)
        if found is None:
            found = self._programs[key] = Program(entry.rows, version)
        return found

    def _find(self, number: str) -> Layout:
        found = self.by_number.get(int(number)) if _NUMBER.fullmatch(number) else None
        if found is None:
            raise WireError(f"message number `{number[:20]}` is unknown")
        return found


def split(body: bytes) -> list[str]:
    """The texts of a body. Raises WireError when it is not text or the last field has no end."""
    try:
        parts = body.decode().split("\0")
    except UnicodeDecodeError as fault:
        raise WireError(f"byte {fault.start} is not UTF-8") from None
    if parts.pop() != "" or not parts:
        raise WireError("the last field has no end")
    return parts


REQUEST_TABLE = Table(REQUESTS)
MESSAGE_TABLE = Table(MESSAGES)


def framed(name: str, record: Mapping[str, Value], version: int) -> bytes:
    """A server message ready for the socket."""
    return frame(MESSAGE_TABLE.encode(name, record, version))


def field_table(body: bytes, fault: WireError) -> str:
    """What each field was read as and what was sent, for the log of a message that did not fit."""
    raw = body[:2000].decode(errors="backslashreplace").replace("\0", "|")
    return f"fields: {fault.table or 'none'}; sent: {raw}".replace("\n", "\\n")
