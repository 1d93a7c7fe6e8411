"""docs/replay.md names every column and option, and its conditions can be read."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from riskgate.cli.replay import command
from riskgate.history.columns import COLUMNS
from riskgate.replay.thresholds import NAMES, SIGNS, thresholds_of

PAGE = (Path(__file__).parents[3] / "docs" / "replay.md").read_text(encoding="utf-8")


def test_the_table_of_columns_is_the_schema() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [
        (name, f"{column.means}{'; required' if column.required else ''}")
        for name, column in COLUMNS.items()
    ]


def test_every_option_is_told_of_and_no_other() -> None:
    options = {
        name for param in command.params if isinstance(param, click.Option) for name in param.opts
    }
    told = set(re.findall(r"--[a-z][a-z-]+", PAGE))
    assert told == {name for name in options if name.startswith("--")}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sign", SIGNS)
def test_the_grammar_reads(name: str, sign: str) -> None:
    assert name in PAGE
    [one] = thresholds_of(f" {name} {sign} 3 ")
    assert (str(one), one.is_met({name: 3})) == (f"{name}{sign}3", sign != ">")
    assert one.is_met({name: 4}) is (sign != "=")
    assert not one.is_met({name: 2})
