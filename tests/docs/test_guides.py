"""Tutorials and guides run as they are written, in order, and show what they say they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.typed import ROOT, Reader, blocks

DOCS = ROOT / "docs"
PAGES = sorted([*(DOCS / "tutorials").glob("*.md"), *(DOCS / "guides").glob("*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_as_it_is_written(page: Path, tmp_path: Path) -> None:
    Reader(tmp_path).reads(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_the_pages_that_people_begin_with_are_run_at_all() -> None:
    kinds = {
        page.stem: {b.kind for b in blocks(page.read_text(encoding="utf-8"))} for page in PAGES
    }
    assert [name for name, found in kinds.items() if "run" not in found] == []
