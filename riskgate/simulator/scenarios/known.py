"""What a simulator can trade on a day and which accounts it has, for whoever reads about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from riskgate.simulator.contracts import Catalogue, Listing
from riskgate.simulator.listings import catalogue_for
from riskgate.simulator.options import DEFAULT_ACCOUNT
from riskgate.simulator.permitted import nearest

_FORMS = {
    "FUT": re.compile("[FGHJKMNQUVXZ][0-9]{1,2}"),
    "OPT": re.compile(" *[0-9]{6}[CP][0-9]{8}"),
}


class Listings:
    """What is listed on a day, and the accounts."""

    def __init__(
        self,
        day: date,
        accounts: Iterable[str] = (DEFAULT_ACCOUNT,),
        catalogue: Catalogue | None = None,
    ) -> None:
        self.accounts = tuple(accounts)
        self._day = day
        self._catalogue = catalogue or Catalogue(catalogue_for(day))
        self._names = {name for one in self for name in (one.local_symbol, one.symbol)}

    def why_unlisted(self, symbol: str) -> str | None:
        """Why nothing of this name can be traded, None when it can."""
        return None if symbol in self._names else self._told(symbol)

    def why_no_price(self, symbol: str, price: Decimal) -> str | None:
        """Why what has this name cannot be quoted at this price, None when it can."""
        return self._catalogue.by_symbol(symbol).why_no_price(price)

    def _told(self, symbol: str) -> str:
        kin = [one for one in self._catalogue if _is_kin(symbol, one)]
        if not kin:
            names = {one.local_symbol if one.sec_type == "CASH" else one.symbol for one in self}
            return f"is not in the simulator's catalogue: {nearest(symbol, names)}"
        told = nearest(symbol, [one.local_symbol for one in kin])
        if kin[0].sec_type == "FUT":
            told += f" `{kin[0].symbol}` is the one that ends next"
        return f"is not listed on {self._day}: {told}"

    def __iter__(self) -> Iterator[Listing]:
        return iter(self._catalogue)

    def why_no_account(self, code: str) -> str | None:
        """Why there is no such account, None when there is."""
        if code in self.accounts:
            return None
        return f"is no account of this simulator: {nearest(code, self.accounts)}"


def _is_kin(symbol: str, one: Listing) -> bool:
    """True for the name of another month of this future, or of another option on this stock."""
    form, rest = _FORMS.get(one.sec_type), symbol.removeprefix(one.symbol)
    return form is not None and rest != symbol and form.fullmatch(rest) is not None
