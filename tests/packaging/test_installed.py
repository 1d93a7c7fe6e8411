"""What a stranger does with the wheel: a fresh environment, an empty folder, the commands as typed.

The environment is made once. It begins with nothing but the wheel and what it needs, and is then
given the extras by the very words that the errors of the first half say; so the order matters.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from riskgate.version import VERSION
from tests.packaging.conftest import ROOT, Built, done, run, surroundings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EXTRAS = "ib,report"
CASES = (ROOT / "riskgate/templates/policy.test.yaml").read_text().count("- name:")
ORDER = "BUY 501 AAPL LMT 100"
LIMITS = """
riskgate: 1
policy: bot
timezone: America/New_York
currency: USD
rules:
  - {id: finger, kind: fat_finger, max_quantity: 1000, because: nobody means more}
"""
HISTORY = """\
at,account,symbol,side,quantity,order_type
2026-03-02T15:00:00Z,DU1234567,AAPL,BUY,1,MKT
"""
PLAIN = """
import sys
from ib_insync import IB, MarketOrder, Stock
ib = IB()
ib.connect("127.0.0.1", int(sys.argv[1]), clientId=3)
trade = ib.placeOrder(Stock("AAPL", "SMART", "USD"), MarketOrder("BUY", 10))
while not trade.isDone():
    ib.waitOnUpdate(timeout=5)
print(trade.orderStatus.status, ib.managedAccounts())
ib.disconnect()
"""


class Place(NamedTuple):
    """An environment outside the checkout, and the wheel that it has."""

    bin: Path
    wheel: Path

    def typed(self, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Type a command whose first word is a program of the environment."""
        return run([str(self.bin / words[0]), *words[1:]], folder, PATH=self.path())

    def said(self, folder: Path, *words: str) -> str:
        """What a command prints that has to end well."""
        return done([str(self.bin / words[0]), *words[1:]], folder, PATH=self.path())

    def path(self) -> str:
        return f"{self.bin}{os.pathsep}{os.environ['PATH']}"

    def install(self, *what: str) -> None:
        self.said(self.bin.parent, "pip", "install", "-q", "--no-compile", *what)


@pytest.fixture(scope="module")
def bare(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The wheel alone."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    place = Place(folder / "bin", built.again)
    place.install(str(built.again))
    return place


@pytest.fixture(scope="module")
def desk(bare: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was empty, with what `riskgate init` writes."""
    folder = tmp_path_factory.mktemp("desk")
    bare.said(folder, "riskgate", "init")
    return folder


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal that came from another machine: this one, where the client library is."""
    folder = tmp_path_factory.mktemp("elsewhere")
    done([sys.executable, "-m", "riskgate", "demo"], folder, PYTHONPATH=str(ROOT))
    return folder / "riskgate-demo.sqlite"


@pytest.mark.parametrize("words", [("riskgate",), ("python", "-m", "riskgate")])
def test_both_ways_to_start_it_say_the_version(
    bare: Place, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert bare.said(tmp_path, *words, "--version").startswith(f"riskgate {VERSION}")
    assert "  validate  " in bare.said(tmp_path, *words, "--help")


def test_nothing_of_the_checkout_is_in_it(bare: Place, tmp_path: Path) -> None:
    where = bare.said(tmp_path, "python", "-c", "import riskgate; print(riskgate.__file__)")
    assert Path(where.strip()).is_relative_to(bare.bin.parent)


@pytest.mark.parametrize("command", ["validate", "test", "lint"])
def test_the_first_policies_need_no_extra(bare: Place, desk: Path, command: str) -> None:
    bare.said(desk, "riskgate", command, "policies")


def test_an_order_is_checked_without_an_extra(bare: Place, desk: Path) -> None:
    ended = bare.typed(desk, "riskgate", "check", ORDER, "--state", "state.yaml")
    assert ended.returncode == 3
    assert "max_quantity 501 units > limit 500 units" in ended.stdout


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("ib", ("demo",)),
        ("ib", ("kill", "--global", "--by", "me", "--reason", "a test")),
        ("report", ("report", "--journal", "JOURNAL")),
        ("parquet", ("fills", "--journal", "JOURNAL", "-o", "fills.parquet")),
        ("parquet", ("replay", "--history", "orders.parquet", "--policies", "policies")),
        ("dask", ("replay", "--history", "orders.csv", "--policies", "policies", "--dask", "a:1")),
    ],
)
def test_what_needs_an_extra_says_which_in_one_line(
    bare: Place, desk: Path, journal: Path, extra: str, words: tuple[str, ...]
) -> None:
    for name in ("orders.csv", "orders.parquet"):
        (desk / name).write_text(HISTORY)
    named = [str(journal) if word == "JOURNAL" else word for word in words]
    ended = bare.typed(desk, "riskgate", *named)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert f'pip install "riskgate-ib[{extra}]"' in ended.stderr
    assert len(ended.stderr.splitlines()) == 1, ended.stderr


def test_markdown_reports_need_no_extra(bare: Place, desk: Path, journal: Path) -> None:
    said = bare.said(desk, "riskgate", "report", "--journal", str(journal), "-o", "day.md")
    assert said == ""
    assert (desk / "day.md").read_text().startswith("#")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_and_is_a_script(bare: Place, tmp_path: Path, shell: str) -> None:
    script = bare.said(tmp_path, "riskgate", "completion", shell)
    assert "_RISKGATE_COMPLETE" in script
    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        done([shell, "-n", "script"], tmp_path)


def test_a_shell_completes_commands(bare: Place, tmp_path: Path) -> None:
    words = {"COMP_WORDS": "riskgate val", "COMP_CWORD": "1", "_RISKGATE_COMPLETE": "bash_complete"}
    assert done([str(bare.bin / "riskgate")], tmp_path, **words) == "plain,validate\n"


def test_a_rule_of_ones_own_is_written_outside_a_checkout(bare: Place, tmp_path: Path) -> None:
    said = bare.said(tmp_path, "riskgate", "new", "rule", "max_spread")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "max_spread.py",
        "test_max_spread.py",
    ]
    assert 'max_spread = "YOUR_PACKAGE.max_spread:MaxSpread"' in said


