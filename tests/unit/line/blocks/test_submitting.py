"""Submitting blocks: each order is judged under its own strategy, and one order leaves."""

from __future__ import annotations

from riskgate.execution.aggregate import Aggregation
from riskgate.journal.memory import MemoryJournal
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from tests.unit.conftest import ACCOUNT, FlakyJournal, compiled
from tests.unit.line.blocks.conftest import ALPHA, BETA, LIMITS, House, codes, statuses

# --- submitting ----------------------------------------------------------------------------------


def test_two_strategies_leave_as_one_order_and_hold_their_own_room(house: House) -> None:
    number, tickets = house.block()
    assert [str(one.order) for one in house.broker.placed] == [
        f"BUY 100 AAPL LMT 190 DAY account={ACCOUNT}"
    ]
    assert [one.order_id for one in house.broker.placed] == [number] == [3]
    assert [ticket.order_id for ticket in tickets] == [1, 2]
    assert house.reserved() == (0, 100, 0)
    assert (house.own("alpha"), house.own("beta"), house.own("")) == (
        (0, 60, 0),
        (0, 40, 0),
        (0, 0, 0),
    )
    assert [life.order_id for life in house.gate.ledger.working()] == [3]


def test_without_the_setting_a_block_is_refused_by_name(house: House) -> None:
    house.gate._aggregation = Aggregation()
    _, tickets = house.block()
    assert codes(*tickets) == [("BAD_ORDER",)] * 2
    assert "aggregation: {allow: true}" in tickets[0].decision.breaches[0].text
    assert house.broker.placed == []


def test_netting_needs_a_setting_of_its_own(house: House) -> None:
    house.gate._aggregation = Aggregation(allow=True)
    lines = "BUY 60 AAPL MKT strategy=alpha", "SELL 40 AAPL MKT strategy=beta"
    _, tickets = house.block(*lines, net=True)
    assert codes(*tickets) == [("BAD_ORDER",)] * 2
    assert "aggregation: {net: true}" in tickets[0].decision.breaches[0].text
    assert house.broker.placed == []


def test_orders_that_do_not_go_together_are_all_refused_and_say_why(house: House) -> None:
    _, tickets = house.block(ALPHA, "BUY 40 AAPL LMT 191 DAY strategy=beta")
    assert codes(*tickets) == [("BAD_ORDER",)] * 2
    why = tickets[0].decision.breaches[0].text
    assert why == "order 2 of the block has `limit_price` 191, the first 190"
    assert house.broker.placed == []


def test_a_member_above_its_own_limit_is_denied_and_the_others_go_on(house: House) -> None:
    lines = (ALPHA, "BUY 101 AAPL LMT 190 DAY strategy=beta", ALPHA.replace("alpha", "gamma"))
    number, tickets = house.block(*lines)
    assert codes(*tickets) == [(), ("desk/own",), ()]
    assert [one.order.quantity for one in house.broker.placed] == [120]
    assert house.life(number).members == (house.life(1), house.life(3))
    assert tickets[1].view is not None
    assert tickets[1].view.block_id == 0


def test_the_sum_over_strategies_is_asked_of_the_members_in_turn(house: House) -> None:
    assert house.gate.submit("BUY 100 AAPL LMT 180 strategy=delta").allowed
    house.gate.take([house.execution(1, "100", "d.01")])
    assert house.gate.submit("BUY 100 AAPL LMT 180 strategy=gamma").allowed
    house.gate.take([house.execution(2, "100", "g.01")])
    lines = [f"BUY 90 AAPL LMT 190 strategy=s{n}" for n in range(3)]
    _, tickets = house.block(*lines)
    assert codes(*tickets) == [(), (), ("desk/all",)]
    assert house.reserved() == (200, 180, 0)


def test_limits_of_a_strategy_are_not_asked_of_the_whole(house: House) -> None:
    _, tickets = house.block(ALPHA, ALPHA.replace("alpha", "beta"))
    assert [ticket.allowed for ticket in tickets] == [True, True]
    assert house.broker.placed[0].order.quantity == 120


def test_a_daily_volume_stays_each_strategys_own(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, 100, "a.01")
    over = house.gate.submit("BUY 100 MSFT LMT 400 strategy=alpha")
    assert set(over.decision.by) == {"desk/own", "desk/day"}
    assert house.gate.submit("SELL 10 MSFT LMT 400 strategy=beta").allowed
    assert house.parts(*tickets) == [60, 40]


def test_a_block_too_large_for_one_order_denies_its_members(house: House) -> None:
    lines = [f"BUY 90 AAPL LMT 190 strategy=s{n}" for n in range(4)]
    _, tickets = house.block(*lines)
    assert codes(*tickets) == [("GROUP_DENIED",)] * 4
    block = house.life(5)
    assert block.status is Status.DENIED
    assert block.reason == "desk/size"
    assert house.reserved() == (0, 0, 0)
    assert house.broker.placed == []


def test_one_that_is_left_goes_alone(house: House) -> None:
    _, tickets = house.block(ALPHA, "BUY 101 AAPL LMT 190 DAY strategy=beta")
    assert [one.order_id for one in house.broker.placed] == [1]
    house.fill(1, 60, "a.01")
    assert statuses(*tickets) == [Status.FILLED, Status.DENIED]
    assert house.own("alpha") == (60, 0, 0)


def test_nothing_at_all_is_no_block(house: House) -> None:
    assert house.gate.submit_block([]) == ()
    assert house.gate.submit_block(["nonsense"])[0].decision.by == ("BAD_ORDER",)
    assert house.broker.placed == []


