"""The README runs as written: its commands, its Python, its settings file."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from riskgate.simulator import running

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (run|file|command): ([^ ]+) -->\n```\w+\n(.*?)```", re.DOTALL)
BLOCKS: list[tuple[str, str, str]] = BLOCK.findall(README)
OPEN = """
riskgate: 1
policy: open
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
"""
COMMANDS = [(int(mark), text) for kind, mark, text in BLOCKS if kind == "run" and mark.isdigit()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a reader has after `git clone`, as far as the commands of the README need it."""
    for name in ("policies", "schemas", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    scripts = str(Path(sys.executable).parent)
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    surroundings = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        words, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )


def block(kind: str, mark: str) -> str:
    found = [text for k, m, text in BLOCKS if (k, m) == (kind, mark)]
    assert len(found) == 1, f"one `{kind}: {mark}` block in the README"
    return found[0]


@pytest.mark.parametrize(("code", "script"), COMMANDS, ids=[text[:40] for _, text in COMMANDS])
def test_a_command_of_the_readme_ends_as_it_says(code: int, script: str, folder: Path) -> None:
    module = f"{sys.executable} -m riskgate"
    done = run(["bash", "-ec", re.sub(r"^riskgate", module, script, flags=re.MULTILINE)], folder)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_command_ends_in_the_demo_and_the_demo_works(folder: Path) -> None:
    command = block("command", "demo")
    assert command.strip().endswith("&& .venv/bin/riskgate demo")
    done = run([sys.executable, "-m", "riskgate", "demo"], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "denied  BUY 60000 AAPL LMT 250 DAY" in done.stdout
    assert "Filled 100 of 100" in done.stdout
    assert (folder / "riskgate-demo.sqlite").exists()


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    command = block("command", "test")
    assert command.strip().endswith("&& .venv/bin/pytest")
    assert "command: test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_python_of_the_readme_trades_against_the_simulator(folder: Path) -> None:
    with running() as tws:
        settings = block("file", "riskgate.yaml").replace("7497", str(tws.port))
        (folder / "riskgate.yaml").write_text(settings, encoding="utf-8")
        done = run([sys.executable, "-c", block("run", "python")], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[0] in {"allow", "deny"}
    if done.stdout.startswith("deny"):
        assert "us-equities/regular-hours" in done.stdout


def test_the_large_order_of_the_readme_is_worked_off_on_the_simulator(folder: Path) -> None:
    shutil.rmtree(folder / "policies")
    (folder / "policies").mkdir()
    (folder / "policies" / "open.yaml").write_text(OPEN, encoding="utf-8")
    with running() as tws:
        settings = block("file", "riskgate.yaml").replace("7497", str(tws.port))
        (folder / "riskgate.yaml").write_text(settings, encoding="utf-8")
        done = run([sys.executable, "-c", block("run", "slices")], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    said, *levels = done.stdout.splitlines()
    assert said == "allow allow"
    assert "189 60" in levels


def test_the_refusal_shown_in_the_readme_is_what_the_demo_prints(folder: Path) -> None:
    shown = README.split("```text\n")[1].split("```")[0].splitlines()
    done = run([sys.executable, "-m", "riskgate", "demo"], folder)
    missing = [line for line in shown if line not in done.stdout.splitlines()]
    assert missing == []


def test_every_link_of_the_readme_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []
