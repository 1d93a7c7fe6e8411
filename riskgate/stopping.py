"""The kill of the command line, whatever state things are in.

Rule 1: with a journal, KILLED is on record before anything else is tried; a gate that runs, or the
next that starts, cancels what works.
Rule 2: without one, the kill file tells a gate that runs, and where none does the broker itself is
asked what works. No policy is ever read.
Rule 3: an order of our client id that is not on record is one of a lost record: it goes too.
Rule 4: what is reported was seen: in the record, or in the broker's own story.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from riskgate import wiring
from riskgate.config import Config
from riskgate.errors import BrokerError, JournalError
from riskgate.gate import Gate
from riskgate.journal import presence
from riskgate.journal.journal import LOCK_WAIT
from riskgate.ledger.book import Book
from riskgate.line import switch
from riskgate.line.clearing import UNRECORDED, Clearing, clear
from riskgate.line.killing import KillReport
from riskgate.line.oversight import EVERYWHERE
from riskgate.model.trading import Scope, Standing, TradingState

QUICK: Final = timedelta(seconds=1)  # a journal that is locked for longer counts as broken
LOST: Final = "orders of our client id that are not on record were cancelled too"
NO_SCOPE: Final = "a kill file knows no scope: everything of the running gate was killed"


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants what killed, and why. `everything` reaches the orders of others too."""

    by: str
    reason: str
    scope: Scope = EVERYWHERE
    everything: bool = False
    timeout: float = 10.0


def stop(config: Config, wanted: Stop) -> KillReport:
    """Kill, by the best way there is. Raise ConfigError for blanks, BrokerError if nobody answers.

    Waits up to the timeout for the broker's word, and as long again for the proof.
    """
    now = wiring.SystemClock().now()
    said = (wanted.by, wanted.reason)
    standing = switch.standing(TradingState.KILLED, wanted.scope, said, now)
    running = presence.running(config.journal)
    try:
        return _by_the_journal(config, wanted, standing, running)
    except JournalError as error:
        return _without_a_journal(config, wanted, standing, str(error))


def _by_the_journal(
    config: Config, wanted: Stop, standing: Standing, running: tuple[int, ...]
) -> KillReport:
    is_all = wanted.scope == EVERYWHERE
    with wiring.remote(config, lock_wait=QUICK if is_all else LOCK_WAIT) as record:
        _halted(record, wanted)
        unseen = _unseen(record.ledger, wanted.scope)
        if running:
            remarks = _others(config, wanted, standing, running)
            report = _remarked(_killed(record, wanted), (*unseen, *remarks))
            if record.unanswered and is_all:  # does it read another journal?
                return _without_a_journal(config, wanted, standing, report.because)
            return report
    try:
        with wiring.connect_to_clear(config) as gate:
            report = _killed(gate, wanted)
    except BrokerError as error:
        return _remarked(_on_the_bare_broker(config, wanted, standing, error), unseen)
    return _remarked(_with_lost_orders(config, wanted, report), unseen)


def _unseen(book: Book, scope: Scope) -> tuple[str, ...]:
    """A remark for each name in the scope that nothing on record has: it may be misspelt."""
    held = [book.holdings.instruments[key] for _, key in book.holdings.positions()]
    parts = {
        "strategy": scope.strategy and Scope(strategy=scope.strategy),
        "symbol": scope.symbol and Scope(symbol=scope.symbol),
    }
    return tuple(
        f"nothing of ours matched: no order or position of {word} `{getattr(scope, word)}` is on"
        " record; is it spelt as the orders have it?"
        for word, part in parts.items()
        if part
        and not any(switch.covers(part, life) for life in book.orders.values())
        and not any(part.covers(None, None, one.symbol, one.root) for one in held)
    )


def _on_the_bare_broker(
    config: Config, wanted: Stop, standing: Standing, error: BrokerError
) -> KillReport:
    """Cancel without a gate what the broker has. Raise BrokerError if that cannot be told."""
    clients = frozenset({wiring.client_id_of(config)})
    asked = Clearing(standing=standing, clients=clients, everything=wanted.everything)
    try:
        with wiring.bare_session(config) as broker:
            report = clear(broker, asked, wanted.timeout)
    except BrokerError:
        raise BrokerError(
            "KILLED is on record, and the next gate that starts cancels what works; until then"
            f" nothing is cancelled: {error}"
        ) from error
    remarks = tuple(one for one in report.remarks if one != UNRECORDED)
    bare = msgspec.structs.replace(report, recorded=True, remarks=remarks)
    return _remarked(bare, (f"no gate came up, the numbers are the broker's: {error}",))


