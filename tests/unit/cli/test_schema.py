"""`riskgate schema` prints what is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from riskgate.cli.schema import command

SCHEMAS = Path(__file__).parents[3] / "schemas"


@pytest.mark.parametrize(
    ("words", "name"),
    [([], "policy"), (["policy"], "policy"), (["test"], "policy-test")],
)
def test_it_prints_the_checked_in_file(words: list[str], name: str) -> None:
    result = CliRunner().invoke(command, words, standalone_mode=False)
    assert result.return_value == 0
    assert result.stdout == (SCHEMAS / f"{name}.schema.json").read_text()


def test_the_state_schema_can_be_printed() -> None:
    result = CliRunner().invoke(command, ["state"], standalone_mode=False)
    assert json.loads(result.stdout)["title"] == "riskgate state"
