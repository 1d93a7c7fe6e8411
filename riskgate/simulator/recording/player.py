"""Plays a recording as a server: what the TWS said then is said again.

Rule 1: what the server sent between two requests belongs to the first of them, and is sent when
that request comes again.
Rule 2: strict: the requests come in the recorded order and are the same but for order texts, or
the client is told 320 and dropped. Lenient: a request gets the next recorded answer to a request
of its kind, with its own numbers and texts put in; one without an answer is left unanswered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from riskgate.simulator.options import HOST
from riskgate.simulator.recording.masking import TEXT_FIELDS, body_of, named
from riskgate.simulator.recording.tape import Entry, RecordingError, entries
from riskgate.simulator.wire.codec import REQUEST_TABLE, framed, split
from riskgate.simulator.wire.fields import WireError
from riskgate.simulator.wire.framing import Frames, FramingError, frame, parse_hello

log = logging.getLogger(__name__)
NUMBER_FIELDS = frozenset({"reqId", "orderId", "parentId"})


class Turn(msgspec.Struct, frozen=True):
    """A request and what was answered; the first turn of a connection has no request."""

    request: tuple[str, ...]
    at: float
    answers: tuple[Entry, ...]


class Script(msgspec.Struct, frozen=True):
    """One recorded connection."""

    version: int
    hello: tuple[str, ...]
    turns: tuple[Turn, ...]


def scripts(path: Path) -> tuple[Script, ...]:
    """The connections of a recording. Raises RecordingError, OSError."""
    found = sorted(entries(path), key=lambda entry: entry.connection)
    made = tuple(
        _script(path, list(group)) for _, group in groupby(found, lambda entry: entry.connection)
    )
    whole = tuple(one for one in made if one is not None)
    if not whole:
        raise RecordingError(f"{path.name}: no connection that got as far as the server's hello")
    return whole


def _script(path: Path, group: list[Entry]) -> Script | None:
    said = [entry for entry in group if entry.hello is None and entry.fields is not None]
    first = next((entry for entry in said if entry.side == "server"), None)
    if first is None or not first.fields:
        return None
    if not first.fields[0].isdigit():
        raise RecordingError(f"{path.name}: connection {first.connection}: no server version")
    rest = [entry for entry in said if entry is not first]
    return Script(int(first.fields[0]), first.fields, tuple(_turns(rest)))


def _turns(said: Iterable[Entry]) -> Iterable[Turn]:
    request: Entry | None = None
    answers: list[Entry] = []
    for entry in said:
        if entry.side == "server":
            answers.append(entry)
            continue
        if request is not None or answers:
            yield _turn(request, answers)
        request, answers = entry, []
    if request is not None or answers:
        yield _turn(request, answers)


def _turn(request: Entry | None, answers: list[Entry]) -> Turn:
    if request is None:
        return Turn((), answers[0].at, tuple(answers))
    return Turn(request.fields or (), request.at, tuple(answers))


class Pairing:
    """Which number and text of the recording is which of the client's."""

    def __init__(self, version: int, *, strict: bool) -> None:
        self._version = version
        self._free = TEXT_FIELDS if strict else TEXT_FIELDS | NUMBER_FIELDS
        self._now: dict[str, str] = {}  # recorded number or text -> the client's

    def fits(self, then: Sequence[str], now: Sequence[str], *, exactly: bool) -> bool:
        """True when the request is the recorded one, or only of its kind; pairs what differs."""
        if tuple(then[:1]) != tuple(now[:1]):
            return False
        old, new = named("client", then, self._version), named("client", now, self._version)
        if old is None or new is None or [one[0] for one in old] != [one[0] for one in new]:
            return not exactly or tuple(then) == tuple(now)
        pairs = [(name, text, own) for (name, text), (_, own) in zip(old, new, strict=True)]
        if exactly and any(a != b for name, a, b in pairs if name not in self._free):
            return False
        self._now |= {text: own for name, text, own in pairs if name in self._free and text}
        return True

    def answer(self, fields: Sequence[str]) -> bytes:
        """A recorded answer with the client's numbers and texts."""
        about = named("server", fields, self._version)
        if about is None:
            return body_of(fields)
        return body_of([self._own(name, text) for name, text in about])

    def _own(self, name: str, text: str) -> str:
        return self._now.get(text, text) if name in self._free else text


