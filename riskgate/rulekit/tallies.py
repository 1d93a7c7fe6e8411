"""What a rule counts: the sums and windows that the ledger keeps for it, as plain descriptions.

Rule 1: a tally is kept for one selector and one `per`; equal descriptions share one tally.
Rule 2: a description says what is counted, never how; the ledger does the counting.
Rule 3: `sums_holdings` says that a selector narrows it by the keys of positions alone
(semantics.md, section 4); `apart` are keys that tell its budgets apart whatever `per` says.
"""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import ClassVar

import msgspec

from riskgate.rulekit.matching import Names


class HoldingsTally(msgspec.Struct, frozen=True):
    """Positions and working orders; `valued` also keeps the other holdings' values at mark."""

    valued: bool = False
    sums_holdings: ClassVar[bool] = True
    apart: ClassVar[tuple[str, ...]] = ()


class ExposureTally(msgspec.Struct, frozen=True):
    """Worst-case gross and net values at mark; with `of_account`, one budget for each account."""

    of_account: bool = False
    sums_holdings: ClassVar[bool] = True

    @property
    def apart(self) -> tuple[str, ...]:
        """The account, where net liquidation is what the sum is held against."""
        return ("account",) if self.of_account else ()


class FundsTally(msgspec.Struct, frozen=True):
    """What working orders that open, and opening fills the broker has not priced in, cost."""

    sums_holdings: ClassVar[bool] = True
    apart: ClassVar[tuple[str, ...]] = ("account",)


class Shock(msgspec.Struct, frozen=True):
    """A jump of prices: by an amount, or by percent of the mark; for these symbols, or all."""

    amount: Decimal | None = None
    percent: Decimal | None = None
    symbols: Names | None = None


class StressTally(msgspec.Struct, frozen=True):
    """What the worst-case book gains or loses under each shock.

    With `of_account` also the part of the order's account, which its net liquidation has to bear.
    """

    shocks: tuple[Shock, ...]
    of_account: bool = False
    sums_holdings: ClassVar[bool] = True
    apart: ClassVar[tuple[str, ...]] = ()


class WorkingTally(msgspec.Struct, frozen=True):
    """Our own working orders, by instrument and side."""

    sums_holdings: ClassVar[bool] = True
    apart: ClassVar[tuple[str, ...]] = ("symbol", "side")


class CrossingTally(msgspec.Struct, frozen=True):
    """The best opposite prices among our own working orders, by instrument and whose they are."""

    sums_holdings: ClassVar[bool] = True
    apart: ClassVar[tuple[str, ...]] = ("symbol",)


class RepeatTally(msgspec.Struct, frozen=True):
    """Distinct orders sent inside a window that are in flight or filled."""

    window: timedelta
    sums_holdings: ClassVar[bool] = False
    apart: ClassVar[tuple[str, ...]] = ("strategy", "symbol", "side")


class LossTally(msgspec.Struct, frozen=True):
    """The highest net liquidation of each account, and whether this rule has tripped today.

    The day rolls at `day_starts` in `zone`.
    """

    rule: str
    zone: str
    day_starts: time = time(0)
    sums_holdings: ClassVar[bool] = True
    apart: ClassVar[tuple[str, ...]] = ("account",)


class SubmissionTally(msgspec.Struct, frozen=True):
    """The conservative values of all orders of one submission, in one budget."""

    sums_holdings: ClassVar[bool] = False
    apart: ClassVar[tuple[str, ...]] = ()


class DayTally(msgspec.Struct, frozen=True):
    """Orders and executions of one trading day, which rolls at `day_starts` in `zone`.

    `currency` is that of amounts which are known only as a sum in the policy's money.
    """

    zone: str
    day_starts: time = time(0)
    currency: str = "USD"
    sums_holdings: ClassVar[bool] = False
    apart: ClassVar[tuple[str, ...]] = ()


class WindowTally(msgspec.Struct, frozen=True):
    """Messages inside a sliding window, alike in `same`.

    `counts` names what is counted: `new` and `held` orders, `modify`, `cancel`; what the broker
    `rejected`, and what we `denied` for more than a state.
    With `siblings` false, slices of one parent do not count for each other.
    """

    window: timedelta
    same: tuple[str, ...] = ()
    counts: frozenset[str] = frozenset({"new"})
    siblings: bool = True
    sums_holdings: ClassVar[bool] = False
    apart: ClassVar[tuple[str, ...]] = ()


Tally = (
    HoldingsTally
    | ExposureTally
    | FundsTally
    | StressTally
    | WorkingTally
    | CrossingTally
    | RepeatTally
    | LossTally
    | SubmissionTally
    | DayTally
    | WindowTally
)
