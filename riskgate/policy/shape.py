"""The shape of a policy file as JSON Schema (draft 2020-12): what editors complete and CI checks.

Rule 1: a rule kind's branch is made from its parameters; nothing of a kind is written here.
Rule 2: a rule is judged by the branch of its `kind` (if/then), so an error is about that kind.
Rule 3: this says what may be written; what names mean and whether they exist, the compiler says.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from riskgate.model.subject import PER_KEYS, SELECTOR_KEYS
from riskgate.policy.catalog import kinds
from riskgate.rulekit.base import Parameter, Rule
from riskgate.rulekit.matching import Names
from riskgate.rulekit.parameters import (
    DURATION_TEXT,
    TIME_TEXT,
    WINDOW_TEXT,
    ParameterType,
    Schema,
    TimeOfDay,
    Words,
)

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
NOT_BLANK: Final = r"\S"
KEBAB: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
CURRENCY: Final = r"^[A-Z]{3}$"
GROUP_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
DAY: Final = r"^\d{4}-\d\d-\d\d$"
QUOTE: Final = r"^[-+]?\d[\d_]*(\.\d+)? x [-+]?\d[\d_]*(\.\d+)?$"
FIRST: Final = r"^(allow|warn|hold|deny) at [1-9]\d*$"
MOMENT: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$"

PATTERNS: Final[Mapping[str, str]] = {
    NOT_BLANK: "text that is not blank",
    KEBAB: "kebab-case, such as us-equities",
    CURRENCY: "three capital letters, such as USD",
    GROUP_NAME: "letters, digits, `-`, `_` and `.`, such as mega-caps",
    DAY: "a date such as 2026-06-19",
    QUOTE: "`bid x ask`, such as 189.99 x 190.01",
    FIRST: "an outcome and its number, such as deny at 2",
    MOMENT: "a time with its offset, such as 2026-12-18T16:00:00-05:00",
    DURATION_TEXT: "a duration such as 500ms, 5s, 10m, 1h or 2d",
    TIME_TEXT: 'a time of day such as "09:30" or "16:00:00"',
    WINDOW_TEXT: 'a window such as "23:44-23:47"',
}
"""What a text that must match the pattern is, in words."""

RULE_KEYS: Final = ("id", "kind", "match", "per", "on_breach", "mode", "because", "controls")
"""What every rule may hold beside its parameters; `per` only where there is a budget."""


def which_kinds() -> str:
    """Where to find what may stand in `kind`; a line that names them all is read by nobody."""
    return f"one of the {len(kinds())} that `riskgate rules` lists, such as position or fat_finger"


def policy_schema() -> Schema:
    """The JSON Schema of a policy file."""
    branches = {name: _branch(kind) for name, kind in kinds().items()}
    return {
        "$schema": DIALECT,
        "title": "riskgate policy",
        **top_shape(ref("rule")),
        "$defs": {
            "selector": selector_shape(),
            "waiver": waiver_shape(),
            "rule": {
                **any_rule_shape(),
                "allOf": [_if_kind(name) for name in branches],
            },
            **branches,
        },
    }


def top_shape(rule: Schema) -> Schema:
    """The top level of a policy file whose rules have the given shape."""
    return mapping(
        {
            "riskgate": said({"const": 1}, "The version of the policy language: 1."),
            "policy": said(word(KEBAB), "The policy's unique name."),
            "description": said({"type": "string"}, "What the policy is for."),
            "owner": said({"type": "string"}, "Who answers for it."),
            "applies_to": said(ref("selector"), "Which orders it covers; without it, every order."),
            "timezone": said(
                {"type": "string", "minLength": 1, "examples": ["America/New_York"]},
                "The time zone of the trading day and of times of day.",
            ),
            "day_starts": said(
                {**TimeOfDay().schema(), "default": "00:00"},
                "The local time at which the trading day rolls.",
            ),
            "currency": said(word(CURRENCY), "The currency of every notional in this file."),
            "groups": said(
                {
                    "type": "object",
                    "propertyNames": word(GROUP_NAME),
                    "additionalProperties": _words(),
                },
                "Named lists, used as @name in selectors and lists.",
            ),
            "rules": said(listed(rule), "The limits."),
            "waivers": said(
                {"type": "array", "items": ref("waiver")},
                "Temporary, named exceptions.",
            ),
        },
        required=("riskgate", "policy", "currency", "timezone", "rules"),
    )


def any_rule_shape() -> Schema:
    """What holds for a rule of every kind."""
    return {
        "type": "object",
        "properties": {"kind": said({"enum": list(kinds())}, "What the rule measures.")},
        "required": ["id", "kind", "because"],
    }


def unknown_rule_shape() -> Schema:
    """What can be said of a rule whose kind is not known: its common keys, other keys untold."""
    common = _common(Rule)
    common["kind"] = said({}, f"what the rule measures: {which_kinds()}")
    return {
        "type": "object",
        "properties": common,
        "required": ["id", "kind", "because"],
        "$defs": {"selector": selector_shape()},
    }


def waiver_shape() -> Schema:
    """A waiver; what it may set depends on its rule."""
    return mapping(
        {
            "rule": said(word(KEBAB), "The id of the rule in this file that it is for."),
            "match": said(ref("selector"), "For which of the rule's orders it holds."),
            "set": said(
                {"type": "object", "minProperties": 1},
                "The limits that hold instead; only limit parameters of that rule.",
            ),
            "until": said(word(MOMENT), "When it ends, with offset."),
            "approved_by": said(word(NOT_BLANK), "Who granted it."),
            "because": said(word(NOT_BLANK), "Why it was granted."),
        },
        required=("rule", "match", "set", "until", "approved_by", "because"),
    )


def selector_shape() -> Schema:
    """For whom a policy, a rule or a waiver is."""
    about = "Names; `*` and `?` match any text, `!` excludes, `@name` is a group."
    keys = {key: said(_words(), about) for key in SELECTOR_KEYS}
    return {**mapping(keys), "minProperties": 1}


def rule_shape(kind: type[Rule]) -> Schema:
    """The branch of one kind."""
    own = {name: _parameter(item) for name, item in kind.parameters.items()}
    common = _common(kind)
    order = ("id", "kind", "match", "per")
    first = {name: common[name] for name in order if name in common}
    required = [name for name, item in kind.parameters.items() if item.required]
    return {
        **mapping({**first, **own, **common}, required=("id", "kind", "because", *required)),
        **_some_limit(kind),
    }


def waived_shape(kind: type[Rule]) -> Schema:
    """What `set` of a waiver for a rule of this kind may hold; other keys, the compiler judges."""
    return {"properties": {name: item.type.schema() for name, item in kind.limits().items()}}


def mapping(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    """A mapping that holds these keys and no other."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def listed(item: Schema) -> Schema:
    """A list of at least one item."""
    return {"type": "array", "items": item, "minItems": 1}


