"""What limits did over a stretch of time, in figures: values only, made by `limits_used`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum

import msgspec

from riskgate.model.money import ZERO


class Group(StrEnum):
    """What figures can be told apart by. Hours and days are those of `Extent.zone`."""

    ACCOUNT = "account"
    STRATEGY = "strategy"
    SYMBOL = "symbol"
    HOUR = "hour"
    DAY = "day"


class Outcome(StrEnum):
    """What a breach did to an order, or would have done if its rule were no shadow."""

    DENIED = "denied"
    HELD = "held"
    WARNED = "warned"
    WOULD_DENY = "would deny"
    WOULD_HOLD = "would hold"
    WOULD_WARN = "would warn"


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured: decisions from `since` until just before `until`, told apart by `by`.

    A decision is near a limit if less than `near` percent of it are left. A series has at most
    `most_points`; of the near misses the nearest `most_near` are kept.
    """

    since: datetime | None = None
    until: datetime | None = None
    by: tuple[Group, ...] = ()
    zone: tzinfo = UTC
    near: Decimal = Decimal(10)
    most_points: int = 240
    most_near: int = 100

    def covers(self, at: datetime) -> bool:
        """Whether a decision of that moment is measured."""
        after = self.since is None or at >= self.since
        return after and (self.until is None or at < self.until)


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many decisions, and what the orders in them asked for.

    `quantity` in units, all instruments together; `notional` the conservative value by currency.
    `unvalued` is how many could not be valued, for want of a price or of an order: those are in
    `decisions` and, if there is an order, in `quantity`, and not in `notional`.
    """

    decisions: int = 0
    quantity: Decimal = ZERO
    notional: Mapping[str, Decimal] = {}
    unvalued: int = 0

    def __add__(self, other: Amounts) -> Amounts:
        both = self.notional.keys() | other.notional.keys()
        return Amounts(
            decisions=self.decisions + other.decisions,
            quantity=self.quantity + other.quantity,
            notional={
                name: self.notional.get(name, ZERO) + other.notional.get(name, ZERO)
                for name in sorted(both)
            },
            unvalued=self.unvalued + other.unvalued,
        )


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """All decisions of one group that came out as `action`: allow, warn, hold or deny."""

    group: tuple[str, ...]
    action: str
    amounts: Amounts


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions that one rule, or built-in check, had this outcome for.

    `rule` is empty for a built-in check; `code` is empty for a plain breach. A decision that
    several rules denied is counted with each, so these add up to no less than the decisions.
    """

    group: tuple[str, ...]
    outcome: Outcome
    rule: str
    code: str
    amounts: Amounts

    @property
    def name(self) -> str:
        """The rule, or the code of a built-in check."""
        return self.rule or self.code


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """An allowed decision after which little of a limit was left.

    `percent` = used / limit * 100, of a floor limit / left * 100; `headroom` in `unit`.
    """

    order_id: int
    seq: int
    at: datetime
    order: str
    strategy: str
    symbol: str
    rule: str
    limit_name: str
    budget: str
    used: Decimal
    limit: Decimal
    unit: str
    headroom: Decimal
    percent: Decimal
    enforced: bool = True
    floor: bool = False


class Nearly(msgspec.Struct, frozen=True, kw_only=True):
    """How many allowed decisions of a group came near one limit of one rule."""

    group: tuple[str, ...]
    rule: str
    limit_name: str
    amounts: Amounts


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """How full a limit was right after one allowed decision, its own order included.

    `percent` = `used` / `limit` * 100; of a floor `limit` / `used` * 100. `limit` is that of then.
    """

    at: datetime
    percent: Decimal
    used: Decimal
    limit: Decimal
    order_id: int


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """How full one limit of one budget was over time.

    `points` are at most `Extent.most_points`, by time, of each stretch the highest. Where `counted`
    is false each order is measured by itself, so that a point says how near that order was.
    """

    rule: str
    kind: str
    limit_name: str
    unit: str
    budget: str
    counted: bool
    floor: bool
    enforced: bool
    decisions: int
    peak: Point
    points: tuple[Point, ...]


class LimitsUsed(msgspec.Struct, frozen=True, kw_only=True):
    """All figures. `unexplained` decisions were allowed under policies that are not on record."""

    extent: Extent
    decisions: tuple[Decisions, ...] = ()
    stopped: tuple[Stopped, ...] = ()
    near: tuple[Near, ...] = ()
    nearly: tuple[Nearly, ...] = ()
    series: tuple[Series, ...] = ()
    unexplained: int = 0

    def total(self, *actions: str) -> Amounts:
        """All decisions with one of these actions; without any, all."""
        found = (one.amounts for one in self.decisions if not actions or one.action in actions)
        return sum(found, Amounts())

    def of(self, *outcomes: Outcome) -> tuple[Stopped, ...]:
        """What had one of these outcomes, the most decisions first."""
        found = (one for one in self.stopped if one.outcome in outcomes)
        return tuple(sorted(found, key=lambda one: (-one.amounts.decisions, one.name, one.group)))
