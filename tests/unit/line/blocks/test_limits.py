"""The limits in force while orders of several strategies leave as one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.record.limits_now import LimitNow, limits_now
from riskgate.record.present import Present

if TYPE_CHECKING:
    from tests.unit.line.blocks.conftest import House


def now(house: House) -> dict[tuple[str, str], LimitNow]:
    present = Present(house.journal.inner.another().read)
    present.catch_up()
    found = limits_now(present, house.clock.now())
    before = house.facts(present.world.book)
    assert limits_now(present, house.clock.now()) == found
    assert house.facts(present.world.book) == before
    return {(one.rule, f"{one.limit_name} {one.budget}"): one for one in found}


def numbers(one: LimitNow) -> tuple[Decimal | None, ...]:
    return one.used, one.reserved


def test_each_member_of_a_block_uses_and_reserves_for_itself(house: House) -> None:
    number, _ = house.block()
    house.fill(number, 50, "0001.01")
    found = now(house)
    of_alpha = found["desk/own", "max_long account=DU1234567 strategy=alpha"]
    of_beta = found["desk/own", "max_long account=DU1234567 strategy=beta"]
    both = found["desk/all", "max_long account=DU1234567"]
    assert numbers(of_alpha) == (Decimal(30), Decimal(30))
    assert numbers(of_beta) == (Decimal(20), Decimal(20))
    assert numbers(both) == (Decimal(50), Decimal(50))
