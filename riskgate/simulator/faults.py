"""Scripted misbehaviour: on the n-th message of a kind, do this.

Rule 1: a fault fires a bounded number of times, then the broker is honest again.
Rule 2: chance comes from a seeded generator; the same seed gives the same run.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from riskgate.simulator.wire.codec import REQUEST_TABLE

EXECUTION = "execution"
ANY = 0  # every message, not only the n-th


class Reject(msgspec.Struct, frozen=True):
    """Refuse an order with this code. With 201 the order is shown as Inactive."""

    code: int = 201
    text: str = "Order rejected - reason:simulated"


class Silent(msgspec.Struct, frozen=True):
    """Answer nothing. The order or cancellation is taken all the same when `accepts` is true."""

    accepts: bool = False


class Drop(msgspec.Struct, frozen=True):
    """Drop the socket, before the message is acted upon or after."""

    after: bool = False


class Delay(msgspec.Struct, frozen=True):
    """Act on the message only after this many seconds of the simulator's clock."""

    seconds: float


class Repeat(msgspec.Struct, frozen=True):
    """Say everything about the order, or the execution and its commission, this many times."""

    times: int = 3


class Warn(msgspec.Struct, frozen=True):
    """Take the order, then say this code about it; the order lives."""

    code: int = 10349
    text: str = "Order TIF was set to DAY based on order preset."


class NoStatus(msgspec.Struct, frozen=True):
    """Take the order without any orderStatus, and without openOrder unless `open_orders`."""

    open_orders: bool = False


class FillAfterCancel(msgspec.Struct, frozen=True):
    """Report the order as cancelled, then fill this much of it (None: the rest)."""

    quantity: Decimal | None = None


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


OnOrder: TypeAlias = Reject | Silent | Drop | Delay | Repeat | Warn | NoStatus | FillAfterCancel
OnExecution: TypeAlias = Repeat | Bill | Stale | Correct
Action: TypeAlias = OnOrder | OnExecution


_ONLY_ON: dict[type[Action], tuple[str, ...]] = {
    Repeat: ("placeOrder", EXECUTION),
    Warn: ("placeOrder",),
    NoStatus: ("placeOrder",),
    FillAfterCancel: ("cancelOrder",),
    Bill: (EXECUTION,),
    Stale: (EXECUTION,),
    Correct: (EXECUTION,),
}
_TAKEN_IN_SILENCE = ("placeOrder", "cancelOrder")


class Fault(msgspec.Struct, frozen=True):
    """Do `action` on message `on`: the `nth` of them (ANY: each), at most `times` times.

    `on` is a request's name, or `execution`. `chance` below 1 makes it happen by lot.
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
        if isinstance(self.action, Silent) and self.action.accepts:
            return _TAKEN_IN_SILENCE
        return _ONLY_ON.get(type(self.action), REQUEST_TABLE.by_name)


@dataclass(slots=True)
class Faults:
    """The faults still to come."""

    seed: int = 0
    plan: list[Fault] = field(default_factory=list)
    _seen: Counter[str] = field(default_factory=Counter)
    _fired: Counter[int] = field(default_factory=Counter)
    _lot: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._lot.seed(self.seed)

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
        return fault.chance >= 1 or self._lot.random() < fault.chance
