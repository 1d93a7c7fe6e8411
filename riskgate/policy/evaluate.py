"""The one pure question: may this order leave? Same arguments, same answer.

Rule 1: every rule that applies is asked, every time; the harshest answer wins.
Rule 2: what cannot be judged denies, whatever `on_breach` says; so does a rule that raises, and
so does being covered by no policy.
Rule 3: if sanity fails the rules are not asked; if only a state denies, they are.
Rule 4: a plain order that surely passes is told by a quick look (`policy.ready`); whatever a look
is not sure of, or raises at, is decided in full, with the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from riskgate.errors import MissingData
from riskgate.model import combos
from riskgate.model.codes import Code
from riskgate.model.decision import FORGIVEN, Action, Decision, Finding, Verdict, amount
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy import sanity
from riskgate.policy.bound import Bound, Check, checks_at
from riskgate.policy.policies import PolicySet
from riskgate.policy.selection import Selection
from riskgate.rulekit.bounds import Measured, said, shown

ALLOW: Final = Action.ALLOW
# The gate asks the broker for what is missing when it reads this note.
WANTS_DATA: Final = frozenset({Code.NO_PRICE, Code.UNKNOWN_INSTRUMENT})
UNPREPARED: Final = "its price has never been asked for; prepare or watch it before the first order"
# What an answer does whatever `on_breach` says.
ACTIONS: Final = {Verdict.PASS: Action.ALLOW, Verdict.UNKNOWN: Action.DENY}


def evaluate(policies: PolicySet, order: Order, snapshot: Snapshot) -> Decision:
    """Decide one resolved order. Never raises for what is wrong with the order or a rule."""
    try:
        look = policies.looks.get(snapshot.subject, policies.unlooked)
        decision = look(order, snapshot)
    except Exception:  # noqa: BLE001  # what a quick look cannot tell is looked at closely
        decision = None
    return decision or in_full(policies, order, snapshot)


def in_full(policies: PolicySet, order: Order, snapshot: Snapshot) -> Decision:
    """Decide with every rule measured, as is done wherever a quick look is not sure."""
    faults = sanity.faults(order, snapshot)
    if faults:
        return _decision(policies, order, snapshot, faults)
    reduction = snapshot.is_reduction(order)
    if snapshot.legs:
        breaches = tuple(_of_combo(policies, order, snapshot, reduction=reduction))
        return _decision(policies, order, snapshot, breaches, reduction=reduction)
    selection = policies.for_(snapshot.subject)
    breaches = (
        *sanity.refusals(snapshot, reduction=reduction),
        *_coverage(selection),
        *_grouped(snapshot),
        *_breaches(selection, order, snapshot, reduction=reduction),
    )
    return _decision(policies, order, snapshot, breaches, reduction=reduction)


def explain(policies: PolicySet, order: Order, snapshot: Snapshot) -> tuple[Finding, ...]:
    """Every answer, passes included, of the rules that apply; sanity and states first."""
    faults = sanity.faults(order, snapshot)
    if faults:
        return faults
    reduction = snapshot.is_reduction(order)
    if snapshot.legs:
        return tuple(_of_combo(policies, order, snapshot, reduction=reduction, passes=True))
    selection = policies.for_(snapshot.subject)
    answers = (
        answer
        for bound in _asked(selection, snapshot, reduction=reduction)
        for answer in _answers(bound, order, snapshot)
    )
    return (
        *sanity.refusals(snapshot, reduction=reduction),
        *_coverage(selection),
        *answers,
    )


def breaches_of(bound: Bound, order: Order, snapshot: Snapshot) -> tuple[Finding, ...]:
    """What one rule says against an order: breaches, and nothing that could not be judged."""
    return tuple(a for a in _answers(bound, order, snapshot) if a.verdict is Verdict.BREACH)


def answers_of(bound: Bound, order: Order, snapshot: Snapshot) -> tuple[Finding, ...]:
    """Everything that one rule says of an order, passes included, asked of it or not."""
    return tuple(_answers(bound, order, snapshot))


def _decision(
    policies: PolicySet,
    order: Order,
    snapshot: Snapshot,
    breaches: tuple[Finding, ...],
    *,
    reduction: bool = False,
) -> Decision:
    if snapshot.forgiven and breaches:
        breaches = tuple(_forgiven(finding, snapshot.forgiven) for finding in breaches)
    action = max((f.action for f in breaches if f.enforced), default=ALLOW) if breaches else ALLOW
    notes = sanity.notes(order, snapshot) if reduction else ()
    if snapshot.submission is not None and snapshot.submission.floor > action:
        action = snapshot.submission.floor
        notes = (*notes, f"another order of its group is {action.word}")
    unready = snapshot.quote is None or order.instructions.conditions
    if breaches and unready and any(f.code in WANTS_DATA for f in breaches):
        notes = (*notes, UNPREPARED)
    return Decision(order, action, snapshot.as_of, policies.digest, breaches, reduction, notes)


def _grouped(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Whether another order of the group is denied, so that none leaves."""
    if snapshot.submission is None or snapshot.submission.floor is not Action.DENY:
        return ()
    return (Finding(code=Code.GROUP_DENIED, text="another order of its group is denied"),)


