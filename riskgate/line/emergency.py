"""Getting out: the emergency exit from a halt, and flatten.

Rule 1: an exit can only reduce a position, passes sanity and every rule that is asked of
reductions, and is on record as what it is; of a halt alone it is forgiven (semantics.md, 10).
Rule 2: flatten first has everything cancelled that works, and sends nothing while anything does:
what still rests could fill behind it and open the position again.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from riskgate.errors import ConfigError
from riskgate.ledger.book import Book
from riskgate.ledger.companions import Companions
from riskgate.line import payload
from riskgate.line.judging import Judge, Moment
from riskgate.line.payload import Asked
from riskgate.model.events import Decided
from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO, text
from riskgate.model.order import Order, OrderType, Side
from riskgate.model.trading import Scope


class Exit(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to get out of: a symbol, or an instrument as an order line names it.

    None leaves open: every account, the whole position, at market.
    """

    symbol: str
    account: str | None = None
    quantity: Decimal | None = None
    limit_price: Decimal | None = None


def exits(book: Book, wanted: Exit) -> list[Order]:
    """The orders that reduce what is held. Raise ConfigError where nothing is.

    A quantity or a limit is of one position: of several none is reduced.
    """
    found = {
        (account, key): held
        for (account, key), held in sorted(book.holdings.positions().items())
        if wanted.account in (None, account) and _is_named(book, key, wanted.symbol)
    }
    _check(wanted, [f"`{key}` in {account}" for account, key in found])
    return [
        _reducing(book.holdings.instruments[key], account, held, wanted)
        for (account, key), held in found.items()
    ]


def everything(book: Book, scope: Scope) -> list[Order]:
    """The orders that close every position of a scope at market. Raise ConfigError as above."""
    if scope.strategy is not None:
        raise ConfigError(
            "positions are of accounts and symbols, not of strategies; leave the strategy out"
        )
    return [
        _reducing(book.holdings.instruments[key], account, held, Exit(symbol=key))
        for (account, key), held in sorted(book.holdings.positions().items())
        if _is_in(book, scope, account, key)
    ]


def decided(judge: Judge, asked: Asked, said: tuple[object, object], at: Moment) -> Decided:
    """An exit, judged; `said` is by whom and why. Raise ConfigError for blanks."""
    by, reason = (payload.printable(words) for words in said)
    if not by or not reason:
        raise ConfigError("an emergency exit needs `by` and `reason`, both not blank")
    one = judge.order(asked, at, Companions(emergency=True))
    return msgspec.structs.replace(one, actor=by, reason=reason)


def _check(wanted: Exit, found: list[str]) -> None:
    """Raise ConfigError for what is nowhere, ambiguous, or no amount."""
    if not found:
        where = f" in account {wanted.account}" if wanted.account else ""
        raise ConfigError(f"there is no position in `{wanted.symbol}`{where} to get out of")
    named = {"quantity": wanted.quantity, "limit": wanted.limit_price}
    given = {word: amount for word, amount in named.items() if amount is not None}
    if given and len(found) > 1:
        raise ConfigError(
            f"a {' and a '.join(given)} need one position, and `{wanted.symbol}` names"
            f" {len(found)}: {', '.join(found)}; name one in full, or an account"
        )
    quantity = wanted.quantity
    if quantity is not None and not (quantity.is_finite() and quantity > ZERO):
        raise ConfigError(f"an exit of {quantity} is none; give a quantity above zero")
    if wanted.limit_price is not None and not wanted.limit_price.is_finite():
        raise ConfigError(f"a limit of {wanted.limit_price} is no price")


def _is_in(book: Book, scope: Scope, account: str, key: str) -> bool:
    """Whether a position is in a scope, by its symbol or by what it is written on."""
    instrument = book.holdings.instruments[key]
    return scope.covers(account, None, instrument.symbol, instrument.root)


def _reducing(instrument: Instrument, account: str, held: Decimal, wanted: Exit) -> Order:
    """An order that takes a position, or a part of it, to zero."""
    whole = abs(held)
    quantity = whole if wanted.quantity is None else wanted.quantity
    if quantity > whole:
        name, asked = instrument.key, text(quantity)
        raise ConfigError(f"an exit of {asked} is more than the {text(whole)} held of `{name}`")
    named = instrument.terms
    return Order(
        side=Side.SELL if held > ZERO else Side.BUY,
        quantity=quantity,
        symbol=named.symbol,
        order_type=OrderType.MKT if wanted.limit_price is None else OrderType.LMT,
        limit_price=wanted.limit_price,
        account=account,
        sec_type=named.sec_type,
        currency=named.currency,
        expiry=named.expiry,
        strike=named.strike,
        right=named.right,
    )


def _is_named(book: Book, key: str, name: str) -> bool:
    """Whether a symbol, or an instrument's full name, is that of a position."""
    return name.casefold() in (key.casefold(), book.holdings.symbol_of(key).casefold())
