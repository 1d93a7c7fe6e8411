"""The markets of options nobody has set a price for: the model's price, a tick to each side of it.

Rule 1: a premium follows the underlying and the day, and nothing else; it is halted with it.
Rule 2: it is worked out when it is looked at, and again only when the underlying has moved.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import msgspec

from riskgate.simulator.contracts import Listing
from riskgate.simulator.greeks import USUAL_VOLATILITY, Option, greeks
from riskgate.simulator.hours import years_between
from riskgate.simulator.prices import NO_QUOTE, Quote
from riskgate.simulator.world import World


class Known(msgspec.Struct, frozen=True):
    """A premium, and what it was worked out from."""

    under: Quote
    day: date
    quote: Quote


class Premiums:
    """Option prices by the model."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[int, Known] = {}

    def quote(self, con_id: int) -> Quote:
        """The market of an option, empty for anything else."""
        listing = self._world.catalogue.by_con_id(con_id)
        if listing is None or listing.sec_type != "OPT":
            return NO_QUOTE
        under = self._world.prices.of(listing.under_con_id)
        day = self._world.clock.now().astimezone(ZoneInfo(listing.time_zone)).date()
        known = self._known.get(con_id)
        if known is None or known.under is not under or known.day != day:
            known = self._known[con_id] = Known(under, day, _market(listing, under, day))
        return known.quote


def _market(listing: Listing, under: Quote, day: date) -> Quote:
    if under.mark is None:
        return NO_QUOTE
    tick = listing.min_tick
    last = _premium(listing, under.mark, day)
    bid = last - tick
    return Quote(
        bid=bid if bid > 0 else None,
        ask=last + tick if last else tick,
        last=last or None,
        close=None if under.close is None else _premium(listing, under.close, day) or None,
        halted=under.halted,
    )


def _premium(listing: Listing, under: Decimal, day: date) -> Decimal:
    option = Option(listing.right, float(listing.strike), years_between(day, listing.expiry))
    price = Decimal(greeks(option, float(under), USUAL_VOLATILITY).price)
    ticks = (price / listing.min_tick).to_integral_value(ROUND_HALF_UP)
    return ticks * listing.min_tick
