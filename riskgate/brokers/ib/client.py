"""The one door to the IB client library: ib_insync, else ib_async.

Rule 1: the library is imported when a session starts, in the thread of its event loop.
Rule 2: an environment holds one of the two, never both: they overwrite each other's `eventkit`.
"""

from __future__ import annotations

import importlib
import logging
import os
from typing import Final, cast

from riskgate.brokers.ib import raw
from riskgate.errors import ConfigError

LIBRARIES: Final = ("ib_insync", "ib_async")
CHOICE: Final = "RISKGATE_IB_CLIENT"
MISSING: Final = 'no IB client library; pip install "riskgate-ib[ib]"'


def load(choice: str | None = None) -> raw.Module:
    """The library of that name, of the environment's choice, or the first that is there.

    Raise ConfigError if there is none.
    """
    wanted = choice or os.environ.get(CHOICE) or ""
    if wanted and wanted not in LIBRARIES:
        known = " or ".join(LIBRARIES)
        raise ConfigError(f"ib client `{wanted}`: not a client library that is known; use {known}")
    for name in (wanted,) if wanted else LIBRARIES:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        _quieten(name)
        return cast("raw.Module", module)
    raise ConfigError(f"`{wanted}` is not installed; {MISSING}" if wanted else MISSING)


def in_use(name: str) -> raw.Module:
    """The library that a script has imported; what it logs goes where the script has it go."""
    return cast("raw.Module", importlib.import_module(name))


def _quieten(name: str) -> None:
    """What the library logs goes where logging is set up, and is not printed where it is not."""
    logger = logging.getLogger(name)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
