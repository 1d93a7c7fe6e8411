"""The answers to requests about contracts."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

import msgspec

from riskgate.simulator.answers import answers
from riskgate.simulator.checks import NO_DEFINITION, SMALLEST_PART
from riskgate.simulator.contracts import Listing, details_fields
from riskgate.simulator.session import Session
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record, Value


@answers("reqContractDetails")
def contract_details(session: Session, message: Message) -> None:
    """Every listing the description fits."""
    req_id = message.integer("reqId")
    found = session.host.exchange.world.catalogue.find(message)
    if not found:
        session.error(req_id, NO_DEFINITION.code, NO_DEFINITION.text)
        return
    fractional = session.host.exchange.world.options.fractional
    for one in found:
        in_parts = fractional and one.sec_type == "STK"
        listing = msgspec.structs.replace(one, size_step=SMALLEST_PART) if in_parts else one
        record = details_fields(listing, _hours(session, listing), message.text("exchange"))
        session.send("contractDetails", {**record, "reqId": req_id})
    session.send("contractDetailsEnd", {"reqId": req_id})


def _hours(session: Session, listing: Listing) -> tuple[str, str]:
    today = session.host.clock.now().astimezone(ZoneInfo(listing.time_zone)).date()
    return listing.trading.shown(today), listing.liquid.shown(today)


@answers("reqMatchingSymbols")
def matching_symbols(session: Session, message: Message) -> None:
    """The stocks that start with the pattern."""
    found = session.host.exchange.world.catalogue.starting_with(message.text("pattern"))
    samples: list[Record] = [
        {
            "conId": one.con_id,
            "symbol": one.symbol,
            "secType": one.sec_type,
            "primaryExchange": one.primary_exchange,
            "currency": one.currency,
            "derivativeSecTypes": [{"secType": "OPT"}],
            "description": one.long_name,
            "issuerId": "",
        }
        for one in found
    ]
    session.send("symbolSamples", {"reqId": message.integer("reqId"), "samples": samples})


@answers("reqSecDefOptParams")
def option_parameters(session: Session, message: Message) -> None:
    """The expirations and strikes of the options on an underlying."""
    req_id = message.integer("reqId")
    found = session.host.exchange.world.catalogue.options_of(
        message.integer("underlyingConId"), message.text("underlyingSymbol")
    )
    for trading_class, group in groupby(found, lambda one: one.trading_class):
        options = list(group)
        expirations: list[Record] = [
            {"expiration": text} for text in sorted({one.expiry for one in options})
        ]
        strikes: list[Record] = [{"strike": k} for k in sorted({one.strike for one in options})]
        record: dict[str, Value] = {
            "reqId": req_id,
            "exchange": "SMART",
            "underlyingConId": options[0].under_con_id,
            "tradingClass": trading_class,
            "multiplier": options[0].multiplier,
            "expirations": expirations,
            "strikes": strikes,
        }
        session.send("securityDefinitionOptionParameter", record)
    session.send("securityDefinitionOptionParameterEnd", {"reqId": req_id})


@answers("reqMarketRule")
def market_rule(session: Session, message: Message) -> None:
    """The price steps of a rule, which are the tick of the listings that have it."""
    rule = message.integer("marketRuleId")
    ticks = {
        one.min_tick for one in session.host.exchange.world.catalogue if one.market_rule == rule
    }
    if not ticks:
        session.error(-1, 321, "Error validating request.-'cA' : cause - Invalid market rule id")
        return
    increments: list[Record] = [{"lowEdge": Decimal(0), "increment": min(ticks)}]
    session.send("marketRule", {"marketRuleId": rule, "increments": increments})
