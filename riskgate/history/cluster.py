"""A Dask cluster that does the work: the only door to `distributed`, imported when one is named."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import TracebackType
from typing import Any, Final

from riskgate.errors import ConfigError, WorkersLost

PATIENCE: Final = 10  # seconds
LOGGERS: Final = ("distributed", "tornado")  # and all below them


class Cluster(AbstractContextManager["Cluster"]):
    """A cluster at an address. Raise ConfigError if there is none, or no library to speak to it.

    What the library logs of a connection that fails is told as one error, and not logged.
    """

    def __init__(self, address: str) -> None:
        try:
            import distributed  # noqa: PLC0415  # a large library, asked for by name
        except ImportError:
            what = 'needs `distributed`; pip install "riskgate-ib[dask]"'
            raise ConfigError(f"`--dask {address}` {what}") from None
        library: Any = distributed  # without types
        self._lost = (CancelledError, library.KilledWorker, library.comm.CommClosedError)
        with ExitStack() as leaving:
            leaving.enter_context(_unlogged())
            _shake_hands(library, address)
            try:
                self._client = library.Client(address, timeout=PATIENCE, set_as_default=False)
            except (OSError, TimeoutError, ValueError) as error:
                raise _unreached(address, error) from None
            leaving.callback(self._client.close, timeout=PATIENCE)
            self.workers = len(self._client.scheduler_info(n_workers=-1)["workers"])
            if not self.workers:
                start = f"start one: `dask worker {address}`"
                raise ConfigError(f"the Dask cluster at `{address}` has no workers; {start}")
            self._leaving = leaving.pop_all()

    def submit(self, call: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # a future
        """Have a worker do it; `result()` of what is given waits for it."""
        return self._client.submit(call, *arguments, pure=False)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leaving.close()
        if isinstance(error, self._lost):
            raise WorkersLost(
                f"the Dask cluster went away, or lost its workers ({type(error).__name__}), and"
                " nothing was counted; run it again"
            ) from None


def _shake_hands(library: Any, address: str) -> None:  # noqa: ANN401  # without types
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
