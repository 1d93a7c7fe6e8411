"""docs/analytics.md: its example runs, its commands exist, and every measure is on it."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

import click
import pytest

from riskgate.analytics.breakdown import GROUPINGS
from riskgate.analytics.latency import KEPT
from riskgate.analytics.quality import ExecutionQuality, Times
from riskgate.analytics.shortfall import Shortfall
from riskgate.cli.app import riskgate
from riskgate.config import Config
from riskgate.orders import ExecutionStats, ExecutionTracker
from riskgate.simulator import running
from riskgate.wiring import connect

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "analytics.md").read_text(encoding="utf-8")
TABLE = PAGE.split("## What was asked for")[1]
TYPED = sorted(
    {
        *re.findall(r"^\$ riskgate (.*)$", PAGE, re.MULTILINE),
        *re.findall(r"`riskgate ([^`]*)`", TABLE),
    }
)
BRIEF = (
    *("fill price against order price", "slippage", "execution time", "fill rate"),
    *("commission and fees", "execution quality reports", "active order monitoring"),
    *("order book", "history", "audit trail"),
)
OPEN = """
riskgate: 1
policy: open
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
"""


def test_the_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "open.yaml").write_text(OPEN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with running() as tws:
        config = Config(policies=("open.yaml",), broker={"port": tws.port}, kill_signal="none")
        with connect(config) as gate:
            assert gate.prepare("AAPL", timeout=10) == ()
            order = gate.submit("BUY 100 AAPL MKT").order_id
            assert gate.wait_for(lambda: len(gate.fills(order)) > 0, 10)
            exec(textwrap.dedent(example), {})  # the page's own example
    out = capsys.readouterr().out
    assert re.search(r"^1 [\d.]+ \{", out, re.MULTILINE)
    assert f"\n{order} " in out


@pytest.mark.parametrize("line", TYPED)
def test_what_is_typed_is_understood(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "riskgate.yaml").write_text("mode: paper\n")
    monkeypatch.chdir(tmp_path)
    words, group = shlex.split(line), riskgate
    with click.Context(riskgate) as context:
        found: click.Command | None = group
        while isinstance(found, click.Group):
            found = found.get_command(context, words.pop(0))
        assert found is not None
        found.make_context(line, words, parent=context)  # raises for what it does not know


@pytest.mark.parametrize("wish", BRIEF)
def test_every_line_of_the_brief_has_its_command_and_its_function(wish: str) -> None:
    (row,) = re.findall(rf"^\| {wish} \| (.*) \| (.*) \|$", TABLE, re.MULTILINE)
    assert all("`" in cell for cell in row)


def test_every_measure_is_on_the_page() -> None:
    names = {*ExecutionQuality.__struct_fields__} - {"counts"}
    parts = {*Shortfall.__struct_fields__, *Times.__struct_fields__, *GROUPINGS}
    named = set(re.findall(r"[a-z_]+", PAGE))
    assert (names | parts) - named == set()


def test_the_names_of_the_tracker_are_right() -> None:
    names = re.findall(r"`ExecutionTracker\.(\w+)`", TABLE)
    assert all(hasattr(ExecutionTracker, name) for name in names)
    figures = re.findall(r"`ExecutionStats\.(\w+)`", TABLE)
    assert figures
    assert set(figures) <= set(ExecutionStats.__struct_fields__)


def test_the_number_that_is_kept_is_that_of_the_code() -> None:
    assert f"up to {KEPT:,} times" in PAGE


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGE)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
