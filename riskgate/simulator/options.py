"""Everything about a simulator that can be chosen before it starts."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from riskgate.simulator.wire.codec import MAX_VERSION

HOST = "127.0.0.1"
DEFAULT_ACCOUNT = "DU1234567"


class Fills(msgspec.Struct, frozen=True):
    """How an order is cut into fills: in equal chunks, or by these sizes over and over."""

    chunks: int = 2
    sizes: tuple[Decimal, ...] = ()


class Commission(msgspec.Struct, frozen=True):
    """What a trade costs: per unit, and at least this much per order."""

    per_unit: Decimal
    minimum: Decimal = Decimal(0)

    def total(self, quantity: Decimal) -> Decimal:
        """The commission of an order after this quantity was filled."""
        return max(self.minimum, self.per_unit * quantity)


DEFAULT_COMMISSIONS = {
    "STK": Commission(Decimal("0.005"), Decimal("1.00")),
    "OPT": Commission(Decimal("0.65"), Decimal("1.00")),
    "FUT": Commission(Decimal("2.25")),
    "CASH": Commission(Decimal("0.00002"), Decimal("2.00")),
}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a simulator. `pace` is the most messages per second, None for no limit.

    With `sessions`, orders trade only in the hours their contract states.
    """

    port: int = 0
    accounts: tuple[str, ...] = (DEFAULT_ACCOUNT,)
    cash: Decimal = Decimal(1_000_000)
    max_version: int = MAX_VERSION
    master_client: int | None = None
    read_only: bool = False
    live_data: bool = True
    auto: bool = True
    pace: int | None = None
    first_order_id: int = 1
    time_zone: str = "US/Eastern"
    fills: Fills = Fills()
    commissions: dict[str, Commission] = msgspec.field(
        default_factory=lambda: dict(DEFAULT_COMMISSIONS)
    )
    margin_rate: Decimal = Decimal("0.25")
    check_margin: bool = False
    default_prices: bool = True
    sessions: bool = False
