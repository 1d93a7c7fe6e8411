"""What a rule reads: the positions, sums and counts of its budget at one moment, as plain values.

Rule 1: a reading is of the budget as it stands before this order; the rule adds the order itself.
Rule 2: money is kept by currency and converted when the question is asked, at the rates of then.
Rule 3: everything a decision read is in the record, so it can be decided again offline.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from riskgate.model.money import ZERO

NOTHING: Mapping[str, Decimal] = {}


class Holding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Position and working quantities of one account and instrument, in units.

    >>> Holding(Decimal(2), buys=Decimal(2), sells=Decimal(4)).long_worst
    Decimal('4')
    """

    position: Decimal = ZERO
    buys: Decimal = ZERO
    sells: Decimal = ZERO

    @property
    def long_worst(self) -> Decimal:
        """The position if every working buy fills and no sell does."""
        return self.position + self.buys

    @property
    def short_worst(self) -> Decimal:
        """The position, negative for short, if every working sell fills and no buy does."""
        return self.position - self.sells


class HoldingsReading(msgspec.Struct, frozen=True, tag="holdings", omit_defaults=True):
    """The order's own holding, and what all other holdings of the budget add up to.

    What is unmarked has no price of any age, so its value is not among the values.
    """

    own: Holding = Holding()
    other_longs: Decimal = ZERO
    other_shorts: Decimal = ZERO
    other_long_values: Mapping[str, Decimal] = NOTHING
    other_short_values: Mapping[str, Decimal] = NOTHING
    unmarked_longs: tuple[str, ...] = ()
    unmarked_shorts: tuple[str, ...] = ()


class DayReading(msgspec.Struct, frozen=True, tag="day", omit_defaults=True):
    """This trading day's executions and orders, and the remainder of all working orders."""

    executed_quantity: Decimal = ZERO
    executed_values: Mapping[str, Decimal] = NOTHING
    working_quantity: Decimal = ZERO
    working_values: Mapping[str, Decimal] = NOTHING
    orders_sent: int = 0
    orders_executed: int = 0
    modifies: int = 0
    cancels: int = 0


class ExposureReading(msgspec.Struct, frozen=True, tag="exposure", omit_defaults=True):
    """The order's own holding, and the worst-case values of all other holdings of the budget.

    Values by currency, at mark: gross, net long (positions and working buys) and net short
    (positions and working sells, positive where short). `unmarked` have no price of any age.
    """

    own: Holding = Holding()
    gross: Mapping[str, Decimal] = NOTHING
    net_long: Mapping[str, Decimal] = NOTHING
    net_short: Mapping[str, Decimal] = NOTHING
    unmarked: tuple[str, ...] = ()


class FundsReading(msgspec.Struct, frozen=True, tag="funds", omit_defaults=True):
    """What is spoken for of an account's funds: by currency, margin rates counted in."""

    working: Mapping[str, Decimal] = NOTHING
    fills: Mapping[str, Decimal] = NOTHING


class Gains(msgspec.Struct, frozen=True, omit_defaults=True):
    """What holdings gain (or lose, negative) under each shock; `unmarked` have no price at all."""

    of_shocks: tuple[Mapping[str, Decimal], ...] = ()
    unmarked: tuple[str, ...] = ()


class StressReading(msgspec.Struct, frozen=True, tag="stress", omit_defaults=True):
    """The order's own holding, and what the others gain: of the budget, and of the account in it.

    `account` is None where nobody asks for it.
    """

    own: Holding = Holding()
    others: Gains = Gains()
    account: Gains | None = None


class WorkingReading(msgspec.Struct, frozen=True, tag="working", omit_defaults=True):
    """Own working orders of the instrument and side: how many, and what they can still fill."""

    count: int = 0
    quantity: Decimal = ZERO


class Opposite(msgspec.Struct, frozen=True, omit_defaults=True):
    """The best limit on the other side, and `unpriced` if an order there has no limit price."""

    best: Decimal | None = None
    unpriced: bool = False


class CrossingReading(msgspec.Struct, frozen=True, tag="crossing", omit_defaults=True):
    """Our working orders on the other side: of the account, of the strategy, and of everybody."""

    account: Opposite = Opposite()
    strategy: Opposite = Opposite()
    firm: Opposite = Opposite()


class LossReading(msgspec.Struct, frozen=True, tag="loss", omit_defaults=True):
    """The highest net liquidation on record, and since when the rule has tripped, if it has."""

    peak: Decimal | None = None
    tripped: datetime | None = None


class SubmissionReading(msgspec.Struct, frozen=True, tag="submission", omit_defaults=True):
    """The other orders of this submission: their values by currency, and breaches that only warn.

    `unvalued` are instruments without a usable price. `soft` counts enforced warn and hold breaches
    of all orders by rule; None until they are known.
    """

    others: Mapping[str, Decimal] = NOTHING
    unvalued: tuple[str, ...] = ()
    soft: Mapping[str, int] | None = None


class CountReading(msgspec.Struct, frozen=True, tag="count", omit_defaults=True):
    """How many there were inside the window, this one not included."""

    count: int = 0


Reading = (
    HoldingsReading
    | ExposureReading
    | FundsReading
    | StressReading
    | WorkingReading
    | CrossingReading
    | LossReading
    | SubmissionReading
    | DayReading
    | CountReading
)
