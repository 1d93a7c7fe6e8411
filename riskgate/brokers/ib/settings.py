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

    host: Annotated[str, msgspec.Meta(description="Where TWS or the Gateway listens.")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, msgspec.Meta(description="Its port: 7497 and 4002 are paper, 7496 and 4001 live.")
    ] = 7497
    client_id: Annotated[
        int,
        msgspec.Meta(
            description=(
                "Who we are there. Each gate needs its own; 0 hears of orders made by hand and "
                "may bind them."
            )
        ),
    ] = 1
    account: Annotated[
        str | None,
        msgspec.Meta(description="The one account to trade, where there are several; none is all."),
    ] = None
    mode: Literal["paper", "live"] = "paper"
    allow_live: bool = False
    connect_timeout: Annotated[
        float, msgspec.Meta(description="How long one attempt to connect may take, in seconds.")
    ] = 4.0
    messages_per_second: Annotated[
        int,
        msgspec.Meta(
            description=(
                "TWS takes 50 and drops the connection beyond. Four more are for cancels alone. A"
                " bracket or OCA group leaves in one step and so has no more orders than this."
            )
        ),
    ] = RATE
    max_queue_time: Annotated[
        float,
        msgspec.Meta(
            description="An order that has not left by then is not sent any more, in seconds."
        ),
    ] = 2.0
    queue_bound: Annotated[int, msgspec.Meta(description="More orders than this do not wait.")] = (
        BOUND
    )
    heartbeat: Annotated[
        float,
        msgspec.Meta(
            description=(
                "How often the broker is asked whether it is there, in seconds. It has 10 to "
                "answer."
            )
        ),
    ] = 5.0
    account_refresh: Annotated[
        float, msgspec.Meta(description="How often account values are asked for anew, in seconds.")
    ] = 60.0
    market_data: Annotated[
        Literal["live", "frozen", "delayed", "delayed-frozen"],
        msgspec.Meta(description="Which prices are asked for."),
    ] = "live"
    time_zone: Annotated[
        str | None,
        msgspec.Meta(
            description="That of TWS; needed only for servers that send execution times bare."
        ),
    ] = None
    library: Annotated[
        str | None, msgspec.Meta(description="ib_insync or ib_async, where both could be meant.")
    ] = None
    reconnect: Annotated[bool, msgspec.Meta(description="Whether a lost session is made anew.")] = (
        True
    )
    reconnect_wait: Annotated[
        float,
        msgspec.Meta(
            gt=0,
            description=(
                "The wait after the first attempt that failed, in seconds. It doubles with each, "
                "and is shortened by chance by up to half."
            ),
        ),
    ] = 1.0
    reconnect_max: Annotated[
        float,
        msgspec.Meta(gt=0, le=600, description="The longest wait between attempts, in seconds."),
    ] = 30.0
    max_silence: Annotated[
        float,
        msgspec.Meta(
            gt=0,
            description=(
                "A session in which the broker has owed an answer for so many seconds is given up"
                " and made anew."
            ),
        ),
    ] = 30.0
    restart_window: Annotated[
        RestartWindow | None, msgspec.Meta(description="When the Gateway restarts every night.")
    ] = None
    fractional: Annotated[
        bool,
        msgspec.Meta(
            description=(
                "Whether stocks are traded in the parts of a share that IB names; for accounts "
                "that may."
            )
        ),
    ] = False
    meanings: Meanings = SHIPPED

    @property
    def address(self) -> str:
        """Host and port, as people write them."""
        return f"{self.host}:{self.port}"