def test_an_order_that_cannot_be_read_stays_out(house: House) -> None:
    _, tickets = house.block("BUY many AAPL", ALPHA, BETA)
    assert [ticket.allowed for ticket in tickets] == [False, True, True]
    assert house.broker.placed[0].order.quantity == 100


def test_the_same_keys_are_the_same_block(house: House) -> None:
    lines = [f"{ALPHA} key=A", f"{BETA} key=B"]
    first = house.gate.submit_block(lines)
    again = house.gate.submit_block(lines)
    assert [one.order_id for one in again] == [one.order_id for one in first]
    assert len(house.broker.placed) == 1


def test_two_orders_of_a_block_cannot_have_the_same_key(house: House) -> None:
    _, tickets = house.block(f"{ALPHA} key=A", f"{BETA} key=A")
    assert codes(*tickets) == [(), ("KEY_REUSED",)]


def test_the_block_has_the_name_that_the_settings_give_it(house: House) -> None:
    house.gate._aggregation = Aggregation(allow=True, strategy="desk")
    house.block()
    assert house.broker.placed[0].order.strategy == "desk"


def test_a_held_member_stays_out_and_leaves_by_itself_when_it_is_approved() -> None:
    text = LIMITS + "  - {id: big, kind: fat_finger, max_quantity: 50, on_breach: hold,\n"
    text += "     match: {strategy: alpha}, because: test}\n"
    house = House(compiled(text), FlakyJournal(MemoryJournal()))
    gamma = BETA.replace("beta", "gamma")
    number, tickets = house.block(ALPHA, BETA, gamma)
    assert statuses(*tickets) == [Status.HELD, Status.PENDING_SUBMIT, Status.PENDING_SUBMIT]
    assert house.reserved() == (0, 80, 0)
    house.gate.approve(1, by="m.ruiz", reason="seen")
    assert [one.order_id for one in house.broker.placed] == [number, 1]
    assert house.reserved() == (0, 140, 0)


def test_a_block_that_would_be_held_is_denied() -> None:
    text = LIMITS + "  - {id: big, kind: fat_finger, max_quantity: 90, on_breach: hold,\n"
    text += "     because: test}\n"
    house = House(compiled(text), FlakyJournal(MemoryJournal()))
    _, tickets = house.block()
    assert codes(*tickets) == [("GROUP_DENIED",)] * 2
    assert house.life(3).status is Status.DENIED
    assert house.broker.placed == []


def test_what_cannot_be_recorded_is_refused_and_does_not_leave(house: House) -> None:
    house.journal.fails_at = "commit"
    tickets = house.gate.submit_block([ALPHA, BETA])
    assert codes(*tickets) == [("JOURNAL_UNAVAILABLE",)] * 2
    house.journal.fails_at = ""
    house.gate.follow()
    assert house.broker.placed == []
    assert house.reserved() == (0, 0, 0)


def test_what_is_on_record_although_it_was_refused_never_left(house: House) -> None:
    house.journal.fails_at = "answer"
    house.gate.submit_block([ALPHA, BETA])
    house.journal.fails_at = ""
    house.gate.follow()
    assert {life.status for life in house.gate.ledger.orders.values()} == {Status.NEVER_SENT}
    assert house.reserved() == (0, 0, 0)


def test_without_a_session_none_of_it_was_sent(house: House) -> None:
    house.broker.away = True
    number, tickets = house.block()
    assert statuses(*tickets) == [Status.NEVER_SENT] * 2
    assert house.status_of(number) is Status.NEVER_SENT
    assert house.reserved() == (0, 0, 0)


# --- netting -------------------------------------------------------------------------------------


def test_opposite_orders_cross_at_the_blocks_price_as_it_fills(house: House) -> None:
    lines = "BUY 100 AAPL MKT strategy=alpha", "SELL 80 AAPL MKT strategy=beta"
    number, tickets = house.block(*lines, net=True)
    assert house.broker.placed[0].order.side is Side.BUY
    assert house.broker.placed[0].order.quantity == 20
    assert house.reserved() == (0, 100, 80)
    house.fill(number, 5, "a.01")
    assert [(one.fills[0].side, int(one.fills[0].quantity)) for one in tickets] == [
        (Side.BUY, 25),
        (Side.SELL, 20),
    ]
    assert house.reserved() == (5, 75, 60)
    house.fill(number, 15, "b.01", price="191")
    assert (house.own("alpha"), house.own("beta")) == ((100, 0, 0), (-80, 0, 0))
    assert house.reserved() == (20, 0, 0)
    assert statuses(*tickets) == [Status.FILLED] * 2


def test_a_netted_member_still_does_not_meet_our_other_orders(house: House) -> None:
    house.sent("SELL 10 AAPL LMT 195 strategy=other")
    lines = "BUY 100 AAPL MKT strategy=alpha", "SELL 80 AAPL MKT strategy=beta"
    _, tickets = house.block(*lines, net=True)
    assert codes(*tickets) == [("desk/crossing",), ()]


def test_orders_that_net_to_nothing_are_refused(house: House) -> None:
    lines = "BUY 80 AAPL MKT strategy=alpha", "SELL 80 AAPL MKT strategy=beta"
    _, tickets = house.block(*lines, net=True)
    assert codes(*tickets) == [("BAD_ORDER",)] * 2


def test_orders_that_net_to_nothing_when_one_is_left_out_are_refused(house: House) -> None:
    lines = (
        "BUY 80 AAPL MKT strategy=alpha",
        "SELL 80 AAPL MKT strategy=beta",
        "BUY 101 AAPL MKT strategy=gamma",
    )
    _, tickets = house.block(*lines, net=True)
    assert [ticket.allowed for ticket in tickets] == [False] * 3
    assert "net to nothing" in tickets[0].decision.breaches[0].text
    assert house.broker.placed == []
