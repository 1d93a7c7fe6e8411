"""A Dask cluster that does the work: the only door to `distributed`, imported when one is named."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, Final

from riskgate.errors import ConfigError, WorkersLost
from riskgate.history.working import Workers

PATIENCE: Final = 10  # seconds
LOGGERS: Final = ("distributed", "tornado")  # and all below them
Library = Any  # it has no types
Client = Any


@contextmanager
def cluster(address: str) -> Iterator[Workers]:
    """The workers of a cluster. Raise ConfigError if there is none, WorkersLost if it goes away.

    What the library logs of a connection that fails is told as one error, and not logged.
    """
    library = _library(address)
    with _unlogged(), _client(library, address) as client:
        number = len(client.scheduler_info(n_workers=-1)["workers"])
        if not number:
            start = f"start one: `dask worker {address}`"
            raise ConfigError(f"the Dask cluster at `{address}` has no workers; {start}")
        try:
            yield Workers(number, partial(client.submit, pure=False))
        except (CancelledError, library.KilledWorker, library.comm.CommClosedError) as error:
            raise WorkersLost(
                f"the Dask cluster went away, or lost its workers ({type(error).__name__}), and"
                " nothing was counted; run it again"
            ) from None


def _library(address: str) -> Library:
    """A large library, imported when it is asked for by name."""
    try:
        return import_module("distributed")
    except ImportError:
        what = 'needs `distributed`; pip install "riskgate-ib[dask]"'
        raise ConfigError(f"`--dask {address}` {what}") from None


@contextmanager
def _client(library: Library, address: str) -> Iterator[Client]:
    """A client of the cluster. Raise ConfigError if nobody is there who can be one."""
    _shake_hands(library, address)
    try:
        client = library.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise _unreached(address, error) from None
    try:
        yield client
    finally:
        client.close(timeout=PATIENCE)


def _shake_hands(library: Library, address: str) -> None:
    """See that somebody is there who can; the library's client waits long for who never does."""

    async def shake() -> None:
        comm = await library.comm.connect(address, timeout=PATIENCE / 2)
        await comm.close()

    def run() -> None:
        asyncio.run(asyncio.wait_for(shake(), PATIENCE))

    with ThreadPoolExecutor(1) as apart:  # who calls may be in a loop of its own
        failed = apart.submit(run).exception()
    if failed is not None:
        raise _unreached(address, failed)


def _unreached(address: str, error: BaseException) -> ConfigError:
    why = str(error) or "nobody answers as one would"
    return ConfigError(f"no Dask cluster at `{address}`: {why}; check the address")


@contextmanager
def _unlogged() -> Iterator[None]:
    """What the library has to say of a lost cluster is said once, by us."""
    known = [name for name in logging.root.manager.loggerDict if name.startswith(LOGGERS)]
    loggers = [logging.getLogger(name) for name in known]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was
