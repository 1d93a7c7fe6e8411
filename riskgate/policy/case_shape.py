"""The shape of a policy-test file and of a state file as JSON Schema (policy-language.md, 8).

Rule 1: a case does exactly one thing, and so does a step: its key decides what may stand beside it.
Rule 2: this judges shape only. Orders are text or a mapping of payload fields whose values are not
judged here: a test may want to see a wrong one denied.
Rule 3: words that the model closes (states, statuses, payload fields) come from the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from riskgate.model.fields import FLAT
from riskgate.model.lifecycle import BEFORE_SENDING, Status
from riskgate.model.trading import TradingState
from riskgate.policy.case_words import described
from riskgate.policy.shape import (
    DAY,
    DIALECT,
    FIRST,
    MOMENT,
    NOT_BLANK,
    QUOTE,
    listed,
    mapping,
    ref,
    said,
    word,
)
from riskgate.rulekit.parameters import NUMBER_TEXT, Duration, Flag, Number, Schema

OUTCOMES: Final = ("allow", "warn", "hold", "deny")
FIELDS: Final = (*FLAT, "time_in_force")
TEXT: Final[Schema] = {"type": "string", "minLength": 1}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
SIGNED: Final[Schema] = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER_TEXT}]}
AMOUNT: Final = Number().schema()
NATURAL: Final = Number(whole=True).schema()
FLAG: Final = Flag().schema()
INSTANT: Final = word(MOMENT)
STATE: Final[Schema] = {"enum": [str(state) for state in TradingState]}
OURS: Final = BEFORE_SENDING | {Status.PARTIALLY_FILLED, Status.UNKNOWN}  # no broker says these
STATUS: Final[Schema] = {"enum": [str(item) for item in Status if item not in OURS]}
ORDER: Final = ref("order")
ACCOUNT: Final = ref("account")
PRICES: Final[Schema] = {"type": "object", "additionalProperties": ref("price")}


def _each(item: Schema) -> Schema:
    """A mapping from names to values of one shape."""
    return {"type": "object", "additionalProperties": item}


GIVEN: Final[Mapping[str, Schema]] = {
    "now": said(INSTANT, "The moment of the first order."),
    "mode": said({"enum": ["paper", "live"], "default": "paper"}, "What the account is."),
    "account": said(ACCOUNT, "The account of the orders."),
    "accounts": said(listed(ACCOUNT), "Several accounts."),
    "instruments": said(_each(ref("instrument")), "Instruments other than USD stocks, by name."),
    "unknown": said(TEXTS, "Symbols the broker does not know."),
    "prices": said(PRICES, "Quotes by name: `bid x ask`, or a mapping."),
    "fx": said(_each(AMOUNT), "The value of one unit in the account's currency."),
    "adv": said(_each(AMOUNT), "Average daily volume by symbol."),
    "positions": said(_each(SIGNED), "Positions by instrument."),
    "working": said({"type": "array", "items": ORDER}, "Working orders, acknowledged."),
    "today": said(
        _each(mapping({"quantity": AMOUNT, "notional": AMOUNT, "orders": NATURAL})),
        "What was executed earlier today.",
    ),
    "state": said(STATE, "The trading state."),
    "strategy": said(TEXT, "The default strategy of the orders."),
    "reconciled": said(FLAG, "Whether the book is proven; default true."),
    "connected": said(FLAG, "Whether there is a session with the broker; default true."),
    "journal_writable": said(FLAG, "Whether decisions can be recorded; default true."),
}
"""What the world is like before the first order."""

DEFS: Final[Mapping[str, Schema]] = {
    "order": {
        "anyOf": [
            said(TEXT, "One line, such as BUY 100 AAPL LMT 190.25 DAY."),
            mapping({name: {} for name in FIELDS}),
        ]
    },
    "price": {
        "anyOf": [
            word(QUOTE),
            mapping(
                {
                    **dict.fromkeys(("bid", "ask", "last", "close"), SIGNED),
                    "age": Duration().schema(),
                    "type": {"enum": ["live", "frozen", "delayed"]},
                }
            ),
        ]
    },
    "account": mapping(
        {
            "id": TEXT,
            "currency": TEXT,
            **dict.fromkeys(("net_liquidation", "available_funds", "day_pnl"), SIGNED),
        }
    ),
    "instrument": mapping(
        {
            **dict.fromkeys(("sec_type", "currency", "underlying", "exchange", "hours"), TEXT),
            **dict.fromkeys(("multiplier", "min_tick", "lot", "strike", "margin_rate"), AMOUNT),
            **dict.fromkeys(("expiry", "listed"), word(DAY)),
            **dict.fromkeys(("negative_prices", "tradable", "halted"), FLAG),
            "right": {"enum": ["C", "P"]},
        }
    ),
    "bracket": mapping(
        {"entry": ORDER, "take_profit": SIGNED, "stop_loss": SIGNED},
        required=("entry", "take_profit", "stop_loss"),
    ),
    "answer": {"enum": list(OUTCOMES)},
    "tally": {
        **mapping({**dict.fromkeys(OUTCOMES, NATURAL), "first": word(FIRST)}),
        "minProperties": 1,
    },
}
"""What several cases and steps share."""

ANSWER: Final[Mapping[str, Schema]] = {
    "expect": said(ref("answer"), "The decision."),
    "by": said(TEXTS, "Exactly the rules or codes that breach."),
    "shadow": said(TEXTS, "The rules in shadow mode that breach."),
}
GROUP: Final[Mapping[str, Schema]] = {
    **ANSWER,
    "intent": said(AMOUNT, "The declared notional of the whole submission."),
}
SUBMITTED: Final[Mapping[str, Schema]] = {
    **ANSWER,
    "expect": {"anyOf": [ref("answer"), ref("tally")]},
    "parent": said(TEXT, "Makes the order a child, such as of #1."),
    "repeat": said(Number(whole=True, least=1).schema(), "How many times it is submitted."),
}
TALLIED: Final[Schema] = {
    "if": {"required": ["repeat"]},
    "then": {"properties": {"expect": {"type": "object"}}},
    "else": {"properties": {"expect": ref("answer")}},
}
"""A repeated submit expects a count of outcomes, a single one expects an outcome."""

WHO: Final[Mapping[str, Schema]] = {"by": TEXT, "reason": TEXT}
SCOPE: Final[Schema] = {
    "anyOf": [TEXT, mapping({**WHO, "account": TEXT, "strategy": TEXT, "symbol": TEXT})]
}
RESUMED: Final[Schema] = {
    "anyOf": [
        TEXT,
        mapping(
            {
                **WHO,
                **dict.fromkeys(("account", "strategy", "symbol"), TEXT),
                "latch": said(FLAG, "Lift what a rule has set, not what a person has."),
            }
        ),
    ]
}
HELD: Final[Schema] = {"anyOf": [TEXT, mapping({"order": TEXT, **WHO}, required=("order",))]}
FILL: Final = mapping(
    {
        "order": TEXT,
        "quantity": AMOUNT,
        "price": SIGNED,
        "id": said(TEXT, "The execution id, such as 0001.01; the same again is a replay."),
    },
    required=("order", "quantity", "price"),
)
BROKER: Final[Schema] = {
    **mapping(
        {"order": TEXT, "status": STATUS, "code": NATURAL, "text": TEXT}, required=("order",)
    ),
    "minProperties": 2,
}
"""A status, a message with its code, or both."""
CHANGE: Final = mapping({"order": TEXT, **{name: {} for name in FIELDS}}, required=("order",))
BOOK: Final = mapping(
    {
        "position": _each(SIGNED),
        "working": NATURAL,
        "reserved_buy": _each(AMOUNT),
        "reserved_sell": _each(AMOUNT),
    }
)


def _step(name: str, value: Schema, beside: Mapping[str, Schema] | None = None) -> Schema:
    """A step that does one thing, with what may stand beside it."""
    return mapping({name: value, **(beside or {})}, required=(name,))


def _case(name: str, value: Schema, beside: Mapping[str, Schema], *must: str) -> Schema:
    """A case that does one thing, in a world that may differ from what is given to all."""
    title = said(word(NOT_BLANK), "What the case shows.")
    properties = {"name": title, **beside, name: value, "given": mapping(GIVEN), **GIVEN}
    return mapping(properties, required=("name", name, *must))


STEPS: Final[Mapping[str, Schema]] = {
    "submit": {**_step("submit", ORDER, SUBMITTED), **TALLIED},
    "modify": _step("modify", CHANGE, ANSWER),
    "cancel": _step("cancel", TEXT, ANSWER),
    "fill": _step("fill", FILL),
    "broker": _step("broker", BROKER),
    "price": _step("price", {**PRICES, "minProperties": 1}),
    "advance": _step("advance", Duration().schema()),
    "now": _step("now", INSTANT),
    "state": _step("state", STATE),
    "account": _step("account", ACCOUNT),
    "halt": _step("halt", SCOPE, WHO),
    "resume": _step("resume", RESUMED, WHO),
    "approve": _step("approve", HELD, ANSWER),
    "bracket": _step("bracket", ref("bracket"), GROUP),
    "basket": _step("basket", listed(ORDER), GROUP),
    "assert": _step("assert", {**BOOK, "minProperties": 1}),
}
"""A step by the one thing that it does."""

CASES: Final[Mapping[str, Schema]] = {
    "order": _case("order", ORDER, ANSWER, "expect"),
    "bracket": _case("bracket", ref("bracket"), GROUP, "expect"),
    "basket": _case("basket", listed(ORDER), GROUP, "expect"),
    "steps": _case("steps", listed({"type": "object"}), {}),
}
"""A case by the one thing that it does."""


def part(name: str, deed: str) -> Schema:
    """One part of a test file, to be judged by itself: `test`, `state`, or a `case` or a `step`."""
    parts = {"test": _top({"type": "object"}), "state": mapping(GIVEN)}
    chosen = parts[name] if name in parts else {"case": CASES, "step": STEPS}[name][deed]
    return {**chosen, "$defs": DEFS}


def test_schema() -> Schema:
    """The JSON Schema of a `*.test.yaml` file."""
    steps = {f"step-{name}": step for name, step in STEPS.items()}
    cases = {f"case-{name}": case for name, case in CASES.items()}
    stepped = cases["case-steps"]
    properties = {**stepped["properties"], "steps": listed(_one_of("step", STEPS))}
    cases["case-steps"] = {**stepped, "properties": properties}
    return described(
        {
            "$schema": DIALECT,
            "title": "riskgate policy tests",
            **_top(_one_of("case", CASES)),
            "$defs": {**DEFS, **cases, **steps},
        }
    )


def state_schema() -> Schema:
    """The JSON Schema of what `riskgate check --state` reads."""
    top: Schema = {"$schema": DIALECT, "title": "riskgate state", **mapping(GIVEN)}
    return described({**top, "$defs": {**DEFS}})


def _top(case: Schema) -> Schema:
    return mapping(
        {
            "policies": said(listed(TEXT), "Files or directories, relative to this file."),
            "given": said(mapping(GIVEN), "What all cases share."),
            "cases": said(listed(case), "What is asked, and what is expected."),
        },
        required=("policies", "cases"),
    )


def _one_of(name: str, deeds: Mapping[str, Schema]) -> Schema:
    """A mapping that does exactly one of several things, judged by the one that it does."""
    return {
        "type": "object",
        "oneOf": [{"required": [deed]} for deed in deeds],
        "allOf": [{"if": {"required": [deed]}, "then": ref(f"{name}-{deed}")} for deed in deeds],
    }
