"""Kill: what has not left is dropped, the rest is cancelled, and only what is proven is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from riskgate.errors import ConfigError, NotConnected
from riskgate.line.killing import KillReport, said_of
from riskgate.model.events import CancelRequested, Note, StateChanged
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import CancelNotSent, ForeignOrder, NeverSent, StatusReport
from riskgate.model.trading import Scope
from tests.unit.conftest import FlakyJournal, Stage, StageBroker


@pytest.fixture
def floor(stage: Stage) -> Stage:
    """A stage whose broker knows us as client 1."""
    stage.broker.client_id = 1
    return stage


def killed(stage: Stage, scope: Scope = Scope(), **more: bool) -> KillReport:  # noqa: B008  # frozen
    return stage.gate.kill(by="m.ruiz", reason="smoke", scope=scope, timeout=0.01, **more)


class Obedient(StageBroker):
    """Cancels at once, and says so."""

    client_id = 1

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.emptied = False

    def cancel(self, order_id: int) -> None:
        super().cancel(order_id)
        self.stage.says(order_id, Status.CANCELLED)

    def cancel_account(self) -> None:
        self.emptied = True
        self.stage.tell()


def obedient(stage: Stage) -> Obedient:
    """From now on the gate's broker does what it is told."""
    broker = Obedient(stage)
    for part in (stage.gate, stage.gate._kill, stage.gate._switch, stage.gate._proof):
        part._broker = broker
    stage.broker = broker
    return broker


def foreign(stage: Stage) -> ForeignOrder:
    return ForeignOrder(
        perm_id=9,
        order=Order.parse("BUY 5 AAPL LMT 100"),
        instrument=stage.instrument("AAPL"),
        remaining=Decimal(5),
        status=Status.SUBMITTED,
    )


def test_what_waits_is_dropped_and_needs_no_cancel(floor: Stage) -> None:
    number = floor.allowed()
    killed(floor)
    assert floor.broker.withdrawn[0] == (number, "KILLED")
    assert floor.broker.cancelled == []


def test_what_works_is_cancelled_and_nothing_new_leaves(floor: Stage) -> None:
    numbers = [floor.sent(f"BUY {n} AAPL LMT 190") for n in (1, 2)]
    told = (StatusReport(order_id=number, status=Status.PENDING_CANCEL) for number in numbers)
    floor.tell(statuses=tuple(told))
    report = killed(floor)
    assert sorted(floor.broker.cancelled) == numbers
    assert sorted(report.pending) == numbers
    assert floor.gate.submit("BUY 3 AAPL LMT 190").decision.codes == ("KILLED",)


def test_what_opens_the_most_is_cancelled_first(floor: Stage) -> None:
    bought = floor.sent("BUY 50 AAPL LMT 190")
    floor.gate.take([floor.execution(bought, "50")])
    small, large = floor.sent("BUY 1 AAPL LMT 190"), floor.sent("BUY 9 AAPL LMT 190")
    reduces = floor.sent("SELL 20 AAPL LMT 195")
    killed(floor)
    assert floor.broker.cancelled == [large, small, reduces]


def test_a_kill_keeps_to_its_scope(floor: Stage) -> None:
    ours = floor.sent()
    floor.sent("BUY 1 MSFT LMT 400")
    report = killed(floor, Scope(symbol="aapl"))
    assert floor.broker.cancelled == [ours]
    assert (*report.pending, *report.not_cancelled) == (ours,)
    assert report.standing.scope == Scope(symbol="AAPL")


@pytest.mark.parametrize(("by", "reason"), [("", "smoke"), ("m.ruiz", " ")])
def test_a_kill_names_somebody_and_a_reason_or_does_nothing(
    floor: Stage, by: str, reason: str
) -> None:
    floor.sent()
    with pytest.raises(ConfigError, match="`by` and `reason`"):
        floor.gate.kill(by=by, reason=reason)
    assert floor.broker.cancelled == []


def test_an_order_of_another_client_id_is_left_to_its_own_process(floor: Stage) -> None:
    number = floor.sent()
    floor.broker.client_id = 2
    report = killed(floor)
    assert floor.broker.cancelled == []
    assert report.not_cancelled == (number,)
    assert not report.done


def test_flat_is_said_when_a_reconcile_proves_it(floor: Stage) -> None:
    obedient(floor)
    number = floor.sent()
    report = killed(floor)
    assert (report.confirmed, report.proven, report.done, report.flat) == ((number,), *[True] * 3)
    assert "flat, proven" in said_of(report)


def test_nothing_is_flat_while_a_position_is_held(floor: Stage) -> None:
    obedient(floor)
    floor.gate.take([floor.execution(floor.sent(), "10")])
    floor.tell(positions=(floor.held(10),))
    report = killed(floor)
    assert (report.done, report.flat) == (True, False)
    assert report.positions == (("DU1234567", "AAPL", Decimal(10)),)
    assert not killed(floor, Scope(symbol="MSFT")).positions


def test_nothing_is_proven_by_a_story_that_is_not_whole(floor: Stage) -> None:
    obedient(floor)
    floor.sent()
    floor.tell(complete=False)
    report = killed(floor)
    assert (report.proven, report.done) == (False, False)
    assert "not complete" in report.because


