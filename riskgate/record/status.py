"""What holds now, from the record alone: states, orders, positions, proof, policies.

Rule 1: the same events say the same; what is beside the record (a kill file, who runs) is handed
in as facts.
Rule 2: looking takes no lock and changes nothing: it works beside a running gate, and without one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.errors import HALTED, NOT_RECONCILED, ConfigError
from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.ledger.life import Life
from riskgate.line import emergency, switch
from riskgate.line.parents_terms import ParentProgress, progress_of
from riskgate.model.decision import Action
from riskgate.model.events import ForeignReported, PolicyActivated, Reconciled, Recorded
from riskgate.model.lifecycle import Status
from riskgate.model.report import ForeignOrder
from riskgate.model.trading import Scope, Standing, TradingState
from riskgate.policy.policies import PolicySet

STOPPED: Final = frozenset({TradingState.HALTED, TradingState.KILLED})


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the record. `running` are the client ids of the gates that run on it."""

    journal: str
    now: datetime
    durability: str = "full"
    hold_for: timedelta = timedelta(minutes=15)
    kill_file: str = ""
    kill_file_present: bool = False
    running: tuple[int, ...] = ()


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An order that waits for a person. `group` is the first order of its submission, or 0."""

    order_id: int
    order: str
    why: tuple[str, ...]
    submitted_by: str
    since: datetime
    expires: datetime
    group: int = 0


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that somebody on call wants to know first."""

    around: Around
    standings: tuple[Standing, ...] = ()
    held: tuple[Held, ...] = ()
    working: int = 0
    unknown: tuple[str, ...] = ()
    parents: tuple[ParentProgress, ...] = ()
    foreign: tuple[str, ...] = ()
    positions: tuple[tuple[str, str, Decimal], ...] = ()
    reconciled_at: datetime | None = None
    reconciled: Reconciled | None = None
    digest: str = ""
    policies: tuple[str, ...] = ()
    events: int = 0
    last_event: datetime | None = None

    @property
    def trading(self) -> TradingState:
        """The strictest state of any scope."""
        states = (one.state for one in self.standings)
        return max(states, key=lambda state: state.strictness, default=TradingState.ACTIVE)

    @property
    def clean(self) -> bool:
        """Whether there was a reconcile, and the last one was clean."""
        return self.reconciled is not None and self.reconciled.clean

    @property
    def exit_code(self) -> int:
        """5 if anything is stopped, 6 if the book is not proven, else 0."""
        if self.trading in STOPPED:
            return HALTED
        return 0 if self.clean else NOT_RECONCILED


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What became of cancels: those that wait for the broker's word, and where others ended."""

    pending: tuple[int, ...] = ()
    finished: tuple[str, ...] = ()


class Prospect(msgspec.Struct, frozen=True, kw_only=True):
    """What a kill or a flatten would do, by the record: nothing was done."""

    state: TradingState
    scope: Scope
    cancels: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()


class Fold:
    """A book made of a record, with what the book itself does not keep.

    `ledger` is an empty book with counters, where somebody reads those.
    """

    def __init__(self, events: Iterable[Recorded] = (), ledger: Book | None = None) -> None:
        uncounted = Book(Counting(PolicySet((), (), "")), lambda _: None)
        self.ledger = uncounted if ledger is None else ledger
        self.policies: tuple[str, ...] = ()
        self.foreign: tuple[ForeignOrder, ...] = ()
        self.events = 0
        self.last_event: datetime | None = None
        for event in events:
            self.take(event)

    def take(self, event: Recorded) -> None:
        """Fold one more event."""
        self.ledger.apply(event.payload, event.at)
        self.events, self.last_event = event.seq, event.at
        if isinstance(event.payload, PolicyActivated):
            self.policies = event.payload.policies
        elif isinstance(event.payload, ForeignReported):
            self.foreign = event.payload.orders

    @property
    def foreign_lines(self) -> tuple[str, ...]:
        """The orders of others, as the last story told them."""
        return tuple(f"{one.order} of client {one.client_id}" for one in self.foreign)


