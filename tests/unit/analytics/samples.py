"""Orders and fills as the tests of the measures state them: only what they are about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from riskgate.analytics.facts import Execution, OrderFacts
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side

NOON: Final = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
D = Decimal


def after(seconds: float) -> datetime:
    """A moment so long after the decision."""
    return NOON + timedelta(seconds=seconds)


def fill(quantity: str, price: str, cost: str | None = "0", **more: Any) -> Execution:  # noqa: ANN401  # any field
    """One execution, a second after the decision, that costs nothing."""
    given = {"at": after(1), "currency": "USD", **more}
    commission = None if cost is None else D(cost)
    return Execution(quantity=D(quantity), price=D(price), commission=commission, **given)


def order(side: str, quantity: str, *fills: Execution, **more: Any) -> OrderFacts:  # noqa: ANN401  # any field
    """An order that is filled whole or, if its fills are of less, was cancelled."""
    filled = sum((one.quantity for one in fills), D(0))
    status = Status.FILLED if filled >= D(quantity) else Status.CANCELLED
    given = {
        name: D(value) if name.endswith("_price") or name in {"bid", "ask", "multiplier"} else value
        for name, value in more.items()
    }
    stated: dict[str, Any] = {
        "order_id": 1,
        "status": status,
        "currency": "USD",
        "decided_at": NOON,
        "filled": filled,
        "fills": fills,
        **given,
    }
    return OrderFacts(side=Side(side), quantity=D(quantity), **stated)