def test_a_kill_is_sent_although_nothing_can_be_recorded(floor: Stage) -> None:
    number = floor.sent()
    floor.journal.fails_at = "begin"
    report = killed(floor)
    assert floor.broker.cancelled == [number]
    assert (report.recorded, report.proven) == (False, False)
    floor.journal.fails_at = ""
    floor.gate.follow()
    assert any(isinstance(one, StateChanged) for one in floor.journal.payloads())


def test_a_record_that_cannot_be_read_again_hides_no_order_from_a_kill(floor: Stage) -> None:
    number = floor.sent()
    floor.gate.fold_again()

    def unreadable(after: int = 0) -> object:
        del after
        yield from list(floor.journal.inner.another().read())[:1]
        raise RuntimeError("the file is damaged")

    floor.journal.read = unreadable  # type: ignore[method-assign,assignment]
    with pytest.raises(RuntimeError), floor.gate.turn():
        pass
    floor.journal.fails_at = "begin"
    killed(floor)
    assert floor.broker.cancelled == [number]


def test_a_lost_session_is_no_error_and_its_cancels_stay_due(floor: Stage) -> None:
    number = floor.sent()

    def gone(order_id: int) -> None:
        raise NotConnected(f"{order_id}: the session is gone")

    floor.broker.cancel = gone  # type: ignore[method-assign]
    assert killed(floor).not_cancelled == (number,)
    del floor.broker.cancel
    floor.gate.follow()
    assert floor.broker.cancelled == [number]


def test_an_order_that_turns_up_later_is_cancelled_too(floor: Stage) -> None:
    number = floor.sent()
    other = floor.another_gate(FlakyJournal(floor.journal.inner.another()), StageBroker())
    other.kill(by="m.ruiz", reason="smoke", timeout=0.01)
    assert floor.broker.cancelled == []
    floor.gate.follow()
    assert floor.broker.cancelled == [number]


def test_a_cancel_that_did_not_leave_is_repeated_after_a_while_and_not_at_once(
    floor: Stage,
) -> None:
    number = floor.sent()
    floor.gate.take([StatusReport(order_id=number, status=Status.SUBMITTED)])
    killed(floor)
    floor.gate.take([CancelNotSent(order_id=number, text="the connection is gone")])
    floor.gate.follow()
    assert floor.broker.cancelled == [number]
    floor.clock.advance(timedelta(seconds=3))
    floor.gate.follow()
    assert floor.broker.cancelled == [number, number]


def test_a_cancel_that_another_process_asked_for_leaves_from_here_once(floor: Stage) -> None:
    number = floor.sent()
    floor.journal.inner.another()
    other = FlakyJournal(floor.journal.inner.another())
    with other.turn() as turn:
        turn.append(CancelRequested(order_id=number, actor="m.ruiz"), floor.clock.now())
    for _ in range(3):
        floor.gate.follow()
    assert floor.broker.cancelled == [number]


def test_the_orders_of_others_go_only_with_everything(floor: Stage) -> None:
    broker = obedient(floor)
    floor.tell(foreign=(foreign(floor),))
    report = killed(floor)
    assert (report.done, report.flat, report.foreign, broker.emptied) == (True, False, 1, False)
    report = killed(floor, everything=True)
    assert (report.done, report.flat, report.foreign, broker.emptied) == (True, True, 0, True)


def test_a_global_kill_is_not_done_while_others_work(floor: Stage) -> None:
    floor.tell(foreign=(foreign(floor),))
    report = killed(floor, everything=True)
    assert (report.proven, report.foreign, report.done) == (True, 1, False)


def test_what_was_dropped_is_reported_as_never_sent(floor: Stage) -> None:
    number = floor.allowed()

    def withdraw(covers: object, code: str) -> None:
        del covers
        floor.gate.take([NeverSent(order_id=number, code=code, text="withdrawn")])

    floor.broker.withdraw = withdraw  # type: ignore[method-assign]
    assert killed(floor).never_sent == (number,)


def test_a_kill_leaves_a_note_of_its_report(floor: Stage) -> None:
    killed(floor)
    notes = [one.text for one in floor.journal.payloads() if isinstance(one, Note)]
    assert notes[-1].startswith("kill: all: 0 never left, 0 confirmed, 0 pending")


def test_who_waits_for_the_lock_while_a_kill_begins_is_decided_under_it(floor: Stage) -> None:
    seen: list[str] = []

    class Watched(StageBroker):
        client_id = 1

        def withdraw(self, covers: Callable[[int], bool], code: str) -> None:
            super().withdraw(covers, code)
            if not seen:
                seen.append("")  # nothing is recorded yet, and another order comes
                seen[0] = str(floor.gate.submit("BUY 10 AAPL LMT 190").decision.codes)

    broker = Watched()
    for part in (floor.gate, floor.gate._kill, floor.gate._switch, floor.gate._proof):
        part._broker = broker
    killed(floor)
    assert seen == ["('KILLED',)"]
    assert broker.placed == []
    assert floor.gate.world.announced == ()
