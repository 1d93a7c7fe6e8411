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
    """What a code means, who must act, its nearest FIX OrdRejReason, and what to do next."""

    text: str
    who: str
    fix: str
    then: str


MEANINGS: dict[Code, Meaning] = {
    Code.NO_POLICY: Meaning(
        "no policy covers this order",
        "risk officer",
        "0 broker option",
        "see `riskgate why`, and widen `applies_to` of a policy or write one for these orders",
    ),
    Code.NO_PRICE: Meaning(
        "a rule needs a price and there is none",
        "operations",
        "99 other",
        "see that market data comes for the instrument; `gate.prepare` waits for it",
    ),
    Code.STALE_PRICE: Meaning(
        "the price is too old to judge by",
        "operations",
        "99 other",
        "see that market data still comes; the quote's age is in the text",
    ),
    Code.NOT_LIVE: Meaning(
        "the price is delayed or frozen",
        "operations",
        "99 other",
        "subscribe to live data, or say in `reference_price` that delayed data will do",
    ),
    Code.NO_FX: Meaning(
        "no exchange rate into the policy's currency",
        "operations",
        "99 other",
        "have the broker send the exchange rate, or keep the policy in the instrument's currency",
    ),
    Code.NO_ADV: Meaning(
        "no average daily volume is known",
        "operations",
        "99 other",
        "see that the broker sends an average volume, or limit the rule to what has one",
    ),
    Code.NO_HOURS: Meaning(
        "no trading hours are known for this time",
        "operations",
        "99 other",
        "see that the instrument's trading hours are known; the text names the calendar",
    ),
    Code.NO_INTENT: Meaning(
        "the order states no intended notional",
        "strategy",
        "99 other",
        "state `intent=` with what the order is meant to be worth",
    ),
    Code.NO_LOCATE: Meaning(
        "a short sale without a locate",
        "strategy",
        "99 other",
        "get a locate and name it in `locate=`, or do not sell short",
    ),
    Code.NO_ACCOUNT: Meaning(
        "no account is known",
        "operations",
        "15 unknown account",
        "name `account=` on the order, or see that the session has one",
    ),
    Code.UNKNOWN_ACCOUNT: Meaning(
        "this account is not ours",
        "strategy",
        "15 unknown account",
        "name one of the accounts in the text",
    ),
    Code.NO_ACCOUNT_VALUE: Meaning(
        "an account value is absent or stale",
        "operations",
        "99 other",
        "see that account values come; `max_account_age` says how old they may be",
    ),
    Code.UNKNOWN_INSTRUMENT: Meaning(
        "not a known instrument",
        "strategy",
        "1 unknown symbol",
        "look at symbol, `sec_type=` and `exchange=`; `watch` names what is made ready",
    ),
    Code.EXPIRED_INSTRUMENT: Meaning(
        "expired or not yet listed", "strategy", "1 unknown symbol", "choose another expiry"
    ),
    Code.NOT_TRADABLE: Meaning(
        "halted or not tradable now", "strategy", "2 exchange closed", "wait until it trades again"
    ),
    Code.BAD_ORDER: Meaning(
        "the order is malformed",
        "strategy",
        "11 unsupported characteristic",
        "correct what the text names",
    ),
    Code.BAD_QUANTITY: Meaning(
        "not an orderable quantity",
        "strategy",
        "13 incorrect quantity",
        "give a quantity above zero, in whole lots of the instrument",
    ),
    Code.BAD_PRICE: Meaning(
        "a price is missing, extra or impossible",
        "strategy",
        "99 other",
        "give exactly the prices that the order type takes",
    ),
    Code.OFF_TICK: Meaning(
        "a price is not on the tick",
        "strategy",
        "99 other",
        "round the price to the tick in the text",
    ),
    Code.BAD_TIF: Meaning(
        "time in force is wrong",
        "strategy",
        "11 unsupported characteristic",
        "choose a time in force that the type takes",
    ),
    Code.STOP_THROUGH_MARKET: Meaning(
        "the stop would trigger at once",
        "strategy",
        "99 other",
        "move the stop to the far side of the market, or say `trigger_now=true`",
    ),
    Code.UNKNOWN_ORDER: Meaning(
        "no such order", "strategy", "5 unknown order", "use the number that the ticket has"
    ),
    Code.NOT_MODIFIABLE: Meaning(
        "the order can no longer be changed",
        "strategy",
        "99 other",
        "look at the order's status; an order that has ended is not changed, only replaced",
    ),
    Code.KEY_REUSED: Meaning(
        "this key was used for other terms",
        "strategy",
        "6 duplicate order",
        "use a new `key=` for a new order",
    ),
    Code.NOT_RECONCILED: Meaning(
        "our book is not yet proven",
        "operations",
        "0 broker option",
        "wait for the reconcile, or run `riskgate reconcile` and read what it says",
    ),
    Code.NOT_CONNECTED: Meaning(
        "no session with the broker",
        "operations",
        "0 broker option",
        "bring the session with the broker back; the gate tries by itself",
    ),
    Code.MODE_MISMATCH: Meaning(
        "paper and live disagree",
        "operations",
        "0 broker option",
        "make mode, port and account agree; nothing is sent until they do",
    ),
    Code.REDUCE_ONLY: Meaning(
        "only reductions are taken now",
        "risk officer",
        "0 broker option",
        "send only what makes the position smaller, or have a person `riskgate resume`",
    ),
    Code.HALTED: Meaning(
        "trading is halted",
        "risk officer",
        "0 broker option",
        "find out why in `riskgate status`; a person lifts it with `riskgate resume`",
    ),
    Code.KILLED: Meaning(
        "trading was killed",
        "risk officer",
        "0 broker option",
        "find out why in `riskgate status`; a person lifts it with `riskgate resume`",
    ),
    Code.PARENT_OVERFILL: Meaning(
        "children exceed their parent",
        "strategy",
        "3 exceeds limit",
        "see `riskgate parents`; what the slices still may do is in the text",
    ),
    Code.GROUP_DENIED: Meaning(
        "another leg of its group was denied",
        "strategy",
        "99 other",
        "look at the finding of the other leg; the group is judged as a whole",
    ),
    Code.QUEUE_FULL: Meaning(
        "too many orders wait to be sent",
        "strategy",
        "4 too late to enter",
        "send fewer orders at once; `queue_bound` says how many may wait",
    ),
    Code.QUEUE_EXPIRED: Meaning(
        "its turn came too late",
        "strategy",
        "4 too late to enter",
        "decide anew whether it is still wanted; `max_queue_time` says how long one waits",
    ),
    Code.JOURNAL_UNAVAILABLE: Meaning(
        "could not be recorded",
        "operations",
        "0 broker option",
        "see to the journal's disk, lock and rights; nothing was sent",
    ),
    Code.RULE_ERROR: Meaning(
        "a rule failed to answer",
        "riskgate",
        "99 other",
        "report it with what `riskgate why` prints; the rule's own text is in the finding",
    ),
    Code.APPROVAL_EXPIRED: Meaning(
        "nobody approved it in time",
        "risk officer",
        "99 other",
        "submit it again if it is still wanted; `hold_for` says how long it waits",
    ),
}
