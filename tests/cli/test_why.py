"""`riskgate why`: an order's decisions out of the journal, for risk officers and auditors."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskgate.authoring import policy_files
from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.journal import open_journal
from riskgate.model.lifecycle import Status
from riskgate.model.report import CommissionReport, ExecutionReport, Sent, StatusReport
from riskgate.policy.cases import given_of
from riskgate.policy.policies import PolicySet

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

POLICY = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - id: size
    kind: fat_finger
    max_quantity: 500
    because: One order, five hundred.
  - id: long
    kind: position
    match: {symbol: AAPL}
    per: [account, symbol]
    max_long: 700
    max_long_notional: 133_000
    because: Desk mandate.
  - id: funds
    kind: buying_power
    min_left: 100_000
    on_breach: hold
    because: A margin call costs more.
  - {id: alike, kind: duplicate, window: 5s, mode: shadow, because: Not yet.}
  - {id: types, kind: permitted, order_types: [LMT], because: Plain orders only.}
waivers:
  - rule: size
    match: {symbol: MSFT}
    set: {max_quantity: 900}
    until: 2026-12-18T16:00:00-05:00
    approved_by: m.ruiz
    because: Index rebalance.
"""
GIVEN = {
    "now": "2026-03-02T10:00:00-05:00",
    "prices": {
        "AAPL": {"bid": Decimal("189.98"), "ask": Decimal("190.02"), "age": "1500ms"},
        "MSFT": "399.98 x 400.02",
    },
    "account": {"available_funds": Decimal(300_000)},
    "strategy": "alpha",
}
FILLED, DENIED, HELD, WAIVED, UNREAD, REDUCING, UNPRICED, GROUPED = 1, 2, 3, 4, 5, 6, 7, 8


@pytest.fixture
def journal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal with an order of each fate; the policies are in `policies/`."""
    monkeypatch.delenv("RISKGATE_CONFIG", raising=False)
    return written(folder)


@pytest.fixture
def without_texts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same as an earlier version wrote it: without the texts of its policies."""
    monkeypatch.delenv("RISKGATE_CONFIG", raising=False)
    monkeypatch.setattr(PolicySet, "texts", {})
    return written(folder)


def written(folder: Path) -> Path:
    (folder / "policies").mkdir()
    (folder / "policies" / "desk.yaml").write_text(POLICY)
    calendars = ExchangeCalendars()
    policies = policy_files.load(["policies"], calendars)
    store = open_journal(str(folder / "riskgate-demo.sqlite"))
    stage = Rehearsal(policies, given_of(GIVEN), calendars, store)
    filled = stage.submit("BUY 100 AAPL LMT 190.01 key=first").order_id
    stage.gate.take([Sent(order_id=filled, broker_order_id=41, client_id=1)])
    stage.clock.advance(timedelta(milliseconds=250))
    stage.gate.take(
        [
            ExecutionReport(
                execution_id="e.01",
                order_id=filled,
                account=stage.account,
                instrument=stage.instrument("AAPL"),
                side=stage.gate.ledger.orders[filled].order.side,  # type: ignore[union-attr]
                quantity=Decimal(100),
                price=Decimal("190.01"),
                at=stage.clock.now(),
            ),
            CommissionReport(execution_id="e.01", amount=Decimal("1.05"), currency="USD"),
            StatusReport(order_id=filled, status=Status.FILLED, filled=Decimal(100)),
        ]
    )
    stage.submit("BUY 601 AAPL LMT 190.01")
    held = stage.submit("BUY 490 MSFT LMT 400").order_id
    stage.clock.advance(timedelta(seconds=30))
    stage.gate.approve(held, by="m.ruiz", reason="checked by phone")
    stage.submit("BUY 1 MSFT MKT")
    stage.submit("BUY lots")
    stage.submit("SELL 10 AAPL LMT 190")
    stage.submit("BUY 1 KO LMT 60", account="DU9")
    stage.gate.submit_basket(["BUY 1 AAPL LMT 190", "BUY 1 AAPL MKT"], strategy="alpha")
    store.close()
    return folder / "riskgate-demo.sqlite"


