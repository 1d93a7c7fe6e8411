"""docs/order-manager.md: its example runs, its tables and its order book are as in the code."""

from __future__ import annotations

import re
import textwrap
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.config import Config
from riskgate.execution.order_book import Resting, order_books
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.orders import ExecutionTracker, OrderManager, OrderStatus, OrderValidator
from riskgate.orders.values import NEAREST
from riskgate.reporters.order_book_tables import book_text
from riskgate.simulator import running
from riskgate.wiring import connect

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "order-manager.md").read_text("utf-8")
OPEN = """
riskgate: 1
policy: open
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
"""


def blocks(language: str) -> list[str]:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


def test_the_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "open.yaml").write_text(OPEN, encoding="utf-8")
    (example,) = blocks("python")
    with running() as tws:
        config = Config(
            policies=(str(tmp_path / "open.yaml"),),
            journal=str(tmp_path / "journal.sqlite"),
            broker={"port": tws.port},
            kill_signal="none",
        )
        with connect(config) as gate:
            assert gate.prepare("AAPL", timeout=10) == ()
            exec(textwrap.dedent(example), {"gate": gate})  # the page's own example
    out = capsys.readouterr().out
    assert re.search(r"^filled \d+ at [\d.]+$", out, re.MULTILINE)
    assert re.search(r"^[\d.]+ basis points$", out, re.MULTILINE)


@pytest.mark.parametrize("made", [OrderManager, OrderValidator, ExecutionTracker])
def test_every_public_method_has_its_row(made: type) -> None:
    rows = "".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    names = [name for name in vars(made) if not name.startswith("_") and name != "close"]
    assert [name for name in names if f"`{name}(" not in rows] == []


def test_the_nearest_statuses_are_those_of_the_code() -> None:
    table = PAGE.split("| life of an order | `OrderStatus` |")[1].split("the other eight")[0]
    said = {
        Status(name.strip()): OrderStatus(nearest.strip())
        for names, nearest in re.findall(r"^\| ([A-Z][\w, ]+) \| (\w+) \|", table, re.MULTILINE)
        for name in names.split(",")
    }
    assert said == NEAREST


def test_the_order_book_is_printed_as_shown() -> None:
    def one(line: str, number: int, *, foreign: bool = False, changing: bool = False) -> Resting:
        order = Order.parse(line)
        return Resting(
            order_id=number,
            order=order,
            remaining=Decimal(order.quantity),
            status=Status.SUBMITTED,
            foreign=foreign,
            changing=changing,
        )

    working = [
        *(one("BUY 100 AAPL LMT 189.90", number) for number in range(1, 6)),
        one("BUY 50 AAPL LMT 190", 6, changing=True),
        one("SELL 10 AAPL LMT 191.25", 0, foreign=True),
        one("SELL 10 AAPL LMT 192", 8),
        one("SELL 100 AAPL STP_LMT 180 179.50", 9),
    ]
    (shown,) = blocks("console")
    assert shown == "$ riskgate orders --book AAPL\n" + book_text(order_books(working))
