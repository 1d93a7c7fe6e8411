"""A history that cannot be read is told in one line: the file, the row, the column, and why."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from riskgate.cli.app import run
from riskgate.errors import ConfigError
from riskgate.history.opening import Opening
from riskgate.history.running import Ways, replay_history
from riskgate.history.working import BadRowError
from tests.contract.replay.histories import POLICY, as_csv, as_parquet, asked, orders, replayed

AT_FIRST = datetime.min  # noqa: DTZ901  # of a column without a zone


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("quantity", "lots", "`lots` is no number"),
        ("quantity", "", "is empty"),
        ("limit_price", "NaN", "`NaN` is no finite number"),
        ("side", "HOLD", "`HOLD` is none of BUY, SELL"),
        ("at", "2026-03-02T10:00:00", "`2026-03-02T10:00:00` has no offset"),
        ("at", "2026-03-01T10:00:00Z", "is before an earlier order of `DU0`; sort the file"),
        ("filled_quantity", "99999", "`99999` is not within the quantity"),
        ("avg_fill_price", "", "is empty, and something was filled"),
        ("filled_at", "2026-03-01T10:00:00Z", "is before the order"),
        ("done_at", "2026-03-01T10:00:00Z", "is before the order, or before it was filled"),
        ("status", "Gone", "`Gone` is none of "),
        ("quantity", "1_000", "`1_000` is no number"),
        ("quantity", "-100", "`-100` is not above zero"),
        ("limit_price", "1e999999", "`1e999999` is no number that anybody means"),
        ("at", "0001-01-01T00:00:00Z", "is not within the years 2 to 9998"),
        ("at", "9999-12-31T23:59:59Z", "is not within the years 2 to 9998"),
        ("filled_at", "9999-12-31T23:59:59Z", "is not within the years 2 to 9998"),
        ("done_at", "9999-12-31T23:59:59Z", "is not within the years 2 to 9998"),
        ("symbol", "A\nB", "`A\\nB` is no text"),
    ],
)
def test_a_bad_row_is_one_line_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, value: str, why: str
) -> None:
    rows = list(orders(20, days=1, accounts=1))
    filled = {"filled_quantity": rows[6]["quantity"], "avg_fill_price": Decimal(190)}
    rows[6] |= filled | {"filled_at": rows[6]["at"], "done_at": rows[6]["at"]}
    rows[6][column] = value
    path, policy = as_csv(tmp_path / "x.csv", rows), tmp_path / "desk.yaml"
    policy.write_text(POLICY)
    words = ["replay", "--history", str(path), "--policies", str(policy)]
    assert run(words) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: `{path}`: row 7, column `{column}`: ")
    assert why in error
    assert error.count("\n") == 1
    assert run([*words, "--skip-bad", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["orders"], said["skipped"]) == (19, 1)


def test_a_row_of_another_length_is_told_too(tmp_path: Path) -> None:
    path = as_csv(tmp_path / "x.csv", orders(5, days=1))
    path.write_text(path.read_text() + "one,two\n")
    with pytest.raises(BadRowError, match="row 6: has 2 values, and the header 16"):
        replayed(path)


@pytest.mark.parametrize(
    ("column", "values", "why"),
    [
        ("at", pa.array([1_772_463_600] * 20), "`1772463600` is a number and no time; write "),
        ("at", pa.array([2**62] * 20, pa.timestamp("us")), f"`{2**62} us since 1970` is no time"),
        ("at", pa.array([AT_FIRST] * 20, pa.timestamp("us")), "is not within the years 2 to 9998"),
        ("quantity", pa.array([[1]] * 20), "`[1]` is no single value"),
        ("symbol", pa.array([{"a": 1}] * 20), "`{'a': 1}` is no single value"),
        ("quantity", pa.array([True] * 20), "`True` is no number"),
    ],
)
def test_a_bad_column_of_a_parquet_file_is_one_line_with_its_place(
    tmp_path: Path, column: str, values: pa.Array, why: str
) -> None:
    path = as_parquet(tmp_path / "x.parquet", orders(20, days=1))
    table = pyarrow.parquet.read_table(path)
    place = table.column_names.index(column)
    pyarrow.parquet.write_table(table.set_column(place, column, values), path)
    with pytest.raises(BadRowError) as raised:
        replayed(path)
    said = str(raised.value)
    assert said.startswith(f"`{path}`: row 1, column `{column}`: ")
    assert why in said
    assert "\n" not in said
    none = replay_history(asked(path, skip_bad=True), Ways(), Opening())
    assert (none.orders, none.skipped) == (0, 20)


def test_the_years_at_both_ends_of_time_are_decided(tmp_path: Path) -> None:
    [row] = orders(1)
    ends = {"filled_at": None, "done_at": None, "filled_quantity": 0, "avg_fill_price": None}
    rows = [row | ends | {"at": row["at"].replace(year=year)} for year in (2, 9998)]
    both = [
        replayed(path)
        for path in (as_csv(tmp_path / "x.csv", rows), as_parquet(tmp_path / "x.parquet", rows))
    ]
    assert {(one.orders, one.days, one.digest) for one in both} == {(2, 2, both[0].digest)}


def test_what_is_no_row_of_text_ends_the_run_though_bad_rows_are_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, policy = as_csv(tmp_path / "x.csv", orders(5, days=1)), tmp_path / "desk.yaml"
    policy.write_text(POLICY)
    path.write_bytes(path.read_bytes().replace(b"LMT", b"L\rT", 1))
    words = ["replay", "--history", str(path), "--policies", str(policy)]
    for more in ((), ("--skip-bad",)):
        assert run([*words, *more]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: `{path}`: row 1: has a CR that ends no line; ")
        assert error.count("\n") == 1


def test_what_is_no_history_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("at,account\n")
    with pytest.raises(ConfigError, match=r"has no column `symbol`; docs/replay.md says"):
        replayed(path)
    with pytest.raises(ConfigError, match="cannot read"):
        replayed(tmp_path / "none.csv")
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(ConfigError, match="parquet"):
        replayed(tmp_path / "x.parquet")
