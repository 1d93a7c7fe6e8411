"""Policies at run time: validated first, swapped at once, counters kept, the last good set kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import JournalError, JournalLocked
from riskgate.gate import Gate
from riskgate.ledger.book import Book
from riskgate.model.account import Account
from riskgate.model.decision import Decision
from riskgate.model.events import Decided, PolicyActivated
from riskgate.model.lifecycle import Status
from riskgate.model.trading import TradingState
from riskgate.policy.policies import PolicySet

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Stage

    Compile = Callable[[str], PolicySet]
    Staged = Callable[[str], Stage]

LINE = "BUY 10 AAPL LMT 190"
DESK = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
"""
SIZE = "  - {{id: size, kind: fat_finger, max_quantity: {}, because: test}}\n"
LOST = Decimal(1000)
RELOADS = 50
THREADS = 4
PATIENCE = 60.0


def sized(limit: int) -> str:
    return DESK + SIZE.format(limit)


def ruled(rule: str) -> str:
    """A policy with one more rule."""
    return f"{sized(1000)}  - {{{rule}, because: test}}\n"


def activated(stage: Stage) -> list[str]:
    """The digests of the policies that came into force, in order."""
    return [event.digest for event in stage.journal.payloads() if type(event) is PolicyActivated]


def test_from_the_next_decision_on_the_new_limit_holds(
    staged: Staged, compile_text: Compile
) -> None:
    stage = staged(sized(10))
    assert not stage.gate.submit("BUY 11 AAPL LMT 190").allowed
    stage.gate.reload(compile_text(sized(11)))
    assert stage.gate.submit("BUY 11 AAPL LMT 190").allowed
    stage.gate.reload(compile_text(sized(9)))
    assert not stage.gate.submit(LINE).allowed


def test_the_change_is_on_record_and_each_decision_names_its_set(
    staged: Staged, compile_text: Compile
) -> None:
    stage, other = staged(sized(10)), compile_text(sized(11))
    first = stage.gate.submit(LINE).decision
    stage.gate.reload(other)
    second = stage.gate.submit(LINE).decision
    assert (first.digest, second.digest) == (stage.policies.digest, other.digest)
    assert first.digest != second.digest
    assert activated(stage) == [stage.policies.digest, other.digest]


def test_the_same_policies_again_are_no_change(staged: Staged, compile_text: Compile) -> None:
    stage = staged(sized(10))
    stage.gate.reload(compile_text(sized(10)))
    assert len(activated(stage)) == 1
    assert stage.gate.submit(LINE).allowed


@pytest.mark.parametrize(
    "rule",
    [
        "id: day, kind: daily_volume, max_quantity: 25",
        "id: day, kind: daily_volume, max_orders: 2",
        "id: rate, kind: message_rate, counts: [new], max: 2, window: 10s",
        "id: alike, kind: duplicate, window: 10s, max: 2",
        "id: long, kind: position, per: [account, symbol], max_long: 25",
        "id: many, kind: working_orders, max_count: 2",
        "id: gross, kind: exposure, max_gross: 5000",
    ],
)
def test_what_was_counted_before_counts_under_the_new_policies(
    staged: Staged, compile_text: Compile, rule: str
) -> None:
    """Two orders of ten, and then a rule that the third would breach."""
    stage = staged(sized(1000))
    for _ in range(2):
        stage.sent()
    stage.gate.reload(compile_text(ruled(rule)))
    decision = stage.gate.submit(LINE).decision
    assert [finding.rule for finding in decision.breaches] == [f"desk/{rule[4 : rule.index(',')]}"]


def test_a_day_goes_on_through_any_number_of_reloads(staged: Staged, compile_text: Compile) -> None:
    rule = "id: day, kind: daily_volume, max_quantity: 25"
    stage = staged(ruled(rule))
    for number in (1, 2):
        order = stage.sent()
        stage.gate.take([stage.execution(order, "10", f"{number}.01")])
        stage.gate.reload(compile_text(ruled(f"{rule}{number}")))
    stage.gate.reload(compile_text(ruled(rule)))
    assert not stage.gate.submit("BUY 6 AAPL LMT 190").allowed
    assert stage.gate.submit("BUY 5 AAPL LMT 190").allowed


