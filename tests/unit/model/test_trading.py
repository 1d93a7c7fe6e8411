"""Trading states and their scopes."""

from __future__ import annotations

from riskgate.model.trading import Scope, TradingState


def test_states_go_from_free_to_stopped() -> None:
    assert [state.strictness for state in TradingState] == [0, 1, 2, 3]


def test_a_scope_covers_what_it_names_and_everybody_where_it_names_nobody() -> None:
    assert Scope().covers("a", "s", "X")
    scope = Scope(account="a", symbol="X")
    assert scope.covers("a", None, "X")
    assert not scope.covers("b", None, "X")
    assert not scope.covers("a", "s", "Y")
    assert not Scope(strategy="s").covers("a", None, "X")


def test_a_scope_is_shown_by_what_it_names() -> None:
    assert str(Scope()) == "all"
    assert str(Scope(account="a", symbol="X")) == "account=a symbol=X"
