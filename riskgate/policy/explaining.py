"""How much of each limit an order uses: every rule that applied, and what is left of its limit.

Rule 1: what was recorded is shown as it was recorded; only what a record does not hold, the rules
that passed, is computed again from the very snapshot that was decided on.
Rule 2: what was measured under other policies than those of then is never mixed with what was.
Rule 3: breaches come first, then the rule with the least room left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from riskgate.errors import MissingData
from riskgate.model.decision import Decision, Finding, Verdict
from riskgate.model.events import Decided
from riskgate.model.market import Quote
from riskgate.model.money import HUNDRED, ZERO
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy.catalog import kinds
from riskgate.policy.evaluate import answers_of, evaluate, explain
from riskgate.policy.policies import PolicySet
from riskgate.rulekit.bounds import HIGHER

Asked = tuple[str, str, str, str]  # a rule, its limit, the waiver that set it, a combo's leg


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a rule, and how much of its limit is used.

    `own` is this order's share of what was observed; None where that cannot be told. `floor` says
    that the limit is the least that must be left, and not the most that may be used.
    """

    finding: Finding
    own: Decimal | None = None
    floor: bool = False

    @property
    def passed(self) -> bool:
        """Whether the order is within the limit."""
        return self.finding.verdict is Verdict.PASS

    @property
    def headroom(self) -> Decimal | None:
        """What is left of the limit, negative beyond it; None where it is no number."""
        observed, limit = _numbers(self.finding)
        if observed is None or limit is None:
            return None
        return observed - limit if self.floor else limit - observed

    @property
    def percent(self) -> Decimal | None:
        """How much of the limit is used, in percent; None where that says nothing."""
        used, of = _numbers(self.finding)
        if self.floor:
            used, of = of, used
        if used is None or of is None or of <= ZERO:
            return None
        return used / of * HUNDRED


class Basis(StrEnum):
    """Where the answers about a recorded decision come from."""

    SAME = "recomputed under the policies of the decision"
    OTHER = "these are other policies than those of the decision"
    NONE = "as recorded: the policies of the decision are not at hand"
    UNREAD = "as recorded: there was nothing for a rule to judge"


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """All that can be said of one decision.

    `uses` are the answers that hold for it; without its policies only the recorded breaches.
    `others` are what the same order in the same world meets under other policies. `not_asked` are
    rules that were not asked: the order only reduces, or their limits are about other orders.
    `repeats` is whether deciding again gives what was recorded; None if that cannot be told.
    """

    basis: Basis
    uses: tuple[Use, ...]
    others: tuple[Use, ...] = ()
    not_asked: tuple[str, ...] = ()
    repeats: bool | None = None
    digest: str = ""  # of the policies at hand


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """The price of a decision: the quote, how old it was, and what of it was used.

    `reference` is what prices are compared with, `used` names it (`mid`, `last`); `unit_value` is
    what a unit was worth at the worst price in sight, in `currency`. `why` says why there is none.
    """

    quote: Quote | None
    age: timedelta | None = None
    reference: Decimal | None = None
    used: str = ""
    unit_value: Decimal | None = None
    currency: str = ""
    why: str = ""


def priced(decided: Decided) -> Priced | None:
    """The price that a decision was made on; None where it came to no price."""
    order, snapshot = decided.decision.order, decided.snapshot
    if order is None or snapshot is None or snapshot.instrument is None:
        return None
    quote, prices, why = snapshot.quote, snapshot.prices, ""
    try:
        worth: Decimal | None = snapshot.unit_value(order)
    except MissingData as error:
        worth, why = None, f"{error.code}: {error}"
    known = {"mid": prices.mid, "last": prices.last}
    used = next((name for name, price in known.items() if price is not None), "")
    return Priced(
        quote=quote,
        age=snapshot.as_of - quote.at if quote is not None and quote.at is not None else None,
        reference=known.get(used),
        used=used,
        unit_value=worth,
        currency=snapshot.instrument.currency,
        why=why,
    )


def explained(decided: Decided, policies: PolicySet | None, *, under_others: bool) -> Explanation:
    """Explain a decision, by the policies at hand if they are those of then.

    If they are others, they are asked only with `under_others`, and that is kept apart.
    """
    decision, snapshot = decided.decision, decided.snapshot
    recorded = tuple(_sorted(use_of(finding) for finding in decision.breaches))
    if decision.order is None or snapshot is None:
        return Explanation(basis=Basis.UNREAD, uses=recorded)
    if policies is None:
        return Explanation(basis=Basis.NONE, uses=recorded)
    if policies.digest == decision.digest:
        found = uses(policies, decision.order, snapshot, decision.breaches)
        return Explanation(
            basis=Basis.SAME,
            uses=found,
            not_asked=_not_asked(policies, snapshot, found),
            repeats=_meant(evaluate(policies, decision.order, snapshot)) == _meant(decision),
            digest=policies.digest,
        )
    others = uses(policies, decision.order, snapshot) if under_others else ()
    basis = Basis.OTHER if under_others else Basis.NONE
    return Explanation(basis=basis, uses=recorded, others=others, digest=policies.digest)


