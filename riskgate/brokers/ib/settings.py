"""How to reach TWS or the Gateway, and how fast to talk to it."""

from __future__ import annotations

from typing import Literal

import msgspec

from riskgate.execution.pacer import RATE
from riskgate.execution.queue import BOUND


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the broker is and how to talk to it. Times are in seconds of real time.

    `time_zone` is that of TWS; it is needed only for servers that send execution times bare.
    """

    host: str = "127.0.0.1"
    port: int = 7497
    client_id: int = 1
    account: str | None = None
    mode: Literal["paper", "live"] = "paper"
    allow_live: bool = False
    connect_timeout: float = 4.0
    messages_per_second: int = RATE
    max_queue_time: float = 2.0
    queue_bound: int = BOUND
    heartbeat: float = 5.0
    account_refresh: float = 60.0
    market_data: Literal["live", "frozen", "delayed", "delayed-frozen"] = "live"
    time_zone: str | None = None
    library: str | None = None

    @property
    def address(self) -> str:
        """Host and port, as people write them."""
        return f"{self.host}:{self.port}"
