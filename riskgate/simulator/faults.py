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
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec

from riskgate.simulator.permitted import (
    Checked,
    Count,
    ErrorCode,
    HeldAccount,
    Quantity,
    Rate,
    Seconds,
    Size,
    Symbol,
    Text,
    Within,
    in_words,
    nearest,
)
from riskgate.simulator.wire.codec import REQUEST_TABLE

EXECUTION = "execution"
PLACES = frozenset({EXECUTION, *REQUEST_TABLE.by_name})
ANY = 0  # every message, not only the n-th
Repeats = Annotated[int, Within(1, 100)]
Octets = Annotated[int, Within(0, 16_777_216)]  # the longest message
Messages = Annotated[int, Within(2, 1_000)]
Times = Annotated[int, Within(1, 1_000_000)]
Chance = Annotated[float, Within(0, 1, above=True)]

# -- what can go wrong with a request -------------------------------------------------------------


class Reject(Checked, frozen=True):
    """Refuse an order with this code. With 201 the order is shown as Inactive."""

    code: ErrorCode = 201
    text: Text = "Order rejected - reason:simulated"


class Silent(Checked, frozen=True):
    """Answer nothing. The order or cancellation is taken all the same when `accepts` is true."""

    accepts: bool = False


class Drop(Checked, frozen=True):
    """Drop the socket, before the message is acted upon or after.

    With `octets` the message is acted upon, and the socket dropped after so much of the answer.
    """

    after: bool = False
    octets: Octets | None = None


class Delay(Checked, frozen=True):
    """Act on the message only after this many seconds of the simulator's clock."""

    seconds: Seconds


class Reorder(Checked, frozen=True):
    """Hold this many messages to the client back, then send them in an order drawn by lot.

    What is held when the seconds have passed is sent then, so that nothing is lost.
    """

    messages: Messages = 4
    seconds: Seconds = 1.0


class Repeat(Checked, frozen=True):
    """Say everything about the order, or the execution and its commission, this many times."""

    times: Repeats = 3


class Warn(Checked, frozen=True):
    """Take the order, then say this code about it; the order lives."""

    code: ErrorCode = 10349
    text: Text = "Order TIF was set to DAY based on order preset."


class NoStatus(Checked, frozen=True):
    """Take the order without any orderStatus, and without openOrder unless `open_orders`."""

    open_orders: bool = False


class Locate(Checked, frozen=True):
    """Hold the order as Inactive (404) while shares are located; alive again after the seconds.

    None: until somebody releases it.
    """

    seconds: Seconds | None = None


class SecondPermId(Checked, frozen=True):
    """Take a change, or the order itself, as one more order: two live under two permanent ids."""


class FillAfterCancel(Checked, frozen=True):
    """Report the order as cancelled, then fill this much of it (None: the rest)."""

    quantity: Quantity | None = None


# -- what can go wrong with an execution ----------------------------------------------------------


class Bill(Checked, frozen=True):
    """Say the commission of an execution before it, after it or never; `unset`: without amounts."""

    when: Literal["before", "after", "never"] = "after"
    unset: bool = False


class Stale(Checked, frozen=True):
    """Follow an execution by the status from before it."""


class Correct(Checked, frozen=True):
    """Follow an execution by its correction to this price and quantity (None: unchanged)."""

    price: Rate | None = None
    quantity: Size | None = None


# -- what can happen at any time ------------------------------------------------------------------


class Say(Checked, frozen=True):
    """Tell every client a code that belongs to no request: 1100, 2103 (farm broken), 2104 ..."""

    code: ErrorCode
    text: Text = ""


class Outage(Checked, frozen=True):
    """Lose the link to the broker: 1100, and after the seconds 1102, or 1101 if data was lost.

    Orders and cancels of the gap are taken when the link is back. The reports of the gap are
    said meanwhile (`live`), after it (`held`), or never (`lost`).
    """

    seconds: Seconds
    reports: Literal["live", "held", "lost"] = "held"
    data_lost: bool = False


class Mute(Checked, frozen=True):
    """Let every socket look alive and carry nothing, for these seconds (None: for good)."""

    seconds: Seconds | None = None


class Disconnect(Checked, frozen=True):
    """Drop every client."""


class Restart(Checked, frozen=True):
    """Drop every client, forget the last order ids, and take nobody for these seconds."""

    roll_back: Count = 0
    seconds: Seconds = 0.0


class Price(Checked, frozen=True):
    """A new market for a symbol. What is not given stays as it was."""

    symbol: Symbol
    bid: Rate | None = None
    ask: Rate | None = None
    last: Rate | None = None
    close: Rate | None = None
    liquidity: Size | None = None
    volume: Size | None = None
    halted: bool | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a market that is none."""
        super().__post_init__()
        if all(one is None for one in msgspec.structs.astuple(self)[1:]):
            raise ValueError(f"price: {self.symbol}: nothing is given beside the symbol")
        if self.bid is not None and self.ask is not None and self.bid > self.ask:
            raise ValueError(
                f"price: {self.symbol}: the bid {self.bid} is above the ask {self.ask}"
            )


class Halt(Checked, frozen=True):
    """Stop the trading of a symbol."""

    symbol: Symbol


class Resume(Checked, frozen=True):
    """Let a halted symbol trade again."""

    symbol: Symbol


class ByHand(Checked, frozen=True):
    """Enter a DAY order in the TWS itself, at market or with a limit; for the first account."""

    symbol: Symbol
    action: Literal["BUY", "SELL"]
    quantity: Quantity
    limit: Rate | None = None
    account: HeldAccount = ""


class Release(Checked, frozen=True):
    """Let the orders that are held for locating shares live again."""


class CloseDay(Checked, frozen=True):
    """End the trading day: DAY orders are cancelled."""


class Advance(Checked, frozen=True):
    """Move the simulator's clock, where it can be moved."""

    seconds: Seconds


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


class Fault(Checked, frozen=True):
    """Do `action` on message `on`: the `nth` of them (ANY: each), at most `times` times.

    `on` is a request's name, or `execution`. `chance` below 1 makes it happen by lot. An event
    (`Outage`, `Restart` ...) happens after the message was acted upon.
    """

    on: str
    action: Action
    nth: Count = ANY
    times: Times = 1
    chance: Chance = 1.0

    def __post_init__(self) -> None:
        """Raises ValueError for a name or an action that could never meet."""
        super().__post_init__()
        if self.on not in PLACES:
            raise ValueError(
                f"fault: `{self.on}`: is neither a request nor `{EXECUTION}`;"
                f" {nearest_place(self.on)}"
            )
        if self.on not in self._places():
            raise ValueError(self._misplaced())

    def _places(self) -> Collection[str]:
        if isinstance(self.action, EVENTS):
            return PLACES
        if isinstance(self.action, Silent) and self.action.accepts:
            return _TAKEN_IN_SILENCE
        return _ONLY_ON.get(type(self.action), REQUEST_TABLE.by_name)

    def _misplaced(self) -> str:
        word, places = in_words(type(self.action)), self._places()
        told = "any request" if len(places) > len(_TAKEN_IN_SILENCE) else " or ".join(places)
        return f"fault: `{word}`: cannot happen on `{self.on}`, only on {told}"


def nearest_place(word: str) -> str:
    """The nearest name; all of them would be too much to read."""
    told = nearest(word, PLACES)
    return told if told.startswith("did") else "such as placeOrder, cancelOrder, reqPositions"


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
