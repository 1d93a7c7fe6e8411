"""Everything about a simulator that can be chosen before it starts."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from riskgate.simulator.allocation import Group
from riskgate.simulator.permitted import (
    AccountCode,
    Checked,
    OneOf,
    Quantity,
    Size,
    Within,
    Zone,
)
from riskgate.simulator.tape import Bar, Walk
from riskgate.simulator.wire.codec import MAX_VERSION, MIN_VERSION

HOST = "127.0.0.1"
DEFAULT_ACCOUNT = "DU1234567"
LAST_NUMBER = 2_147_483_647  # the largest order id and client id on the wire
Part = Annotated[int, Within(1, 10_000)]
Number = Annotated[int, Within(0, LAST_NUMBER)]
Pace = Annotated[int, Within(1, 1_000_000)]
Before = Annotated[str, OneOf(("ApiPending", "PendingSubmit", "PreSubmitted", "Submitted"))]
SecurityType = Annotated[str, OneOf(("STK", "OPT", "FUT", "CASH", "BAG"))]


class Fills(Checked, frozen=True):
    """How an order is cut into fills: in equal chunks, or by these sizes over and over."""

    chunks: Part = 2
    sizes: tuple[Quantity, ...] = ()


class Reports(Checked, frozen=True, kw_only=True):
    """How the broker tells of orders, within what real logs show.

    `acknowledged` are the statuses a new order is shown with before it works; with
    `execution_first` they are left out when it is filled at once. With `silent_market` market
    orders have no orderStatus at all. `code_first` says 202 before the status Cancelled.
    """

    repeats: Annotated[int, Within(1, 100)] = 1
    acknowledged: tuple[Before, ...] = ("PreSubmitted",)
    execution_first: bool = False
    silent_market: bool = False
    pending_cancel: bool = True
    code_first: bool = False
    rejected_as: Literal["Inactive", "Cancelled", ""] = "Inactive"
    what_if_twice: bool = False


class Commission(Checked, frozen=True):
    """What a trade costs: per unit, and at least this much per order."""

    per_unit: Size
    minimum: Size = Decimal(0)

    def total(self, quantity: Decimal) -> Decimal:
        """The commission of an order after this quantity was filled."""
        return max(self.minimum, self.per_unit * quantity)


DEFAULT_COMMISSIONS = {
    "STK": Commission(Decimal("0.005"), Decimal("1.00")),
    "OPT": Commission(Decimal("0.65"), Decimal("1.00")),
    "FUT": Commission(Decimal("2.25")),
    "CASH": Commission(Decimal("0.00002"), Decimal("2.00")),
}


class Options(Checked, frozen=True, kw_only=True):
    """The settings of a simulator. `pace` is the most messages per second, None for no limit.

    With `sessions`, orders trade only in the hours their contract states. With `queueing`, a
    limit order waits behind what is shown at its price and is filled by trades there. With
    `fractional`, stocks trade in parts of a share. `remembered` finished orders are kept. Above
    `max_clients` a client is dropped without a word. `master_client` hears of all orders.
    """

    port: Annotated[int, Within(0, 65_535)] = 0
    accounts: tuple[AccountCode, ...] = (DEFAULT_ACCOUNT,)
    cash: Annotated[Decimal, Within(-1_000_000_000_000, 1_000_000_000_000)] = Decimal(1_000_000)
    max_version: Annotated[int, Within(MIN_VERSION, MAX_VERSION)] = MAX_VERSION
    master_client: Number | None = None
    max_clients: Annotated[int, Within(1, 10_000)] = 32
    read_only: bool = False
    live_data: bool = True
    auto: bool = True
    pace: Pace | None = None
    first_order_id: Annotated[int, Within(1, LAST_NUMBER)] = 1
    time_zone: Annotated[str, Zone()] = "US/Eastern"
    fills: Fills = Fills()
    commissions: dict[SecurityType, Commission] = msgspec.field(
        default_factory=lambda: dict(DEFAULT_COMMISSIONS)
    )
    margin_rate: Annotated[Decimal, Within(0, 10)] = Decimal("0.25")
    check_margin: bool = False
    default_prices: bool = True
    sessions: bool = False
    queueing: bool = False
    fractional: bool = False
    largest: Quantity | None = None  # the size limit of the order presets
    reports: Reports = Reports()
    remembered: Annotated[int, Within(1, 100_000_000)] = 20_000
    groups: dict[str, Group] = msgspec.field(default_factory=dict)  # of an adviser
    walk: Walk | None = None
    bars: tuple[Bar, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError without an account, and for a group with one that there is not."""
        super().__post_init__()
        if not self.accounts:
            raise ValueError("options: there is no account")
        if len(set(self.accounts)) < len(self.accounts):
            raise ValueError("options: accounts: one is named twice")
        for name, group in self.groups.items():
            for code in group.accounts:
                if code not in self.accounts:
                    raise ValueError(f"options: group `{name}`: no account `{code}`")
