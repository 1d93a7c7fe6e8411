"""The page of IB's fields: its tables are those of the code, whole and in order."""

from __future__ import annotations

import re
from pathlib import Path

from riskgate.brokers.ib import unmodelled, wording
from riskgate.line.judging import CHANGEABLE

PAGE = (Path(__file__).parents[2] / "docs" / "ib-fields.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (`.*) \| (.*) \|$", re.MULTILINE)


def table(title: str) -> dict[str, str]:
    part = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return {name.strip("`"): reason for name, reason in ROW.findall(part)}


def test_what_is_harmless_is_listed_with_its_reason() -> None:
    assert table("Not read") == unmodelled.HARMLESS


def test_what_is_refused_is_listed_with_its_reason() -> None:
    assert table("Refused") == unmodelled.REFUSED


def test_what_is_modelled_is_listed_with_our_name() -> None:
    rows = table("Modelled")
    for fact in (*wording.ORDER_FACTS, *wording.FACTS):
        assert rows[fact.theirs] == fact.ours
    for ours, theirs in wording.PRICES.items():
        assert ours in rows[theirs].split(", ")


def test_what_ib_fills_in_and_what_can_be_modified_is_named() -> None:
    changed = {name for name in CHANGEABLE if name not in {"intent", "locate"}}
    assert all(f"`{name}`" in PAGE for name in {*unmodelled.FILLED_IN, *changed})
