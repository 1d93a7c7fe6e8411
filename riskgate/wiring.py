"""The composition root: settings in, a running gate out.

Rule 1: this is the only place that knows every part; nothing below it knows another's make.
Rule 2: what was opened is closed again when a later part does not come up.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from riskgate import config as settings
from riskgate import policy_files
from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.settings import Settings
from riskgate.calendars import ExchangeCalendars
from riskgate.config import Config
from riskgate.errors import ConfigError, NotConnected
from riskgate.gate import Gate
from riskgate.journal.journal import open_journal
from riskgate.ledger.market import Market
from riskgate.outside import Outside
from riskgate.policy.policies import PolicySet
from riskgate.ports import Clock
from riskgate.recorder import Recorder

RECONCILE_SECONDS: Final = 15.0


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """This moment."""
        return datetime.now(UTC)


class ConnectedGate(Gate):
    """A gate with its journal open and its broker connected. Close it, or use it in `with`."""

    def __init__(self, policies: PolicySet, outside: Outside, opened: ExitStack) -> None:
        super().__init__(policies, outside)
        self._opened = opened

    def close(self) -> None:
        """Disconnect, record what was heard, and close the journal. Working orders stay working."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def connect(
    source: str | Path | Config | None = None, *, clock: Clock | None = None
) -> ConnectedGate:
    """A running gate from a settings file (searched for if None) or from settings.

    Raise PolicyError, ConfigError, JournalError or NotConnected, each with its cause and the next
    step; then nothing stays open. Blocks until the first reconcile is done.
    """
    config = source if isinstance(source, Config) else _found(source)
    calendars = ExchangeCalendars()
    policies = policy_files.load(_policies(config), calendars)
    calendars.load(
        code
        for bound in policies.bounds
        for code in bound.rule.calendars()
        if code not in ("IB", "always")
    )
    opened = ExitStack()
    with ExitStack() as until_ready:
        until_ready.callback(opened.close)
        gate = _open(config, policies, calendars, clock or SystemClock(), opened)
        until_ready.pop_all()
    return gate


def _open(
    config: Config,
    policies: PolicySet,
    calendars: ExchangeCalendars,
    clock: Clock,
    opened: ExitStack,
) -> ConnectedGate:
    journal = open_journal(config.journal, durability=config.durability)
    opened.callback(journal.close)
    market = Market()
    broker = IbBroker(_broker_settings(config), market, clock)
    outside = Outside(
        journal=journal,
        broker=broker,
        market=market,
        calendars=calendars,
        clock=clock,
        actor=config.actor,
    )
    gate = ConnectedGate(policies, outside, opened)
    gate.start()
    recorder = Recorder(gate)
    opened.callback(recorder.close)
    opened.callback(broker.stop)
    broker.start(recorder)
    if not gate.wait_for(lambda: gate.reconciled, RECONCILE_SECONDS):
        raise NotConnected(f"connected, but not reconciled: {gate.distrusted_because}")
    if config.watch:
        gate.watch(*config.watch)
    return gate


def _found(source: str | Path | None) -> Config:
    path = settings.find(source)
    if path is None:
        raise ConfigError(
            f"no settings: write `{settings.FILE}` here, or name a file in ${settings.VARIABLE}"
        )
    return settings.load(path)


def _policies(config: Config) -> list[Path]:
    if config.policies:
        return [Path(path) for path in config.policies]
    return [policy_files.shipped_policies()]


def _broker_settings(config: Config) -> Settings:
    given = {**config.broker, "mode": config.mode, "allow_live": config.allow_live}
    return settings.converted(given, Settings, "settings, broker")
