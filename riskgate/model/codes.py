"""The built-in codes: one closed enum of everything that denies without being a rule's breach.

Each code has a meaning and says who must act. FIX names are the nearest values of OrdRejReason
(tag 103) of FIX 4.4.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Code(StrEnum):
    """Why an order was denied, when it was not a limit."""

    NO_POLICY = "NO_POLICY"
    NO_PRICE = "NO_PRICE"
    STALE_PRICE = "STALE_PRICE"
    NOT_LIVE = "NOT_LIVE"
    NO_FX = "NO_FX"
    NO_ADV = "NO_ADV"
    NO_HOURS = "NO_HOURS"
    NO_INTENT = "NO_INTENT"
    NO_LOCATE = "NO_LOCATE"
    NO_ACCOUNT = "NO_ACCOUNT"
    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    NO_ACCOUNT_VALUE = "NO_ACCOUNT_VALUE"
    UNKNOWN_INSTRUMENT = "UNKNOWN_INSTRUMENT"
    EXPIRED_INSTRUMENT = "EXPIRED_INSTRUMENT"
    NOT_TRADABLE = "NOT_TRADABLE"
    BAD_ORDER = "BAD_ORDER"
    BAD_QUANTITY = "BAD_QUANTITY"
    BAD_PRICE = "BAD_PRICE"
    OFF_TICK = "OFF_TICK"
    BAD_TIF = "BAD_TIF"
    STOP_THROUGH_MARKET = "STOP_THROUGH_MARKET"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    NOT_MODIFIABLE = "NOT_MODIFIABLE"
    KEY_REUSED = "KEY_REUSED"
    NOT_RECONCILED = "NOT_RECONCILED"
    NOT_CONNECTED = "NOT_CONNECTED"
    MODE_MISMATCH = "MODE_MISMATCH"
    REDUCE_ONLY = "REDUCE_ONLY"
    HALTED = "HALTED"
    KILLED = "KILLED"
    PARENT_OVERFILL = "PARENT_OVERFILL"
    GROUP_DENIED = "GROUP_DENIED"
    QUEUE_FULL = "QUEUE_FULL"
    QUEUE_EXPIRED = "QUEUE_EXPIRED"
    JOURNAL_UNAVAILABLE = "JOURNAL_UNAVAILABLE"
    RULE_ERROR = "RULE_ERROR"
    APPROVAL_EXPIRED = "APPROVAL_EXPIRED"


# What stops everybody: not the order's own fault.
STATE_CODES = frozenset(
    {
        *(Code.REDUCE_ONLY, Code.HALTED, Code.KILLED, Code.NOT_RECONCILED, Code.NOT_CONNECTED),
        *(Code.MODE_MISMATCH, Code.JOURNAL_UNAVAILABLE),
    }
)


class Meaning(NamedTuple):
    """What a code means, who must act, and its nearest FIX OrdRejReason."""

    text: str
    who: str
    fix: str


MEANINGS: dict[Code, Meaning] = {
    Code.NO_POLICY: Meaning("no policy covers this order", "risk officer", "0 broker option"),
    Code.NO_PRICE: Meaning("a rule needs a price and there is none", "operations", "99 other"),
    Code.STALE_PRICE: Meaning("the price is too old to judge by", "operations", "99 other"),
    Code.NOT_LIVE: Meaning("the price is delayed or frozen", "operations", "99 other"),
    Code.NO_FX: Meaning("no exchange rate into the policy's currency", "operations", "99 other"),
    Code.NO_ADV: Meaning("no average daily volume is known", "operations", "99 other"),
    Code.NO_HOURS: Meaning("no trading hours are known for this time", "operations", "99 other"),
    Code.NO_INTENT: Meaning("the order states no intended notional", "strategy", "99 other"),
    Code.NO_LOCATE: Meaning("a short sale without a locate", "strategy", "99 other"),
    Code.NO_ACCOUNT: Meaning("no account is known", "operations", "15 unknown account"),
    Code.UNKNOWN_ACCOUNT: Meaning("this account is not ours", "strategy", "15 unknown account"),
    Code.NO_ACCOUNT_VALUE: Meaning("an account value is absent or stale", "operations", "99 other"),
    Code.UNKNOWN_INSTRUMENT: Meaning("not a known instrument", "strategy", "1 unknown symbol"),
    Code.EXPIRED_INSTRUMENT: Meaning("expired or not yet listed", "strategy", "1 unknown symbol"),
    Code.NOT_TRADABLE: Meaning("halted or not tradable now", "strategy", "2 exchange closed"),
    Code.BAD_ORDER: Meaning("the order is malformed", "strategy", "11 unsupported characteristic"),
    Code.BAD_QUANTITY: Meaning("not an orderable quantity", "strategy", "13 incorrect quantity"),
    Code.BAD_PRICE: Meaning("a price is missing, extra or impossible", "strategy", "99 other"),
    Code.OFF_TICK: Meaning("a price is not on the tick", "strategy", "99 other"),
    Code.BAD_TIF: Meaning("time in force is wrong", "strategy", "11 unsupported characteristic"),
    Code.STOP_THROUGH_MARKET: Meaning("the stop would trigger at once", "strategy", "99 other"),
    Code.UNKNOWN_ORDER: Meaning("no such order", "strategy", "5 unknown order"),
    Code.NOT_MODIFIABLE: Meaning("the order can no longer be changed", "strategy", "99 other"),
    Code.KEY_REUSED: Meaning("this key was used for other terms", "strategy", "6 duplicate order"),
    Code.NOT_RECONCILED: Meaning("our book is not yet proven", "operations", "0 broker option"),
    Code.NOT_CONNECTED: Meaning("no session with the broker", "operations", "0 broker option"),
    Code.MODE_MISMATCH: Meaning("paper and live disagree", "operations", "0 broker option"),
    Code.REDUCE_ONLY: Meaning("only reductions are taken now", "risk officer", "0 broker option"),
    Code.HALTED: Meaning("trading is halted", "risk officer", "0 broker option"),
    Code.KILLED: Meaning("trading was killed", "risk officer", "0 broker option"),
    Code.PARENT_OVERFILL: Meaning("children exceed their parent", "strategy", "3 exceeds limit"),
    Code.GROUP_DENIED: Meaning("another leg of its group was denied", "strategy", "99 other"),
    Code.QUEUE_FULL: Meaning("too many orders wait to be sent", "strategy", "4 too late to enter"),
    Code.QUEUE_EXPIRED: Meaning("its turn came too late", "strategy", "4 too late to enter"),
    Code.JOURNAL_UNAVAILABLE: Meaning("could not be recorded", "operations", "0 broker option"),
    Code.RULE_ERROR: Meaning("a rule failed to answer", "riskgate", "99 other"),
    Code.APPROVAL_EXPIRED: Meaning("nobody approved it in time", "risk officer", "99 other"),
}
