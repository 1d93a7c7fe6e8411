"""A book folded from the record reads what was recorded, for every rule and sort of order."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from riskgate.journal.archive import open_for_reading
from riskgate.journal.journal import open_journal
from riskgate.ledger.recounting import Recount
from riskgate.model.events import Decided, PolicyActivated, Recorded
from riskgate.model.readings import LossReading
from riskgate.record.recorded_policies import RecordedPolicies
from riskgate.replay.replaying import Chosen, Under, replay
from tests.contract.busy_desk import Desk

DECISIONS = 600


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    path = folder / "journal.db"
    with closing(open_journal(path, durability="os")) as store:
        assert sum(1 for _ in Desk(store, folder, 5).trade(DECISIONS)) >= DECISIONS
    return path


def compared(events: list[Recorded], recorded: RecordedPolicies) -> tuple[Counter[str], list[str]]:
    """How many readings of each sort are the same, and those that are not."""
    same: Counter[str] = Counter()
    other: list[str] = []
    books: dict[str, Recount] = {}
    for place, event in enumerate(events):
        made = event.payload
        if isinstance(made, Decided) and made.snapshot and made.decision.order:
            digest = made.decision.digest
            policies = recorded.find(digest)
            assert policies is not None
            if digest not in books:
                books[digest] = Recount(policies)
                for earlier in events[:place]:
                    books[digest].fold(earlier)
            bounds = policies.for_(made.snapshot.subject).counted
            again = books[digest]._again(made, made.decision.order, made.snapshot, bounds)
            for name, reading in again.items():
                told = made.snapshot.readings.get(name)
                if told == reading:
                    same[type(reading).__name__] += 1
                elif not (isinstance(told, LossReading) and event.seq < 10):
                    # A rehearsal begins with an account whose value is on no record yet.
                    other.append(f"{event.seq} {name}: {told}, again {reading}")
        for book in books.values():
            book.fold(event)
    return same, other


@pytest.mark.slow
def test_unchanged_rules_read_what_they_read_then(journal: Path) -> None:
    with open_for_reading(journal) as archive:
        recorded = RecordedPolicies(archive.read)
        events = list(archive.read())
        for event in events:
            if isinstance(event.payload, PolicyActivated):
                recorded.note(event.seq, event.payload)
        same, other = compared(events, recorded)
    assert other == []
    kinds = ("Count", "Day", "Loss", "Crossing", "Working", "Funds", "Holdings")
    counted = {name.removesuffix("Reading"): number for name, number in same.items()}
    assert counted["Count"] > DECISIONS
    assert [kind for kind in kinds if counted.get(kind, 0) < 20] == [], counted


def test_the_same_policies_by_another_name_change_nothing(journal: Path) -> None:
    """Every decision under the first set is asked again as a what-if, and comes out the same."""
    with open_for_reading(journal) as archive:
        recorded = RecordedPolicies(archive.read)
        first, second = (e for e in archive.read() if isinstance(e.payload, PolicyActivated))
        assert isinstance(first.payload, PolicyActivated)
        recorded.note(first.seq, first.payload)
        policies = recorded.find(first.payload.digest)
        assert policies is not None
        policies.digest = "another"
        found = replay(archive.read, Under(policies), chosen=Chosen(until=second.at))
    assert found.others == found.decisions > DECISIONS // 2
    assert (found.first, found.different, found.untold) == ([], 0, 0)
