"""The pages of orders: lines and payloads read, what is refused is refused, tables are whole."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.brokers.ib.wording import FACTS, ORDER_FACTS, PRICES, TYPES
from riskgate.line import payload
from riskgate.model.algos import ALGOS
from riskgate.model.fields import KEYS
from riskgate.model.instructions import ConditionKind, Instructions
from riskgate.model.order import SHAPES, Order, OrderType, Tif
from riskgate.model.order_line import read
from riskgate.model.terms import TIFS

FOLDER = Path(__file__).parents[2] / "docs" / "orders"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
EXAMPLE = re.compile(r"^```order\n(.*)\n```\n```json\n(.*)\n```$", re.MULTILINE)
REFUSED = re.compile(r"^\| `((?:BUY|SELL) .*)` \| (.*) \|$", re.MULTILINE)
KEY = re.compile(r"^\| `(\w+)` \| .* \| (.*) \|$", re.MULTILINE)

pages = pytest.mark.parametrize("name", PAGES)
types = pytest.mark.parametrize("kind", OrderType)


def row(page: str, name: str) -> str:
    """The second cell of a row that begins with this name."""
    found = re.search(rf"^\| {name} \| (.*) \|$", page, re.MULTILINE)
    assert found is not None, name
    return found[1]


@pages
def test_the_lines_and_payloads_of_a_page_are_the_same_orders(name: str) -> None:
    examples = EXAMPLE.findall(PAGES[name])
    assert len(examples) == PAGES[name].count("```") / 4 > 0
    for line, written in examples:
        order = Order.parse(line)
        assert str(order) == line
        given = json.loads(written, parse_float=Decimal)
        assert payload.read(given).checked() == order
        assert payload.written(order) == given


@pages
def test_what_a_page_says_is_refused_is_refused_for_that_reason(name: str) -> None:
    rows = REFUSED.findall(PAGES[name])
    assert rows or name == "README.md"
    for line, why in rows:
        assert why in "; ".join(fault.text for fault in read(line)[1]), line


@pages
def test_a_page_says_what_an_order_may_cost_and_how_it_is_played(name: str) -> None:
    assert "Worst case" in PAGES[name]
    assert "**On the simulator.**" in PAGES[name] or name == "README.md"


@types
def test_every_type_has_a_page_with_its_prices_and_times_in_force(kind: OrderType) -> None:
    page, shape = PAGES[f"{kind.lower()}.md"], SHAPES[kind]
    assert any(Order.parse(line).order_type is kind for line, _ in EXAMPLE.findall(page))
    trails = ("trail_amount", "trail_percent") if shape.trails else ()
    assert re.findall(r"`(\w+)`", row(page, "needs")) == [*trails, *shape.prices]
    assert re.findall(r"`(\w+)`", row(page, "may have")) == list(shape.optional)
    assert row(page, "time in force") == ", ".join(tif for tif in Tif if tif in TIFS[kind])
    named = [f"`{name}` is `{PRICES[name]}`" for name in (*trails, *shape.prices, *shape.optional)]
    assert row(page, "IB") == "; ".join([f"`orderType` {TYPES[kind]}", *named])


def test_every_page_is_found_from_the_first() -> None:
    linked = re.findall(r"\]\((\w+\.md)\)", PAGES["README.md"])
    assert sorted(linked) == sorted(set(PAGES) - {"README.md"})


def test_every_link_between_pages_leads_somewhere() -> None:
    for name, page in PAGES.items():
        assert set(re.findall(r"\]\((\w+\.md)\)", page)) <= set(PAGES), name


def test_every_key_is_in_the_table_under_the_name_that_the_broker_has() -> None:
    rows = dict(KEY.findall(PAGES["README.md"]))
    assert list(rows) == list(KEYS)
    for fact in (*FACTS, *ORDER_FACTS):
        assert rows.get(fact.ours, f"`{fact.theirs}`") == f"`{fact.theirs}`"


def test_everything_that_an_order_may_say_is_on_a_page_of_its_own() -> None:
    told = "".join(page for name, page in PAGES.items() if name != "README.md")
    for name in Instructions.__struct_fields__:
        assert re.search(rf"\b{name}\b", told) or name == "priority", name


def test_every_algo_and_its_parameters_are_in_the_table() -> None:
    page = PAGES["algos.md"]
    for name, known in ALGOS.items():
        cells = re.search(rf"^\| {name} \| {known.does} \| (.*) \|$", page, re.MULTILINE)
        assert cells is not None, name
        assert re.findall(r"`(\w+)`", cells[1]) == list(known.params)
        needed = [param for param, one in known.params.items() if one.required]
        assert re.findall(r"\*\*`(\w+)`\*\*", cells[1]) == needed


def test_every_kind_of_condition_is_in_the_table() -> None:
    rows = re.findall(r"^\| `(\w+) [^`]*` \|", PAGES["conditions.md"], re.MULTILINE)
    assert sorted(set(rows) - {"BUY"}) == sorted(ConditionKind)
