"""A command line's simulator: a simulation with a board, a recording proxy, or a replay.

Rule 1: whatever is wrong with what was asked for is a `CannotRun`, found before anything listens.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from typing import Any, Final, TextIO

from riskgate.simulator.board import Board, Lines, Screen
from riskgate.simulator.options import HOST
from riskgate.simulator.recording import Taping, taping
from riskgate.simulator.service import PortTaken, listening, planned, stand

__all__ = ["CannotRun", "PortTaken", "launch", "tell_more"]

_OF_A_TAPE: Final = ("record", "upstream", "replay", "strict")
_OF_A_SIMULATION: Final[dict[str, object]] = {  # and what they are when nobody asks
    "control": 0,
    "scenario": None,
    "prices": None,
    "bars": None,
    "walk": False,
    "sessions": False,
    "pace": None,
    "master_client": None,
    "speed": 1.0,
}


class CannotRun(ValueError):  # noqa: N818  # it says what cannot be done
    """What was asked for is wrong; the message says where and why, a line for each thing."""


def launch(*, as_json: bool, out: TextIO | None = None, **asked: Any) -> None:  # noqa: ANN401
    """Run what the options of `riskgate simulate` ask for.

    Raises CannotRun, PortTaken, and KeyboardInterrupt when it is stopped.
    """
    out = out or sys.stdout
    tape = Taping(**{name: asked.pop(name) for name in _OF_A_TAPE})
    try:
        serve, plan = taping(tape), planned(**asked)
        if serve is not None:
            _check_alone(tape, asked)
    except ValueError as error:
        raise CannotRun(str(error)) from None
    except OSError as error:
        raise CannotRun(f"cannot read {error.filename} ({error.strerror})") from None
    if serve is None:
        running = stand(plan, _board(out, as_json=as_json))
    else:
        ready = partial(_say_where, out, tape, as_json=as_json)
        running = listening("--port", plan.port, serve(plan.port, ready))
    try:
        asyncio.run(_until_told(running))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _until_told(running: Awaitable[None]) -> None:
    """Run until SIGTERM: a terminal is given back as it is after Ctrl-C."""
    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):  # on Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await running


def tell_more() -> None:
    """Say on standard error who connects and what is ordered."""
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("riskgate.simulator").setLevel(logging.INFO)


def _check_alone(tape: Taping, asked: dict[str, object]) -> None:
    """Raises ValueError for options that a recording would not heed."""
    kind = "--replay" if tape.replay else "--record"
    usual = _OF_A_SIMULATION
    given = [name for name in usual if asked.get(name, usual[name]) != usual[name]]
    if given:
        option = given[0].replace("_", "-")
        raise ValueError(f"{kind}: does not go with --{option}: nothing is simulated then")


def _board(out: TextIO, *, as_json: bool) -> Board:
    return Screen() if out.isatty() and not as_json else Lines(as_json=as_json, out=out)


def _say_where(out: TextIO, tape: Taping, port: int, *, as_json: bool) -> None:
    what = f"replaying {tape.replay}" if tape.replay else f"recording {tape.upstream}"
    text = f"{what}: listening on {HOST}:{port} (Ctrl-C stops it)"
    print(json.dumps({"host": HOST, "port": port}) if as_json else text, file=out, flush=True)
