"""The trading state: set by a person with a reason, or latched by a rule; always for a scope.

Rule 1: a halt never lifts anything; only `resume` does.
Rule 2: a halt that would stop nothing is an error, never a silence.
Rule 3: what waits to be sent and must not leave any more is dropped at once.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from functools import partial

from riskgate.errors import ConfigError, JournalError
from riskgate.ledger.life import Life
from riskgate.line import payload
from riskgate.line.bookkeeping import Bookkeeper, Turned
from riskgate.line.judging import Judge
from riskgate.model.events import AccountReported, Decided, StateChanged
from riskgate.model.trading import Scope, Standing, TradingState, normal
from riskgate.policy.latches import Latch, latches
from riskgate.ports import Broker


class Switch:
    """The trading states of one gate."""

    def __init__(self, desk: Bookkeeper, broker: Broker) -> None:
        self._desk = desk
        self._broker = broker

    def halt(self, state: TradingState, scope: Scope, said: tuple[object, object]) -> bool:
        """Set a stricter state. False if it holds but could not be recorded yet."""
        desk = self._desk
        asked = standing(state, scope, said, desk.clock.now())
        halt = checked_halt(asked, desk.world.market.accounts)
        with desk.turnstile:
            self.withdraw([halt])
            try:
                with desk.turn() as turn:
                    if self._says_more(halt):
                        turn.record(StateChanged(standing=halt))
            except JournalError:
                desk.ledger.apply(StateChanged(standing=halt), halt.at)
                desk.keep([StateChanged(standing=halt)])
                return False
            return True

    def _says_more(self, halt: Standing) -> bool:
        """Whether a halt is stricter than what stands, or is about exits from what stands."""
        book = self._desk.ledger
        before = book.facts.standings.get((halt.scope, ""))
        if before is None or before.state.strictness < halt.state.strictness:
            return True
        return halt.state is before.state is TradingState.KILLED and any(
            holds_back(halt, life) and not holds_back(before, life) for life in book.working()
        )

    def seen(self) -> dict[tuple[Scope, str], Standing]:
        """The states that stand now, as the record has them. Raise JournalError."""
        with self._desk.turn(project=False):
            return dict(self._desk.ledger.facts.standings)

    def lift(self, freed: Standing, seen: Mapping[tuple[Scope, str], Standing]) -> None:
        """Record that a state is over, as it was `seen`.

        Raise ConfigError where no rule has set any to lift, or where another has been set since.
        """
        with self._desk.turn() as turn:
            for key, now in self._desk.ledger.facts.standings.items():
                if key[0] == freed.scope and bool(key[1]) is freed.latch and seen.get(key) != now:
                    raise ConfigError(f"set meanwhile: {now}; resume again if you mean that too")
            latched = [key[0] for key in self._desk.ledger.facts.standings if key[1]]
            if freed.latch and freed.scope not in latched:
                stand = "; ".join(sorted({str(scope) for scope in latched})) or "nothing"
                raise ConfigError(f"no rule has latched `{freed.scope}`; latched is {stand}")
            turn.record(StateChanged(standing=freed))

    def latch(self, turn: Turned, decided: Iterable[Decided]) -> list[Standing]:
        """Record what breaches leave behind; the states that hold now and did not before."""
        policies = self._desk.world.policies
        found = (
            latch
            for one in decided
            if one.snapshot is not None
            for latch in latches(policies, one.decision, one.snapshot)
        )
        return self._latched(turn, found)

    def judge_accounts(self, judge: Judge) -> None:
        """Ask the rules that watch accounts about what the broker has reported since."""
        desk = self._desk
        reported = desk.world.market.take_reported()
        asked = desk.ledger.counting.remembers_accounts
        if not (reported and (asked or any(map(desk.ledger.facts.is_high, reported)))):
            return
        try:
            with desk.turn() as turn:
                now = desk.clock.now()
                latched = [
                    new
                    for account in reported
                    for new in self._latched(turn, judge.account(account, now))
                ]
        except JournalError:
            desk.world.market.report_again(reported)
            raise
        self.withdraw(latched)

    def _latched(self, turn: Turned, events: Iterable[Latch | AccountReported]) -> list[Standing]:
        """Record the events that say something new, and return the states among them."""
        facts, states = self._desk.ledger.facts, []
        for event in events:
            if not facts.is_news(event):
                continue
            turn.record(event)
            if isinstance(event, StateChanged):
                states.append(event.standing)
        return states

    def withdraw(self, standings: Iterable[Standing]) -> None:
        """Drop what waits to be sent and must not leave any more."""
        for one in standings:
            self._broker.withdraw(partial(self._stopped, one), one.state.value)

    def enforce(self) -> None:
        """Drop what waits and must not leave under the states that hold now, whoever set them."""
        self.withdraw(tuple(self._desk.ledger.facts.standings.values()))

    def _stopped(self, halt: Standing, order_id: int) -> bool:
        """Whether an order that waits to be sent must not leave any more.

        Under REDUCE_ONLY a reduction may; a modify is stopped, for what waits may be its increase.
        """
        life = self._desk.ledger.orders.get(order_id)
        if life is None or not holds_back(halt, life):
            return False
        if life.is_exit:
            entry = self._desk.ledger.orders.get(life.bracket)
            waits = entry is not None and not entry.broker_order_id and not entry.filled
            if entry is not None and waits and self._stopped(halt, entry.order_id):
                return True  # it dies with its entry
        reduces = len(life.versions) == 1 and all(
            one.decision.reduction for one in life.members or (life,)
        )
        return halt.state is not TradingState.REDUCE_ONLY or not reduces


def covers(scope: Scope, life: Life) -> bool:
    """Whether an order is in a scope; a combo is if any of its legs is."""
    return any(
        scope.covers(named.account, named.strategy, named.symbol, named.underlying)
        for named in life.subjects
    )


def holds_back(state: Standing, life: Life) -> bool:
    """Whether a state is about an order: in its scope, and no emergency exit from it."""
    return covers(state.scope, life) and not (life.emergency and life.created_at >= state.at)


def standing(
    state: TradingState, scope: Scope, said: tuple[object, object], at: datetime
) -> Standing:
    """A state as it may be recorded; `said` is by whom and why. Raise ConfigError for blanks."""
    who, why = (payload.printable(words) for words in said)
    named = (scope.account, scope.strategy, scope.symbol)
    if not all(name is None or isinstance(name, str) for name in named):
        raise ConfigError(f"a scope names accounts, strategies and symbols as text; found {scope}")
    if not who or not why:
        raise ConfigError("changing the trading state needs `by` and `reason`, both not blank")
    return Standing(state=state, scope=normal(scope), by=who, reason=why, at=at)


def checked_halt(halt: Standing, accounts: Iterable[str]) -> Standing:
    """A halt that stops something. Raise ConfigError for ACTIVE or an account that is not ours."""
    if halt.state is TradingState.ACTIVE:
        raise ConfigError("a halt cannot set ACTIVE; `resume` lifts a halt")
    known: Container[str] = tuple(accounts)
    account = halt.scope.account
    if account is not None and known and account not in known:
        ours = ", ".join(accounts)
        raise ConfigError(f"account `{account}` is not one of {ours}; check the scope")
    return halt
