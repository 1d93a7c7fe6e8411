"""Lists of names: OR, then what is negated excludes; only `*` and `?` are special."""

from __future__ import annotations

import pytest

from riskgate.rulekit.matching import Names, is_pattern, names


@pytest.mark.parametrize(
    ("items", "matched", "others"),
    [
        (["AAPL", "MSFT"], ["AAPL", "MSFT"], ["", "AAP", "AAPLX"]),
        (["A*"], ["A", "AAPL"], ["", "BA"]),
        (["?S"], ["ES"], ["S", "MES"]),
        (["*"], ["", "X"], []),
        (["!AAPL"], ["", "MSFT"], ["AAPL"]),
        (["!A*", "!MSFT"], ["", "TSLA"], ["AAPL", "MSFT"]),
        (["A*", "!AAPL"], ["AMZN"], ["AAPL", "MSFT"]),
        (["AAPL", "!A*"], [], ["AAPL", "MSFT"]),
        (["A[B]", "X.Y"], ["A[B]", "X.Y"], ["AB", "XZY"]),
        (["[A]*", "a\\*"], ["[A]B", "a\\b"], ["AB", "a*"]),
    ],
)
def test_items_combine_with_or_and_negated_ones_exclude(
    items: list[str], matched: list[str], others: list[str]
) -> None:
    listed = names(tuple(items))
    assert [name for name in (*matched, *others) if name in listed] == matched


def test_only_text_is_a_name() -> None:
    assert 5 not in names(("*",))
    assert None not in Names()
    assert "anything" in Names()


def test_a_list_is_shown_as_people_write_it() -> None:
    assert str(names(("B", "A", "C*", "!D", "!E?"))) == "A, B, C*, !D, !E?"
    assert is_pattern("E?")
    assert not is_pattern("E")
