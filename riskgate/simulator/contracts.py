"""The catalogue: what can be traded in the simulator, and how a client's description finds it.

Rule 1: a listing is complete; clients get every field the broker would send.
Rule 2: a description matches by the fields it gives; the empty ones match everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec

from riskgate.simulator.hours import Hours
from riskgate.simulator.permitted import BILLION
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record, plain

STOCK_ORDERS = (
    "ACTIVETIM,AD,ADJUST,ALERT,ALLOC,AVGCOST,BASKET,COND,DAY,FOK,GTC,IOC,LMT,MKT,STP,STPLMT"
)
SMART_STOCK_VENUES = "SMART,AMEX,NYSE,NASDAQ,ARCA,BATS,IEX,ISLAND,IBKRATS"
NIGHT = "OVERNIGHT"  # where stocks trade while their exchanges sleep
INDEX, FUTURE, CONTINUOUS, COMBO = "IND", "FUT", "CONTFUT", "BAG"
BY_TICK = frozenset({"STK", "OPT", "CASH"})  # their prices are steps of the tick, never below zero
NOT_TRADED = frozenset({INDEX, CONTINUOUS})  # they have prices, and take no orders
FIRST_COMBO = 28_812_380  # the number TWS gives its combos; here each has its own from it on
_CALL = {"C": "C", "CALL": "C", "P": "P", "PUT": "P"}
_ANY_RIGHT = {"", "0", "?"}


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument with everything the broker says about it. `multiplier` is empty for 1."""

    con_id: int
    symbol: str
    sec_type: str
    exchange: str
    primary_exchange: str
    currency: str
    local_symbol: str
    trading_class: str
    min_tick: Decimal
    long_name: str
    trading: Hours
    liquid: Hours
    time_zone: str = "US/Eastern"
    expiry: str = ""
    strike: Decimal = Decimal(0)
    right: str = ""
    multiplier: str = ""
    venues: str = f"{SMART_STOCK_VENUES},{NIGHT}"
    order_types: str = STOCK_ORDERS
    market_name: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    stock_type: str = ""
    under_con_id: int = 0
    under_symbol: str = ""
    under_sec_type: str = ""
    market_rule: int = 26
    size_step: Decimal = Decimal(1)

    @property
    def factor(self) -> Decimal:
        """What one unit of price is worth for one unit of quantity."""
        return Decimal(self.multiplier or 1)

    def why_no_price(self, price: Decimal) -> str | None:
        """Why nobody quotes this price, None where one may; a future's can be below zero."""
        if not price.is_finite() or abs(price) > BILLION:
            return f"is outside {-BILLION}..{BILLION}"
        if self.sec_type not in BY_TICK:
            return None
        if price < 0 or (not price and self.sec_type != "OPT"):
            return "is not above zero"
        return (
            f"is no multiple of the tick {plain(self.min_tick)}" if price % self.min_tick else None
        )

    def fields(self, exchange: str = "") -> Record:
        """The contract as it travels in messages, at this exchange or its own."""
        return {
            "conId": self.con_id,
            "symbol": self.symbol,
            "secType": self.sec_type,
            "lastTradeDateOrContractMonth": self.expiry,
            "strike": self.strike,
            "right": self.right,
            "multiplier": self.multiplier,
            "exchange": exchange or self.exchange,
            "primaryExchange": self.primary_exchange,
            "currency": self.currency,
            "localSymbol": self.local_symbol,
            "tradingClass": self.trading_class,
        }