def _with_lost_orders(config: Config, wanted: Stop, report: KillReport) -> KillReport:
    """Cancel what works under our client id although the gate did not, or could not know it.

    Whose strategy such an order is nobody knows: a kill of one strategy leaves it alone.
    """
    is_whole = report.proven and not (report.foreign or report.not_cancelled)
    if is_whole or wanted.scope.strategy is not None:
        return report
    asked = Clearing(standing=report.standing, clients=frozenset({wiring.client_id_of(config)}))
    try:
        with wiring.bare_session(config) as broker:
            lost = clear(broker, asked, wanted.timeout)
    except BrokerError as error:
        return _remarked(report, (f"whether more works under our client id is not known: {error}",))
    if not (lost.confirmed or lost.pending):
        return report
    return _remarked(
        msgspec.structs.replace(
            report,
            confirmed=tuple(dict.fromkeys((*report.confirmed, *lost.confirmed))),
            pending=tuple(dict.fromkeys((*report.pending, *lost.pending))),
            foreign=lost.foreign,
            proven=report.proven and lost.proven,
            because=report.because or lost.because,
        ),
        (LOST,),
    )


def _others(
    config: Config, wanted: Stop, standing: Standing, running: tuple[int, ...]
) -> tuple[str, ...]:
    """Cancel everything on the account, in a session beside the gate's; what went wrong."""
    if not wanted.everything:
        return ()
    try:
        with wiring.bare_session(config, running) as broker:
            clear(
                broker,
                Clearing(standing=standing, clients=frozenset(), everything=True),
                wanted.timeout,
            )
    except BrokerError as error:
        return (f"the orders of others were not cancelled: {error}",)
    return ()


def _without_a_journal(
    config: Config, wanted: Stop, standing: Standing, because: str
) -> KillReport:
    remarks = [because, _written(config, wanted)]
    running = presence.running(config.journal)
    if running and wanted.scope != EVERYWHERE:
        remarks.append(NO_SCOPE)
        standing = msgspec.structs.replace(standing, scope=EVERYWHERE)
    asked = Clearing(
        standing=standing,
        clients=frozenset(running or {wiring.client_id_of(config)}),
        everything=wanted.everything,
    )
    try:
        with wiring.bare_session(config, running) as broker:
            return _remarked(clear(broker, asked, wanted.timeout), tuple(remarks))
    except BrokerError as error:
        raise BrokerError(
            f"{'; '.join(remarks)}; nothing was seen to be cancelled: {error}"
        ) from None


def _written(config: Config, wanted: Stop) -> str:
    """Leave the kill file, and say so."""
    if not config.kill_file:
        return "the settings name no kill file, so a gate that runs was not told"
    path = Path(config.kill_file)
    try:
        with os.fdopen(_at_once(path), "w", encoding="utf-8") as file:
            file.write(f"{wanted.reason} (by {wanted.by})\n")
    except OSError as error:
        return f"the kill file `{path}` could not be written: {error.strerror or error}"
    return f"the kill file `{path}` was written; remove it before you resume"


def _at_once(path: Path) -> int:
    """A pipe that nobody reads is an error, not something to wait for."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NONBLOCK", 0)
    return os.open(path, flags, 0o666)


def _halted(gate: Gate, wanted: Stop) -> None:
    state = TradingState.KILLED
    gate.halt(reason=wanted.reason, by=wanted.by, scope=wanted.scope, state=state)


def _killed(gate: Gate, wanted: Stop) -> KillReport:
    return gate.kill(
        reason=wanted.reason,
        by=wanted.by,
        scope=wanted.scope,
        everything=wanted.everything,
        timeout=wanted.timeout,
    )


def _remarked(report: KillReport, remarks: tuple[str, ...]) -> KillReport:
    return msgspec.structs.replace(report, remarks=(*remarks, *report.remarks))
