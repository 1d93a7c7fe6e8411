"""Parent orders: judged as a whole, worked off in slices, each judged again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.execution.plans import plan_of
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order, OrderType, Side
from riskgate.model.report import StatusReport
from riskgate.model.work import Plan, WorkState
from tests.unit.line.parent_steps import (
    LINE,
    MINUTE,
    SAID,
    TWAP,
    check_folded,
    fill_all,
    passed,
    placed,
    state_of,
    worked,
)

if TYPE_CHECKING:
    from riskgate.line.parents import ParentTicket
    from tests.unit.conftest import Stage


@pytest.fixture(autouse=True)
def _the_journal_alone_gives_the_same_book(stage: Stage) -> Iterator[None]:
    yield
    check_folded(stage)


# -- the straight way ---------------------------------------------------------------------------


def test_its_slices_are_exactly_the_parent(stage: Stage) -> None:
    ticket = worked(stage)
    for _ in range(10):
        fill_all(stage, ticket)
        passed(stage)
    assert placed(stage) == [9, 10, 9, 10, 9, 10, 9, 10, 9, 10]
    assert ticket.status is Status.FILLED
    view = ticket.view
    assert view is not None
    assert (view.filled_quantity, view.avg_fill_price) == (Decimal(95), Decimal(190))
    assert [fill.quantity for fill in ticket.fills] == placed(stage)
    assert state_of(ticket) is WorkState.ENDED
    passed(stage)
    assert len(placed(stage)) == 10


def test_a_parent_never_leaves_and_reserves_nothing_itself(stage: Stage) -> None:
    ticket = worked(stage)
    assert ticket.order_id not in [one.order_id for one in stage.broker.placed]
    assert stage.reserved() == (0, 9, 0)
    assert [life.order_id for life in stage.gate.ledger.working()] == list(ticket.slices)


def test_a_parent_is_judged_as_a_whole_and_a_denied_one_sends_nothing(stage: Stage) -> None:
    ticket = stage.gate.work("BUY 101 AAPL MKT DAY", TWAP)
    assert ticket.decision.by == ("desk/position",)
    passed(stage)
    assert placed(stage) == []
    assert ticket.progress is None
    assert ticket.status is Status.DENIED


def test_each_slice_is_judged_again(stage: Stage) -> None:
    ticket = worked(stage)
    fill_all(stage, ticket)
    stage.allowed("BUY 85 AAPL LMT 190")  # the room that the rest would need
    passed(stage)
    assert [stage.status_of(number) for number in ticket.slices] == [Status.FILLED, Status.DENIED]
    assert stage.gate.ledger.orders[ticket.slices[1]].decision.by == ("desk/position",)


def test_slices_say_whose_they_are(stage: Stage) -> None:
    ticket = stage.gate.work(LINE + " tag=x", TWAP, strategy="alpha", actor="bob")
    (number,) = ticket.slices
    life = stage.gate.ledger.orders[number]
    assert life.order is not None
    assert (life.parent, life.actor, life.order.strategy, life.order.tag) == (
        ticket.order_id,
        "bob",
        "alpha",
        "x",
    )
    assert life.ref == f"{ticket.ref}/1"


def test_the_slice_of_a_declared_intent_declares_its_share(stage: Stage) -> None:
    ticket = worked(stage, "BUY 100 AAPL MKT DAY intent=19000")
    order = stage.gate.ledger.orders[ticket.slices[0]].order
    assert order is not None
    assert order.intent == 1900


@pytest.mark.parametrize(
    ("line", "plan", "why"),
    [
        (LINE, "twop duration=10m", "there is no algorithm `twop`"),
        (LINE, "twap duration=10m", "`slices` is missing"),
        (LINE, "iceberg display=10", "an iceberg needs a limit order"),
        ("BUY 5 AAPL MKT DAY", TWAP, "it has no lot for each of 10 slices"),
        ("SELL 50 AAPL STP 180 DAY", TWAP, "only MKT and LMT orders"),
        ("BUY 50 AAPL LMT 190 IOC", TWAP, "DAY or GTC, not IOC"),
        ("BUY 50 AAPL LMT 190 DAY display_size=10", TWAP, "no instructions"),
    ],
)
def test_a_plan_that_cannot_work_denies_the_parent(
    stage: Stage, line: str, plan: str, why: str
) -> None:
    ticket = stage.gate.work(line, plan)
    assert "BAD_ORDER" in ticket.decision.codes
    assert why in " ".join(finding.text for finding in ticket.decision.breaches)
    assert placed(stage) == []
    assert stage.gate.order(ticket.order_id) is not None


@pytest.mark.parametrize("quantity", ["NaN", "sNaN", "Infinity", "-5", "0", "1E+40", "0.5"])
def test_no_quantity_is_too_odd_to_be_denied_in_good_order(stage: Stage, quantity: str) -> None:
    order = Order(
        side=Side.BUY, quantity=Decimal(quantity), symbol="AAPL", order_type=OrderType.MKT
    )
    for plan in (TWAP, "pov percent=10 min_slice=1 max_slice=5", "vwap duration=1m profile=1,2"):
        ticket = stage.gate.work(order, plan)
        assert not ticket.allowed
        assert ticket.order_id
    assert placed(stage) == []


@pytest.mark.parametrize(
    "plan", [None, 7, "", "\ud800 x=1", "twap \x00=1", Plan("twap", (("a", "b"),))]
)
def test_no_plan_is_too_odd_to_be_denied_in_good_order(stage: Stage, plan: object) -> None:
    ticket = stage.gate.work(LINE, plan)
    assert ticket.decision.codes == ("BAD_ORDER",)
    assert ticket.order_id


def test_the_same_key_is_the_same_parent_and_another_plan_is_refused(stage: Stage) -> None:
    line = f"{LINE} key=k1"
    first = worked(stage, line)
    again = stage.gate.work(line, TWAP)
    assert (again.order_id, again.slices) == (first.order_id, first.slices)
    assert stage.gate.work(line, "twap duration=20m slices=10").decision.codes == ("KEY_REUSED",)
    assert stage.gate.submit(line).decision.codes == ("KEY_REUSED",)
    assert placed(stage) == [9]


def test_a_plan_that_only_another_version_knows_pauses_its_parent_alone(stage: Stage) -> None:
    ticket = worked(stage)
    gone = Plan("gone", (("x", "1"),))
    number = ticket.order_id
    stage.gate.ledger.works.open[number].plan = gone
    other = worked(stage, "BUY 50 MSFT MKT DAY")
    stage.gate.step()
    assert ticket.progress is not None
    assert ticket.progress.reason.startswith("there is no algorithm `gone`")
    assert state_of(other) is WorkState.RUNNING
    stage.gate.ledger.works.open[number].plan = plan_of(TWAP)


def test_what_is_no_order_is_denied_like_any(stage: Stage) -> None:
    assert not stage.gate.work("BUY some AAPL", TWAP).allowed
    assert stage.gate.step() is None


# -- fills, refusals, rejects -------------------------------------------------------------------


def test_a_piece_is_shown_and_the_next_goes_when_it_is_filled(stage: Stage) -> None:
    ticket = worked(stage, "BUY 70 AAPL LMT 190 DAY", "iceberg display=30")
    passed(stage)
    assert placed(stage) == [30]
    for _ in range(3):
        fill_all(stage, ticket)
        stage.gate.step()
    assert placed(stage) == [30, 30, 10]
    assert ticket.status is Status.FILLED


def test_volume_that_the_market_trades_is_taken_part_in(stage: Stage) -> None:
    stage.market.set_volume("AAPL", Decimal(5000))
    ticket = worked(stage, plan="pov percent=10 min_slice=10 max_slice=30")
    assert placed(stage) == []
    stage.market.set_volume("AAPL", Decimal(5150))
    stage.gate.step()
    assert placed(stage) == [15]
    stage.market.set_volume("AAPL", Decimal(9000))
    stage.gate.step()
    assert placed(stage) == [15, 30]
    assert ticket.progress is not None
    assert ticket.progress.left == 50


def test_what_the_broker_rejects_is_sent_again_under_another_key(stage: Stage) -> None:
    ticket = worked(stage)
    stage.gate.take([StatusReport(order_id=ticket.slices[0], status=Status.REJECTED)])
    passed(stage)
    assert placed(stage) == [9, 19]
    refs = [stage.gate.ledger.orders[number].ref for number in ticket.slices]
    assert refs == [f"{ticket.ref}/1", f"{ticket.ref}/2"]


def test_a_few_refusals_in_a_row_pause_it_with_the_reason(stage: Stage) -> None:
    ticket = worked(stage)
    stage.gate.halt(by="ann", reason="news")
    for _ in range(10):
        passed(stage, timedelta(seconds=20))
    progress = ticket.progress
    assert progress is not None
    assert progress.state is WorkState.PAUSED
    assert progress.reason == "3 slices were denied one after the other: HALTED"
    assert progress.slices == 4
    assert placed(stage) == [9]


def test_a_refused_slice_is_not_tried_again_at_once(stage: Stage) -> None:
    ticket = worked(stage)
    stage.gate.halt(by="ann", reason="news")
    passed(stage)
    for _ in range(4):
        passed(stage, timedelta(seconds=1))
    assert len(ticket.slices) == 2
    stage.gate.resume(by="ann", reason="over", override=True)
    passed(stage, timedelta(seconds=1))
    assert placed(stage) == [9, 10]


def rejected(stage: Stage, ticket: ParentTicket, by: timedelta) -> None:
    """The broker refuses the newest slice, and some time passes."""
    number = ticket.slices[-1]
    refusal = StatusReport(order_id=number, status=Status.REJECTED, reason="201: no margin")
    stage.gate.take([refusal, refusal])
    passed(stage, by)


def test_slices_that_the_broker_rejects_are_given_up_after_a_few(stage: Stage) -> None:
    ticket = stage.gate.work("BUY 60 AAPL LMT 190 DAY", "iceberg display=10")
    rejected(stage, ticket, timedelta(seconds=1))
    assert placed(stage) == [10]
    passed(stage, timedelta(seconds=5))
    for _ in range(8):
        rejected(stage, ticket, timedelta(seconds=6))
    assert placed(stage) == [10, 10, 10]
    progress = ticket.progress
    assert progress is not None
    assert progress.state is WorkState.PAUSED
    assert progress.reason == "3 slices were rejected one after the other: 201: no margin"
    ticket.resume(by="ann", reason="there is margin now")
    stage.gate.step()
    assert placed(stage) == [10, 10, 10, 10]
    assert stage.facts() == stage.facts(stage.folded())


def test_slices_are_taken_back_if_a_late_fill_leaves_them_no_room(stage: Stage) -> None:
    ticket = stage.gate.work("BUY 60 AAPL LMT 190 DAY", "iceberg display=60")
    (first,) = ticket.slices
    stage.says(first, Status.CANCELLED)
    passed(stage, timedelta(seconds=1))
    second = ticket.slices[-1]
    stage.says(second, Status.SUBMITTED)
    stage.gate.take([stage.execution(first, "25")])
    passed(stage, timedelta(seconds=1))
    assert stage.status_of(second) is Status.PENDING_CANCEL
    stage.says(second, Status.CANCELLED)
    passed(stage, timedelta(seconds=1))
    assert placed(stage) == [60, 60, 35]


def test_an_order_that_has_taken_the_key_of_a_slice_pauses_the_work(stage: Stage) -> None:
    ticket = stage.gate.work("BUY 40 AAPL LMT 190 DAY key=mine", "iceberg display=20")
    taken = stage.allowed("BUY 20 AAPL LMT 190 DAY key=mine/2")
    stage.gate.take([stage.execution(ticket.slices[0], "20")])
    passed(stage, timedelta(seconds=1))
    progress = ticket.progress
    assert progress is not None
    assert progress.reason == f"key `mine/2` is that of order {taken}, no slice"
    assert placed(stage) == [20, 20]


def test_a_fill_between_rejections_lets_the_work_go_on(stage: Stage) -> None:
    ticket = stage.gate.work("BUY 60 AAPL LMT 190 DAY", "iceberg display=10")
    for number in range(4):
        rejected(stage, ticket, timedelta(seconds=6))
        stage.gate.take([stage.execution(ticket.slices[-1], "10", f"000{number}.01")])
        passed(stage, timedelta(seconds=1))
    assert placed(stage) == [10] * 9
    assert stage.facts() == stage.facts(stage.folded())


def test_what_is_left_and_held_at_the_end_is_not_asked_for_again(
    staged: Callable[[str], Stage],
) -> None:
    stage = staged(
        "riskgate: 1\npolicy: desk\ntimezone: UTC\ncurrency: USD\nrules:\n"
        "  - {id: size, kind: fat_finger, max_quantity: 22, on_breach: hold, because: test}\n"
    )
    plan = "twap duration=1m slices=2 at_end=cross"
    ticket = stage.gate.work("BUY 40 AAPL LMT 190 DAY", plan, actor="desk")
    stage.gate.approve(ticket.order_id, by="ann", reason="fine")
    stage.gate.step()
    passed(stage, timedelta(seconds=61))
    (first,) = ticket.slices
    stage.says(first, Status.CANCELLED)
    for _ in range(9):
        passed(stage, timedelta(seconds=2))
    _, held = ticket.slices
    assert stage.status_of(held) is Status.HELD
    assert stage.gate.approve(held, by="ann", reason="fine")[0].allowed
    assert placed(stage) == [20, 40]
    assert stage.facts() == stage.facts(stage.folded())


def test_a_held_slice_is_waited_for(staged: Callable[[str], Stage]) -> None:
    stage = staged(
        "riskgate: 1\npolicy: desk\ntimezone: UTC\ncurrency: USD\nrules:\n"
        "  - {id: size, kind: fat_finger, max_quantity: 12, on_breach: hold, because: test}\n"
    )
    ticket = stage.gate.work("BUY 40 AAPL MKT DAY", "twap duration=2m slices=2", actor="desk")
    assert ticket.status is Status.HELD
    assert ticket.progress is None
    (approved,) = stage.gate.approve(ticket.order_id, by="ann", reason="fine")
    assert approved.allowed
    stage.gate.step()
    (first,) = ticket.slices
    assert stage.status_of(first) is Status.HELD
    passed(stage, timedelta(seconds=30))
    assert ticket.slices == (first,)
    assert stage.gate.approve(first, by="ann", reason="fine")[0].allowed
    assert placed(stage) == [20]
    assert stage.facts() == stage.facts(stage.folded())


# -- the guards ---------------------------------------------------------------------------------


def test_a_market_that_moves_away_pauses_it_until_a_person_has_looked(stage: Stage) -> None:
    ticket = worked(stage, plan=f"{TWAP} max_drift_bps=50")
    stage.clock.advance(MINUTE)
    stage.quote("AAPL", "191.99", "192.01")
    stage.gate.step()
    assert ticket.progress is not None
    assert ticket.progress.reason.startswith("drift: 190 to 192")
    ticket.resume(**SAID)
    stage.gate.step()
    assert placed(stage) == [9, 10]


def test_when_its_time_is_over_what_works_is_cancelled_and_the_rest_is_not_sent(
    stage: Stage,
) -> None:
    ticket = worked(stage, "BUY 50 AAPL LMT 190 DAY", "twap duration=2m slices=2")
    passed(stage, 2 * MINUTE)
    (first,) = ticket.slices
    assert stage.broker.cancelled == [first]
    stage.says(first, Status.CANCELLED)
    stage.gate.step()
    assert ticket.status is Status.EXPIRED
    assert state_of(ticket) is WorkState.ENDED


def test_when_its_time_is_over_it_crosses_if_that_was_asked(stage: Stage) -> None:
    ticket = worked(stage, plan="twap duration=2m slices=2 at_end=cross")
    fill_all(stage, ticket)
    passed(stage, 3 * MINUTE)
    assert placed(stage) == [47, 48]
    fill_all(stage, ticket)
    assert ticket.status is Status.FILLED
