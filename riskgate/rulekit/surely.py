"""Shortcuts: a cheaper look at one limit that may say only that an order surely passes it.

A shortcut is one expression over `order`, `seen`, the order's `size` and limit `price`, the moment
`now`, and names that are bound beside it. Written down, it can stand in one row with those of other
limits, and a decision is one call (see `policy.ready`); as a function of its own it would cost more
than what it does.

Rule 1: a shortcut never breaches. What it does not let pass is measured, and only the measurement
answers; so a limit is defined once, by its measuring method.
Rule 2: a shortcut may be wrong in one way only: not to be sure. It may raise, which is the same.
Rule 3: it is for orders that are alike in all but their numbers, and is asked with the plain ones
alone: no group, no modify, no combo, no stop. It may name what it works out, `(read := ...)`, by
names that none of these has.
Rule 4: `priced` shortcuts also know `bid` and `ask`, which are usable, above zero and not crossed,
and `unit` and `worth`: the most that one unit and the whole order are worth, in the currency of the
instrument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO
from riskgate.model.order import OrderType, Side, Tif
from riskgate.model.readings import CountReading
from riskgate.model.subject import Subject

# Of numbers that are rounded on the way: this much of a limit is left to the measurement.
SHY: Final = 1 - Decimal("1e-15")


class Alike(msgspec.Struct, frozen=True):
    """What orders have in common that share a shortcut."""

    side: Side
    order_type: OrderType
    tif: Tif
    limited: bool
    subject: Subject
    instrument: Instrument


class Shortcut(msgspec.Struct, frozen=True):
    """How a limit is looked at quickly: an expression, what its names are, and if it is priced."""

    text: str
    bound: Mapping[str, object] = {}
    priced: bool = False


# From the rule, its limit's value and the orders it is for; None where there is no quick look.
Shorten = Callable[[Any, Any, Alike], Shortcut | None]
ALWAYS: Final = Shortcut("True")  # what does not ask about such orders lets them pass


def shortcut(text: str, **bound: object) -> Shortcut:
    """A look that needs no price."""
    return Shortcut(text, bound)


def priced(text: str, **bound: object) -> Shortcut:
    """A look that needs to know what the order is worth at most."""
    return Shortcut(text, bound, priced=True)


def measuring(measure: Callable[..., Any], passes: Callable[..., bool], value: object) -> Shortcut:
    """The limit itself, where there is no shortcut."""
    text = "(observed := measure(order, seen)) is None or passes(observed, value)"
    return shortcut(text, measure=measure, passes=passes, value=value)


def counting(rule: str, most: Decimal) -> Shortcut:
    """This order is one more than the reading of the rule has counted."""
    text = "(read := seen.readings[rule]).count < most and type(read) is CountReading"
    return shortcut(text, rule=rule, most=int(most), type=type, CountReading=CountReading)


def worth_at_most(most: Decimal, currency: str, alike: Alike) -> Shortcut | None:
    """The whole order at its most is within the limit; without a rate that has to be looked up."""
    same = alike.instrument.currency == currency
    return priced("worth <= most", most=most * SHY) if same else None


def priced_within(share: Decimal, distance: Decimal, alike: Alike) -> Shortcut:
    """The limit price lies no farther beyond its own side of the market than this.

    The middle is farther away still, so it lies no farther beyond that. `share` is of the price.
    """
    if not alike.limited:
        return priced("True")  # as the measurement, it cannot do with a quote that makes no sense
    buys = alike.side is Side.BUY
    if buys:
        text = "price <= bid or price <= bid * share + far"
        return priced(text, share=1 + share * SHY, far=distance * SHY)
    text = "price >= ask or price >= ask * share - far"
    return priced(text, share=1 - share * SHY, far=distance * SHY)


def amount_of(values: str) -> str:
    """The expression for an amount that is in `currency` or nothing; nearly always, one currency.

    It needs `currency` beside `AMOUNTS` bound.
    """
    several = "amount_in(it, currency) if it else ZERO"
    return f"(it[currency] if len(it := {values}) == 1 else {several})"


def amount_in(values: Mapping[str, Decimal], currency: str) -> Decimal:
    """An amount that is in this currency or nothing. Raise KeyError if it is in others too."""
    if not values:
        return ZERO
    if len(values) > 1:
        raise KeyError(currency)
    return values[currency]


AMOUNTS: Final[Mapping[str, object]] = {"amount_in": amount_in, "len": len, "ZERO": ZERO}
