"""A rule that is off.

Why
    It reads like a limit and is none. Rules are switched off for an afternoon and found a year
    later, mostly by somebody else.
Finds
    Every rule with `mode: off`.
For example
    - id: size
      kind: fat_finger
      max_quantity: 500
      mode: off
      because: Off while the new feed is tested, RISK-151.
What to do
    Switch it on, delete it, or say beside it why it stays:
    `mode: off  # riskgate: ignore[RG310] until the new feed is live, RISK-151`.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.policy.lint.desk import Desk, Suspicion

CODE = "RG310"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Rules that are written and not asked."""
    for rule in desk.rules:
        if rule.value.get("mode") == "off":
            text = f"rule `{rule.value['id']}` is off: no order is held against it"
            yield rule.at(text, "mode")
