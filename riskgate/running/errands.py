"""What other processes ask of a running gate, through the journal that they share.

Rule 1: a request is taken on by one gate, on record, before it is done: nothing is done twice.
Rule 2: one that is old when it is read is answered with no: nobody may still be waiting for it.
Rule 3: whatever comes of it is an answer on record, also what broke.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable
from datetime import timedelta
from typing import Final, NamedTuple

from riskgate.errors import DENIED, NOT_RECONCILED, PARTLY, OutcomeUnknown, RiskgateError
from riskgate.gate import Gate
from riskgate.line.emergency import Exit
from riskgate.model.events import Answered, Deed, Requested
from riskgate.model.lifecycle import Status
from riskgate.model.moments import to_the_second
from riskgate.model.trading import Standing
from riskgate.ticket import Ticket

STALE: Final = timedelta(seconds=60)
AHEAD: Final = timedelta(seconds=5)  # by which the clocks of two processes may differ
ALL: Final = frozenset(Deed)
UNJUDGED: Final = frozenset({Deed.RECONCILE, Deed.RESUME})  # what a gate without policies may do
FARING: Final = 3.0  # seconds that an answer waits for the end of its orders


class Outcome(NamedTuple):
    """What came of a request: whether it was done, in words, and as an exit code."""

    ok: bool
    text: str
    code: int = 0


def run(gate: Gate, may: Container[Deed] = ALL) -> None:
    """Do what was asked and nobody has taken on. Raise JournalError if the record fails.

    What this gate may not do is left for another.
    """
    for request in tuple(gate.ledger.facts.requests.values()):
        if request.deed not in may or not _taken_on(gate, request):
            continue
        gate.take([answered(gate, request)])


def _taken_on(gate: Gate, request: Requested) -> bool:
    """Whether it is ours to do: it is on record that we do it."""
    with gate.turn() as turn:
        if request.id not in gate.ledger.facts.requests:
            return False
        turn.record(Answered(id=request.id, actor=gate.actor))
    return True


def answered(gate: Gate, request: Requested) -> Answered:
    """Do it here and now, and say what came of it."""
    ok, text, code = _done(gate, request)
    return Answered(id=request.id, done=True, ok=ok, text=text, actor=gate.actor, code=code)


def _done(gate: Gate, request: Requested) -> Outcome:
    age = gate.clock.now() - request.at
    if age < -AHEAD:
        early = "it is dated in the future: the clocks of two machines differ; set them, ask again"
        return Outcome(ok=False, text=early, code=RiskgateError.exit_code)
    if age > STALE:
        late = f"it was asked more than {STALE.seconds} s before a gate read it; ask again"
        return Outcome(ok=False, text=late, code=RiskgateError.exit_code)
    try:
        return _DEEDS[request.deed](gate, request)
    except RiskgateError as error:
        return Outcome(ok=False, text=str(error), code=error.exit_code)


def _reconcile(gate: Gate, request: Requested) -> Outcome:  # noqa: ARG001  # the shape of a deed
    outcome = gate.reconcile()
    told = "\n".join(outcome.differences) or "no differences"
    return Outcome(outcome.clean, told, 0 if outcome.clean else NOT_RECONCILED)


def _resume(gate: Gate, request: Requested) -> Outcome:
    before = [
        one
        for one in gate.ledger.facts.standings.values()
        if request.latch and one.latch and one.scope == request.scope
    ]
    lifted = gate.resume(
        reason=request.reason,
        by=request.by,
        scope=request.scope,
        override=request.override,
        latch=request.latch,
    )
    if lifted:
        return Outcome(ok=True, text="\n".join(("resumed", *(_again(gate, one) for one in before))))
    why = "not resumed: the reconcile was not clean; see `riskgate reconcile`, or use --override"
    return Outcome(ok=False, text=why, code=NOT_RECONCILED)


def _again(gate: Gate, latched: Standing) -> str:
    """What becomes of a rule whose latch was lifted: nobody has asked it again yet."""
    return (
        f"{latched.by} had set it: {latched.reason}; it is asked again with the next order or"
        f" report of the account, and sets it again where that still holds{_holds(gate, latched)}"
    )


def _holds(gate: Gate, latched: Standing) -> str:
    """What a rule that watches accounts would do now; of others only an order can tell."""
    account = gate.world.market.accounts.get(latched.scope.account or "")
    watching = {bound.name for bound in gate.policies.bounds if bound.rule.watches_accounts}
    if account is None or account.at is None or latched.by not in watching:
        return ""
    still = [one.reason for one in gate.would_latch(account) if one.by == latched.by]
    said = f"it does: {'; '.join(still)}" if still else "it does not"
    return f"; by the account's report of {to_the_second(account.at)} {said}"


def _approve(gate: Gate, request: Requested) -> Outcome:
    return _said(gate.approve(request.order_id, by=request.by, reason=request.reason))


def _exit(gate: Gate, request: Requested) -> Outcome:
    wanted = Exit(
        symbol=request.symbol,
        account=request.scope.account,
        quantity=request.quantity,
        limit_price=request.limit_price,
    )
    return _said(gate.emergency_exit(wanted, by=request.by, reason=request.reason))


def _flatten(gate: Gate, request: Requested) -> Outcome:
    try:
        return _said(gate.flatten(request.scope, by=request.by, reason=request.reason))
    except OutcomeUnknown as error:  # halted and asked to cancel, and no further
        return Outcome(ok=False, text=str(error), code=PARTLY)


def _said(tickets: Iterable[Ticket]) -> Outcome:
    """How orders fared: whether all left, and each in words; waits a moment for the broker's."""
    found, deadline = tuple(tickets), time.monotonic() + FARING
    for ticket in found:
        ticket.wait(max(0.0, deadline - time.monotonic()))  # one that was denied is finished
    left = [one.allowed and one.status is not Status.NEVER_SENT for one in found]
    told = "\n".join(map(_line, found)) or "nothing is held there: nothing was sent"
    return Outcome(all(left), told, 0 if all(left) else PARTLY if any(left) else DENIED)


def _line(ticket: Ticket) -> str:
    why = f" by {', '.join(ticket.decision.by)}" if ticket.decision.by else ""
    fared = f", {ticket.status.value}" if ticket.allowed else ""
    said = f"{ticket.decision.action.word}{why}{fared}"
    return f"order {ticket.order_id} `{ticket.decision.order}`: {said}"


_DEEDS: Final[dict[Deed, Callable[[Gate, Requested], Outcome]]] = {
    Deed.RECONCILE: _reconcile,
    Deed.RESUME: _resume,
    Deed.APPROVE: _approve,
    Deed.EXIT: _exit,
    Deed.FLATTEN: _flatten,
}
