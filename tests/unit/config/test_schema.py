"""The schema of the settings: what the reader takes it takes, and typos it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from riskgate import config
from riskgate.brokers.ib.settings import Settings
from riskgate.config.schema import settings_schema

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def faults(text: str) -> list[str]:
    schema: dict[str, Any] = settings_schema({"broker": Settings})
    Draft202012Validator.check_schema(schema)
    value = json.loads(json.dumps(yaml.safe_load(text)))  # as an editor sees it: keys are text
    return [fault.message for fault in Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_of_the_page_is_read_and_is_of_the_schema(text: str, tmp_path: Path) -> None:
    path = tmp_path / "riskgate.yaml"
    path.write_text(text, encoding="utf-8")
    config.load(path, {})
    assert faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "mod: paper",
        "mode: demo",
        "hold_for: 15",
        "hold_for: soon",
        "watch: AAPL",
        "broker: {prot: 1}",
        "broker: {meanings: {}}",
        "broker: {mode: live}",
        "broker: {reconnect_max: 900}",
        "broker: {restart_window: {from: '1:00'}}",
        "broker_codes: {'10350': warnin}",
        "broker_codes: {x1: warning}",
        "routing: {rule: []}",
        "routing: {rules: [{vnues: [ARCA]}]}",
        "aggregation: {alow: true}",
    ],
)
def test_what_the_reader_refuses_the_schema_refuses_too(text: str) -> None:
    assert faults(text)


def test_the_published_schema_is_the_one_of_the_code() -> None:
    published = json.loads((ROOT / "schemas" / "settings.schema.json").read_text("utf-8"))
    made = settings_schema({"broker": Settings})
    assert published == json.loads(json.dumps(made))
