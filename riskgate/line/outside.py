"""Everything around a gate: where it writes, where it sends, what it knows, whose clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import msgspec

from riskgate.execution.aggregate import Aggregation
from riskgate.execution.route import Routing
from riskgate.ledger.market import Market
from riskgate.ports import Broker, Calendars, Clock, Journal


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """Everything around a gate: where it writes, where it sends, what it knows, whose clock."""

    journal: Journal
    broker: Broker
    market: Market
    calendars: Calendars
    clock: Clock
    actor: str = ""
    pause: Callable[[float], None] = time.sleep  # between two stories that disagree
    hold_for: timedelta = timedelta(minutes=15)  # how long a held order can be approved
    aggregation: Aggregation = Aggregation()  # whether orders may leave as one with others
    routing: Routing | None = None  # None leaves `route=` to whoever reads the order
    account_max_age: timedelta | None = None  # how old account values may be; None is any age
