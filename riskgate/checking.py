"""One order against policies in a given world: what the gate would say, and what it would take.

Rule 1: the answer comes from `Gate.submit` itself, in a rehearsal; nothing is sent.
Rule 2: "largest quantity" is what `evaluate` says of the very snapshot that the decision was made
on, so it is true of this moment and promises nothing for the next.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec

from riskgate.errors import OrderError
from riskgate.model.decision import Action, Decision, Verdict
from riskgate.model.events import Decided
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.payload import Source
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from riskgate.rehearsal import Rehearsal


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate would say of an order.

    `asked` is the order as it was understood. `largest` is the largest quantity that would pass
    now, zero if none would; None if the order passes, or if it is not its quantity that matters.
    """

    asked: str
    decision: Decision
    largest: Decimal | None = None


def read_order(text: str) -> Source:
    """An order line as it is, a JSON object as a mapping. Raise OrderError for broken JSON."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        order: dict[str, Any] = json.loads(text, parse_float=Decimal, object_pairs_hook=_once)
    except ValueError as error:
        raise OrderError(f"the order is no JSON object: {error}") from None
    return order


def check(source: Source, rehearsal: Rehearsal, *, account: str | None = None) -> Answer:
    """Ask what the gate would say of an order in the world of a rehearsal."""
    ticket = rehearsal.submit(source, account=account)
    events = (event.payload for event in rehearsal.journal.read())
    decided = [event for event in events if isinstance(event, Decided)][-1]
    decision, snapshot = ticket.decision, decided.snapshot
    largest = None
    if _is_limited(decision) and decision.order is not None and snapshot is not None:
        largest = _largest(rehearsal.gate.policies, decision.order, snapshot)
    return Answer(asked=decided.text, decision=decision, largest=largest)


def _is_limited(decision: Decision) -> bool:
    """Whether a limit stopped the order, and not only what it is or when it came."""
    breaches = [f for f in decision.breaches if f.enforced and f.action > Action.WARN]
    return any(f.rule and f.verdict is Verdict.BREACH for f in breaches)


def _largest(policies: PolicySet, order: Order, snapshot: Snapshot) -> Decimal:
    """The largest quantity that would pass, in whole lots; zero if none would."""
    lot = snapshot.contract.lot

    def passes(lots: int) -> bool:
        smaller = msgspec.structs.replace(order, quantity=lots * lot)
        return evaluate(policies, smaller, snapshot).allowed

    passing, failing = 0, int(order.quantity // lot)
    while failing - passing > 1:
        middle = (passing + failing) // 2
        passing, failing = (middle, failing) if passes(middle) else (passing, middle)
    return passing * lot


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping whose keys are given once: a second `quantity` must not win in silence."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a field is given twice")
    return made
