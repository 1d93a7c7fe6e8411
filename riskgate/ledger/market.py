"""What is known of the market and the accounts now: written by the broker's side, read by `look`.

Rule 1: every write replaces one immutable value, so a reader in another thread sees the old one
or the new one, never half of each.
Rule 2: a price that cannot be one is no price: not finite, or not above zero where it must be.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from riskgate.model.account import Account
from riskgate.model.combos import resolved
from riskgate.model.instrument import Instrument, Terms, key_of
from riskgate.model.market import Quote
from riskgate.model.money import ZERO

MOST_REPORTS: Final = 1000  # where nobody takes them, the newest are enough
INFINITE: Final = Decimal("Infinity")
PRICED: Final = ("bid", "ask", "last", "close")
SAME_AS: Final = {"ETF": "STK"}  # the broker has no type of its own for funds
OUTRIGHT: Final = frozenset({None, "STK", "ETF"})
MAY_STATE: Final = tuple(name for name in Terms.__struct_fields__ if name not in ("symbol", "legs"))


class Market:
    """Instruments, quotes, rates, volumes and account values, by name.

    With `assume` an unlisted name is a US stock, an option with multiplier 100, or a currency
    pair, as policy tests have it; without, it is unknown.
    """

    def __init__(self, *, assume: bool = False) -> None:
        self._assume = assume
        self._names: dict[str, Instrument] = {}
        self.listing: object = object()  # another one whenever a name came to mean something else
        self._unknown: set[str] = set()
        self._quotes: dict[str, Quote] = {}
        self._dirty: set[str] = set()
        self._reported: deque[Account] = deque(maxlen=MOST_REPORTS)
        self.accounts: dict[str, Account] = {}
        self.fx: dict[str, Decimal] = {}
        self.adv: dict[str, Decimal] = {}
        self.venues: dict[str, tuple[str, ...]] = {}
        self.volumes: dict[str, Decimal] = {}

    def list_instrument(self, terms: Terms, instrument: Instrument) -> None:
        """Say what an order's terms stand for."""
        for key in (key_of(terms), instrument.key):
            self._names[key] = instrument
            self._unknown.discard(key)
        self.listing = object()

    def delist(self, terms: Terms) -> None:
        """Say that nobody knows this name."""
        self._unknown.add(key_of(terms))
        self._names.pop(key_of(terms), None)
        self.listing = object()

    def resolve(self, terms: Terms) -> Instrument | None:
        """The instrument that the terms name, or None."""
        if terms.legs:
            return resolved(terms, self.resolve)
        key = key_of(terms)
        if key in self._unknown or (self._assume and terms.symbol in self._unknown):
            return None
        listed = self._names.get(key) or self._names.get(key_of(Terms(symbol=terms.symbol)))
        if listed is not None and _agrees(listed, terms):
            return listed
        return _assumed(terms) if self._assume else None

    def instrument(self, key: str) -> Instrument | None:
        """The instrument of that identity, if it is listed."""
        return self._names.get(key)

    def quote(self, key: str) -> Quote | None:
        """The latest quote of an instrument."""
        return self._quotes.get(key)

    def set_quote(self, key: str, quote: Quote) -> None:
        """Replace the quote of an instrument."""
        instrument = self._names.get(key)
        negative = instrument is not None and instrument.negative_prices
        self._quotes[key] = _clean(quote, negative=negative)
        self._dirty.add(key)

    def take_changed(self) -> Iterable[str]:
        """The instruments whose quotes changed since this was asked last."""
        if not self._dirty:
            return ()
        changed, self._dirty = self._dirty, set()
        return changed

    def mark(self, key: str) -> Decimal | None:
        """The latest price of any age to mark a position at."""
        quote = self._quotes.get(key)
        return None if quote is None else quote.mark

    def set_account(self, account: Account) -> None:
        """Replace the values of an account."""
        self.accounts[account.id] = account
        self._reported.append(account)

    def take_reported(self) -> tuple[Account, ...]:
        """All that was reported of accounts since this was asked last, oldest first."""
        taken = []
        while self._reported:
            taken.append(self._reported.popleft())
        return tuple(taken)

    def report_again(self, accounts: Iterable[Account]) -> None:
        """Have these taken once more, before what was reported since; the newest are kept."""
        again = tuple(accounts)
        room = MOST_REPORTS - len(self._reported)
        self._reported.extendleft(reversed(again[max(0, len(again) - room) :]))

    def set_accounts(self, ids: tuple[str, ...]) -> None:
        """Say which accounts are ours; their values stay as last reported."""
        self.accounts = {id_: self.accounts.get(id_, Account(id=id_)) for id_ in ids}

    def set_fx(self, currency: str, rate: Decimal) -> None:
        """Say what one unit of a currency is worth in the account's base currency."""
        self.fx = {**self.fx, currency: rate}

    def set_rates(self, rates: Mapping[str, Decimal]) -> None:
        """Replace all rates: what is not among these is not known."""
        self.fx = dict(rates)

    def set_venues(self, key: str, names: tuple[str, ...]) -> None:
        """Say at which venues an instrument can be traded."""
        self.venues[key] = names

    def set_adv(self, key: str, volume: Decimal) -> None:
        """Say what the 20-day average daily volume of an instrument is, in units."""
        self.adv[key] = volume

    def set_volume(self, key: str, volume: Decimal) -> None:
        """Say what the market has traded of an instrument today, in units as the broker counts."""
        self.volumes[key] = volume


