"""Fills of a block: each order gets its part, and the parts come to the fills."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from riskgate.line.following import News
from riskgate.model.lifecycle import Status
from riskgate.model.report import (
    CommissionReport,
    ExecutionReport,
    NeverSent,
    Sent,
)
from riskgate.record.chronicle import chronicle
from riskgate.replay.replaying import replay
from tests.unit.line.blocks.conftest import ALPHA, BETA, House, statuses

# --- fills ---------------------------------------------------------------------------------------


def test_partial_fills_are_divided_and_come_to_the_fills_to_the_last_share(house: House) -> None:
    number, tickets = house.block()
    house.says(number, Status.SUBMITTED)
    filled = 0
    for place, quantity in enumerate((7, 13, 1, 1, 29, 49)):
        house.fill(number, quantity, f"e{place}.01")
        filled += quantity
        assert sum(house.parts(*tickets)) == filled == house.life(number).filled
        assert house.reserved() == (filled, 100 - filled, 0)
    assert house.parts(*tickets) == [60, 40]
    assert statuses(*tickets) == [Status.FILLED] * 2
    assert house.status_of(number) is Status.FILLED
    assert (house.own("alpha"), house.own("beta")) == ((60, 0, 0), (40, 0, 0))


def test_the_parts_of_a_block_are_charged_in_the_currency_that_the_block_is(house: House) -> None:
    number, _ = house.block()
    house.fill(number, 50, "0000.e1.01")
    cost = CommissionReport(execution_id="0000.e1.01", amount=Decimal(1), currency="EUR")
    house.gate.take([cost])
    found = {fill.order_id: (fill.commission, fill.currency) for fill in house.gate.fills()}
    assert found == {number: (1, "EUR"), 1: (Decimal("0.6"), "EUR"), 2: (Decimal("0.4"), "EUR")}


def test_each_order_has_rows_of_its_own_and_the_block_those_of_the_broker(house: House) -> None:
    number, _ = house.block()
    house.fill(number, 50, "0000.e1.01")
    house.gate.take(
        [CommissionReport(execution_id="0000.e1.01", amount=Decimal("1.01"), currency="USD")]
    )
    rows = house.journal.inner.fills
    assert [
        (name, row.order_id, int(row.quantity), row.commission) for name, row in rows.items()
    ] == [
        ("0000.e1", 3, 50, Decimal("1.01")),
        ("0000.e1/1", 1, 30, Decimal("0.606")),
        ("0000.e1/2", 2, 20, Decimal("0.404")),
    ]
    views = {view.order_id: view for view in house.gate.orders()}
    for order, view in views.items():
        mine = [row.quantity for row in rows.values() if row.order_id == order]
        assert view.filled_quantity == sum(mine)
    assert views[1].commission + views[2].commission == views[3].commission
    assert views[1].avg_fill_price == 190


def test_a_commission_that_comes_first_is_shared_when_the_fill_comes(house: House) -> None:
    number, tickets = house.block()
    house.gate.take([CommissionReport(execution_id="a.01", amount=Decimal(1), currency="USD")])
    house.fill(number, 100, "a.01")
    assert [one.fills[0].commission for one in tickets] == [Decimal("0.6"), Decimal("0.4")]


def test_a_commission_that_is_corrected_is_shared_anew(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, 100, "a.01")
    for amount in ("1", "2"):
        cost = CommissionReport(execution_id="a.01", amount=Decimal(amount), currency="USD")
        house.gate.take([cost])
    assert [one.fills[0].commission for one in tickets] == [Decimal("1.2"), Decimal("0.8")]


def test_a_corrected_quantity_is_divided_anew(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, 50, "a.01")
    house.fill(number, 50, "b.01")
    house.fill(number, 41, "a.02")
    assert sum(house.parts(*tickets)) == 91
    assert statuses(*tickets) == [Status.PARTIALLY_FILLED] * 2
    assert house.reserved() == (91, 9, 0)
    house.fill(number, 50, "a.03")
    assert house.parts(*tickets) == [60, 40]
    assert statuses(*tickets) == [Status.FILLED] * 2


def test_a_fill_that_is_taken_back_leaves_nothing(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, 50, "a.01")
    house.fill(number, 0, "a.02")
    assert house.parts(*tickets) == [0, 0]
    assert house.reserved() == (0, 100, 0)


def test_a_corrected_price_is_every_members(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, 100, "a.01")
    house.fill(number, 100, "a.02", price="189")
    assert [one.fills[0].price for one in tickets] == [189, 189]
    assert [view.avg_fill_price for one in tickets if (view := one.view)] == [189, 189]


def test_what_is_said_again_or_too_late_changes_nothing(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, 50, "a.02")
    before = house.facts()
    for name in ("a.02", "a.01"):
        house.fill(number, 50, name)
    assert house.facts() == before
    assert house.parts(*tickets) == [30, 20]


def test_what_is_filled_beyond_all_is_the_blocks_own_and_an_alarm(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, 90, "a.01")
    house.fill(number, 15, "b.01")
    assert house.parts(*tickets) == [60, 40]
    assert house.own("") == (5, 0, 0)
    assert house.reserved() == (105, 0, 0)
    assert any("overfill: order 3" in str(one) for one in house.journal.payloads())
    house.fill(number, 80, "a.02")
    assert sum(house.parts(*tickets)) == 95
    assert house.own("") == (0, 0, 0)
    assert house.reserved() == (95, 5, 0)


def test_a_late_fill_after_a_cancel_is_divided_and_reserves_nothing(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, 10, "a.01")
    house.says(number, Status.CANCELLED)
    assert statuses(*tickets) == [Status.CANCELLED] * 2
    house.fill(number, 10, "b.01")
    assert house.parts(*tickets) == [12, 8]
    assert statuses(*tickets) == [Status.CANCELLED] * 2
    assert house.reserved() == (20, 0, 0)
    house.fill(number, 80, "c.01")
    assert statuses(*tickets) == [Status.FILLED] * 2


def test_a_correction_of_a_dead_block_brings_nothing_back_to_life(house: House) -> None:
    number, tickets = house.block("BUY 1 AAPL LMT 190 strategy=alpha", BETA)
    house.fill(number, 40, "a.01")
    assert tickets[0].status is Status.FILLED
    house.says(number, Status.CANCELLED)
    house.fill(number, 10, "a.02")
    assert statuses(*tickets) == [Status.CANCELLED] * 2
    assert house.reserved() == (10, 0, 0)


def test_a_fill_of_what_never_left_brings_all_of_it_back(house: House) -> None:
    number, tickets = house.block("BUY 1 AAPL LMT 190 strategy=alpha", BETA)
    house.gate.take([NeverSent(order_id=number, code="QUEUE_EXPIRED", text="too late")])
    assert statuses(*tickets) == [Status.NEVER_SENT] * 2
    house.fill(number, 1, "a.01")
    assert statuses(*tickets) == [Status.PARTIALLY_FILLED] * 2
    assert house.reserved() == (1, 40, 0)


def test_a_fill_that_was_taken_for_a_foreign_one_goes_to_the_members(house: House) -> None:
    number, tickets = house.block()
    report = house.execution(number, "50", "a.01")
    house.gate.take([msgspec.structs.replace(report, order_id=0)])
    assert house.reserved() == (50, 100, 0)
    house.gate.take([report])
    assert house.reserved() == (50, 50, 0)
    assert house.parts(*tickets) == [30, 20]
    assert (house.own("alpha"), house.own("")) == ((30, 30, 0), (0, 0, 0))


def test_fractions_are_divided_where_the_lot_has_them(house: House) -> None:
    number, tickets = house.block()
    house.fill(number, "0.5", "a.01")
    assert house.parts(*tickets) == [Decimal("0.3"), Decimal("0.2")]


# --- what is told --------------------------------------------------------------------------------


def told(house: House, name: object) -> list[str]:
    found = chronicle(lambda: house.journal.inner.another().read(), str(name), house.policies)
    assert found is not None
    return [one.text for one in found.chapters[-1].then]


def test_the_history_of_a_member_says_that_it_was_part_of_the_block_and_what_it_got(
    house: House,
) -> None:
    number, tickets = house.block()
    house.gate.take([Sent(order_id=number, broker_order_id=7, client_id=1)])
    house.fill(number, 50, "a.01")
    house.gate.take([CommissionReport(execution_id="a.01", amount=Decimal(1), currency="USD")])
    house.fill(number, 48, "a.02")
    house.gate.cancel(2, actor="m.ruiz")
    house.says(number, Status.CANCELLED)
    assert told(house, 1) == [
        "part of block 3",
        "the order left for the broker as its order 7",
        "filled 30 at 190",
        "commission 0.60 USD",
        "fill corrected: it was 29 at 190",
        "commission 0.6042 USD",
        "cancel requested by m.ruiz",
        "broker says Cancelled",
    ]
    found = chronicle(lambda: house.journal.inner.another().read(), "1", house.policies)
    assert found is not None
    view = tickets[0].view
    assert view is not None
    assert msgspec.structs.replace(found.view, updated_at=view.updated_at) == view
    assert told(house, number)[:3] == [
        "block of orders 1, 2",
        "the order left for the broker as its order 7",
        "filled 50 at 190",
    ]


def test_the_history_of_an_order_that_stayed_out_is_its_own(house: House) -> None:
    house.block(ALPHA, "BUY 101 AAPL LMT 190 DAY strategy=beta", ALPHA.replace("alpha", "gamma"))
    assert told(house, 2) == []


def test_followers_hear_of_each_members_part(house: House) -> None:
    heard: list[tuple[int, Status, Decimal | None]] = []

    def follow(news: News) -> None:
        if news.order is not None and isinstance(news.payload, ExecutionReport):
            quantity = news.fill.quantity if news.fill else None
            heard.append((news.order.order_id, news.order.status, quantity))

    number, _ = house.block()
    house.gate.subscribe(follow)
    house.fill(number, 50, "a.01")
    partly = Status.PARTIALLY_FILLED
    assert [(one, status, int(got or 0)) for one, status, got in heard] == [
        (3, partly, 50),
        (1, partly, 30),
        (2, partly, 20),
    ]


def test_every_decision_about_a_block_is_made_again_from_its_record(house: House) -> None:
    house.block()
    house.block(*(f"BUY 90 AAPL LMT 190 strategy=s{n}" for n in range(4)))
    house.block(ALPHA, "BUY 40 AAPL LMT 191 DAY strategy=beta")
    again = replay(house.journal.inner.another().read, house.policies)
    assert again.decisions == 10
    assert again.different == 0, again.first
