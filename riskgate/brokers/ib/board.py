"""Where the adapter writes what it learns of the market and the accounts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from riskgate.model.account import Account
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.market import Quote


class Market(Protocol):
    """A board that readers in other threads look at."""

    def list_instrument(self, terms: Terms, instrument: Instrument) -> None:
        """What an order's terms stand for."""
        ...

    def delist(self, terms: Terms) -> None:
        """The broker does not know it."""
        ...

    def quote(self, key: str) -> Quote | None:
        """The latest quote of an instrument."""
        ...

    def set_venues(self, key: str, names: tuple[str, ...]) -> None:
        """At which venues an instrument can be traded."""
        ...

    def set_quote(self, key: str, quote: Quote) -> None:
        """Replace the quote of an instrument."""
        ...

    def set_volume(self, key: str, volume: Decimal) -> None:
        """What the market has traded of an instrument today."""
        ...

    def set_account(self, account: Account) -> None:
        """Replace the values of an account."""
        ...

    def set_accounts(self, ids: tuple[str, ...]) -> None:
        """Which accounts are ours."""
        ...

    def set_rates(self, rates: Mapping[str, Decimal]) -> None:
        """What one unit of each currency is worth in the accounts' base currency."""
        ...