def test_positions_and_reservations_carry_over(staged: Staged, compile_text: Compile) -> None:
    stage = staged(sized(1000))
    filled, working = stage.sent(), stage.sent()
    stage.gate.take([stage.execution(filled, "10")])
    before = stage.reserved()
    stage.gate.reload(compile_text(sized(999)))
    assert stage.reserved() == before == (10, 10, 0)
    assert stage.status_of(working) is Status.PENDING_SUBMIT
    assert stage.gate.submit("SELL 10 AAPL LMT 190").decision.reduction


def test_the_book_is_what_a_gate_that_starts_with_the_new_policies_has(
    staged: Staged, compile_text: Compile
) -> None:
    stage = staged(sized(1000))
    for number in range(3):
        stage.gate.take([stage.execution(stage.sent(), "4", f"{number}.01")])
    stage.gate.submit("BUY 1001 AAPL LMT 190")
    stage.policies = compile_text(ruled("id: day, kind: daily_volume, max_quantity: 25"))
    stage.gate.reload(stage.policies)
    assert stage.facts() == stage.facts(stage.restarted().ledger)


def test_a_halt_and_a_latch_stay(staged: Staged, compile_text: Compile) -> None:
    rule = "id: breaker, kind: repeat_execution, max: 1, window: 10m, then: halt"
    stage = staged(ruled(rule))
    stage.gate.halt(reason="feed", by="m.ruiz", state=TradingState.REDUCE_ONLY)
    stage.gate.reload(compile_text(sized(10)))
    assert stage.gate.submit(LINE).decision.codes == ("REDUCE_ONLY",)
    stage.gate.resume(reason="feed is back", by="m.ruiz", override=True)
    stage.gate.reload(compile_text(ruled(rule)))
    stage.sent()
    assert not stage.gate.submit(LINE).allowed  # trips
    stage.gate.reload(compile_text(sized(10)))
    assert stage.gate.submit(LINE).decision.codes == ("HALTED",)


def test_a_key_is_not_forgotten(staged: Staged, compile_text: Compile) -> None:
    stage = staged(sized(10))
    first = stage.gate.submit(f"{LINE} key=once")
    stage.gate.reload(compile_text(sized(11)))
    again = stage.gate.submit(f"{LINE} key=once")
    assert again.order_id == first.order_id
    assert len(stage.broker.placed) == 1


def test_a_held_order_is_decided_again_by_the_new_policies(
    staged: Staged, compile_text: Compile
) -> None:
    held = (
        f"{DESK}  - {{id: large, kind: fat_finger, max_quantity: 5, on_breach: hold, because: t}}\n"
    )
    stage = staged(held)
    ticket = stage.gate.submit(LINE)
    stage.gate.reload(compile_text(held + SIZE.format(9)))
    (again,) = stage.gate.approve(ticket.order_id, by="m.ruiz", reason="checked")
    assert again.decision.by == ("desk/large", "desk/size")
    assert not again.allowed


def test_an_order_that_waits_to_be_sent_is_not_taken_for_one_of_an_earlier_process(
    staged: Staged, compile_text: Compile
) -> None:
    """A story cannot know it: without this it would be UNKNOWN after the next reconcile."""
    stage = staged(sized(10))
    waits = stage.allowed()
    stage.gate.reload(compile_text(sized(11)))
    stage.gate.reconcile()
    assert stage.status_of(waits) is Status.PENDING_SUBMIT


@pytest.mark.parametrize("fails_at", ["begin", "commit"])
def test_a_change_that_cannot_be_recorded_is_none(
    staged: Staged, compile_text: Compile, fails_at: str
) -> None:
    stage = staged(ruled("id: day, kind: daily_volume, max_quantity: 25"))
    stage.sent()
    before = stage.facts()
    stage.journal.fails_at = fails_at
    with pytest.raises(JournalError):
        stage.gate.reload(compile_text(sized(5)))
    stage.journal.fails_at = ""
    decision = stage.gate.submit(LINE).decision
    assert (decision.allowed, decision.digest) == (True, stage.policies.digest)
    assert stage.gate.policies is stage.gate.world.policies is stage.policies
    assert activated(stage) == [stage.policies.digest]
    assert not stage.gate.submit("BUY 6 AAPL LMT 190").allowed
    assert before["positions"] == stage.facts()["positions"]


