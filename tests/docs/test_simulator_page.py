"""The simulator's page says what there is: its code runs, its tables are complete."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from riskgate.simulator import read_bars, running
from riskgate.simulator.remote import Remote
from riskgate.simulator.scenarios import names, parse
from riskgate.simulator.scenarios.known import Listings
from riskgate.simulator.scenarios.price_file import parse_prices
from riskgate.simulator.scenarios.scenario import ACTIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "simulator.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PYTHON = [code for kind, code in BLOCKS if kind == "python" and "ib_insync" not in code]


@pytest.mark.parametrize("code", PYTHON, ids=lambda code: code.split("\n", 1)[0])
def test_the_python_of_the_page_runs(code: str) -> None:
    exec(compile(code, "docs/simulator.md", "exec"), {})


def test_the_example_of_the_page_is_the_file() -> None:
    file = (ROOT / "examples" / "test_a_plain_bot.py").read_text()
    (shown,) = [code for kind, code in BLOCKS if kind == "python" and "ib_insync" in code]
    assert file.partition("\n\n")[2] == shown


def test_the_scenario_of_the_page_can_be_read() -> None:
    (code,) = [code for kind, code in BLOCKS if kind == "yaml" and code.startswith("about:")]
    found = parse(code)
    assert (len(found.faults), len(found.timeline)) == (3, 2)


@pytest.mark.parametrize("years", [0, 1, 2, 7])
def test_the_price_file_of_the_page_can_be_read_on_any_day(years: int) -> None:
    (code,) = [code for kind, code in BLOCKS if code.startswith("symbol,")]
    for months in range(12):
        day = date(2024 + years, 1 + months, 28)
        found = parse_prices(code, "prices.csv", Listings(day))
        assert [one.symbol for one in found] == ["AAPL", "ES"]


def test_the_price_file_of_the_page_starts_a_simulator(tmp_path: Path) -> None:
    (code,) = [code for kind, code in BLOCKS if code.startswith("symbol,")]
    path = tmp_path / "prices.csv"
    path.write_text(code)
    command = [sys.executable, "-m", "riskgate", "simulate", "--port", "0", "--prices", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("TWS simulator listening on 127.0.0.1:")
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_the_price_file_of_the_page_says_the_same_in_yaml() -> None:
    (table,) = [code for kind, code in BLOCKS if code.startswith("symbol,")]
    (markets,) = [code for kind, code in BLOCKS if kind == "yaml" and code.startswith("AAPL:")]
    assert parse_prices(table, "p.csv") == parse_prices(markets, "p.yaml")


def test_the_bars_of_the_page_can_be_read(tmp_path: Path) -> None:
    (code,) = [code for kind, code in BLOCKS if code.startswith("time,")]
    (tmp_path / "bars.csv").write_text(code)
    assert len(read_bars(tmp_path / "bars.csv")) == 2


def test_the_requests_of_the_page_are_obeyed() -> None:
    (code,) = [code for kind, code in BLOCKS if code.startswith('{"do"')]
    with running() as tws, Remote(tws.open_control()) as remote:
        for line in code.splitlines():
            remote.request(**json.loads(line))


@pytest.mark.parametrize("word", sorted(ACTIONS))
def test_every_action_has_its_row(word: str) -> None:
    assert re.search(rf"^\|.*`{word}`.*\|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("name", names())
def test_every_scenario_has_its_row(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_every_option_of_the_command_has_its_row() -> None:
    source = (ROOT / "riskgate" / "cli" / "simulate.py").read_text()
    options = re.findall(r'@click.option\(\s*"(--[a-z]+)"', source)
    assert {"--port", "--scenario", "--speed"} <= set(options)
    assert [one for one in options if one != "--format" and f"`{one}" not in PAGE] == []
