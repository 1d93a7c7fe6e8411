"""How to reach TWS or the Gateway, and how fast to talk to it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from riskgate.execution.codes import SHIPPED, Meanings
from riskgate.execution.pacer import RATE
from riskgate.execution.queue import BOUND
from riskgate.execution.restarts import RestartWindow


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the broker is and how to talk to it. Times are in seconds of real time.

    `time_zone` is that of TWS; it is needed only for servers that send execution times bare.
    A lost session is made anew at once, then after `reconnect_wait` and ever longer, up to
    `reconnect_max`; a session that has not answered for `max_silence` counts as lost. With
    `fractional` stocks are traded in the parts of a share that IB names. `meanings` are the codes
    of IB, with what the setting `broker_codes` adds.
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
    reconnect: bool = True
    reconnect_wait: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    reconnect_max: Annotated[float, msgspec.Meta(gt=0, le=600)] = 30.0
    max_silence: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    restart_window: RestartWindow | None = None
    fractional: bool = False
    meanings: Meanings = SHIPPED

    @property
    def address(self) -> str:
        """Host and port, as people write them."""
        return f"{self.host}:{self.port}"
