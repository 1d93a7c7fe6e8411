"""What a breach leaves behind: `then`, the parameter of kinds that latch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from riskgate.model.trading import TradingState
from riskgate.rulekit.base import Parameter
from riskgate.rulekit.parameters import Choice

STATES: Final[Mapping[str, TradingState | None]] = {
    "deny": None,
    "reduce_only": TradingState.REDUCE_ONLY,
    "halt": TradingState.HALTED,
}


def latch(default: str) -> Parameter:
    """Declare `then`: the state that a breach puts its scope into, until somebody resumes it."""
    return Parameter(
        Choice(tuple(STATES)),
        "What a breach does beyond denying the order: nothing more, or a state for the order's "
        "values of the `per` keys, else its account, that lasts until somebody resumes.",
        default=default,
    )
