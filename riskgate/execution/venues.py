"""Which of several quoted venues to take, by what one unit costs there all in.

Rule 1: the price of a venue is its quote and its fee together; a rebate is a negative fee. The
displayed price alone is what the order protection rule compares (17 CFR 242.611); access fees are
not in it and differ by up to the cap of 17 CFR 242.610(c), which is more than many a spread.
Rule 2: no more is taken of a venue than it shows, and what nobody shows is left over.
Rule 3: equal prices go to the larger size, then by name, so the same quotes give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from riskgate.model.money import ZERO, countable
from riskgate.model.order import Side


class VenueQuote(msgspec.Struct, frozen=True, kw_only=True):
    """One venue's quote. Sizes in units; `fee` per unit in the instrument's currency, for taking.

    A negative fee is a rebate. A side without a price or a size cannot be taken.
    """

    venue: str
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal = ZERO
    ask_size: Decimal = ZERO
    fee: Decimal = ZERO


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What one venue gives to one side: `price` is quoted, `all_in` is with the fee.

    To a buyer `all_in` is paid (price + fee), to a seller it is received (price - fee).
    """

    venue: str
    price: Decimal
    all_in: Decimal
    size: Decimal


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity over venues: `parts` are (offer, quantity), the best first.

    `ranked` are all offers, best first; `left` is what none of them shows.
    """

    ranked: tuple[Offer, ...]
    parts: tuple[tuple[Offer, Decimal], ...]
    left: Decimal

    @property
    def best(self) -> Offer | None:
        """The venue with the best price; None where nobody quotes."""
        return self.ranked[0] if self.ranked else None

    @property
    def total(self) -> Decimal:
        """What the parts cost a buyer, or bring a seller, all in."""
        return sum((offer.all_in * quantity for offer, quantity in self.parts), ZERO)


def choose(
    side: Side, quantity: Decimal, quotes: Iterable[VenueQuote], limit: Decimal | None = None
) -> Split:
    """Rank venues for one side, and spread a quantity over them from the best on.

    With a `limit`, only venues are taken whose quoted price is within it. Raise ValueError for a
    quantity that is none, or a venue that is quoted twice.
    """
    if not (countable(quantity) and quantity > ZERO):
        raise ValueError(f"quantity `{quantity}` must be above zero")
    given = tuple(quotes)
    if len({quote.venue for quote in given}) < len(given):
        raise ValueError("a venue is quoted twice")
    offers = (_offer(side, quote) for quote in given)
    ranked = sorted(
        (one for one in offers if one is not None and _is_within(side, one.price, limit)),
        key=lambda one: (one.all_in if side is Side.BUY else -one.all_in, -one.size, one.venue),
    )
    left, parts = quantity, []
    for offer in ranked:
        taken = min(left, offer.size)
        if taken > ZERO:
            parts.append((offer, taken))
            left -= taken
    return Split(ranked=tuple(ranked), parts=tuple(parts), left=left)


def _offer(side: Side, quote: VenueQuote) -> Offer | None:
    """What a venue gives to this side; None where it quotes nothing that can be taken."""
    price, size = (quote.ask, quote.ask_size) if side is Side.BUY else (quote.bid, quote.bid_size)
    if price is None or not all(map(countable, (price, size, quote.fee))) or size <= ZERO:
        return None
    all_in = price + quote.fee if side is Side.BUY else price - quote.fee
    return Offer(venue=quote.venue, price=price, all_in=all_in, size=size)


def _is_within(side: Side, price: Decimal, limit: Decimal | None) -> bool:
    if limit is None:
        return True
    return price <= limit if side is Side.BUY else price >= limit