def test_a_journal_that_is_held_by_another_process_says_so(
    staged: Staged, compile_text: Compile
) -> None:
    stage = staged(sized(10))
    stage.journal.fails_at = "begin"
    with pytest.raises(JournalLocked):
        stage.gate.reload(compile_text(sized(11)))


def test_policies_under_which_the_record_cannot_be_folded_are_not_put_in_force(
    staged: Staged, compile_text: Compile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A counter of somebody's own kind that breaks must not take the gate down with it."""
    stage = staged(sized(10))
    stage.sent()
    with monkeypatch.context() as patch:
        patch.setattr(Book, "apply", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            stage.gate.reload(compile_text(sized(5)))
    assert stage.gate.submit(LINE).allowed
    assert stage.gate.policies is stage.policies


def test_a_rule_that_comes_later_judges_the_next_account_report(
    staged: Staged, compile_text: Compile
) -> None:
    stage = staged(sized(10))
    stage.gate.reload(compile_text(ruled("id: loss, kind: loss, max_day_loss: 10, then: halt")))
    account = next(iter(stage.market.accounts.values()))
    stage.market.set_account(Account(id=account.id, net_liquidation=LOST, day_pnl=-LOST))
    stage.gate.judge_accounts()
    assert stage.gate.submit(LINE).decision.codes[0] == "HALTED"


class Traffic:
    """Threads that submit while policies are exchanged under them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._over = threading.Event()
        self._more = threading.Condition()
        self.said: list[Decision] = []

    def submit(self, number: int) -> None:
        """Submit until told to stop."""
        for turn in range(10_000):
            if self._over.is_set():
                return
            line = f"BUY {15 if turn % 2 else 5} AAPL LMT 190 strategy=s{number}"
            decision = self._gate.submit(line).decision
            with self._more:
                self.said.append(decision)
                self._more.notify_all()

    def flows(self) -> bool:
        """Wait until every thread has submitted since now."""
        with self._more:
            enough = len(self.said) + THREADS + 1  # each may have one under way
            return self._more.wait_for(lambda: len(self.said) >= enough, PATIENCE)

    def stop(self) -> None:
        """Let the threads end."""
        self._over.set()


@pytest.mark.slow
def test_in_traffic_each_decision_carries_exactly_one_digest_and_is_made_by_that_set(
    staged: Staged, compile_text: Compile
) -> None:
    """Scenario 39: four threads submit while the policies are exchanged fifty times."""
    stage, sets = staged(sized(10)), [compile_text(sized(10)), compile_text(sized(20))]
    allows = {sets[0].digest: 10, sets[1].digest: 20}
    traffic = Traffic(stage.gate)
    with ThreadPoolExecutor(THREADS) as pool:
        threads = [pool.submit(traffic.submit, number) for number in range(THREADS)]
        try:
            for turn in range(1, RELOADS + 1):
                stage.gate.reload(sets[turn % 2])
                assert traffic.flows()
        finally:
            traffic.stop()
        for thread in threads:
            thread.result(PATIENCE)
    in_force, decided = "", 0
    for event in stage.journal.payloads():
        if isinstance(event, PolicyActivated):
            in_force = event.digest
        if isinstance(event, Decided) and event.decision.order is not None:
            decided += 1
            assert event.decision.digest == in_force
            assert event.decision.allowed == (event.decision.order.quantity <= allows[in_force])
    assert decided == len(traffic.said) >= THREADS * RELOADS
    assert len(activated(stage)) == RELOADS + 1
    assert {decision.digest for decision in traffic.said} == set(allows)
    assert stage.gate.ledger.last_order_id == decided
