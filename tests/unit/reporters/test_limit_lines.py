"""Limits as lines: numbers whole, budgets named, what is unused counted."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from riskgate.record.limits_now import LimitNow
from riskgate.reporters.limit_lines import FIELDS, limit_lines

ROOM = LimitNow(
    rule="house/room",
    kind="position",
    limit_name="max_long",
    budget="account=DU1234567 symbol=AAPL",
    unit="units",
    used=Decimal(50),
    reserved=Decimal(310),
    limit=Decimal(600),
    headroom=Decimal(240),
    percent=Decimal(60),
    where="house.yaml:8",
)
UNUSED = msgspec.structs.replace(
    ROOM, used=Decimal(0), reserved=Decimal(0), headroom=Decimal(600), percent=Decimal(0)
)


def lines(*rows: LimitNow, width: int = 80) -> list[str]:
    return list(limit_lines(rows, width))


def test_a_limit_says_how_full_it_is_whose_where_and_its_numbers() -> None:
    assert {len(lines(ROOM)[place]) for place in (0, 2)} == {80}
    assert [" ".join(line.split()) for line in lines(ROOM)] == [
        "full limit, and whose budget used reserved of headroom",
        "60 % house/room max_long units house.yaml:8",
        "account=DU1234567 symbol=AAPL 50 310 600 240",
    ]


def test_what_is_special_is_in_brackets() -> None:
    row = msgspec.structs.replace(ROOM, enforced=False, action="warn", waiver="july", floor=True)
    told = " ".join(" ".join(lines(row)).split())
    assert "(shadow: not enforced, warns only, waiver: july)" in told
    assert ">= 600" in told


def test_without_a_number_there_is_a_dash_and_the_reason() -> None:
    row = LimitNow(
        rule="house/size",
        kind="fat_finger",
        limit_name="max_quantity",
        budget="each order",
        unit="units",
        limit=Decimal(500),
        why="each order is measured by itself",
    )
    found = lines(row)
    assert found[1] == "     -  house/size max_quantity units"
    assert found[2].split() == ["each", "order", "-", "-", "500", "-"]
    assert found[3] == "        each order is measured by itself"


def test_budgets_of_which_nothing_is_used_are_shown_once_and_counted() -> None:
    others = [
        msgspec.structs.replace(UNUSED, budget=f"account=DU1 symbol=X{number}")
        for number in range(3)
    ]
    found = lines(ROOM, UNUSED, *others)
    assert found[-1] == "        and 3 budgets more of which nothing is used"
    assert sum("symbol=" in line for line in found) == 2
    assert not any("more" in line for line in lines(ROOM, UNUSED))


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_number_is_never_cut_and_words_wrap(width: int) -> None:
    row = msgspec.structs.replace(
        ROOM,
        used=Decimal("12345678901.25"),
        limit=Decimal(100_000_000_000),
        where=f"{'folder/' * 4}house.yaml:8",
        budget=f"account=DU1234567 strategy={'s' * 20} symbol=AAPL",
    )
    found = lines(row, width=width)
    text = "\n".join(found)
    for number in ("12,345,678,901.25", "310", "100,000,000,000", "240"):
        assert number in text
    numbers_alone = [line for line in found if "12,345,678,901.25" not in line]
    assert max(map(len, numbers_alone)) <= width


def test_programs_get_every_field() -> None:
    assert tuple(FIELDS) == LimitNow.__struct_fields__
    assert {name for name, kind in FIELDS.items() if kind == "decimal"} == {
        *("used", "reserved", "limit", "headroom", "percent"),
    }
    assert {name for name, kind in FIELDS.items() if kind == "flag"} == {"floor", "enforced"}
