"""The trading state: what may leave, for whom, since when, and who said so.

Rule 1: the strictest scope that matches an order holds.
Rule 2: manual halts and automatic latches are kept apart; clearing one does not clear the other.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from riskgate.model.moments import to_the_second


class TradingState(StrEnum):
    """From free to stopped; `strictness` orders them."""

    ACTIVE = "ACTIVE"
    REDUCE_ONLY = "REDUCE_ONLY"
    HALTED = "HALTED"
    KILLED = "KILLED"

    @property
    def strictness(self) -> int:
        """0 for ACTIVE up to 3 for KILLED."""
        return list(TradingState).index(self)


MEANINGS: Final[dict[TradingState, str]] = {
    TradingState.ACTIVE: "Orders are judged by the rules.",
    TradingState.REDUCE_ONLY: "Only orders that make a position smaller pass.",
    TradingState.HALTED: "No new order and no modify passes; cancels do, and what works stays.",
    TradingState.KILLED: "As HALTED, and everything of ours that works is cancelled.",
}


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a state holds; None is everybody."""

    account: str | None = None
    strategy: str | None = None
    symbol: str | None = None

    def covers(
        self,
        account: str | None,
        strategy: str | None,
        symbol: str | None,
        root: str | None = None,
    ) -> bool:
        """Whether an order is in the scope; its symbol, or the `root` that it is written on."""
        return (
            self.account in (None, account)
            and self.strategy in (None, strategy)
            and self.symbol in (None, symbol, root or symbol)
        )

    def __str__(self) -> str:
        named = [f"{name}={getattr(self, name)}" for name in self.__struct_fields__]
        return " ".join(word for word in named if not word.endswith("=None")) or "all"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One state that somebody, or a latch, has set for one scope."""

    state: TradingState
    scope: Scope = Scope()
    by: str
    reason: str
    at: datetime
    latch: bool = False

    def __str__(self) -> str:
        """`HALTED for all since 2026-03-02 15:00 UTC by m.ruiz: feed is wrong`."""
        since = to_the_second(self.at)
        who = f"by the rule {self.by}" if self.latch else f"by {self.by}"
        return f"{self.state.value} for {self.scope} since {since} {who}: {self.reason}"


def normal(scope: Scope) -> Scope:
    """The scope with its symbol as orders have it, in upper case."""
    symbol = None if scope.symbol is None else scope.symbol.strip().upper()
    return Scope(account=scope.account, strategy=scope.strategy, symbol=symbol)
