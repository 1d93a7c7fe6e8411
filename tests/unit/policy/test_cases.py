"""Policy tests: what a file says, as values, and whether a decision is what it expects."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.instrument import Instrument
from riskgate.policy.cases import (
    TestFile,
    account_of,
    given_of,
    mismatches,
    moment_of,
    quote_of,
    read_tests,
    unknown_names,
)
from riskgate.policy.source import parse

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
FILE = """
policies: us.yaml
given:
  now: 2026-03-02T10:00:00-05:00
  accounts: [{id: DU1}, {id: DU2}]
  positions: {AAPL: 500}
  prices: {AAPL: 189.99 x 190.01}
cases:
  - name: an order
    order: BUY 100 AAPL LMT 190
    expect: deny
    by: [us/r]
  - name: its own world, beside it
    account: {id: DU3}
    positions: {MSFT: 1}
    order: BUY 1 AAPL MKT
    expect: allow
  - name: its own world, in given
    given: {accounts: [{id: DU4}], prices: {}}
    bracket: {entry: BUY 1 AAPL MKT, take_profit: 2, stop_loss: 1}
    intent: 5
    expect: allow
  - name: steps
    steps:
      - submit: BUY 1 AAPL MKT
      - cancel: "#1"
"""


def the_file(text: str) -> TestFile:
    document, problems = parse(text.encode(), "a.test.yaml")
    assert document is not None, problems
    file, wrong = read_tests(document)
    assert file is not None, wrong
    return file


def test_a_file_names_its_policies_and_cases_with_their_places() -> None:
    file = the_file(FILE)
    assert (file.path, file.policies) == ("a.test.yaml", ("us.yaml",))
    assert file.cases[0].name == "an order"
    assert [case.line for case in file.cases] == [9, 13, 18, 23]
    assert the_file(FILE.replace("us.yaml", "[a.yaml, b]")).policies == ("a.yaml", "b")


def test_a_case_of_one_deed_is_one_step() -> None:
    steps = [case.steps for case in the_file(FILE).cases]
    assert steps[0] == ({"submit": "BUY 100 AAPL LMT 190", "expect": "deny", "by": ["us/r"]},)
    assert steps[2][0]["bracket"]["take_profit"] == 2
    assert steps[2][0]["intent"] == 5
    assert [list(step) for step in steps[3]] == [["submit"], ["cancel"]]


def test_a_key_of_a_case_replaces_that_whole_key_and_account_and_accounts_are_one() -> None:
    first, beside, inside, _ = (case.given for case in the_file(FILE).cases)
    assert [account.id for account in first.accounts] == ["DU1", "DU2"]
    assert [account.id for account in beside.accounts] == ["DU3"]
    assert beside.positions == {"MSFT": 1}
    assert beside.now == NOW
    assert [account.id for account in inside.accounts] == ["DU4"]
    assert inside.quotes == {}
    assert inside.positions == {"AAPL": 500}


def test_a_world_that_cannot_be_read_is_a_problem_of_its_case() -> None:
    text = FILE.replace("prices: {}", "prices: {AAPL: 1 to 2}")
    document, _ = parse(text.encode(), "a.test.yaml")
    assert document is not None
    file, (problem,) = read_tests(document)
    assert file is None
    assert (problem.line, "is no quote" in problem.text) == (18, True)


def test_everything_that_is_not_given_has_its_default() -> None:
    given = given_of({})
    (account,) = given.accounts
    assert (account.id, account.currency, given.mode) == ("DU1234567", "USD", "paper")
    assert (given.state, given.now, given.strategy) == ("ACTIVE", None, None)
    assert given.reconciled
    assert given.connected
    assert given.journal_writable
    assert given_of({"mode": "live"}).accounts[0].id == "U1234567"


def test_everything_that_is_given_is_taken_over() -> None:
    given = given_of(
        {
            "account": {"id": "DU9", "currency": "EUR", "net_liquidation": Decimal(5)},
            "unknown": ["XYZ"],
            "fx": {"EUR": Decimal(1)},
            "adv": {"AAPL": Decimal(2)},
            "working": ["SELL 1 AAPL MKT"],
            "today": {"AAPL": {"orders": Decimal(4)}},
            "state": "HALTED",
            "strategy": "s",
            "reconciled": False,
            "connected": False,
            "journal_writable": False,
        }
    )
    assert given.accounts == (account_of({"id": "DU9", "currency": "EUR", "net_liquidation": 5}),)
    assert (given.unknown, given.working, given.state) == (("XYZ",), ("SELL 1 AAPL MKT",), "HALTED")
    assert given.fx == {"EUR": 1}
    assert given.adv == {"AAPL": 2}
    assert given.today["AAPL"]["orders"] == 4
    assert not given.reconciled
    assert not given.connected
    assert not given.journal_writable


@pytest.mark.parametrize(
    ("name", "keys", "expected"),
    [
        ("AAPL", {}, Instrument(key="AAPL", symbol="AAPL")),
        (
            "ES",
            {"sec_type": "FUT", "multiplier": Decimal(50), "expiry": "2026-06-19"},
            Instrument(
                key="ES.FUT expiry=2026-06-19",
                symbol="ES",
                sec_type="FUT",
                multiplier=Decimal(50),
                expiry=date(2026, 6, 19),
            ),
        ),
        (
            "AAPL.OPT expiry=2026-06-19 strike=200 right=C",
            {"listed": "2026-01-02", "halted": True},
            Instrument(
                key="AAPL.OPT expiry=2026-06-19 strike=200 right=C",
                symbol="AAPL",
                sec_type="OPT",
                multiplier=Decimal(100),
                expiry=date(2026, 6, 19),
                strike=Decimal(200),
                right="C",
                listed=date(2026, 1, 2),
                halted=True,
            ),
        ),
    ],
)
def test_an_instrument_is_what_its_name_and_its_keys_say(
    name: str, keys: dict[str, Any], expected: Instrument
) -> None:
    assert given_of({"instruments": {name: keys}}).instruments == {name: expected}


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("now", "2026-03-02T10:00:00", "no time with an offset"),
        ("now", "soon", "no time with an offset"),
        ("instruments", {"ES": {"expiry": "June"}}, "no date"),
        ("prices", {"AAPL": "189.99"}, "no quote"),
        ("prices", {"AAPL": {"age": "old"}}, "must be a duration"),
        ("state", "PANIC", "PANIC"),
    ],
)
def test_what_cannot_be_read_says_why(key: str, value: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        given_of({key: value})


def test_a_quote_is_a_pair_or_a_mapping_with_an_age() -> None:
    quote, age = quote_of("189.99 x 190.01")
    assert (quote.bid, quote.ask, quote.last, age) == (
        Decimal("189.99"),
        Decimal("190.01"),
        None,
        timedelta(0),
    )
    quote, age = quote_of({"last": Decimal(5), "close": Decimal(4), "age": "1m", "type": "delayed"})
    assert [quote.last, quote.close] == [5, 4]
    assert (quote.type, age) == ("delayed", timedelta(minutes=1))
    assert quote_of({"age": "0s"})[1] == timedelta(0)
    assert quote_of({})[0].mark is None


def test_a_moment_has_an_offset() -> None:
    assert moment_of("2026-03-02T10:00:00-05:00") == NOW
    with pytest.raises(ValueError, match="offset"):
        moment_of("10:00")


def decided(*breaches: Finding) -> Decision:
    return Decision(order=None, action=Action.DENY, as_of=NOW, digest="d", breaches=breaches)


BLIND = Finding(rule="us/a", code="NO_PRICE")
PLAIN = Finding(rule="us/b")
WATCHED = Finding(rule="us/s", enforced=False)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"expect": "deny"}, []),
        ({"expect": "allow"}, ["expected allow, got deny"]),
        ({"expect": {"deny": 1}}, []),
        ({"by": ["us/a", "us/b"]}, []),
        ({"by": ["us/b", "NO_PRICE"]}, []),
        ({"by": ["us/b"]}, ["by does not name us/a, which breached"]),
        ({"by": []}, ["by does not name us/a, us/b, which breached"]),
        (
            {"by": ["us/a", "us/b", "us/s", "HALTED"]},
            ["expected by HALTED, us/s, which did not breach"],
        ),
        ({"shadow": ["us/s"]}, []),
        ({"shadow": []}, ["shadow does not name us/s, which breached"]),
        (
            {"shadow": ["us/b"]},
            [
                "expected shadow us/b, which did not breach",
                "shadow does not name us/s, which breached",
            ],
        ),
    ],
)
def test_a_decision_is_compared_with_what_was_expected(
    step: dict[str, Any], said: list[str]
) -> None:
    assert list(mismatches(step, decided(BLIND, PLAIN, WATCHED))) == said


def test_a_name_is_a_rule_or_a_code() -> None:
    step = {"by": ["us/a", "HALTED", "us/typo"], "shadow": ["NOPRICE"]}
    assert unknown_names(step, ["us/a"]) == ["us/typo", "NOPRICE"]
    assert unknown_names({}, []) == []
