"""`riskgate validate`: the result on standard output, the verdict in the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from riskgate.cli.validate import command

GOOD = (Path(__file__).parent / "size.yaml").read_text()
BAD = GOOD.replace("max_quantity", "max_quantiy")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(GOOD)
    Path("bad.yaml").write_text(BAD)


def validate(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, words, standalone_mode=False)
    assert result.exception is None
    assert result.stderr == ""
    assert isinstance(result.return_value, int)
    return result.return_value, result.stdout


def test_good_files_are_exit_0() -> None:
    assert validate("good.yaml") == (0, "1 file, no problems\n")


def test_any_problem_is_exit_2_and_a_line() -> None:
    line = "bad.yaml:8:5: error RG102 unknown key `max_quantiy` (did you mean `max_quantity`?)\n"
    assert validate("bad.yaml") == (2, f"{line}1 error in 1 of 1 file\n")
    code, _ = validate(".")
    assert code == 2


def test_nothing_found_is_exit_2() -> None:
    Path("empty").mkdir()
    code, out = validate("empty", "good.yaml")
    assert code == 2
    assert out.startswith("empty: error RG021 holds no policy file")
    assert out.endswith("1 error in 1 path, 1 file read\n")


@pytest.mark.parametrize("name", ["text", "github", "sarif", "junit", "json"])
def test_a_folder_has_no_line_in_any_format(name: str) -> None:
    Path("empty").mkdir()
    code, out = validate("empty", "--format", name)
    assert code == 2
    assert "holds no policy file" in out
    for line in ("empty:1", "empty:0", "line=", "col=", "startLine", "region", '"line": 0'):
        assert line not in out
    if name in ("text", "github", "json"):
        assert "1 error in 1 path" in out


def test_the_shape_of_tests_beside_the_policy_is_checked() -> None:
    Path("bad.yaml").write_text("policies: [good.yaml]\ncases: []\n")
    Path("bad.yaml").rename("good.test.yaml")
    code, out = validate(".")
    assert code == 2
    assert "good.test.yaml:2:8: error RG108 `cases` is an empty list" in out


@pytest.mark.parametrize("name", ["json", "github", "sarif", "junit"])
def test_other_formats_have_the_same_verdict(name: str) -> None:
    assert validate("good.yaml", "--format", name)[0] == 0
    code, out = validate("bad.yaml", "--format", name)
    assert code == 2
    assert "RG102" in out


def test_json_is_for_programs() -> None:
    _, out = validate("bad.yaml", "--format", "json")
    assert json.loads(out)["problems"][0]["line"] == 8
