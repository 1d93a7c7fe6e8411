"""From account messages to account values.

Rule 1: a value is the broker's, in the account's base currency, with the time at which it came.
Rule 2: values that another client has taken over are not known; the base currency does not change.
Rule 3: a rate is worth what it says in one account's base currency. Rates of accounts with
different base currencies are never mixed: then there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.brokers.ib.board import Market
from riskgate.brokers.ib.numbers import incoming
from riskgate.model.account import Account
from riskgate.ports import Clock

VALUES: Final = {"NetLiquidation": "net_liquidation", "AvailableFunds": "available_funds"}
RATE: Final = "ExchangeRate"
BASE: Final = "BASE"


class Accounts:
    """The accounts of one session. For use in the loop's thread."""

    def __init__(self, market: Market, clock: Clock) -> None:
        self._market = market
        self._clock = clock
        self._accounts: dict[str, Account] = {}
        self._profits: dict[int, str] = {}
        self._bases: dict[str, str] = {}
        self._rates: dict[str, dict[str, Decimal]] = {}

    def known(self, ids: Sequence[str]) -> None:
        """These accounts are ours."""
        self._accounts = {id_: self._accounts.get(id_, Account(id=id_)) for id_ in ids}
        self._market.set_accounts(tuple(ids))

    @property
    def ids(self) -> tuple[str, ...]:
        """The accounts of this session."""
        return tuple(self._accounts)

    def follow_profit(self, number: int, account: str) -> None:
        """The request with this number is about this account's profit."""
        self._profits[number] = account

    def forget(self) -> None:
        """The values are not kept up to date any more."""
        for id_, known in self._accounts.items():
            self._replace(id_, Account(id=id_, currency=known.currency))

    # -- callbacks --------------------------------------------------------------------------------

    def value(self, account: str, tag: str, text: str, currency: str) -> None:
        """One value of an account, or what a currency is worth."""
        amount = incoming(text)
        known = self._accounts.get(account)
        if amount is None or known is None:
            return
        if tag == RATE and currency != BASE:
            self._rates.setdefault(account, {})[currency] = amount
            self._show_rates()
        elif tag in VALUES and currency != BASE:
            if self._bases.get(account) != currency:
                self._bases[account] = currency
                self._show_rates()
            news: dict[str, object] = {VALUES[tag]: amount, "at": self._clock.now()}
            self._replace(account, msgspec.structs.replace(known, currency=currency, **news))

    def numbered_value(self, *values: str) -> None:
        """The same under a request number: number, account, model, tag, text, currency."""
        _, account, model, tag, text, currency = values
        if not model:
            self.value(account, tag, text, currency)

    def profit(self, number: int, daily: float, *others: float) -> None:
        """The day's profit of an account, of IB's own day."""
        del others
        account = self._profits.get(number, "")
        known = self._accounts.get(account)
        amount: Decimal | None = incoming(daily)
        if known is not None:
            self._replace(account, msgspec.structs.replace(known, day_pnl=amount))

    def _show_rates(self) -> None:
        """The rates of the accounts whose base currency is known, if it is the same for all."""
        rates: dict[str, Decimal] = {}
        if len(set(self._bases.values())) == 1:
            for account in self._bases:
                rates |= self._rates.get(account, {})
        self._market.set_rates(rates)

    def _replace(self, id_: str, account: Account) -> None:
        self._accounts[id_] = account
        self._market.set_account(account)
