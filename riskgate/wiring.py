"""The composition root: settings in, a running gate out.

Rule 1: this is the only place that knows every part; nothing below it knows another's make.
Rule 2: what was opened is closed again when a later part does not come up.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from riskgate import config as settings
from riskgate import policy_files
from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.settings import Settings
from riskgate.calendars import ExchangeCalendars
from riskgate.config import Config
from riskgate.errors import ConfigError, NotConnected, PolicyError
from riskgate.gate import Gate
from riskgate.journal.journal import open_journal
from riskgate.ledger.market import Market
from riskgate.model.events import Note
from riskgate.outside import Outside
from riskgate.policy.policies import PolicySet
from riskgate.ports import Clock
from riskgate.recorder import Recorder
from riskgate.rulekit.sessions import CONTRACT_HOURS

RECONCILE_SECONDS: Final = 15.0
TOLD: Final = 10  # problems that an alarm repeats; the exception has them all


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """This moment."""
        return datetime.now(UTC)


class PolicyFiles(msgspec.Struct, frozen=True):
    """Where a gate's policies come from."""

    paths: tuple[Path, ...]
    calendars: ExchangeCalendars

    def read(self, paths: Sequence[str | Path] | None = None) -> PolicySet:
        """The policies as their files are now, with their calendars at hand."""
        found = policy_files.load(self.paths if paths is None else paths, self.calendars)
        self.calendars.load(
            code
            for bound in found.bounds
            for code in bound.rule.calendars()
            if code not in (CONTRACT_HOURS, policy_files.ALWAYS)
        )
        return found


class ConnectedGate(Gate):
    """A gate with its journal open and its broker connected. Close it, or use it in `with`."""

    def __init__(
        self, policies: PolicySet, outside: Outside, files: PolicyFiles, opened: ExitStack
    ) -> None:
        super().__init__(policies, outside)
        self._files = files
        self._opened = opened

    def reload(self, policies: PolicySet | Sequence[str | Path] | None = None) -> None:
        """Read the policy files again and put them in force, counters kept; thread-safe.

        `policies` are other paths, or policies already read; None is what the settings name. Raise
        PolicyError if a file is wrong, and JournalError if the change cannot be recorded: then the
        set before stays in force, and an alarm about the files is on record.
        """
        if isinstance(policies, PolicySet):
            super().reload(policies)
            return
        try:
            found = self._files.read(policies)
        except (PolicyError, ConfigError) as error:
            self.take([Note(text=_kept(error, self.policies.digest), actor=self._actor)])
            raise
        super().reload(found)

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
    files = PolicyFiles(tuple(_policies(config)), ExchangeCalendars())
    opened = ExitStack()
    with ExitStack() as until_ready:
        until_ready.callback(opened.close)
        gate = _open(config, files, clock or SystemClock(), opened)
        until_ready.pop_all()
    return gate


def _open(config: Config, files: PolicyFiles, clock: Clock, opened: ExitStack) -> ConnectedGate:
    policies = files.read()
    journal = open_journal(config.journal, durability=config.durability)
    opened.callback(journal.close)
    market = Market()
    broker = IbBroker(_broker_settings(config), market, clock)
    outside = Outside(
        journal=journal,
        broker=broker,
        market=market,
        calendars=files.calendars,
        clock=clock,
        actor=config.actor,
        hold_for=config.hold_for,
        account_max_age=config.max_account_age,
    )
    gate = ConnectedGate(policies, outside, files, opened)
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


def _kept(error: PolicyError | ConfigError, digest: str) -> str:
    """The alarm about policy files that could not be put in force."""
    problems = [str(item) for item in getattr(error, "problems", ())]
    more = [f"and {len(problems) - TOLD} more"] if len(problems) > TOLD else []
    why = "; ".join((str(error), *problems[:TOLD], *more))
    return f"policies not reloaded, {digest[:12]} stays in force: {why}"


def _policies(config: Config) -> list[Path]:
    if config.policies:
        return [Path(path) for path in config.policies]
    return [policy_files.shipped_policies()]


def _broker_settings(config: Config) -> Settings:
    given = {**config.broker, "mode": config.mode, "allow_live": config.allow_live}
    return settings.converted(given, Settings, "settings, broker")