FIRST = """\
  order      1  BUY 100 AAPL LMT 190.01 DAY strategy=alpha account=DU1234567
             key=first
  reference  first
  now        Filled, filled 100 of 100
  cost       average 190.01, commission 1.05 USD, slippage 0.53 bp against 190

1. new order allowed 2026-03-02 15:00:00.000 UTC by rehearsal
  terms      BUY 100 AAPL LMT 190.01 DAY strategy=alpha account=DU1234567
             key=first
  policies   {digest}, riskgate {version}
  explained  recomputed under the policies of the decision ({digest})
  again      deciding again from the record gives the same answer
  price      bid 189.98, ask 190.02; live, 1.50 s old
  used       mid 190; a unit is worth 190.01 USD at worst
  position   0, working buys 0, working sells 0
  account    DU1234567: available funds 300,000 USD
  what passed
                           observed  this order       limit  headroom   used
  desk/funds  policies/desk.yaml:17
    min_left USD            280,999     -19,001  >= 100,000   180,999   36 %
  desk/size  policies/desk.yaml:6
    max_quantity units          100         100         500       400   20 %
  desk/long  policies/desk.yaml:10
    max_long_notional USD    19,001      19,001     133,000   113,999   14 %
    max_long units              100         100         700       600   14 %
  desk/types  policies/desk.yaml:23
    order_types LMT, limit LMT
  desk/alike  policies/desk.yaml:22  (shadow: not enforced)
    max                           1                       1         0  100 %
  what happened next (UTC)
    2026-03-02 15:00:00.000  the order left for the broker as its order 41
    2026-03-02 15:00:00.250  filled 100 at 190.01, slippage 0.53 bp
    2026-03-02 15:00:00.250  commission 1.05 USD
    2026-03-02 15:00:00.250  broker says Filled
"""


