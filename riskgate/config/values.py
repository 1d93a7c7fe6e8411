"""What a gate is set up with, setting by setting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, Literal

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

    mode: Literal["paper", "live"] = "paper"
    allow_live: bool = False
    policies: tuple[str, ...] = ()
    journal: str = "riskgate.sqlite"
    durability: Literal["full", "os"] = "full"
    watch: tuple[str, ...] = ()
    actor: str = ""
    hold_for: timedelta = timedelta(minutes=15)
    max_account_age: timedelta = timedelta(minutes=5)
    kill_file: str = "riskgate.kill"
    kill_signal: Literal["SIGUSR1", "SIGUSR2", "none"] = "SIGUSR1"
    broker: dict[str, Any] = {}
    broker_codes: dict[int, Class] = {}
    routing: Routing = Routing()
    aggregation: Aggregation = Aggregation()


DURATIONS: Final = frozenset({"hold_for", "max_account_age"})
