"""One-cancels-all groups: judged as the worst of their orders, and released as they end."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.instructions import OcaType
from riskgate.model.lifecycle import Status
from riskgate.model.report import NeverSent, OrderEcho
from riskgate.ticket import Ticket
from tests.unit.conftest import ACCOUNT, Stage

PAIR = ("BUY 60 AAPL LMT 190", "BUY 80 AAPL LMT 188")


def numbers(tickets: tuple[Ticket, ...]) -> list[int]:
    assert all(ticket.allowed for ticket in tickets), [t.decision.breaches for t in tickets]
    return [ticket.order_id for ticket in tickets]


def test_a_group_reserves_its_worst_order_of_a_side_and_instrument(stage: Stage) -> None:
    stage.gate.submit_oca([*PAIR, "SELL 50 AAPL LMT 195", "BUY 70 MSFT LMT 390"])
    assert stage.reserved() == (0, 80, 50)
    assert stage.reserved("MSFT") == (0, 70, 0)
    assert stage.facts() == stage.facts(stage.folded())


def test_each_order_of_a_group_is_held_against_the_limits_alone(stage: Stage) -> None:
    assert numbers(stage.gate.submit_oca([*PAIR, "BUY 100 AAPL LMT 180"]))
    assert not stage.gate.submit("BUY 1 AAPL LMT 190").allowed
    assert stage.gate.submit("BUY 1 MSFT LMT 390").allowed


def test_what_works_already_is_held_against_every_order_of_a_group(stage: Stage) -> None:
    stage.allowed("BUY 21 AAPL LMT 190")
    small, large = stage.gate.submit_oca(PAIR)
    assert small.decision.codes == ("GROUP_DENIED",)
    assert large.decision.by == ("desk/position",)
    assert stage.reserved() == (0, 21, 0)
    assert [one.order_id for one in stage.broker.placed] == [1]


def test_all_orders_of_a_group_leave_as_one_and_name_it(stage: Stage) -> None:
    first, second = numbers(stage.gate.submit_oca(PAIR, group="either", oca_type="reduce_block"))
    assert [one.order_id for one in stage.broker.placed] == [first, second]
    said = {one.order.instructions.oca_group for one in stage.broker.placed}
    assert said == {"either"}
    kinds = {one.order.instructions.oca_type for one in stage.broker.placed}
    assert kinds == {OcaType.REDUCE_BLOCK}


def test_a_group_without_a_name_gets_one_of_its_own(stage: Stage) -> None:
    for _ in range(2):
        stage.gate.submit_oca(["BUY 1 AAPL LMT 190", "BUY 2 AAPL LMT 188"])
    names = [one.order.instructions.oca_group for one in stage.broker.placed]
    assert names[0] == names[1] != names[2] == names[3]


def test_a_group_asked_for_again_by_its_keys_is_the_same_group(stage: Stage) -> None:
    lines = [f"{PAIR[0]} key=a", f"{PAIR[1]} key=b"]
    first = numbers(stage.gate.submit_oca(lines))
    assert numbers(stage.gate.submit_oca(lines)) == first
    assert len(stage.broker.placed) == 2


def test_room_is_given_back_as_orders_end_and_fill(stage: Stage) -> None:
    small, large = numbers(stage.gate.submit_oca(PAIR))
    stage.gate.take([stage.execution(small, "10")])
    assert stage.reserved() == (10, 80, 0)
    stage.says(large, Status.CANCELLED)
    assert stage.reserved() == (10, 50, 0)
    stage.gate.take([stage.execution(small, "50", "0002.01")])
    assert stage.reserved() == (60, 0, 0)
    assert stage.facts() == stage.facts(stage.folded())


def test_an_order_that_was_made_smaller_by_the_broker_holds_less(stage: Stage) -> None:
    small, large = numbers(stage.gate.submit_oca(PAIR, oca_type=OcaType.REDUCE_BLOCK))
    stage.gate.take([stage.execution(small, "30")])
    stage.echoes(large, "40", "188")
    assert stage.reserved() == (30, 40, 0)
    stage.echoes(large, "80", "188")  # said before
    assert stage.reserved() == (30, 40, 0)
    assert stage.facts() == stage.facts(stage.folded())


@pytest.mark.parametrize(
    ("oca_type", "quantity", "price"),
    [("cancel_block", "40", "188"), ("reduce_block", "40", "187"), ("reduce_block", "0", "188")],
)
def test_what_is_no_reduction_of_the_brokers_makes_nothing_smaller(
    stage: Stage, oca_type: str, quantity: str, price: str
) -> None:
    _, large = numbers(stage.gate.submit_oca(PAIR, oca_type=oca_type))
    stage.echoes(large, quantity, price)
    assert stage.reserved() == (0, 80, 0)


def test_an_order_that_was_modified_is_not_believed_to_be_smaller(stage: Stage) -> None:
    _, large = numbers(stage.gate.submit_oca(PAIR, oca_type="reduce_block"))
    stage.echoes(large, "40", "188")
    assert stage.reserved() == (0, 60, 0)
    assert stage.gate.modify(large, quantity=70).allowed
    assert stage.reserved() == (0, 80, 0)
    stage.echoes(large, "70", "188")
    assert stage.reserved() == (0, 70, 0)
    stage.gate.take([OrderEcho(order_id=large, quantity=Decimal(40), limit_price=Decimal(188))])
    assert stage.reserved() == (0, 70, 0)


def test_without_a_block_all_may_fill_so_each_counts_by_itself(stage: Stage) -> None:
    lines = ["BUY 60 AAPL LMT 190", "BUY 41 AAPL LMT 188"]
    over = stage.gate.submit_oca(lines, oca_type="reduce")
    assert [one.allowed for one in over] == [False, False]
    assert over[1].decision.by == ("desk/position",)
    lines[1] = "BUY 40 AAPL LMT 188"
    first, second = numbers(stage.gate.submit_oca(lines, oca_type="reduce"))
    assert stage.reserved() == (0, 100, 0)
    assert [one.order_id for one in stage.broker.placed] == [first, second]
    assert not stage.gate.modify(second, quantity=41).allowed
    stage.echoes(second, "30", "188")  # the broker made it smaller
    assert stage.reserved() == (0, 90, 0)
    assert stage.facts() == stage.facts(stage.folded())


def test_a_modify_is_judged_in_the_place_of_the_whole_group(stage: Stage) -> None:
    small, large = numbers(stage.gate.submit_oca(PAIR))
    assert stage.gate.modify(small, quantity=100).allowed
    assert stage.reserved() == (0, 100, 0)
    assert stage.gate.modify(large, quantity=101).decision.by == ("desk/position",)
    assert stage.reserved() == (0, 100, 0)


def test_exits_of_a_position_are_reductions_together(stage: Stage) -> None:
    stage.gate.take([stage.execution(stage.allowed("BUY 90 AAPL LMT 190"), "90")])
    tickets = stage.gate.submit_oca(["SELL 90 AAPL LMT 195", "SELL 90 AAPL STP 185"])
    assert [one.decision.reduction for one in tickets] == [True, True]
    assert stage.reserved() == (90, 0, 90)


def test_orders_that_name_one_group_but_come_singly_reserve_everything(stage: Stage) -> None:
    for line in ("BUY 60 AAPL LMT 190", "BUY 40 AAPL LMT 188"):
        stage.allowed(f"{line} oca_group=either oca_type=cancel_block")
    assert stage.reserved() == (0, 100, 0)


def test_strategies_do_not_stand_for_each_other(stage: Stage) -> None:
    stage.gate.submit_oca(["BUY 40 AAPL LMT 190 strategy=a", "BUY 50 AAPL LMT 190 strategy=b"])
    assert stage.reserved() == (0, 90, 0)


def test_a_session_that_is_gone_leaves_none_of_a_group(stage: Stage) -> None:
    stage.broker.away = True
    tickets = stage.gate.submit_oca(PAIR)
    assert [one.status for one in tickets] == [Status.NEVER_SENT] * 2
    never = [event for event in stage.journal.payloads() if isinstance(event, NeverSent)]
    assert [event.order_id for event in never] == [one.order_id for one in tickets]
    assert stage.reserved() == (0, 0, 0)


def test_a_group_survives_a_restart(stage: Stage) -> None:
    small, large = numbers(stage.gate.submit_oca(PAIR))
    gate = stage.restarted()
    assert gate.ledger.holdings.of(ACCOUNT, "AAPL").buys == 80
    gate.take([NeverSent(order_id=large, code="QUEUE_EXPIRED", text="late")])
    assert gate.ledger.holdings.of(ACCOUNT, "AAPL").buys == 60
    gate.take([NeverSent(order_id=small, code="QUEUE_EXPIRED", text="late")])
    assert gate.ledger.holdings.of(ACCOUNT, "AAPL").buys == 0


@pytest.mark.parametrize(
    ("lines", "named", "text"),
    [
        (["BUY 1 AAPL LMT 190"], {}, "two orders or more"),
        (PAIR, {"oca_type": "all"}, "oca_type `all` is not one of cancel_block"),
        (PAIR, {"group": "  "}, "text that is not blank"),
        (PAIR, {"group": 3}, "text that is not blank"),
        (
            ["BUY 1 AAPL LMT 190 account=DU1234567", "BUY 2 AAPL LMT 190 account=DU2"],
            {},
            "one account",
        ),
        (
            ["BUY 1 AAPL LMT 190 oca_group=x oca_type=reduce", "BUY 2 AAPL LMT 190"],
            {},
            "must not name another group",
        ),
        (["BUY 1 AAPL LMT 190"] * 51, {}, "has 50 orders at most; found 51"),
    ],
)
def test_what_is_no_group_is_denied_and_said(
    stage: Stage, lines: list[str], named: dict[str, str], text: str
) -> None:
    tickets = stage.gate.submit_oca(lines, **named)
    assert len(tickets) == len(lines)
    for ticket in tickets:
        assert any(text in finding.text for finding in ticket.decision.breaches)
    assert stage.broker.placed == []


def test_a_held_group_that_is_approved_reserves_its_worst(
    staged: Callable[[str], Stage],
) -> None:
    stage = staged(
        "riskgate: 1\npolicy: desk\ntimezone: UTC\ncurrency: USD\nrules:\n"
        "  - {id: room, kind: position, per: [account, symbol], max_long: 100, because: test}\n"
        "  - {id: size, kind: fat_finger, max_quantity: 50, on_breach: hold, because: test}\n"
    )
    held = stage.gate.submit_oca([*PAIR, "BUY 70 AAPL LMT 187"])
    assert {one.status for one in held} == {Status.HELD}
    assert stage.reserved() == (0, 0, 0)
    assert len(numbers(stage.gate.approve(held[0].order_id, by="ann", reason="fine"))) == 3
    assert stage.reserved() == (0, 80, 0)
    stage.says(held[1].order_id, Status.CANCELLED)
    assert stage.reserved() == (0, 70, 0)
    assert stage.facts() == stage.facts(stage.folded())


def test_an_unreadable_order_denies_the_group(stage: Stage) -> None:
    good, bad = stage.gate.submit_oca(["BUY 1 AAPL LMT 190", "BUY AAPL"])
    assert good.decision.codes == ("GROUP_DENIED",)
    assert not bad.allowed
    assert stage.gate.submit_oca([]) == ()
