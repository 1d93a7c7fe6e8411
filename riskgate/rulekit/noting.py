"""Whether an answer can be remembered: what a measurement read, when it was asked once.

A rule holds no state and reads no clock (rulekit.base, rule 3): asked twice, it answers the same
if everything that it read is the same. So where a measurement has read nothing but what orders
alike have in common, its answer about one of them is its answer about all.

Rule 1: whatever is done with an order or a snapshot but to read a common fact of it is noted, and
what is noted is asked anew each time.
Rule 2: methods and properties of the model are themselves asked with what is watched.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any, Final

from riskgate.errors import MissingData
from riskgate.model.kept import kept
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot

# All that a plain order states beside these is the same for all orders alike.
NUMBERS: Final = frozenset({"quantity", "limit_price", "stop_price", "key"})
COMMON_TERMS: Final = frozenset(Order.__struct_fields__) - NUMBERS
COMMON_SIGHTS: Final = frozenset(
    {
        *("subject", "instrument", "legs", "block", "replaced", "submission", "parent_left"),
        *("unsupported", "connected", "reconciled", "journal_writable", "mode_fault", "state"),
    }
)


class Watched:
    """An order or a snapshot; what is read of it that is no common fact is noted."""

    __slots__ = ("_common", "_noted", "_real")

    def __init__(self, real: object, common: frozenset[str], noted: list[str]) -> None:
        self._real = real
        self._common = common
        self._noted = noted

    @property  # type: ignore[misc]  # what asks for its type must not take another way
    def __class__(self) -> type:
        return type(self._real)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the real one has
        made = getattr(type(self._real), name, None)
        if isinstance(made, property) and made.fget is not None:
            return made.fget(self)
        if isinstance(made, kept):
            return made.compute(self)
        if isinstance(made, FunctionType):
            return MethodType(made, self)
        if name not in self._common:
            self._noted.append(name)
        return getattr(self._real, name)

    def __eq__(self, other: object) -> bool:
        self._noted.append("==")
        return self._real == other

    def __hash__(self) -> int:
        self._noted.append("hash")
        return hash(self._real)

    def __str__(self) -> str:
        self._noted.append("str")
        return str(self._real)

    __repr__ = __str__


def answered_alike(
    measure: Callable[..., Any],
    passes: Callable[..., bool],
    value: object,
    *,
    of: tuple[Order, Snapshot],
) -> bool | None:
    """Whether all orders alike pass; None where each of them has to be asked."""
    noted: list[str] = []
    order, seen = of
    absent = {name for name in ("limit_price", "stop_price") if getattr(order, name) is None}
    try:
        observed = measure(
            Watched(order, COMMON_TERMS | absent, noted), Watched(seen, COMMON_SIGHTS, noted)
        )
        answer = observed is None or bool(passes(observed, value))
    except (MissingData, AttributeError, TypeError):  # what cannot be watched is asked anew
        return None
    return None if noted else answer
