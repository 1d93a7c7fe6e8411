"""What is traded: one contract, with what sanity and valuation need to know of it.

Rule 1: `key` is the identity. One expiry, strike, right and currency is one key; venues share it.
Rule 2: the defaults are those of a US stock; nothing else is guessed.
Rule 3: a combo is an instrument of its own, and holds those of its legs (see `model.combos`).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from riskgate.model import money
from riskgate.model.instructions import Leg

DEFAULT_VENUE = "SMART"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How an order names its contract: what it states, and None for what it leaves open."""

    symbol: str
    sec_type: str | None = None
    currency: str | None = None
    expiry: date | None = None
    strike: Decimal | None = None
    right: str | None = None
    multiplier: Decimal | None = None
    legs: tuple[Leg, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """One leg of a combo: `ratio` units for each unit of the combo, routed to a venue or any."""

    side: str
    ratio: int
    instrument: Instrument
    venue: str = ""

    @property
    def leg(self) -> Leg:
        """The leg as an order states it."""
        known = self.instrument
        name = f"#{known.con_id}" if known.con_id else key_of(known.terms)
        return Leg(self.side, self.ratio, f"{name}@{self.venue}" if self.venue else name)


class Instrument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One contract. `multiplier` is units of the underlying per contract; `min_tick` is a price."""

    key: str
    symbol: str
    sec_type: str = "STK"
    currency: str = "USD"
    exchange: str = DEFAULT_VENUE
    multiplier: Decimal = Decimal(1)
    min_tick: Decimal = Decimal("0.01")
    lot: Decimal = Decimal(1)
    expiry: date | None = None
    listed: date | None = None
    strike: Decimal | None = None
    right: str | None = None
    underlying: str | None = None
    negative_prices: bool = False
    tradable: bool = True
    halted: bool = False
    hours: str | None = None
    trading_hours: str | None = None
    zone: str | None = None
    margin_rate: Decimal | None = None
    con_id: int = 0
    legs: tuple[Part, ...] = ()

    @property
    def root(self) -> str:
        """The symbol that `underlying` selectors and budgets see."""
        return self.underlying or self.symbol

    @property
    def terms(self) -> Terms:
        """Terms that name this instrument and no other."""
        return Terms(
            symbol=self.symbol,
            sec_type=self.sec_type,
            currency=self.currency,
            expiry=self.expiry,
            strike=self.strike,
            right=self.right,
            legs=tuple(part.leg for part in self.legs) if self.legs else (),
        )

    def margin_of(self, value: Decimal) -> Decimal:
        """What margin an amount of it takes: the whole, where no rate is known."""
        return value if self.margin_rate is None else value * self.margin_rate


def key_of(terms: Terms) -> str:
    """The identity of the contract that complete terms name, as an order line would write it.

    >>> key_of(Terms(symbol="AAPL", sec_type="STK", currency="USD"))
    'AAPL'
    >>> key_of(Terms(symbol="ES", sec_type="FUT", currency="USD", expiry=date(2026, 6, 19)))
    'ES.FUT expiry=2026-06-19'
    """
    parts = [_name(terms.symbol) + _suffix(terms.sec_type)]
    if terms.currency not in (None, "USD"):
        parts.append(f"currency={terms.currency}")
    if terms.expiry is not None:
        parts.append(f"expiry={terms.expiry.isoformat()}")
    if terms.strike is not None:
        parts.append(f"strike={money.text(terms.strike)}")
    if terms.right is not None:
        parts.append(f"right={terms.right}")
    if terms.legs:
        parts.append(f'legs="{written(terms.legs)}"')
    return " ".join(parts)


def written(legs: tuple[Leg, ...]) -> str:
    """Legs as an order line writes them."""
    return ", ".join(f"{leg.side} {leg.ratio} {leg.contract}" for leg in legs)


def _name(symbol: str) -> str:
    return f'"{symbol}"' if " " in symbol or "." in symbol else symbol


def _suffix(sec_type: str | None) -> str:
    return "" if sec_type in (None, "STK") else f".{sec_type}"
