"""Who may change the trading state, and how it is said."""

from datetime import UTC, datetime

import pytest

from riskgate.errors import ConfigError
from riskgate.line import switch
from riskgate.model.trading import Scope, TradingState

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
HALTED = TradingState.HALTED


def test_a_halt_names_a_person_a_reason_and_a_symbol_as_orders_have_it() -> None:
    made = switch.standing(HALTED, Scope(symbol=" aapl"), ("ann", "news"), NOW)
    assert (made.by, made.reason, made.scope.symbol) == ("ann", "news", "AAPL")


@pytest.mark.parametrize("said", [("", "why"), ("ann", " "), (None, "why"), ("ann", None)])
def test_nobody_or_no_reason_is_an_error(said: tuple[object, object]) -> None:
    with pytest.raises(ConfigError, match="both not blank"):
        switch.standing(HALTED, Scope(), said, NOW)


def test_a_scope_that_is_no_text_is_an_error() -> None:
    with pytest.raises(ConfigError, match="as text"):
        switch.standing(HALTED, Scope(symbol=5), ("ann", "why"), NOW)  # type: ignore[arg-type]


def test_a_halt_never_lifts_anything() -> None:
    active = switch.standing(TradingState.ACTIVE, Scope(), ("ann", "why"), NOW)
    with pytest.raises(ConfigError, match="`resume` lifts a halt"):
        switch.checked_halt(active, ())


def test_a_halt_of_an_account_that_is_not_ours_is_an_error_and_not_a_silence() -> None:
    made = switch.standing(HALTED, Scope(account="DU1"), ("ann", "why"), NOW)
    assert switch.checked_halt(made, ("DU1", "DU2")) is made
    assert switch.checked_halt(made, ()) is made
    with pytest.raises(ConfigError, match="is not one of DU2"):
        switch.checked_halt(made, ("DU2",))