def uses(
    policies: PolicySet,
    order: Order,
    snapshot: Snapshot,
    recorded: Iterable[Finding] | None = None,
) -> tuple[Use, ...]:
    """Every rule that applies to an order, with its share: breaches, then the least headroom.

    `recorded` are the breaches of a decision; they stand in for those that are found now.
    """
    answers = explain(policies, order, snapshot)
    breaches = [f for f in answers if f.verdict is not Verdict.PASS]
    passes = [f for f in answers if f.verdict is Verdict.PASS]
    shares = _shares(policies, order, snapshot) if passes or breaches else {}
    found = (*(breaches if recorded is None else recorded), *passes)
    return tuple(_sorted(use_of(finding, shares) for finding in found))


def _meant(decision: Decision) -> tuple[object, ...]:
    """A decision without the places of its rules: files may have moved, and mean the same."""
    unplaced = (msgspec.structs.replace(f, where="") for f in decision.breaches)
    return decision.action, decision.reduction, *unplaced


def use_of(finding: Finding, shares: Mapping[Asked, Decimal] | None = None) -> Use:
    """An answer with how much of its limit is used; `shares` are what of it is the order's."""
    return Use(
        finding=finding,
        own=(shares or {}).get(_asked(finding)),
        floor=_is_floor(finding),
    )


def _asked(finding: Finding) -> Asked:
    return finding.rule, finding.limit_name, finding.waiver, finding.leg


def _is_floor(finding: Finding) -> bool:
    """Whether a higher limit is the tighter one: what its kind declares."""
    kind = kinds().get(finding.kind)
    limit = kind.limits().get(finding.limit_name) if kind else None
    return limit is not None and limit.tighter == HIGHER


def _numbers(finding: Finding) -> tuple[Decimal | None, Decimal | None]:
    """What was observed and its limit, where both are numbers that can be counted with."""
    observed, limit = finding.observed, finding.limit
    if not isinstance(observed, Decimal) or not isinstance(limit, Decimal):
        return None, None
    return (observed, limit) if observed.is_finite() else (None, None)


def _shares(policies: PolicySet, order: Order, snapshot: Snapshot) -> Mapping[Asked, Decimal]:
    """What of each measurement is the order's: the difference to an order for nothing more."""
    filled = ZERO if snapshot.replaced is None else snapshot.replaced.filled
    nothing = msgspec.structs.replace(order, quantity=filled)
    bounds = policies.for_(snapshot.subject).bounds
    whole = _measured(f for bound in bounds for f in answers_of(bound, order, snapshot))
    without = _measured(f for bound in bounds for f in answers_of(bound, nothing, snapshot))
    shares = {asked: whole[asked] - without[asked] for asked in whole.keys() & without.keys()}
    return {asked: share for asked, share in shares.items() if share}


def _measured(findings: Iterable[Finding]) -> dict[Asked, Decimal]:
    return {_asked(f): observed for f in findings if (observed := _numbers(f)[0]) is not None}


def _not_asked(policies: PolicySet, snapshot: Snapshot, found: Sequence[Use]) -> tuple[str, ...]:
    answered = {use.finding.rule for use in found}
    bounds = policies.for_(snapshot.subject).bounds
    return tuple(bound.name for bound in bounds if bound.name not in answered)


NO_ROOM: Final = Decimal("-Infinity")  # what has no share of a limit comes after what has


def _sorted(found: Iterable[Use]) -> list[Use]:
    """What stopped the order, what did not but breached, what passed; a rule's limits together."""
    every = sorted(found, key=_place)
    first: dict[tuple[bool, str], int] = {}
    for place, use in enumerate(every):
        first.setdefault((use.passed, use.finding.name), place)
    return sorted(every, key=lambda use: first[use.passed, use.finding.name])


def _place(use: Use) -> tuple[bool, bool, int, Decimal, str, str]:
    finding, percent = use.finding, use.percent
    return (
        use.passed,
        not finding.enforced,
        -finding.action,
        -(NO_ROOM if percent is None else percent),
        finding.name,
        finding.limit_name,
    )
