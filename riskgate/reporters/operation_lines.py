"""What those on call see: the state, a kill, held orders, a reconcile; at most eighty columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from riskgate.model.moments import to_the_second
from riskgate.model.money import grouped
from riskgate.model.spans import SECOND, ZERO, span
from riskgate.model.words import abridged, counted
from riskgate.reporters.chronicle_lines import happened
from riskgate.reporters.lines import wrapped

if TYPE_CHECKING:
    from riskgate.line.killing import KillReport
    from riskgate.line.parents_terms import ParentProgress
    from riskgate.model.events import Reconciled
    from riskgate.record.chronicle import Chronicle
    from riskgate.record.status import Ended, Held, Prospect, State

LABEL: Final = 12  # columns of the labels of `status`
MOST: Final = 10  # how many of a kind are named


def status_lines(of: State) -> Iterator[str]:
    """A line or more for each thing that matters, the trading state first."""
    for label, texts in _facts(of):
        for number, one in enumerate(texts):
            head = label if not number else ""
            first, *more = wrapped(one, LABEL, hang=2)
            yield f"{head:{LABEL}}{first[LABEL:]}"
            yield from more


def _facts(of: State) -> Iterator[tuple[str, Sequence[str]]]:
    around = of.around
    yield "state", [str(one) for one in of.standings] or ["ACTIVE for all"]
    if around.kill_file_present:
        yield "kill file", [f"`{around.kill_file}` is there: a gate that starts kills everything"]
    clients = ", ".join(map(str, around.running))
    yield "gate", [f"runs, client id {clients}" if clients else "none runs on this journal"]
    yield "reconcile", _reconcile(of)
    unknown = f", {len(of.unknown)} of them unknown to the broker" if of.unknown else ""
    yield "orders", [f"{of.working} working{unknown}, {len(of.held)} held"]
    yield "unknown", _some([f"{one}; see `riskgate resolve`" for one in of.unknown])
    yield "held", _some([f"{one.order_id} {one.order}, by {_name(one)}" for one in of.held])
    yield "at work", _some([_parent(one) for one in of.parents])
    yield "of others", _some(of.foreign)
    yield "positions", _some([_position(one) for one in of.positions]) or ["flat"]
    names = ", ".join(of.policies) or "none were ever in force"
    yield "policies", [f"{names} {f'({abridged(of.digest)})' if of.digest else ''}".rstrip()]
    newest = "" if of.last_event is None else f", the last {_ago(of.last_event, around.now)} ago"
    yield (
        "journal",
        [
            around.journal,
            f"durability {around.durability}, {counted(of.events, 'event')}{newest}",
        ],
    )


def _reconcile(of: State) -> list[str]:
    if of.reconciled is None or of.reconciled_at is None:
        return ["never: nothing is approved before the first one"]
    verdict = "clean" if of.reconciled.clean else "NOT CLEAN"
    ago = _ago(of.reconciled_at, of.around.now)
    head = f"{verdict}, {ago} ago ({to_the_second(of.reconciled_at)})"
    return [head, *_some(of.reconciled.differences)]


def kill_lines(report: KillReport) -> Iterator[str]:
    """A line for each way in which orders ended, what is left, and what is proven."""
    yield from wrapped(str(report.standing))
    for remark in report.remarks:
        yield from wrapped(f"note: {remark}")
    for title, numbers in (
        ("confirmed cancelled or done", report.confirmed),
        ("never sent", report.never_sent),
        ("pending, wait for the broker", report.pending),
        ("could not be cancelled", report.not_cancelled),
    ):
        if numbers:
            yield from wrapped(f"{title}: {_numbers(numbers)}")
    if not (report.confirmed or report.never_sent or report.pending or report.not_cancelled):
        yield "nothing of ours was working"
    if report.foreign:
        fate = "still working" if report.everything else "left alone (--global cancels those too)"
        yield f"{counted(report.foreign, 'order')} of others: {fate}"
    for position in report.positions:
        yield f"position: {_position(position)}"
    if not report.recorded:
        yield "not on record"
    yield from wrapped(_verdict(report))


def _verdict(report: KillReport) -> str:
    if not report.proven:
        return f"NOT PROVEN: {report.because or 'no reconcile was clean since'}"
    if not report.done:
        return "proven that orders still work; see `riskgate status`"
    if report.flat:
        return "flat: proven by a reconcile"
    held = ": a position is held, see `riskgate flatten`" if report.positions else ""
    return f"nothing of ours works: proven by a reconcile; not flat{held}"


def plan_lines(of: Prospect) -> Iterator[str]:
    """What would be done, in the order in which it would be."""
    yield f"would set {of.state.value} for {of.scope}"
    for one in of.cancels:
        yield from wrapped(f"would cancel {one}")
    for one in of.foreign:
        yield from wrapped(f"would cancel {one}")
    for one in of.sends:
        yield from wrapped(f"would then send {one}")
    if not (of.cancels or of.foreign or of.sends):
        yield "there is nothing to cancel or to close"
    yield "nothing was done"


def ended_lines(found: Ended) -> Iterator[str]:
    """Each order with where it ended."""
    for one in found.finished:
        yield f"order {one}"
    for number in found.pending:
        yield f"order {number} still works: its cancel waits for the broker"
    total = len(found.finished) + len(found.pending)
    yield f"{counted(total, 'cancel')}, {len(found.pending)} pending"


def held_lines(found: Sequence[Held]) -> Iterator[str]:
    """A paragraph for each held order."""
    for one in found:
        yield from wrapped(f"{one.order_id}  {one.order}", hang=4)
        for why in one.why:
            yield from wrapped(f"held by {why}", 4)
        group = f", with the group of order {one.group}" if one.group else ""
        yield from wrapped(f"submitted by {_name(one)} at {to_the_second(one.since)}{group}", 4)
        yield f"    expires at {to_the_second(one.expires)}"
    yield f"{counted(len(found), 'order')} held"


def reconciled_lines(outcome: Reconciled) -> Iterator[str]:
    """Every difference, and a summary."""
    for one in outcome.differences:
        yield from wrapped(one)
    verdict = "clean" if outcome.clean else "NOT CLEAN"
    yield (
        f"{verdict}: {counted(len(outcome.differences), 'difference')},"
        f" {counted(outcome.open_orders, 'working order')},"
        f" {counted(outcome.executions, 'execution')} told"
    )


def evidence_lines(of: Chronicle) -> Iterator[str]:
    """What was heard of an order since it was decided."""
    yield from wrapped(f"order {of.view.order_id} {of.view.text}: {of.view.status.value}", hang=4)
    for chapter in of.chapters:
        for told in chapter.then:
            yield from wrapped(happened(told), 2, hang=4)


def _some(texts: Sequence[str]) -> list[str]:
    """The first few, and how many more there are."""
    more = [f"and {len(texts) - MOST} more"] if len(texts) > MOST else []
    return [*texts[:MOST], *more]


def _name(held: Held) -> str:
    return held.submitted_by or "nobody named"


def _numbers(found: Sequence[int]) -> str:
    ours = [str(number) for number in found if number]
    named = [f"{'order' if len(ours) == 1 else 'orders'} {', '.join(ours)}"] if ours else []
    return ", ".join([*named, *("one made by hand" for number in found if not number)])


def _position(position: tuple[str, str, Decimal]) -> str:
    account, key, quantity = position
    return f"{account} {key} {grouped(quantity)}"


def _parent(one: ParentProgress) -> str:
    """How far a parent order has got, and why it stands still if it does."""
    done = f"{grouped(one.filled)} of {grouped(one.quantity)} filled"
    why = f": {one.reason}" if one.reason else ""
    return f"{one.order_id} {one.order} by {one.plan}, {one.state}{why}, {done}"


def _ago(then: datetime, now: datetime) -> str:
    return span(max(now - then, ZERO) // SECOND * SECOND)
