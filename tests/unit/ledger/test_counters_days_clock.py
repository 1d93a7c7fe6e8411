"""The trading day of a moment, also while another thread asks about another."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from riskgate.ledger.counters.days import _Clock
from riskgate.rulekit.tallies import DayTally

BEFORE = datetime(2026, 3, 2, 16, 59, tzinfo=UTC)
AFTER = datetime(2026, 3, 2, 17, 1, tzinfo=UTC)
DAYS = {BEFORE: date(2026, 3, 1), AFTER: date(2026, 3, 2)}
TALLY = DayTally("UTC", time(17), "USD")


class Watched(_Clock):
    """Asks about the day that begins at 17:00 after every single change, as a thread may."""

    watched = False

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if self.watched:
            other = _Clock(TALLY)
            other.__dict__.update({k: v for k, v in self.__dict__.items() if k != "watched"})
            assert {at: other.day_of(at) for at in DAYS} == DAYS


def test_whoever_asks_while_the_hour_changes_is_told_the_right_day() -> None:
    clock = Watched(TALLY)
    clock.watched = True
    for at in (BEFORE, AFTER, BEFORE):
        assert clock.day_of(at) == DAYS[at]
