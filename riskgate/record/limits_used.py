"""What limits did over a stretch of time: what they stopped, what came near, how full they were.

Rule 1: the record alone is asked; each decision is explained under the policies of then.
Rule 2: every decision counts, of a modify, an approval, a slice and a block as of a new order:
amounts are what decisions were about, and not what was asked for in all. What a block is about is
counted with its members, and with the block itself only for what stopped the block alone.
Rule 3: memory is flat: what is kept grows with rules, budgets and groups, never with decisions.
Rule 4: the order of decisions does not matter, but that a block comes after its members.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeVar

from riskgate.analytics.thinning import START, Thinned
from riskgate.errors import InvariantError, MissingData
from riskgate.ledger.budgets import Budget, budget_of, in_words, keys_of
from riskgate.model import combos
from riskgate.model.decision import Finding
from riskgate.model.events import Decided, PolicyActivated, Recorded
from riskgate.model.money import HUNDRED, ONE, ZERO
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject
from riskgate.policy.catalog import kinds
from riskgate.policy.evaluate import explain
from riskgate.policy.explaining import Use, use_of
from riskgate.policy.policies import PolicySet
from riskgate.record.limit_figures import (
    Amounts,
    Decisions,
    Extent,
    Group,
    LimitsUsed,
    Near,
    Nearly,
    Outcome,
    Point,
    Series,
    Stopped,
)
from riskgate.record.progress import STEP, Progress, untold
from riskgate.record.recorded_policies import Read, RecordedPolicies
from riskgate.rulekit.parameters import count

K = TypeVar("K")


ENFORCED: Final = (Outcome.WARNED, Outcome.HELD, Outcome.DENIED)  # by the finding's action, less 1
SHADOW: Final = (Outcome.WOULD_WARN, Outcome.WOULD_HOLD, Outcome.WOULD_DENY)


def limits_used(
    read: Read, extent: Extent | None = None, progress: Progress = untold
) -> LimitsUsed:
    """Measure a journal; `read` gives its events after a number."""
    meter = LimitsMeter(read, Extent() if extent is None else extent)
    for number, event in enumerate(read(0), 1):
        meter.take(event)
        if number % STEP == 0:
            progress(number)
    return meter.figures()


class LimitsMeter:
    """Measures events as they come; `read` gives the policies' texts again."""

    def __init__(self, read: Read, extent: Extent) -> None:
        self.extent = extent
        self._policies = RecordedPolicies(read)
        self._keys: dict[str, dict[str, tuple[str, ...] | None]] = {}
        self._decisions: dict[tuple[tuple[str, ...], str], Amounts] = {}
        self._stopped: dict[tuple[tuple[str, ...], Outcome, str, str], Amounts] = {}
        self._nearly: dict[tuple[tuple[str, ...], str, str], Amounts] = {}
        self._near: list[tuple[Decimal, int, int, Near]] = []
        self._came_near = 0
        self._series: dict[tuple[str, str, str], _Series] = {}
        self._unexplained = 0
        self._members: dict[int, set[tuple[Outcome, str, str]]] = {}  # what was said, by block

    def take(self, event: Recorded) -> None:
        """Measure one event."""
        payload = event.payload
        if isinstance(payload, PolicyActivated):
            self._policies.note(event.seq, payload)
        elif isinstance(payload, Decided) and self.extent.covers(payload.decision.as_of):
            self._decided(event.seq, payload)

    def figures(self) -> LimitsUsed:
        """What was measured so far."""
        return LimitsUsed(
            extent=self.extent,
            decisions=tuple(
                Decisions(group=group, action=action, amounts=amounts)
                for (group, action), amounts in sorted(self._decisions.items())
            ),
            stopped=tuple(
                Stopped(group=group, outcome=outcome, rule=rule, code=code, amounts=amounts)
                for (group, outcome, rule, code), amounts in sorted(self._stopped.items())
            ),
            near=tuple(one for *_, one in sorted(self._near, key=_nearest)),
            nearly=tuple(
                Nearly(group=group, rule=rule, limit_name=name, amounts=amounts)
                for (group, rule, name), amounts in sorted(self._nearly.items())
            ),
            series=tuple(one.series() for _, one in sorted(self._series.items())),
            unexplained=self._unexplained,
        )

    def _decided(self, seq: int, decided: Decided) -> None:
        decision = decided.decision
        group, asked = _group(decided, self.extent), _asked(decision.order, decided.snapshot)
        again = Amounts(decisions=1) if decided.members else asked
        _count(self._decisions, (group, decision.action.word), again)
        breaches = dict.fromkeys(_what(one) for one in decision.breaches)
        of_members = self._members.pop(decided.order_id, set())
        for what in breaches:
            _count(self._stopped, (group, *what), again if what in of_members else asked)
        if decided.block:
            self._members.setdefault(decided.block, set()).update(breaches)
        if decision.allowed:
            for use, budget in self._uses(decided):
                self._used((seq, decided), use, budget, (group, asked))

    def _uses(self, decided: Decided) -> Iterator[tuple[Use, Budget | None]]:
        """Every limit that an allowed order was within or over, and whose budget it is."""
        order, snapshot = decided.decision.order, decided.snapshot
        if order is None or snapshot is None:
            return
        policies = self._policies.readable(decided.decision.digest)
        if policies is None:
            self._unexplained += 1
            return
        keys = self._keys_of(policies)
        for finding in explain(policies, order, snapshot):
            names = keys.get(finding.rule)
            subject = _subject(finding, snapshot)
            yield use_of(finding), None if names is None else budget_of(names, subject)

    def _keys_of(self, policies: PolicySet) -> dict[str, tuple[str, ...] | None]:
        known = self._keys.get(policies.digest)
        if known is None:
            known = {bound.name: keys_of(bound) for bound in policies.bounds}
            self._keys[policies.digest] = known
        return known

    def _used(
        self,
        told: tuple[int, Decided],
        use: Use,
        budget: Budget | None,
        counted: tuple[tuple[str, ...], Amounts],
    ) -> None:
        finding, percent = use.finding, use.percent
        used, limit = finding.observed, finding.limit
        if percent is None or not isinstance(used, Decimal) or not isinstance(limit, Decimal):
            return
        decided = told[1]
        whose = "each order" if budget is None else in_words(budget)
        key = (finding.rule, finding.limit_name, whose)
        if key not in self._series:
            self._series[key] = _Series(
                use, whose, self.extent.most_points, counted=budget is not None
            )
        at = decided.decision.as_of
        self._series[key].add(
            Point(at=at, percent=percent, used=used, limit=limit, order_id=decided.order_id)
        )
        if use.passed and HUNDRED - percent < self.extent.near and not _is_single(finding):
            group, asked = counted
            _count(self._nearly, (group, finding.rule, finding.limit_name), asked)
            self._keep(_near(told, use, whose))

    def _keep(self, near: Near) -> None:
        """Keep the nearest few; of equals those of the earlier decisions."""
        self._came_near += 1
        entry = (near.percent, -near.seq, -self._came_near, near)
        if len(self._near) < self.extent.most_near:
            heapq.heappush(self._near, entry)
        else:
            heapq.heappushpop(self._near, entry)


