"""The market's trades out of a file."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate import parquet
from riskgate.analytics.tape import Print
from riskgate.errors import ConfigError
from riskgate.reporting.market_prints import prints, tape_of

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
HEADER = "at,symbol,price,size\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trades.csv"


def test_csv_is_read_whatever_the_order_of_its_columns(file: Path) -> None:
    file.write_text("size,venue,price,at,symbol\n100,XNAS,190.01,2026-03-02T10:00-05:00,AAPL\n\n")
    assert list(prints(file)) == [
        Print(at=AT, symbol="AAPL", price=Decimal("190.01"), size=Decimal(100))
    ]


def test_parquet_says_the_same(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "trades.parquet"
    kinds = {"at": "moment", "symbol": "text", "price": "decimal", "size": "decimal"}
    row = (AT, "AAPL", Decimal("190.01"), Decimal(100))
    path.write_bytes(b"".join(parquet.encoded(kinds, [row])))  # type: ignore[arg-type]
    assert list(prints(path)) == [Print(at=row[0], symbol=row[1], price=row[2], size=row[3])]


def test_an_interval_has_the_volume_weighted_price_of_its_trades(file: Path) -> None:
    file.write_text(
        HEADER
        + "2026-03-02T15:00:00Z,AAPL,190,100\n"
        + "2026-03-02T15:00:05Z,AAPL,191,300\n"
        + "2026-03-02T15:00:09Z,AAPL,999,1\n"
    )
    # (190 x 100 + 191 x 300) / 400 = 76,300 / 400
    until = datetime(2026, 3, 2, 15, 0, 5, tzinfo=UTC)
    assert tape_of(file).vwap("AAPL", AT, until) == Decimal("190.75")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column `at`; there is no columns; needed are at, symbol, price, size"),
        ("at,symbol,prices,size\n", "no column `price`; is it `prices`?"),
        (HEADER + "noon,AAPL,1,1\n", "line 2: `at` is no time: `noon`"),
        (HEADER + "2026-03-02T15:00,AAPL,1,1\n", "line 2: `at` has no offset"),
        (HEADER + "2026-03-02T15:00Z,AAPL,1,1\n2026-03-02T15:00Z,AAPL,x,1\n", "line 3: `price`"),
        (HEADER + "2026-03-02T15:00Z,AAPL,nan,1\n", "`price` is no number that it can be: `nan`"),
        (HEADER + "2026-03-02T15:00Z,AAPL,1,-1\n", "`size` is no number that it can be: `-1`"),
        (HEADER + "2026-03-02T15:00Z,AAPL,1\n", "line 2: `size`"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        list(prints(file))
    assert says in str(error.value)
    assert str(error.value).isprintable()


def test_what_is_no_file_or_no_text_is_one_line(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: no such file"):
        list(prints(file))
    with pytest.raises(ConfigError, match="cannot be read: is a directory"):
        list(prints(tmp_path))
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is no CSV file in UTF-8"):
        list(prints(file))