@pytest.fixture(scope="module")
def full(bare: Place) -> Place:
    """The environment with the extras, and a stranger's pytest."""
    bare.install(f"{bare.wheel}[{EXTRAS}]", "pytest>=8")
    return bare


@contextmanager
def simulated(place: Place, folder: Path) -> Iterator[str]:
    """`riskgate simulate` in a terminal of its own; the port that it says."""
    words = [str(place.bin / "riskgate"), "simulate", "--port", "0"]
    with subprocess.Popen(
        words, cwd=folder, env=surroundings(PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, text=True
    ) as started:
        try:
            assert started.stdout
            first = started.stdout.readline()
            assert first.startswith("TWS simulator listening on 127.0.0.1:"), first
            yield first.split(":")[1].split()[0]
        finally:
            started.terminate()


def test_the_demo_runs_in_an_empty_folder_and_a_report_is_made_of_it(
    full: Place, tmp_path: Path
) -> None:
    said = full.said(tmp_path, "riskgate", "demo")
    assert "Filled 100 of 100" in said
    assert "denied  BUY 60000 AAPL LMT 250 DAY" in said
    verified = full.said(tmp_path, "riskgate", "audit", "verify", "riskgate-demo.sqlite")
    assert "chain whole, tables agree" in verified
    full.said(tmp_path, "riskgate", "report", "--journal", "riskgate-demo.sqlite", "-o", "day.html")
    assert "</html>" in (tmp_path / "day.html").read_text()


def test_a_plain_script_trades_with_the_simulator(full: Place, tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text(PLAIN)
    with simulated(full, tmp_path) as port:
        said = full.said(tmp_path, "python", "bot.py", port)
    assert said.splitlines()[-1] == "Filled ['DU1234567']"


def test_the_guarded_example_trades_and_its_slip_is_denied(full: Place, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "plain_bot_guarded.py", tmp_path / "bot.py")
    (tmp_path / "limits.yaml").write_text(LIMITS)
    (tmp_path / "riskgate.yaml").write_text("policies: [limits.yaml]\n")
    with simulated(full, tmp_path) as port:
        said = full.said(tmp_path, "python", "bot.py", port)
    assert said.splitlines()[-1].split()[0] == "Filled"
    listed = full.said(tmp_path, "riskgate", "denials", "--journal", "riskgate.sqlite")
    assert "bot/finger" in listed


def test_pytest_collects_policy_tests_and_the_test_of_an_own_rule(
    full: Place, desk: Path, tmp_path: Path
) -> None:
    shutil.copytree(desk / "policies", tmp_path / "policies")
    full.said(tmp_path, "riskgate", "new", "rule", "max_spread")
    said = full.said(tmp_path, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert int(said.split(" passed")[0].split()[-1]) > CASES + 1, said
