"""What a command line can ask of recordings."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from riskgate.simulator.recording.player import replay, scripts
from riskgate.simulator.recording.proxy import record

Serve = Callable[[int, Callable[[int], None]], Coroutine[Any, Any, None]]


class Taping(msgspec.Struct, frozen=True, kw_only=True):
    """Record what passes to and from a TWS, or play a recording, or neither."""

    record: Path | None = None
    upstream: str | None = None
    replay: Path | None = None
    strict: bool = False


def taping(asked: Taping) -> Serve | None:
    """What to run with a port and a function that is told it, None when nothing was asked for.

    Raises ValueError for what does not go together, OSError for a file that cannot be read.
    """
    if asked.record is not None:
        return _recording(asked, asked.record)
    if asked.upstream is not None:
        raise ValueError("--upstream: goes with --record")
    if asked.replay is not None:
        path = asked.replay
        scripts(path)  # what is wrong with the file is better said before anybody connects
        return lambda port, ready: replay(path, port, ready, strict=asked.strict)
    if asked.strict:
        raise ValueError("--strict: goes with --replay")
    return None


def _recording(asked: Taping, path: Path) -> Serve:
    if asked.replay is not None or asked.strict:
        raise ValueError("--record: does not go with --replay or --strict")
    if asked.upstream is None:
        raise ValueError("--record: needs --upstream HOST:PORT, the TWS to record")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise ValueError(f"--record: cannot write {path}: {path.parent} is no folder to write to")
    if path.exists():
        raise ValueError(f"--record: {path} is there already; a recording is not overwritten")
    return partial(record, path, _address(asked.upstream))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004
        raise ValueError(f"--upstream: `{text}`: expected HOST:PORT, such as 127.0.0.1:7497")
    return host, int(port)
