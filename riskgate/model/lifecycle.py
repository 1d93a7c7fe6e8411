"""The life of an order, as one table.

Rule 1: every legal move is in `MOVES`; there is no other place where a status changes.
Rule 2: CANCELLED -> FILLED is legal, and so is any dead state -> FILLED. A fill can cross a cancel
on the wire, and a fill is money: it is never refused.
Rule 3: a status report never moves a finished order, and never moves a live one backwards.
Rule 4: an order whose fate is not known is UNKNOWN and keeps its reservation.
Rule 5: PENDING_CANCEL hides where the order is without the cancel; only `resumed` goes back there.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where an order is in its life. The first eight carry the names of the brief."""

    PENDING_SUBMIT = "PendingSubmit"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    INACTIVE = "Inactive"
    REJECTED = "Rejected"
    PARTIALLY_FILLED = "PartiallyFilled"
    EXPIRED = "Expired"
    DENIED = "Denied"
    HELD = "Held"
    NEVER_SENT = "NeverSent"
    UNKNOWN = "Unknown"

    @property
    def working(self) -> bool:
        """Sent or about to be sent, and not proven dead."""
        return self in WORKING

    @property
    def finished(self) -> bool:
        """Nothing but a fill or a correction moves it any more."""
        return self in FINISHED


S = Status
BEFORE_SENDING: Final = frozenset({S.DENIED, S.HELD, S.NEVER_SENT})
FINISHED: Final = frozenset(
    {S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED, S.DENIED, S.NEVER_SENT},
)
WORKING: Final = frozenset(set(Status) - FINISHED - BEFORE_SENDING)

_ENDS: Final = frozenset({S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED})
_LIVE: Final = frozenset({S.PRE_SUBMITTED, S.SUBMITTED, S.PARTIALLY_FILLED})

MOVES: Final[dict[Status, frozenset[Status]]] = {
    S.PENDING_SUBMIT: _ENDS | _LIVE | {S.PENDING_CANCEL, S.INACTIVE, S.UNKNOWN, S.NEVER_SENT},
    S.PRE_SUBMITTED: _ENDS
    | {S.SUBMITTED, S.PARTIALLY_FILLED, S.PENDING_CANCEL, S.INACTIVE, S.UNKNOWN},
    S.SUBMITTED: _ENDS | {S.PARTIALLY_FILLED, S.PENDING_CANCEL, S.INACTIVE, S.UNKNOWN},
    S.PARTIALLY_FILLED: _ENDS | {S.PENDING_CANCEL, S.INACTIVE, S.UNKNOWN},
    S.PENDING_CANCEL: _ENDS | {S.INACTIVE, S.UNKNOWN, S.NEVER_SENT},
    S.INACTIVE: _ENDS | _LIVE | {S.PENDING_CANCEL, S.UNKNOWN},
    S.UNKNOWN: _ENDS | _LIVE | {S.PENDING_CANCEL, S.INACTIVE, S.NEVER_SENT},
    S.HELD: frozenset({S.PENDING_SUBMIT, S.DENIED, S.NEVER_SENT, S.FILLED, S.PARTIALLY_FILLED}),
    S.FILLED: frozenset({S.PARTIALLY_FILLED}),
    S.CANCELLED: frozenset({S.FILLED}),
    S.REJECTED: frozenset({S.FILLED}),
    S.EXPIRED: frozenset({S.FILLED}),
    S.NEVER_SENT: frozenset({S.FILLED, S.PARTIALLY_FILLED}),
    S.DENIED: frozenset({S.FILLED}),
}


MEANINGS: Final[dict[Status, str]] = {
    S.PENDING_SUBMIT: "Approved and reserved; the broker has not acknowledged it yet.",
    S.PRE_SUBMITTED: "The broker has it and holds it until it can work: a stop, another session.",
    S.SUBMITTED: "It works.",
    S.PENDING_CANCEL: "A cancel was asked for; until the broker confirms it, it can be filled.",
    S.FILLED: "All of it was traded.",
    S.CANCELLED: "The broker confirmed that it is cancelled.",
    S.INACTIVE: "The broker holds it and does not work it; it may come back.",
    S.REJECTED: "The broker refused it.",
    S.PARTIALLY_FILLED: "It works, and a part of it was traded.",
    S.EXPIRED: "Its time in force ended.",
    S.DENIED: "The gate refused it; it never left.",
    S.HELD: "It waits for a person, and nothing was sent.",
    S.NEVER_SENT: "It was approved, or held, and provably did not leave.",
    S.UNKNOWN: "Nobody knows whether it arrived; it keeps its room until that is known.",
}


def may_move(old: Status, new: Status) -> bool:
    """Whether the table has this move."""
    return new in MOVES[old]


def moved(old: Status, reported: Status) -> Status:
    """The status after a broker's status report: the new one if legal, else the old one.

    A finished order stays as it is; so does a partly filled one that is reported as working
    (IB keeps saying Submitted), and one that waits for its cancel.
    """
    return old if old.finished or not may_move(old, reported) else reported


def resumed(old: Status, without_cancel: Status) -> Status:
    """The status once no cancel is on its way; `without_cancel` is what it is without one."""
    return without_cancel if old is S.PENDING_CANCEL and without_cancel.working else old


def filled(old: Status, *, complete: bool) -> Status:
    """The status after a fill. A fill is accepted in every state."""
    if complete:
        return S.FILLED
    if old.finished and old is not S.FILLED and old is not S.NEVER_SENT:
        return old
    return old if old is S.PENDING_CANCEL else S.PARTIALLY_FILLED
