"""How an event becomes bytes, and how each is chained to the one before it.

Rule 1: the bytes of a payload are its canonical JSON, and reading them gives an equal payload.
What does not read back is refused before it is written: an append-only record keeps it for good.
Rule 2: a hash covers the hash before it, so whoever changes one event must change all that follow.
Rule 3: what is as usual is left out, so a default of what is recorded is part of the format, and
is never changed: a field that needs another one is a new field.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from typing import Final, NamedTuple, get_args

import msgspec

from riskgate.model.events import KINDS, Payload, Recorded
from riskgate.model.moments import EPOCH
from riskgate.model.spans import MICROSECOND

KIND_OF: Final[dict[type, str]] = {
    kind: KINDS[kind.__struct_config__.tag] for kind in get_args(Payload)
}
# The kinds that change the tables `orders` and `executions`: they speak of an order or a fill.
TABLED: Final = frozenset(
    word
    for kind, word in KIND_OF.items()
    if {"order_id", "execution_id"} & set(kind.__struct_fields__)  # type: ignore[attr-defined]
)

# The whole numbers of a payload also stand in the tables, which hold 64 bits.
LEAST: Final = -(2**63)
MOST: Final = 2**63 - 1
_INTEGERS: Final = {
    kind: tuple(field.name for field in msgspec.structs.fields(kind) if field.type is int)
    for kind in KIND_OF
}
# Read all at once, the first twice so that what comes is always a tuple.
_READ_INTEGERS: Final = {
    kind: attrgetter(names[0], *names) for kind, names in _INTEGERS.items() if names
}

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder: msgspec.json.Decoder[Payload] = msgspec.json.Decoder(Payload)


class Place(NamedTuple):
    """A place in the journal: the last event that is known, and its hash."""

    seq: int
    hash: str


GENESIS: Final = Place(0, "0" * 64)


class Row(NamedTuple):
    """One stored event. `order_id` is None where the event names no order."""

    seq: int
    at_ns: int
    kind: str
    order_id: int | None
    body: bytes
    previous: str
    hash: str

    @property
    def place(self) -> Place:
        """Where the journal stands after this event."""
        return Place(self.seq, self.hash)


class _Head(msgspec.Struct):
    """As much of a body as says which order it is about."""

    order_id: int = 0


_heads = msgspec.json.Decoder(_Head)


def encode(payload: Payload) -> bytes:
    """Canonical JSON. Raise UnicodeEncodeError for text that is no Unicode."""
    return _encoder.encode(payload)


def decode(body: bytes) -> Payload:
    """The payload of a body. Raise msgspec.MsgspecError if it is none."""
    return _decoder.decode(body)


class Unrecordable(ValueError):  # noqa: N818  # reads as the fact it states
    """The payload would not read back as it is. Nothing was written, and nothing is spoiled."""


def proven(payload: Payload) -> bytes:
    """Canonical JSON that was read back and found equal. Raise Unrecordable if it is not."""
    try:
        body = encode(payload)
        found = decode(body)
    except UnicodeEncodeError as error:
        why = f"text that is not Unicode cannot be recorded ({error}); mend that text"
        raise Unrecordable(why) from error
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError) as error:
        raise Unrecordable(f"{_named(payload)} would not read back ({error}); mend it") from error
    if not _is_same(found, payload, body):
        raise Unrecordable(f"{_named(payload)} would read back as another one; mend it")
    read = _READ_INTEGERS.get(type(payload))
    if read is not None and not (LEAST <= min(numbers := read(payload)) <= max(numbers) <= MOST):
        name = next(n for n in _INTEGERS[type(payload)] if not _fits(getattr(payload, n)))
        raise Unrecordable(f"{_named(payload)} has a `{name}` beyond 64 bits; mend it")
    return body


def _fits(number: int) -> bool:
    return LEAST <= number <= MOST


def _is_same(found: Payload, payload: Payload, body: bytes) -> bool:
    try:
        if found == payload:
            return True
    except ArithmeticError:  # a signalling NaN cannot be compared
        pass
    # No NaN equals itself: then the bytes must do.
    return b'NaN"' in body and encode(found) == body


def _named(payload: Payload) -> str:
    return f"this {KIND_OF[type(payload)]}"


def row_of(place: Place, payload: Payload, at: datetime) -> Row:
    """The event that follows `place`. Raise Unrecordable if it would not read back."""
    kind, body, at_ns = KIND_OF[type(payload)], proven(payload), nanoseconds(at)
    digest = _link(place, at_ns, kind, body)
    return Row(place.seq + 1, at_ns, kind, order_of(payload), body, place.hash, digest)


def recorded(row: Row) -> Recorded:
    """The event as the gate sees it. Raise msgspec.MsgspecError if its body is unreadable."""
    return Recorded(row.seq, moment(row.at_ns), decode(row.body))


def follows(row: Row, place: Place) -> bool:
    """Whether the row is the untouched successor of `place`."""
    if row.seq != place.seq + 1 or row.previous != place.hash:
        return False
    try:
        digest = _link(place, row.at_ns, row.kind, row.body)
        return row.hash == digest and row.order_id == (_heads.decode(row.body).order_id or None)
    except (TypeError, ValueError, msgspec.MsgspecError):  # a column holds what no gate ever wrote
        return False


def order_of(payload: Payload) -> int | None:
    """The order an event is about, or None."""
    return getattr(payload, "order_id", 0) or None


def nanoseconds(at: datetime) -> int:
    """UTC nanoseconds since 1970 of an aware moment."""
    return (at - EPOCH) // MICROSECOND * 1000


def moment(at_ns: int) -> datetime:
    """The moment of UTC nanoseconds since 1970, to the microsecond."""
    return EPOCH + timedelta(microseconds=at_ns // 1000)


def _link(previous: Place, at_ns: int, kind: str, body: bytes) -> str:
    head = f"{previous.hash}\n{previous.seq + 1}\n{at_ns:d}\n{kind}\n"
    return sha256(head.encode() + body).hexdigest()
