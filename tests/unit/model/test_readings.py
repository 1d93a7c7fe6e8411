"""What a holding can become."""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.readings import Holding


def test_the_worst_case_is_per_side_and_never_the_net() -> None:
    held = Holding(Decimal(2), buys=Decimal(2), sells=Decimal(4))
    assert held.long_worst == 4
    assert held.short_worst == -2
