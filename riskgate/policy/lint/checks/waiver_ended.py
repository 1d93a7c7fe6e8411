"""A waiver that has ended.

Why
    It has no effect any more, but whoever reads the file must compare dates to know that.
Finds
    Waivers whose `until` is not later than now.
For example
    - id: size
      kind: fat_finger
      max_quantity: 500
      because: Desk mandate.
    waivers:
      - rule: size
        match: {symbol: AAPL}
        set: {max_quantity: 800}
        until: 2026-01-30T16:00:00-05:00
        approved_by: m.ruiz
        because: Index rebalance of January.
What to do
    Delete it; the history of the file keeps it. If it is still needed, have it approved again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from riskgate.policy.lint.desk import Desk, Suspicion, at

CODE = "RG307"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Waivers of the past."""
    for rule in desk.rules:
        for place, waiver, _ in rule.waivers:
            until = datetime.fromisoformat(waiver["until"])
            if until <= desk.evidence.now:
                text = f"the waiver of `{waiver['rule']}` ended {waiver['until']}; delete it"
                yield at(rule.document, ("waivers", place, "until"), text)
