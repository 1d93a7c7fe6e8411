"""A waiver that can never apply.

Why
    Somebody approved an exception and believes that it holds; the order is denied all the same.
Finds
    A waiver whose `match` leaves no order that its rule matches.
For example
    - id: size
      kind: fat_finger
      match: {sec_type: STK}
      max_quantity: 500
      because: Desk mandate.
    waivers:
      - rule: size
        match: {symbol: AAPL, sec_type: OPT}
        set: {max_quantity: 800}
        until: 2026-06-30T16:00:00-04:00
        approved_by: m.ruiz
        because: Hedge of the rebalance.
What to do
    Waive the rule that denies these orders; `riskgate check` names it.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.policy.lint.desk import Desk, Suspicion, at_key
from riskgate.policy.lint.scopes import contradiction, scope

CODE = "RG318"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Waivers apart from their rules."""
    for rule, bound in desk.bound:
        if contradiction(rule.scope) is not None:
            continue
        for (place, value, _), waiver in zip(rule.waivers, bound.waivers, strict=True):
            key = contradiction(scope(bound.selector, waiver.selector))
            if key is not None:
                text = f"this waiver never applies: `{value['rule']}` asks no order with this"
                location = ("waivers", place, "match", key)
                yield at_key(rule.document, location, f"{text} `{key}`")
