"""What a gate is set up with, setting by setting."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final, Literal

import msgspec

from riskgate.execution.aggregate import Aggregation
from riskgate.execution.codes import Class
from riskgate.execution.route import Routing


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a gate is set up with. `broker` holds the settings of the broker's adapter.

    `hold_for` is how long a held order can be approved, `max_account_age` how old the account
    values may be that a decision reads; a settings file says them as `15m` or `90s`. A running gate
    kills everything when `kill_file` appears, or when its process gets `kill_signal`.
    `broker_codes` says what codes mean that the table of `execution.codes` has not, in its words.
    """

    mode: Annotated[
        Literal["paper", "live"],
        msgspec.Meta(
            description=(
                "Paper or live. It is held against the port and the account; live needs "
                "`allow_live` too."
            )
        ),
    ] = "paper"
    allow_live: Annotated[
        bool, msgspec.Meta(description="The second word without which no live session is opened.")
    ] = False
    policies: Annotated[
        tuple[str, ...], msgspec.Meta(description="Files and folders with policies.")
    ] = ()
    journal: Annotated[
        str, msgspec.Meta(description="The file of the record; it is made where there is none.")
    ] = "riskgate.sqlite"
    durability: Annotated[
        Literal["full", "os"],
        msgspec.Meta(
            description=(
                "Whether every decision is flushed to the disk, or the operating system says when."
            )
        ),
    ] = "full"
    watch: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="Instruments that are made ready at the start, with their prices."
        ),
    ] = ()
    actor: Annotated[
        str,
        msgspec.Meta(
            description="Who submits where nobody is named; else the login that runs the process."
        ),
    ] = ""
    hold_for: Annotated[
        timedelta, msgspec.Meta(description="How long a held order can be approved.")
    ] = timedelta(minutes=15)
    max_account_age: Annotated[
        timedelta,
        msgspec.Meta(description="How old the account values may be that a decision reads."),
    ] = timedelta(minutes=5)
    kill_file: Annotated[
        str,
        msgspec.Meta(description="When this file appears, everything is killed; empty for none."),
    ] = "riskgate.kill"
    kill_signal: Annotated[
        Literal["SIGUSR1", "SIGUSR2", "none"],
        msgspec.Meta(description="The same for a signal to the process of the gate."),
    ] = "SIGUSR1"
    broker: Annotated[
        dict[str, Any],
        msgspec.Meta(description="The session with the broker, as its adapter reads it."),
    ] = {}
    broker_codes: Annotated[
        dict[int, Class],
        msgspec.Meta(
            description="What codes of the broker mean that the table has not, as `10350: warning`."
        ),
    ] = {}
    routing: Annotated[
        Routing, msgspec.Meta(description="Where orders go that do not say it themselves.")
    ] = Routing()
    aggregation: Annotated[
        Aggregation, msgspec.Meta(description="Whether strategies may share an order.")
    ] = Aggregation()


DURATIONS: Final = frozenset({"hold_for", "max_account_age"})
