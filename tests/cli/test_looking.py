"""`orders`, `fills`, `positions`, `stats` and `tca`, beside a gate that runs and writes."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from riskgate.analytics import figures
from riskgate.analytics.measures import measure
from riskgate.journal.archive import open_for_reading
from riskgate.journal.facts_files import facts_of_files
from riskgate.journal.journal import open_journal
from riskgate.reporting.market_prints import tape_of
from riskgate.wiring import ConnectedGate
from tests.cli.desk import holds, works

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

LISTS = ("orders", "fills", "positions", "tca")
EVERY = (*LISTS, "stats", "stats --by symbol,side,strategy", "tca --order 1", "orders --book")
TOO_LARGE = "BUY 900 AAPL LMT 150"


@pytest.fixture
def traded(gate: ConnectedGate) -> ConnectedGate:
    """A gate that has bought, sold, been refused, and has an order at work."""
    holds(gate)
    holds(gate, "SELL 10 AAPL MKT")
    holds(gate, "BUY 60 MSFT MKT")
    works(gate)
    gate.submit(TOO_LARGE, strategy="momentum-with-a-long-name", actor="bot")
    with open_for_reading("desk.sqlite") as archive:
        assert gate.wait_for(lambda: len(archive.orders()) == 5 and len(archive.fills()) == 6, 10)
    return gate


def rows(typed: Typed, *words: str) -> list[dict[str, Any]]:
    done = typed(*words, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize("width", [80, 200])
def test_what_is_piped_is_plain_and_fits(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for command in EVERY:
        done = typed(*command.split())
        assert (done.returncode, done.stderr) == (0, "")
        lines = done.stdout.splitlines()
        assert len(lines) > 1
        assert max(map(len, lines)) <= width
        assert all(line.isprintable() for line in lines), command


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize("format_", ["csv", "json", "jsonl"])
def test_a_file_holds_what_is_written_to_a_pipe(typed: Typed, desk: Path, format_: str) -> None:
    file = desk / f"out.{format_}"
    for command in (*LISTS, "stats", "stats --by symbol", "orders --book"):
        done = typed(*command.split(), "-o", str(file))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert typed(*command.split(), "--format", format_).stdout == file.read_text() != ""
    assert not list(desk.glob(".out*"))


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_parquet_holds_the_same_rows_in_a_file_and_in_a_pipe(typed: Typed, desk: Path) -> None:
    arrow = pytest.importorskip("pyarrow.parquet")
    for command in (*LISTS, "stats", "stats --by symbol", "orders --book"):
        file = desk / "out.parquet"
        assert typed(*command.split(), "-o", str(file)).returncode == 0
        stored = arrow.read_table(file).to_pylist()
        expected = rows(typed, *command.split())
        assert len(stored) == len(expected) > 0
        names = set(stored[0]) - {"created_at"}
        assert all(set(row) >= names for row in expected)
    words = [sys.executable, "-m", "riskgate", "fills", "--format", "parquet"]
    piped = subprocess.run(words, capture_output=True, check=True, timeout=30)
    assert arrow.read_table(io.BytesIO(piped.stdout)).num_rows == len(rows(typed, "fills"))


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_exported_files_give_the_same_facts_as_the_journal(
    typed: Typed, desk: Path, suffix: str
) -> None:
    orders, fills = desk / f"orders.{suffix}", desk / f"fills.{suffix}"
    for command, file in (("orders", orders), ("fills", fills)):
        assert typed(command, "-o", str(file)).returncode == 0
    with open_for_reading("desk.sqlite") as archive:
        expected = list(archive.facts())
    assert list(facts_of_files(orders, fills)) == expected
    assert [len(facts.fills) for facts in expected] == [2, 2, 2, 0, 0]


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_dev_stdout_in_a_pipe_is_standard_output(typed: Typed) -> None:
    piped = typed("orders", "--format", "csv").stdout
    assert typed("orders", "--format", "csv", "-o", "/dev/stdout").stdout == piped != ""


@pytest.mark.slow
def test_a_spreadsheet_runs_nothing_that_a_strategy_wrote_and_it_reads_back(
    gate: ConnectedGate, typed: Typed, desk: Path
) -> None:
    hostile = "=HYPERLINK(A1)"
    gate.submit(TOO_LARGE, strategy=hostile, actor="bot")
    with open_for_reading("desk.sqlite") as archive:
        assert gate.wait_for(lambda: len(archive.orders()) == 1, 10)
    orders, fills = desk / "orders.csv", desk / "fills.csv"
    for command, file in (("orders", orders), ("fills", fills)):
        assert typed(command, "-o", str(file)).returncode == 0
    with orders.open(newline="") as file_:
        (row,) = csv.DictReader(file_)
    assert row["strategy"] == f"'{hostile}"
    assert (row["quantity"], row["limit_price"]) == ("900", "150")
    (facts,) = facts_of_files(orders, fills)
    assert facts.strategy == hostile


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_without_pyarrow_there_is_one_line_and_no_file(
    typed: Typed, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    done = typed("fills", "-o", "fills.parquet")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'pip install "riskgate-ib[parquet]"' in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(desk.glob("*.parquet*"))


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_tables_begin_with_the_newest_and_files_with_the_oldest(typed: Typed) -> None:
    for command in ("orders", "tca"):
        numbers = [row["order_id"] for row in rows(typed, command)]
        assert numbers == sorted(numbers)
        newest = [row["order_id"] for row in rows(typed, command, "--newest", "2")]
        assert newest == numbers[-2:]
        shown = typed(command, "--newest", "2").stdout.splitlines()[1:]
        assert [int(line.split()[0]) for line in shown] == newest[::-1]
    assert len(rows(typed, "fills", "--newest", "3")) == 3


FILTERS: Final[tuple[tuple[tuple[str, ...], list[int]], ...]] = (
    (("--symbol", "MSFT"), [3]),
    (("--status", "denied"), [5]),
    (("--strategy", "s"), [1, 2, 3, 4]),
    (("--order-type", "lmt"), [4, 5]),
    (("--venue", "SMART", "--status", "Filled"), [1, 2, 3]),
    (("--since", "1d"), [1, 2, 3, 4, 5]),
    (("--until", "1d"), []),
)


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_filters_say_which_orders(typed: Typed) -> None:
    for words, expected in FILTERS:
        assert [row["order_id"] for row in rows(typed, "orders", *words)] == expected, words


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_a_name_that_nobody_traded_is_told_with_the_nearest(typed: Typed) -> None:
    for command in ("orders", "fills", "stats", "tca"):
        done = typed(command, "--symbol", "APPL")
        said = "no order of symbol `APPL` is on record; did you mean `AAPL`?\n"
        assert (done.returncode, done.stdout, done.stderr) == (0, "", said)
        other = typed(command, "--account", "U7")
        assert other.stderr == "no order of account `U7` is on record; there is DU1234567\n"
        none = typed(command, "--symbol", "AAPL", "--until", "2020-01-01")
        what = "fills" if command == "fills" else "orders"
        assert none.stderr == f"no such {what} on record\n"


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_positions_say_what_works_towards_them(typed: Typed) -> None:
    aapl, msft = rows(typed, "positions")
    assert (aapl["position"], aapl["buying"], aapl["most"]) == ("20", "10", "30")
    assert (msft["position"], msft["price"]) == ("60", "420.01")
    assert typed("positions", "--symbol", "XYZ").stderr == "nothing such is held or worked\n"
    near = "nothing such is held or worked; did you mean `MSFT`?\n"
    assert typed("positions", "--symbol", "MSTF").stderr == near
    assert len(typed("positions", "--account", "DU1234567").stdout.splitlines()) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_stats_add_up_over_any_grouping(typed: Typed) -> None:
    (whole,) = rows(typed, "stats")
    assert (whole["orders"], whole["sent"], whole["filled"], whole["denied"]) == (5, 4, 3, 1)
    for by in ("symbol", "side,order_type", "hour", "day", "account", "strategy", "venue"):
        groups = rows(typed, "stats", "--by", by)
        assert sum(row["executions"] for row in groups) == whole["executions"]
        assert sum(Decimal(row["fees_USD"] or 0) for row in groups) == Decimal(whole["fees_USD"])
    table = typed("stats", "--by", "symbol").stdout.splitlines()
    assert [line.split()[0] for line in table] == ["symbol", "AAPL", "MSFT", "all"]


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_an_hour_is_that_of_the_zone(typed: Typed) -> None:
    (utc,) = rows(typed, "stats", "--by", "hour")
    (tokyo,) = rows(typed, "stats", "--by", "hour", "--zone", "Asia/Tokyo")
    assert int(tokyo["hour"][:2]) == (int(utc["hour"][:2]) + 9) % 24
    grouped = typed("stats", "--by", "symbol,strateg")
    assert (grouped.returncode, grouped.stdout) == (2, "")
    assert "`strateg` is none of " in grouped.stderr
    assert "; did you mean `strategy`?" in grouped.stderr
    wrong = typed("stats", "--zone", "America/NewYork")
    assert wrong.returncode == 2
    assert "did you mean `America/New_York`?" in wrong.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_tca_measures_what_left_and_its_parts_are_the_whole(typed: Typed) -> None:
    found = rows(typed, "tca")
    assert [row["order_id"] for row in found] == [1, 2, 3, 4]
    for row in found[:3]:
        parts = [Decimal(row[f"shortfall_{name}"]) for name in ("delay", "execution", "fees")]
        assert sum(parts, Decimal(row["shortfall_opportunity"])) == Decimal(row["shortfall"])
    denied = rows(typed, "tca", "--status", "denied")
    assert [(row["order_id"], row["shortfall"]) for row in denied] == [(5, None)]


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_tca_of_one_order_is_in_words(typed: Typed) -> None:
    told = typed("tca", "--order", "1").stdout
    assert told.startswith("order 1: BUY 30 AAPL MKT")
    assert "decision price  30 x (190.01 - 190) = 0.30 USD, 0.53 bps of 5,700.00" in told
    unknown = typed("tca", "--order", "99")
    assert unknown.returncode == 2
    assert "no order 99 on record; `riskgate orders` lists what is there" in unknown.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_the_markets_trades_give_an_interval_vwap(typed: Typed, desk: Path) -> None:
    first = rows(typed, "orders")[0]
    seconds = [
        datetime.fromisoformat(first["decided_at"]) + timedelta(seconds=n) for n in (-5, 0, 5)
    ]
    lines = (f"{at.isoformat()},AAPL,{189 + n},100\n" for n, at in enumerate(seconds))
    trades = desk / "trades.csv"
    trades.write_text("".join(("at,symbol,price,size\n", *lines)))
    with open_for_reading("desk.sqlite") as archive:
        expected = [*figures.of_orders(measure(archive.facts(), tape_of(trades)))]
    found = rows(typed, "tca", "--trades", str(trades))
    told = [None if row["vwap_price"] is None else Decimal(row["vwap_price"]) for row in found]
    assert told == [row["vwap_price"] for row in expected[:4]]
    broken = typed("stats", "--trades", str(desk / "none.csv"))
    assert broken.returncode == 2
    assert "none.csv` cannot be read: no such file or directory" in broken.stderr


@pytest.mark.slow
def test_csv_of_orders_has_every_column_and_every_digit(
    typed: Typed, traded: ConnectedGate
) -> None:
    text = typed("orders", "--format", "csv").stdout
    found = {int(row["order_id"]): row for row in csv.DictReader(io.StringIO(text))}
    for view in traded.orders():
        row = found[view.order_id]
        assert row["created_at"] == view.created_at.isoformat()
        assert Decimal(row["filled_quantity"]) == view.filled_quantity
        assert (row["status"], row["symbol"]) == (view.status, view.symbol)


@pytest.mark.parametrize("command", ["orders", "fills", "stats", "tca", "stats --by day"])
def test_a_journal_without_orders_says_so(typed: Typed, folder: Path, command: str) -> None:
    open_journal(str(folder / "empty.sqlite")).close()
    done = typed(*command.split(), "--journal", "empty.sqlite")
    what = "fills" if command == "fills" else "orders"
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"no {what} on record\n"
    as_json = typed(*command.split(), "--journal", "empty.sqlite", "--format", "json")
    assert json.loads(as_json.stdout) == []


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", [*LISTS, "stats"])
def test_no_journal_is_one_line_and_7(typed: Typed, command: str) -> None:
    done = typed(command, "--journal", "none.sqlite")
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr.startswith("error: no journal at `none.sqlite`")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_the_journal_is_not_written_over(typed: Typed, desk: Path) -> None:
    for command in (*LISTS, "stats"):
        done = typed(command, "-o", "desk.sqlite", "--format", "csv")
        assert done.returncode == 2
        assert "is the journal itself" in done.stderr
    assert (desk / "desk.sqlite").read_bytes().startswith(b"SQLite format 3")


@pytest.mark.slow
@pytest.mark.usefixtures("traded")
def test_on_a_terminal_the_table_is_ruled_and_says_the_same(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("stats", "--by", "symbol")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    inner, outer = pty.openpty()
    with subprocess.Popen([sys.executable, "-m", "riskgate", *words], stdout=outer) as process:
        os.close(outer)
        shown = b""
        while part := _read(inner):
            shown += part
        assert process.wait(30) == 0
    os.close(inner)
    text = shown.decode()
    assert "\x1b[1m" in text
    assert "─" * 10 in text
    assert typed(*words).stdout.splitlines()[-1].split()[0] in text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""
