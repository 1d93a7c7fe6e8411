"""What a decision makes of an order, and which message it is to those who count messages."""

from __future__ import annotations

from typing import Final

from riskgate.model.codes import STATE_CODES
from riskgate.model.decision import Action, Decision
from riskgate.model.lifecycle import Status

FIRST_STATUS: Final = {
    Action.ALLOW: Status.PENDING_SUBMIT,
    Action.WARN: Status.PENDING_SUBMIT,
    Action.HOLD: Status.HELD,
    Action.DENY: Status.DENIED,
}
MESSAGE_OF: Final = {Status.PENDING_SUBMIT: "new", Status.HELD: "held", Status.DENIED: "denied"}
REFUSED: Final = frozenset({Status.REJECTED, Status.INACTIVE})


def is_counted(decision: Decision) -> bool:
    """Whether a denial is the order's own fault: one with a state code never counts."""
    return not any(code in STATE_CODES for code in decision.codes)
