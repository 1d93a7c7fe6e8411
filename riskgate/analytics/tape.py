"""The market's own trades, and the volume-weighted price of those while an order was worked.

    interval VWAP = sum(price x size) / sum(size)    of prints in [begin, end], both ends included

`begin` is when the order was written to the broker, or decided where that is not known; `end` is
its last fill, as the broker stamps it (in whole seconds), or as the record has its first fill or,
if that filled it whole, its end, whichever is latest. Our own trades are among the prints, as they
are in every vendor's VWAP.
Prints are told apart by symbol, which options and combos share with what they are made of: for
those no price is known.
Memory: three references for each print.
Source: Berkowitz, Logue and Noser 1988; Kissell, ch. 3 (VWAP cost).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Final

import msgspec

from riskgate.analytics.exact import EXACT, quotient
from riskgate.analytics.facts import OrderFacts
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO

SHARING: Final = frozenset({"OPT", "FOP", "BAG"})  # what has the symbol of another contract


class Print(msgspec.Struct, frozen=True, kw_only=True):
    """One trade of the market: so many units at a price per unit."""

    at: datetime
    symbol: str
    price: Decimal
    size: Decimal


class Tape:
    """The prints of some symbols, to be asked about intervals. They may come in any order."""

    def __init__(self, prints: Iterable[Print]) -> None:
        found: dict[str, list[Print]] = {}
        for one in prints:
            found.setdefault(one.symbol, []).append(one)
        with localcontext(EXACT):
            self._reels = {symbol: _Reel(some) for symbol, some in found.items()}

    def vwap(self, symbol: str, begin: datetime, end: datetime) -> Decimal | None:
        """The volume-weighted price from one moment to another; None if nothing traded."""
        reel = self._reels.get(symbol)
        return None if reel is None else reel.vwap(begin, end)

    def interval_vwap(self, facts: OrderFacts) -> Decimal | None:
        """The price while an order was worked; None without fills, or if nothing traded."""
        if facts.symbol not in self._reels or facts.sec_type in SHARING:
            return None
        end = max((fill.at for fill in facts.fills if fill.quantity), default=None)
        if end is None:
            return None
        end = max(end, facts.first_filled_at or end)
        if facts.status is Status.FILLED and facts.done_at is not None:
            end = max(end, facts.done_at)
        return self.vwap(facts.symbol, facts.sent_at or facts.decided_at, end)


class _Reel:
    """The prints of one symbol in the order of time, with running sums."""

    def __init__(self, prints: list[Print]) -> None:
        prints.sort(key=lambda one: one.at)
        self._times = [one.at for one in prints]
        self._sizes = [ZERO]
        self._paid = [ZERO]
        for one in prints:
            self._sizes.append(self._sizes[-1] + one.size)
            self._paid.append(self._paid[-1] + one.price * one.size)

    def vwap(self, begin: datetime, end: datetime) -> Decimal | None:
        first, last = bisect_left(self._times, begin), bisect_right(self._times, end)
        if last <= first:
            return None
        with localcontext(EXACT):
            paid = self._paid[last] - self._paid[first]
            return quotient(paid, self._sizes[last] - self._sizes[first])
