"""What a breach leaves behind: rules that latch put their scope into a state and keep it there.

Rule 1: a latch's scope is the order's values of the rule's `per` keys, else the order's account.
Rule 2: a shadow rule never latches, and what could not be judged does not either.
Rule 3: a rule that denies for the day trips until the policy's next trading day begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from riskgate.model.combos import in_words
from riskgate.model.decision import Action, Decision, Finding, Verdict
from riskgate.model.events import LimitTripped, StateChanged
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject
from riskgate.model.trading import Scope, Standing
from riskgate.policy.bound import Bound
from riskgate.policy.policies import PolicySet
from riskgate.rulekit.base import Context

Latch = StateChanged | LimitTripped
SCOPED: Final = {"account": "account", "strategy": "strategy", "symbol": "symbol"}
ROOT: Final = "underlying"


def latches(policies: PolicySet, decision: Decision, snapshot: Snapshot) -> Iterator[Latch]:
    """The states and trips that a decision's breaches lead to."""
    breached = {(f.rule, f.leg): f for f in decision.breaches if _latches(f)}
    if not breached:
        return
    parts = {in_words(one.order, one.snapshot.contract): one.snapshot for one in snapshot.legs}
    for leg, seen in {"": snapshot, **parts}.items():
        for bound in policies.for_(seen.subject).bounds:
            finding = breached.get((bound.name, leg))
            if finding is not None:
                yield from latch(bound, finding, scope_of(bound, seen.subject), decision.as_of)


def _latches(finding: Finding) -> bool:
    """What holds an order for a person does not, beside that, stop what the person decides."""
    plain = finding.enforced and finding.verdict is Verdict.BREACH
    return plain and finding.action is not Action.HOLD


def latch(bound: Bound, finding: Finding, scope: Scope, at: datetime) -> Iterator[Latch]:
    """What one rule's breach leads to, if the rule latches."""
    state, why = bound.rule.trips(), finding.measured or finding.text
    if state is not None:
        said = Standing(state=state, scope=scope, by=bound.name, reason=why, at=at, latch=True)
        yield StateChanged(standing=said)
    elif bound.rule.lasts_the_day():
        until = next_day(bound.rule.context, at)
        yield LimitTripped(rule=bound.name, scope=scope, at=at, until=until, reason=why)


def scope_of(bound: Bound, subject: Subject) -> Scope:
    """For whom a latch holds. An instrument's latch holds for its symbol: rather too wide."""
    named = {key: getattr(subject, name) for name, key in SCOPED.items() if name in bound.per}
    if ROOT in bound.per:
        named["symbol"] = subject.underlying
    return Scope(**named) if named else Scope(account=subject.account)


def next_day(context: Context, at: datetime) -> datetime:
    """When the policy's next trading day begins."""
    zone, starts = ZoneInfo(context.zone), context.day_starts
    local = at.astimezone(zone)
    today = datetime.combine(local.date(), starts, zone)
    begins = (
        today if local < today else datetime.combine(local.date() + timedelta(days=1), starts, zone)
    )
    return begins.astimezone(UTC)
