"""What holds beside orders: policies in force, trading states, trips, account highs.

Rule 1: manual halts and automatic latches are kept apart; clearing one does not clear the other.
Rule 2: the strictest state that covers an order holds.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.ledger.counting import Counting
from riskgate.model.account import Account
from riskgate.model.events import (
    AccountReported,
    Answered,
    LimitTripped,
    Payload,
    PeakForgotten,
    PolicyActivated,
    Requested,
    StateChanged,
)
from riskgate.model.subject import Subject
from riskgate.model.trading import Scope, Standing, TradingState

Standings = dict[tuple[Scope, str], Standing]  # the rule that latched it, empty for a person


class Facts:
    """Folded from the events that are about no order."""

    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        self.standings: Standings = {}
        self.digest = ""
        self.has_texts = False  # whether the record has the texts of these policies
        self.peaks: dict[str, Decimal] = {}
        self.requests: dict[str, Requested] = {}  # what nobody has taken on yet, by id
        self.answers: dict[str, Answered] = {}
        self._trips: dict[tuple[str, Scope], LimitTripped] = {}

    def apply(self, payload: Payload) -> None:
        """Fold one event."""
        if isinstance(payload, PolicyActivated):
            self.digest = payload.digest
            self.has_texts = bool(payload.texts)
        elif isinstance(payload, StateChanged):
            self._put(payload.standing)
        elif isinstance(payload, LimitTripped):
            self._trips[payload.rule, payload.scope] = payload
            self._counting.tripped(payload)
        elif isinstance(payload, AccountReported):
            self.account(payload.account)
        elif isinstance(payload, Requested):
            self.requests[payload.id] = payload
        elif isinstance(payload, Answered):
            self.requests.pop(payload.id, None)
            self.answers[payload.id] = payload
        elif isinstance(payload, PeakForgotten):
            for name in [payload.account] if payload.account is not None else list(self.peaks):
                self.peaks.pop(name, None)
            self._counting.new_peak(payload.account)

    def is_news(self, event: StateChanged | LimitTripped | AccountReported) -> bool:
        """Whether a latch or report says more than what holds already."""
        if isinstance(event, LimitTripped):
            known = self._trips.get((event.rule, event.scope))
            return known is None or event.at >= known.until
        if isinstance(event, StateChanged):
            held = self.standings.get(_key(event.standing))
            return held is None or held.state.strictness < event.standing.state.strictness
        return True

    def account(self, account: Account) -> None:
        """The account was worth so much."""
        worth = account.net_liquidation
        if worth is not None and self.is_high(account):
            self.peaks[account.id] = worth
            self._counting.reported(account.id, worth)

    def is_high(self, account: Account) -> bool:
        """Whether the account was never worth as much."""
        worth, known = account.net_liquidation, self.peaks.get(account.id)
        return worth is not None and worth.is_finite() and (known is None or worth > known)

    def strictest(self, subject: Subject) -> Standing | None:
        """The strictest state whose scope covers the subject; None if nobody set any."""
        if not self.standings:
            return None
        named = (subject.account, subject.strategy, subject.symbol, subject.underlying)
        holding = [one for one in tuple(self.standings.values()) if one.scope.covers(*named)]
        return max(holding, key=lambda one: one.state.strictness, default=None)

    def _put(self, standing: Standing) -> None:
        """Set a state for its scope; ACTIVE clears what was set before."""
        if standing.state is not TradingState.ACTIVE:
            self.standings[_key(standing)] = standing
            return
        for key in [key for key in self.standings if key[0] == standing.scope]:
            if bool(key[1]) is standing.latch:
                del self.standings[key]


def _key(standing: Standing) -> tuple[Scope, str]:
    return standing.scope, standing.by if standing.latch else ""
