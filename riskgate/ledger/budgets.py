"""Whose budget a limit is: what tells the budgets of a rule apart, and which one an order's is.

Rule 1: what the ledger tells apart is told apart here, by the same keys; nothing knows a kind.
Rule 2: a rule that measures each order by itself has no budget.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from riskgate.ledger.counting import COUNTERS
from riskgate.model.subject import PER_KEYS, Subject
from riskgate.policy.bound import Bound
from riskgate.rulekit.tallies import WindowTally

Budget = tuple[tuple[str, str], ...]
HOLDING: Final = ("account", "symbol")
KEYS: Final = re.compile(rf"(?:^|(?<= ))(?:{'|'.join(PER_KEYS)})=")


def keys_of(bound: Bound) -> tuple[str, ...] | None:
    """The names that tell the budgets of a rule apart; None where it has none.

    That is a rule that counts nothing, or counts orders alike in what no name says. One that counts
    nothing but spares reductions measures the holding of an account and instrument.
    """
    tally, rule = bound.tally, bound.rule
    if tally is None:
        return HOLDING if rule.narrows_holdings and rule.exempts_reductions else None
    alike = isinstance(tally, WindowTally) and tally.same
    if type(tally) not in COUNTERS or alike:
        return None
    wanted = {*bound.per, *tally.apart}
    return tuple(key for key in PER_KEYS if key in wanted)


def budget_of(keys: Iterable[str], subject: Subject) -> Budget:
    """The budget that an order or a holding falls into; there `symbol` is the instrument."""
    return tuple(
        (key, subject.instrument if key == "symbol" else str(getattr(subject, key))) for key in keys
    )


def in_words(budget: Budget) -> str:
    """A budget as people read it.

    >>> in_words((("account", "DU1"), ("strategy", "")))
    'account=DU1 strategy=none'
    >>> in_words(())
    'all'
    """
    return " ".join(f"{key}={value or 'none'}" for key, value in budget) or "all"


def in_short(words: str) -> str:
    """A budget in words without the names of its keys, for where there is little room.

    >>> in_short("account=DU1 symbol=AAPL")
    'DU1 AAPL'
    >>> in_short("all")
    'all'
    """
    return KEYS.sub("", words)
