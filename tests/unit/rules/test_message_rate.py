"""Message rate: what was sent inside the window, this message included."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from riskgate.model.decision import Finding
from riskgate.model.readings import CountReading

Ask = Callable[..., dict[str, Finding]]
LINE = "BUY 10 AAPL LMT 190"


@pytest.mark.parametrize(("before", "verdict"), [(0, "PASS"), (1, "PASS"), (2, "BREACH")])
def test_one_message_more_than_the_most_breaches(ask: Ask, before: int, verdict: str) -> None:
    answers = ask("message_rate", "max: 2, window: 1s", LINE, CountReading(before))
    assert answers["max"].verdict == verdict


@pytest.mark.parametrize(
    ("counts", "modify", "asked"),
    [
        ("[new]", False, True),
        ("[new]", True, False),
        ("[modify]", False, False),
        ("[modify]", True, True),
        ("[cancel]", False, False),
        ("[new, modify]", True, True),
    ],
)
def test_only_the_messages_that_count_are_asked(
    ask: Ask, counts: str, *, modify: bool, asked: bool
) -> None:
    replaced = {"replaces": LINE} if modify else {}
    config = f"max: 0, window: 1s, counts: {counts}"
    answers = ask("message_rate", config, LINE, CountReading(), **replaced)
    assert ("max" in answers) is asked
