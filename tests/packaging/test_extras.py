"""The page about installing, pyproject and the imports agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from riskgate.version import VERSION

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def rows(first: str) -> list[list[str]]:
    """The rows of the table whose head begins so."""
    table = PAGE.split(f"\n| {first} |", 1)[1].split("\n\n", 1)[0]
    return [
        [cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.split("\n")[2:]
    ]


def named(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return found[0]


def quoted(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def test_the_table_of_extras_is_that_of_pyproject() -> None:
    assert {row[0].strip("`") for row in rows("extra")} == {"none", *EXTRAS}


@pytest.mark.parametrize("extra", sorted(EXTRAS.keys() - {"dev"}))
def test_an_extra_brings_what_the_page_says(extra: str) -> None:
    (row,) = [row for row in rows("extra") if row[0] == f"`{extra}`"]
    assert quoted(row[2]) == {named(one) for one in EXTRAS[extra]}


def test_what_every_installation_has_is_told() -> None:
    told = set[str]().union(*(quoted(row[0]) for row in rows("library")))
    assert told == {named(one) for one in PROJECT["dependencies"]}


def test_the_pythons_of_the_page_are_those_that_are_claimed() -> None:
    claimed = [one.split(" :: ")[-1] for one in PROJECT["classifiers"] if ":: 3." in one]
    assert {row[-1] for row in rows("extra")} == {f"{claimed[0]} to {claimed[-1]}"}


def test_every_extra_that_an_error_names_is_one() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "riskgate").rglob("*.py")]
    told = [names for text in texts for names in re.findall(r"riskgate-ib\[([\w,-]+)\]", text)]
    assert {name for names in told for name in names.split(",")} == EXTRAS.keys() - {
        "dev",
        "ib-async",
    }


def test_the_version_is_written_once_and_the_changelog_knows_it() -> None:
    assert "version" in PROJECT["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    headings = re.findall(r"^## \[(.+?)\]", CHANGES, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert len(set(headings)) == len(headings)
    assert headings[1:] == [] or headings[1] == VERSION
