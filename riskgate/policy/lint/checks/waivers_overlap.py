"""Two waivers of one limit that hold for the same orders.

Why
    Where several waivers match, the tightest applies: the wider permission that somebody signed
    is not the one that holds.
Finds
    Waivers of the same rule that set the same limit, have not ended, and match some order both.
For example
    - id: size
      kind: fat_finger
      max_quantity: 500
      because: Desk mandate.
    waivers:
      - rule: size
        match: {symbol: AAPL}
        set: {max_quantity: 800}
        until: 2026-06-30T16:00:00-04:00
        approved_by: m.ruiz
        because: Index rebalance.
      - rule: size
        match: {strategy: rebalance}
        set: {max_quantity: 2000}
        until: 2026-06-30T16:00:00-04:00
        approved_by: m.ruiz
        because: The rebalance needs larger orders.
What to do
    Narrow one `match`, such as `symbol: "!AAPL"`, or make one waiver of the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.policy.bound import Bound, Waiver
from riskgate.policy.lint.desk import Desk, Suspicion, Written, at
from riskgate.policy.lint.scopes import Scope, contradiction, meet, scope

CODE = "RG309"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Each waiver that meets one before it."""
    for rule, bound in desk.bound:
        if len(rule.waivers) > 1:
            holding = [w for _, _, w in rule.waivers if w and desk.evidence.now < w.until]
            yield from _overlaps(rule, bound, holding)


def _overlaps(rule: Written, bound: Bound, holding: list[Waiver]) -> Iterator[Suspicion]:
    before: list[tuple[Scope, Waiver, int]] = []
    for place, _, waiver in rule.waivers:
        if waiver is None or waiver not in holding:
            continue
        covers = scope(bound.selector, waiver.selector)
        if contradiction(covers) is not None:
            continue
        for other_covers, other, line in before:
            both = [name for name in waiver.checks if name in other.checks]
            if both and meet(covers, other_covers):
                text = f"the waiver on line {line} also sets `{both[0]}` for some of these orders"
                location = ("waivers", place, "match")
                yield at(rule.document, location, f"{text}; there the tighter one applies")
                break
        before.append((covers, waiver, rule.document.mark(("waivers", place)).line))
