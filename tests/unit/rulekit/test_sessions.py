"""The phase of a moment, in an exchange's hours or the contract's own."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from riskgate.errors import MissingData
from riskgate.model.hours import in_daily_window, parse_ib_hours
from riskgate.model.snapshot import Snapshot
from riskgate.policy.row import Step, row
from riskgate.rulekit.parameters import Window
from riskgate.rulekit.sessions import hours_of, outside, phase_of
from riskgate.rulekit.surely import Shortcut, shortcut

ZONE = "America/New_York"
SHORT = parse_ib_hours("20260302:0930-20260302:1600", ZONE)
LONG = parse_ib_hours("20260302:0400-20260302:2000", ZONE)
EIGHT = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


def test_the_contracts_own_hours_have_a_pre_market_of_their_own() -> None:
    seen = Snapshot(as_of=EIGHT, hours={"IB": SHORT, "IB trading": LONG})
    assert phase_of(seen, "IB", None, None) == "pre"


def test_without_longer_hours_there_is_none() -> None:
    assert phase_of(Snapshot(as_of=EIGHT, hours={"IB": SHORT}), "IB", None, None) == "closed"


def test_hours_that_are_not_in_the_snapshot_are_not_known() -> None:
    with pytest.raises(MissingData, match="XNYS") as caught:
        hours_of("XNYS", Snapshot(as_of=EIGHT))
    assert caught.value.code == "NO_HOURS"


def looked(cut: Shortcut, at: datetime) -> bool:
    return bool(row((Step(shortcut("(now := seen.as_of) is not None")),), cut)(None, seen_at(at)))


def seen_at(at: datetime) -> Snapshot:
    return Snapshot(as_of=at)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        *((time(1, 30), time(2, 30)), (time(2, 30), time(3, 15)), (time(2, 20), time(2, 50))),
        *((time(2, 50), time(3, 15)), (time(2), time(3)), (time(1, 45), time(1, 15))),
    ],
)
@pytest.mark.parametrize("start", ["2026-03-02", "2026-03-07", "2026-10-31"])
def test_a_quick_look_at_daily_windows_is_never_sure_where_the_clock_is_in_one(
    start: str, begin: time, end: time
) -> None:
    """Three days, five minutes at a time; in two of them New York changes its clocks."""
    windows = (Window(time(23, 44), time(0, 15)), Window(begin, end))
    cut = outside(windows, "America/New_York")
    first, sure = datetime.fromisoformat(f"{start}T00:00:00+00:00"), 0
    for number in range(3 * 288):
        at = first + timedelta(minutes=5 * number)
        inside = any(in_daily_window(at, "America/New_York", *window) for window in windows)
        told = looked(cut, at)
        assert not (told and inside)
        sure += told
    assert sure >= 9
