"""The pictures are of the code as it is, and every page is found from somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from riskgate.model.lifecycle import MOVES, Status

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw", DOCS / "explanation" / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pictures_are_as_the_code_is(drawing: ModuleType) -> None:
    behind = [path.name for path, text in drawing.pages().items() if path.read_text() != text]
    assert behind == [], "python docs/explanation/draw.py"


def test_every_move_that_is_drawn_is_legal_and_every_state_is_there(drawing: ModuleType) -> None:
    assert [move for move in drawing.TOLD if move[1] not in MOVES[move[0]]] == []
    assert {*drawing.PLACES, *drawing.ENDS} == set(Status)


@pytest.mark.parametrize("folder", ["decisions", "lint", "rules"])
def test_the_index_of_a_folder_has_every_page_of_it(folder: str) -> None:
    index = (DOCS / folder / "index.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w.-]+\.md)\)", index))
    assert linked == {path.name for path in (DOCS / folder).glob("*.md")} - {"index.md"}
