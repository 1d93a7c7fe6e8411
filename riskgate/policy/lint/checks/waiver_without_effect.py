"""A waiver that loosens nothing.

Why
    A waiver is an exception that a second person signed. One that sets what the rule says anyway,
    or less, was written against limits that have changed since.
Finds
    A value under `set` that is the rule's own limit, or a tighter one.
For example
    - id: size
      kind: fat_finger
      max_quantity: 1000
      because: Desk mandate, raised in February.
    waivers:
      - rule: size
        match: {symbol: AAPL}
        set: {max_quantity: 800}
        until: 2026-06-30T16:00:00-04:00
        approved_by: m.ruiz
        because: Index rebalance.
What to do
    Delete the value, or the whole waiver. To tighten a limit for some orders, write a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from riskgate.policy.lint.desk import Desk, Suspicion, at_key
from riskgate.rulekit.bounds import HIGHER, LOWER

CODE = "RG319"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Values that a waiver sets for nothing."""
    for rule, bound in desk.bound:
        own = {check.name: check.value for check in bound.checks}
        for (place, _, _), waiver in zip(rule.waivers, bound.waivers, strict=True):
            for name, check in waiver.checks.items():
                if _no_looser(check.value, own[name], bound.rule.parameters[name].tighter):
                    text = f"`{name}` loosens nothing: the rule itself allows as much"
                    yield at_key(rule.document, ("waivers", place, "set", name), text)


def _no_looser(waived: Any, own: Any, tighter: str | None) -> bool:  # noqa: ANN401  # their own type
    if tighter == HIGHER:
        return bool(waived >= own)
    return bool(waived <= own if tighter == LOWER else waived == own)
