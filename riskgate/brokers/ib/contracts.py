"""Instruments and IB's contracts, in both directions.

Rule 1: an instrument is made from contract details; what a message alone says is a stopgap.
Rule 2: one contract number is one instrument, whatever venue a message names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from riskgate.brokers.ib import raw
from riskgate.brokers.ib.numbers import incoming, outgoing
from riskgate.errors import OrderError
from riskgate.model import money
from riskgate.model.combos import named
from riskgate.model.instructions import Leg
from riskgate.model.instrument import DEFAULT_VENUE, Instrument, Terms, key_of
from riskgate.model.order import Fault

CARRIED: Final = ("STK", "FUT", "OPT", "CASH")
OUR_TYPES: Final = {"ETF": "STK"}  # IB has no type of its own for funds
VENUES: Final = {"STK": DEFAULT_VENUE, "OPT": DEFAULT_VENUE, "CASH": "IDEALPRO"}
DATED: Final = frozenset({"FUT", "OPT", "FOP"})
BELOW_ZERO: Final = frozenset({"FUT", "FOP"})  # what may trade below zero
# Zones as IB writes them where they are not, or not the same, in the time zone database.
ZONES: Final = {
    "EST": "America/New_York",
    "EST5EDT": "America/New_York",
    "CST": "America/Chicago",
    "CST6CDT": "America/Chicago",
    "MST": "America/Denver",
    "PST": "America/Los_Angeles",
    "GB": "Europe/London",
    "GMT": "Europe/London",
    "MET": "Europe/Berlin",
    "CET": "Europe/Berlin",
    "JST": "Asia/Tokyo",
    "HKT": "Asia/Hong_Kong",
    "SGT": "Asia/Singapore",
    "AEST": "Australia/Sydney",
}


def faults_of(terms: Terms) -> Iterator[Fault]:
    """What of the contract, or of one of a combo's, cannot be carried."""
    if terms.legs:
        names = [named(leg.contract) for leg in terms.legs]
        yield from (fault for one in names if one for fault in faults_of(one.terms))
        return
    sec_type = terms.sec_type or "STK"
    if OUR_TYPES.get(sec_type, sec_type) not in CARRIED:
        known = ", ".join(CARRIED)
        yield Fault("BAD_ORDER", f"security type `{sec_type}` cannot be sent; use {known}")


def asked(module: raw.Module, terms: Terms) -> raw.Contract:
    """The contract to ask the broker's details of."""
    stated = terms.sec_type or "STK"
    sec_type = OUR_TYPES.get(stated, stated)
    contract = module.Contract()
    if terms.symbol.startswith("#") and terms.symbol[1:].isdecimal():
        contract.conId = int(terms.symbol[1:])
        return contract
    contract.symbol = plain(terms.symbol)
    contract.secType = sec_type
    contract.currency = plain(terms.currency or "USD")
    contract.exchange = VENUES.get(sec_type, "")
    if sec_type in DATED:
        _dated(contract, terms)
    return contract


def contract_of(module: raw.Module, instrument: Instrument, venue: str | None) -> raw.Contract:
    """The contract to send orders in, or to watch, at a venue or its own."""
    contract = module.Contract()
    contract.conId = instrument.con_id
    contract.symbol = plain(instrument.symbol)
    contract.secType = instrument.sec_type
    contract.currency = plain(instrument.currency)
    contract.exchange = plain(venue or instrument.exchange)
    if instrument.sec_type in DATED:
        _dated(contract, instrument)
    return contract


def _dated(contract: raw.Contract, source: Terms | Instrument) -> None:
    if source.expiry is not None:
        contract.lastTradeDateOrContractMonth = f"{source.expiry:%Y%m%d}"
    if source.strike is not None:
        contract.strike = outgoing(source.strike)
    contract.right = source.right or ""
    if source.multiplier is not None:
        contract.multiplier = money.text(source.multiplier)


