"""Trading hours that never close.

Why
    With `calendar: always` the market is open at every moment. Without a window in which it is
    closed the rule passes every order, and reads as if somebody watched the clock.
Finds
    A rule with `calendar: always` and no limit but sessions.
For example
    - id: hours
      kind: market_hours
      calendar: always
      because: The desk trades in market hours only.
What to do
    Name the exchange, such as `calendar: XNYS`, or `IB` for the contract's own hours; for markets
    that do not close say when you do, with `closed`.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.policy.bound import Bound
from riskgate.policy.lint.desk import Desk, Suspicion
from riskgate.rulekit.parameters import Calendar, Words

CODE = "RG321"
ALWAYS = "always"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Rules whose clock says yes."""
    for rule, bound in desk.bound:
        limits = bound.rule.limits()
        named = _calendar(bound)
        if named and all(isinstance(limits[check.name].type, Words) for check in bound.checks):
            yield rule.at("the market is always open for this rule, so it stops nothing", named)


def _calendar(bound: Bound) -> str | None:
    """The parameter that says `always`, if there is one."""
    parameters = bound.rule.parameters.values()
    calendars = (item.name for item in parameters if isinstance(item.type, Calendar))
    return next((name for name in calendars if vars(bound.rule)[name] == ALWAYS), None)
