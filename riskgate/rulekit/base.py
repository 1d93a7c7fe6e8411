"""What a rule is: a class whose limits are the methods that measure them.

    class Clip(Rule):
        kind = "clip"

        @at_most(quantity())
        def max_quantity(self, order: Order, seen: Snapshot) -> Measured:
            \"\"\"The largest single order, in units.\"\"\"
            return order.quantity

Rule 1: a limit is written once: its name, type, unit, help text, direction and measurement.
Rule 2: a measurement returns None when the limit does not ask about this order.
Rule 3: a rule holds no state and reads no clock; two equal questions have equal answers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import time
from typing import Any, ClassVar, Self, TypeVar, overload

import msgspec

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.market import PriceDemands
from riskgate.model.order import Order
from riskgate.model.readings import Reading
from riskgate.model.snapshot import Snapshot
from riskgate.model.trading import TradingState
from riskgate.rulekit import bounds
from riskgate.rulekit.bounds import FEWER, HIGHER, LOWER, Measured
from riskgate.rulekit.parameters import ParameterType
from riskgate.rulekit.surely import Shorten
from riskgate.rulekit.tallies import Tally

R = TypeVar("R", bound=Reading)
Measure = Callable[[Any, Order, Snapshot], Measured]


class Context(msgspec.Struct, frozen=True):
    """What a rule knows of the policy it stands in."""

    currency: str = "USD"
    zone: str = "UTC"
    day_starts: time = time(0)


class Parameter:
    """A parameter of a rule that is no limit: it shapes what is measured, or for whom.

    `tighter` is which way is stricter: `higher` or `lower` of what has a size, `more` or `fewer`
    of what a list holds; None where nobody can say.
    """

    def __init__(
        self,
        type_: ParameterType,
        help_text: str,
        *,
        default: object = None,
        required: bool = False,
        tighter: str | None = None,
    ) -> None:
        self.type = type_
        self.help = help_text
        self.default = default
        self.required = required
        self.tighter = tighter
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Any: ...  # noqa: ANN401  # the type reads it
    def __get__(self, instance: object | None, owner: type) -> Any:
        return self if instance is None else self.default


class Limit(Parameter):
    """A parameter that an order is held against: the method under it measures the order."""

    def __init__(
        self,
        type_: ParameterType,
        measure: Measure,
        passes: Callable[[Any, Any], bool],
        *,
        tighter: str | None,
        default: object = None,
    ) -> None:
        super().__init__(type_, inspect.getdoc(measure) or "", default=default, tighter=tighter)
        self.measure = measure
        self.passes = passes
        self.shorten: Shorten | None = None

    def surely(self, shorten: Shorten) -> Shorten:
        """Declare the limit's shortcut, as a decorator; see `rulekit.surely`. Most need none."""
        self.shorten = shorten
        return shorten

    def measures(self, measure: object) -> bool:
        """Whether this limit's method, bound to a rule, is the one given."""
        return getattr(measure, "__func__", None) is self.measure


def at_most(type_: ParameterType, *, default: object = None) -> Callable[[Measure], Limit]:
    """Declare a limit that a number must not exceed."""
    return lambda m: Limit(type_, m, bounds.at_most, tighter=LOWER, default=default)


def at_least(type_: ParameterType, *, default: object = None) -> Callable[[Measure], Limit]:
    """Declare a limit that a number must reach."""
    return lambda m: Limit(type_, m, bounds.at_least, tighter=HIGHER, default=default)


def within(type_: ParameterType, *, default: object = None) -> Callable[[Measure], Limit]:
    """Declare a limit that a number must not exceed, where more than the number may breach."""
    return lambda m: Limit(type_, m, bounds.within, tighter=LOWER, default=default)


def is_in(type_: ParameterType, *, default: object = None) -> Callable[[Measure], Limit]:
    """Declare a list that must contain the measured word."""
    return lambda m: Limit(type_, m, bounds.is_in, tighter=FEWER, default=default)


def holds(
    type_: ParameterType, *, default: object = None, tighter: str | None = None
) -> Callable[[Measure], Limit]:
    """Declare a condition: the measurement says itself whether it passes."""
    return lambda m: Limit(type_, m, bounds.holds, tighter=tighter, default=default)


class Rule:
    """One limit kind. Subclasses set `kind` and declare parameters; nothing else is registered."""

    kind: ClassVar[str]
    exempts_reductions: ClassVar[bool] = False
    has_budget: ClassVar[bool] = False
    narrows_holdings: ClassVar[bool] = False
    exempts_exits: ClassVar[bool] = False  # exits of a bracket are not asked
    asks_whole: ClassVar[bool] = True  # a combo is asked as a whole: see `asks_legs`
    asks_legs: ClassVar[bool] = True  # each leg of a combo is asked as an order of its own
    watches_accounts: ClassVar[bool] = False  # asked whenever the broker reports account values
    answers_alike: ClassVar[bool] = False  # what reads only what orders alike share is asked once
    adds_up: ClassVar[bool] = True  # more in a budget never measures less; no netting, no ratio
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: item for name, item in vars(cls).items() if isinstance(item, Parameter)}
        cls.parameters = {**cls.parameters, **own}

    def __init__(self, name: str, values: Mapping[str, object], context: Context) -> None:
        self.name = name
        self.context = context
        self.given = dict(values)
        for parameter in self.parameters.values():
            vars(self)[parameter.name] = values.get(parameter.name, parameter.default)

    @classmethod
    def limits(cls) -> Mapping[str, Limit]:
        """The limit parameters, by name, in the order of their declaration."""
        return {name: item for name, item in cls.parameters.items() if isinstance(item, Limit)}

    def tally(self) -> Tally | None:
        """What the ledger must count for this rule, if anything."""
        return None

    def calendars(self) -> tuple[str, ...]:
        """The calendars whose hours a decision of this rule needs."""
        return ()

    def price_terms(self) -> PriceDemands | None:
        """What this rule demands of a price before anybody may judge by it, if anything."""
        return None

    def trips(self) -> TradingState | None:
        """The state that a breach of this rule puts its scope into, and keeps it in, if any."""
        return None

    def lasts_the_day(self) -> bool:
        """Whether a breach, once seen, denies until the policy's trading day is over."""
        return False

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Parameters that do not go together: (parameter, what is wrong)."""
        return ()

    def reading(self, seen: Snapshot, of: type[R]) -> R:
        """This rule's reading. Raise MissingData if the snapshot has none."""
        reading = seen.readings.get(self.name)
        if not isinstance(reading, of):
            raise MissingData(Code.RULE_ERROR, f"{self.name}: the snapshot has no reading for it")
        return reading
