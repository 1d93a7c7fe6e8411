"""The control channel: lines of JSON on a port of this computer, to steer a running simulator.

A request is `{"do": "price", "symbol": "AAPL", "bid": 189}` for an event, `{"fault": {...}}` with
what a scenario file has under `faults`, or `{"ask": "orders"}`. Each line is answered by one.

Rule 1: what is read here is checked as strictly as a scenario file, by the same code.
Rule 2: a line that is no JSON ends the connection: what a browser can send gets nowhere. One that
is too long or nested too deep is answered, and the next one is read.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from riskgate.simulator.book import view_of
from riskgate.simulator.events import happen
from riskgate.simulator.faults import EVENTS
from riskgate.simulator.gateway import Gateway
from riskgate.simulator.options import HOST
from riskgate.simulator.permitted import nearest
from riskgate.simulator.scenarios.reading import Reader
from riskgate.simulator.scenarios.scenario import (
    HAPPENINGS,
    check_possible,
    known_to,
    read_action,
    read_fault,
)
from riskgate.simulator.scenarios.source import Entry, ScenarioError, parse_json
from riskgate.simulator.wire.kinds import plain

LONGEST_LINE: Final = 65_536  # octets
MOST_BRACKETS: Final = 500  # that open; what is asked for here has a few
Request: TypeAlias = dict[str, Entry]


class Channel:
    """The listening channel with its connections."""

    def __init__(self, gateway: Gateway) -> None:
        self.port = 0
        self._gateway = gateway
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self, port: int = 0) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._meet, HOST, port, limit=LONGEST_LINE)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening, and hang up."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, ValueError):  # gone, or a line without an end
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (line := await _line(reader)) != b"":
            answer, goes_on = _answer(self._gateway, line)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
            if not goes_on:
                return


async def _line(reader: asyncio.StreamReader) -> bytes | None:
    """The next line, None for one that is too long, nothing at the end."""
    is_too_long = False
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as overrun:
            is_too_long = True
            await reader.readexactly(overrun.consumed)
        except asyncio.IncompleteReadError as rest:
            return rest.partial
        else:
            return None if is_too_long else line


def _answer(gateway: Gateway, line: bytes | None) -> tuple[dict[str, Any], bool]:
    """What a line is answered with, and whether the next one is read."""
    if line is None:
        return _refused(f"the line is longer than {LONGEST_LINE}"), True
    if line.count(b"[") + line.count(b"{") > MOST_BRACKETS:
        return _refused("the line is nested too deep"), True
    try:
        found = parse_json(line).value
    except ValueError:
        return _refused("is no JSON object"), False
    if not isinstance(found, dict):
        return _refused("is no JSON object"), False
    return obey(gateway, found), True


def _refused(why: str) -> dict[str, Any]:
    return {"ok": False, "why": why}


def obey(gateway: Gateway, request: Request) -> dict[str, Any]:
    """Do what a request asks for: `ok` with an answer, or why not."""
    reader = Reader("request", known_to(gateway))
    try:
        found = _act(gateway, reader, request)
        reader.finish()
    except ScenarioError as fault:
        return {"ok": False, "why": "; ".join(one.text for one in fault.problems)}
    except (LookupError, ValueError) as fault:
        return {"ok": False, "why": str(fault)}
    return {"ok": True, "answer": found}


def _act(gateway: Gateway, reader: Reader, request: Request) -> object:
    kind = next((key for key in _KINDS if key in request), None)
    if kind is None:
        there_is = " ".join(f"`{key}`: {nearest(key, _KINDS)}" for key in sorted(request))
        reader.complain(
            1, f"request: it has neither `do` nor `fault` nor `ask` {there_is}".rstrip()
        )
    elif kind != "do":  # whose other keys are those of the event
        for key in sorted(request.keys() - {kind}):
            reader.complain(1, f"request: `{key}`: does not go with `{kind}`")
    reader.finish()
    return None if kind is None else _KINDS[kind](gateway, reader, request)


def _do(gateway: Gateway, reader: Reader, request: Request) -> None:
    event = read_action(reader, dict(request), 1, HAPPENINGS)
    reader.finish()
    if isinstance(event, EVENTS):
        happen(gateway, event)


def _plan(gateway: Gateway, reader: Reader, request: Request) -> None:
    fault = read_fault(reader, request["fault"].node)
    reader.finish()
    if fault is not None:
        check_possible(gateway, fault.action)
        gateway.faults.add(fault)


def _ask(gateway: Gateway, reader: Reader, request: Request) -> object:
    asked = request["ask"].node.value
    if not isinstance(asked, str) or asked not in _ANSWERS:
        word = asked if isinstance(asked, str) else ""
        reader.complain(1, f"ask: `{word}`: {nearest(word, _ANSWERS)}")
    reader.finish()
    return _ANSWERS[str(asked)](gateway)


_KINDS: Final[dict[str, Callable[[Gateway, Reader, Request], object]]] = {
    "do": _do,
    "fault": _plan,
    "ask": _ask,
}


# -- what can be asked for ------------------------------------------------------------------------


def shown(value: object) -> object:
    """A value as JSON has it; a number keeps all its digits as text."""
    return plain(value) if isinstance(value, Decimal) else value


def _orders(gateway: Gateway) -> object:
    orders = gateway.exchange.book.orders.values()
    return [
        {key: shown(value) for key, value in msgspec.structs.asdict(view_of(order)).items()}
        for order in orders
    ]


_OF_AN_EXECUTION = (
    "exec_id",
    "perm_id",
    "order_id",
    "client_id",
    "account",
    "symbol",
    "side",
    "shares",
    "price",
    "commission",
    "order_ref",
)


def _executions(gateway: Gateway) -> object:
    return [
        {"at": one.at.isoformat(), **{key: shown(getattr(one, key)) for key in _OF_AN_EXECUTION}}
        for one in gateway.exchange.book.executions
    ]


def _positions(gateway: Gateway) -> object:
    return {
        account.code: {one.listing.local_symbol: shown(one.quantity) for one in account.held()}
        for account in gateway.exchange.world.accounts.values()
    }


def _status(gateway: Gateway) -> object:
    return {"time": gateway.clock.now().isoformat(), "clients": sorted(gateway.sessions)}


_ANSWERS: dict[str, Callable[[Gateway], object]] = {
    "orders": _orders,
    "executions": _executions,
    "positions": _positions,
    "status": _status,
}
