"""Whose budget a limit is, for every kind there is."""

from __future__ import annotations

from collections.abc import Callable

from riskgate.ledger.budgets import budget_of, in_words, keys_of
from riskgate.model.subject import Subject
from riskgate.policy.policies import PolicySet

TEXT = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: alike, kind: duplicate, window: 1s, because: test}
  - {id: firm, kind: message_rate, window: 1s, max: 5, because: test}
  - {id: fraction, kind: holdings_fraction, max_percent: 50, because: test}
  - {id: funds, kind: buying_power, min_left: 1, because: test}
  - {id: group, kind: group_notional, max_notional: 5, because: test}
  - {id: net, kind: exposure, per: [strategy, account], max_gross: 1, because: test}
  - {id: one, kind: concentration, max_percent: 5, because: test}
  - {id: size, kind: fat_finger, max_quantity: 1, because: test}
  - {id: works, kind: working_orders, per: [account], max_count: 1, because: test}
"""


def test_a_budget_is_told_apart_by_what_its_counter_tells_apart(
    compile_text: Callable[[str], PolicySet],
) -> None:
    keys = {b.name.removeprefix("desk/"): keys_of(b) for b in compile_text(TEXT).bounds}
    assert keys == {
        "alike": None,  # orders alike in price and quantity are no budget that has a name
        "firm": (),
        "fraction": None,
        "funds": ("account",),
        "group": None,
        "net": ("account", "strategy"),
        "one": ("account", "symbol"),
        "size": None,
        "works": ("account", "symbol", "side"),
    }


def test_a_symbol_in_a_budget_is_the_instrument() -> None:
    subject = Subject(account="DU1", symbol="ES", instrument="ES.FUT expiry=2026-06-19")
    budget = budget_of(("account", "symbol", "strategy"), subject)
    assert in_words(budget) == "account=DU1 symbol=ES.FUT expiry=2026-06-19 strategy=none"
    assert in_words(()) == "all"
