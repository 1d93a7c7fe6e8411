"""Scenario 28: submits from threads and from processes never exceed the limit in sum.

The threads share one gate. The processes have a gate each, on one journal file.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from subprocess import PIPE

import pytest

from riskgate.authoring.rehearsal import ScriptedBroker, StoppedClock
from riskgate.calendars import ExchangeCalendars
from riskgate.gate import Gate
from riskgate.journal.journal import SqliteJournal, open_journal
from riskgate.ledger.market import Market
from riskgate.line.outside import Outside
from riskgate.model.account import Account
from riskgate.model.decision import Action
from riskgate.model.events import Decided, PositionsReported
from riskgate.model.market import Quote
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse

ROOT = Path(__file__).parents[2]
LIMIT = 100
ACCOUNT = "DU1234567"
POLICY = f"""
riskgate: 1
policy: shared
timezone: America/New_York
currency: USD
rules:
  - {{id: position, kind: position, per: [account, symbol], max_long: {LIMIT}, because: test}}
  - {{id: day, kind: daily_volume, per: [account], max_orders: 60, because: test}}
"""
THREADS = 8
PROCESSES = 4
EACH = 20
SECONDS = 60


def policies() -> PolicySet:
    document, _ = parse(POLICY, "shared.yaml")
    assert document is not None
    compiled, problems = compile_policies([document], lambda _: None)
    assert compiled is not None, problems
    return compiled


def gate_on(journal: SqliteJournal) -> Gate:
    """A gate on a journal that others may use too."""
    clock = StoppedClock(datetime(2026, 3, 2, 17, 0, tzinfo=UTC))
    market = Market(assume=True)
    market.set_account(Account(id=ACCOUNT))
    market.set_quote("AAPL", Quote(bid=Decimal(190), ask=Decimal(190), at=clock.now()))
    outside = Outside(
        journal=journal,
        broker=ScriptedBroker(connected=True, fault=None),
        market=market,
        calendars=ExchangeCalendars(),
        clock=clock,
    )
    gate = Gate(policies(), outside)
    gate.start()
    gate.reconciled = True
    return gate


def submit_many(path: Path, name: str) -> None:
    """What one process does, as soon as it is told to."""
    journal = open_journal(path)
    gate = gate_on(journal)
    print("ready", flush=True)  # noqa: T201  # the other end of a pipe
    sys.stdin.readline()
    for number in range(EACH):
        gate.submit(f"BUY 3 AAPL LMT 190 key={name}-{number}")
    journal.close()


def environment() -> dict[str, str]:
    """Ours, with the checkout on the path."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def judged(path: Path) -> list[Decided]:
    """Every decision on record; the chain of the record is unbroken."""
    journal = open_journal(path)
    assert journal.verify() is None
    decisions = [e.payload for e in journal.read() if isinstance(e.payload, Decided)]
    journal.close()
    return decisions


def assert_within_the_limit(decisions: list[Decided], submitted: int) -> None:
    allowed = [d for d in decisions if d.decision.action is Action.ALLOW]
    assert len(decisions) == submitted
    assert len({decided.order_id for decided in decisions}) == submitted
    assert len({decided.ref for decided in decisions}) == submitted
    assert sum(3 for _ in allowed) == LIMIT // 3 * 3
    denied = [d for d in decisions if d.decision.action is Action.DENY]
    assert {rule for d in denied for rule in d.decision.by} <= {"shared/position", "shared/day"}


def test_28_threads_on_one_gate_never_exceed_the_limit_together(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = open_journal(path)
    gate = gate_on(journal)
    ready = threading.Barrier(THREADS)

    def run(name: int) -> None:
        ready.wait(SECONDS)
        for number in range(EACH):
            gate.submit(f"BUY 3 AAPL LMT 190 key=t{name}-{number}")

    threads = [threading.Thread(target=run, args=(name,)) for name in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    journal.close()
    assert_within_the_limit(judged(path), THREADS * EACH)
    assert gate.ledger.holdings.of(ACCOUNT, "AAPL").buys == LIMIT // 3 * 3


@pytest.mark.slow
def test_28_processes_on_one_journal_never_exceed_the_limit_together(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    open_journal(path).close()
    command = [sys.executable, __file__, str(path)]
    runs = [
        subprocess.Popen(
            [*command, f"p{name}"], cwd=ROOT, env=environment(), stdin=PIPE, stdout=PIPE, text=True
        )
        for name in range(PROCESSES)
    ]
    try:
        assert [run.stdout and run.stdout.readline() for run in runs] == ["ready\n"] * PROCESSES
        for run in runs:
            assert run.stdin is not None
            run.stdin.write("go\n")
            run.stdin.flush()
        for run in runs:
            run.communicate(timeout=SECONDS)
    finally:
        for run in runs:
            run.kill()
    assert [run.returncode for run in runs] == [0] * PROCESSES
    assert_within_the_limit(judged(path), PROCESSES * EACH)


def test_28_the_same_key_from_two_processes_is_one_order(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    first, second = gate_on(open_journal(path)), gate_on(open_journal(path))
    one = first.submit("BUY 3 AAPL LMT 190 key=k")
    two = second.submit("BUY 3 AAPL LMT 190 key=k")
    assert (one.order_id, one.ref) == (two.order_id, two.ref)
    assert len(judged(path)) == 1


@pytest.mark.parametrize("held", ["PENDING", "FILLED"])
def test_28_what_one_gate_knows_the_other_decides_on(tmp_path: Path, held: str) -> None:
    path = tmp_path / "journal.db"
    first, second = gate_on(open_journal(path)), gate_on(open_journal(path))
    assert first.submit("BUY 60 AAPL LMT 190").allowed
    if held == "FILLED":
        first.take([PositionsReported(positions=())])
    assert second.submit("BUY 41 AAPL LMT 190").decision.by == ("shared/position",)
    assert second.submit("BUY 40 AAPL LMT 190").allowed
    assert first.submit("BUY 1 AAPL LMT 190").decision.by == ("shared/position",)


if __name__ == "__main__":
    submit_many(Path(sys.argv[1]), sys.argv[2])
