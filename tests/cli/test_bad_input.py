"""What people do wrong: one line says what it is and what to do, with the right exit code."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

ROOT: Final = Path(__file__).parents[2]
STATE: Final = str(ROOT / "examples" / "state.yaml")
POLICIES: Final = str(ROOT / "policies")


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Everything that was written, none of it a traceback."""
    everything = done.stdout + done.stderr
    assert "Traceback" not in everything
    return everything


# -- policies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (("rules:", "rules: ["), "bad.yaml:6:", "RG001"),
        (("max_quantity", "max_quantty"), "bad.yaml:8:5", "did you mean `max_quantity`?"),
        (("policy:", "polic:"), "bad.yaml:2:1", "did you mean `policy`?"),
        (("500", "many"), "bad.yaml:8:19", "must be a number; found `many`"),
        (("500", ".nan"), "bad.yaml:8:19", "is no number"),
        (("500", "[1, 2]"), "bad.yaml:8:19", "must be a number"),
        (("riskgate: 1", "riskgate: one"), "bad.yaml:1:11", "`riskgate` must be 1; found `one`"),
    ],
    ids=("malformed", "unknown key", "unknown key at top", "text", "NaN", "list", "version"),
)
def test_a_bad_policy_file_is_named_by_line_and_column(
    folder: Path, typed: Typed, change: tuple[str, str], place: str, words: str
) -> None:
    good = (folder / "good.yaml").read_text()
    (folder / "bad.yaml").write_text(good.replace(*change))
    done = typed("validate", "bad.yaml")
    assert done.returncode == 2
    assert place in said(done)
    assert words in said(done)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("empty", "holds no policy file; policy files end in .yaml or .yml"),
        ("nothere", "no such file or directory"),
        ("binary.yaml", "save the file as UTF-8"),
    ],
)
def test_what_holds_no_policies_is_an_error(
    folder: Path, typed: Typed, path: str, words: str
) -> None:
    (folder / "binary.yaml").write_bytes(b"\xff\xfe\0")
    done = typed("validate", path)
    assert done.returncode == 2
    assert (f"{path}:1:1: " if path == "binary.yaml" else f"{path}: error") in said(done)
    assert words in said(done)
    done = typed("check", "BUY 1 AAPL MKT", "--policies", path, "--state", STATE)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in said(done)


def test_a_command_in_its_own_process_tells_the_same(
    folder: Path, typed: Typed, apart: Typed
) -> None:
    good = (folder / "good.yaml").read_text()
    (folder / "bad.yaml").write_text(good.replace("max_quantity", "max_quantty"))
    here, there = typed("validate", "bad.yaml"), apart("validate", "bad.yaml")
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout) == (2, said(here))


# -- orders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("BUY 100 AAPL LMT DAY", "LMT needs limit_price"),
        ("BUY -5 AAPL MKT", "quantity must be above zero"),
        ("BUY 100 NOSUCH LMT 10 DAY", "NOSUCH"),
    ],
)
def test_a_bad_order_is_denied_with_the_reason(typed: Typed, order: str, words: str) -> None:
    done = typed("check", order, "--policies", POLICIES, "--state", STATE)
    assert done.returncode == 3
    assert words in said(done)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("BUY NaN AAPL LMT 190 DAY", "BAD_QUANTITY"),
        ("BUY 100 AAPL LMT nan DAY", "BAD_PRICE"),
        ("BUY ten AAPL MKT", "BAD_QUANTITY"),
        ("", "such as BUY 100 AAPL LMT 190.25 DAY"),
        ('{"side":"BUY","quantity":true,"symbol":"AAPL","order_type":"MKT"}', "found `true`"),
        ('{"side":"BUY","quantity":NaN,"symbol":"AAPL","order_type":"MKT"}', "finite"),
    ],
)
def test_what_cannot_be_read_as_an_order_is_refused(typed: Typed, order: str, words: str) -> None:
    done = typed("check", order, "--policies", POLICIES, "--state", STATE)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.parametrize(("group", "words"), [("parents", "pause"), ("audit", "verify")])
def test_a_group_without_a_word_says_in_one_line_which_there_are(
    typed: Typed, group: str, words: str
) -> None:
    done = typed(group)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: say which of ")
    assert words in done.stderr
    assert done.stderr.endswith(f"; `riskgate {group} --help` says more\n")


# -- the journal ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("journal", "words"),
    [
        ("missing/x.sqlite", "the folder `missing` does not exist; create it"),
        ("empty", "it is a folder; name a file in it"),
        ("good.yaml", "not an SQLite database"),
        ("good.yaml/x.sqlite", "not a directory"),
    ],
)
def test_a_journal_that_cannot_be_one_stops_everything(
    folder: Path, typed: Typed, journal: str, words: str
) -> None:
    done = typed("demo", "--journal", journal)
    assert done.returncode == 7
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["empty", "good.yaml"]


def test_showing_a_journal_that_is_not_there_makes_none(folder: Path, typed: Typed) -> None:
    done = typed("orders", "--journal", "x.sqlite")
    assert done.returncode == 7
    assert "`riskgate demo`" in said(done)
    assert not (folder / "x.sqlite").exists()
