"""The limits in force while orders of several strategies leave as one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.record.limits_now import LimitNow, limits_now
from riskgate.record.limits_used import limits_used
from riskgate.record.present import Present
from tests.unit.conftest import compiled
from tests.unit.line.blocks.conftest import LIMITS

if TYPE_CHECKING:
    from tests.unit.line.blocks.conftest import House

SHADOW = "  - {id: dark, kind: fat_finger, max_quantity: 30, mode: shadow, because: test}\n"


def now(house: House) -> dict[tuple[str, str], LimitNow]:
    present = Present(house.journal.inner.another().read)
    present.catch_up()
    found = limits_now(present, house.clock.now())
    before = house.facts(present.world.book)
    assert limits_now(present, house.clock.now()) == found
    assert house.facts(present.world.book) == before
    return {(one.rule, f"{one.limit_name} {one.budget}"): one for one in found}


def stopped(house: House) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """What each rule stopped: how many decisions, and for how many units."""
    found = limits_used(house.journal.inner.another().read)
    return {
        (str(one.outcome), one.rule): (one.amounts.decisions, one.amounts.quantity)
        for one in found.stopped
    }


def test_what_stopped_members_and_their_block_counts_their_units_once(house: House) -> None:
    """60 and 40 are over a shadow limit of 30, and so are the 100 of both."""
    house.gate.reload(compiled(LIMITS + SHADOW))
    house.block()
    assert stopped(house) == {("would deny", "desk/dark"): (3, Decimal(100))}
    found = limits_used(house.journal.inner.another().read)
    assert (found.total().decisions, found.total().quantity) == (3, Decimal(100))


def test_what_stopped_a_block_alone_counts_the_units_of_the_block(house: House) -> None:
    house.gate.reload(compiled(LIMITS.replace("max_quantity: 300", "max_quantity: 90")))
    house.block()
    assert stopped(house)["denied", "desk/size"] == (1, Decimal(100))


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
