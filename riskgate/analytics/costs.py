"""What executions cost in commissions and fees, by the currency they are charged in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from riskgate.model.money import ZERO
from riskgate.model.report import Fill


def total_commission(fills: Iterable[Fill]) -> Decimal:
    """What is known of the commissions so far: sum(commission), in the currency of the fills.

    Positive for a cost, negative for a rebate. Only meant for fills in one currency. Source: IB
    CommissionReport.commission, which holds commission and fees together.
    """
    return sum((fill.commission or ZERO for fill in fills), ZERO)


def commissions(fills: Iterable[Fill]) -> Mapping[str, Decimal]:
    """The same by currency, sorted by its name; what has no commission yet counts nothing."""
    found: dict[str, Decimal] = {}
    for fill in fills:
        if fill.commission is not None:
            found[fill.currency] = found.get(fill.currency, ZERO) + fill.commission
    return dict(sorted(found.items()))
