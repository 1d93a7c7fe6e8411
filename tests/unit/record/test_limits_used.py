"""Denials, near misses and utilisation, counted by hand and by laws."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from riskgate.model.events import Decided, PolicyActivated, Recorded
from riskgate.record.limit_figures import Amounts, Extent, Group, LimitsUsed, Outcome
from riskgate.record.limits_used import limits_used
from riskgate.record.recorded_policies import Read
from tests.unit.conftest import NOON, Stage

TEXT = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 100, because: test}
  - {id: large, kind: fat_finger, max_quantity: 60, on_breach: warn, because: test}
  - {id: held, kind: fat_finger, max_quantity: 90, on_breach: hold, because: test}
  - {id: dark, kind: fat_finger, max_quantity: 40, mode: shadow, because: test}
  - {id: room, kind: position, per: [account, symbol], max_long: 200, because: test}
  - {id: funds, kind: buying_power, min_left: 900_000, because: test}
  - {id: once, kind: duplicate, window: 1s, max: 1, because: test}
"""
WHOLE = Decimal(100)


def events_of(stage: Stage) -> list[Recorded]:
    return list(stage.journal.inner.another().read())


def reading(events: list[Recorded]) -> Read:
    def read(after: int) -> Iterator[Recorded]:
        yield from (event for event in events if event.seq > after)

    return read


def measured(stage: Stage, **extent: object) -> LimitsUsed:
    return limits_used(reading(events_of(stage)), Extent(**extent))  # type: ignore[arg-type]


@pytest.fixture
def day(staged: Callable[[str], Stage]) -> Stage:
    """Seven orders, an hour apart: three leave, one is held, three are denied."""
    stage = staged(TEXT)
    stage.market.set_account(
        msgspec.structs.replace(
            stage.market.accounts["DU1234567"],
            net_liquidation=Decimal(1_000_000),
            available_funds=Decimal(1_000_000),
            at=NOON,
        )
    )
    for line, strategy in (
        ("BUY 50 AAPL LMT 190", "a"),  # dark
        ("BUY 95 AAPL LMT 190", "a"),  # held; large and dark besides
        ("BUY 80 AAPL LMT 190", "b"),  # warned by large; dark
        ("BUY 101 AAPL LMT 190", "b"),  # size, held, large, room; dark
        ("BUY 61 MSFT LMT 400", "b"),  # large warns
        ("SELL 1 NOWHERE LMT 1", "a"),  # no price
        ("BUY lots AAPL", "a"),  # no order
    ):
        stage.quote("AAPL", "189.99", "190.01")
        stage.quote("MSFT", "399.99", "400.01")
        stage.gate.submit(line, strategy=strategy)
        stage.clock.advance(timedelta(hours=1))
    return stage


def amounts(decisions: int, quantity: int = 0, usd: str = "", unvalued: int = 0) -> Amounts:
    notional = {"USD": Decimal(usd)} if usd else {}
    return Amounts(
        decisions=decisions, quantity=Decimal(quantity), notional=notional, unvalued=unvalued
    )


def outcomes(found: LimitsUsed) -> dict[tuple[str, str, str], Amounts]:
    return {(str(one.outcome), one.rule, one.code): one.amounts for one in found.stopped}


def test_decisions_by_action_with_quantity_and_value(day: Stage) -> None:
    found = measured(day)
    # BUY 50 at 190, BUY 80 at 190 and BUY 61 at 400 leave; own limits are the largest in sight
    assert found.total("allow") == amounts(1, 50, "9500")
    assert found.total("warn") == amounts(2, 141, "39600")
    assert found.total("hold") == amounts(1, 95, "18050")
    assert found.total("deny") == amounts(3, 102, "19190", unvalued=2)
    assert found.total().decisions == 7


