"""A Dask cluster that does the work: the only door to `distributed`, imported when one is named."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final

from riskgate.errors import ConfigError

PATIENCE: Final = "10s"


class Cluster(AbstractContextManager["Cluster"]):
    """A cluster at an address. Raise ConfigError if there is none, or no library to speak to it."""

    def __init__(self, address: str) -> None:
        try:
            import distributed  # noqa: PLC0415  # a large library, asked for by name
        except ImportError:
            what = 'needs `distributed`; pip install "riskgate-ib[dask]"'
            raise ConfigError(f"`--dask {address}` {what}") from None
        try:
            client: Any = distributed.Client  # without types
            self._client = client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise ConfigError(f"no Dask cluster at `{address}`: {error}") from None
        self.workers = max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def submit(self, call: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # a future
        """Have a worker do it; `result()` of what is given waits for it."""
        return self._client.submit(call, *arguments, pure=False)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()