def ref(name: str) -> Schema:
    """A reference to one of the schema's `$defs`."""
    return {"$ref": f"#/$defs/{name}"}


def word(pattern: str) -> Schema:
    """Text that matches one of `PATTERNS`."""
    return {"type": "string", "pattern": pattern}


def said(schema: Schema, description: str) -> Schema:
    """The schema with the text that editors show."""
    return {**schema, "description": description}


def _words() -> Schema:
    return Words().schema()


def _if_kind(name: str) -> Schema:
    return {
        "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
        "then": ref(name),
    }


def _branch(kind: type[Rule]) -> Schema:
    """A kind's branch with the first line of its file as title and its class's as description."""
    title = _first_line(sys.modules[kind.__module__].__doc__)
    return {"title": title, "description": _first_line(kind.__doc__), **rule_shape(kind)}


def _first_line(docstring: str | None) -> str:
    return (docstring or "").strip().partition("\n")[0]


def _common(kind: type[Rule]) -> dict[str, Schema]:
    """The keys every rule may hold, in the order in which people write them."""
    keys = {
        "id": said(word(KEBAB), "The rule's name, unique in this file."),
        "kind": said({"const": getattr(kind, "kind", "")}, _first_line(kind.__doc__)),
        "match": said(ref("selector"), "Narrows `applies_to` further."),
        "per": said(
            Words(PER_KEYS).schema(),
            "One budget for each distinct combination; without it, one for the rule.",
        ),
        "on_breach": said(
            {"enum": ["deny", "hold", "warn"], "default": "deny"},
            "What a breach does: deny, hold for a person's approval, or warn and let pass.",
        ),
        "mode": said(
            {"enum": ["enforce", "shadow", "off"], "default": "enforce"},
            "shadow records the verdict and never stops the order; off does not ask.",
        ),
        "because": said(word(NOT_BLANK), "Why the limit exists."),
        "controls": said(
            {**listed({"type": "string", "minLength": 1}), "uniqueItems": True},
            "Free references, such as RTS6-15, for the inventory of controls.",
        ),
    }
    return {name: keys[name] for name in RULE_KEYS if name != "per" or kind.has_budget}


def _parameter(item: Parameter) -> Schema:
    schema = said(item.type.schema(), item.help)
    default = _written(item.default, item.type)
    return schema if default is None else {**schema, "default": default}


def _written(default: object, type_: ParameterType) -> Any:  # noqa: ANN401  # what JSON can hold
    """A default as JSON shows it; None where there is none, or none that JSON can hold."""
    if isinstance(default, Names):
        options = type_.options if isinstance(type_, Words) and type_.options else ()
        return [item for item in options if item in default] or sorted(default.exact)
    if isinstance(default, Decimal):
        return int(default) if default == default.to_integral_value() else float(default)
    return default if isinstance(default, str | bool) else None


def _some_limit(kind: type[Rule]) -> Schema:
    """At least one limit must be given, unless one stands by default."""
    limits = kind.limits()
    if not limits or any(limit.default is not None for limit in limits.values()):
        return {}
    return {"anyOf": [{"required": [name]} for name in limits]}
