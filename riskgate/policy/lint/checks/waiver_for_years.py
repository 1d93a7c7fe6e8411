"""A waiver that lasts longer than a year.

Why
    A waiver is temporary. One that ends in 2099 is a change of the limit that nobody has to look
    at again, and that no `diff` of the rule shows.
Finds
    Waivers whose `until` is more than 366 days away.
For example
    - id: size
      kind: fat_finger
      max_quantity: 500
      because: Desk mandate.
    waivers:
      - rule: size
        match: {symbol: AAPL}
        set: {max_quantity: 800}
        until: 2099-12-31T16:00:00-05:00
        approved_by: m.ruiz
        because: Apple is liquid.
What to do
    Give it an end within the year. If the limit is wrong for good, change the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from riskgate.policy.lint.desk import Desk, Suspicion, at

CODE = "RG322"
YEAR = timedelta(days=366)


def find(desk: Desk) -> Iterator[Suspicion]:
    """Waivers that nobody will have to look at again."""
    for rule in desk.rules:
        for place, waiver, _ in rule.waivers:
            if datetime.fromisoformat(waiver["until"]) - desk.evidence.now > YEAR:
                text = f"the waiver of `{waiver['rule']}` lasts longer than a year; change the rule"
                yield at(rule.document, ("waivers", place, "until"), text)
