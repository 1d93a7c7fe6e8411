"""Cut a byte stream into frames: a big-endian length, then the body; and the two hellos.

A frame longer than `MAX_BODY` is refused before a byte of it is stored, so a peer that speaks
another protocol cannot make the simulator collect memory.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable

MAX_BODY = 0xFFFFFF
MAX_REQUEST = 0xFFFFF  # what a server takes from a client
PREFIX = struct.Struct(">I")
API_SIGN = b"API\0"
_HELLO = re.compile(rb"v(\d{1,6})\.\.(\d{1,6})(?: (.*))?", re.DOTALL)


class FramingError(Exception):
    """The byte stream is not the protocol; there is no way to find the next message."""


def frame(body: bytes) -> bytes:
    """The body with its length in front."""
    return PREFIX.pack(len(body)) + body


class Frames:
    """Collects bytes and gives whole bodies. `hello=True` expects `API` and a zero byte first."""

    def __init__(self, *, hello: bool, longest: int = MAX_BODY) -> None:
        self._buffer = bytearray()
        self._longest = longest
        self._sign_due = hello

    def feed(self, chunk: bytes) -> list[bytes]:
        """The bodies completed by these bytes. Raises FramingError."""
        self._buffer += chunk
        if self._sign_due and not self._take_sign():
            return []
        bodies: list[bytes] = []
        while (body := self._take_body()) is not None:
            bodies.append(body)
        return bodies

    def unread(self, bodies: Iterable[bytes]) -> bytes:
        """The bytes of these bodies and all that was not yet given."""
        return b"".join(frame(body) for body in bodies) + bytes(self._buffer)

    def _take_sign(self) -> bool:
        head = bytes(self._buffer[: len(API_SIGN)])
        if not API_SIGN.startswith(head):
            raise FramingError(f"hello: starts with `{head!r}`: expected `API` and a zero byte")
        if len(head) < len(API_SIGN):
            return False
        del self._buffer[: len(API_SIGN)]
        self._sign_due = False
        return True

    def _take_body(self) -> bytes | None:
        if len(self._buffer) < PREFIX.size:
            return None
        (length,) = PREFIX.unpack_from(self._buffer)
        if length > self._longest:
            raise FramingError(f"frame: length {length}: the longest is {self._longest}")
        end = PREFIX.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[PREFIX.size : end])
        del self._buffer[:end]
        return body


def client_hello(lowest: int, highest: int) -> bytes:
    """What a client sends first: the sign and the range of versions it speaks."""
    return API_SIGN + frame(b"v%d..%d" % (lowest, highest))


def parse_hello(body: bytes) -> tuple[int, int]:
    """The lowest and highest version a client offers. Raises FramingError."""
    found = _HELLO.fullmatch(body)
    if found is None:
        raise FramingError(f"hello: `{body[:40]!r}`: expected `v<lowest>..<highest>`")
    return int(found[1]), int(found[2])
