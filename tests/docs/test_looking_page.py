"""docs/looking.md: every command in it runs on the demo's journal and says what the page says."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from riskgate.cli.app import riskgate, run

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "looking.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
TYPED = re.findall(r"^\$ riskgate (.*)\n((?:[^$\n].*\n)*)", "".join(BLOCKS), re.MULTILINE)
COMMANDS = ("orders", "fills", "positions", "stats", "tca")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's journal."""
    folder = tmp_path_factory.mktemp("demo")
    words = [sys.executable, "-m", "riskgate", "demo"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=60, env=environment)
    return folder


@pytest.fixture
def here(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as the working directory."""
    for path in demo.glob("riskgate-demo.sqlite*"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("line", "says"), TYPED)
def test_what_is_typed_runs_and_says_what_is_shown(
    line: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(shlex.split(line)) == 0
    written = "".join(capsys.readouterr())
    assert all(shown in written.splitlines() for shown in says.splitlines())


@pytest.mark.usefixtures("here")
def test_one_order_in_words_is_as_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = re.findall(r"```text\n(average.*?)```", PAGE, re.DOTALL)
    assert run(["tca", "--order", "1"]) == 0
    assert shown in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_the_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "looking.md", "exec"), {})
    assert "AAPL" in capsys.readouterr().out


def test_every_option_of_these_commands_is_told() -> None:
    with click.Context(riskgate) as context:
        for name in COMMANDS:
            command = riskgate.get_command(context, name)
            assert command is not None
            options = {option for one in command.params for option in one.opts}
            missing = {option for option in options if f"`{option}" not in PAGE} - {"--output"}
            told = {option for option in missing if f"{option} " in PAGE}
            assert missing - told - {"--unknown"} == set(), name


def test_every_link_leads_somewhere() -> None:
    for link, anchor in re.findall(r"\]\(([\w./-]+\.md)(?:#([\w-]+))?\)", PAGE):
        page = (ROOT / "docs" / link).read_text(encoding="utf-8")
        headings = {
            h.lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", page, re.MULTILINE)
        }
        assert not anchor or anchor in headings, (link, anchor)
