"""What editors say of the keys of a policy test that its shape does not describe where it stands.

Rule 1: one text for a key, whatever it stands in; a key whose meaning differs gets its text there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from riskgate.rulekit.parameters import Schema

MEANINGS: Final[Mapping[str, str]] = {
    "account": "The account, by its id; as a step, the new values of the account.",
    "advance": "Let time pass, such as 200ms.",
    "age": "How old the quote is, such as 1s; default 0.",
    "algo": "The broker's algorithm.",
    "allow": "How many of the orders are allowed.",
    "approve": "Another person releases a held order, such as #1.",
    "ask": "The lowest price that somebody sells at.",
    "assert": "What must be in the book now.",
    "available_funds": "The account's available funds, in its currency.",
    "basket": "Orders that are submitted together: all of them leave, or none.",
    "bid": "The highest price that somebody buys at.",
    "bracket": "An entry with its take-profit and stop-loss.",
    "broker": "What the broker reports about an order.",
    "by": "Who does it.",
    "cancel": "Ask for an order to be cancelled, such as #1; the broker confirms it later.",
    "close": "The previous close.",
    "code": "The code of a broker's message, such as 201.",
    "currency": "The currency, such as USD.",
    "day_pnl": "Today's profit and loss of the account, in its currency.",
    "deny": "How many of the orders are denied.",
    "entry": "The order that opens the position.",
    "exchange": "The venue, such as SMART or CME.",
    "expect": "The decision: allow, warn, hold or deny; counts of them beside `repeat`.",
    "expiry": "The last trade date, such as 2026-06-19.",
    "fill": "An execution of an order.",
    "first": "The first outcome of a kind, such as deny at 2.",
    "given": "The world of this case; a key here replaces that key of the shared world.",
    "good_till": "When a GTD order ends, with offset.",
    "halt": "A person halts everything, or one account, strategy or symbol.",
    "halted": "Whether trading of the instrument is halted.",
    "hold": "How many of the orders are held.",
    "hours": "The instrument's own trading hours, as IB writes them.",
    "id": "The account's id, such as DU1234567.",
    "intent": "The notional that the strategy declares.",
    "key": "The idempotency key of the order.",
    "last": "The price of the last trade.",
    "limit_offset": "The distance of the limit from the trigger, in trailing orders.",
    "limit_price": "The limit price.",
    "listed": "The day on which the instrument was listed.",
    "locate": "The reference of a stock loan, for short sales.",
    "lot": "The smallest quantity, and the step between quantities.",
    "margin_rate": "The share of the notional that margin takes, such as 0.1.",
    "min_tick": "The smallest price step.",
    "modify": "Change a sent order: which one, and its new fields.",
    "multiplier": "How many units one contract stands for.",
    "negative_prices": "Whether prices below zero are possible.",
    "net_liquidation": "The account's net liquidation value, in its currency.",
    "notional": "The value, in the policy's currency.",
    "now": "The clock jumps to this moment, with offset.",
    "order": "The order, as a line or as its fields; beside a report, which submit, such as #1.",
    "order_type": "The order's type, such as LMT.",
    "orders": "How many orders.",
    "outside_rth": "Whether the order may trade outside regular hours.",
    "position": "The position by instrument.",
    "price": "The price of the execution; as a step, new quotes by name.",
    "quantity": "How many units.",
    "reason": "Why.",
    "reserved_buy": "What working buys could still add, by instrument.",
    "reserved_sell": "What working sells could still take away, by instrument.",
    "resume": "A person lets trading go on, everywhere or for one account, strategy or symbol.",
    "right": "C for a call, P for a put.",
    "route": "How the order reaches the venue.",
    "sec_type": "The security type, such as STK, OPT or FUT.",
    "side": "BUY or SELL.",
    "state": "The trading state from here on.",
    "status": "The order's status as the broker reports it.",
    "steps": "What happens, one thing after the other.",
    "stop_loss": "The stop price of the exit that limits the loss.",
    "stop_price": "The price that triggers the order.",
    "strategy": "The strategy that the order belongs to.",
    "strike": "The option's strike price.",
    "submit": "An order that is submitted, a line or its fields; the first one is #1.",
    "symbol": "The root symbol, such as AAPL.",
    "tag": "Free text that selectors can match.",
    "take_profit": "The limit price of the exit that takes the profit.",
    "text": "The text of a broker's message.",
    "tif": "How long the order stays, such as DAY or GTC.",
    "time_in_force": "The same as `tif`.",
    "tradable": "Whether the broker lets the account trade it.",
    "trail_amount": "How far a trailing stop follows, in price.",
    "trail_percent": "How far a trailing stop follows, in percent.",
    "trigger_now": "Whether a trigger that is already passed fires at once.",
    "type": "How current the quote is: live, frozen or delayed.",
    "underlying": "The symbol that the instrument is derived from.",
    "warn": "How many of the orders pass with a warning.",
    "working": "How many orders are working.",
}


def described(schema: Schema) -> Schema:
    """The schema with a text for every key that has none yet and is known here."""
    made: Schema = _described(schema)
    return made


def _described(node: Any) -> Any:  # noqa: ANN401  # any part of a JSON Schema
    if isinstance(node, list):
        return [_described(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _described(item) for key, item in node.items()}
    if isinstance(made.get("properties"), dict) and node.get("type") == "object":
        made["properties"] = {
            key: item if "description" in item or key not in MEANINGS else _said(key, item)
            for key, item in made["properties"].items()
        }
    return made


def _said(key: str, item: Schema) -> Schema:
    return {**item, "description": MEANINGS[key]}