def _forgiven(finding: Finding, forgiven: tuple[str, ...]) -> Finding:
    """A breach that a person approved warns where it held; another one that would hold denies."""
    if finding.action is not Action.HOLD:
        return finding
    if finding.limit_of_rule not in forgiven:
        why = "nobody approved this breach"
        return msgspec.structs.replace(finding, action=Action.DENY, text=why)
    return msgspec.structs.replace(finding, action=Action.WARN, text=FORGIVEN)


def _of_combo(
    policies: PolicySet,
    order: Order,
    snapshot: Snapshot,
    *,
    reduction: bool,
    passes: bool = False,
) -> Iterator[Finding]:
    """What is said of a combo, and of each leg what is not said of the combo itself.

    Without `passes` only what stands against it.
    """
    of_legs = [policies.for_(view.snapshot.subject) for view in snapshot.legs]
    asked = {bound.name for selection in of_legs for bound in selection.bounds}
    whole = _whole(policies.for_(snapshot.subject), frozenset(asked))
    said = _of_part(whole, order, snapshot, reduction=reduction)
    yield from (one for one in said if passes or one.verdict is not Verdict.PASS)
    yield from _grouped(snapshot)
    for view, selection in zip(snapshot.legs, of_legs, strict=True):
        bounds = tuple(bound for bound in selection.bounds if bound.rule.asks_legs)
        leg = msgspec.structs.replace(selection, bounds=bounds)
        name = combos.in_words(view.order, view.snapshot.contract)
        for one in _of_part(leg, view.order, view.snapshot, reduction=reduction):
            if (passes or one.verdict is not Verdict.PASS) and one not in said:
                text = f"leg {name}: {one.text}" if one.text else f"leg {name}"
                yield msgspec.structs.replace(one, leg=name, text=text)


def _whole(selection: Selection, of_legs: frozenset[str]) -> Selection:
    """What a combo itself is asked: not what is asked of its legs, where that says it all."""
    bounds = tuple(
        bound for bound in selection.bounds if bound.rule.asks_whole or bound.name not in of_legs
    )
    return msgspec.structs.replace(selection, bounds=bounds)


def _of_part(
    selection: Selection, order: Order, snapshot: Snapshot, *, reduction: bool
) -> tuple[Finding, ...]:
    """Every answer about a combo itself, or about one of its legs."""
    return (
        *sanity.refusals(snapshot, reduction=reduction),
        *_coverage(selection),
        *(
            answer
            for bound in _asked(selection, snapshot, reduction=reduction)
            for answer in _answers(bound, order, snapshot)
        ),
    )


