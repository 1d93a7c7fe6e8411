"""Many values: as dictionaries, as a frame, as a table in a notebook."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from riskgate.errors import ConfigError
from riskgate.model.order import Side
from riskgate.model.report import Fill
from riskgate.model.rows import MOST_SHOWN, Rows

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)


def fill(number: int, symbol: str = "AAPL") -> Fill:
    return Fill(
        execution_id=f"x.{number}.01",
        order_id=1,
        symbol=symbol,
        side=Side.BUY,
        quantity=Decimal("1.5"),
        price=Decimal("190.01"),
        timestamp=AT,
    )


def test_they_are_a_tuple_of_the_values_themselves() -> None:
    rows = Rows([fill(1), fill(2)])
    assert rows == (fill(1), fill(2))
    assert rows[0].symbol == "AAPL"


def test_each_is_a_dictionary_of_plain_values() -> None:
    (row,) = Rows([fill(1)]).to_dicts()
    assert row["side"] == "BUY"
    assert type(row["side"]) is str
    assert (row["quantity"], row["timestamp"], row["commission"]) == (Decimal("1.5"), AT, None)


def test_rows_that_are_dictionaries_stay_so() -> None:
    assert Rows([{"a": Decimal(1)}]).to_dicts() == [{"a": Decimal(1)}]


def test_a_frame_keeps_amounts_exact_and_times_aware() -> None:
    pytest.importorskip("pandas")
    frame = Rows([fill(1), fill(2)]).to_df()
    assert list(frame["price"]) == [Decimal("190.01")] * 2
    assert str(frame["timestamp"].dt.tz) == "UTC"
    assert list(frame.columns) == list(Fill.__struct_fields__)


def test_a_frame_of_nothing_has_no_rows() -> None:
    pytest.importorskip("pandas")
    assert len(Rows[Fill]().to_df()) == 0


def test_without_pandas_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match="a frame needs pandas: pip install pandas"):
        Rows([fill(1)]).to_df()


def test_a_notebook_shows_a_table_with_everything_escaped() -> None:
    shown = Rows([fill(1, "<script>alert(1)</script>")])._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    table = ET.fromstring(shown)
    assert [head.text for head in table.iter("th")] == list(Fill.__struct_fields__)


def test_a_notebook_is_not_flooded() -> None:
    shown = Rows(fill(number) for number in range(MOST_SHOWN + 7))._repr_html_()
    assert shown.count("<tr>") == MOST_SHOWN + 1
    assert "and 7 more" in shown
    assert Rows[Fill]()._repr_html_() == "<p>none</p>"
