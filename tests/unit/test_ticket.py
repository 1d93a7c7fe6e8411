"""What a strategy holds after `submit`: the decision, and a bounded wait for the rest."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

from riskgate.model.lifecycle import Status
from riskgate.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Stage

HELD = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: large, kind: fat_finger, max_quantity: 5, on_breach: hold, because: a person decides}
"""


def test_a_ticket_answers_from_the_book_as_it_is_now(stage: Stage) -> None:
    ticket = stage.gate.submit("BUY 10 AAPL LMT 190")
    assert (ticket.status, ticket.fills) == (Status.PENDING_SUBMIT, ())
    stage.gate.take([stage.execution(ticket.order_id, "10")])
    assert ticket.status is Status.FILLED
    assert [fill.quantity for fill in ticket.fills] == [10]
    assert repr(ticket) == "<Ticket 1 allow Filled>"


def test_a_wait_is_bounded_by_its_timeout(stage: Stage) -> None:
    ticket = stage.gate.submit("BUY 10 AAPL LMT 190")
    begun = time.monotonic()
    assert ticket.wait(timeout=0.05) is Status.PENDING_SUBMIT
    assert 0.05 <= time.monotonic() - begun < 30


def test_a_refused_order_is_finished_at_once(stage: Stage) -> None:
    assert stage.gate.submit("BUY 999 AAPL LMT 190").wait(timeout=30.0) is Status.DENIED


def test_a_held_order_waits_for_a_person_and_not_for_us(staged: Callable[[str], Stage]) -> None:
    ticket = staged(HELD).gate.submit("BUY 10 AAPL LMT 190")
    assert not ticket.allowed
    assert ticket.wait(timeout=30.0) is Status.HELD


def test_a_wait_may_be_for_something_else(stage: Stage) -> None:
    ticket = stage.gate.submit("BUY 10 AAPL LMT 190")
    stage.gate.take([stage.execution(ticket.order_id, "4")])
    assert ticket.wait(30.0, until=lambda view: view.filled_quantity > 0) is Status.PARTIALLY_FILLED


def test_a_wait_wakes_when_a_report_is_recorded(stage: Stage) -> None:
    ticket = stage.gate.submit("BUY 10 AAPL LMT 190")
    execution = stage.execution(ticket.order_id, "10")
    thread = threading.Thread(target=lambda: stage.gate.take([execution]))
    thread.start()
    assert ticket.wait(timeout=10.0) is Status.FILLED
    thread.join(5)


def test_a_ticket_can_be_awaited(stage: Stage) -> None:
    async def wait() -> Status:
        return await stage.gate.submit("BUY 999 AAPL LMT 190")

    assert asyncio.run(wait()) is Status.DENIED


def test_a_ticket_of_nothing_on_record_has_no_view(stage: Stage) -> None:
    decision = stage.gate.submit("BUY 999 AAPL LMT 190").decision
    ticket = Ticket(stage.gate, 0, decision)
    assert (ticket.view, ticket.status, ticket.ref) == (None, Status.DENIED, "")
