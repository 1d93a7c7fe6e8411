"""What the journal holds: one type for each kind of event.

Rule 1: the journal is the truth; the book, the tables and the counters are folds of these.
Rule 2: an event holds facts, with everything needed to fold it again without asking anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from riskgate.model.account import Account
from riskgate.model.decision import Decision
from riskgate.model.instrument import Instrument
from riskgate.model.report import (
    CancelNotSent,
    CommissionReport,
    ErrorReport,
    ExecutionReport,
    ForeignOrder,
    NeverSent,
    OrderEcho,
    Position,
    Sent,
    StatusReport,
)
from riskgate.model.snapshot import Snapshot
from riskgate.model.trading import Scope, Standing
from riskgate.model.work import Plan, WorkState


class Deed(StrEnum):
    """What a running gate can be asked to do by another process."""

    RECONCILE = "reconcile"
    RESUME = "resume"
    APPROVE = "approve"
    EXIT = "exit"
    FLATTEN = "flatten"


class Outcome(StrEnum):
    """What became of an order, in a person's word."""

    FILLED = "filled"
    DEAD = "dead"


class PolicyActivated(msgspec.Struct, frozen=True, kw_only=True, tag="policy", omit_defaults=True):
    """A policy set came into force.

    `texts` are its files by name, as they were read, so that the record alone can decide again.
    """

    digest: str
    policies: tuple[str, ...]
    engine: str
    actor: str = ""
    texts: Mapping[str, str] = {}


class Decided(msgspec.Struct, frozen=True, kw_only=True, tag="decision", omit_defaults=True):
    """One decision, with the whole snapshot it was made on.

    `unit_value` is the conservative value of one unit in the instrument's currency, reserved for
    an order that may leave. `replaces` is the order that a modify changes, and equals `order_id`.
    `group` is the first order of a submission of several, `bracket` the entry where that is a
    bracket, and `oca` the first where one cancels all others. `approves` is the held order that
    somebody, `actor`, has let decide again for `reason`, and equals `order_id`. `emergency` says
    that `actor` used the emergency exit, for `reason`: HALTED was forgiven to a reduction. An order
    with a `plan` never leaves: it is worked off in slices, each decided for itself. `block` is the
    order in which this one goes to the broker with others, `members` are those of such a block.
    """

    order_id: int
    ref: str
    text: str
    decision: Decision
    snapshot: Snapshot | None = None
    unit_value: Decimal | None = None
    replaces: int = 0
    parent: int = 0
    group: int = 0
    bracket: int = 0
    oca: int = 0
    block: int = 0
    members: tuple[int, ...] = ()
    approves: int = 0
    emergency: bool = False
    reason: str = ""
    actor: str = ""
    engine: str = ""
    plan: Plan | None = None


class CancelRequested(msgspec.Struct, frozen=True, kw_only=True, tag="cancel"):
    """Somebody asked for an order to be cancelled; only the broker confirms it."""

    order_id: int
    actor: str = ""


class ApprovalRefused(msgspec.Struct, frozen=True, kw_only=True, tag="approval_refused"):
    """A held order will not be approved: somebody said so, or its time is up."""

    order_id: int
    by: str
    reason: str
    code: str = ""


class Resolved(msgspec.Struct, frozen=True, kw_only=True, tag="resolved"):
    """A person vouches for what became of an order that the broker does not know."""

    order_id: int
    outcome: Outcome
    by: str
    reason: str


class Requested(msgspec.Struct, frozen=True, kw_only=True, tag="request", omit_defaults=True):
    """Somebody asks whichever gate is running to do something: how processes speak to it.

    `id` is the asker's own. `symbol`, `quantity` and `limit_price` are those of an exit, `override`
    and `latch` those of a resume.
    """

    id: str
    deed: Deed
    at: datetime
    by: str
    reason: str = ""
    order_id: int = 0
    scope: Scope = Scope()
    symbol: str = ""
    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    override: bool = False
    latch: bool = False


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag="answer", omit_defaults=True):
    """A gate has taken a request on, or has done it: `done` says which, and `ok` how it ended.

    `code` is what a command ends with that asked for it.
    """

    id: str
    done: bool = False
    ok: bool = False
    text: str = ""
    actor: str = ""
    code: int = 0


class PositionsReported(msgspec.Struct, frozen=True, kw_only=True, tag="positions"):
    """Positions as the broker has them, taken over into the book as start-of-day or FOREIGN."""

    positions: tuple[Position, ...]


