"""docs/guard.md says what the code does."""

from __future__ import annotations

from pathlib import Path

from riskgate.brokers.ib import guarded, guarded_orders
from riskgate.brokers.ib.guarded_wire import INSTEAD
from riskgate.brokers.ib.questions import FIRST_REQUEST

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "guard.md").read_text(encoding="utf-8")


def test_the_page_names_every_call_that_is_guarded() -> None:
    for name in (*INSTEAD, "bracketOrder", "oneCancelsAll", "whatIfOrder", "qualifyContracts"):
        assert f"`{name}`" in PAGE


def test_the_page_has_the_times_and_numbers_of_the_code() -> None:
    assert f"waits up to {guarded.FIRST_PROOF:g} s until its book is reconciled" in PAGE
    assert (
        f"waits up to {guarded.READY:g} s for first prices of up to {guarded.MOST_WATCHED}" in PAGE
    )
    assert f"waits up to {guarded_orders.PREPARING:g} s until its contract" in PAGE
    assert f"{FIRST_REQUEST:,}" in PAGE


def test_the_page_quotes_what_trades_say() -> None:
    source = (ROOT / "riskgate/brokers/ib/guarded_orders.py").read_text(encoding="utf-8")
    for words in ("held by riskgate: ", "kept by riskgate until the part that transmits it"):
        assert words in PAGE
        assert words in source
    assert f"`{guarded_orders.DENIED}: " in PAGE
    assert f"`modify {guarded_orders.DENIED}: " in PAGE
    assert f"`{guarded_orders.UNSENT}: " in PAGE


def test_the_page_shows_the_line_of_the_example() -> None:
    guarded_bot = (ROOT / "examples" / "plain_bot_guarded.py").read_text(encoding="utf-8")
    line = 'ib = riskgate.guard(IB(), "riskgate.yaml")'
    assert line in PAGE
    assert line in guarded_bot