class _Series:
    """One series as it grows."""

    def __init__(self, use: Use, budget: str, most: int, *, counted: bool) -> None:
        self._use, self._budget, self._counted = use, budget, counted
        self._thinned: Thinned[Point] = Thinned(most, lambda p: p.at, lambda p: p.percent)
        self._decisions = 0
        self._peak: Point | None = None

    def add(self, point: Point) -> None:
        """One more decision that left."""
        self._decisions += 1
        self._thinned.add(point)
        if self._peak is None or _height(point) > _height(self._peak):
            self._peak = point

    def series(self) -> Series:
        """As it stands."""
        finding = self._use.finding
        points = self._thinned.points()
        return Series(
            rule=finding.rule,
            kind=finding.kind,
            limit_name=finding.limit_name,
            unit=finding.unit,
            budget=self._budget,
            counted=self._counted,
            floor=self._use.floor,
            enforced=finding.enforced,
            decisions=self._decisions,
            peak=self._peak or points[0],
            points=points,
        )


def _height(point: Point) -> tuple[Decimal, timedelta, int]:
    """What makes a peak: the highest, of equals the earliest."""
    return point.percent, START - point.at, -point.order_id


def _nearest(entry: tuple[Decimal, int, int, Near]) -> tuple[Decimal, int, int]:
    return -entry[0], -entry[1], -entry[2]