def _agrees(instrument: Instrument, terms: Terms) -> bool:
    """Whether everything the terms state holds of the instrument."""
    for name in MAY_STATE:
        value, known = getattr(terms, name), getattr(instrument, name)
        if value not in (None, known) and SAME_AS.get(value, value) != known:
            return False
    return True


def _assumed(terms: Terms) -> Instrument | None:
    """What a name stands for that no test lists (policy-language.md, section 8)."""
    currency = terms.currency or "USD"
    if terms.sec_type in OUTRIGHT:
        extra = (terms.expiry, terms.strike, terms.right, terms.multiplier)
        if extra != (None, None, None, None):
            return None
        return _made(terms, terms.sec_type or "STK", currency, Decimal(1), Decimal("0.01"))
    if terms.sec_type == "OPT" and None not in (terms.expiry, terms.strike, terms.right):
        multiplier = terms.multiplier or Decimal(100)
        return _made(terms, "OPT", currency, multiplier, Decimal("0.01"))
    if terms.sec_type == "CASH":
        return _made(terms, "CASH", currency, Decimal(1), Decimal("0.00005"))
    return None


def _made(
    terms: Terms, sec_type: str, currency: str, multiplier: Decimal, tick: Decimal
) -> Instrument:
    full = msgspec.structs.replace(terms, sec_type=sec_type, currency=currency)
    expiry: date | None = terms.expiry
    return Instrument(
        key=key_of(full),
        symbol=terms.symbol,
        sec_type=sec_type,
        currency=currency,
        multiplier=multiplier,
        min_tick=tick,
        expiry=expiry,
        strike=terms.strike,
        right=terms.right,
    )


def _is_clean(quote: Quote) -> bool:
    """Whether each price that there is, is one. Raise InvalidOperation for what is no number."""
    bid, ask, last, close = quote.bid, quote.ask, quote.last, quote.close
    return (
        (bid is None or ZERO < bid < INFINITE)
        and (ask is None or ZERO < ask < INFINITE)
        and (last is None or ZERO < last < INFINITE)
        and (close is None or ZERO < close < INFINITE)
    )


def _clean(quote: Quote, *, negative: bool) -> Quote:
    try:
        if _is_clean(quote):
            return quote
    except InvalidOperation:  # a price that is no number
        pass
    bad = {
        name: None
        for name in PRICED
        if (price := getattr(quote, name)) is not None
        and not (price.is_finite() and (negative or price > 0))
    }
    return msgspec.structs.replace(quote, **bad) if bad else quote
