"""Scripted misbehaviour: on the n-th message of a kind, do this.

Rule 1: a fault fires a bounded number of times, then the broker is honest again.
Rule 2: chance comes from a seeded generator; the same seed gives the same run.
Rule 3: here stands what can be asked for; misbehaviour.py and events.py know how it is done.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

import msgspec

from riskgate.simulator.wire.codec import REQUEST_TABLE

EXECUTION = "execution"
MOST_TIMES = 100
ANY = 0  # every message, not only the n-th

# -- what can go wrong with a request -------------------------------------------------------------


class Reject(msgspec.Struct, frozen=True):
    """Refuse an order with this code. With 201 the order is shown as Inactive."""

    code: int = 201
    text: str = "Order rejected - reason:simulated"


class Silent(msgspec.Struct, frozen=True):
    """Answer nothing. The order or cancellation is taken all the same when `accepts` is true."""

    accepts: bool = False


class Drop(msgspec.Struct, frozen=True):
    """Drop the socket, before the message is acted upon or after.

    With `octets` the message is acted upon, and the socket dropped after so much of the answer.
    """

    after: bool = False
    octets: int | None = None


class Delay(msgspec.Struct, frozen=True):
    """Act on the message only after this many seconds of the simulator's clock."""

    seconds: float


class Reorder(msgspec.Struct, frozen=True):
    """Hold this many messages to the client back, then send them in an order drawn by lot.

    What is held when the seconds have passed is sent then, so that nothing is lost.
    """

    messages: int = 4
    seconds: float = 1.0


class Repeat(msgspec.Struct, frozen=True):
    """Say everything about the order, or the execution and its commission, this many times."""

    times: int = 3

    def __post_init__(self) -> None:
        """Raises ValueError for what would go on and on."""
        if not 1 <= self.times <= MOST_TIMES:
            raise ValueError(f"repeat: `{self.times}` times: is outside 1..{MOST_TIMES}")


class Warn(msgspec.Struct, frozen=True):
    """Take the order, then say this code about it; the order lives."""

    code: int = 10349
    text: str = "Order TIF was set to DAY based on order preset."


class NoStatus(msgspec.Struct, frozen=True):
    """Take the order without any orderStatus, and without openOrder unless `open_orders`."""

    open_orders: bool = False


class Locate(msgspec.Struct, frozen=True):
    """Hold the order as Inactive (404) while shares are located; alive again after the seconds.

    None: until somebody releases it.
    """

    seconds: float | None = None


class SecondPermId(msgspec.Struct, frozen=True):
    """Take a change, or the order itself, as one more order: two live under two permanent ids."""


class FillAfterCancel(msgspec.Struct, frozen=True):
    """Report the order as cancelled, then fill this much of it (None: the rest)."""

    quantity: Decimal | None = None


# -- what can go wrong with an execution ----------------------------------------------------------


class Bill(msgspec.Struct, frozen=True):
    """Say the commission of an execution before it, after it or never; `unset`: without amounts."""

    when: Literal["before", "after", "never"] = "after"
    unset: bool = False


class Stale(msgspec.Struct, frozen=True):
    """Follow an execution by the status from before it."""


class Correct(msgspec.Struct, frozen=True):
    """Follow an execution by its correction to this price and quantity (None: unchanged)."""

    price: Decimal | None = None
    quantity: Decimal | None = None


# -- what can happen at any time ------------------------------------------------------------------


class Say(msgspec.Struct, frozen=True):
    """Tell every client a code that belongs to no request: 1100, 2103 (farm broken), 2104 ..."""

    code: int
    text: str = ""


class Outage(msgspec.Struct, frozen=True):
    """Lose the link to the broker: 1100, and after the seconds 1102, or 1101 if data was lost.

    Orders and cancels of the gap are taken when the link is back. The reports of the gap are
    said meanwhile (`live`), after it (`held`), or never (`lost`).
    """

    seconds: float
    reports: Literal["live", "held", "lost"] = "held"
    data_lost: bool = False


class Mute(msgspec.Struct, frozen=True):
    """Let every socket look alive and carry nothing, for these seconds (None: for good)."""

    seconds: float | None = None


class Disconnect(msgspec.Struct, frozen=True):
    """Drop every client."""


class Restart(msgspec.Struct, frozen=True):
    """Drop every client, forget the last order ids, and take nobody for these seconds."""

    roll_back: int = 0
    seconds: float = 0.0


