"""A desk's journal gives the same facts by its tables as by folding its events, prices included."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from riskgate.journal.archive import open_for_reading
from riskgate.journal.journal import open_journal
from riskgate.ledger.order_facts import facts_of
from riskgate.model.lifecycle import Status
from riskgate.model.report import Sent, StatusReport
from riskgate.record.status import Fold
from tests.contract.busy_desk import Desk

DECISIONS: Final = 150


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 4])
def test_the_tables_of_a_busy_desk_say_what_its_events_come_to(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "journal.db"
    with closing(open_journal(path, durability="os")) as journal:
        desk = Desk(journal, tmp_path, seed)
        list(desk.trade(DECISIONS))
        gate, number = desk._stage.gate, 0
        for life in gate.ledger.working():
            number = life.order_id
            gate.take([Sent(order_id=number, broker_order_id=number, client_id=1)])
        gate.take([StatusReport(order_id=number, status=Status.CANCELLED)])
    with open_for_reading(path) as archive:
        lives = Fold(archive.read()).ledger.orders
        found = list(archive.facts())
    assert found == [facts_of(lives[number]) for number in sorted(lives)]
    sent = {one.order_id: one for one in found if one.left}
    assert sent
    assert all(one.arrival_price is not None for one in sent.values() if one.decision_price)
    assert sent[number].end_price == sent[number].arrival_price is not None
    ended = [one for one in found if one.status in (Status.CANCELLED, Status.REJECTED)]
    assert all(one.end_price is not None for one in ended)
    assert all(one.done_at is not None and one.decided_at <= one.done_at for one in ended)
    assert all(one.first_filled_at is not None for one in found if one.filled)
