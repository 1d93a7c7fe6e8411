"""What a rule counts: the sums and windows that the ledger keeps for it, as plain descriptions.

Rule 1: a tally is kept for one selector and one `per`; equal descriptions share one tally.
Rule 2: a description says what is counted, never how; the ledger does the counting.
"""

from __future__ import annotations

from datetime import time, timedelta

import msgspec


class HoldingsTally(msgspec.Struct, frozen=True):
    """Positions and working orders; `valued` also keeps the other holdings' values at mark."""

    valued: bool = False


class DayTally(msgspec.Struct, frozen=True):
    """Orders and executions of one trading day, which rolls at `day_starts` in `zone`.

    `currency` is that of amounts which are known only as a sum in the policy's money.
    """

    zone: str
    day_starts: time = time(0)
    currency: str = "USD"


class WindowTally(msgspec.Struct, frozen=True):
    """Messages inside a sliding window, alike in `same`.

    `counts` names what is counted: `new` and `held` orders, `modify`, `cancel`.
    With `siblings` false, slices of one parent do not count for each other.
    """

    window: timedelta
    same: tuple[str, ...] = ()
    counts: frozenset[str] = frozenset({"new"})
    siblings: bool = True


Tally = HoldingsTally | DayTally | WindowTally
