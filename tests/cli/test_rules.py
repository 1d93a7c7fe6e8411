"""`riskgate rules`: the list, a page, and the pages written for the documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskgate.policy.catalog import kinds

if TYPE_CHECKING:
    from tests.cli.conftest import Typed


def test_every_kind_is_listed_in_one_line(typed: Typed) -> None:
    done = typed("rules")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert [line.split()[0] for line in lines] == list(kinds())
    assert "restricted" in done.stdout
    assert all("  Deny " in line or "  Stop " in line or "  Hold " in line for line in lines)


@pytest.mark.parametrize("kind", list(kinds()))
def test_every_kind_has_a_page_in_every_format(typed: Typed, kind: str) -> None:
    text = typed("rules", kind)
    assert (text.returncode, text.stderr) == (0, "")
    for head in ("Why", "Measures", "Parameters", "Passes with", "Breaches with", "Source"):
        assert f"\n{head}" in text.stdout
    page = json.loads(typed("rules", kind, "--format", "json").stdout)
    assert [item["name"] for item in page["parameters"]] == list(kinds()[kind].parameters)
    markdown = typed("rules", kind, "--format", "markdown").stdout
    for name in kinds()[kind].parameters:
        assert f"| `{name}` |" in markdown
        assert f"\n    {name}\n" in text.stdout


def test_a_page_shows_examples_with_what_is_given(typed: Typed) -> None:
    shown = typed("rules", "position").stdout
    assert "Breaches with `max_long: 100, per: [account, symbol]`\n    BUY 101 AAPL" in shown
    assert "    max_long\n        The largest worst-case long position, in units.\n" in shown
    assert "number, 0 or more (units); a lower value is tighter." in shown


def test_a_misspelt_kind_gets_a_hint(typed: Typed) -> None:
    done = typed("rules", "psition")
    assert (done.returncode, done.stdout) == (2, "")
    assert "unknown rule kind `psition` (did you mean `position`?)" in done.stderr
    assert "`riskgate rules` lists them" in typed("rules", "zzzzzzzz").stderr


def test_the_list_as_json_and_as_markdown(typed: Typed) -> None:
    listed = json.loads(typed("rules", "--format", "json").stdout)
    assert [item["kind"] for item in listed] == list(kinds())
    assert "* [`position`](position.md): Deny " in typed("rules", "--format", "markdown").stdout


def test_all_pages_are_written_into_a_folder(typed: Typed, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "rules"
    done = typed("rules", "--write", str(folder))
    assert done.stdout == f"{len(kinds())} pages and index.md in {folder}\n"
    assert {path.stem for path in folder.iterdir()} == {*kinds(), "index"}
    shown = typed("rules", "position", "--format", "markdown").stdout
    assert (folder / "position.md").read_text() == shown
