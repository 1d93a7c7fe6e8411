"""What every check owes its readers, asked of every check there is."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.policy.lint.catalog import EXAMPLE, EXAMPLE_TEST, JOURNAL, Check, checks
from riskgate.policy.lint.findings import findings
from riskgate.policy.lint.known import History, Use, by_key
from tests.unit.policy.lint.conftest import cases_of

if TYPE_CHECKING:
    from tests.unit.policy.lint.conftest import Lay

DOCS = Path(__file__).parents[4] / "docs" / "lint"
each_check = pytest.mark.parametrize("check", checks().values(), ids=list(checks()))


def body(check: Check) -> str:
    """The policy of a check's example; a list alone is one of rules."""
    rules, waivers, rest = check.parts[EXAMPLE].partition("waivers:")
    return (
        f"rules:\n{indent(rules, '  ')}{waivers}{rest}"
        if rules[0] == "-"
        else rules + waivers + rest
    )


def evidence(check: Check) -> dict[str, Any]:
    """What the example of a check needs beside the policy."""
    if check.needs == JOURNAL:
        use = Use(100, Decimal(900))
        return {"history": History(words=by_key(()), uses={("desk/size", "max_quantity"): use})}
    test = check.parts.get(EXAMPLE_TEST)
    return {"tests": cases_of(test, "desk")} if test else {}


@each_check
def test_the_check_finds_what_its_example_shows(check: Check, lay: Lay) -> None:
    found = findings(lay(body(check), **evidence(check)))
    assert check.code in {problem.code for problem in found}


@each_check
def test_the_example_shows_little_else(check: Check, lay: Lay) -> None:
    found = findings(lay(body(check), **evidence(check)))
    assert len({problem.code for problem in found}) <= 2


@each_check
def test_the_code_is_one_of_lint(check: Check) -> None:
    assert re.fullmatch(r"RG3\d\d", check.code)


@each_check
def test_the_title_is_one_line_that_stands_alone(check: Check) -> None:
    assert "\n" not in check.title
    assert check.title[0].isupper()


@each_check
def test_the_page_in_the_docs_is_current(check: Check) -> None:
    """Write it with `riskgate lint --explain CODE > docs/lint/CODE.md`."""
    assert (DOCS / f"{check.code}.md").read_text(encoding="utf-8") == check.page


def test_the_docs_hold_no_page_of_a_check_that_has_gone() -> None:
    assert {path.stem for path in DOCS.glob("RG*.md")} == set(checks())
