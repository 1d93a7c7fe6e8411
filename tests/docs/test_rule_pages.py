"""The pages under docs/rules are those that the rules themselves would print today."""

from __future__ import annotations

from pathlib import Path

from riskgate.policy.catalog import kinds
from riskgate.policy.pages import entries, page_of
from riskgate.reporters import markdown

FOLDER = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_of_all_kinds_are_current() -> None:
    wanted = {f"{name}.md": markdown.page(page_of(kind)) for name, kind in kinds().items()}
    wanted["index.md"] = markdown.kinds(entries())
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*")}
    assert sorted(found) == sorted(wanted), "run `riskgate rules --write docs/rules`"
    old = [name for name, text in wanted.items() if found[name] != text]
    assert old == [], "run `riskgate rules --write docs/rules`"


def test_the_grammar_of_the_docstrings_is_written_down_as_it_is_read() -> None:
    text = (FOLDER.parent / "rule-docstrings.md").read_text(encoding="utf-8")
    for word in ("Why", "Measures", "Passes with", "Breaches with", "Source", "given ", "after "):
        assert word in text
