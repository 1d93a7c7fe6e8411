from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from riskgate.brokers.ib.client import load
from riskgate.brokers.ib.conditions import FORMS, made, read
from riskgate.brokers.ib.places import unknown_place
from riskgate.model.instructions import Condition, ConditionKind, TriggerMethod

LIBRARY: Any = load()
AT = "#265598@SMART"
ALL = [
    Condition(ConditionKind.PRICE, AT, Decimal("190.5"), method=TriggerMethod.LAST),
    Condition(ConditionKind.PRICE, "#265598", Decimal(190), rises=False, also=False),
    Condition(ConditionKind.TIME, at=datetime(2026, 3, 5, 14, 30, tzinfo=UTC)),
    Condition(ConditionKind.MARGIN, level=Decimal(30), rises=False),
    Condition(ConditionKind.EXECUTION, "AAPL.STK@SMART", also=False),
    Condition(ConditionKind.VOLUME, AT, Decimal(1000000)),
    Condition(ConditionKind.CHANGE, AT, Decimal("-5.5"), rises=False),
]


@pytest.mark.parametrize("condition", ALL, ids=lambda one: one.kind)
def test_a_condition_is_read_as_it_was_written(condition: Condition) -> None:
    theirs: Any = made(LIBRARY, condition, unknown_place)
    assert type(theirs).__name__ == FORMS[condition.kind].name
    back = read(theirs)
    assert back == Condition(
        kind=condition.kind,
        contract="#265598@SMART" if condition.contract == "#265598" else condition.contract,
        level=condition.level,
        at=condition.at,
        rises=condition.rises,
        also=condition.also,
        method=condition.method,
    )


def test_every_kind_is_there_in_both_directions() -> None:
    assert {one.kind for one in ALL} == {*ConditionKind} == {*FORMS}


@pytest.mark.parametrize(
    ("theirs", "why"),
    [
        (object(), "kind that is not modelled"),
        (LIBRARY.PriceCondition(conjunction="x", conId=1, price=5.0), "joined by `x`"),
        (LIBRARY.PriceCondition(price=5.0), "names no contract number"),
        (LIBRARY.PriceCondition(price=1.7976931348623157e308, conId=1), "has no price"),
        (LIBRARY.PriceCondition(price=5.0, conId=1, triggerMethod=6), "is not modelled"),
        (LIBRARY.PriceCondition(price=5.0, conId=1, exch=None), "no text"),
        (LIBRARY.TimeCondition(time="20260305 09:30:00"), "has no zone"),
    ],
)
def test_a_condition_that_we_do_not_have_is_refused(theirs: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(theirs)
