"""A waiver that ends within 14 days.

Why
    When it ends the old limit is back, at a moment when nobody thinks of it. Renewing a waiver
    takes a second person, and that takes time.
Finds
    Waivers that hold now, and whose `until` is at most 14 days away.
For example
    - id: size
      kind: fat_finger
      max_quantity: 500
      because: Desk mandate.
    waivers:
      - rule: size
        match: {symbol: AAPL}
        set: {max_quantity: 800}
        until: 2026-03-06T16:00:00-05:00
        approved_by: m.ruiz
        because: Index rebalance of March.
What to do
    Tell the desk that the old limit comes back, or have the waiver renewed now.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from riskgate.model.words import counted
from riskgate.policy.lint.desk import Desk, Suspicion, at

CODE = "RG308"
SOON = timedelta(days=14)


def find(desk: Desk) -> Iterator[Suspicion]:
    """Waivers that will soon be of the past."""
    now = desk.evidence.now
    for rule in desk.rules:
        for place, waiver, _ in rule.waivers:
            left = datetime.fromisoformat(waiver["until"]) - now
            if timedelta(0) < left <= SOON:
                text = f"the waiver of `{waiver['rule']}` ends in {_days(left)}, {waiver['until']}"
                yield at(rule.document, ("waivers", place, "until"), text)


def _days(left: timedelta) -> str:
    return counted(left.days, "day") if left.days else "less than a day"
