"""A folder to make mistakes in, and the ways to type a command line there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import pytest

from riskgate.cli.app import run
from riskgate.config import Config
from riskgate.simulator import Running, running
from riskgate.wiring import ConnectedGate, connect
from tests.cli.desk import POLICY, SETTINGS

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 60.0
GOOD: Final = """\
riskgate: 1
policy: house
timezone: America/New_York
currency: USD
rules:
  - id: size
    kind: fat_finger
    max_quantity: 500
    because: The test needs a limit.
"""
# A process that holds a journal until its standard input is closed.
HOLDER: Final = """\
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""
Typed = Callable[..., subprocess.CompletedProcess[str]]
Held = Callable[[Path], AbstractContextManager[None]]
Settings = Callable[..., Config]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a policy file, and an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.fixture
def apart() -> Typed:
    """Run a command line in a process of its own."""

    def run_apart(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "riskgate", *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    return run_apart


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Run a command line in this process: for what does not depend on having one's own."""

    def run_here(*words: str) -> subprocess.CompletedProcess[str]:
        code = run(words)
        written = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, written.out, written.err)

    return run_here


@pytest.fixture
def held() -> Held:
    """Have another process hold a journal."""

    @contextmanager
    def hold(journal: Path) -> Iterator[None]:
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(journal)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            try:
                yield
            finally:
                holder.kill()

    return hold


@pytest.fixture
def sim() -> Iterator[Running]:
    """A simulated TWS."""
    with running() as simulator:
        yield simulator


@pytest.fixture
def settings(folder: Path) -> Settings:
    """The settings of a gate in the folder."""

    def made(port: int, **broker: object) -> Config:
        return Config(
            journal=str(folder / "x.sqlite"),
            policies=(str(folder / "good.yaml"),),
            broker={"port": port, "client_id": 1, **broker},
        )

    return made


@pytest.fixture
def desk(folder: Path, sim: Running) -> Path:
    """A folder with settings whose broker is the simulator."""
    (folder / "house.yaml").write_text(POLICY)
    (folder / "riskgate.yaml").write_text(SETTINGS.format(port=sim.port))
    return folder


@pytest.fixture
def gate(desk: Path) -> Iterator[ConnectedGate]:
    """A gate that runs on those settings."""
    with connect(desk / "riskgate.yaml") as gate:
        gate.prepare("AAPL", "MSFT", timeout=5)
        yield gate