class ForeignReported(msgspec.Struct, frozen=True, kw_only=True, tag="foreign_orders"):
    """All working orders of the account that are not ours; replaces the earlier list."""

    orders: tuple[ForeignOrder, ...]


class StateChanged(msgspec.Struct, frozen=True, kw_only=True, tag="state"):
    """A trading state was set; ACTIVE clears what was set before for the same scope."""

    standing: Standing


class LimitTripped(msgspec.Struct, frozen=True, kw_only=True, tag="tripped"):
    """A rule that remembers its breach was breached: it denies for its scope until a moment."""

    rule: str
    scope: Scope
    at: datetime
    until: datetime
    reason: str = ""


class AccountReported(msgspec.Struct, frozen=True, kw_only=True, tag="account"):
    """What the broker said of an account, where it is worth remembering: a new high."""

    account: Account


class PeakForgotten(msgspec.Struct, frozen=True, kw_only=True, tag="peak"):
    """Somebody let the highest net liquidation be measured anew, of one account or of all."""

    account: str | None = None
    by: str
    reason: str


class WorkChanged(msgspec.Struct, frozen=True, kw_only=True, tag="work", omit_defaults=True):
    """The work on a parent order began, was paused or resumed, or is over.

    `client_id` is that of the gate that takes it on: it alone drives it, from then on. `arrival` is
    the market's price then, and `volume` what the market had traded that day.
    """

    order_id: int
    state: WorkState
    by: str = ""
    reason: str = ""
    client_id: int | None = None
    arrival: Decimal | None = None
    volume: Decimal | None = None


class Tended(msgspec.Struct, frozen=True, kw_only=True, tag="tended", omit_defaults=True):
    """A replacement strategy tends an order from now on; without `plan`, none does any more.

    `converting` says that it is being cancelled, to send what is left as a market order.
    """

    order_id: int
    plan: Plan | None = None
    by: str = ""
    reason: str = ""
    client_id: int | None = None
    converting: bool = False


class Reconciled(msgspec.Struct, frozen=True, kw_only=True, tag="reconcile", omit_defaults=True):
    """Our book was compared with the broker's.

    `disputed` counts positions that were taken over and orders that are unknown.
    """

    clean: bool
    differences: tuple[str, ...] = ()
    open_orders: int = 0
    executions: int = 0
    next_order_id: int = 1
    disputed: int = 0

    @property
    def settled(self) -> bool:
        """Whether the books agreed: a whole story, no position taken over, no order unknown."""
        return self.clean and not self.disputed


class Note(msgspec.Struct, frozen=True, kw_only=True, tag="note"):
    """Something an auditor would want to know."""

    text: str
    actor: str = ""


Payload = (
    PolicyActivated
    | Decided
    | Sent
    | NeverSent
    | CancelNotSent
    | StatusReport
    | OrderEcho
    | ErrorReport
    | ExecutionReport
    | CommissionReport
    | CancelRequested
    | ApprovalRefused
    | Resolved
    | Requested
    | Answered
    | PositionsReported
    | ForeignReported
    | StateChanged
    | LimitTripped
    | AccountReported
    | PeakForgotten
    | WorkChanged
    | Tended
    | Reconciled
    | Note
)

KINDS: dict[str, str] = {
    "policy": "policy activated",
    "decision": "decision",
    "sent": "sent",
    "never_sent": "never sent",
    "cancel_not_sent": "never sent",
    "status": "broker report",
    "echo": "broker report",
    "error": "broker report",
    "execution": "fill",
    "commission": "commission",
    "cancel": "cancel request",
    "approval_refused": "approval",
    "resolved": "approval",
    "request": "request",
    "answer": "request",
    "positions": "position report",
    "foreign_orders": "position report",
    "state": "state change",
    "tripped": "state change",
    "account": "account report",
    "peak": "state change",
    "work": "parent order",
    "tended": "parent order",
    "reconcile": "reconcile result",
    "note": "note",
}


class Recorded(msgspec.Struct, frozen=True):
    """One event on record: its place in the sequence, when it was written, and what it says."""

    seq: int
    at: datetime
    payload: Payload


def instruments_of(payload: Payload) -> tuple[Instrument, ...]:
    """The instruments that an event describes in full, so a fold knows them again."""
    if isinstance(payload, Decided):
        known = payload.snapshot.instrument if payload.snapshot else None
        return (known,) if known else ()
    if isinstance(payload, ExecutionReport):
        return (payload.instrument,)
    if isinstance(payload, PositionsReported):
        return tuple(position.instrument for position in payload.positions)
    if isinstance(payload, ForeignReported):
        return tuple(order.instrument for order in payload.orders)
    return ()
