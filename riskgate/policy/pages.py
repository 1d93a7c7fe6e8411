"""The page of a rule kind: what its docstring says and what its class declares, as values.

Rule 1: nothing of a kind is written here; a new kind has a page because it is there.
Rule 2: a page says in words what the schema, the compiler and `diff` take from the same class.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Final, NamedTuple

from riskgate.model.subject import HOLDING_KEYS, PER_KEYS
from riskgate.policy.catalog import kinds
from riskgate.policy.docstring import Docstring, read_docstring
from riskgate.policy.shape import PATTERNS, rule_shape
from riskgate.rulekit.base import Limit, Parameter, Rule
from riskgate.rulekit.parameters import NUMBER_TEXT, Schema

UNITS: Final = {"money": "the policy's currency", "price": "price", "time": "", "time of day": ""}
"""What a page says of a unit, where it is not the unit's own name."""
LEAVES: Final = {"string": "text", "boolean": "true or false", "number": "number"}


class Entry(NamedTuple):
    """A kind in the list of kinds."""

    kind: str
    title: str


class ParameterLine(NamedTuple):
    """One parameter: what YAML may hold, what it means, and which way is tighter.

    `default` is None where there is none; `tighter` is a direction of `rulekit.bounds`, or empty.
    """

    name: str
    type: str
    unit: str
    default: str | None
    required: bool
    is_limit: bool
    tighter: str
    help: str


class Page(NamedTuple):
    """Everything there is to say about one kind; `facts` are sentences true of the class."""

    kind: str
    summary: str
    text: Docstring
    parameters: tuple[ParameterLine, ...]
    facts: tuple[str, ...]


def entries() -> tuple[Entry, ...]:
    """Every kind with the first line of its file."""
    return tuple(Entry(name, title_of(kind)) for name, kind in kinds().items())


def page_of(kind: type[Rule]) -> Page:
    """The page of one kind. Raise PolicyError if its docstring is not in the grammar."""
    return Page(
        kind=kind.kind,
        summary=_first_line(kind.__doc__),
        text=read_docstring(_docstring(kind), kind.__module__),
        parameters=tuple(_line(kind, item) for item in kind.parameters.values()),
        facts=_facts(kind),
    )


def title_of(kind: type[Rule]) -> str:
    """The first line of a kind's file, whatever the rest of it is like."""
    return _first_line(_docstring(kind))


def _docstring(kind: type[Rule]) -> str:
    return inspect.cleandoc(sys.modules[kind.__module__].__doc__ or "")


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


def _line(kind: type[Rule], item: Parameter) -> ParameterLine:
    shown = rule_shape(kind)["properties"][item.name]
    return ParameterLine(
        name=item.name,
        type=in_words(item.type.schema()),
        unit=UNITS.get(item.type.unit, item.type.unit),
        default=None if item.default is None else _default(shown.get("default", item.default)),
        required=item.required,
        is_limit=isinstance(item, Limit),
        tighter=item.tighter or "",
        help=" ".join(item.help.split()),
    )


def _default(value: object) -> str:
    """A default as one would write it in YAML."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def in_words(schema: Schema) -> str:
    """What YAML may hold under a parameter, from the schema of its type."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema:
        return f"only `{_default(schema['const'])}`"
    if "anyOf" in schema or "oneOf" in schema:
        return _either(schema.get("anyOf", []) + schema.get("oneOf", []))
    if schema.get("pattern") in PATTERNS:
        return PATTERNS[schema["pattern"]]
    return _structured(schema)


def _structured(schema: Schema) -> str:
    """A list, a mapping, or a plain word for what is neither."""
    match schema.get("type"):
        case "array":
            return f"list, each {in_words(schema.get('items', {}))}"
        case "object":
            keys: Mapping[str, Schema] = schema.get("properties", {})
            inside = "; ".join(f"`{key}`: {in_words(item)}" for key, item in keys.items())
            return f"mapping of {inside}" if inside else "mapping"
        case "integer":
            return f"whole number, {schema.get('minimum', 0)} or more"
        case str(leaf) if leaf in LEAVES:
            return LEAVES[leaf] + (f", {schema['minimum']} or more" if "minimum" in schema else "")
        case _:
            return "anything"


def _either(branches: list[Schema]) -> str:
    """Several forms; the one that is only how an editor sees a number is not told."""
    told = [branch for branch in branches if branch.get("pattern") != NUMBER_TEXT]
    if len(told) == 2 and told[1].get("items") == told[0]:  # noqa: PLR2004  # one, or a list of it
        return f"{in_words(told[0])}, or a list of them"
    return ", or ".join(in_words(branch) for branch in told)


def _facts(kind: type[Rule]) -> tuple[str, ...]:
    """What holds for the kind as a whole."""
    needs = [name for name, limit in kind.limits().items() if limit.default is None]
    some = len(needs) == len(kind.limits()) and len(needs) > 1
    return tuple(
        fact
        for fact in (
            f"At least one of {', '.join(needs)} must be given." if some else "",
            _per(kind),
            "An order that only reduces exposure is never stopped by it."
            if kind.exempts_reductions
            else "An order that only reduces exposure is asked like any other.",
            _narrowing(kind),
        )
        if fact
    )


def _per(kind: type[Rule]) -> str:
    if not kind.has_budget:
        return "It has no budget, so `per` is an error."
    return f"`per` may name {', '.join(PER_KEYS)}: one budget for each distinct combination."


def _narrowing(kind: type[Rule]) -> str:
    if kind.narrows_holdings:
        keys = ", ".join(HOLDING_KEYS)
        return (
            f"Selectors narrow what is summed by {keys}; `strategy` does so only if it is in"
            " `per`; the other keys decide whether the rule is asked."
        )
    if kind.has_budget:
        return "It counts the orders and messages that its whole selector matches."
    return "Selectors decide whether the rule is asked."
