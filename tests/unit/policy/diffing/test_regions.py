"""Selectors as sets of orders: equal by meaning, inside each other, or apart."""

from __future__ import annotations

import pytest

from riskgate.policy.diffing.globs import TooTangledError
from riskgate.policy.diffing.regions import (
    are_equal,
    cells,
    changed_keys,
    is_within,
    meets,
    reaches_outside,
)
from riskgate.policy.selectors import Selector, selector

KNOTS = tuple(f"*{letter}?????{letter}*" for letter in "ABCDEFGHIJ")


def of(**keys: str) -> Selector:
    """`of(symbol="AAPL MSFT")`."""
    return selector({key: tuple(items.split()) for key, items in keys.items()})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (of(symbol="A* AAPL"), of(symbol="A*")),
        (of(symbol="A*"), of(symbol="A A?*")),
        (of(side="BUY SELL"), of()),
        (of(side="*"), of()),
        (of(symbol="aapl"), of(symbol="AAPL")),
        (of(strategy="*"), of()),
        (of(symbol="?*"), of()),
        (of(tif="!DAY"), of(tif="GTC IOC FOK GTD OPG AUC OVERNIGHT")),
        (of(symbol="A* B*") & of(symbol="B*"), of(symbol="B*")),
        (of(symbol="AAPL !AAPL"), of(symbol="MSFT !MSFT")),
    ],
)
def test_selectors_that_match_the_same_orders_are_equal(one: Selector, other: Selector) -> None:
    assert are_equal(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (of(symbol="A*"), of(symbol="A?*")),
        (of(strategy="?*"), of()),
        (of(symbol="AAPL"), of(symbol="AAPL", side="BUY")),
        (of(strategy="Alpha"), of(strategy="alpha")),
        (of(symbol="!AAPL"), of(symbol="!MSFT")),
    ],
)
def test_selectors_that_differ_for_some_order_are_not(one: Selector, other: Selector) -> None:
    assert not are_equal(one, other)


def test_what_is_inside_and_what_reaches_outside() -> None:
    tech, everything = of(symbol="AAPL MSFT"), of()
    assert is_within(of(symbol="AAPL", side="BUY"), tech)
    assert not is_within(tech, of(symbol="AAPL"))
    assert not reaches_outside(tech, [of(symbol="AAPL"), of(symbol="MSFT")])
    assert reaches_outside(tech, [of(symbol="AAPL"), of(symbol="MSFT", side="BUY")])
    assert not reaches_outside(everything, [of(side="BUY"), of(side="SELL")])
    assert reaches_outside(tech, [])


def test_what_meets_others_without_what_is_taken_away() -> None:
    tech = of(symbol="AAPL MSFT")
    assert meets(tech, [of(side="BUY")])
    assert not meets(tech, [of(symbol="SAP")])
    assert not meets(tech, [of(symbol="AAPL")], of(symbol="AAPL"))
    assert meets(tech, [of(symbol="AAPL")], of(symbol="AAPL", side="BUY"))


def test_the_keys_whose_names_changed() -> None:
    old, new = of(symbol="AAPL MSFT", side="BUY"), of(symbol="MSFT SAP")
    assert changed_keys(old, new) == (frozenset({"symbol"}), frozenset({"symbol", "side"}))


@pytest.mark.slow
def test_what_is_too_tangled_counts_as_different() -> None:
    one, other = selector({"symbol": KNOTS}), selector({"symbol": KNOTS[1:]})
    with pytest.raises(TooTangledError):
        cells((one, other))
    assert reaches_outside(one, [other])
    assert meets(one, [other])
    assert changed_keys(one, other) == (frozenset({"symbol"}), frozenset({"symbol"}))


def test_more_combinations_than_are_reasonable_are_refused() -> None:
    many = [of(**{key: f"x{n}"}) for key in ("symbol", "account", "strategy") for n in range(20)]
    with pytest.raises(TooTangledError):
        cells(many)
