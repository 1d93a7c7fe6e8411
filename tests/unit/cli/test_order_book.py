"""`riskgate orders --book`: what works by the record, without a gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from riskgate.cli.orders import command
from riskgate.journal.journal import open_journal

if TYPE_CHECKING:
    from tests.unit.conftest import Stage


@pytest.fixture
def journal(tmp_path: Path, stage: Stage) -> str:
    for line in ("BUY 10 AAPL LMT 190", "SELL 5 AAPL LMT 191", "BUY 1 MSFT STP 405"):
        stage.allowed(line)
    stage.gate.submit("BUY 999 AAPL LMT 190")
    path = str(tmp_path / "journal.sqlite")
    copy = open_journal(path)
    with copy.turn() as turn:
        for event in stage.journal.inner.another().read():
            turn.append(event.payload, event.at)
    copy.close()
    return path


def shown(journal: str, *options: str) -> tuple[str, str]:
    run = CliRunner().invoke(command, ["--journal", journal, *options])
    assert run.exit_code == 0, run.output
    return run.stdout, run.stderr


def test_the_books_of_all_instruments_are_shown(journal: str) -> None:
    out, _ = shown(journal, "--book")
    assert out.splitlines() == [
        "AAPL",
        "side  price  quantity  orders  waits for",
        "ask     191         5  2",
        "bid     190        10  1",
        "",
        "MSFT",
        "side  price  quantity  orders  waits for",
        "buy                 1  3       STP: stop 405",
    ]


def test_one_symbol_can_be_asked_for_in_json(journal: str) -> None:
    out, _ = shown(journal, "--format", "json", "--book", "MSFT")
    (row,) = json.loads(out)
    assert (row["symbol"], row["side"], row["quantity"], row["order_ids"]) == (
        "MSFT",
        "buy",
        "1",
        [3],
    )
    everything, _ = shown(journal, "--book", "--format", "json")
    assert len(json.loads(everything)) == 3


def test_nothing_that_works_is_said_and_is_no_error(journal: str) -> None:
    out, err = shown(journal, "--book", "TSLA")
    assert (out, err) == ("", "nothing works of `TSLA`\n")
