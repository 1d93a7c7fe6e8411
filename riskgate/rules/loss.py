"""Stop an account that has lost too much in a day, or from its highest value.

Why
    A model that has stopped working loses on every order, each of them within every other limit;
    only what the account has lost shows it.
Measures
    Realised and unrealised profit and loss of the broker's day as last reported, in money or in
    percent of net liquidation; and how far net liquidation has fallen from its highest on record.
    Judged at each order and at each report. Once breached, `then` says what holds: `deny` keeps the
    rule breached for the rest of the day, even if the loss is made good; `reduce_only` and `halt`
    put the scope into that state until a person lifts it.
Passes with `max_day_loss: 10000`
    given account: {net_liquidation: 1_000_000, day_pnl: -10_000}
    BUY 100 AAPL LMT 190 DAY
Breaches
    given account: {net_liquidation: 1_000_000, day_pnl: -10_000.01}
    BUY 100 AAPL LMT 190 DAY
    SELL 100 AAPL LMT 190 DAY
Passes
    given account: {net_liquidation: 1_000_000, day_pnl: -20_000}, positions: {AAPL: 100}
    SELL 100 AAPL LMT 190 DAY
Passes with `max_day_loss_percent: 5`
    given account: {net_liquidation: 1_000_000, day_pnl: -50_000}
    BUY 100 AAPL LMT 190 DAY
Breaches
    given account: {net_liquidation: 999_999, day_pnl: -50_000}
    BUY 100 AAPL LMT 190 DAY
Breaches with `max_drawdown_percent: 10`
    given account: {net_liquidation: 1_000_000, day_pnl: 0}
    after BUY 1 AAPL LMT 190 DAY
    after account: {net_liquidation: 899_999, day_pnl: 0}
    BUY 1 AAPL LMT 189.99 DAY
Source
    RTS 6 Art. 17(2); 17 CFR 240.15c3-5(c)(1)(i); HanMag 2013, whose losing trades took 143 s.
"""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal

from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.readings import LossReading
from riskgate.model.snapshot import Snapshot
from riskgate.model.trading import TradingState
from riskgate.rulekit.base import Rule, within
from riskgate.rulekit.bounds import Measured, Seen
from riskgate.rulekit.latching import STATES, latch
from riskgate.rulekit.parameters import money, percent
from riskgate.rulekit.tallies import LossTally
from riskgate.rulekit.worst import percent_of


class Loss(Rule):
    """How much an account may lose before it is stopped."""

    kind = "loss"
    exempts_reductions = True
    has_budget = True
    narrows_holdings = True
    watches_accounts = True
    adds_up = False

    then = latch("deny")

    @within(money())
    def max_day_loss(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # the account is asked
        """The most that may be lost in one of the broker's days, in the policy's currency."""
        lost = seen.exchanged(_day_loss(seen), seen.base, self.context.currency)
        return self._still(lost, seen)

    @within(percent())
    def max_day_loss_percent(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # the account is asked
        """The most that may be lost in one of the broker's days, in percent of net liquidation."""
        worth = seen.account_value("net_liquidation")
        return self._still(percent_of(_day_loss(seen), worth), seen)

    @within(percent())
    def max_drawdown_percent(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # the account is asked
        """How far net liquidation may fall from its highest on record, in percent of that."""
        worth = seen.account_value("net_liquidation")
        peak = self.reading(seen, LossReading).peak
        highest = worth if peak is None else max(worth, peak)
        return self._still(percent_of(highest - worth, highest), seen)

    def _still(self, lost: Decimal, seen: Snapshot) -> Seen:
        """What was lost; not as it must be while an earlier breach holds for the day."""
        since = self.reading(seen, LossReading).tripped
        if since is None:
            return Seen(lost, passes=True)
        at = since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return Seen(lost, passes=False, text=f"breached at {at}; holds for the rest of the day")

    def trips(self) -> TradingState | None:
        """The state that a breach puts the scope into."""
        return STATES[self.then]

    def lasts_the_day(self) -> bool:
        """Whether a breach denies for the rest of the day."""
        return bool(self.then == "deny")

    def tally(self) -> LossTally:
        """The highest value of each account, and whether this rule was breached today."""
        return LossTally(self.name, self.context.zone, self.context.day_starts)


def _day_loss(seen: Snapshot) -> Decimal:
    return max(ZERO, -seen.account_value("day_pnl"))
