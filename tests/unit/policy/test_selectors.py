"""Selectors and the index over them."""

from __future__ import annotations

import pytest

from riskgate.model.subject import Subject
from riskgate.policy import selectors
from riskgate.policy.selectors import EVERYTHING, Index, Selector, selector

AAPL = Subject(account="DU1", strategy="meanrev", symbol="AAPL", side="BUY", underlying="AAPL")
MSFT = AAPL._replace(symbol="MSFT", underlying="MSFT")


def matches(subject: Subject, **keys: list[str]) -> bool:
    return selector({key: tuple(items) for key, items in keys.items()}).matches(subject)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"symbol": ["AAPL"]}, True),
        ({"symbol": ["aapl"]}, True),
        ({"symbol": ["MSFT", "AA?L"]}, True),
        ({"symbol": ["A*", "!AAPL"]}, False),
        ({"symbol": ["!MSFT"]}, True),
        ({"symbol": ["!A*"]}, False),
        ({"symbol": ["AAPL"], "side": ["SELL"]}, False),
        ({"strategy": ["MEANREV"]}, False),
        ({"account": ["DU*"]}, True),
        ({"tag": ["*"]}, True),
        ({"tag": ["spring"]}, False),
        ({}, True),
    ],
)
def test_keys_combine_with_and_items_with_or(keys: dict[str, list[str]], *, expected: bool) -> None:
    assert matches(AAPL, **keys) is expected


def test_two_selectors_together_ask_for_both() -> None:
    both = selector({"symbol": ("AAPL",)}) & selector({"symbol": ("A*",), "side": ("BUY",)})
    assert both.matches(AAPL)
    assert not both.matches(AAPL._replace(side="SELL"))


def test_only_some_keys_narrow_holdings() -> None:
    chosen = selector({"symbol": ("AAPL",), "side": ("BUY",), "strategy": ("x",)})
    assert [key for key, _ in chosen.of_holdings().keys] == ["symbol"]
    assert [key for key, _ in chosen.narrowed(["side"]).keys] == ["side"]


def test_a_selector_reads_as_it_was_meant() -> None:
    assert str(EVERYTHING) == "everything"
    assert str(selector({"symbol": ("AAPL", "!X*"), "side": ("BUY",)})) == (
        "side: BUY; symbol: AAPL, !X*"
    )


def test_the_index_finds_what_matches_in_the_order_given() -> None:
    chosen: list[tuple[Selector, str]] = [
        (EVERYTHING, "all"),
        (selector({"symbol": ("MSFT",)}), "microsoft"),
        (selector({"symbol": ("A*",)}), "wild"),
        (selector({"symbol": ("AAPL", "MSFT"), "side": ("BUY",)}), "buys"),
        (selector({"strategy": ("meanrev",)}), "strategy"),
        (selector({"side": ("BUY",)}), "side"),
    ]
    index = Index(chosen)
    assert index.find(AAPL) == ("all", "wild", "buys", "strategy", "side")
    assert index.find(MSFT) == ("all", "microsoft", "buys", "strategy", "side")
    assert index.find(AAPL._replace(side="SELL", strategy="x")) == ("all", "wild")


def test_the_index_answers_from_memory_the_second_time() -> None:
    index = Index([(selector({"symbol": ("AAPL",)}), "x")])
    assert index.find(AAPL) is index.find(AAPL._replace(side="SELL"))


def test_an_index_of_selectors_without_keys_finds_them_all() -> None:
    assert Index([(EVERYTHING, "x")]).find(AAPL) == ("x",)
    assert Index[str]([]).find(AAPL) == ()


def test_the_memory_of_the_index_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MOST_REMEMBERED", 3)
    index = Index([(selector({"symbol": ("S1*",)}), "x")])
    for number in range(20):
        wanted = ("x",) if str(number).startswith("1") else ()
        assert index.find(AAPL._replace(symbol=f"S{number}")) == wanted
        assert len(index._memo) <= 3
