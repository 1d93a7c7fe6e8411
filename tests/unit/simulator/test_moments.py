"""Times as IB clients write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from riskgate.simulator.moments import moment
from tests.unit.simulator.conftest import NOW

HOME = "US/Eastern"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20250106 13:00:00 US/Eastern", datetime(2025, 1, 6, 18, tzinfo=UTC)),
        ("20250106 13:00:00", datetime(2025, 1, 6, 18, tzinfo=UTC)),
        ("20250106  13:00:00", datetime(2025, 1, 6, 18, tzinfo=UTC)),
        ("20250106-13:00:00", datetime(2025, 1, 6, 13, tzinfo=UTC)),
        ("20250106 13:00:00 UTC", datetime(2025, 1, 6, 13, tzinfo=UTC)),
        ("20250706 13:00:00 US/Eastern", datetime(2025, 7, 6, 17, tzinfo=UTC)),
        ("13:00", datetime(2025, 1, 6, 18, tzinfo=UTC)),
        ("13:00:00 UTC", datetime(2025, 1, 6, 13, tzinfo=UTC)),
        ("20250106", datetime(2025, 1, 7, 4, 59, 59, tzinfo=UTC)),
    ],
)
def test_each_form_means_its_moment(text: str, expected: datetime) -> None:
    assert moment(text, HOME, NOW) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "20251306 13:00:00",
        "20250106 25:00:00",
        "20250106 13:00:00 Mars/Base",
        "13:00 ../x",
    ],
)
def test_what_is_no_time_means_nothing(text: str) -> None:
    assert moment(text, HOME, NOW) is None
