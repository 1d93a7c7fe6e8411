"""Two decisions are compared part by part, and each part that is not the same is named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.events import Decided
from riskgate.model.order import Order
from riskgate.replay.differing import Part, otherwise, parts

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
SIZE = Finding(rule="p/size", limit_name="max", observed=Decimal(7), limit=Decimal(5))
NAMES = Finding(rule="p/names", limit_name="symbols", observed=("X",), limit=("A", "B"))
SHADOW = msgspec.structs.replace(SIZE, enforced=False, action=Action.WARN)


def decision(*breaches: Finding, action: Action = Action.DENY) -> Decision:
    order = Order.parse("BUY 7 X MKT")
    return Decision(order=order, action=action, as_of=NOON, digest="d", breaches=breaches)


def apart(old: Decision, new: Decision) -> list[tuple[str, str, str]]:
    decided = Decided(order_id=1, ref="r", text="BUY 7 X MKT", decision=old)
    return [(part.what, part.recorded, part.again) for part in parts(decided, new, None)]


def test_the_same_decision_has_no_parts_apart_even_where_a_number_is_none() -> None:
    odd = msgspec.structs.replace(SIZE, observed=Decimal("sNaN"), limit=Decimal("NaN"))
    assert apart(decision(SIZE, NAMES, odd), decision(SIZE, NAMES, odd)) == []


def test_digits_count_and_not_only_the_number() -> None:
    other = msgspec.structs.replace(SIZE, observed=Decimal("7.00"))
    assert apart(decision(SIZE), decision(other)) == [("p/size max, observed", "7", "7")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((SIZE,), (), ("p/size max", "BREACH (deny): max 7 > limit 5 (140 %)", "nothing")),
        ((), (NAMES,), ("p/names symbols", "nothing", "BREACH (deny): symbols X, limit A, B")),
        ((SIZE,), (SHADOW,), ("p/size max, action", "deny", "warn")),
        ((SIZE, NAMES), (NAMES, SIZE), ("order of findings",)),
        ((SIZE, SIZE), (SIZE,), ("p/size max",)),
    ],
)
def test_findings_that_are_gone_new_or_other_are_named(
    old: tuple[Finding, ...], new: tuple[Finding, ...], expected: tuple[str, ...]
) -> None:
    first = apart(decision(*old), decision(*new))[0]
    assert first[: len(expected)] == expected


def test_what_breached_in_shadow_says_so() -> None:
    ((_, told, _),) = apart(decision(SHADOW), decision())
    assert told.startswith("BREACH (warn, in shadow): ")


def test_another_limit_with_the_same_answer_has_the_same_effect() -> None:
    other = msgspec.structs.replace(SIZE, limit=Decimal(6))
    assert otherwise(decision(SIZE), decision(other)) == ()
    allowed = otherwise(decision(SIZE), decision(action=Action.ALLOW))
    assert allowed[0] == Part("action", "deny", "allow")
