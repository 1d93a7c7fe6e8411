"""Duplicate: how many alike there were inside the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from riskgate.model.decision import Finding
from riskgate.model.readings import CountReading
from riskgate.rulekit.tallies import WindowTally
from riskgate.rules.duplicate import ALIKE, Duplicate

Ask = Callable[..., dict[str, Finding]]
LINE = "BUY 10 AAPL LMT 190"


@pytest.mark.parametrize(
    ("config", "before", "verdict"),
    [
        ("window: 5s", 0, "PASS"),
        ("window: 5s", 1, "BREACH"),
        ("window: 5s, max: 2", 1, "PASS"),
        ("window: 5s, max: 0", 0, "BREACH"),
    ],
)
def test_one_order_more_than_the_most_alike_breaches(
    ask: Ask, config: str, before: int, verdict: str
) -> None:
    assert ask("duplicate", config, LINE, CountReading(before))["max"].verdict == verdict


def test_a_modify_is_not_asked(ask: Ask) -> None:
    assert ask("duplicate", "window: 5s, max: 0", LINE, CountReading(9), replaces=LINE) == {}


def test_alike_is_what_same_says_and_held_orders_count() -> None:
    from riskgate.rulekit.base import Context  # noqa: PLC0415  # used here alone
    from riskgate.rulekit.parameters import duration  # noqa: PLC0415  # same

    rule = Duplicate("p/r", {"window": duration("5s")}, Context())
    tally = rule.tally()
    assert isinstance(tally, WindowTally)
    assert set(tally.same) == set(ALIKE)
    assert tally.counts == {"new", "held"}
    assert not tally.siblings