def test_a_breach_is_counted_with_each_rule_by_what_it_did(day: Stage) -> None:
    found = outcomes(measured(day))
    assert found["denied", "desk/size", ""] == amounts(1, 101, "19190")
    assert found["denied", "desk/room", ""] == amounts(1, 101, "19190")
    assert found["held", "desk/held", ""] == amounts(2, 196, "37240")
    assert found["warned", "desk/large", ""] == amounts(4, 95 + 80 + 101 + 61, "76840")
    assert found["would deny", "desk/dark", ""] == amounts(5, 50 + 95 + 80 + 101 + 61, "86340")
    assert found["denied", "desk/funds", "NO_PRICE"] == amounts(1, 1, unvalued=1)
    assert found["denied", "", "BAD_ORDER"] == amounts(1, unvalued=1)
    assert {code for _, _, code in found} == {"", "NO_PRICE", "BAD_ORDER"}


def test_the_most_frequent_comes_first(day: Stage) -> None:
    denied = measured(day).of(Outcome.DENIED)
    assert [one.amounts.decisions for one in denied] == sorted(
        (one.amounts.decisions for one in denied), reverse=True
    )


def test_near_is_less_than_a_tenth_left_of_a_limit_and_still_within_it(
    staged: Callable[[str], Stage],
) -> None:
    stage = staged(TEXT)
    stage.market.set_account(
        msgspec.structs.replace(
            stage.market.accounts["DU1234567"], available_funds=Decimal(10_000_000), at=NOON
        )
    )
    stage.allowed("BUY 54 MSFT LMT 1")  # large: 90 %, ten left, is not near
    stage.allowed("BUY 55 AAPL LMT 1")  # large: 91.67 %
    near = [one for one in measured(stage).near if one.rule == "desk/large"]
    assert [(one.used, one.limit, one.headroom, one.unit) for one in near] == [
        (Decimal(55), Decimal(60), Decimal(5), "units")
    ]
    assert near[0].percent == Decimal(55) / Decimal(60) * WHOLE
    assert {one.rule for one in measured(stage, near=Decimal("10.01")).nearly} >= {"desk/large"}
    assert (
        sum(
            one.amounts.decisions
            for one in measured(stage, near=Decimal("10.01")).nearly
            if one.rule == "desk/large"
        )
        == 2
    )


def test_a_count_of_one_that_every_order_fills_is_no_near_miss(day: Stage) -> None:
    found = measured(day)
    assert "desk/once" in {one.rule for one in found.series}
    assert "desk/once" not in {one.rule for one in found.nearly}


def test_how_full_a_budget_was_after_each_order_that_left(day: Stage) -> None:
    (room,) = [one for one in measured(day).series if one.budget.endswith("symbol=AAPL")]
    assert (room.rule, room.limit_name, room.unit) == ("desk/room", "max_long", "units")
    assert room.budget == "account=DU1234567 symbol=AAPL"
    assert room.counted
    assert [(one.at - NOON, one.used, one.percent) for one in room.points] == [
        (timedelta(0), Decimal(50), Decimal(25)),
        (timedelta(hours=2), Decimal(130), Decimal(65)),
    ]
    assert room.peak == room.points[1]


def test_a_limit_that_must_be_left_is_fuller_the_less_is_left(day: Stage) -> None:
    (funds,) = [one for one in measured(day).series if one.rule == "desk/funds"]
    first = funds.points[0]
    assert funds.floor
    assert first.used == Decimal(1_000_000) - 50 * Decimal(190)
    assert first.percent == Decimal(900_000) / first.used * WHOLE
    assert funds.peak.used == min(one.used for one in funds.points)


def test_a_limit_of_single_orders_has_no_budget(day: Stage) -> None:
    size = next(one for one in measured(day).series if one.rule == "desk/size")
    assert (size.budget, size.counted) == ("each order", False)


def test_groups_are_of_the_zone_and_of_the_order(day: Stage) -> None:
    found = measured(
        day,
        by=(Group.STRATEGY, Group.SYMBOL, Group.HOUR, Group.DAY),
        zone=ZoneInfo("America/New_York"),
    )
    groups = {one.group: one.amounts.decisions for one in found.decisions}
    assert groups["a", "AAPL", "12:00", "2026-03-02"] == 1
    assert groups["b", "MSFT", "16:00", "2026-03-02"] == 1
    assert groups["", "", "18:00", "2026-03-02"] == 1


