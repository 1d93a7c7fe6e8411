"""Tables for a terminal say what plain tables say."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from riskgate.reporters import text
from riskgate.reporters.columns import Column, Sheet

ROWS = [
    {
        "order_id": 1,
        "status": "Denied",
        "price": Decimal("1.50"),
        "reason": "[red]not markup[/red]",
    },
    {"order_id": 22, "status": "Filled", "price": None, "reason": ""},
]
SHEET = Sheet(
    (
        Column("order_id", "order"),
        Column("status", "status"),
        Column("price", "price"),
        Column("reason", "reason", 1, 8),
    ),
    {},
)


def lines(*, color: bool, width: int = 80) -> list[str]:
    return "".join(text.records(ROWS, SHEET, width=width, color=color)).splitlines()


def plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip()


@pytest.mark.parametrize("width", [80, 30, 10])
def test_without_its_colours_and_its_rule_it_is_the_plain_table(width: int) -> None:
    titles, rule, *rows = map(plain, lines(color=True, width=width))
    assert [titles, *rows] == lines(color=False, width=width)
    assert set(rule) == {"─"}


def test_a_status_is_coloured_and_words_of_the_record_are_no_markup(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    denied = next(line for line in lines(color=True) if "Denied" in line)
    assert "\x1b[31mDenied" in denied
    assert "[red]not markup[/red]" in denied


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not any("\x1b[31m" in line for line in lines(color=True))


def test_no_rows_are_no_table() -> None:
    assert list(text.records([], SHEET)) == []
