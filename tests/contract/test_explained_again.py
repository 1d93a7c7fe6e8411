"""Every decision of every shipped policy test can be explained, and decided again just so."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskgate.authoring import policy_tests
from riskgate.authoring.playing import play
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.model.events import Decided
from riskgate.policy.explaining import Basis, explained
from riskgate.reporters.use_tables import use_lines

ROOT = Path(__file__).parents[2]
CALENDARS = ExchangeCalendars()
ENOUGH = 100


@pytest.mark.slow
def test_every_decision_repeats_from_its_record_and_each_breach_of_it_is_told() -> None:
    seen = 0
    for test in policy_tests.find([ROOT / "policies"], CALENDARS):
        journal = MemoryJournal()
        play(test.case, test.policies, CALENDARS, journal)
        for event in journal.read():
            if not isinstance(event.payload, Decided):
                continue
            found = explained(event.payload, test.policies, under_others=False)
            seen += 1
            place = f"{test.case.path}: {test.case.name}: {event.payload.text}"
            assert found.basis in (Basis.SAME, Basis.UNREAD), place
            assert found.repeats is not False, place
            told = {use.finding for use in found.uses if not use.passed}
            assert told == set(event.payload.decision.breaches), place
            lines = use_lines(found.uses)
            assert [line for line in lines if len(line) > 80 and ".yaml:" not in line] == [], place
    assert seen >= ENOUGH
