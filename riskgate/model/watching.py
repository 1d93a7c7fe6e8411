"""The contracts that an order is about: its own, and those that its conditions look at.

Rule 1: what has the broker's own number needs no name to be found by.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.model.combos import named
from riskgate.model.instructions import ConditionKind
from riskgate.model.instrument import Terms
from riskgate.model.order import Order


def watched(order: Order) -> tuple[Terms, ...]:
    """What conditions name and the broker wants the number of, each once."""
    return tuple(dict.fromkeys(_watched(order)))


def _watched(order: Order) -> Iterator[Terms]:
    for condition in order.instructions.conditions:
        if condition.kind is ConditionKind.EXECUTION or condition.contract.startswith("#"):
            continue
        found = named(condition.contract) if condition.contract else None
        if found is not None:
            yield found.terms


def all_of(order: Order) -> list[Terms]:
    """Its own contract, and those of its conditions."""
    return [order.terms, *watched(order)]
