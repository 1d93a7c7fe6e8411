"""What is bound beforehand for orders alike, so that a plain one that surely passes is let through.

Orders alike share everything but their quantity, their limit price and their key: whose they are,
what they trade, how and where. What reads no more than that is answered once for all of them: which
rules apply, most of sanity, every limit on names and types. What is left is one row of looks.

Rule 1: "surely" is all that is said here. An order that one look does not let pass, and one for
which a look raises, goes the whole way through `policy.evaluate`, which alone finds anything.
Rule 2: nothing here breaches, waives, forgives or counts; a plain order is no modify, no child, no
part of a group, no combo, has no stop, and meets a gate with which all is well.
Rule 3: binding costs more than deciding, so orders alike are bound when they have been met often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from riskgate.model.decision import Action, Decision
from riskgate.model.instructions import PLAIN
from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO, countable
from riskgate.model.order import Order, Side
from riskgate.model.snapshot import Snapshot
from riskgate.model.sound import MOST_UNITS, is_plain_name, plainly_sound
from riskgate.model.subject import Subject
from riskgate.model.trading import TradingState
from riskgate.policy import sanity
from riskgate.policy.bound import Bound, Check
from riskgate.policy.row import Look, Step, row
from riskgate.policy.selection import Selection
from riskgate.rulekit.base import Limit
from riskgate.rulekit.noting import answered_alike
from riskgate.rulekit.surely import ALWAYS, Alike, Shortcut, measuring, shortcut

MOST_PRICE: Final = Decimal(10) ** 15  # beyond it a price is looked at closely
OFTEN: Final = 4
MOST_BOUND: Final = 4_096
MOST_MET: Final = 65_536
DAY: Final = timedelta(days=1)
KINDS: Final = ("side", "order_type", "tif")
NAMES: Final = (
    *("symbol", "strategy", "account", "exchange"),
    *("currency", "sec_type", "expiry", "tag"),
)
ALIKE: Final = (*KINDS, *NAMES)
# What most orders leave open; a stop would have to be held against the market.
LEFT_OPEN: Final = (
    *("stop_price", "trigger_price", "peg_offset", "trail_amount", "trail_percent"),
    *("limit_offset", "good_till", "algo", "strike", "right", "multiplier"),
    *("intent", "route", "locate"),
)
PLAINLY: Final = shortcut(
    "order.instructions is PLAIN and order.legs is NONE"
    " and order.outside_rth is False and order.trigger_now is False and "
    + " and ".join(f"order.{name} is None" for name in LEFT_OPEN),
    PLAIN=PLAIN,
    NONE=(),
)
# An order by itself, in a gate that may send.
ALL_WELL: Final = shortcut(
    "seen.state is ACTIVE and seen.connected is True and seen.reconciled is True"
    " and seen.journal_writable is True and seen.block is False and seen.mode_fault is None"
    " and seen.parent_left is None and seen.replaced is None and seen.submission is None"
    " and seen.legs is NONE and seen.unsupported is NONE",
    ACTIVE=TradingState.ACTIVE,
    NONE=(),
)
# Numbers of the right kind, on the lot and on the tick, and at least one of it: of what is far
# smaller nothing remains, since the remainder itself is rounded to zero.
SIZED: Final = (
    "type(size := order.quantity) is Decimal and lot <= size <= MOST_UNITS and not size % lot"
)
PRICED: Final = (
    "type(price := order.limit_price) is Decimal"
    " and tick <= price < MOST_PRICE and not price % tick"
)
# Its account is one of ours, and its key is a name.
OURS: Final = shortcut(
    "(now := seen.as_of) is not None and order.account in seen.accounts"
    " and (order.key is None or is_plain_name(order.key))",
    is_plain_name=is_plain_name,
)
# Both sides of the market are usable, above zero and not crossed. Then the middle lies between
# them, and no price in sight is above the most of the ask, the last, the close and the own limit.
WITHIN: Final = "type(it) is Decimal and (ZERO < it <= ask or (unit := max(unit, abs(it))))"
USABLE: Final = shortcut(
    "now - (quote := seen.quote).at <= (terms := seen.price_terms).max_age"
    " and quote.type in terms.types and ZERO < (bid := quote.bid) <= (ask := quote.ask)"
    " and type(bid) is type(ask) is Decimal and (unit := ask) is not None"
    f" and ((it := quote.last) is None or {WITHIN})"
    f" and ((it := quote.close) is None or {WITHIN})"
    " and (price is None or price <= unit or (unit := price))",
    ZERO=ZERO,
    max=max,
    abs=abs,
    type=type,
    Decimal=Decimal,
)

# Whether it does more than reduce a position in which it fits (`Snapshot.is_covered`).
OPENS: Final = {
    Side.BUY: shortcut(
        "not ((held := seen.holding).position < ZERO and size <= -held.position - held.buys)",
        ZERO=ZERO,
    ),
    Side.SELL: shortcut(
        "not ((held := seen.holding).position > ZERO and size <= held.position - held.sells)",
        ZERO=ZERO,
    ),
}
IS_PLAIN: Final = row((Step(PLAINLY), Step(ALL_WELL)), Shortcut("True"))


class Readiness:
    """What is bound for a policy set, by what orders have in common."""

    def __init__(self, for_: Callable[[Subject], Selection], digest: str) -> None:
        self._for = for_
        self._digest = digest
        self.looks: dict[Subject, Look] = {}
        self._bound: dict[object, Look | None] = {}
        self._met: dict[object, int] = {}

    def meet(self, order: Order, seen: Snapshot) -> Decision | None:
        """The same for an order unlike the latest of its subject: they are bound if met often."""
        if not IS_PLAIN(order, seen):
            return None
        alike = (seen.subject, seen.instrument, *(getattr(order, name) for name in ALIKE))
        if alike not in self._bound and not self._often(alike, order, seen):
            return None
        look = self._bound[alike]
        if look is None or self.looks.get(seen.subject) is look:
            return None
        self.looks[seen.subject] = look
        found: Decision | None = look(order, seen)
        return found

    def _often(self, alike: object, order: Order, seen: Snapshot) -> bool:
        """Count an order, and bind those alike once they have been met often."""
        times = self._met[alike] = self._met.get(alike, 0) + 1
        if len(self._met) > MOST_MET:
            self._met.clear()
        if times < OFTEN or not plainly_sound(order) or sanity.faults(order, seen):
            return False  # what is wrong with this one may be right with the next
        if len(self._bound) >= MOST_BOUND:
            self.looks.clear()
            self._bound.clear()
        self._bound[alike] = None  # should binding raise
        self._bound[alike] = self._bind(order, seen)
        return True

    def _bind(self, order: Order, seen: Snapshot) -> Look | None:
        """The row of looks for orders like this one; None if no such order surely passes."""
        selection, instrument = self._for(seen.subject), seen.instrument
        if instrument is None or not (_may_be_bound(selection, instrument, seen.subject)):
            return None
        shared = (order.side, order.order_type, order.tif, order.limit_price is not None)
        alike = Alike(*shared, seen.subject, instrument)
        looks = _looks(selection.bounds, alike, (order, seen))
        if looks is None:
            return None
        digest = self._digest
        first = (Step(PLAINLY), Step(ALL_WELL), self._is_for(order, instrument))
        steps = (*first, *map(Step, _sound(instrument, alike)), *_asked(looks, alike, digest))
        return row(steps, _decided(digest))

    def _is_for(self, order: Order, instrument: Instrument) -> Step:
        """The order is like this one; its subject is known to be the same."""
        cells = {name: getattr(order, name) for name in ALIKE}
        same = [f"order.{name} is {name}" for name in KINDS]
        same += [f"order.{name} {'is' if cells[name] is None else '=='} {name}" for name in NAMES]
        known = "(seen.instrument is instrument or seen.instrument == instrument)"
        text = " and ".join((*same, known))
        unlike = shortcut("meet(order, seen)", meet=self.meet)
        return Step(shortcut(text, **cells, instrument=instrument), unlike)


def _may_be_bound(selection: Selection, instrument: Instrument, subject: Subject) -> bool:
    """Whether a policy covers the orders, no waiver can come or go, and steps are numbers."""
    waivers = (waiver for bound in selection.bounds for waiver in bound.waivers)
    steps = instrument.lot, instrument.min_tick, instrument.multiplier
    return (
        selection.covered
        and all(countable(step) and step > ZERO for step in steps)
        and not any(waiver.selector.matches(subject) for waiver in waivers)
    )


def _sound(instrument: Instrument, alike: Alike) -> Iterator[Shortcut]:
    """What is left of sanity: the numbers, the account, and the life of the instrument."""
    numbers = {"type": type, "Decimal": Decimal}
    yield shortcut(SIZED, **numbers, MOST_UNITS=MOST_UNITS, lot=instrument.lot)
    if alike.limited:
        yield shortcut(PRICED, **numbers, MOST_PRICE=MOST_PRICE, tick=instrument.min_tick)
    else:
        yield shortcut("(price := order.limit_price) is None")
    yield OURS
    if instrument.listed is not None:
        yield shortcut("now >= since", since=_midnight(instrument.listed))
    if instrument.expiry is not None:
        yield shortcut("now < until", until=_midnight(instrument.expiry) + DAY)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=UTC)


def _looks(
    bounds: Iterable[Bound], alike: Alike, example: tuple[Order, Snapshot]
) -> tuple[list[Shortcut], list[Shortcut]] | None:
    """What all are asked, and what reductions are not; None if one limit lets none of them pass."""
    all_are: list[Shortcut] = []
    reductions_are_not: list[Shortcut] = []
    for bound in bounds:
        asked = reductions_are_not if bound.rule.exempts_reductions else all_are
        for check in bound.checks:
            look = _look(bound, check, alike, example)
            if look is None:
                return None
            if look is not ALWAYS:
                asked.append(look)
    return all_are, reductions_are_not


def _asked(
    looks: tuple[list[Shortcut], list[Shortcut]], alike: Alike, digest: str
) -> Iterator[Step]:
    """What all are asked; then reductions may pass, and the others are asked the rest."""
    all_are, reductions_are_not = looks
    early = any(look.priced for look in all_are)
    late = any(look.priced for look in reductions_are_not) and not early
    pricing = (USABLE, _worth(alike.instrument))
    yield from map(Step, _cheapest_first(all_are, pricing if early else ()))
    yield Step(OPENS[alike.side], _decided(digest, ", NONE, True"))
    yield from map(Step, _cheapest_first(reductions_are_not, pricing if late else ()))


def _decided(digest: str, reduction: str = "") -> Shortcut:
    """The decision that lets an order pass."""
    cells = {"Decision": Decision, "ALLOW": Action.ALLOW, "digest": digest, "NONE": ()}
    return shortcut(f"Decision(order, ALLOW, now, digest{reduction})", **cells)


def _cheapest_first(
    looks: Iterable[Shortcut], pricing: tuple[Shortcut, ...]
) -> tuple[Shortcut, ...]:
    ordered = sorted(looks, key=lambda look: look.priced)
    first = sum(not look.priced for look in ordered)
    return (*ordered[:first], *pricing, *ordered[first:])


def _worth(instrument: Instrument) -> Shortcut:
    """What the whole order is worth; its unit may be so many of what the price is of."""
    unit = "unit" if instrument.multiplier == 1 else "(unit := unit * multiplier)"
    text = f"(worth := size * {unit}) is not None"
    return shortcut(text, multiplier=instrument.multiplier)


def _look(
    bound: Bound, check: Check, alike: Alike, example: tuple[Order, Snapshot]
) -> Shortcut | None:
    """How a limit is looked at; None if it lets no such order pass."""
    rule = bound.rule
    if rule.answers_alike:
        answer = answered_alike(check.measure, check.passes, check.value, of=example)
        if answer is not None:
            return ALWAYS if answer else None
    limit = vars(type(rule)).get(check.name)
    if isinstance(limit, Limit) and limit.shorten is not None and limit.measures(check.measure):
        found = limit.shorten(rule, check.value, alike)
        if found is not None:
            return found
    return measuring(check.measure, check.passes, check.value)
