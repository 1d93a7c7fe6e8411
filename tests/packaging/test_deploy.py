"""The examples of a deployment do what they say: units, image, strategy and backup.

Rule 1: what can be run is run against the simulator; what cannot (systemd, a builder of images) is
read, each command and file that it names being looked for.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from riskgate import config, errors
from riskgate.cli.app import riskgate
from riskgate.journal.archive import open_for_reading
from riskgate.simulator import running

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "examples" / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SERVICE = (DEPLOY / "riskgate-strategy.service").read_text(encoding="utf-8")
IMAGE = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STEPS = [line.split(maxsplit=1) for line in IMAGE.splitlines() if line[:1].isupper()]
POLICY = """
riskgate: 1
policy: open
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
"""
systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine"
)


def values(unit: str, key: str) -> list[str]:
    """What a unit says under a key, lines that go on joined."""
    return re.findall(rf"^{key}=(.*)$", unit.replace("\\\n", " "), re.MULTILINE)


def steps(word: str) -> list[str]:
    return [step[1] for step in STEPS if step[0] == word]


@systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(re.sub(r"/opt/strategy/\.venv/bin/\w+", "/bin/sh", text))
    words = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit.name]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("timer", [one for one in UNITS if one.suffix == ".timer"], ids=str)
def test_a_timer_starts_a_service_of_its_name(timer: Path) -> None:
    assert timer.with_suffix(".service") in UNITS
    assert values(timer.read_text(encoding="utf-8"), "OnCalendar")


def test_only_what_waiting_may_mend_is_started_again() -> None:
    (prevented,) = values(SERVICE, "RestartPreventExitStatus")
    codes = {int(word) for word in prevented.split()}
    for error in (errors.ConfigError, errors.PolicyError, errors.RiskgateError):
        assert error.exit_code in codes, error
    for passing in (errors.NotConnected, errors.JournalError):
        assert passing.exit_code not in codes, passing


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_command_of_a_unit_is_one_of_ours(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    for words in re.findall(r"\.venv/bin/riskgate ([a-z-]+)", text):
        assert words in riskgate.list_commands(None)  # type: ignore[arg-type]  # it asks nothing


@pytest.mark.parametrize("said", [SERVICE, IMAGE], ids=["unit", "image"])
def test_every_variable_is_a_setting(said: str, tmp_path: Path) -> None:
    found = dict(re.findall(r"(RISKGATE_(?!CONFIG)\w+)=(\S+)", said))
    assert set(found) == {"RISKGATE_JOURNAL", "RISKGATE_KILL_FILE"}
    settings = tmp_path / "riskgate.yaml"
    settings.write_text("mode: paper\n", encoding="utf-8")
    made = config.load(settings, found)
    assert str(made.journal) == found["RISKGATE_JOURNAL"]


def test_the_image_holds_files_that_there_are_and_does_not_run_as_root() -> None:
    assert steps("FROM") == ["python:3.12-slim"]
    assert [copied.split()[0] for copied in steps("COPY")] == ["strategy.py", "policies"]
    assert (DEPLOY / "strategy.py").is_file()
    assert steps("USER") == ["trader"]
    words = [word for word, _ in STEPS]
    assert words.index("USER") > max(at for at, word in enumerate(words) if word == "RUN")
    assert json.loads(*steps("ENTRYPOINT")) == ["python", "strategy.py"]
    (health,) = steps("HEALTHCHECK")
    assert json.loads(health.split("CMD ")[1]) == ["riskgate", "status"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a strategy runs: its settings, its policy."""
    (tmp_path / "limits.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "riskgate.yaml").write_text("policies: [limits.yaml]\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def port() -> Iterator[str]:
    """Where a simulated TWS listens."""
    with running() as tws:
        yield str(tws.port)


def strategy(folder: Path, port: str) -> subprocess.Popen[str]:
    """The strategy of the example as a process of its own."""
    more = {"RISKGATE_BROKER__PORT": port, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, str(DEPLOY / "strategy.py")],
        cwd=folder,
        env={**os.environ, "RISKGATE_CONFIG": str(folder / "riskgate.yaml"), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_strategy_trades_and_ends_well_when_it_is_told_to(folder: Path, port: str) -> None:
    with strategy(folder, port) as started:
        try:
            assert started.stdout
            assert started.stdout.readline() == "1 Filled\n"
            started.send_signal(signal.SIGTERM)
            assert started.wait(timeout=30) == 0
        finally:
            started.kill()
    with open_for_reading(folder / "riskgate.sqlite") as archive:
        assert sum(fill["quantity"] for fill in archive.fills()) == 10


def test_a_strategy_without_a_broker_ends_with_a_code_that_is_tried_again(folder: Path) -> None:
    with strategy(folder, "1") as started:
        _, said = started.communicate(timeout=30)
    assert (started.returncode, said.count("\n")) == (7, 1), said


def test_a_strategy_with_a_wrong_policy_ends_with_a_code_that_is_not(
    folder: Path, port: str
) -> None:
    (folder / "limits.yaml").write_text(POLICY.replace("max_quantity", "max_quantty"))
    with strategy(folder, port) as started:
        _, said = started.communicate(timeout=30)
    assert started.returncode == 2, said


@pytest.mark.slow
def test_the_backup_is_a_verified_copy_and_one_a_day(tmp_path: Path) -> None:
    text = (DEPLOY / "riskgate-backup.service").read_text(encoding="utf-8")
    (line,) = values(text, "ExecStart")
    shell = shlex.split(line.replace("$$", "$").replace("%%", "%"))
    script = shell[-1].replace("/var/lib/riskgate", str(tmp_path))
    script = script.replace("/opt/strategy/.venv/bin/riskgate", f"{sys.executable} -m riskgate")
    (tmp_path / "backup").mkdir()
    demo = [sys.executable, "-m", "riskgate", "demo"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(demo, cwd=tmp_path, env=env, capture_output=True, timeout=60, check=True)
    (tmp_path / "riskgate-demo.sqlite").rename(tmp_path / "riskgate.sqlite")

    def backed_up() -> subprocess.CompletedProcess[str]:
        words = [*shell[:-1], script]
        return subprocess.run(
            words, env=env, capture_output=True, text=True, timeout=60, check=False
        )

    first = backed_up()
    assert first.returncode == 0, first.stderr
    assert "chain whole, tables agree" in first.stdout
    (made,) = (tmp_path / "backup").glob("*.sqlite")
    assert abs((date.fromisoformat(made.stem) - date.today()).days) <= 1  # noqa: DTZ011  # local, as `date`
    assert backed_up().returncode == 2
