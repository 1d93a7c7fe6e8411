"""The phase of a moment, in an exchange's hours or the contract's own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from riskgate.errors import MissingData
from riskgate.model.hours import parse_ib_hours
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.sessions import hours_of, phase_of

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
