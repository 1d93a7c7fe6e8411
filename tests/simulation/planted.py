"""Bugs to be found: each one as a small patch of the real code, as somebody might have written it.

Rule 1: a bug is planted where the code would have it, and nothing around it knows.
Rule 2: each is put in with a `pytest.MonkeyPatch`, and gone after the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from operator import is_
from typing import Any, Final
from unittest import mock

import pytest
from msgspec import structs

from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.order_ids import OrderIds
from riskgate.brokers.ib.outbox import Outbox, Parcel
from riskgate.brokers.ib.owners import Owners
from riskgate.brokers.ib.writing import Writer
from riskgate.gate import Gate
from riskgate.ledger import book as books
from riskgate.ledger import executions, messages, repeats
from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.ledger.life import Life
from riskgate.ledger.oca import OcaGroups
from riskgate.line import bookkeeping, reconcile
from riskgate.model import report
from riskgate.model.decision import ApprovedOrder
from riskgate.model.events import CancelRequested, Decided
from riskgate.model.lifecycle import Status
from riskgate.model.report import ErrorReport, ExecutionReport, StatusReport
from riskgate.running.recorder import Recorder

Patch = pytest.MonkeyPatch
PATIENCE: Final = timedelta(seconds=1)
WARNINGS: Final = frozenset({202, 399, 404, 10349})


def release_on_an_error_code(patch: Patch) -> None:
    """An error about an order is taken for its end."""

    def error(book: Book, event: ErrorReport, at: Any) -> None:  # noqa: ANN401
        life = book.orders.get(event.order_id)
        if life is not None and life.status.working and event.code not in WARNINGS:
            life.status = Status.CANCELLED
        messages.error(book, event, at)

    patch.setitem(books._FOLDS, ErrorReport, error)


def count_a_correction_twice(patch: Patch) -> None:
    """Executions are told apart by their whole id."""
    for module in (report, executions, repeats):
        patch.setattr(module, "stem_of", str)


def send_before_it_is_recorded(patch: Patch) -> None:
    """What could not be recorded was handed over all the same."""
    real = Gate._line

    def line(gate: Gate, asked: Any, judged: Callable[..., list[Decided]], actor: Any) -> Any:  # noqa: ANN401
        made: list[Decided] = []

        def judging(at: Any) -> list[Decided]:  # noqa: ANN401
            made.extend(judged(at))
            return list(made)

        tickets = real(gate, asked, judging, actor)
        for one, ticket in zip(made, tickets, strict=False):
            if not ticket.order_id and one.decision.allowed:
                gate._broker.place(_approved(one))
        return tickets

    patch.setattr(Gate, "_line", line)


def _approved(one: Decided) -> ApprovedOrder:
    order, snapshot = one.decision.order, one.snapshot
    if order is None or snapshot is None or snapshot.instrument is None:
        raise LookupError(one.text)
    return ApprovedOrder(
        order=order,
        decision=one.decision,
        order_id=one.order_id,
        ref=one.ref,
        instrument=snapshot.instrument,
        replaces=bool(one.replaces),
    )


def forget_what_was_not_acknowledged(patch: Patch) -> None:
    """After a restart, what the broker had not repeated is taken for never sent."""
    real = Gate.start

    def start(gate: Gate) -> None:
        real(gate)
        for life in gate.ledger.working():
            if not life.acknowledged:
                life.status = Status.NEVER_SENT
                gate.ledger.settle(life, gate.clock.now())

    patch.setattr(Gate, "start", start)


def reset_the_counters_on_restart(patch: Patch) -> None:
    """What is folded from the record is not counted as messages again."""
    real = bookkeeping.Bookkeeper._catch_up

    def catch_up(desk: bookkeeping.Bookkeeper, turn: Any) -> None:  # noqa: ANN401
        if not desk._behind:
            real(desk, turn)
            return
        with mock.patch.object(Counting, "message"):
            real(desk, turn)

    patch.setattr(bookkeeping.Bookkeeper, "_catch_up", catch_up)


def trust_a_stale_status(patch: Patch) -> None:
    """What a status says was filled is believed, though executions have said more since."""

    def status(book: Book, event: StatusReport, at: Any) -> None:  # noqa: ANN401
        messages.status(book, event, at)
        life = book.orders.get(event.order_id)
        if life is not None and event.status.working:
            life.filled = event.filled
            book.settle(life, at)

    patch.setitem(books._FOLDS, StatusReport, status)


def ignore_a_late_fill(patch: Patch) -> None:
    """A fill of an order that is over is not counted."""

    def executed(book: Book, event: ExecutionReport, at: Any) -> None:  # noqa: ANN401
        life = book.orders.get(event.order_id)
        if life is None or not life.status.finished:
            Book._executed(book, event, at)

    patch.setitem(books._FOLDS, ExecutionReport, executed)


def resend_after_a_time_out(patch: Patch) -> None:
    """An order that was not acknowledged in time is sent once more."""
    placed: dict[tuple[Gate, int], ApprovedOrder] = {}
    hand_over, attend = Gate._hand_over, Recorder.attend

    def handing(gate: Gate, one: Decided) -> Any:  # noqa: ANN401
        if one.decision.allowed and not one.replaces:
            placed[gate, one.order_id] = _approved(one)
        return hand_over(gate, one)

    def attending(recorder: Recorder, wait: float = 0.0) -> bool:
        gate = recorder._gate
        for life in gate.ledger.working():
            late = gate.clock.now() - life.created_at > PATIENCE
            key = (gate, life.order_id)
            if late and not life.acknowledged and gate._broker.connected and key in placed:
                gate._broker.place(placed.pop(key))
        return attend(recorder, wait)

    patch.setattr(Gate, "_hand_over", handing)
    patch.setattr(Recorder, "attend", attending)


def cancel_the_orders_of_others(patch: Patch) -> None:
    """To cancel all of ours, everything on the account is cancelled."""
    real = Gate.cancel_all

    def cancel_all(gate: Gate, *given: Any, **named: Any) -> tuple[int, ...]:  # noqa: ANN401
        broker = gate._broker
        if isinstance(broker, IbBroker):
            broker.cancel_account()
        return real(gate, *given, **named)

    patch.setattr(Gate, "cancel_all", cancel_all)


def skip_the_legs_of_a_group(patch: Patch) -> None:
    """Of several orders only the first is handed over."""
    real = Gate._handed_over

    def handed_over(gate: Gate, decided: Iterable[Decided]) -> Any:  # noqa: ANN401
        first, *others = real(gate, list(decided)[:1])
        return (first, *others)

    patch.setattr(Gate, "_handed_over", handed_over)


def leave_the_queue_on_a_halt(patch: Patch) -> None:
    """A halt stops what is submitted, and not what waits to be sent."""
    patch.setattr(Outbox, "withdraw", lambda *_: None)


def release_when_a_cancel_is_asked_for(patch: Patch) -> None:
    """An order whose cancel was asked for is taken for dead."""
    real = messages.cancel_requested

    def requested(book: Book, event: Any, at: Any) -> None:  # noqa: ANN401
        real(book, event, at)
        life = book.orders.get(event.order_id)
        if life is not None and life.status is Status.PENDING_CANCEL:
            life.status = Status.CANCELLED
            book.settle(life, at)

    patch.setitem(books._FOLDS, CancelRequested, requested)


def number_orders_when_they_are_decided(patch: Patch) -> None:
    """An order leaves under our own number, whatever left before it."""
    patch.setattr(OrderIds, "give", lambda _, order_id: order_id)


def take_twins_for_ours(patch: Patch) -> None:
    """Whatever has our reference is our order, though there are two of it."""
    patch.setattr(Owners, "_one_of", lambda _, order_id, perm_id: order_id)  # noqa: ARG005


def transmit_the_exits_before_their_entry(patch: Patch) -> None:
    """Every part of a bracket transmits: an exit may be refused when the entry trades already."""
    patch.setattr(Writer, "_transmits", lambda *_: True)


def send_the_exits_first(patch: Patch) -> None:
    """A bracket is written from its last part to its first."""
    real = Writer.write
    patch.setattr(Writer, "write", lambda writer, orders: real(writer, orders[::-1]))


def drop_one_leg_and_leave_the_others(patch: Patch) -> None:
    """What a halt or a cancel takes out of a bracket that waits, is that leg alone."""

    def drop(outbox: Outbox, chosen: Callable[[Any], bool]) -> list[Any]:
        gone = []
        for entry in [one for *_, one in sorted(outbox._queue._heap)]:
            if not isinstance(entry.item, Parcel):
                continue
            orders = entry.item.orders
            alone = [structs.replace(entry, item=one, key=one.order_id, size=1) for one in orders]
            out = [one for one in alone if chosen(one)]
            if out and len(out) < len(orders):
                outbox._queue.remove(partial(is_, entry))
                for one in alone:
                    if one not in out:
                        outbox._queue.put(one)
                gone += out
        return [*gone, *real(outbox, chosen)]

    real = Outbox._drop
    patch.setattr(Outbox, "_drop", drop)


def reserve_a_group_as_its_smallest_order(patch: Patch) -> None:
    """Of an OCA group the order that was judged last is all that is reserved."""

    def dues(group: OcaGroups, life: Life) -> Iterator[tuple[Life, tuple[Decimal, Decimal]]]:
        *earlier, last = group.sharing_with(life)
        yield from ((one, (Decimal(0), Decimal(0))) for one in earlier)
        yield last, last.due()

    patch.setattr(OcaGroups, "dues", dues)


def wait_for_lost_modifies(patch: Patch) -> None:
    """A modify that never arrived stays reserved."""
    patch.setattr(reconcile, "lost_terms", lambda *_: ())


BUGS: Final[dict[Callable[[Patch], None], str]] = {
    release_on_an_error_code: "refusals",
    count_a_correction_twice: "corrections",
    send_before_it_is_recorded: "journal",
    forget_what_was_not_acknowledged: "crashes",
    reset_the_counters_on_restart: "crashes",
    trust_a_stale_status: "misreports",
    ignore_a_late_fill: "late_fills",
    resend_after_a_time_out: "silence",
    cancel_the_orders_of_others: "",
    skip_the_legs_of_a_group: "",
    leave_the_queue_on_a_halt: "halts races",
    release_when_a_cancel_is_asked_for: "",
    number_orders_when_they_are_decided: "",
    take_twins_for_ours: "second_ids",
    wait_for_lost_modifies: "silence",
    transmit_the_exits_before_their_entry: "",
    send_the_exits_first: "",
    drop_one_leg_and_leave_the_others: "races",
    reserve_a_group_as_its_smallest_order: "",
}
"""Every bug, and the troubles without which it does no harm."""
