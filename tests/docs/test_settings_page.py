"""docs/settings.md names every setting, and what it shows can be read."""

import re
from pathlib import Path

import pytest

from riskgate import config
from riskgate.brokers.ib.settings import Settings
from riskgate.config import Config
from riskgate.execution.codes import WORDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
OWN = frozenset({"mode", "allow_live", "meanings"})  # of the whole, not of `broker`


@pytest.mark.parametrize("text", BLOCKS)
def test_what_is_shown_can_be_read(tmp_path: Path, text: str) -> None:
    file = tmp_path / "riskgate.yaml"
    file.write_text(text, encoding="utf-8")
    assert config.load(file).mode == "paper"


def test_every_setting_of_the_broker_has_its_row() -> None:
    rows = "".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    missing = [name for name in Settings.__struct_fields__ if f"`{name}`" not in rows]
    assert set(missing) == OWN


@pytest.mark.parametrize("name", Config.__struct_fields__)
def test_every_setting_is_named(name: str) -> None:
    assert re.search(rf"^(## )?{name}\b", PAGE, re.MULTILINE), name


def test_every_class_of_a_code_has_its_row() -> None:
    assert re.findall(r"^\| `(\w+)` \| [A-Z]", PAGE.split("## broker_codes")[1], re.MULTILINE) == [
        *WORDS
    ]
