"""Deny an order that would trade with one of our own.

Why
    A purchase from oneself changes no owner and prints a price: it pays two fees, misleads the
    market, and is a wash trade to the authority that finds it.
Measures
    Whether the order crosses a working order of ours on the other side of the same instrument: at
    or beyond its limit. An order without a limit price crosses every opposite one, and is crossed
    by every one; a stop with a limit is taken by its limit. Ours are the orders of the same
    account, of the same strategy on any account, or of all. Legs of one bracket never cross.
Passes with `scope: account`
    given working: [SELL 100 AAPL LMT 190.01 DAY]
    BUY 100 AAPL LMT 190.00 DAY
    SELL 100 AAPL LMT 189 DAY
Breaches
    given working: [SELL 100 AAPL LMT 190.01 DAY]
    BUY 100 AAPL LMT 190.01 DAY
    BUY 100 AAPL LMT 191 DAY
    BUY 100 AAPL MKT DAY
    BUY 100 AAPL STP_LMT 192 195 DAY
Breaches
    given working: [SELL 100 AAPL STP 150 GTC]
    BUY 100 AAPL LMT 189 DAY
Passes
    bracket: {entry: BUY 100 AAPL LMT 190 DAY, take_profit: 195, stop_loss: 185}
Passes with `scope: strategy`
    given working: [SELL 100 AAPL LMT 190 DAY strategy=other]
    BUY 100 AAPL LMT 190 DAY strategy=meanrev
Breaches with `scope: firm`
    given working: [SELL 100 AAPL LMT 190 DAY strategy=other]
    BUY 100 AAPL LMT 190 DAY strategy=meanrev
Source
    RTS 6 Art. 13; 17 CFR 240.15c3-5(c)(2)(i); CME self-match prevention, Cboe match trade
    prevention.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from riskgate.model.money import text
from riskgate.model.order import Order, Side
from riskgate.model.readings import CrossingReading, Opposite
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, holds
from riskgate.rulekit.bounds import Measured, Seen
from riskgate.rulekit.parameters import Choice
from riskgate.rulekit.tallies import CrossingTally

SCOPES: Final = ("account", "strategy", "firm")


class SelfMatch(Rule):
    """Whose orders an order must not meet."""

    kind = "self_match"
    asks_whole = False
    narrows_holdings = True

    @holds(Choice(SCOPES))
    def scope(self, order: Order, seen: Snapshot) -> Measured:
        """Whose orders are ours: the account's, the strategy's on any account, or the firm's."""
        read = self.reading(seen, CrossingReading)
        facing: Opposite = getattr(read, self.scope)
        what = f"own {'sell' if order.side is Side.BUY else 'buy'} order"
        if facing.unpriced:
            return Seen(f"meets an {what} without a limit price", passes=False)
        if facing.best is None:
            return Seen(f"no {what}", passes=True)
        clear = _is_clear(order, facing.best)
        return Seen(f"{'clear of' if clear else 'meets'} an {what} at {text(facing.best)}", clear)

    def tally(self) -> CrossingTally:
        """The best opposite prices among our own orders."""
        return CrossingTally()


def _is_clear(order: Order, best: Decimal) -> bool:
    """Whether the order's limit does not reach the best opposite one; without a limit it does."""
    if order.reach is None:
        return False
    return order.reach < best if order.side is Side.BUY else order.reach > best
