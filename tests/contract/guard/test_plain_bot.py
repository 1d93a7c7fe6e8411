"""The bot among the examples, and the same bot with one line changed."""

from __future__ import annotations

import difflib
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from riskgate.simulator import Running, quote, running
from tests.contract.guard.conftest import ORDERS

EXAMPLES = Path(__file__).parents[3] / "examples"
PLAIN, GUARDED = EXAMPLES / "plain_bot.py", EXAMPLES / "plain_bot_guarded.py"
LIMITS = """
riskgate: 1
policy: bot
timezone: America/New_York
currency: USD
rules:
  - {id: finger, kind: fat_finger, max_quantity: 1000, because: nobody means more}
  - {id: fresh, kind: reference_price, max_age: 60s, because: a price is needed}
"""
SETTINGS = "policies: [limits.yaml]\nkill_signal: none\n"

only_for_ib_insync = pytest.mark.skipif(
    importlib.util.find_spec("ib_insync") is None, reason="the bot is written for ib_insync"
)


def run(bot: Path, folder: Path, tws: Running) -> list[str]:
    """Run a bot as people do; the statuses that it prints last."""
    (folder / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    (folder / "riskgate.yaml").write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, str(bot), str(tws.port)]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines()[-1].split()


def test_the_two_bots_differ_in_exactly_one_line() -> None:
    plain, guarded = PLAIN.read_text().splitlines(), GUARDED.read_text().splitlines()
    changed = [line for line in difflib.ndiff(plain, guarded) if line[0] in "+-"]
    assert len(plain) == len(guarded)
    assert [line.split("#")[0].rstrip() for line in changed] == [
        "-     ib = IB()",
        '+     import riskgate; ib = riskgate.guard(IB(), "riskgate.yaml")',
    ]


@pytest.mark.slow
@only_for_ib_insync
def test_the_plain_bot_sends_what_its_finger_slips_on(tmp_path: Path) -> None:
    with running({"AAPL": quote("189.99", "190.01", "190.00", "189.00")}) as tws:
        statuses = run(PLAIN, tmp_path, tws)
        assert statuses == ["Filled", "Cancelled", "Cancelled", "Cancelled", "Filled"]
        assert tws.positions() == {"AAPL": 10_100}


@pytest.mark.slow
@only_for_ib_insync
def test_the_guarded_bot_does_the_same_but_for_what_is_denied(tmp_path: Path) -> None:
    with running({"AAPL": quote("189.99", "190.01", "190.00", "189.00")}) as tws:
        statuses = run(GUARDED, tmp_path, tws)
        assert statuses == ["Filled", "Cancelled", "Cancelled", "Cancelled", "Cancelled"]
        assert tws.positions() == {"AAPL": 100}
        sent = [one.message.number("totalQuantity") for one in tws.received("placeOrder")]
        assert set(sent) == {100}
        assert {one.name for one in tws.received()} & ORDERS == {"placeOrder", "cancelOrder"}
