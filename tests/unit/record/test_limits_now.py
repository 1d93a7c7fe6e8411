"""The limits in force now: used, reserved, headroom and percent, by hand and by laws."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from riskgate.errors import ConfigError
from riskgate.model.events import AccountReported, PolicyActivated, Recorded
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import ForeignOrder
from riskgate.policy.policies import PolicySet
from riskgate.record.limits_now import LimitNow, Wanted, limits_now
from riskgate.record.present import Present
from tests.unit.conftest import ACCOUNT, NOON, Stage

TEXT = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: alike, kind: duplicate, window: 10s, max: 5, because: test}
  - {id: day, kind: daily_volume, per: [account], max_quantity: 1000, max_orders: 10,
     max_notional: 1_000_000, because: test}
  - {id: filled, kind: daily_volume, counts: executed, max_quantity: 500, max_orders: 4,
     because: test}
  - {id: funds, kind: buying_power, min_left: 900_000, because: test}
  - {id: gross, kind: exposure, per: [account], max_gross: 100_000, because: test}
  - {id: level, kind: leverage, max: 2, because: test}
  - {id: lost, kind: loss, max_day_loss: 10_000, because: test}
  - {id: one, kind: concentration, max_percent: 50, because: test}
  - {id: ratio, kind: order_efficiency, max_ratio: 20, because: test}
  - {id: rate, kind: message_rate, max: 10, window: 1m, because: test}
  - {id: rejects, kind: reject_breaker, max: 3, window: 1m, because: test}
  - {id: room, kind: position, per: [account, symbol], max_long: 200, max_short: 50,
     because: test}
  - {id: size, kind: fat_finger, max_quantity: 500, because: test}
  - {id: team, kind: position, per: [strategy], max_long: 400, on_breach: warn, mode: shadow,
     because: test}
  - {id: works, kind: working_orders, max_count: 4, max_quantity: 300, because: test}
  - {id: uk, kind: position, match: {symbol: VOD}, max_long: 1, because: test}
"""


@pytest.fixture
def desk(staged: Callable[[str], Stage]) -> Stage:
    """An account of a million, which has lost 2,500 today."""
    stage = staged(TEXT)
    stage.market.set_account(
        msgspec.structs.replace(
            stage.market.accounts[ACCOUNT],
            net_liquidation=Decimal(1_000_000),
            available_funds=Decimal(1_000_000),
            day_pnl=Decimal(-2_500),
            at=NOON,
        )
    )
    return stage


def present_of(stage: Stage) -> Present:
    found = Present(stage.journal.inner.another().read)
    found.catch_up()
    return found


def now(stage: Stage, **wanted: object) -> list[LimitNow]:
    wish = Wanted(**wanted)  # type: ignore[arg-type]
    return list(limits_now(present_of(stage), stage.clock.now(), wish))


def told(found: list[LimitNow], rule: str, limit: str, budget: str = "") -> tuple[object, ...]:
    (row,) = [
        one
        for one in found
        if one.rule == f"desk/{rule}" and one.limit_name == limit and budget in one.budget
    ]
    return row.used, row.reserved, row.headroom, row.percent


def traded(stage: Stage) -> None:
    """Bought 30 AAPL of 100 and 10 MSFT of 10; 70 AAPL still work, and 20 MSFT to be sold."""
    first = stage.sent("BUY 100 AAPL LMT 190 strategy=a")
    stage.says(first, Status.SUBMITTED)
    stage.gate.take([stage.execution(first, "30")])
    second = stage.sent("BUY 10 MSFT LMT 400 strategy=b")
    stage.gate.take([stage.execution(second, "10", "0002.01", "400")])
    stage.says(stage.sent("SELL 20 MSFT LMT 410 strategy=b"), Status.SUBMITTED)


def d(*numbers: object) -> tuple[Decimal, ...]:
    return tuple(Decimal(str(number)) for number in numbers)


def test_positions_are_used_and_working_orders_reserve(desk: Stage) -> None:
    traded(desk)
    found = now(desk)
    assert told(found, "room", "max_long", "AAPL") == d(30, 70, 100, 50)
    assert told(found, "room", "max_short", "MSFT") == d(0, 10, 40, 20)  # -10 if all is sold
    assert told(found, "team", "max_long", "strategy=a") == d(30, 70, 300, 25)
    assert told(found, "team", "max_long", "strategy=b") == d(10, 0, 390, "2.5")