class Catalogue:
    """Listings by number and by description."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        self._by_con_id = {listing.con_id: listing for listing in listings}
        self._combos: dict[tuple[object, ...], Listing] = {}

    def __iter__(self) -> Iterator[Listing]:
        return iter(self._by_con_id.values())

    def by_con_id(self, con_id: int) -> Listing | None:
        """The listing with this number."""
        return self._by_con_id.get(con_id) or self._combo_numbered(con_id)

    def by_symbol(self, symbol: str) -> Listing:
        """The listing a scripted price means: local symbol, or symbol. Raises LookupError."""
        listings = tuple(self._by_con_id.values())
        for name in ("local_symbol", "symbol"):
            for listing in listings:
                if getattr(listing, name) == symbol:
                    return listing
        raise LookupError(f"contract: `{symbol}`: not in the simulator's catalogue")

    def find(self, wanted: Message) -> tuple[Listing, ...]:
        """Every listing the contract fields of a request describe."""
        con_id, kind = wanted.integer("conId"), wanted.text("secType")
        if kind == COMBO:
            combo = self._combo(wanted)
            return () if combo is None else (combo,)
        if con_id:
            known = self._by_con_id.get(con_id)
            here = known is not None and _at_exchange(known, wanted.text("exchange"))
            found = [known] if known is not None and here else []
        else:
            exact = FUTURE if CONTINUOUS in kind else kind
            found = [one for one in self._by_con_id.values() if _matches(one, wanted, exact)]
        if CONTINUOUS not in kind:
            return tuple(found)
        return (*(found if kind != CONTINUOUS else ()), *_continuous(found))

    def _combo_numbered(self, con_id: int) -> Listing | None:
        index = con_id - FIRST_COMBO
        return list(self._combos.values())[index] if 0 <= index < len(self._combos) else None

    def _combo(self, wanted: Message) -> Listing | None:
        """The combo of these legs, None when one of them is unknown."""
        value = wanted.fields.get("comboLegs")
        asked = value if isinstance(value, list) else []
        key = tuple((leg.get("conId"), leg.get("ratio"), leg.get("action")) for leg in asked)
        legs = [self._by_con_id.get(number) for number, _, _ in key if isinstance(number, int)]
        found = [leg for leg in legs if leg is not None and leg.sec_type not in NOT_TRADED]
        if not found or len(found) < len(key):
            return None
        if key not in self._combos:
            number = FIRST_COMBO + len(self._combos)
            self._combos[key] = _combination(number, wanted.text("symbol"), found)
        return self._combos[key]

    def starting_with(self, pattern: str) -> tuple[Listing, ...]:
        """Stocks whose symbol or name starts with the pattern, in any case."""
        start = pattern.upper()
        return tuple(
            one
            for one in self._by_con_id.values()
            if one.sec_type == "STK"
            and (one.symbol.startswith(start) or one.long_name.upper().startswith(start))
        )

    def options_of(self, con_id: int, symbol: str) -> tuple[Listing, ...]:
        """The options on an underlying."""
        return tuple(
            one
            for one in self._by_con_id.values()
            if one.sec_type == "OPT" and one.symbol == symbol and con_id in {0, one.under_con_id}
        )


def _combination(con_id: int, symbol: str, legs: list[Listing]) -> Listing:
    first = legs[0]
    return msgspec.structs.replace(
        first,
        con_id=con_id,
        symbol=symbol or first.symbol,
        sec_type=COMBO,
        exchange="SMART",
        primary_exchange="",
        local_symbol=f"{symbol or first.symbol} combo {con_id - FIRST_COMBO + 1}",
        trading_class="COMB",
        min_tick=min(leg.min_tick for leg in legs),
        long_name="",
        expiry="",
        strike=Decimal(0),
        right="",
        venues=",".join(dict.fromkeys(("SMART", *first.venues.split(",")))),
    )


def _continuous(futures: Iterable[Listing]) -> Iterator[Listing]:
    """The continuous future of each series: the one that ends next, under its own kind."""
    ends = sorted((one for one in futures if one.sec_type == FUTURE), key=lambda one: one.expiry)
    for first in {one.symbol: one for one in reversed(ends)}.values():
        yield msgspec.structs.replace(first, sec_type=CONTINUOUS)


def _matches(one: Listing, wanted: Message, kind: str) -> bool:
    exact = {
        "symbol": one.symbol,
        "multiplier": one.multiplier,
        "currency": one.currency,
        "localSymbol": one.local_symbol,
        "tradingClass": one.trading_class,
    }
    named = wanted.text("symbol") or wanted.text("localSymbol")
    return (
        bool(named)
        and kind in {"", one.sec_type}
        and all(wanted.text(key) in {"", value} for key, value in exact.items())
        and one.expiry.startswith(wanted.text("lastTradeDateOrContractMonth"))
        and wanted.number("strike") in {None, Decimal(0), one.strike}
        and _same_right(one.right, wanted.text("right"))
        and _at_exchange(one, wanted.text("exchange"))
    )


def _same_right(right: str, wanted: str) -> bool:
    return wanted in _ANY_RIGHT or _CALL.get(wanted.upper()) == right


def _at_exchange(one: Listing, exchange: str) -> bool:
    return exchange in {"", one.exchange} or exchange in one.venues.split(",")


def details_fields(one: Listing, hours: tuple[str, str], exchange: str = "") -> Record:
    """The contractDetails message of a listing, without its request id."""
    return {
        **one.fields(exchange),
        "marketName": one.market_name or one.trading_class,
        "minTick": one.min_tick,
        "orderTypes": one.order_types,
        "validExchanges": one.venues,
        "underConId": one.under_con_id,
        "longName": one.long_name,
        "contractMonth": one.expiry[:6],
        "industry": one.industry,
        "category": one.category,
        "subcategory": one.subcategory,
        "timeZoneId": one.time_zone,
        "tradingHours": hours[0],
        "liquidHours": hours[1],
        "underSymbol": one.under_symbol,
        "underSecType": one.under_sec_type,
        "marketRuleIds": ",".join(str(one.market_rule) for _ in one.venues.split(",")),
        "realExpirationDate": one.expiry,
        "stockType": one.stock_type,
        "minSize": one.size_step,
        "sizeIncrement": one.size_step,
        "suggestedSizeIncrement": Decimal(100) if one.sec_type == "STK" else one.size_step,
    }


def describe(one: Listing) -> str:
    """A listing in a word, for messages: `AAPL`, `AAPL 20250117 C 190`."""
    strike = plain(one.strike) if one.strike else ""
    return " ".join(part for part in (one.symbol, one.expiry, one.right, strike) if part)
