"""`guard`: an existing script's `IB`, whose orders go through a gate.

    ib = riskgate.guard(IB(), "riskgate.yaml")
    ib.connect("127.0.0.1", 7497, clientId=1)

Rule 1: what is wrong with settings and policies is said here, before anything is connected.
Rule 2: each connection has a gate of its own, on the same journal; it ends with the connection.
Rule 3: where the broker is and under which client id is said by the script, all else by settings.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from riskgate import wiring
from riskgate.brokers.ib.guarded import Guard, Opened
from riskgate.brokers.ib.guarded_broker import GuardedBroker
from riskgate.brokers.ib.guarded_gate import LibraryGate
from riskgate.calendars import ExchangeCalendars
from riskgate.config import Config
from riskgate.errors import ConfigError
from riskgate.ledger.market import Market
from riskgate.model.order_line import terms_of
from riskgate.ports import Clock

S = TypeVar("S")
PLACES: Final = str | Path | Config
USE: Final = 'write `guard(IB(), "riskgate.yaml")`'


class GuardingGate(wiring.ConnectedGate, LibraryGate):
    """A gate over the connection of a script."""


def guard(ib: S, config: str | Path | Config | None = None, *, clock: Clock | None = None) -> S:
    """Have every order of an `IB` of ib_insync or ib_async decided before it leaves.

    Returns the same object. `config` is as `connect` takes it; `ib.riskgate` is the gate while the
    object is connected. Raise ConfigError or PolicyError; then the object is as it was.
    """
    if isinstance(ib, PLACES) or not isinstance(config, PLACES | None):
        found = f"`{type(ib).__name__}` and `{type(config).__name__}`"
        raise ConfigError(f"guard takes an `IB`, then its settings; found {found}: {USE}")
    if hasattr(ib, "riskgate"):
        raise ConfigError("this `IB` is guarded already; guard it once")
    settings = config if isinstance(config, Config) else wiring.found(config)
    files = wiring.PolicyFiles(tuple(wiring.policies_of(settings)), ExchangeCalendars())
    files.read()
    wiring.broker_settings_of(settings)
    Guard(ib, _Opener(settings, files, clock or wiring.SystemClock())).install()
    return ib


class _Opener:
    """Opens a gate for each connection."""

    def __init__(self, config: Config, files: wiring.PolicyFiles, clock: Clock) -> None:
        self._config = config
        self._files = files
        self.clock = clock
        self.watch = tuple(terms_of(name) for name in config.watch)

    def open(self, host: str, port: int, client_id: int, library: str) -> Opened:
        """A gate without a session. Raise ConfigError, PolicyError or JournalError."""
        with ExitStack() as until_ready:
            opened = until_ready.enter_context(ExitStack())
            found = self._open((host, port, client_id, library), opened)
            until_ready.pop_all()
        return found

    def _open(self, where: tuple[str, int, int, str], opened: ExitStack) -> Opened:
        host, port, client_id, library = where
        stated = wiring.broker_settings_of(self._config)
        market = Market()
        settings = msgspec.structs.replace(
            stated, host=host, port=port, client_id=client_id, library=library
        )
        broker = GuardedBroker(settings, market, self.clock)
        outside = wiring.outside_of(self._config, self._files, self.clock, (broker, market), opened)
        gate = GuardingGate(self._files.read(), outside, self._files, opened)
        watchman, recorder = wiring.attended(gate, self._config, opened)
        wiring.on_duty(gate, watchman, opened)
        opened.callback(broker.stop)
        return Opened(gate, broker, recorder, opened.close)
