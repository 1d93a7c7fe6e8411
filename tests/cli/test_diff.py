"""`riskgate diff`: on paths and revisions, in every format, and what makes it fail."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

SAID = """\
LOOSENED  house/size: max_quantity 500 -> 900 units
    for: every order
    at: HEAD:policies/good.yaml:8 -> policies/good.yaml:8
    because: The test needs a limit.
1 difference: 1 loosened; 1 may let through what was stopped
"""
WRONG = "error RG102 unknown key `max_quantty` (did you mean `max_quantity`?)"
Change = Callable[[str, str], None]


def git(*words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    quiet = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *who, *words], check=True, timeout=30, env=quiet)


@pytest.fixture
def change(folder: Path) -> Change:
    """A repository whose policies are committed; then they change on disk."""
    (folder / "policies").mkdir()
    (folder / "good.yaml").rename(folder / "policies" / "good.yaml")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "x")

    def write(old: str, new: str) -> None:
        file = folder / "policies" / "good.yaml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return write


def test_a_raised_limit_is_loosened_and_can_fail(typed: Typed, change: Change) -> None:
    change("500", "900")
    for words in (("HEAD",), ("HEAD:policies",), ("HEAD", "policies"), ("HEAD:policies", ".")):
        done = typed("diff", *words)
        assert (done.returncode, done.stdout.replace("./", "")) == (0, SAID)
    assert typed("diff", "HEAD", "--fail-on", "loosened").returncode == 1
    assert typed("diff", "HEAD", "--fail-on", "tightened,changed").returncode == 0
    assert typed("diff", "HEAD", "--fail-on", "tightened", "--fail-on", "any").returncode == 1


def test_nothing_differs(typed: Typed, change: Change) -> None:
    change("The test needs", "The tests need")
    done = typed("diff", "HEAD", "--fail-on", "any")
    assert (done.returncode, done.stdout) == (0, "no difference in meaning\n")


def test_two_revisions_and_a_file_from_any_folder(
    typed: Typed, change: Change, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change("500", "900")
    git("commit", "-q", "-a", "-m", "y")
    for words in (
        ("HEAD~1", "HEAD"),
        ("HEAD~1:policies/good.yaml", "HEAD"),
        ("HEAD~1", "policies/good.yaml"),
    ):
        assert typed("diff", *words).stdout.startswith("LOOSENED  house/size")
    monkeypatch.chdir(folder / "policies")
    for words in (("HEAD~1", "."), ("HEAD~1", "good.yaml"), ("HEAD~1:policies", "../policies")):
        assert typed("diff", *words).stdout.startswith("LOOSENED  house/size")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    max_quantity: 500\n", "    max_quantity: 500\n    mode: shadow\n", 1),
        ("    max_quantity: 500\n", "    max_quantity: 500\n    on_breach: warn\n", 1),
        ("    max_quantity: 500\n", "    max_quantity: 500\n    both_sides: true\n", 0),
        ("    max_quantity: 500\n", "    max_quantity: 500\n    never_below_ticks: 3\n", 1),
        ("    max_quantity: 500\n", "    max_quantity: 500\n    match: {side: BUY}\n", 1),
        ("currency: USD\n", "currency: EUR\n", 1),
        ("    max_quantity: 500\n", "    max_quantity: 500\n    max_notional: 1\n", 0),
        ("rules:\n", "applies_to: {symbol: AAPL}\nrules:\n", 0),
    ],
)
def test_loosened_is_all_that_may_let_through_what_was_stopped(
    typed: Typed, change: Change, old: str, new: str, code: int
) -> None:
    change(old, new)
    assert typed("diff", "HEAD", "--fail-on", "loosened").returncode == code


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nothere",), 2, "`nothere` is neither a path here nor a revision that git knows"),
        (("policies",), 2, "`policies` is compared with what? give OLD and NEW"),
        (("mian:policies", "policies"), 2, "git knows no revision `mian`"),
        (("HEAD:polices",), 2, "no `polices` in `HEAD`"),
        (("HEAD", "nothere"), 2, "`nothere` is neither a path here"),
        (("HEAD", "empty"), 2, "no `empty` in `HEAD`"),
        (("HEAD", "policies", "--fail-on", "worse"), 2, "`worse` is none of loosened"),
        ((), 2, "missing argument `OLD`"),
    ],
)
@pytest.mark.usefixtures("change")
def test_what_cannot_be_compared_is_one_clear_line(
    typed: Typed, words: tuple[str, ...], code: int, said: str
) -> None:
    done = typed("diff", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_invalid_policies_are_told_as_validate_tells_them(typed: Typed, change: Change) -> None:
    change("max_quantity", "max_quantty")
    done = typed("diff", "HEAD")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"policies/good.yaml:8:5: {WRONG}",
        "error: both sides must be valid before they can be compared",
    ]
    git("commit", "-q", "-a", "-m", "bad")
    change("max_quantty", "max_quantity")
    assert "HEAD:policies/good.yaml:8:5: error RG102" in typed("diff", "HEAD").stderr
    told = json.loads(typed("diff", "HEAD", "--format", "json").stdout)
    assert told["problems"][0]["code"] == "RG102"


def test_a_revision_without_a_policy_file_is_a_problem(
    typed: Typed, change: Change, folder: Path
) -> None:
    change("500", "900")
    (folder / "empty" / "page.md").write_text("x")
    git("add", "-A")
    git("commit", "-q", "-m", "y")
    assert (
        "HEAD:empty: error RG021 holds no policy file"
        in typed("diff", "HEAD:empty", "policies").stderr
    )


def test_json_is_for_programs(typed: Typed, change: Change) -> None:
    change("500", "900")
    told = json.loads(typed("diff", "HEAD", "--format", "json").stdout)
    assert told["may_allow_more"] is True
    (item,) = told["differences"]
    assert (item["label"], item["subject"], item["what"]) == (
        "LOOSENED",
        "house/size",
        "max_quantity",
    )
    assert (item["old"], item["new"], item["unit"], item["who"]) == (
        "500",
        "900",
        "units",
        "every order",
    )
    assert item["new_where"] == {"path": "policies/good.yaml", "line": 8}


def test_markdown_is_a_table(typed: Typed, change: Change) -> None:
    assert typed("diff", "HEAD", "--format", "markdown").stdout == (
        "**riskgate diff**: no difference in meaning\n"
    )
    change("500", "900")
    change("The test needs", "The `test` | needs")
    lines = typed("diff", "HEAD", "--format", "markdown").stdout.splitlines()
    assert lines[0].startswith("**riskgate diff**: 1 difference")
    assert lines[2:4] == [
        "|  | rule | change | for | where | because |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    assert lines[4].startswith("| LOOSENED | house/size | max\\_quantity 500 -\\> 900 units |")
    assert "The \\`test\\` \\| needs" in lines[4]


def test_github_shows_it_beside_the_line(typed: Typed, change: Change) -> None:
    change("    max_quantity: 500\n", "    max_quantity: 900\n    max_notional: 7\n")
    lines = typed("diff", "HEAD", "--format", "github").stdout.splitlines()
    assert lines[0].startswith(
        "::warning file=policies/good.yaml,line=8::LOOSENED house/size: max_quantity 500 -> 900"
    )
    assert lines[1].startswith("::notice file=policies/good.yaml,line=9::ADDED house/size")
    change("id: size", "id: clip\n    match: {side: BUY}")
    lines = typed("diff", "HEAD", "--format", "github").stdout.splitlines()
    assert lines[0].startswith("::warning::REMOVED house/size: max_quantity 500 units")
    git("commit", "-q", "-a", "-m", "y")
    lines = typed("diff", "HEAD~1", "HEAD", "--format", "github").stdout.splitlines()
    assert any(line.startswith("::notice file=policies/good.yaml,line=") for line in lines)


def test_text_is_at_most_eighty_columns_wide(typed: Typed, change: Change) -> None:
    symbols = ", ".join(f"SYM{number}" for number in range(40))
    change(
        "    max_quantity: 500\n", f"    match: {{symbol: [{symbols}]}}\n    max_quantity: 900\n"
    )
    lines = typed("diff", "HEAD").stdout.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert any("and 32 more" in line for line in lines)