def test_a_day_is_executed_and_working(desk: Stage) -> None:
    traded(desk)
    found = now(desk)
    assert told(found, "day", "max_quantity") == d(40, 90, 870, 13)
    value = 30 * 190 + 10 * 400  # at fill prices
    waits = 70 * 190 + 20 * 410  # as reserved
    left = 1_000_000 - value - waits
    share = Decimal(value + waits) / 10_000
    assert told(found, "day", "max_notional") == (*d(value, waits, left), share)
    assert told(found, "filled", "max_quantity") == d(40, 0, 460, 8)


def test_counts_leave_out_the_order_that_is_only_asked_about(desk: Stage) -> None:
    traded(desk)
    found = now(desk)
    assert told(found, "day", "max_orders") == d(3, 0, 7, 30)
    assert told(found, "filled", "max_orders") == d(2, 0, 2, 50)
    assert told(found, "rate", "max") == d(3, 0, 7, 30)
    assert told(found, "rejects", "max") == d(0, 0, 3, 0)
    assert told(found, "works", "max_count", "AAPL side=BUY") == d(0, 1, 3, 25)
    assert told(found, "works", "max_quantity", "MSFT side=SELL") == (
        *d(0, 20, 280),
        Decimal(20) / Decimal(300) * 100,
    )


def test_what_is_counted_is_forgotten_with_its_window(desk: Stage) -> None:
    traded(desk)
    desk.says(desk.sent("BUY 1 AAPL LMT 180"), Status.REJECTED)
    assert told(now(desk), "rejects", "max")[0] == 1
    desk.clock.advance(timedelta(minutes=1))
    assert told(now(desk), "rejects", "max")[0] == 0
    assert told(now(desk), "rate", "max")[0] == 0


def test_values_of_the_account(desk: Stage) -> None:
    traded(desk)
    found = now(desk)
    # at mid prices of 190 and 400: 100 AAPL at worst, and 10 MSFT long or short at worst
    assert told(found, "gross", "max_gross") == (*d(30 * 190 + 4000, 70 * 190, 77000, 23),)
    assert told(found, "lost", "max_day_loss") == d(2500, 0, 7500, 25)
    assert told(found, "one", "max_percent", "AAPL") == d("0.57", "1.33", "48.1", "3.8")
    assert told(found, "level", "max") == d("0.0097", "0.0133", "1.977", "1.15")


def test_of_what_must_be_left_working_orders_take_their_part(desk: Stage) -> None:
    desk.says(desk.sent("BUY 100 AAPL LMT 190"), Status.SUBMITTED)
    used, reserved, headroom, percent = told(now(desk), "funds", "min_left")
    assert (used, reserved, headroom) == d(1_000_000, 19_000, 81_000)
    assert percent == Decimal(900_000) / Decimal(981_000) * 100


def test_orders_of_others_reserve_too(desk: Stage) -> None:
    desk.allowed("BUY 1 AAPL LMT 190")
    order = Order.parse(f"BUY 9 AAPL LMT 190 account={ACCOUNT}")
    foreign = ForeignOrder(
        order=order,
        instrument=desk.instrument(),
        remaining=Decimal(9),
        status=Status.SUBMITTED,
        client_id=7,
        perm_id=3,
    )
    desk.tell(foreign=(foreign,))
    desk.gate.reconcile()
    assert told(now(desk), "room", "max_long", "AAPL")[:2] == d(0, 10)


def test_what_nobody_can_tell_has_no_number_and_says_why(desk: Stage) -> None:
    traded(desk)
    found = {(one.rule.removeprefix("desk/"), one.limit_name): one for one in now(desk)}
    for name, why in {
        ("alike", "max"): "orders alike",
        ("ratio", "max_ratio"): "what one more order would add",
        ("size", "max_quantity"): "each order is measured by itself",
        ("uk", "max_long"): "no order and no position falls under it yet",
    }.items():
        row = found[name]
        assert (row.used, row.reserved, row.headroom, row.percent) == (None,) * 4
        assert why in row.why


def test_the_fullest_comes_first_and_what_has_no_number_last(desk: Stage) -> None:
    traded(desk)
    percents = [one.percent for one in now(desk)]
    known = [one for one in percents if one is not None]
    assert known == sorted(known, reverse=True)
    assert percents == known + [None] * (len(percents) - len(known))