def _near(told: tuple[int, Decided], use: Use, budget: str) -> Near:
    """A use that left little of its limit; both are numbers."""
    seq, decided = told
    finding, order = use.finding, decided.decision.order
    used, limit = finding.observed, finding.limit
    if not isinstance(used, Decimal) or not isinstance(limit, Decimal) or use.percent is None:
        raise InvariantError(f"event {seq}: what is no number came near `{finding.limit_name}`")
    return Near(
        order_id=decided.order_id,
        seq=seq,
        at=decided.decision.as_of,
        order=decided.text,
        strategy=(order.strategy or "") if order is not None else "",
        symbol=order.symbol if order is not None else "",
        rule=finding.rule,
        limit_name=finding.limit_name,
        budget=budget,
        used=used,
        limit=limit,
        unit=finding.unit,
        headroom=used - limit if use.floor else limit - used,
        percent=use.percent,
        enforced=finding.enforced,
        floor=use.floor,
    )


def _count(sums: dict[K, Amounts], key: K, more: Amounts) -> None:
    sums[key] = sums.get(key, Amounts()) + more


def _group(decided: Decided, extent: Extent) -> tuple[str, ...]:
    """The group of a decision: a word for each of `by`, empty where the order does not say."""
    order, local = decided.decision.order, decided.decision.as_of.astimezone(extent.zone)
    words = {
        Group.ACCOUNT: (order.account or "") if order is not None else "",
        Group.STRATEGY: (order.strategy or "") if order is not None else "",
        Group.SYMBOL: order.symbol if order is not None else "",
        Group.HOUR: f"{local:%H}:00",
        Group.DAY: f"{local:%Y-%m-%d}",
    }
    return tuple(words[name] for name in extent.by)


def _asked(order: Order | None, snapshot: Snapshot | None) -> Amounts:
    """What one decision was about."""
    if order is None:
        return Amounts(decisions=1, unvalued=1)
    if snapshot is None or snapshot.instrument is None or not order.quantity.is_finite():
        quantity = order.quantity if order.quantity.is_finite() else ZERO
        return Amounts(decisions=1, quantity=quantity, unvalued=1)
    currency = snapshot.instrument.currency
    try:
        notional = {currency: snapshot.notional(order, currency)}
    except MissingData:
        return Amounts(decisions=1, quantity=order.quantity, unvalued=1)
    return Amounts(decisions=1, quantity=order.quantity, notional=notional)


def _what(finding: Finding) -> tuple[Outcome, str, str]:
    """What a breach did, whose it is, and its code."""
    outcomes = ENFORCED if finding.enforced else SHADOW
    return outcomes[max(finding.action, 1) - 1], finding.rule, finding.code


def _subject(finding: Finding, snapshot: Snapshot) -> Subject:
    """The names that a finding is about: of a leg of a combo, that leg's."""
    if finding.leg:
        for view in snapshot.legs:
            if combos.in_words(view.order, view.snapshot.contract) == finding.leg:
                return view.snapshot.subject
    return snapshot.subject


def _is_single(finding: Finding) -> bool:
    """Whether the limit is one of something counted, which the first order uses up by itself."""
    kind = kinds().get(finding.kind)
    limit = kind.limits().get(finding.limit_name) if kind is not None else None
    return finding.limit == ONE and limit is not None and limit.type == count()