class Stage:
    """What all clients of a replay share."""

    def __init__(self, made: tuple[Script, ...], *, strict: bool, speed: float | None) -> None:
        self.strict = strict
        self.speed = speed
        self.players: set[Player] = set()
        self._made = made
        self._played = 0

    def next_script(self) -> Script:
        """The n-th recorded connection for the n-th client; after the last, the first again."""
        self._played += 1
        return self._made[(self._played - 1) % len(self._made)]


class Player(asyncio.Protocol):
    """One client that is played to."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pairing = Pairing(0, strict=stage.strict)
        self._frames = Frames(hello=True)
        self._transport: asyncio.Transport | None = None
        self._script: Script | None = None
        self._left: list[Turn] = []
        self._timers: list[asyncio.TimerHandle] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self._stage.players.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        del exc
        self._transport = None
        self._stage.players.discard(self)
        for timer in self._timers:
            timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes have come in."""
        try:
            for body in self._frames.feed(data):
                self._take(body)
        except (FramingError, WireError) as fault:
            log.warning("replay: %s: the connection is closed", fault)
            self.close()

    def _take(self, body: bytes) -> None:
        if self._script is None:
            self._shake_hands(body)
            return
        now = tuple(split(body))
        found = self._find(now)
        if found is not None:
            self._answer(found)
        elif self._stage.strict:
            self._refuse(now)
        else:
            log.warning("replay: request %s has no recorded answer left", now[0])

    def _shake_hands(self, body: bytes) -> None:
        lowest, highest = parse_hello(body)
        script = self._stage.next_script()
        if not lowest <= script.version <= highest:
            raise FramingError(
                f"hello: v{lowest}..{highest}: the recording is of version {script.version}"
            )
        self._script = script
        self._left = list(script.turns)
        self._pairing = Pairing(script.version, strict=self._stage.strict)
        self._write(frame(body_of(script.hello)))
        if self._left and not self._left[0].request:
            self._answer(self._left.pop(0))

    def _find(self, now: Sequence[str]) -> Turn | None:
        strict = self._stage.strict
        reach = self._left[:1] if strict else self._left
        for exactly in (True,) if strict else (True, False):
            for at, turn in enumerate(reach):
                if self._pairing.fits(turn.request, now, exactly=exactly):
                    return self._left.pop(at)
        return None

    def _answer(self, turn: Turn) -> None:
        for entry in turn.answers:
            data = frame(self._pairing.answer(entry.fields or ()))
            if self._stage.speed is None:
                self._write(data)
            else:
                wait = max(0.0, entry.at - turn.at) / self._stage.speed
                loop = asyncio.get_running_loop()
                self._timers.append(loop.call_later(wait, self._write, data))

    def _refuse(self, now: Sequence[str]) -> None:
        due = self._left[0].request if self._left else ()
        text = f"replay: got {_shown(now)}: the recording has {_shown(due) or 'no more requests'}"
        log.warning("%s", text)
        version = self._script.version if self._script else 0
        self._write(framed("error", {"reqId": -1, "code": 320, "text": text}, version))
        self.close()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """Close after what was sent has left."""
        if self._transport is not None:
            self._transport.close()


def _shown(fields: Sequence[str]) -> str:
    if not fields:
        return ""
    known = REQUEST_TABLE.by_number.get(int(fields[0])) if fields[0].isdigit() else None
    return f"{known.name if known else fields[0]} {'|'.join(fields[1:12])}"[:120]


async def replay(
    path: Path,
    port: int,
    ready: Callable[[int], None],
    *,
    strict: bool = False,
    speed: float | None = None,
) -> None:
    """Play a recording to the clients that connect, until cancelled.

    The n-th connection plays the n-th recorded one; after the last it begins again. `speed` 1 keeps
    the recorded pauses, None has none. Raises RecordingError, OSError.
    """
    stage = Stage(scripts(path), strict=strict, speed=speed)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Player(stage), HOST, port)
    try:
        ready(server.sockets[0].getsockname()[1])
        await loop.create_future()
    finally:
        server.close()
        for player in tuple(stage.players):
            player.close()
