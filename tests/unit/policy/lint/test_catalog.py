"""Checks are files: what a file must be, and the page of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from riskgate.errors import InvariantError, PolicyError
from riskgate.policy.lint import catalog
from riskgate.policy.lint import checks as shelf

CHECK = '''"""Something odd.

Why
    It is odd.
Finds
    What is odd.
For example
    - id: odd
{last}
    Nothing.
"""

CODE = "{code}"


def find(desk): ...
'''


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """`checks` remembers; what a test lays beside them must not be remembered."""
    catalog.checks.cache_clear()
    yield
    catalog.checks.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second folder of checks, as if its files lay beside the others."""
    monkeypatch.setattr(shelf, "__path__", [*shelf.__path__, str(tmp_path)])
    return tmp_path


def test_a_new_file_is_a_new_check(folder: Path) -> None:
    (folder / "odd_first.py").write_text(CHECK.format(code="RG399", last="What to do"))
    assert catalog.codes()["RG399"] == "Something odd"
    assert list(catalog.codes()) == sorted(catalog.codes())


def test_two_checks_of_one_code_are_refused(folder: Path) -> None:
    (folder / "odd_second.py").write_text(CHECK.format(code="RG301", last="What to do"))
    with pytest.raises(InvariantError, match="two checks have the code RG301"):
        catalog.checks()


def test_a_page_must_have_all_its_parts(folder: Path) -> None:
    (folder / "odd_third.py").write_text(CHECK.format(code="RG399", last="What else"))
    with pytest.raises(InvariantError, match="odd_third: a page has Why, Finds, For example"):
        catalog.checks()


def test_a_page_is_found_by_its_code_in_any_case() -> None:
    page = catalog.page("rg310")
    assert page.startswith("# RG310: ")
    assert "\n## For example\n\n```yaml\n" in page


def test_a_code_that_does_not_exist_is_told_which_do() -> None:
    with pytest.raises(PolicyError, match="no finding `RG999`; lint has RG301, "):
        catalog.page("RG999")
