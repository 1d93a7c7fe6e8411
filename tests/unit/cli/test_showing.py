"""`orders` and `fills`: a screenful for people, everything for programs."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from riskgate.cli.fills import command as fills
from riskgate.cli.orders import command as orders
from riskgate.journal.journal import open_journal
from riskgate.model.decision import Action
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order, Side
from riskgate.model.report import Fill
from riskgate.model.view import OrderView

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
MANY = 60


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("show") / "journal.sqlite"
    store = open_journal(str(path))
    with store.turn() as turn:
        turn.project(
            [view(number) for number in range(1, MANY + 1)], [fill(n) for n in range(MANY)]
        )
    store.close()
    return str(path)


def view(number: int) -> OrderView:
    return OrderView(
        order_id=number,
        ref=f"rg-{number}",
        order=Order.parse("BUY 100 AAPL LMT 190 DAY"),
        text="BUY 100 AAPL LMT 190 DAY",
        status=Status.DENIED,
        action=Action.DENY,
        symbol="AAPL",
        side="BUY",
        quantity=Decimal(100),
        created_at=AT,
        updated_at=AT,
        reason="p/size; p/collar; p/position",
    )


def fill(number: int) -> Fill:
    return Fill(
        execution_id=f"x.{number}.01",
        order_id=1,
        symbol="AAPL",
        side=Side.BUY,
        quantity=Decimal(1),
        price=Decimal("190.01"),
        timestamp=AT,
    )


def test_people_see_the_newest_screenful_and_are_told_that_there_is_more(journal: str) -> None:
    done = CliRunner().invoke(orders, ["--journal", journal])
    assert len(done.stdout.splitlines()) == 51
    assert "p/size +2" in done.stdout.splitlines()[1]
    assert "the newest 50 orders; --newest N shows more" in done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


@pytest.mark.parametrize("command", [orders, fills])
def test_programs_get_every_row(command: object, journal: str) -> None:
    as_json = CliRunner().invoke(command, ["--journal", journal, "--format", "json"])  # type: ignore[arg-type]
    assert len(json.loads(as_json.stdout)) == MANY
    as_csv = CliRunner().invoke(command, ["--journal", journal, "--format", "csv"])  # type: ignore[arg-type]
    assert len(list(csv.DictReader(io.StringIO(as_csv.stdout)))) == MANY
    assert as_csv.stderr == ""


def test_as_many_as_asked_for_are_shown(journal: str) -> None:
    done = CliRunner().invoke(fills, ["--journal", journal, "--newest", "3"])
    assert len(done.stdout.splitlines()) == 4


def test_nothing_that_matches_is_said_on_standard_error(journal: str) -> None:
    done = CliRunner().invoke(orders, ["--journal", journal, "--symbol", "MSFT"])
    assert done.stderr == "no order of symbol `MSFT` is on record; there is AAPL\n"


def test_the_journal_of_the_settings_is_the_default(
    journal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RISKGATE_CONFIG", raising=False)
    missing = CliRunner().invoke(orders)
    assert "riskgate-demo.sqlite" in str(missing.exception)
    (tmp_path / "riskgate.yaml").write_text(f"journal: {journal}", encoding="utf-8")
    assert len(CliRunner().invoke(orders, ["--newest", "1"]).stdout.splitlines()) == 2
