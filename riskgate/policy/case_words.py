"""What editors say of the keys of a policy test that its shape does not describe where it stands.

Rule 1: one text for a key, whatever it stands in; a key whose meaning differs gets its text there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from riskgate.rulekit.parameters import Schema

MEANINGS: Final[Mapping[str, str]] = {
    "account": "The account, by its id; as a step, the new values of the account.",
    "adjusts": "What a stop becomes later, such as at 195 to TRAIL 2%.",
    "advance": "Let time pass, such as 200ms.",
    "age": "How old the quote is, such as 1s; default 0.",
    "algo": "The broker's algorithm and its parameters, such as Vwap maxPctVol=0.1.",
    "all_or_none": "Whether it trades all at once or not at all.",
    "allow": "How many of the orders are allowed.",
    "approve": "Another person releases a held order, such as #1.",
    "ask": "The lowest price that somebody sells at.",
    "assert": "What must be in the book now.",
    "available_funds": "The account's available funds, in its currency.",
    "basket": "Orders that are submitted together: all of them leave, or none.",
    "bid": "The highest price that somebody buys at.",
    "block": "Whether it is a block order, of 50 units or more.",
    "bracket": "An entry with its take-profit and stop-loss.",
    "broker": "What the broker reports about an order.",
    "by": "Who does it.",
    "cancel": "Ask for an order to be cancelled, such as #1; the broker confirms it later.",
    "cash_quantity": "How much money to trade for, instead of a quantity.",
    "close": "The previous close.",
    "code": "The code of a broker's message, such as 201.",
    "compete_offset": "By how much a peg to the best price is better than the best of the others.",
    "conditions": "What must hold before the order works, such as margin <= 30.",
    "conditions_cancel": "Whether meeting the conditions cancels the order.",
    "conditions_ignore_rth": "Whether conditions hold outside regular hours too.",
    "currency": "The currency, such as USD.",
    "day_pnl": "Today's profit and loss of the account, in its currency.",
    "deny": "How many of the orders are denied.",
    "discretionary_amount": "How far beyond its limit the order may trade.",
    "display_size": "How much of the quantity is shown.",
    "entry": "The order that opens the position.",
    "exchange": "The venue, such as SMART or CME.",
    "expect": "The decision: allow, warn, hold or deny; counts of them beside `repeat`.",
    "expiry": "The last trade date, such as 2026-06-19.",
    "fill": "An execution of an order.",
    "first": "The first outcome of a kind, such as deny at 2.",
    "given": "The world of this case; a key here replaces that key of the shared world.",
    "good_after": "When the order begins, with offset.",
    "good_till": "When a GTD order ends, with offset.",
    "halt": "A person halts everything, or one account, strategy or symbol.",
    "halted": "Whether trading of the instrument is halted.",
    "hidden": "Whether nothing of the order is shown.",
    "hold": "How many of the orders are held.",
    "hours": "The instrument's own trading hours, as IB writes them.",
    "id": "The account's id, such as DU1234567.",
    "intent": "The notional that the strategy declares.",
    "key": "The idempotency key of the order.",
    "last": "The price of the last trade.",
    "legs": "The contracts of a combo, such as BUY 1 #265598@SMART.",
    "limit_offset": "The distance of the limit from the trigger, in trailing orders.",
    "limit_price": "The limit price.",
    "listed": "The day on which the instrument was listed.",
    "locate": "The reference of a stock loan, for short sales.",
    "lot": "The smallest quantity, and the step between quantities.",
    "margin_rate": "The share of the notional that margin takes, such as 0.1.",
    "mid_offset_at_half": "The distance from a middle that is half a tick.",
    "mid_offset_at_whole": "The distance from a middle that is a whole tick.",
    "min_compete_size": "The smallest size that a peg to the best price competes with.",
    "min_quantity": "The least that the first execution trades.",
    "min_tick": "The smallest price step.",
    "min_trade_quantity": "The least that each execution trades.",
    "modify": "Change a sent order: which one, and its new fields.",
    "multiplier": "How many units one contract stands for.",
    "negative_prices": "Whether prices below zero are possible.",
    "net_liquidation": "The account's net liquidation value, in its currency.",
    "not_held": "Whether the broker may use its judgement about price and time.",
    "notional": "The value, in the policy's currency.",
    "now": "The clock jumps to this moment, with offset.",
    "oca_group": "The group of orders of which one cancels the others.",
    "oca_type": "What a fill does to the others: cancel_block, reduce_block or reduce.",
    "order": "The order, as a line or as its fields; beside a report, which submit, such as #1.",
    "order_type": "The order's type, such as LMT.",
    "orders": "How many orders.",
    "outside_rth": "Whether the order may trade outside regular hours.",
    "peg_offset": "The distance from the price that the order is pegged to.",
    "position": "The position by instrument.",
    "price": "The price of the execution; as a step, new quotes by name.",
    "priority": "The higher goes first among orders that wait to be sent.",
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
    "sweep_to_fill": "Whether it takes all venues at once, best price first.",
    "symbol": "The root symbol, such as AAPL.",
    "tag": "Free text that selectors can match.",
    "take_profit": "The limit price of the exit that takes the profit.",
    "text": "The text of a broker's message.",
    "tif": "How long the order stays, such as DAY or GTC.",
    "time_in_force": "The same as `tif`.",
    "tradable": "Whether the broker lets the account trade it.",
    "trail_amount": "How far a trailing stop follows, in price.",
    "trail_percent": "How far a trailing stop follows, in percent.",
    "trail_stop_price": "Where the stop of a trailing order starts.",
    "trigger_method": "Which price triggers the order, such as last.",
    "trigger_now": "Whether a trigger that is already passed fires at once.",
    "trigger_price": "The price that must be touched.",
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
