"""CONTRIBUTING names what there is: facts that a measurement may ask, switches, files, tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskgate.model.market import Prices
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLACES = ("", "riskgate", "tests/spec")
WRITTEN = {
    "riskgate/rules/max_spread.py",
    "tests/unit/rules/test_max_spread.py",
    "docs/lint/CODE.md",
}
FILES = {name for name in re.findall(r"\b[\w./-]+\.(?:py|md|json|toml)\b", PAGE) if "*" not in name}


def table(head: str) -> str:
    return PAGE.split(f"\n| {head} |", 1)[1].split("\n\n", 1)[0]


def test_what_a_measurement_may_ask_is_there() -> None:
    asked = re.findall(r"`seen\.(\w+)", table("a measurement asks"))
    assert len(asked) >= 5
    assert [name for name in asked if not hasattr(Snapshot, name)] == []
    prices = re.findall(r"`\.(\w+)`", table("a measurement asks"))
    assert [name for name in prices if not hasattr(Prices, name)] == []


def test_what_a_class_may_say_is_a_switch_of_a_rule() -> None:
    said = re.findall(r"`(\w+) = (True|False)`", table("a class may say"))
    assert len(said) >= 4
    assert [name for name, value in said if getattr(Rule, name) is (value == "True")] == []


@pytest.mark.parametrize("name", sorted(FILES - WRITTEN))
def test_every_file_that_it_names_is_there(name: str) -> None:
    assert any((ROOT / place / name).exists() for place in PLACES), name
