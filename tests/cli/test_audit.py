"""`riskgate audit` and `riskgate replay` as they are typed: what they print, and how they end."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from riskgate.authoring import policy_files
from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.journal import open_journal
from riskgate.policy.cases import given_of

Typed = Callable[..., subprocess.CompletedProcess[str]]
CALENDARS = ExchangeCalendars()
GIVEN = {
    "now": "2026-03-02T17:00:00Z",
    "account": {"id": "DU1"},
    "prices": {"AAPL": "189.99 x 190.01"},
}
LINES = ("BUY 500 AAPL LMT 190 DAY", "BUY 501 AAPL LMT 190 DAY", "BUY lots AAPL")


@pytest.fixture
def journal(folder: Path) -> Path:
    """Three decisions under the folder's policy."""
    path = folder / "journal.db"
    policies = policy_files.load(["good.yaml"], CALENDARS)
    with closing(open_journal(path, durability="os")) as opened:
        stage = Rehearsal(policies, given_of(GIVEN), CALENDARS, opened)
        for line in LINES:
            stage.submit(line)
    return path


def with_sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_verify_says_that_all_is_well_and_tells_the_head(typed: Typed, journal: Path) -> None:
    done = typed("audit", "verify", "journal.db")
    first, head = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert first == "journal.db: 4 events, chain whole, tables agree"
    _, seq, digest = head.split()
    assert typed("audit", "verify", str(journal), "--expect", seq, digest).returncode == 0
    other = typed("audit", "verify", str(journal), "--expect", "9", digest)
    assert other.returncode == 1
    assert "event 9: it is not the event that was expected here" in other.stdout


def test_verify_names_the_first_bad_event(typed: Typed, journal: Path) -> None:
    with_sql(journal, "UPDATE events SET body = replace(body, '500', '400') WHERE seq = 2")
    done = typed("audit", "verify", "journal.db")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        (
            "journal.db: event 2 (decision, 2026-03-02 17:00:00.000000 UTC):"
            " it was changed after it was written"
        ),
        "journal.db: 1 fault; 1 event before the first bad one",
    ]
    said = json.loads(typed("audit", "verify", "journal.db", "--format", "json").stdout)
    assert (said["whole"], said["events"], said["faults"][0]["seq"]) == (False, 1, 2)


def test_a_file_that_is_damaged_is_a_finding(typed: Typed, journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:9_000])
    done = typed("audit", "verify", "journal.db")
    assert (done.returncode, done.stderr) == (1, "")
    assert "the file has 9,000 bytes where its head says" in done.stdout


@pytest.mark.parametrize("words", [("audit", "verify"), ("audit", "export"), ("replay",)])
def test_the_journal_is_named_with_or_without_the_option(
    typed: Typed, journal: Path, words: tuple[str, ...]
) -> None:
    plain, option = typed(*words, str(journal)), typed(*words, "--journal", str(journal))
    assert (option.returncode, option.stdout) == (0, plain.stdout)
    both = typed(*words, "other.db", "--journal", str(journal))
    assert (both.returncode, both.stdout) == (2, "")
    assert "--journal" in both.stderr


def test_who_looks_leaves_no_files_behind(typed: Typed, journal: Path, folder: Path) -> None:
    before = sorted(folder.iterdir())
    content = journal.read_bytes()
    for words in (("orders", "--journal"), ("replay",), ("audit", "verify")):
        assert typed(*words, str(journal)).returncode == 0
        assert sorted(folder.iterdir()) == before
    assert journal.read_bytes() == content


def test_a_journal_that_is_not_there_is_not_reached(typed: Typed, folder: Path) -> None:
    for words in (("audit", "verify"), ("audit", "export"), ("replay",)):
        done = typed(*words, "nothing.db")
        assert (done.returncode, done.stdout) == (7, "")
        assert "no journal at `nothing.db`" in done.stderr
    assert list(folder.glob("nothing*")) == []


def test_export_writes_json_lines_with_hashes(typed: Typed, journal: Path) -> None:
    done = typed("audit", "export", "journal.db")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [event["seq"] for event in events] == [1, 2, 3, 4]
    assert [*events[0]] == sorted(events[0])
    assert [event["previous"] for event in events[1:]] == [event["hash"] for event in events[:-1]]
    assert json.loads(events[1]["body"])["text"].startswith("BUY 500 AAPL LMT 190 DAY")
    assert events[1]["at"] == "2026-03-02T17:00:00.000000Z"
    later = typed("audit", "export", str(journal), "--after", "3").stdout
    assert later == done.stdout.splitlines(keepends=True)[3]


