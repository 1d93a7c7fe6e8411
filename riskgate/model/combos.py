"""Combos: one order over several legs (IB security type BAG).

Rule 1: a leg is bought or sold `ratio` times for each unit of the combo that is bought; selling
the combo turns every leg round.
Rule 2: the legs of a combo are its risk: each is judged, reserved and filled as an order of its
own, and no leg is a hedge of another.
Rule 3: a combo's key is made of its legs' contracts, in one order, without venues.
Rule 4: a combo's price is the net price of its legs, which can be zero or below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

from riskgate.errors import OrderError
from riskgate.model import order_line
from riskgate.model.codes import Code
from riskgate.model.instructions import PLAIN
from riskgate.model.instrument import DEFAULT_VENUE, Instrument, Part, Terms, key_of, written
from riskgate.model.market import LIVE, Quote
from riskgate.model.money import ZERO
from riskgate.model.order import Fault, Order, Side, Tif
from riskgate.model.sound import COMBO, MOST_UNITS

TICK: Final = Decimal("0.01")
MOST_LEGS: Final = 6
TIFS: Final = (Tif.DAY, Tif.GTC, Tif.IOC, Tif.FOK, Tif.GTD)
MAY_SAY: Final = frozenset(
    {"priority", "good_after", "conditions", "conditions_cancel", "conditions_ignore_rth"}
)


class Named(msgspec.Struct, frozen=True):
    """What a leg names: a contract, and where it is routed (empty for its own venue)."""

    terms: Terms
    venue: str = ""


@lru_cache(maxsize=4096)
def named(contract: str) -> Named | None:
    """The contract that a leg names; None for no name. `#265598` is one by its number."""
    symbol, *keys = order_line.TOKEN.findall(contract) or [""]
    try:
        order = order_line.parse(" ".join(["BUY 1", symbol, "MKT DAY", *keys]))
    except OrderError:
        return None
    terms = order.terms
    return None if terms.legs or terms.sec_type == COMBO else Named(terms, order.exchange or "")


def resolved(terms: Terms, find: Callable[[Terms], Instrument | None]) -> Instrument | None:
    """The combo that the terms name; None if they name none, or one of its legs is not known."""
    found = []
    for leg in terms.legs:
        name = named(leg.contract)
        known = find(name.terms) if name is not None else None
        if name is None or known is None:
            return None
        found.append(Part(leg.side, leg.ratio, known, name.venue))
    return combined(terms, found) if terms.sec_type == COMBO and found else None


def combined(terms: Terms, parts: Sequence[Part]) -> Instrument:
    """The instrument of a combo of these legs; its money is that of the first."""
    first = parts[0].instrument
    venues = {part.venue or part.instrument.exchange for part in parts}
    bare = {msgspec.structs.replace(part, venue="").leg: part.instrument for part in parts}
    legs = tuple(sorted(bare, key=lambda leg: (leg.contract, leg.side, leg.ratio)))
    named_after = bare[legs[0]].root  # in the key; the order is named after the leg it states first
    whole = Terms(symbol=named_after, sec_type=COMBO, currency=first.currency, legs=legs)
    return Instrument(
        key=key_of(whole),
        symbol=terms.symbol,
        sec_type=COMBO,
        currency=first.currency,
        exchange=venues.pop() if len(venues) == 1 else DEFAULT_VENUE,
        min_tick=TICK,
        underlying=first.root,
        negative_prices=True,
        tradable=all(part.instrument.tradable for part in parts),
        halted=any(part.instrument.halted for part in parts),
        hours=first.hours,
        trading_hours=first.trading_hours,
        zone=first.zone,
        legs=tuple(parts),
    )


def leg_of(order: Order, part: Part) -> Order:
    """A leg as an order of its own: of the combo's type, and without a price, for it has none."""
    known = part.instrument
    return Order(
        side=Side.BUY if (order.side is Side.BUY) == (part.side == "BUY") else Side.SELL,
        quantity=order.quantity * part.ratio,
        symbol=known.symbol,
        order_type=order.order_type,
        tif=order.tif,
        good_till=order.good_till,
        strategy=order.strategy,
        account=order.account,
        exchange=part.venue or None,
        currency=known.currency,
        sec_type=known.sec_type,
        expiry=known.expiry,
        strike=known.strike,
        right=known.right,
        outside_rth=order.outside_rth,
        tag=order.tag,
        locate=order.locate,
    )


