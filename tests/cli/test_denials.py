"""What limits stopped, what came near them, and how full they got, as a command says it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from riskgate.authoring import policy_files
from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.journal import open_journal
from riskgate.policy.cases import given_of
from riskgate.policy.policies import PolicySet

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

POLICY: Final = """\
riskgate: 1
policy: house
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 100, because: a test}
  - {id: dark, kind: fat_finger, max_quantity: 50, mode: shadow, because: a test}
  - {id: room, kind: position, per: [account, symbol], max_long: 200, because: a test}
"""
GIVEN: Final[dict[str, Any]] = {
    "now": "2026-03-02T15:00:00Z",
    "account": {"id": "DU1234567"},
    "prices": {"AAPL": "189.99 x 190.01", "MSFT": "399.99 x 400.01"},
}


@pytest.fixture
def desk(folder: Path) -> Path:
    """A journal of five orders, ten seconds apart: three leave, two are denied."""
    (folder / "house.yaml").write_text(POLICY)
    calendars = ExchangeCalendars()
    store = open_journal(folder / "desk.sqlite")
    policies = policy_files.load(["house.yaml"], calendars)
    stage = Rehearsal(policies, given_of(GIVEN), calendars, store)
    for line in (
        "BUY 95 AAPL LMT 190 strategy=a",
        "BUY 101 MSFT LMT 400 strategy=b",
        "BUY 10 MSFT LMT 400 strategy=b",
        "BUY 100 AAPL LMT 190 strategy=a",
        "BUY 6 AAPL LMT 190 strategy=a",
    ):
        stage.submit(line)
        stage.clock.advance(timedelta(seconds=10))
    store.close()
    return folder


def denials(typed: Typed, *words: str) -> list[dict[str, Any]]:
    done = typed("denials", "--journal", "desk.sqlite", "--format", "json", *words)
    assert done.returncode == 0
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_what_each_rule_stopped_is_counted_with_its_value(desk: Path, typed: Typed) -> None:
    del desk
    found = {(one["outcome"], one["rule"]): one for one in denials(typed)}
    assert {key: (one["decisions"], one["quantity"]) for key, one in found.items()} == {
        ("denied", "house/size"): (1, "101"),
        ("denied", "house/room"): (1, "6"),
        ("would deny", "house/dark"): (3, "296"),
    }
    assert found["denied", "house/size"]["notional"] == "40,400 USD"


@pytest.mark.parametrize("strategy", ["a", "a-strategy-with-a-long-name"])
def test_all_five_groups_fit_into_eighty_columns(
    desk: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch, strategy: str
) -> None:
    del desk
    monkeypatch.setenv("COLUMNS", "80")
    calendars = ExchangeCalendars()
    store = open_journal("long.sqlite")
    policies = policy_files.load(["house.yaml"], calendars)
    Rehearsal(policies, given_of(GIVEN), calendars, store).submit(
        f"BUY 101 AAPL LMT 190 strategy={strategy}"
    )
    store.close()
    by = "account,strategy,symbol,hour,day"
    said = typed("denials", "--journal", "long.sqlite", "--by", by).stdout.splitlines()
    assert max(map(len, said)) <= 80
    assert {"account", "day", "outcome", "rule", "count"} <= set(said[0].split())


def test_it_can_be_told_apart_and_cut_to_a_period(desk: Path, typed: Typed) -> None:
    del desk
    found = denials(typed, "--by", "strategy,symbol", "--until", "2026-03-02T15:00:20Z")
    assert [(one["strategy"], one["symbol"], one["rule"]) for one in found] == [
        ("a", "AAPL", "house/dark"),
        ("b", "MSFT", "house/dark"),
        ("b", "MSFT", "house/size"),
    ]
    assert denials(typed, "--since", "2026-03-03") == []


def test_near_misses_and_peaks(desk: Path, typed: Typed) -> None:
    del desk
    near = denials(typed, "--near")
    assert [(one["rule"], one["used"], one["headroom"]) for one in near] == [
        ("house/size", "100", "0"),
        ("house/room", "195", "5"),
        ("house/size", "95", "5"),
    ]
    peaks = denials(typed, "--peaks")
    assert [(one["budget"], one["percent"], one["decisions"]) for one in peaks] == [
        ("account=DU1234567 symbol=AAPL", "97.5", 2),
        ("account=DU1234567 symbol=MSFT", "5", 1),
    ]
    assert peaks[0]["at"].startswith("2026-03-02T15:00:30")


@pytest.mark.parametrize("words", [(), ("--near",), ("--peaks",), ("--by", "hour")])
def test_tables_fit_a_terminal_and_csv_has_every_field(
    desk: Path, typed: Typed, words: tuple[str, ...]
) -> None:
    del desk
    text = typed("denials", "--journal", "desk.sqlite", *words).stdout
    assert max(map(len, text.splitlines())) <= 80
    done = typed("denials", "--journal", "desk.sqlite", "--format", "csv", *words)
    (first, *_) = csv.DictReader(io.StringIO(done.stdout))
    assert first.keys() == denials(typed, *words)[0].keys()


def test_nothing_stopped_is_said_on_standard_error(folder: Path, typed: Typed) -> None:
    open_journal(folder / "desk.sqlite").close()
    done = typed("denials", "--journal", "desk.sqlite")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "nothing such is on record\n")
    assert typed("denials", "--journal", "none.sqlite").returncode == 7
    assert typed("denials", "--by", "moon").returncode == 2


def test_without_the_texts_of_policies_it_says_that_not_all_is_told(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, typed: Typed
) -> None:
    monkeypatch.setattr(PolicySet, "texts", {})
    request.getfixturevalue("desk")
    done = typed("denials", "--journal", "desk.sqlite", "--peaks")
    assert (done.returncode, done.stdout) == (0, "")
    assert "3 decisions were made under policies that are not on record" in done.stderr
    limits = typed("limits", "--journal", "desk.sqlite")
    assert (limits.returncode, limits.stdout) == (2, "")
    assert "name them with `--policies PATH`" in limits.stderr
    named = typed("limits", "--journal", "desk.sqlite", "--policies", "house.yaml")
    assert named.returncode == 0
    assert "195" in named.stdout


@pytest.mark.parametrize("what", ["--near", "--peaks"])
def test_a_table_of_eighty_columns_says_whose_a_limit_is(
    desk: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    del desk
    monkeypatch.setenv("COLUMNS", "80")
    lines = typed("denials", "--journal", "desk.sqlite", what).stdout.splitlines()
    assert [line.endswith("DU1234567 AAPL") for line in lines if "house/room" in line].count(True)
    assert max(map(len, lines)) <= 80


def test_a_word_that_is_said_twice_is_one_column(desk: Path, typed: Typed) -> None:
    del desk
    assert denials(typed, "--by", "strategy,strategy") == denials(typed, "--by", "strategy")
    said = typed("denials", "--journal", "desk.sqlite", "--by", "strategy,strategy").stdout
    assert said.split()[:2] == ["strategy", "outcome"]
