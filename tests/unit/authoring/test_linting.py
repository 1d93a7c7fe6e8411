"""Lint on files: which tests it finds, what it makes of a record, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest

from riskgate.authoring import linting
from riskgate.authoring.linting import Beside
from riskgate.authoring.playing import play
from riskgate.authoring.policy_tests import find
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.policy.checked import Checked

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CALENDARS = ExchangeCalendars()
WITH_TESTS = Beside(now=NOW, journal=MemoryJournal)
WITHOUT = Beside(now=NOW)
SECONDS = 40.0  # of this process; coverage doubles it, and what is quadratic takes minutes
HEAD = "riskgate: 1\npolicy: {0}\ncurrency: USD\ntimezone: America/New_York\nrules:\n"
SIZE = "  - {id: size, kind: fat_finger, max_quantity: 500, because: x}\n"
TEST = """policies: [desk.yaml]
cases:
  - {name: largest, order: BUY 500 AAPL LMT 190 DAY, expect: allow, prices: {AAPL: 189 x 191}}
"""
DENIED = """  - {name: larger, order: BUY 501 AAPL LMT 190 DAY, expect: deny, by: [desk/size],
     prices: {AAPL: 189 x 191}}
"""
Linted = Callable[..., list[str]]


@pytest.fixture
def linted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Linted:
    """What lint says of paths in a folder that holds `desk.yaml`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.yaml").write_text(HEAD.format("desk") + SIZE)

    def lines(*paths: str, beside: Beside = WITH_TESTS) -> list[str]:
        checked = linting.lint(paths, CALENDARS, beside)
        return [*map(str, checked.problems), checked.summary]

    return lines


def lint_of(path: Path, beside: Beside) -> Checked:
    return linting.lint([path], CALENDARS, beside)


@pytest.mark.slow
def test_the_shipped_policies_are_not_suspicious() -> None:
    checked = lint_of(ROOT / "policies", WITH_TESTS)
    assert (checked.problems, checked.summary) == ((), "3 files, nothing suspicious")


def test_without_tests_nothing_is_untested(linted: Linted) -> None:
    assert linted(".") == ["1 file, nothing suspicious"]


@pytest.mark.parametrize("path", [".", "desk.yaml"])
def test_tests_beside_the_policies_are_played(path: str, linted: Linted) -> None:
    Path("desk.test.yaml").write_text(TEST)
    (line, summary) = linted(path)
    assert line == (
        "desk.yaml:6:34: warning RG312 `max_quantity` can be moved by one step"
        " and no policy test notices"
    )
    assert summary == "1 warning in 1 of 1 file"
    assert linted(path, beside=WITHOUT) == ["1 file, nothing suspicious"]
    Path("desk.test.yaml").write_text(TEST + DENIED)
    assert linted(path) == ["1 file, nothing suspicious"]


def test_a_policy_without_tests_is_named_if_another_has_some(linted: Linted) -> None:
    Path("desk.test.yaml").write_text(TEST + DENIED)
    Path("other.yaml").write_text(HEAD.format("other") + SIZE.replace("500", "400"))
    (line, *_) = linted("other.yaml")
    assert line == "1 file, nothing suspicious"
    assert any("other.yaml:2:9: warning RG312" in line for line in linted("."))


def test_invalid_policies_are_not_linted(linted: Linted) -> None:
    Path("desk.yaml").write_text(HEAD.format("desk") + SIZE.replace("max_q", "max_kw"))
    (*problems, _) = linted(".")
    assert problems
    assert all(" error RG1" in line for line in problems)


def test_an_invalid_test_is_an_error(linted: Linted) -> None:
    Path("desk.test.yaml").write_text(TEST.replace("expect", "expct"))
    (*problems, _) = linted(".")
    assert problems
    assert all("desk.test.yaml" in line and " error " in line for line in problems)


def test_what_was_decided_is_held_against_the_limits(linted: Linted) -> None:
    Path("desk.test.yaml").write_text(
        TEST.replace("order: BUY 500 AAPL LMT 190 DAY, expect: allow", "steps: [{0}]").replace(
            "{0}",
            ", ".join(f"{{submit: BUY {size} AAPL LMT 190 DAY}}" for size in range(1, 26)),
        )
    )
    (test,) = find(["desk.test.yaml"], CALENDARS)
    play(test.case, test.policies, CALENDARS, journal := MemoryJournal())
    (line, _) = linted(".", beside=Beside(now=NOW, recorded=journal.read()))
    assert line == (
        "desk.yaml:6:48: warning RG314 of `max_quantity` 500 at most 5.0 % was used"
        " by 25 recorded orders"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    [
        "kind: position, per: [account, symbol], match: {{symbol: S{0}}}, max_long: {0}",
        "kind: position, per: [account, symbol], match: {{symbol: S{0}*}}, max_long: {0}",
        "kind: fat_finger, max_notional: {0}",
        "kind: fat_finger, match: {{strategy: [s{0}, t{0}], symbol: 'A*'}}, max_notional: {0}",
        "kind: fat_finger, match: {{symbol: AAPL, strategy: s{0}}}, max_notional: {0}",
        "kind: message_rate, match: {{account: 'DU{0}'}}, max: 9, window: 1s",
    ],
)
def test_ten_thousand_rules_are_linted_in_seconds(rule: str, tmp_path: Path) -> None:
    for file in range(10):
        numbers = range(file * 1000 + 1, file * 1000 + 1001)
        rules = (f"  - {{id: r{n}, {rule.format(n)}, because: x}}\n" for n in numbers)
        (tmp_path / f"{file}.yaml").write_text(HEAD.format(f"p{file}") + "".join(rules))
    began = process_time()
    checked = lint_of(tmp_path, WITHOUT)
    assert checked.valid
    assert process_time() - began < SECONDS
