"""`riskgate report` over the demo's journal, and over less."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from riskgate.journal.journal import open_journal
from riskgate.wiring import ConnectedGate

Typed = Callable[..., CompletedProcess[str]]
DAY = "2026-03-02"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    root = str(Path(__file__).parents[2])
    subprocess.run(
        [sys.executable, "-m", "riskgate", "demo"],
        cwd=folder,
        env={"PYTHONPATH": root, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=90,
        check=True,
    )
    return folder / "riskgate-demo.sqlite"


@pytest.fixture
def journal(played: Path, folder: Path) -> Path:
    """The demo's journal, in the working directory under the name that is looked for."""
    return Path(shutil.copy(played, folder / played.name))


def content(typed: Typed, *words: str) -> dict[str, object]:
    done = typed("report", "--format", "json", "-o", "-", *words)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_the_demo_gives_a_page_for_its_last_day(typed: Typed, journal: Path) -> None:
    done = typed("report")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr == f"wrote report-{DAY}.html\n"
    page = (journal.parent / f"report-{DAY}.html").read_text(encoding="utf-8")
    for words in ("Trading of 2026-03-02", "HALTED for all", "us-equities/order-size"):
        assert words in page
    for chart in ("limits-used", "denied-by-rule", "slippage-spread", "filled-within"):
        assert f'id="{chart}"' in page


def test_an_order_leads_to_its_story(typed: Typed, journal: Path) -> None:
    typed("report", "-o", "here.html")
    page = (journal.parent / "here.html").read_text(encoding="utf-8")
    for link in {word.split('"')[0] for word in page.split('href="#order-')[1:]}:
        assert f'id="order-{link}"' in page
    assert 'href="#order-1"' in page


def test_markdown_goes_to_standard_output(typed: Typed, journal: Path) -> None:
    done = typed("report", "--journal", str(journal), "--format", "markdown", "-o", "-")
    assert done.returncode == 0
    assert done.stdout.startswith("# Trading of 2026-03-02\n")
    assert "| demo " in done.stdout


@pytest.mark.parametrize(("name", "begins"), [("a.MD", "# T"), ("a.json", "{"), ("a", "<!do")])
def test_a_file_is_written_as_its_name_ends(
    typed: Typed, journal: Path, name: str, begins: str
) -> None:
    assert typed("report", "-o", name).returncode == 0
    assert (journal.parent / name).read_text(encoding="utf-8").strip().startswith(begins)


def test_json_tells_where_the_figures_come_from(typed: Typed, journal: Path) -> None:
    origin = content(typed)["origin"]
    assert isinstance(origin, dict)
    head = ("--expect", str(origin["seq"]), origin["head"])
    done = typed("audit", "verify", str(journal), *head)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_story_is_what_why_tells(typed: Typed, journal: Path) -> None:
    stories = content(typed)["stories"]
    assert isinstance(stories, list)
    assert len(stories) == 11
    for story in stories:
        done = typed("why", str(story["order_id"]), "--journal", str(journal), "--format", "json")
        why = json.loads(done.stdout)
        assert [one["then"] for one in story["decisions"]] == [
            one["then"] for one in why["decisions"]
        ]
        assert all(one["same_again"] for one in story["decisions"])
        assert story["slippage_bps"] == why["slippage_bps"]


def test_only_a_strategy_that_is_meant_counts(typed: Typed, journal: Path) -> None:
    assert journal.exists()
    assert content(typed, "--strategy", "demo")["stories"]
    none = content(typed, "--strategy", "other")
    assert none["stories"] == []
    assert none["only"] == ["other"]


def test_a_day_on_which_nothing_happened_is_a_page_that_says_so(
    typed: Typed, journal: Path
) -> None:
    done = typed("report", "--day", "2026-03-01")
    assert done.returncode == 0
    page = (journal.parent / "report-2026-03-01.html").read_text(encoding="utf-8")
    assert "Nothing was decided" in page
    assert "NaN" not in page


def test_midnight_is_that_of_the_zone(typed: Typed, journal: Path) -> None:
    assert journal.exists()
    # The demo trades at 10:00 in New York, which is midnight on the line of Tokyo's next day.
    assert content(typed, "--zone", "Asia/Tokyo")["day"] == "2026-03-03"
    assert content(typed, "--zone", "America/New_York")["day"] == DAY


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("--day", "someday"), "`someday` is no day; write one as 2026-03-02", 2),
        (("--day", "9999-12-31"), "a report is of a day from 1970 to 2999", 2),
        (("--day", "0001-01-01"), "a report is of a day from 1970 to 2999", 2),
        (("--zone", "Atlantis"), "`Atlantis` is no time zone", 2),
        (("--journal", "none.sqlite"), "none.sqlite", 7),
        (("-o", "no/such/folder/x.html"), "cannot be written", 2),
        (("-o", "x.pdf"), "`.pdf` names no format; say --format, or end it in .html, .md", 2),
    ],
)
def test_what_cannot_be_done_is_one_line(
    typed: Typed, journal: Path, words: tuple[str, ...], said: str, code: int
) -> None:
    assert journal.exists()
    done = typed("report", *words)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_journal_itself_is_never_written_over(typed: Typed, journal: Path) -> None:
    before = journal.read_bytes()
    done = typed("report", "-o", str(journal), "--format", "html")
    assert done.returncode == 2
    assert "is the journal itself" in done.stderr
    assert journal.read_bytes() == before


def test_it_works_beside_a_running_gate(typed: Typed, gate: ConnectedGate) -> None:
    gate.submit("BUY 1000000 AAPL LMT 1 DAY", strategy="</script><script>alert(1)</script>")
    done = typed("report", "-o", "now.html")
    assert (done.returncode, done.stderr) == (0, "wrote now.html\n")
    page = Path("now.html").read_text(encoding="utf-8")
    assert "1 decision: 1 denied." in page
    assert "<script>alert(1)" not in page
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in page


def test_a_journal_without_a_decision_gives_a_page_of_today(typed: Typed, folder: Path) -> None:
    open_journal(folder / "new.sqlite").close()
    done = typed("report", "--journal", "new.sqlite", "-o", "-")
    assert done.returncode == 0, done.stderr
    assert f"Trading of {datetime.now(UTC).date().isoformat()}" in done.stdout
    assert "nothing was decided" in done.stdout
