"""The gate: judged, recorded, reserved, handed over, in this order; and what happens when not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import InvariantError, NotConnected
from riskgate.model.decision import Action, ApprovedOrder
from riskgate.model.events import Decided, PolicyActivated
from riskgate.model.lifecycle import Status
from riskgate.model.trading import Scope

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

LINE = "BUY 10 AAPL LMT 190"


def test_an_allowed_order_is_recorded_reserved_and_handed_over_once(stage: Stage) -> None:
    ticket = stage.gate.submit(LINE, strategy="alpha", actor="someone")
    (placed,) = stage.broker.placed
    recorded = stage.journal.payloads()[-1]
    assert isinstance(recorded, Decided)
    assert (recorded.order_id, recorded.ref, recorded.actor) == (
        ticket.order_id,
        placed.ref,
        "someone",
    )
    assert (placed.order_id, placed.ref, placed.replaces) == (ticket.order_id, ticket.ref, False)
    assert placed.order.strategy == "alpha"
    assert stage.reserved() == (0, 10, 0)


def test_the_decision_is_on_record_before_the_order_is_handed_over(stage: Stage) -> None:
    seen: list[int] = []
    place = stage.broker.place

    def look_and_place(approved: ApprovedOrder, attached: Sequence[ApprovedOrder] = ()) -> None:
        events = [event for event in stage.journal.payloads() if isinstance(event, Decided)]
        seen.append(events[-1].order_id)
        place(approved, attached)

    stage.broker.place = look_and_place  # type: ignore[method-assign]
    assert stage.allowed() == seen[0]


def test_a_denied_order_is_recorded_and_goes_nowhere(stage: Stage) -> None:
    ticket = stage.gate.submit("BUY 101 AAPL LMT 190")
    assert ticket.decision.by == ("desk/position",)
    assert (ticket.allowed, ticket.status, ticket.fills) == (False, Status.DENIED, ())
    assert stage.broker.placed == []
    assert stage.reserved() == (0, 0, 0)
    assert isinstance(stage.journal.payloads()[-1], Decided)


def test_a_line_that_is_no_order_is_denied_and_recorded(stage: Stage) -> None:
    ticket = stage.gate.submit("BUY lots AAPL")
    view = ticket.view
    assert ticket.decision.codes == ("BAD_ORDER",)
    assert view is not None
    assert (view.text, view.order, view.status) == ("BUY lots AAPL", None, Status.DENIED)
    assert stage.gate.life(ticket.order_id) is not None


def test_an_order_is_no_text_and_no_mapping(stage: Stage) -> None:
    ticket = stage.gate.submit(42)  # type: ignore[arg-type]
    assert ticket.decision.codes == ("BAD_ORDER",)


def test_numbers_grow_and_references_differ(stage: Stage) -> None:
    tickets = [stage.gate.submit(f"BUY {n} AAPL LMT 190") for n in range(1, 6)]
    assert [ticket.order_id for ticket in tickets] == [1, 2, 3, 4, 5]
    assert len({ticket.ref for ticket in tickets}) == 5


def test_submitting_from_an_event_loop_is_the_same(stage: Stage) -> None:
    ticket = asyncio.run(stage.gate.submit_async(LINE, strategy="alpha"))
    assert ticket.allowed
    assert stage.broker.placed[0].order.strategy == "alpha"


def test_start_records_the_policies_once_for_one_digest(stage: Stage) -> None:
    stage.restarted()
    activated = [event for event in stage.journal.payloads() if isinstance(event, PolicyActivated)]
    assert [event.digest for event in activated] == [stage.policies.digest]


# --- keys ----------------------------------------------------------------------------------------


def test_the_same_key_with_the_same_terms_is_the_same_ticket(stage: Stage) -> None:
    first = stage.gate.submit(f"{LINE} key=k1")
    again = stage.gate.submit(f"{LINE} key=k1")
    assert (again.order_id, again.ref, again.decision) == (first.order_id, "k1", first.decision)
    assert len(stage.broker.placed) == 1
    assert stage.reserved() == (0, 10, 0)


def test_a_key_survives_a_restart(stage: Stage) -> None:
    first = stage.gate.submit(f"{LINE} key=k1", strategy="alpha")
    gate = stage.restarted()
    again = gate.submit(f"{LINE} key=k1", strategy="alpha")
    assert (again.order_id, again.status) == (first.order_id, Status.PENDING_SUBMIT)
    assert again.decision.codes == ()
    other = gate.submit("BUY 11 AAPL LMT 190 key=k1", strategy="alpha")
    assert "KEY_REUSED" in other.decision.codes


def test_the_same_key_with_other_terms_is_refused_and_keeps_its_owner(stage: Stage) -> None:
    first = stage.gate.submit(f"{LINE} key=k1")
    other = stage.gate.submit("BUY 11 AAPL LMT 190 key=k1")
    assert other.decision.codes == ("KEY_REUSED",)
    assert (other.order_id, other.ref) != (first.order_id, first.ref)
    assert stage.gate.ledger.by_ref["k1"] == first.order_id
    assert stage.gate.submit(f"{LINE} key=k1").order_id == first.order_id


def test_a_key_stands_for_the_terms_as_stated_whatever_was_modified_since(stage: Stage) -> None:
    first = stage.gate.submit(f"{LINE} key=k1")
    stage.says(first.order_id, Status.SUBMITTED)
    assert stage.gate.modify(first.order_id, quantity=20).allowed
    assert stage.gate.submit(f"{LINE} key=k1").order_id == first.order_id
    assert "KEY_REUSED" in stage.gate.submit("BUY 20 AAPL LMT 190 key=k1").decision.codes


def test_a_key_of_a_denied_order_gives_the_same_denial(stage: Stage) -> None:
    first = stage.gate.submit("BUY 101 AAPL LMT 190 key=k1")
    again = stage.gate.submit("BUY 101 AAPL LMT 190 key=k1")
    assert (again.order_id, again.decision) == (first.order_id, first.decision)


# --- cancels -------------------------------------------------------------------------------------


def test_a_cancel_is_confirmed_only_by_the_broker(stage: Stage) -> None:
    number = stage.allowed()
    assert stage.gate.cancel(number, actor="someone")
    assert stage.gate.ledger.orders[number].status is Status.PENDING_CANCEL
    assert stage.reserved() == (0, 10, 0)
    stage.says(number, Status.CANCELLED)
    assert stage.reserved() == (0, 0, 0)
    assert stage.gate.ledger.orders[number].cancelled_at == stage.clock.now()


def test_there_is_nothing_to_cancel_in_an_unknown_or_finished_order(stage: Stage) -> None:
    number = stage.allowed()
    stage.says(number, Status.CANCELLED)
    assert not stage.gate.cancel(99)
    assert not stage.gate.cancel(number)
    assert stage.broker.cancelled == []


def test_a_cancel_may_be_asked_for_again(stage: Stage) -> None:
    number = stage.allowed()
    assert stage.gate.cancel(number)
    assert stage.gate.cancel(number)
    assert stage.broker.cancelled == [number, number]
    assert stage.gate.ledger.orders[number].status is Status.PENDING_CANCEL


def test_a_cancel_without_a_session_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(order_id: int) -> None:
        raise NotConnected(f"no session to cancel {order_id}")

    number = stage.allowed()
    monkeypatch.setattr(stage.broker, "cancel", refuse)
    with pytest.raises(NotConnected):
        stage.gate.cancel(number)
    assert stage.gate.ledger.orders[number].status is Status.PENDING_SUBMIT


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), (1, 2, 3)),
        (Scope(symbol="AAPL"), (1, 3)),
        (Scope(strategy="beta"), (3,)),
        (Scope(symbol="MSFT", strategy="beta"), ()),
        (Scope(account="DU1234567"), (1, 2, 3)),
        (Scope(account="DU9"), ()),
    ],
)
def test_cancel_all_cancels_what_works_in_a_scope(
    stage: Stage, scope: Scope, expected: tuple[int, ...]
) -> None:
    stage.allowed(strategy="alpha")
    stage.allowed("BUY 1 MSFT LMT 400", strategy="alpha")
    stage.allowed("BUY 2 AAPL LMT 190", strategy="beta")
    stage.gate.submit("BUY 999 AAPL LMT 190", strategy="alpha")
    assert stage.gate.cancel_all(scope) == expected
    assert stage.broker.cancelled == list(expected)


# --- modifies ------------------------------------------------------------------------------------


def test_a_modify_keeps_number_and_reference(stage: Stage) -> None:
    ticket = stage.gate.submit(f"{LINE} key=k1")
    changed = stage.gate.modify(ticket.order_id, quantity=20, limit_price=Decimal("190.01"))
    assert (changed.order_id, changed.ref, changed.allowed) == (ticket.order_id, "k1", True)
    first, second = stage.broker.placed
    assert (second.replaces, second.order_id, second.ref) == (True, first.order_id, first.ref)
    assert str(second.order).startswith("BUY 20 AAPL LMT 190.01 DAY")


def test_an_unknown_order_cannot_be_modified(stage: Stage) -> None:
    ticket = stage.gate.modify(99, quantity=5)
    assert ticket.decision.codes == ("UNKNOWN_ORDER",)
    view = ticket.view
    assert view is not None
    assert view.text == "modify 99"


def test_an_order_that_could_not_be_read_cannot_be_modified(stage: Stage) -> None:
    broken = stage.gate.submit("BUY lots AAPL LMT 190")
    assert stage.gate.modify(broken.order_id, quantity=5).decision.codes == ("UNKNOWN_ORDER",)


def test_only_terms_can_be_modified_and_the_message_says_which(stage: Stage) -> None:
    ticket = stage.gate.modify(stage.allowed(), side="SELL", colour="blue")
    assert ticket.decision.codes == ("BAD_ORDER",)
    assert [f.text.split(";")[0] for f in ticket.decision.breaches] == [
        "`side` cannot be modified",
        "`colour` cannot be modified",
    ]


def test_a_float_in_a_modify_is_moved_to_the_tick_it_means(stage: Stage) -> None:
    number = stage.allowed()
    assert stage.gate.modify(number, limit_price=189.1 + 0.9).allowed
    assert stage.broker.placed[-1].order.limit_price == 190


def test_an_order_type_without_a_limit_keeps_none_through_a_modify(stage: Stage) -> None:
    number = stage.allowed("BUY 10 AAPL MKT")
    assert stage.gate.modify(number, quantity=5).allowed
    assert stage.broker.placed[-1].order.limit_price is None


def test_a_decision_that_denies_cannot_be_handed_over(stage: Stage) -> None:
    decision = stage.gate.submit("BUY 999 AAPL LMT 190").decision
    assert decision.action is Action.DENY
    assert decision.order is not None
    with pytest.raises(InvariantError):
        ApprovedOrder(
            order=decision.order,
            decision=decision,
            order_id=1,
            ref="x",
            instrument=stage.instrument(),
        )


def test_a_slice_of_a_working_parent_of_its_own_side_passes(stage: Stage) -> None:
    parent = stage.allowed("BUY 20 AAPL LMT 190")
    assert stage.gate.submit(LINE, parent=parent).allowed


@pytest.mark.parametrize("line", ["SELL 10 AAPL LMT 190", "BUY 10 MSFT LMT 400"])
def test_an_order_is_no_slice_of_another_side_or_symbol(stage: Stage, line: str) -> None:
    parent = stage.allowed("BUY 20 AAPL LMT 190")
    assert stage.gate.submit(line, parent=parent).decision.codes == ("PARENT_OVERFILL",)


def test_a_denied_order_is_nobodys_parent(stage: Stage) -> None:
    parent = stage.gate.submit("BUY 9999 AAPL LMT 190").order_id
    assert "PARENT_OVERFILL" in stage.gate.submit(LINE, parent=parent).decision.codes


@pytest.mark.parametrize("parent", ["1", 10**30, True, -5])
def test_what_can_be_no_parent_is_denied_and_recorded(stage: Stage, parent: object) -> None:
    ticket = stage.gate.submit(LINE, parent=parent)  # type: ignore[arg-type]
    assert ticket.decision.codes == ("PARENT_OVERFILL",)
    assert stage.gate.order(ticket.order_id) is not None
