"""How the things are done that can happen at any time: outages, restarts, prices, halts.

They come from a fault, from a scenario's timeline, or from the control channel.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Protocol, runtime_checkable

import msgspec

from riskgate.simulator.contracts import Listing
from riskgate.simulator.faults import (
    Advance,
    ByHand,
    CloseDay,
    Disconnect,
    Event,
    Halt,
    Mute,
    Outage,
    Price,
    Release,
    Restart,
    Resume,
    Say,
)
from riskgate.simulator.gateway import Gateway
from riskgate.simulator.prices import Quote
from riskgate.simulator.trouble import Gap
from riskgate.simulator.wire.kinds import Record

LINK_LOST = (
    1100,
    "Connectivity between IBKR and Trader Workstation has been lost.",
)
BACK_WITHOUT_DATA = (
    1101,
    "Connectivity between IBKR and Trader Workstation has been restored - data lost.",
)
BACK = (
    1102,
    (
        "Connectivity between IBKR and Trader Workstation has been restored - data maintained."
        " All data farms are connected: usfarm; ushmds; secdefil."
    ),
)
TEXTS = {
    **dict((LINK_LOST, BACK_WITHOUT_DATA, BACK)),
    1300: "TWS socket port has been reset and this connection is being dropped.",
    2103: "Market data farm connection is broken:usfarm",
    2104: "Market data farm connection is OK:usfarm",
    2105: "HMDS data farm connection is broken:ushmds",
    2106: "HMDS data farm connection is OK:ushmds",
    2107: "HMDS data farm connection is inactive but should be available upon demand.ushmds",
    2108: "Market data farm connection is inactive but should be available upon demand.usfarm",
    2110: (
        "Connectivity between Trader Workstation and server is broken."
        " It will be restored automatically."
    ),
    2119: "Market data farm is connecting:usfarm",
    2157: "Sec-def data farm connection is broken:secdefil",
    2158: "Sec-def data farm connection is OK:secdefil",
}


@runtime_checkable
class Movable(Protocol):
    """A clock that can be moved forward."""

    def advance(self, step: timedelta) -> object:
        """Move forward."""
        ...


def happen(gateway: Gateway, event: Event) -> None:
    """Do it now. Raises LookupError for an unknown symbol, ValueError for what cannot be done."""
    _DOING[type(event)](gateway, event)
    gateway.changed()
    gateway.wake()


def _say(gateway: Gateway, event: Say) -> None:
    gateway.announce(event.code, event.text or TEXTS.get(event.code, ""))


# -- the link and the sockets ---------------------------------------------------------------------


def _outage(gateway: Gateway, event: Outage) -> None:
    if gateway.trouble.is_cut_off:
        raise ValueError("outage: the link is lost already")
    gateway.announce(*LINK_LOST)
    gateway.trouble.is_cut_off = True
    gaps: list[Gap] = []
    if event.reports != "live":
        for session in gateway.sessions.values():
            gaps.append(Gap(session, event.reports))
            session.outlet = gaps[-1]
    gateway.later(event.seconds, partial(_link_is_back, gateway, event, gaps))


def _link_is_back(gateway: Gateway, event: Outage, gaps: list[Gap]) -> None:
    gateway.trouble.is_cut_off = False
    gateway.announce(*(BACK_WITHOUT_DATA if event.data_lost else BACK))
    for gap in gaps:
        gap.release()
    if event.data_lost:
        for session in gateway.sessions.values():
            session.wants.lines.clear()
    waiting = tuple(gateway.trouble.waiting)
    gateway.trouble.waiting.clear()
    for session, message in waiting:
        gateway.act(session, message)


def _mute(gateway: Gateway, event: Mute) -> None:
    gateway.trouble.is_mute = True
    for session in gateway.connections:
        session.muted = True

    def speak() -> None:
        gateway.trouble.is_mute = False
        for session in gateway.connections:
            session.muted = False

    if event.seconds is not None:
        gateway.later(event.seconds, speak)


def _disconnect(gateway: Gateway, event: Disconnect | Restart) -> None:
    del event
    for session in tuple(gateway.connections):
        session.abort()


def _restart(gateway: Gateway, event: Restart) -> None:
    _disconnect(gateway, event)
    _forget_untransmitted(gateway)
    gateway.exchange.book.roll_back(event.roll_back)
    if event.seconds > 0:
        gateway.trouble.is_closed = True
        gateway.later(event.seconds, gateway.trouble.open)


def _forget_untransmitted(gateway: Gateway) -> None:
    """What was never transmitted ends with the TWS, and nobody is told."""
    for order in gateway.exchange.book.open():
        if order.is_held:
            gateway.exchange.cancel_silently(order.owner)


# -- markets and orders ---------------------------------------------------------------------------


def _price(gateway: Gateway, event: Price) -> None:
    listing = gateway.exchange.world.catalogue.by_symbol(event.symbol)
    old = gateway.exchange.world.prices.of(listing.con_id)
    new = changed(old, event)
    check_market(listing, new)
    gateway.exchange.set_quote(listing.con_id, new)


def check_market(listing: Listing, market: Quote) -> None:
    """Raises ValueError for a price that nobody quotes for this contract."""
    for name, price in market.levels.items():
        if price is not None and (why := listing.why_no_price(price)):
            raise ValueError(f"price: {listing.local_symbol}: {name}: `{price}` {why}")


def changed(old: Quote, event: Price) -> Quote:
    """A quote with what the event gives; a limited liquidity is also the size that is shown."""
    given = msgspec.structs.asdict(event)
    del given["symbol"]
    new: dict[str, Decimal | bool] = {key: one for key, one in given.items() if one is not None}
    if event.liquidity is not None:
        new |= {"bid_size": event.liquidity, "ask_size": event.liquidity}
    return msgspec.structs.replace(old, **new)


def _halt(gateway: Gateway, event: Halt) -> None:
    _price(gateway, Price(event.symbol, halted=True))


def _resume(gateway: Gateway, event: Resume) -> None:
    _price(gateway, Price(event.symbol, halted=False))


def _by_hand(gateway: Gateway, event: ByHand) -> None:
    listing = gateway.exchange.world.catalogue.by_symbol(event.symbol)
    terms: Record = {
        **listing.fields(),
        "account": event.account or gateway.options.accounts[0],
        "action": event.action,
        "totalQuantity": event.quantity,
        "orderType": "MKT" if event.limit is None else "LMT",
        "lmtPrice": event.limit,
        "tif": "DAY",
        "transmit": True,
    }
    gateway.place_by_hand(terms)


def _release(gateway: Gateway, event: Release) -> None:
    del event
    for order in gateway.exchange.book.open():
        if order.why_held:
            gateway.exchange.release(order.owner)


def _close_day(gateway: Gateway, event: CloseDay) -> None:
    del event
    gateway.exchange.close_day()


def _advance(gateway: Gateway, event: Advance) -> None:
    if not isinstance(gateway.clock, Movable):
        raise ValueError("advance: this simulator's clock is the computer's and cannot be moved")  # noqa: TRY004  # not about a type
    gateway.clock.advance(timedelta(seconds=event.seconds))


_DOING: dict[type[Event], Callable[[Gateway, Any], None]] = {
    Say: _say,
    Outage: _outage,
    Mute: _mute,
    Disconnect: _disconnect,
    Restart: _restart,
    Price: _price,
    Halt: _halt,
    Resume: _resume,
    ByHand: _by_hand,
    Release: _release,
    CloseDay: _close_day,
    Advance: _advance,
}
