"""The positions before a history, and options that cannot be meant, each told in one line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from riskgate import parquet
from riskgate.cli.app import run
from riskgate.errors import ConfigError
from riskgate.history.opening import opening_of
from tests.contract.replay.histories import POLICY, as_csv, as_parquet, orders


def test_positions_are_read_with_their_contracts(tmp_path: Path) -> None:
    path = tmp_path / "held.csv"
    path.write_text(
        "account,symbol,quantity,sec_type,multiplier,expiry\n"
        "DU1,AAPL,-100,,,\nDU1,ES,2,FUT,50,2026-06-19\nDU2,AAPL,1.5,,,\n"
    )
    found = opening_of(str(path))
    assert found.held == {
        "DU1": {"AAPL": Decimal(-100), "ES.FUT expiry=2026-06-19": Decimal(2)},
        "DU2": {"AAPL": Decimal("1.5")},
    }
    assert found.instruments["ES.FUT expiry=2026-06-19"].multiplier == Decimal(50)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("account,symbol\nDU1,AAPL\n", "has no column `quantity`"),
        ("account,symbol,quantity\nDU1,AAPL,\n", "row 1, column `quantity`: is empty"),
        ("account,symbol,quantity\nDU1,AAPL,x\n", "row 1, column `quantity`: `x` is no number"),
        ("account,symbol,quantity\nDU1,A,1\nDU1,A,1\n", "row 2: `A` is stated twice"),
        (
            "account,symbol,quantity,sec_type\nDU1,ES,1,FUT\n",
            "row 1, column `multiplier`: is empty",
        ),
        ("account,symbol,quantity,symbol\nDU1,A,1,B\n", "has the column `symbol` twice; keep one"),
    ],
)
def test_a_bad_position_is_told_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "held.csv"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        opening_of(str(path))
    assert str(raised.value).startswith(f"`{path}`")
    assert why in str(raised.value)
    with pytest.raises(ConfigError, match="cannot read"):
        opening_of(str(tmp_path / "none.csv"))


def test_a_file_that_is_no_csv_is_told(tmp_path: Path) -> None:
    path = tmp_path / "held.csv"
    path.write_bytes(b"account,symbol,quantity\nDU1," + b"A" * 200_000 + b",1\n")
    with pytest.raises(ConfigError, match="cannot read"):
        opening_of(str(path))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--history", "x.csv"], "name them with --policies"),
        (["--history", "x.csv", "--zone", "Mars/North"], "`Mars/North` is no zone"),
        (["12", "--last", "30d", "--since", "today"], "--last and --since say the same"),
        (["what", "--journal", "j.db"], "`what` is no order"),
        (["--last", "a while"], "is no time"),
    ],
)
def test_options_that_cannot_be_meant(
    capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    assert run(["replay", *words]) == 2
    error = capsys.readouterr().err
    assert why in error
    assert error.count("\n") == 1


def test_a_file_is_read_from_any_row_on(tmp_path: Path) -> None:
    path = as_parquet(tmp_path / "x.parquet", orders(50))
    [[whole]] = parquet.batches(path, ["quantity"])
    for start in (0, 1, 20, 49):
        [[part]] = parquet.batches(path, ["quantity"], start)
        assert part == whole[start:]
    assert list(parquet.batches(path, ["quantity"], 50)) == []


def test_a_history_is_read_by_the_command_with_all_its_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, policy = as_csv(tmp_path / "x.csv", orders(200)), tmp_path / "desk.yaml"
    policy.write_text(POLICY)
    held = tmp_path / "held.csv"
    held.write_text("account,symbol,quantity\nDU0,AAPL,100\n")
    words = ["replay", "--history", str(path), "--policies", str(policy), "--positions", str(held)]
    assert run([*words, "--zone", "America/New_York", "--fail-on", "tightened>0"]) == 1
    told = capsys.readouterr()
    assert "200 orders on 12 days of an account" in " ".join(told.out.split())
    assert told.err.startswith("tightened>0: there are ")
    assert run([*words, "--format", "markdown"]) == 0
    assert "| rule | tightened |" in capsys.readouterr().out
