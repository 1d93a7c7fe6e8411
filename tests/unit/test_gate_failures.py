"""The gate when the journal cannot be written, or the broker cannot be reached."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import JournalError
from riskgate.model.events import CancelRequested
from riskgate.model.lifecycle import Status
from riskgate.model.order import Fault, Order
from riskgate.model.report import NeverSent, StatusReport

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

LINE = "BUY 10 AAPL LMT 190"


# --- the journal fails ---------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["begin", "commit"])
def test_what_cannot_be_recorded_is_not_sent(stage: Stage, where: str) -> None:
    before = stage.facts()
    stage.journal.fails_at = where
    ticket = stage.gate.submit(LINE)
    assert ticket.decision.codes == ("JOURNAL_UNAVAILABLE",)
    assert (ticket.allowed, ticket.order_id, ticket.view) == (False, 0, None)
    assert ticket.status is Status.DENIED
    assert ticket.wait(timeout=0.0) is Status.DENIED
    assert ticket.decision.order is not None
    assert stage.broker.placed == []
    stage.journal.fails_at = ""
    stage.gate.take([])
    assert stage.facts() == before == stage.facts(stage.folded())
    assert stage.gate.submit(LINE).order_id == 1


@pytest.mark.parametrize("where", ["begin", "commit"])
def test_a_modify_that_cannot_be_recorded_is_not_sent(stage: Stage, where: str) -> None:
    number = stage.allowed()
    stage.journal.fails_at = where
    ticket = stage.gate.modify(number, quantity=20)
    assert ticket.decision.codes == ("JOURNAL_UNAVAILABLE",)
    assert len(stage.broker.placed) == 1
    stage.journal.fails_at = ""
    stage.gate.take([])
    assert stage.reserved() == (0, 10, 0)


@pytest.mark.parametrize("where", ["begin", "commit"])
def test_a_cancel_is_sent_even_if_it_cannot_be_recorded(stage: Stage, where: str) -> None:
    number = stage.allowed()
    stage.journal.fails_at = where
    assert stage.gate.cancel(number)
    assert stage.broker.cancelled == [number]
    stage.journal.fails_at = ""
    stage.allowed()
    events = stage.journal.payloads()
    assert [e.order_id for e in events if isinstance(e, CancelRequested)] == [number]
    assert stage.gate.ledger.orders[number].status is Status.PENDING_CANCEL
    assert stage.facts() == stage.facts(stage.folded())


@pytest.mark.parametrize("where", ["begin", "commit"])
def test_a_halt_holds_even_if_it_cannot_be_recorded(stage: Stage, where: str) -> None:
    number = stage.allowed()
    stage.journal.fails_at = where
    stage.gate.halt(reason="smoke", by="m.ruiz")
    assert stage.broker.withdrawn == [(number, "HALTED")]
    assert not stage.gate.submit(LINE).allowed
    stage.journal.fails_at = ""
    assert stage.gate.submit(LINE).decision.codes == ("HALTED",)
    assert stage.facts() == stage.facts(stage.folded())
    assert "HALTED" in stage.restarted().submit(LINE).decision.codes


def test_a_resume_that_cannot_be_recorded_says_so_and_changes_nothing(stage: Stage) -> None:
    stage.gate.halt(reason="smoke", by="m.ruiz")
    stage.journal.fails_at = "commit"
    with pytest.raises(JournalError):
        stage.gate.resume(reason="gone", by="m.ruiz", override=True)
    stage.journal.fails_at = ""
    assert stage.gate.submit(LINE).decision.codes == ("HALTED",)


# --- the broker is away --------------------------------------------------------------------------


def test_an_order_that_the_broker_does_not_take_was_never_sent(stage: Stage) -> None:
    stage.broker.away = True
    ticket = stage.gate.submit(LINE)
    assert (ticket.allowed, ticket.status) == (True, Status.NEVER_SENT)
    assert stage.reserved() == (0, 0, 0)
    assert isinstance(stage.journal.payloads()[-1], NeverSent)


def test_a_modify_that_the_broker_does_not_take_leaves_the_order(stage: Stage) -> None:
    number = stage.allowed()
    stage.broker.away = True
    assert stage.gate.modify(number, quantity=20).allowed
    view = stage.gate.order(number)
    assert view is not None
    assert view.status is Status.PENDING_SUBMIT
    assert view.quantity == 10
    assert stage.reserved() == (0, 10, 0)


def test_a_missing_price_is_asked_for_and_the_denial_says_so(stage: Stage) -> None:
    ticket = stage.gate.submit("BUY 1 KO LMT 60")
    assert ticket.decision.codes == ("NO_PRICE",)
    assert "prepare or watch it" in ticket.decision.notes[0]
    assert [terms.symbol for terms in stage.broker.wanted] == ["KO"]


def test_a_price_that_is_only_old_is_not_asked_for_again(stage: Stage) -> None:
    stage.clock.advance(timedelta(hours=1))
    ticket = stage.gate.submit(LINE)
    assert ticket.decision.codes == ("STALE_PRICE",)
    assert ticket.decision.notes == ()
    assert stage.broker.wanted == []


def test_a_missing_price_is_denied_where_nobody_can_be_asked(stage: Stage) -> None:
    stage.broker.away = True
    assert stage.gate.submit("BUY 1 KO LMT 60").decision.codes == ("NO_PRICE",)


def test_what_the_broker_cannot_carry_is_denied(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault("BAD_TIF", "tif `GTD` cannot be sent")
    monkeypatch.setattr(stage.broker, "supports", lambda _: (fault,))
    assert stage.gate.submit(LINE).decision.codes == ("BAD_TIF",)


def test_prepare_names_what_is_not_ready(stage: Stage) -> None:
    order = Order.parse("BUY 1 AAPL LMT 190")
    option = "AAPL.OPT expiry=2026-06-19 strike=200 right=C"
    assert stage.gate.prepare("LATE", order, option, timeout=0.0) == ("LATE",)
    assert [terms.symbol for terms in stage.broker.wanted] == ["LATE", "AAPL", "AAPL"]


def test_watch_returns_at_once(stage: Stage) -> None:
    stage.gate.watch("LATE", "MSFT")
    assert [terms.symbol for terms in stage.broker.wanted] == ["LATE", "MSFT"]


def test_an_order_that_was_refused_but_is_on_record_after_all_never_left(stage: Stage) -> None:
    stage.journal.fails_at = "answer"
    refused = stage.gate.submit("BUY 10 AAPL LMT 190 key=k-1")
    assert refused.decision.codes == ("JOURNAL_UNAVAILABLE",)
    stage.journal.fails_at = ""
    again = stage.gate.submit("BUY 10 AAPL LMT 190 key=k-1")
    assert (again.order_id, again.status) == (1, Status.NEVER_SENT)
    assert stage.broker.placed == []
    assert stage.reserved() == (0, 0, 0)
    assert stage.restarted().order(1).status is Status.NEVER_SENT  # type: ignore[union-attr]


def test_a_modify_that_was_refused_but_is_on_record_after_all_reserves_nothing(
    stage: Stage,
) -> None:
    number = stage.allowed("BUY 10 AAPL LMT 190")
    stage.journal.fails_at = "answer"
    assert not stage.gate.modify(number, quantity=30).allowed
    stage.journal.fails_at = ""
    stage.allowed("BUY 1 MSFT LMT 400")
    assert stage.reserved() == (0, 10, 0)


def test_a_cancel_of_an_order_that_only_a_dirty_book_has_asks_the_broker_nothing(
    stage: Stage,
) -> None:
    stage.journal.fails_at = "commit"
    stage.gate.submit("BUY 10 AAPL LMT 190")
    assert stage.gate.ledger.orders
    stage.journal.fails_at = ""
    assert not stage.gate.cancel(1)
    assert stage.broker.cancelled == []


def test_an_order_whose_outcome_is_unknown_is_not_modified(stage: Stage) -> None:
    number = stage.allowed("BUY 10 AAPL LMT 190")
    stage.gate.take([StatusReport(order_id=number, status=Status.UNKNOWN)])
    assert stage.gate.modify(number, quantity=5).decision.codes == ("NOT_MODIFIABLE",)
