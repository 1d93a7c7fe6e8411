"""What selectors ask of each key, and which names that leaves."""

from __future__ import annotations

import pytest

from riskgate.policy.listed import lists_of, only_names
from riskgate.policy.selectors import Selector, selector
from riskgate.rulekit.matching import names


def of(**keys: str) -> Selector:
    """`of(symbol="AAPL MSFT")`."""
    return selector({key: tuple(items.split()) for key, items in keys.items()})


def test_a_list_that_several_selectors_have_is_there_once() -> None:
    found = lists_of(of(symbol="A*", side="BUY"), of(symbol="A*"), of(symbol="AB"))
    assert found == {"side": (names(("BUY",)),), "symbol": (names(("A*",)), names(("AB",)))}


@pytest.mark.parametrize(
    ("items", "key", "left"),
    [
        (("AAPL MSFT", "A*"), "symbol", {"AAPL"}),
        (("A*", "AAPL MSFT", "!AAPL"), "symbol", set()),
        (("A*",), "symbol", None),
        (("!A",), "symbol", None),
        (("A B*",), "symbol", None),
        ((), "symbol", None),
        ((), "side", {"BUY", "SELL"}),
        (("!BUY",), "side", {"SELL"}),
    ],
)
def test_the_names_that_all_lists_admit_are_told_where_they_are_few(
    items: tuple[str, ...], key: str, left: set[str] | None
) -> None:
    lists = tuple(names(tuple(item.split())) for item in items)
    assert only_names(lists, key) == left