def plain(text: str) -> str:
    """The text, if it can go out. Raise OrderError for anything but printable ASCII."""
    if text.isascii() and text.isprintable():
        return text
    raise OrderError(f"`{text!a}` cannot be sent: it is not printable ASCII")


# -- from the broker ------------------------------------------------------------------------------


def instrument_of(details: raw.Details, *, fractional: bool = False) -> Instrument:
    """The instrument that contract details describe; stocks by the share unless `fractional`."""
    contract = details.contract
    dated = contract.secType in DATED
    return stopgap(
        contract,
        exchange=contract.exchange or VENUES.get(contract.secType, DEFAULT_VENUE),
        min_tick=incoming(details.minTick) or Decimal("0.01"),
        lot=_lot(contract.secType, incoming(details.sizeIncrement), fractional=fractional),
        underlying=details.underSymbol or None if dated else None,
        hours=details.liquidHours or None,
        trading_hours=details.tradingHours or None,
        zone=zone_of(details.timeZoneId),
    )


def venues_of(details: raw.Details) -> tuple[str, ...]:
    """Where it can be traded, as contract details list it; empty where they do not."""
    return tuple(name for name in details.validExchanges.split(",") if name)


def stopgap(contract: raw.Contract, **known: object) -> Instrument:
    """The instrument as far as a message names it, with what else is known."""
    terms = terms_of(contract)
    fields: dict[str, object] = {
        "key": key_of(terms) + _class_of(contract),
        "symbol": terms.symbol,
        "sec_type": terms.sec_type,
        "currency": terms.currency,
        "multiplier": incoming(contract.multiplier) or Decimal(1),
        "exchange": VENUES.get(contract.secType, contract.exchange or DEFAULT_VENUE),
        "expiry": terms.expiry,
        "strike": terms.strike,
        "right": terms.right,
        "con_id": contract.conId,
        "negative_prices": contract.secType in BELOW_ZERO,
    }
    return Instrument(**{**fields, **known})  # type: ignore[arg-type]  # the names are those above


def _class_of(contract: raw.Contract) -> str:
    """What tells apart contracts of equal terms, such as SI and SIL, or SPX and SPXW."""
    name = contract.tradingClass if contract.secType in DATED else ""
    return f" class={name}" if name and name != contract.symbol else ""


def terms_of(contract: raw.Contract) -> Terms:
    """How a message names its contract."""
    dated = contract.secType in DATED
    return Terms(
        symbol=contract.symbol or contract.localSymbol or f"#{contract.conId}",
        sec_type=contract.secType or "STK",
        currency=contract.currency or "USD",
        expiry=_day(contract.lastTradeDateOrContractMonth) if dated else None,
        strike=(incoming(contract.strike) or None) if dated else None,
        right=contract.right[:1] if dated and contract.right[:1] in {"C", "P"} else None,
        legs=tuple(
            Leg(leg.action, leg.ratio, f"#{leg.conId}@{leg.exchange or DEFAULT_VENUE}")
            for leg in contract.comboLegs or ()
        ),
    )


def name_of(instrument: Instrument) -> Terms:
    """The complete terms that name an instrument."""
    return Terms(
        symbol=instrument.symbol,
        sec_type=instrument.sec_type,
        currency=instrument.currency,
        expiry=instrument.expiry,
        strike=instrument.strike,
        right=instrument.right,
    )


def zone_of(text: str) -> str | None:
    """The time zone in the names of the time zone database, or None if it is not known."""
    name = text.partition(" ")[0]
    name = ZONES.get(name, name)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return name


def _lot(sec_type: str, increment: Decimal | None, *, fractional: bool) -> Decimal:
    """IB shows fractions of a share to everybody; not every account may trade them."""
    if increment is None or increment <= 0:
        return Decimal(1)
    in_parts = sec_type == "CASH" or (fractional and sec_type == "STK")
    return increment if in_parts else max(Decimal(1), increment)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        return None