@pytest.mark.parametrize("words", [("why", "1"), ("explain", "first")])
def test_an_order_is_explained_from_its_decision_to_its_last_fill(
    journal: Path, typed: Typed, words: tuple[str, ...]
) -> None:
    done = typed(*words, "--journal", str(journal))
    digest, version = (
        json.loads(typed("why", "1", "--format", "json").stdout)["decisions"][0][key]
        for key in ("digest", "engine")
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == FIRST.format(digest=digest[:12], version=version)


def test_what_stopped_an_order_comes_before_what_passed_and_says_why(
    journal: Path, typed: Typed
) -> None:
    assert journal.exists()
    out = typed("why", str(DENIED)).stdout
    breached, passed = out.partition("  what passed\n")[::2]
    assert [line.split()[0] for line in breached.splitlines() if line.startswith("  desk/")] == [
        *("desk/size", "desk/long"),
    ]
    assert "    because: One order, five hundred." in breached.splitlines()
    assert "    because: Plain orders only." not in passed.splitlines()
    assert "  desk/types  policies/desk.yaml:23" in passed.splitlines()
    more = typed("why", str(DENIED), "--verbose").stdout
    assert "    because: Plain orders only." in more.splitlines()


def test_an_approval_is_told_with_who_and_why_and_what_was_forgiven(
    journal: Path, typed: Typed
) -> None:
    assert journal.exists()
    out = typed("why", str(HELD)).stdout
    assert "1. new order held 2026-03-02 15:00:00.250 UTC by rehearsal" in out
    second = out[out.index("2. approval") :]
    assert second.startswith(
        "2. approval allowed with a warning 2026-03-02 15:00:30.250 UTC by m.ruiz\n"
    )
    assert "  reason     checked by phone\n" in second
    assert "    approved by a person\n" in second


def test_a_waiver_is_named(journal: Path, typed: Typed) -> None:
    assert journal.exists()
    out = typed("why", str(HELD)).stdout
    assert "    waiver: desk/size until 2026-12-18T16:00:00-05:00\n" in out


def test_every_line_fits_on_eighty_columns(journal: Path, typed: Typed) -> None:
    assert journal.exists()
    for number in range(FILLED, GROUPED + 2):
        out = typed("why", str(number), "--verbose").stdout
        assert [line for line in out.splitlines() if len(line) > 80] == []


def test_what_was_no_order_shows_its_codes(journal: Path, typed: Typed) -> None:
    assert journal.exists()
    out = typed("why", str(UNREAD)).stdout
    assert "  now        Denied\n" in out
    assert "explained  as recorded: there was nothing for a rule to judge" in out
    assert "  BAD_ORDER  write SIDE QUANTITY SYMBOL TYPE" in out


def test_a_reduction_names_the_rules_that_it_was_not_asked(journal: Path, typed: Typed) -> None:
    assert journal.exists()
    out = " ".join(typed("why", str(REDUCING)).stdout.split())
    assert "effect only reduces exposure" in out
    said = "not asked (it only reduces, or their limits are about other orders): "
    assert f"{said}desk/funds, desk/long" in out


def test_what_was_missing_is_said_of_the_price_and_the_account(journal: Path, typed: Typed) -> None:
    assert journal.exists()
    out = typed("why", str(UNPRICED)).stdout
    assert "  price      none\n" in out
    assert "  used       NO_PRICE: KO: no usable price\n" in out
    assert "  account    none\n" in out
    assert "  UNKNOWN_ACCOUNT  account `DU9` is not one of DU1234567" in out


def test_an_order_of_a_group_names_the_group_and_why_it_was_denied_with_it(
    journal: Path, typed: Typed
) -> None:
    assert journal.exists()
    out = typed("why", str(GROUPED)).stdout
    assert f"  group      submitted with order {GROUPED}\n" in out
    assert "  GROUP_DENIED  another order of its group is denied" in out
    assert "deciding again from the record gives the same answer" in out


def test_json_holds_every_rule_and_everything_it_was_decided_on(
    journal: Path, typed: Typed
) -> None:
    content = json.loads(typed("why", "1", "--journal", str(journal), "--format", "json").stdout)
    assert (content["status"], content["commission"], content["arrival"]) == (
        *("Filled", "1.05", "190"),
    )
    assert content["commissions"] == {"USD": "1.05"}
    (decision,) = content["decisions"]
    assert (decision["basis"], decision["same_again"]) == ("same", True)
    assert decision["price"]["age"] == 1.5
    assert decision["snapshot"]["subject"]["symbol"] == "AAPL"
    rules = {(rule["rule"], rule["limit_name"]): rule for rule in decision["rules"]}
    long = rules["desk/long", "max_long"]
    assert (long["observed"], long["this_order"], long["headroom"]) == ("100", "100", "600")
    assert (long["where"], long["because"]) == ("policies/desk.yaml:10", "Desk mandate.")
    fill = next(told for told in decision["then"] if told["kind"] == "execution")
    assert (fill["quantity"], fill["price"]) == ("100", "190.01")


def test_markdown_has_a_row_for_each_limit(journal: Path, typed: Typed) -> None:
    assert journal.exists()
    out = typed("why", str(DENIED), "--format", "markdown").stdout
    assert out.startswith("# Order 2\n")
    rows = [line for line in out.splitlines() if line.startswith("| desk/")]
    assert len(rows) == 6
    assert rows[0].startswith(
        "| desk/size | policies/desk.yaml:6 | BREACH | max\\_quantity units |"
    )


# -- policies -------------------------------------------------------------------------------------


def test_the_policies_on_record_explain_whatever_became_of_the_files(
    journal: Path, typed: Typed
) -> None:
    desk = journal.with_name("policies") / "desk.yaml"
    before = typed("why", str(DENIED)).stdout
    for text in (POLICY.replace("500", "700"), "riskgate: 2\n"):
        desk.write_text(text)
        done = typed("why", str(DENIED))
        assert (done.stdout, done.stderr) == (before, "")
    assert "recomputed under the policies of the decision" in before


def test_under_other_policies_only_what_is_recorded_is_told(
    without_texts: Path, typed: Typed
) -> None:
    desk = without_texts.with_name("policies") / "desk.yaml"
    same = typed("why", str(DENIED)).stdout
    assert "recomputed under the policies of the decision" in same
    desk.write_text(POLICY.replace("500", "700"))
    out = typed("why", str(DENIED)).stdout
    assert "as recorded: the policies of the decision are not at hand" in out
    assert "what passed" not in out
    assert "  desk/size  policies/desk.yaml:6" in out
    assert "OTHER POLICIES" not in out


def test_policies_that_are_named_are_asked_too_and_kept_apart(journal: Path, typed: Typed) -> None:
    other = journal.with_name("other.yaml")
    other.write_text(POLICY.replace("500", "700"))
    out = typed("why", str(DENIED), "--policies", "other.yaml").stdout
    then, now = out.partition("  UNDER OTHER POLICIES (")[::2]
    assert "these are other policies than those of the decision" in then
    assert "  desk/size  policies/desk.yaml:6" in then
    rows = [line.split() for line in now.splitlines()]
    assert ["max_quantity", "units", "601", "601", "700", "99", "86", "%"] in rows


def test_without_policies_the_record_is_told_and_the_reader_is_told_why(
    without_texts: Path, typed: Typed
) -> None:
    desk = without_texts.with_name("policies") / "desk.yaml"
    desk.write_text("riskgate: 2\n")
    done = typed("why", str(DENIED))
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "only what was breached is on record, for want of policies" in done.stderr
    assert "  desk/size  policies/desk.yaml:6" in done.stdout
    assert typed("why", str(DENIED), "--policies", "policies").returncode == 2


# -- what is not there ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("99", "no order `99` on record; `riskgate orders` lists what is there"),
        ("nokey", "no order `nokey` on record"),
        ("BUY 1 AAPL MKT", "`riskgate check` asks about an order that is not on record"),
    ],
)
def test_an_order_that_is_not_on_record_is_one_clear_line(
    journal: Path, typed: Typed, name: str, says: str
) -> None:
    assert journal.exists()
    done = typed("why", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_journal_that_is_not_there_is_not_made(folder: Path, typed: Typed) -> None:
    done = typed("why", "1", "--journal", "none.sqlite")
    assert (done.returncode, done.stdout) == (7, "")
    assert not (folder / "none.sqlite").exists()
