"""Who may change the trading state, and how it is said: by a person, with a reason, for a scope.

Rule 1: a halt never lifts anything; only `resume` does.
Rule 2: a halt that would stop nothing is an error, never a silence.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime

from riskgate import payload
from riskgate.errors import ConfigError
from riskgate.model.trading import Scope, Standing, TradingState, normal


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
