"""A message rate above what the broker takes.

Why
    The broker takes 50 messages a second and disconnects whoever sends more. A limit above that
    never stops anybody before the broker does.
Finds
    A limit on all messages inside a window that allows more than 50 in a second, averaged over
    windows longer than that.
For example
    - id: message-rate
      kind: message_rate
      max: 100
      window: 1s
      because: No strategy sends more.
What to do
    Lower `max` below 50 for each second of `window`; leave room for cancels, which always leave.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from riskgate.model.spans import MICROSECOND, SECOND
from riskgate.policy.bound import Bound
from riskgate.policy.lint.desk import Desk, Suspicion
from riskgate.rulekit.bounds import LOWER
from riskgate.rulekit.parameters import count
from riskgate.rulekit.tallies import WindowTally

CODE = "RG320"
PACE = Decimal(50)  # messages a second, IB's own limit


def find(desk: Desk) -> Iterator[Suspicion]:
    """Rates that the broker would not bear."""
    for rule, bound in desk.bound:
        tally = bound.tally
        if not isinstance(tally, WindowTally) or tally.same or "new" not in tally.counts:
            continue
        seconds = Decimal(max(tally.window, SECOND) // MICROSECOND) / (SECOND // MICROSECOND)
        for name, most in _counted(bound):
            if most > PACE * seconds:
                text = f"`{name}` {most:,f} allows more than the broker's 50 messages a second"
                yield rule.at(text, name)


def _counted(bound: Bound) -> Iterator[tuple[str, Decimal]]:
    limits = bound.rule.limits()
    for check in bound.checks:
        limit = limits[check.name]
        if limit.type.unit == count().unit and limit.tighter == LOWER:
            yield check.name, check.value
