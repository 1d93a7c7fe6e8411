"""docs/aggregation.md: its examples run, and it names every key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskgate import config
from riskgate.execution.aggregate import ABOUT_QUANTITY, NETTED, OWN, Aggregation
from riskgate.journal.memory import MemoryJournal
from tests.unit.conftest import LIMITS, FlakyJournal, Stage, compiled

if TYPE_CHECKING:
    from riskgate.ticket import Ticket

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "aggregation.md").read_text("utf-8")
SHOWN: list[str] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def stage() -> Stage:
    made = Stage(compiled(LIMITS), FlakyJournal(MemoryJournal()))
    made.gate._aggregation = Aggregation(allow=True)
    return made


def test_the_settings_it_shows_allow_blocks(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "riskgate.yaml"
    file.write_text(shown, encoding="utf-8")
    assert config.load(file).aggregation == Aggregation(allow=True)


@pytest.mark.parametrize("name", Aggregation.__struct_fields__)
def test_every_key_has_its_row(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", PAGE, re.MULTILINE)


def test_its_block_leaves_as_one_order(stage: Stage) -> None:
    names: dict[str, Ticket] = {}
    exec(SHOWN[0], {"gate": stage.gate}, names)  # our own page
    view = names["alpha"].view
    assert view is not None
    assert view.block_id == stage.broker.placed[0].order_id
    assert stage.broker.placed[0].order.quantity == 100


def test_its_collector_sends_what_was_offered(stage: Stage) -> None:
    exec(SHOWN[1], {"gate": stage.gate})  # our own page
    assert [one.order.quantity for one in stage.broker.placed] == [60]


def test_it_says_what_stays_alone_and_what_is_netted() -> None:
    for kind in NETTED:
        assert f"`{kind}`" in PAGE
    assert "`display_size`" in PAGE
    assert "display_size" in ABOUT_QUANTITY
    for name in OWN:
        assert name in PAGE