def test_export_writes_csv_to_a_file(typed: Typed, journal: Path, folder: Path) -> None:
    done = typed("audit", "export", str(journal), "--format", "csv", "-o", "out.csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with (folder / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == ["policy activated", *["decision"] * 3]
    assert [*rows[0]] == ["seq", "at_ns", "at", "kind", "order_id", "body", "previous", "hash"]


def test_a_journal_that_is_not_whole_leaves_the_file_as_it_was(
    typed: Typed, journal: Path, folder: Path
) -> None:
    (folder / "out.json").write_text("earlier")
    with_sql(journal, "UPDATE events SET at_ns = 0 WHERE seq = 3")
    done = typed("audit", "export", "journal.db", "-o", "out.json")
    assert done.returncode == 7
    assert "event 3 is not as it was written" in done.stderr
    assert (folder / "out.json").read_text() == "earlier"
    assert list(folder.glob("*.part")) == []


@pytest.mark.parametrize(
    ("output", "why"), [("journal.db", "the journal itself"), ("no/where.json", "no such file")]
)
def test_an_output_that_cannot_be_is_refused(
    typed: Typed, journal: Path, output: str, why: str
) -> None:
    before = journal.read_bytes()
    done = typed("audit", "export", "journal.db", "-o", output)
    assert done.returncode == 2
    assert why in done.stderr
    assert journal.read_bytes() == before


def test_replay_says_that_all_is_identical(typed: Typed, journal: Path, folder: Path) -> None:
    (folder / "good.yaml").unlink()  # the journal has what it needs
    done = typed("replay", str(journal))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{journal}: 3 decisions made again, all identical",
        "  2 from snapshots, 1 read again from their words",
    ]
    said = json.loads(typed("replay", str(journal), "--format", "json").stdout)
    assert (said["identical"], said["decisions"], said["first"]) == (True, 3, [])
    assert said["grounds"] == {"snapshot": 2, "words": 1}


def test_a_record_that_is_not_whole_is_not_replayed(typed: Typed, journal: Path) -> None:
    with_sql(journal, "UPDATE events SET body = replace(body, '500', '400') WHERE seq = 2")
    done = typed("replay", "journal.db")
    assert (done.returncode, done.stdout) == (7, "")
    assert "event 2 is not as it was written" in done.stderr


def test_other_policies_are_called_a_what_if(typed: Typed, journal: Path, folder: Path) -> None:
    good = (folder / "good.yaml").read_text()
    (folder / "tight.yaml").write_text(good.replace("500", "499"))
    done = typed("replay", str(journal), "--policies", "tight.yaml")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0] == f"{journal}: 1 of 3 decisions would have come out otherwise"
    assert lines[1].startswith("  what if: 3 decisions under policies ")
    assert [line for line in lines[1:] if len(line) > 80] == []
    (at,) = (number for number, line in enumerate(lines) if line.startswith("event 2, order 1 "))
    assert " ".join(" ".join(lines[at:]).split()) == (
        "event 2, order 1 (new order, 2026-03-02 17:00:00.000000 UTC): BUY 500 AAPL LMT 190 DAY"
        " account=DU1 action: then allow; again deny house/size max_quantity: then nothing; again"
        " BREACH (deny): max_quantity 500 units > limit 499 units (over 100 %)"
    )
    assert typed("replay", str(journal), "--policies", "good.yaml").returncode == 0


def test_broken_policies_are_named(typed: Typed, journal: Path, folder: Path) -> None:
    (folder / "bad.yaml").write_text("riskgate: 1\n")
    done = typed("replay", str(journal), "--policies", "bad.yaml", "--format", "json")
    assert done.returncode == 2
    assert "bad.yaml" in done.stderr


def test_an_older_journal_says_whose_policies_it_lacks(
    typed: Typed, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = policy_files.load(["good.yaml"], CALENDARS)
    monkeypatch.setattr(type(policies), "texts", {})
    with closing(open_journal(folder / "old.db", durability="os")) as opened:
        Rehearsal(policies, given_of(GIVEN), CALENDARS, opened).submit(LINES[0])
    done = typed("replay", "old.db")
    assert done.returncode == 2
    assert f"event 2 was decided under policies `{policies.digest}`" in done.stderr
    assert "name them with `--policies PATH`" in done.stderr
    again = typed("replay", "old.db", "--policies", "good.yaml")
    assert (again.returncode, again.stderr) == (0, "")


def test_progress_is_shown_on_a_terminal_alone(
    typed: Typed, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    done = typed("audit", "verify", str(journal))
    assert done.stderr == "\r\x1b[K4 events\r\x1b[K"
    assert "\x1b" not in done.stdout


def test_the_pages_of_help_say_the_exit_codes(typed: Typed) -> None:
    for words in (("replay",), ("audit", "verify"), ("audit", "export")):
        done: Any = typed(*words, "--help")
        assert "Exit code 0" in " ".join(done.stdout.split())