class Price(msgspec.Struct, frozen=True):
    """A new market for a symbol. What is not given stays as it was."""

    symbol: str
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    close: Decimal | None = None
    liquidity: Decimal | None = None
    volume: Decimal | None = None
    halted: bool | None = None


class Halt(msgspec.Struct, frozen=True):
    """Stop the trading of a symbol."""

    symbol: str


class Resume(msgspec.Struct, frozen=True):
    """Let a halted symbol trade again."""

    symbol: str


class ByHand(msgspec.Struct, frozen=True):
    """Enter a DAY order in the TWS itself, at market or with a limit; for the first account."""

    symbol: str
    action: Literal["BUY", "SELL"]
    quantity: Decimal
    limit: Decimal | None = None
    account: str = ""


class Release(msgspec.Struct, frozen=True):
    """Let the orders that are held for locating shares live again."""


class CloseDay(msgspec.Struct, frozen=True):
    """End the trading day: DAY orders are cancelled."""


class Advance(msgspec.Struct, frozen=True):
    """Move the simulator's clock, where it can be moved."""

    seconds: float


OnRequest: TypeAlias = Reject | Silent | Drop | Delay | Reorder
OnOrder: TypeAlias = Repeat | Warn | NoStatus | Locate | SecondPermId | FillAfterCancel
OnExecution: TypeAlias = Repeat | Bill | Stale | Correct
Event: TypeAlias = (
    Say
    | Outage
    | Mute
    | Disconnect
    | Restart
    | Price
    | Halt
    | Resume
    | ByHand
    | Release
    | CloseDay
    | Advance
)
Action: TypeAlias = OnRequest | OnOrder | OnExecution | Event

EVENTS: tuple[type[Event], ...] = get_args(Event)
_ONLY_ON: dict[type[Action], tuple[str, ...]] = {
    Repeat: ("placeOrder", EXECUTION),
    Warn: ("placeOrder",),
    NoStatus: ("placeOrder",),
    Locate: ("placeOrder",),
    SecondPermId: ("placeOrder",),
    FillAfterCancel: ("cancelOrder",),
    Bill: (EXECUTION,),
    Stale: (EXECUTION,),
    Correct: (EXECUTION,),
}
_TAKEN_IN_SILENCE = ("placeOrder", "cancelOrder")


class Fault(msgspec.Struct, frozen=True):
    """Do `action` on message `on`: the `nth` of them (ANY: each), at most `times` times.

    `on` is a request's name, or `execution`. `chance` below 1 makes it happen by lot. An event
    (`Outage`, `Restart` ...) happens after the message was acted upon.
    """

    on: str
    action: Action
    nth: int = ANY
    times: int = 1
    chance: float = 1.0

    def __post_init__(self) -> None:
        """Raises ValueError for a name or an action that could never meet."""
        if self.on not in {EXECUTION, *REQUEST_TABLE.by_name}:
            raise ValueError(f"fault: `{self.on}`: is neither a request nor `{EXECUTION}`")
        if self.on not in self._places():
            raise ValueError(f"fault: `{self.action}`: cannot happen on `{self.on}`")

    def _places(self) -> Collection[str]:
        if isinstance(self.action, EVENTS):
            return {EXECUTION, *REQUEST_TABLE.by_name}
        if isinstance(self.action, Silent) and self.action.accepts:
            return _TAKEN_IN_SILENCE
        return _ONLY_ON.get(type(self.action), REQUEST_TABLE.by_name)


@dataclass(slots=True)
class Faults:
    """The faults still to come."""

    seed: int = 0
    plan: list[Fault] = field(default_factory=list)
    lot: random.Random = field(default_factory=random.Random)
    _seen: Counter[str] = field(default_factory=Counter)
    _fired: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.lot.seed(self.seed)

    def add(self, fault: Fault) -> None:
        """Plan another one; `nth` counts from now on."""
        self.plan.append(
            msgspec.structs.replace(fault, nth=fault.nth + self._seen[fault.on])
            if fault.nth
            else fault
        )

    def met(self, what: str) -> Action | None:
        """Count one more message of this kind; the action it meets, if any."""
        self._seen[what] += 1
        for index, fault in enumerate(self.plan):
            if fault.on == what and self._applies(index, fault):
                self._fired[index] += 1
                return fault.action
        return None

    def _applies(self, index: int, fault: Fault) -> bool:
        if self._fired[index] >= fault.times or fault.nth not in {ANY, self._seen[fault.on]}:
            return False
        return fault.chance >= 1 or self.lot.random() < fault.chance
