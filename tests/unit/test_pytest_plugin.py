"""The pytest plugin, in a pytest of its own: what it collects, what it says, what it costs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
POLICY = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 100, because: test}
"""
CASES = """\
policies: [../desk.yaml]
given: {now: 2026-03-02T10:00:00-05:00, prices: {AAPL: 100 x 100}}
cases:
  - {name: at the limit, order: BUY 100 AAPL LMT 100, expect: allow}
  - {name: beyond it, order: BUY 101 AAPL LMT 100, expect: deny, by: [desk/size]}
"""
Ran = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Run pytest with our plugin and no other in a folder with a policy and its tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("CI", raising=False)  # there pytest repeats failures in its summary
    (tmp_path / "tests").mkdir()
    (tmp_path / "desk.yaml").write_text(POLICY)
    (tmp_path / "tests" / "desk.test.yaml").write_text(CASES)

    def run(*words: str) -> tuple[int, list[str]]:
        plugin = ("-p", "riskgate.pytest_plugin", "-p", "no:cacheprovider")
        command = [sys.executable, "-m", "pytest", *plugin, *words]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return done.returncode, (done.stdout + done.stderr).splitlines()

    return run


@pytest.mark.slow
def test_every_case_is_a_test_with_its_own_name(ran: Ran) -> None:
    code, lines = ran("--collect-only", "-q")
    assert code == 0
    assert lines[:2] == [
        "tests/desk.test.yaml::at the limit",
        "tests/desk.test.yaml::beyond it",
    ]


@pytest.mark.slow
def test_one_case_is_run_by_its_id(ran: Ran) -> None:
    code, lines = ran("-q", "tests/desk.test.yaml::beyond it")
    assert (code, lines[-1].startswith("1 passed")) == (0, True)


@pytest.mark.slow
def test_a_failure_says_what_came_and_shows_no_traceback(ran: Ran) -> None:
    Path("desk.yaml").write_text(POLICY.replace("100", "99"))
    code, lines = ran()
    assert code == 1
    report = "\n".join(lines)
    assert "tests/desk.test.yaml:4: at the limit: expected allow, got deny" in lines
    assert "max_quantity 100 units > limit 99 units" in report
    assert "Traceback" not in report
    assert "pytest_plugin.py" not in report
    assert any(line.startswith("FAILED tests/desk.test.yaml::at the limit") for line in lines)


def test_a_finding_of_several_failures_is_shown_once(ran: Ran) -> None:
    Path("desk.yaml").write_text(POLICY.replace("100", "99"))
    Path("tests/desk.test.yaml").write_text(CASES.replace("allow}", "allow, by: []}"))
    code, lines = ran()
    assert code == 1
    assert sum("limit 99 units" in line for line in lines) == 1
    assert sum("at the limit: " in line for line in lines if line.startswith("tests/")) == 2


@pytest.mark.slow
def test_what_is_wrong_with_a_file_is_told_with_its_place(ran: Ran) -> None:
    Path("tests/desk.test.yaml").write_text(CASES.replace("expect: allow", "expct: allow"))
    code, lines = ran()
    assert code == 2
    wrong = "tests/desk.test.yaml:4:55: error RG102 unknown key `expct` (did you mean `expect`?)"
    assert wrong in lines
    assert "Traceback" not in "\n".join(lines)


def test_other_files_are_left_alone(ran: Ran) -> None:
    Path("tests/desk.test.yaml").rename("tests/desk.yaml")
    code, lines = ran("--collect-only", "-q")
    assert (code, lines[-1].startswith("no tests collected")) == (5, True)


def test_nothing_of_riskgate_is_imported_where_there_is_no_policy_test(ran: Ran) -> None:
    Path("tests/desk.test.yaml").unlink()
    Path("tests/test_modules.py").write_text(
        "import sys\n"
        "def test_modules():\n"
        "    found = {name for name in sys.modules if name.startswith('riskgate')}\n"
        "    assert found == {'riskgate', 'riskgate.pytest_plugin', 'riskgate.version'}\n"
    )
    assert ran("-q")[0] == 0


def test_pytest_finds_the_plugin_by_itself() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {
        "riskgate.pytest_plugin": "riskgate.pytest_plugin"
    }


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ('scenari="42"', "`scenari`: did you mean `scenario`?"),
        ("whatever=1", "`whatever`: there is: scenario, prices, clock, options, faults"),
        ('"42"', "`'42'`: name it, such as `scenario=`"),
    ],
)
def test_a_mark_that_cannot_be_followed_is_told_before_anything_runs(
    ran: Ran, mark: str, told: str
) -> None:
    test = f"import pytest\n\n@pytest.mark.tws({mark})\ndef test_it(tws): pass\n"
    Path("tests/test_it.py").write_text(test)
    code, lines = ran("-q", "tests/test_it.py")
    assert code == pytest.ExitCode.USAGE_ERROR
    assert any(f"tests/test_it.py::test_it: @pytest.mark.tws: {told}" in one for one in lines)
    assert not any("Traceback" in one for one in lines)


def test_a_mark_of_the_same_name_is_free_where_the_fixture_is_not_used(ran: Ran) -> None:
    test = "import pytest\n\n@pytest.mark.tws('slow', a=1)\ndef test_it(): pass\n"
    Path("tests/test_it.py").write_text(test)
    assert ran("-q", "tests/test_it.py")[0] == 0
