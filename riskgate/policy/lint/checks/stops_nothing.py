"""A policy that covers orders and stops none.

Why
    An order that no policy covers is denied. A policy whose rules all warn, or are off or in
    shadow, covers its orders, so it lets through what would have been denied without it.
Finds
    A policy without any enforced rule that denies or holds, unless another policy that always
    applies too has one.
For example
    - id: size
      kind: fat_finger
      max_quantity: 500
      on_breach: warn
      because: Tell the desk of large orders.
What to do
    Let at least one rule deny. If the file is only meant to warn, narrow its `applies_to` to what
    another policy covers as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.model.decision import Action
from riskgate.policy.bound import Bound
from riskgate.policy.lint.desk import Desk, Suspicion, at
from riskgate.policy.lint.nearby import Nearby
from riskgate.policy.lint.scopes import contains, contradiction

CODE = "RG316"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Policies whose orders nothing stops."""
    stopping = Nearby((rule.scope, rule.scope) for rule, bound in desk.bound if _stops(bound))
    for file in desk.files:
        if any(rule.bound is not None and _stops(rule.bound) for rule in file.rules):
            continue
        others = stopping.containing(file.scope)
        if contradiction(file.scope) is None and not any(contains(o, file.scope) for o in others):
            text = f"`{file.policy.name}` covers orders and stops none: no rule of it denies"
            yield at(file.document, ("policy",), text)


def _stops(bound: Bound) -> bool:
    return bound.enforced and bound.action >= Action.HOLD
