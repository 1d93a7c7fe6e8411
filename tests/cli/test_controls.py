"""`riskgate controls`: one inventory in four formats."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

POLICIES: Final = str(Path(__file__).parents[2] / "policies")
TESTS: Final = """\
policies: [good.yaml]
given: {prices: {AAPL: 189.99 x 190.01}}
cases:
  - {name: one too many, order: BUY 501 AAPL LMT 190, expect: deny, by: [house/size]}
"""


def test_text_says_what_is_armed_and_what_is_not_covered(folder: Path, typed: Typed) -> None:
    (folder / "good.test.yaml").write_text(TESTS)
    done = typed("controls", "good.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "house/size  good.yaml:6\n"
        "  max_quantity: 500 units\n"
        "    maps to: 15c3-5(c)(1)(ii); RTS 6 Art. 15(1)(c); FIA: maximum order size\n"
        "  for everything; a breach: deny\n"
        "  because: The test needs a limit.\n"
        "  tested by: 1 case, such as good.test.yaml:4 one too many\n"
    )
    assert "1 armed limit in 1 rule; 0 not armed\n" in done.stdout
    assert "  maximum position (position.*)\n" in done.stdout


def test_a_limit_without_a_case_says_so(folder: Path, typed: Typed) -> None:
    assert (folder / "good.yaml").exists()
    assert "tested by: no case names it" in typed("controls", "good.yaml").stdout


def test_csv_has_a_row_for_each_limit(typed: Typed) -> None:
    rows = list(csv.DictReader(io.StringIO(typed("controls", POLICIES, "--format", "csv").stdout)))
    found = json.loads(typed("controls", POLICIES, "--format", "json").stdout)
    armed = [row["limit"] for row in rows if row["mode"] == "enforce"]
    assert armed == [row["limit"] for row in found["armed"]]
    assert len(rows) == len(found["armed"]) + len(found["not_armed"])
    assert all(row["because"] and row["owner"] and row["maps_to"] for row in rows)


def test_json_has_everything(typed: Typed) -> None:
    found = json.loads(typed("controls", POLICIES, "--format", "json").stdout)
    assert set(found) == {"armed", "not_armed", "always_on", "not_covered"}
    assert all(row["tested_by"] for row in found["armed"])
    assert {"control", "maps_to", "by"} == set(found["not_covered"][0])


def test_markdown_is_a_page_of_tables(typed: Typed) -> None:
    page = typed("controls", POLICIES, "--format", "markdown").stdout
    for head in ("# Controls", "## Armed limits", "## Always on", "## Not covered"):
        assert f"{head}\n\n" in page
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)
    assert "| us-equities/single-name-position | max_long: 10000 units |" in page


@pytest.mark.parametrize("format_", ["text", "markdown", "json", "csv"])
def test_nothing_claims_compliance(typed: Typed, format_: str) -> None:
    said = typed("controls", POLICIES, "--format", format_).stdout
    assert "complies" not in said
    assert "compliant" not in said


def test_an_invalid_policy_is_refused(folder: Path, typed: Typed) -> None:
    (folder / "good.yaml").write_text("riskgate: 1\n")
    assert typed("controls", "good.yaml").returncode == 2
    assert typed("controls", "empty").returncode == 2


def test_a_test_that_cannot_be_read_is_a_note(folder: Path, typed: Typed) -> None:
    (folder / "good.test.yaml").write_text(TESTS)
    (folder / "other.test.yaml").write_text(TESTS.replace("expect", "expcet"))
    done = typed("controls", "good.yaml")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert done.stderr.startswith(
        "note: `other.test.yaml` cannot be read, so its cases are left out: other.test.yaml:4:"
    )
    assert "tested by: 1 case, such as good.test.yaml:4" in done.stdout


def test_only_tests_beside_the_policies_that_name_them_are_read(folder: Path, typed: Typed) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "far.test.yaml").write_text(TESTS.replace("good.yaml", "../good.yaml"))
    (folder / "sub" / "broken.test.yaml").write_text("cases: [")
    (folder / "other.test.yaml").write_text(TESTS.replace("good.yaml", "other.yaml"))
    done = typed("controls", "good.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "tested by: no case names it" in done.stdout
    (folder / "all.test.yaml").write_text(TESTS.replace("good.yaml", "."))
    assert "tested by: 1 case, such as all.test.yaml:4" in typed("controls", "good.yaml").stdout


def test_large_numbers_are_grouped_in_text_and_plain_elsewhere(folder: Path, typed: Typed) -> None:
    policy = folder / "good.yaml"
    policy.write_text(policy.read_text().replace("500", "50_000"))
    assert "  max_quantity: 50,000 units\n" in typed("controls", "good.yaml").stdout
    found = json.loads(typed("controls", "good.yaml", "--format", "json").stdout)
    assert found["armed"][0]["value"] == "50000"