def test_of_a_name_that_stands_for_nothing_now_nobody_is_asked(desk: Stage) -> None:
    desk.sent("BUY 100 AAPL LMT 190")
    assert not desk.gate.submit("BUY 9999 MSFT LMT 400").allowed
    present, at = present_of(desk), desk.clock.now()
    assert any("MSFT" in one.budget for one in limits_now(present, at))
    msft = Order.parse("BUY 1 MSFT LMT 400")
    for named in (msft, msgspec.structs.replace(msft, sec_type="STK", currency="USD")):
        present.market.delist(named.terms)
    found = limits_now(present, at)
    assert any("AAPL" in one.budget for one in found)
    assert not any("MSFT" in one.budget for one in found)


def test_an_empty_record_has_limits_and_nothing_to_say_of_them(desk: Stage) -> None:
    found = now(desk)
    assert {one.rule for one in found} == {bound.name for bound in desk.policies.bounds}
    assert {one.percent for one in found} == {None}


def test_limits_say_where_they_stand_and_what_they_do(desk: Stage) -> None:
    traded(desk)
    team = next(one for one in now(desk) if one.rule == "desk/team")
    assert (team.action, team.enforced, team.kind) == ("warn", False, "position")
    assert team.where == "desk.yaml:23"
    assert next(one.floor for one in now(desk) if one.rule == "desk/funds")


def test_only_the_limits_that_are_asked_for(desk: Stage) -> None:
    traded(desk)
    assert {one.rule for one in now(desk, rule="room")} == {"desk/room"}
    assert {one.budget for one in now(desk, rule="room", symbol="MSFT")} == {
        "account=DU1234567 symbol=MSFT"
    }
    assert {one.budget for one in now(desk, rule="team", strategy="a")} == {"strategy=a"}
    assert "desk/uk" not in {one.rule for one in now(desk, symbol="AAPL")}
    assert "desk/uk" in {one.rule for one in now(desk, symbol="VOD")}
    assert {one.budget for one in now(desk, rule="room", account="DU9")} == {""}
    over = now(desk, over=Decimal(50))
    assert [(one.rule, one.limit_name) for one in over] == [
        ("desk/funds", "min_left"),
        ("desk/filled", "max_orders"),
        ("desk/room", "max_long"),
    ]


def test_a_position_that_no_order_explains_is_used_too(desk: Stage) -> None:
    desk.tell(positions=(desk.held(40), desk.held(-7, "MSFT")))
    desk.gate.reconcile()
    found = now(desk)
    assert told(found, "room", "max_long", "AAPL") == d(40, 0, 160, 20)
    assert told(found, "room", "max_short", "MSFT") == d(7, 0, 43, 14)
    (gross,) = [one for one in found if one.rule == "desk/gross"]
    assert gross.used is None
    assert gross.why.startswith("NO_PRICE: no price for ")  # no decision on record had one


def test_what_an_account_lost_is_as_last_reported(desk: Stage) -> None:
    traded(desk)
    account = msgspec.structs.replace(
        desk.market.accounts[ACCOUNT], day_pnl=Decimal(-4_000), at=desk.clock.now()
    )
    events = list(desk.journal.inner.another().read())
    events.append(Recorded(len(events) + 1, NOON, AccountReported(account=account)))
    present = Present(lambda after: events[after:])
    told_of: list[int] = []
    present.catch_up(progress=told_of.append)
    found = list(limits_now(present, desk.clock.now()))
    assert told(found, "lost", "max_day_loss") == d(4000, 0, 6000, 40)
    assert told_of == []  # that few events are no progress to tell


def test_policies_that_this_version_cannot_read_are_named(desk: Stage) -> None:
    traded(desk)
    events = [
        Recorded(
            one.seq,
            one.at,
            msgspec.structs.replace(one.payload, texts={"desk.yaml": "riskgate: 99\n"}),
        )
        if isinstance(one.payload, PolicyActivated)
        else one
        for one in desk.journal.inner.another().read()
    ]
    present = Present(lambda after: events[after:])
    present.catch_up()
    with pytest.raises(ConfigError, match="the policies of event 1 cannot be read"):
        limits_now(present, desk.clock.now())


def test_asking_changes_nothing(desk: Stage) -> None:
    traded(desk)
    present = present_of(desk)
    first = limits_now(present, desk.clock.now())  # windows forget what has left them
    before = desk.facts(present.world.book)
    assert limits_now(present, desk.clock.now()) == first
    assert desk.facts(present.world.book) == before


