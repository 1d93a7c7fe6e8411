"""What selectors and budgets see of an order: its normalised names, in one flat tuple."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from riskgate.model.instrument import Instrument
from riskgate.model.order import Order

SELECTOR_KEYS = (
    *("account", "strategy", "symbol", "sec_type", "exchange", "currency"),
    *("side", "order_type", "tif", "underlying", "tag"),
)
PER_KEYS = (
    *("account", "strategy", "symbol", "underlying", "sec_type", "exchange", "currency", "side"),
)
HOLDING_KEYS = ("account", "symbol", "sec_type", "exchange", "currency", "underlying")


class Subject(NamedTuple):
    """One order, or one holding, as selectors see it; an absent name is empty text."""

    account: str = ""
    strategy: str = ""
    symbol: str = ""
    sec_type: str = ""
    exchange: str = ""
    currency: str = ""
    side: str = ""
    order_type: str = ""
    tif: str = ""
    underlying: str = ""
    tag: str = ""
    instrument: str = ""


def subject_of(order: Order, instrument: Instrument) -> Subject:
    """The names of a resolved order."""
    return Subject(
        order.account or "",
        order.strategy or "",
        instrument.symbol,
        instrument.sec_type,
        order.exchange or instrument.exchange,
        instrument.currency,
        order.side,
        order.order_type,
        order.tif,
        instrument.root,
        order.tag or "",
        instrument.key,
    )


def holding_subject(account: str, instrument: Instrument, strategy: str = "") -> Subject:
    """The names of a holding: it has an account and an instrument, and no side or order type."""
    return Subject(
        account=account,
        strategy=strategy,
        symbol=instrument.symbol,
        sec_type=instrument.sec_type,
        exchange=instrument.exchange,
        currency=instrument.currency,
        underlying=instrument.root,
        instrument=instrument.key,
    )


def telling_apart(names: Iterable[str]) -> attrgetter[object]:
    """Read what tells budgets, or orders alike, apart; there `symbol` means the instrument."""
    wanted = ["instrument" if name == "symbol" else name for name in names]
    return attrgetter(*wanted) if wanted else attrgetter("__class__")  # one for everybody