def _asked(selection: Selection, snapshot: Snapshot, *, reduction: bool) -> Iterator[Bound]:
    """The bounds that an order is asked: reductions, exits of a bracket and blocks not by all.

    What adds up, and what a strategy declares, is asked of the members of a block.
    """
    for bound in selection.bounds:
        spared = (
            (reduction and bound.rule.exempts_reductions)
            or (snapshot.is_exit and bound.rule.exempts_exits)
            or (snapshot.block and (bound.tally is not None or bound.rule.exempts_exits))
        )
        if not spared:
            yield bound


def _coverage(selection: Selection) -> tuple[Finding, ...]:
    if selection.covered:
        return ()
    return (Finding(code=Code.NO_POLICY, text="no policy covers this order"),)


def _breaches(
    selection: Selection, order: Order, snapshot: Snapshot, *, reduction: bool
) -> list[Finding]:
    """What is no pass. Every order walks this loop; only what it finds is looked at closely."""
    if selection.has_waivers or snapshot.legs or snapshot.block:
        return _waived_breaches(selection, order, snapshot, reduction=reduction)
    found = []
    questions = selection.on_reduction if reduction else selection.questions
    if snapshot.is_exit:
        questions = tuple(q for q in questions if not q.bound.rule.exempts_exits)
    for measure, passes, value, bound, check in questions:
        observed: Measured | MissingData
        try:
            observed = measure(order, snapshot)
            if observed is None or passes(observed, value):
                continue
        except Exception as error:  # noqa: BLE001  # a rule that raises denies; the others go on
            observed = _missing(error)
        found.append(_made(bound, check, observed, Verdict.BREACH))
    return found


def _waived_breaches(
    selection: Selection, order: Order, snapshot: Snapshot, *, reduction: bool
) -> list[Finding]:
    return [
        answer
        for bound in _asked(selection, snapshot, reduction=reduction)
        for answer in _answers(bound, order, snapshot)
        if answer.verdict is not Verdict.PASS
    ]


def _answers(bound: Bound, order: Order, snapshot: Snapshot) -> Iterator[Finding]:
    """Every answer of a rule, passes included, with the waivers that hold now put in."""
    for check, waiver in checks_at(bound, snapshot.subject, snapshot.as_of):
        observed, passes = _ask(check, order, snapshot)
        if observed is not None:
            verdict = Verdict.PASS if passes else Verdict.BREACH
            yield _made(bound, check, observed, verdict, waiver)


def _ask(check: Check, order: Order, snapshot: Snapshot) -> tuple[Measured | MissingData, bool]:
    """The measurement, or why there is none; and whether it is within the limit."""
    try:
        observed = check.measure(order, snapshot)
        return observed, observed is None or check.passes(observed, check.value)
    except Exception as error:  # noqa: BLE001  # a rule that raises denies; the others go on
        return _missing(error), False


def _missing(error: Exception) -> MissingData:
    """Why there is no measurement."""
    if isinstance(error, MissingData):
        return error
    return MissingData(Code.RULE_ERROR, f"the rule failed: {type(error).__name__}: {error}")


def _made(
    bound: Bound,
    check: Check,
    observed: Measured | MissingData,
    verdict: Verdict,
    waiver: str = "",
) -> Finding:
    unknown = observed if isinstance(observed, MissingData) else None
    verdict = Verdict.UNKNOWN if unknown else verdict
    action = ACTIONS.get(verdict, bound.action)
    return Finding(
        rule=bound.name,
        kind=bound.kind,
        limit_name=check.name,
        verdict=verdict,
        action=action,
        enforced=bound.enforced,
        observed=None if isinstance(observed, MissingData) else shown(observed),
        limit=amount(check.value),
        unit=check.unit,
        code=unknown.code if unknown else "",
        text=str(unknown) if unknown else said(observed),
        where=bound.where,
        because=bound.because,
        waiver=waiver,
    )