def test_a_combo_reserves_in_the_budgets_of_its_legs(desk: Stage) -> None:
    desk.sent('BUY 10 AAPL.BAG LMT -610 DAY legs="BUY 1 AAPL, SELL 2 MSFT" strategy=a')
    found = now(desk)
    assert told(found, "room", "max_long", "AAPL")[:2] == d(0, 10)
    assert told(found, "room", "max_short", "MSFT")[:2] == d(0, 20)
    assert told(found, "gross", "max_gross")[:2] == d(0, 10 * 190 + 20 * 400)
    assert told(found, "day", "max_orders")[:2] == d(1, 0)
    present = present_of(desk)
    limits_now(present, desk.clock.now())
    before = desk.facts(present.world.book)
    limits_now(present, desk.clock.now())
    assert desk.facts(present.world.book) == before


def test_what_is_used_and_reserved_is_what_the_next_order_meets(desk: Stage) -> None:
    """The most that still fits is allowed, and one more is not."""
    traded(desk)
    room = told(now(desk), "room", "max_long", "AAPL")[2]
    assert isinstance(room, Decimal)
    assert "desk/room" in desk.gate.submit(f"BUY {room + 1} AAPL LMT 190").decision.by
    assert "desk/room" not in desk.gate.submit(f"BUY {room} AAPL LMT 190").decision.by


def test_a_record_that_grows_is_folded_no_more_than_once(desk: Stage) -> None:
    traded(desk)
    read: list[int] = []
    journal = desk.journal.inner.another()

    def reading(after: int) -> list[Recorded]:
        read.append(after)
        return list(journal.read(after))

    present = Present(reading)
    heard: list[Recorded] = []
    first = present.catch_up(heard.append)
    assert present.catch_up() == 0
    desk.allowed("BUY 1 AAPL LMT 190")
    assert present.catch_up(heard.append) == 1
    assert (len(heard), present.fold.events) == (first + 1, first + 1)
    assert read == [0, 0, first, first]  # the second finds the policies' texts
    assert limits_now(present, desk.clock.now()) == tuple(now(desk))


@pytest.mark.slow
def test_policies_that_come_back_go_on_from_where_they_were_left(
    desk: Stage, compile_text: Callable[[str], PolicySet]
) -> None:
    """Two gates with different policies on one journal take turns."""
    traded(desk)
    asked_for: list[int] = []
    journal = desk.journal.inner.another()

    def reading(after: int) -> list[Recorded]:
        asked_for.append(after)
        return list(journal.read(after))

    present = Present(reading)
    present.catch_up()
    both = (compile_text(TEXT.replace("max_long: 200", "max_long: 400")), desk.policies)
    for turn in range(6):
        desk.gate.reload(both[turn % 2])
        desk.gate.submit(f"BUY {turn + 1} MSFT LMT 400")
        before = present.fold.events
        asked_for.clear()
        present.catch_up()
        if turn:  # both have been counted under
            assert min(asked_for) >= before - 4
        assert limits_now(present, desk.clock.now()) == tuple(now(desk))


def test_other_policies_count_all_over_again(desk: Stage, compile_text: object) -> None:
    traded(desk)
    present = present_of(desk)
    assert callable(compile_text)
    policies = compile_text(TEXT.replace("max_long: 200", "max_long: 400"))
    desk.gate.reload(policies)
    assert present.catch_up() >= 1
    found = list(limits_now(present, desk.clock.now()))
    assert told(found, "room", "max_long", "AAPL") == d(30, 70, 300, 25)
    assert found == now(desk)


def test_without_the_policies_texts_somebody_has_to_name_them(desk: Stage) -> None:
    traded(desk)
    events = [
        Recorded(one.seq, one.at, msgspec.structs.replace(one.payload, texts={}))
        if isinstance(one.payload, PolicyActivated)
        else one
        for one in desk.journal.inner.another().read()
    ]
    present = Present(lambda after: events[after:])
    present.catch_up()
    with pytest.raises(ConfigError, match="name them with `--policies PATH`"):
        limits_now(present, desk.clock.now())
    named = Present(lambda after: events[after:], desk.policies)
    named.catch_up()
    assert limits_now(named, desk.clock.now()) == tuple(now(desk))