def state(events: Iterable[Recorded], around: Around) -> State:
    """What a record comes to."""
    return state_of(Fold(events), around)


def state_of(fold: Fold, around: Around) -> State:
    """What a fold has come to."""
    book = fold.ledger
    unknown = (life for life in book.working() if life.status is Status.UNKNOWN)
    at, last = book.last_reconcile or (None, None)
    return State(
        around=around,
        standings=tuple(sorted(book.facts.standings.values(), key=_strictest_first)),
        held=held(book, around.hold_for),
        working=len(book.working()),
        unknown=tuple(f"{life.order_id} {life.text}" for life in unknown),
        parents=tuple(progress_of(work) for work in book.works.open.values()),
        foreign=fold.foreign_lines,
        positions=tuple(
            (account, key, quantity)
            for (account, key), quantity in sorted(book.holdings.positions().items())
        ),
        reconciled_at=at,
        reconciled=last,
        digest=book.digest,
        policies=fold.policies,
        events=fold.events,
        last_event=fold.last_event,
    )


def held(book: Book, hold_for: timedelta) -> tuple[Held, ...]:
    """The orders that wait for a person, oldest first."""
    return tuple(_held(life, hold_for) for life in book.held())


def _held(life: Life, hold_for: timedelta) -> Held:
    breaches = [
        f"{finding.name}: {finding.measured or finding.text}"
        for finding in life.decision.breaches
        if finding.enforced and finding.action is Action.HOLD
    ]
    return Held(
        order_id=life.order_id,
        order=life.text,
        why=tuple(breaches) or ("its group is held",),
        submitted_by=life.actor,
        since=life.created_at,
        expires=life.created_at + hold_for,
        group=life.group,
    )


def check_lift(book: Book, scope: Scope, *, latch: bool) -> None:
    """Raise ConfigError where nobody has set a state for exactly this scope, or no rule has."""
    if not any(one.scope == scope and one.latch is latch for one in book.facts.standings.values()):
        who = "no rule has latched" if latch else "nobody has halted"
        standings = book.facts.standings.values()
        stand = "; ".join(map(str, standings)) or "nothing"
        hint = "; lift it with " + " or ".join(map(_lifted_with, standings)) if standings else ""
        raise ConfigError(f"{who} `{scope}`; what holds is: {stand}{hint}")


def _lifted_with(standing: Standing) -> str:
    """The words after `riskgate resume` that name this standing: `--latch --account DU1`."""
    stated = msgspec.structs.asdict(standing.scope).items()
    words = [f"--{name} {value}" for name, value in stated if value is not None]
    return f"`{' '.join(['riskgate resume', *(['--latch'] if standing.latch else []), *words])}`"


def _strictest_first(one: Standing) -> tuple[int, str, str]:
    return -one.state.strictness, str(one.scope), one.by


def ended(book: Book, numbers: Iterable[int]) -> Ended:
    """What became of cancels."""
    found = [book.orders[number] for number in numbers]
    working = [life.order_id for life in found if life.status.working]
    return Ended(
        pending=tuple(working),
        finished=tuple(
            f"{life.order_id} {life.status.value}" for life in found if not life.status.working
        ),
    )


def planned(fold: Fold, scope: Scope, *, close: bool = False, everything: bool = False) -> Prospect:
    """What a kill or, with `close`, a flatten would do. Raise ConfigError as those do."""
    book = fold.ledger
    waiting = book.held() if close else ()
    covered = [life for life in (*book.working(), *waiting) if switch.covers(scope, life)]
    return Prospect(
        state=TradingState.HALTED if close else TradingState.KILLED,
        scope=scope,
        cancels=tuple(f"{one.order_id} {one.text} ({one.status.value})" for one in covered),
        foreign=fold.foreign_lines if everything else (),
        sends=tuple(map(str, emergency.everything(book, scope))) if close else (),
    )