def test_only_the_stretch_that_is_asked_for_counts(day: Stage) -> None:
    hour = timedelta(hours=1)
    assert measured(day, since=NOON + hour).total().decisions == 6
    assert measured(day, until=NOON + hour).total().decisions == 1
    assert measured(day, since=NOON + hour, until=NOON + hour).decisions == ()


def test_without_the_texts_of_the_policies_what_was_recorded_is_counted_all_the_same(
    day: Stage,
) -> None:
    events = [
        Recorded(one.seq, one.at, msgspec.structs.replace(one.payload, texts={}))
        if isinstance(one.payload, PolicyActivated)
        else one
        for one in events_of(day)
    ]
    found, whole = limits_used(reading(events)), measured(day)
    assert (found.unexplained, found.series, found.near) == (3, (), ())
    assert (found.decisions, found.stopped) == (whole.decisions, whole.stopped)


def test_progress_is_told_from_time_to_time(day: Stage) -> None:
    events = events_of(day)
    many = [msgspec.structs.replace(events[-1], seq=number) for number in range(1, 1_101)]
    told: list[int] = []
    limits_used(reading(many), progress=told.append)
    assert told == [500, 1000]


def test_an_order_that_could_not_be_looked_at_has_no_value(day: Stage) -> None:
    refused = next(
        one.payload
        for one in events_of(day)
        if isinstance(one.payload, Decided) and one.payload.decision.order is not None
    )
    blind = Recorded(1, NOON, msgspec.structs.replace(refused, snapshot=None))
    found = limits_used(reading([blind]))
    assert found.total() == amounts(1, 50, unvalued=1)
    assert found.series == ()


def test_nothing_on_record_is_nothing_measured() -> None:
    found = limits_used(lambda _after: ())
    assert found == LimitsUsed(extent=Extent())
    assert found.total() == Amounts()


def test_the_order_of_decisions_does_not_matter(day: Stage) -> None:
    events = events_of(day)
    decided = [one for one in events if isinstance(one.payload, Decided)]
    others = [one for one in events if not isinstance(one.payload, Decided)]
    extent = Extent(by=(Group.STRATEGY,), most_points=2, most_near=2)
    expected = limits_used(reading(events), extent)
    for seed in range(10):
        shuffled = random.Random(seed).sample(decided, len(decided))
        again = [*others, *shuffled]
        assert limits_used(lambda _, again=again: again, extent) == expected  # type: ignore[misc]


def test_groups_add_up_to_the_whole(day: Stage) -> None:
    whole = measured(day)
    for by in Group:
        parts = measured(day, by=(by,))
        for action in ("allow", "warn", "hold", "deny"):
            assert parts.total(action) == whole.total(action)
        for name in {one.name for one in whole.stopped}:
            of_parts = [one.amounts for one in parts.stopped if one.name == name]
            of_whole = [one.amounts for one in whole.stopped if one.name == name]
            assert sum(of_parts, Amounts()) == sum(of_whole, Amounts())


def test_every_point_is_used_of_limit_in_percent(day: Stage) -> None:
    for series in measured(day).series:
        assert series.peak.percent == max(one.percent for one in series.points)
        assert series.peak in series.points
        for point in series.points:
            share = point.limit / point.used if series.floor else point.used / point.limit
            assert point.percent == share * WHOLE


def test_a_series_has_at_most_so_many_points_and_keeps_its_peak(day: Stage) -> None:
    whole, thin = measured(day), measured(day, most_points=1, most_near=1)
    assert all(len(one.points) == 1 for one in thin.series)
    assert [one.peak for one in thin.series] == [one.peak for one in whole.series]
    assert [one.decisions for one in thin.series] == [one.decisions for one in whole.series]
    assert thin.near == whole.near[:1]
