"""What the broker says of an account: values as last reported, in the account's base currency."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One account's values; None is not known."""

    id: str
    currency: str = "USD"
    net_liquidation: Decimal | None = None
    available_funds: Decimal | None = None
    day_pnl: Decimal | None = None
    at: datetime | None = None