def in_words(order: Order, instrument: Instrument) -> str:
    """A leg as a finding names it: `SELL 100 AAPL`."""
    return f"{order.side} {order.quantity:f} {instrument.key}"


def own_factor(instrument: Instrument) -> Decimal:
    """What a price of the combo is worth for one unit of it, at the most."""
    return max(part.instrument.multiplier for part in instrument.legs)


def net(instrument: Instrument, quotes: Sequence[Quote | None]) -> Quote | None:
    """The market of a combo: what its legs come to. As old as the oldest, live if all are."""
    known = [quote for quote in quotes if quote is not None]
    if len(known) < len(instrument.legs):
        return None
    whole = own_factor(instrument)
    bid: Decimal | None = ZERO
    ask: Decimal | None = ZERO
    for part, quote in zip(instrument.legs, known, strict=True):
        times = part.ratio * part.instrument.multiplier / whole
        low, high = (quote.bid, quote.ask)
        if part.side != "BUY":
            times, low, high = -times, high, low
        bid = None if bid is None or low is None else bid + times * low
        ask = None if ask is None or high is None else ask + times * high
    moments = [quote.at for quote in known if quote.at is not None]
    return Quote(
        bid=bid,
        ask=ask,
        at=min(moments) if len(moments) == len(known) else None,
        type=next((quote.type for quote in known if quote.type != LIVE), LIVE),
        source="legs",
    )


def thinnest(instrument: Instrument, volumes: Sequence[Decimal | None]) -> Decimal | None:
    """The average daily volume of a combo: as many as its thinnest leg allows; None if unknown."""
    known = [volume for volume in volumes if volume is not None]
    if len(known) < len(volumes):
        return None
    return min(volume / part.ratio for volume, part in zip(known, instrument.legs, strict=True))


def faults(order: Order) -> Iterator[Fault]:
    """What does not go with a combo; how its legs are stated is asked in `model.clauses`."""
    if len(order.legs) > MOST_LEGS:
        why = f"a combo has {MOST_LEGS} legs at most; found {len(order.legs)}"
        yield Fault(Code.BAD_ORDER, why)
    if order.tif not in TIFS:
        why = f"time in force `{order.tif}` does not go with a combo; use {', '.join(TIFS)}"
        yield Fault(Code.BAD_TIF, why)
    if order.algo is not None:
        yield Fault(Code.BAD_ORDER, "algo does not go with a combo")
    if order.instructions is PLAIN:
        return
    for name in order.instructions.__struct_fields__:
        if name in MAY_SAY or getattr(order.instructions, name) == getattr(PLAIN, name):
            continue
        yield Fault(Code.BAD_ORDER, f"{name} does not go with a combo")


def misfits(order: Order, instrument: Instrument) -> Iterator[Fault]:
    """What is wrong with a combo now that its legs are known."""
    keys = [part.instrument.key for part in instrument.legs]
    if len(set(keys)) < len(keys):
        found = written(order.legs)
        yield Fault(Code.BAD_ORDER, f"a combo names each contract once; found {found}")
    monies = {part.instrument.currency for part in instrument.legs}
    if len(monies) > 1:
        shown = ", ".join(sorted(monies))
        yield Fault(Code.BAD_ORDER, f"the legs of a combo have one currency; found {shown}")
    if order.symbol != instrument.root:
        why = f"a combo is named after its first leg: `{instrument.root}.{COMBO}`"
        yield Fault(Code.BAD_ORDER, f"{why}; found `{order.symbol}`")
    for part in instrument.legs:
        if order.quantity * part.ratio > MOST_UNITS:
            why = f"{part.ratio} of it is more than IB takes"
            yield Fault(Code.BAD_QUANTITY, f"leg {part.instrument.key}: {why}")
