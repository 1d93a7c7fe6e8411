"""The composition root: settings in, a running gate out.

Rule 1: this is the only place that knows every part; nothing below it knows another's make.
Rule 2: what was opened is closed again when a later part does not come up.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from riskgate import config as settings
from riskgate.authoring import policy_files
from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.keeper import Keeper
from riskgate.brokers.ib.reconnect import Told
from riskgate.brokers.ib.settings import Settings
from riskgate.brokers.none import NoBroker
from riskgate.calendars import ExchangeCalendars
from riskgate.config import Config
from riskgate.config.broker_settings import said, window_of
from riskgate.errors import BrokerError, ConfigError, NotConnected, PolicyError
from riskgate.execution.codes import Meanings
from riskgate.gate import Gate
from riskgate.journal import presence
from riskgate.journal.journal import LOCK_WAIT, open_journal
from riskgate.ledger.market import Market
from riskgate.line.outside import Outside
from riskgate.line.payload import printable
from riskgate.model.events import Note
from riskgate.model.report import Report
from riskgate.model.words import abridged
from riskgate.policy.policies import NO_POLICIES, PolicySet
from riskgate.ports import Clock
from riskgate.rulekit.sessions import CONTRACT_HOURS
from riskgate.running import errands
from riskgate.running.opened import OpenedGate
from riskgate.running.recorder import Recorder
from riskgate.running.remote import Remote
from riskgate.running.siren import Siren
from riskgate.running.stepper import Stepper
from riskgate.running.watchman import Watchman

RECONCILE_SECONDS: Final = 15.0
PROMPTLY: Final = 2.0  # seconds for which cancels wait for a reconcile, and no longer
WATCH_SECONDS: Final = 5.0  # for which a start waits for what it watches
SPARE_IDS: Final = 50  # client ids that are tried beside those of running gates
IN_USE: Final = "is in use"  # what the adapter says of a client id that another session has
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


class ConnectedGate(OpenedGate):
    """A gate with its journal open and its broker connected. Close it, or use it in `with`."""

    def __init__(
        self, policies: PolicySet, outside: Outside, files: PolicyFiles, opened: ExitStack
    ) -> None:
        super().__init__(policies, outside, opened)
        self._files = files

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


def connect(
    source: str | Path | Config | None = None, *, clock: Clock | None = None
) -> ConnectedGate:
    """A running gate from a settings file (searched for if None) or from settings.

    Raise PolicyError, ConfigError, JournalError or NotConnected, each with its cause and the next
    step; then nothing stays open. Blocks until the first reconcile is done.
    """
    config = source if isinstance(source, Config) else found(source)
    files = PolicyFiles(tuple(policies_of(config)), ExchangeCalendars())
    return _connected(config, files, files.read(), clock or SystemClock())


def connect_to_clear(config: Config, *, clock: Clock | None = None) -> ConnectedGate:
    """A gate that approves nothing, for cancels, kills and reconciles while no other runs.

    It reads no policy file, so it works when they are broken. A broker whose story is not whole is
    enough for cancels, so it may come up without a reconcile. Raise as `connect` does.
    """
    files = PolicyFiles((), ExchangeCalendars())
    return _connected(config, files, NO_POLICIES, clock or SystemClock())


def reach(config: Config, *, judging: bool = False) -> Remote | ConnectedGate:
    """The gate for a command: through the journal while one runs, else a session of its own.

    `judging` says that the command has orders decided, which needs the policies. Raise as
    `connect` does.
    """
    if not presence.running(config.journal):
        return connect(config) if judging else connect_to_clear(config)
    return remote(config)


def remote(config: Config, *, lock_wait: timedelta = LOCK_WAIT) -> Remote:
    """The record of the gate that these settings are of, without its broker."""
    opened = ExitStack()
    with ExitStack() as until_ready:
        until_ready.callback(opened.close)
        journal = open_journal(config.journal, durability=config.durability, lock_wait=lock_wait)
        opened.callback(journal.close)
        outside = Outside(
            journal=journal,
            broker=NoBroker(),
            market=Market(),
            calendars=ExchangeCalendars(),
            clock=SystemClock(),
            actor=_submitter(config),
            hold_for=config.hold_for,
        )
        gate = Remote(NO_POLICIES, outside, opened, presence.running(config.journal))
        gate.start(activate=False)
        until_ready.pop_all()
    return gate


@contextmanager
def bare_session(config: Config, beside: Container[int] = ()) -> Iterator[IbBroker]:
    """A session with the broker and nothing else, for a kill when there is no journal to use.

    Under the client id of the settings, or the next that is not one of `beside` nor in use.
    """
    given = msgspec.structs.replace(broker_settings_of(config), reconnect=False)
    ids = [given.client_id + step for step in range(SPARE_IDS)]
    free = [number for number in ids if number not in beside]
    for number in free if beside else free[:1]:
        broker = IbBroker(msgspec.structs.replace(given, client_id=number), Market(), SystemClock())
        with ExitStack() as opened:
            opened.callback(broker.stop)
            try:
                broker.start(_Deaf())
            except NotConnected as error:
                if IN_USE in str(error) and number != free[-1]:
                    continue
                raise
            yield broker
            return


class _Deaf:
    """A listener for a session whose reports nobody keeps: its stories say what is so."""

    def hear(self, reports: Iterable[Report]) -> None:
        """Nothing."""

    def session_changed(self, reason: str) -> None:
        """Nothing."""


def _connected(
    config: Config, files: PolicyFiles, policies: PolicySet, clock: Clock
) -> ConnectedGate:
    opened = ExitStack()
    with ExitStack() as until_ready:
        until_ready.callback(opened.close)
        gate = _open(config, files, policies, clock, opened)
        until_ready.pop_all()
    return gate


def _open(
    config: Config, files: PolicyFiles, policies: PolicySet, clock: Clock, opened: ExitStack
) -> ConnectedGate:
    market = Market()
    broker = IbBroker(broker_settings_of(config), market, clock)
    gate = ConnectedGate(
        policies, outside_of(config, files, clock, (broker, market), opened), files, opened
    )
    watchman, recorder = attended(gate, config, opened)
    opened.callback(broker.stop)
    broker.start(recorder)
    judges = policies is not NO_POLICIES
    patience = RECONCILE_SECONDS if judges else PROMPTLY
    if not gate.wait_for(lambda: gate.reconciled, patience) and judges:
        raise NotConnected(f"connected, but not reconciled: {gate.distrusted_because}")
    on_duty(gate, watchman, opened)
    made_ready(gate, config.watch, WATCH_SECONDS if judges else 0)
    if broker.settings.reconnect:
        told = Told(recorder, lambda text: gate.take([Note(text=text, actor=gate.actor)]))
        opened.callback(Keeper(broker, told, clock, time.monotonic).close)
    return gate


def made_ready(gate: Gate, watched: Sequence[str], timeout: float) -> None:
    """Make the watched symbols ready; what is not within `timeout` seconds goes on by itself."""
    if watched:
        with suppress(BrokerError):  # a session that went has them asked for again by the next
            gate.prepare(*watched, timeout=timeout)


def outside_of(
    config: Config,
    files: PolicyFiles,
    clock: Clock,
    broker: tuple[IbBroker, Market],
    opened: ExitStack,
) -> Outside:
    """Everything around a gate over this broker and market, its journal open and marked as taken.

    Raise JournalError, or ConfigError if a gate runs on it under this client id already.
    """
    line, market = broker
    journal = open_journal(config.journal, durability=config.durability)
    opened.callback(journal.close)
    sign = presence.Presence(config.journal, line.settings.client_id)
    sign.take()
    opened.callback(sign.leave)
    return Outside(
        journal=journal,
        broker=line,
        market=market,
        calendars=files.calendars,
        clock=clock,
        actor=_submitter(config),
        hold_for=config.hold_for,
        account_max_age=config.max_account_age,
        routing=config.routing,
        aggregation=config.aggregation,
    )


def attended(gate: Gate, config: Config, opened: ExitStack) -> tuple[Watchman, Recorder]:
    """Fold the record, look out for kills, and have what the broker says recorded from now on."""
    gate.start(activate=gate.policies is not NO_POLICIES)
    watchman = _lookout(gate, config, opened)
    recorder = Recorder(gate)
    recorder.start()
    opened.callback(recorder.close)
    return watchman, recorder


def on_duty(gate: Gate, watchman: Watchman, opened: ExitStack) -> None:
    """Have done, until closed, what other processes ask for, and what is due by itself."""
    watchman.start()
    opened.callback(watchman.close)
    if gate.policies is not NO_POLICIES:
        stepper = Stepper(gate)
        stepper.start()
        opened.callback(stepper.close)


def _lookout(gate: Gate, config: Config, opened: ExitStack) -> Watchman:
    """Heed the kill file and the kill signal from now on, also while the broker is away."""
    may = errands.UNJUDGED if gate.policies is NO_POLICIES else errands.ALL
    watchman = Watchman(gate, Path(config.kill_file) if config.kill_file else None, may=may)
    opened.callback(watchman.close)
    if Siren.can_listen(config.kill_signal):
        opened.callback(Siren(config.kill_signal, watchman.alarm).close)
    watchman.look_out()
    return watchman


def found(source: str | Path | None) -> Config:
    """The settings of a file, or of the one that is searched for. Raise ConfigError."""
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
    return f"policies not reloaded, {abridged(digest)} stays in force: {why}"


def client_id_of(config: Config) -> int:
    """Under which number the settings let a gate be known to the broker."""
    return broker_settings_of(config).client_id


def policies_of(config: Config) -> list[Path]:
    """Where the policies are that the settings name; those that ship if they name none."""
    if config.policies:
        return [Path(path) for path in config.policies]
    return [policy_files.shipped_policies()]


def _submitter(config: Config) -> str:
    """Who submits where nobody is named: the settings' actor, else the login of this process."""
    try:
        return printable(config.actor or getpass.getuser())
    except (KeyError, OSError, ImportError):
        return ""


def broker_settings_of(config: Config) -> Settings:
    """What the settings say of the broker. Raise ConfigError with everything that is wrong."""
    codes, misread = said(config.broker_codes)
    window, mistimed = window_of(config.broker.get(settings.WINDOW))
    if misread or mistimed:
        wrong = "; ".join(fault.text for fault in (*misread, *mistimed))
        raise ConfigError(f"settings, broker: {wrong}")
    given = {
        **config.broker,
        "mode": config.mode,
        "allow_live": config.allow_live,
        settings.WINDOW: window,
    }
    found = settings.converted(given, Settings, "settings, broker")
    return msgspec.structs.replace(found, meanings=Meanings(codes))
