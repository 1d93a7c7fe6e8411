"""Types of parameters: what they read, what they refuse, and with which words."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

import pytest

from riskgate.rulekit import parameters as p
from riskgate.rulekit.matching import names
from riskgate.rulekit.parameters import (
    Calendar,
    Choice,
    Duration,
    Edges,
    Flag,
    Margins,
    Number,
    ParameterType,
    Shocks,
    TimeOfDay,
    Window,
    Windows,
    Words,
)
from riskgate.rulekit.tallies import Shock

MARGINS = Margins(timedelta(minutes=1))
ALL: list[ParameterType] = [
    *(p.quantity(), p.money(), p.count(), p.percent(), p.ticks(), p.price()),
    *(Duration(), TimeOfDay(), Flag(), Flag(only=False), Choice(("a", "b"))),
    *(Words(), Words(("x",)), Calendar(), Windows(), Edges()),
]


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        (p.money(), Decimal("10.50"), Decimal("10.5")),
        (p.money(), 0, Decimal(0)),
        (p.count(), Decimal("3.0"), Decimal(3)),
        (Duration(), "500ms", timedelta(milliseconds=500)),
        (Duration(), "1.5s", timedelta(seconds=1.5)),
        (Duration(), "10m", timedelta(minutes=10)),
        (Duration(), "1h", timedelta(hours=1)),
        (Duration(), "2d", timedelta(days=2)),
        (TimeOfDay(), "09:30", time(9, 30)),
        (TimeOfDay(), "16:00:01", time(16, 0, 1)),
        (Flag(), False, False),
        (Flag(only=False), False, False),
        (Choice(("a", "b")), "b", "b"),
        (Words(), "aapl", names(("AAPL",))),
        (Words(), ["aapl", "!m*"], names(("AAPL", "!M*"))),
        (Words(upper=False), ["Alpha"], names(("Alpha",))),
        (Words(("new",)), ["new"], names(("new",))),
        (Calendar(), "XNYS", "XNYS"),
        (Windows(), ["23:44-00:10"], (Window(time(23, 44), time(0, 10)),)),
        (Edges(), {"after_open": "1m"}, MARGINS),
    ],
)
def test_a_type_reads_what_people_write(kind: ParameterType, value: object, read: object) -> None:
    assert kind.read(value) == read


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (p.money(), "10", "must be a number; found `10`"),
        (p.money(), True, "must be a number; found `True`"),
        (p.money(), 1.5, "must be a number"),
        (p.money(), Decimal(-1), "must be 0 or more; found `-1`"),
        (p.count(), Decimal("1.5"), "must be a whole number; found `1.5`"),
        (Number(least=1), Decimal(0), "must be 1 or more"),
        (Duration(), "5 s", "must be a duration"),
        (Duration(), Decimal(5), "must be a duration"),
        (Duration(), "0s", "must be above zero"),
        (Duration(), "10001d", "below 10000d"),
        (TimeOfDay(), "9:30", "must be a time of day"),
        (TimeOfDay(), "24:00", "must be a time of day"),
        (TimeOfDay(), 930, "must be a time of day"),
        (Flag(), "yes", "must be true or false"),
        (Flag(only=False), True, "must be false"),
        (Choice(("a", "b")), "c", "must be one of a, b; found `c`"),
        (Choice(("a", "b")), 1, "must be one of a, b"),
        (Words(), [], "must be a word or a list of words"),
        (Words(), 5, "must be a word or a list of words"),
        (Words(), [5], "must hold words; found `5`"),
        (Words(), [" "], "must hold words"),
        (Words(("new",)), ["old"], "must hold only new; found `old`"),
        (Calendar(), " ", "must be an exchange code"),
        (Calendar(), 5, "must be an exchange code"),
        (Windows(), "23:44-23:47", "must be a list of windows"),
        (Windows(), [], "must be a list of windows"),
        (Windows(), ["23:44"], "must hold windows"),
        (Windows(), [5], "must hold windows"),
        (Windows(), ["23:44-23:44"], "is empty"),
        (Windows(), ["23:44-25:00"], "must be a time of day"),
        (Edges(), {}, "must be after_open and before_close"),
        (Edges(), "1m", "must be after_open and before_close"),
        (Shocks(), "fall", "must be a list such as [{percent: -20}]"),
        (Shocks(), [], "must be a list such as"),
        (Shocks(), [{"percent": Decimal(1)}, {}], "shock 2 has neither"),
        (Shocks(), ["fall"], "shock 1 has neither"),
        (Shocks(), [{"percent": Decimal(1), "amount": Decimal(1)}], "shock 1 has both"),
        (Shocks(), [{"percent": "-20"}], "shock 1 has `-20`"),
        (Shocks(), [{"amount": True}], "shock 1 has `True`"),
        (Shocks(), [{"amount": Decimal("NaN")}], "shock 1 has `NaN`"),
        (Shocks(), [{"amount": Decimal(0)}], "shock 1 is a jump of 0"),
        (Shocks(), [{"symbol": [], "amount": Decimal(1)}], "must be a word or a list of words"),
    ],
)
def test_a_type_refuses_anything_else_in_words(
    kind: ParameterType,
    value: object,
    why: str,
) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        kind.read(value)
    assert why in str(caught.value)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: type(kind).__name__)
def test_every_type_describes_itself(kind: ParameterType) -> None:
    schema = kind.schema()
    assert schema.keys() & {"type", "anyOf", "enum", "const"}
    assert isinstance(kind.unit, str)


def test_numbers_are_nudged_by_what_they_count() -> None:
    steps = [str(kind.step) for kind in ALL if isinstance(kind, Number)]
    assert steps == ["1", "0.01", "1", "0.01", "1", "0.01"]


def test_shocks_are_read_in_their_order() -> None:
    read = Shocks().read(
        [{"percent": Decimal(-20)}, {"symbol": ["cl", "!QM"], "amount": Decimal("0.5")}]
    )
    assert read == (
        Shock(percent=Decimal(-20)),
        Shock(amount=Decimal("0.5"), symbols=names(("CL", "!QM"))),
    )


def test_a_window_is_shown_as_it_is_written() -> None:
    assert str(Window(time(23, 44), time(0, 10, 5))) == "23:44-00:10:05"
