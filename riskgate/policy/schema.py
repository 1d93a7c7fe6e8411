"""Whether a policy or policy-test file has the right shape: all that is wrong, in one pass.

Rule 1: this is the only module that imports jsonschema, and only when a file is judged: the import
costs more than most commands take.
Rule 2: what is judged is what `policy_schema` publishes, but for numbers: text that an editor takes
for `10_000` is a number to our own reader, so here a number is a number.
Rule 3: every rule is judged by its own kind's branch, and a validator is made once per kind, so
the cost grows with the size of the file and the messages are about that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

from riskgate.policy import case_shape, shape
from riskgate.policy.case_shape import state_schema, test_schema
from riskgate.policy.catalog import kinds
from riskgate.policy.shape import policy_schema
from riskgate.policy.source import Document, Location, Problem
from riskgate.policy.wording import (
    CODES,
    Complaint,
    Fault,
    as_found,
    complaints,
    problem,
    unknown_word,
)
from riskgate.rulekit.parameters import NUMBER_TEXT, Schema

__all__ = [
    "CODES",
    "policy_schema",
    "problems",
    "state_problems",
    "state_schema",
    "test_problems",
    "test_schema",
]

Judge = Callable[[object], Iterable[Any]]
ANNOTATIONS: Final = frozenset({"title", "default"})


def problems(document: Document) -> tuple[Problem, ...]:
    """All that is wrong with the shape of a policy file, sorted by place."""
    return _sorted(document, _policy(document))


def test_problems(document: Document) -> tuple[Problem, ...]:
    """All that is wrong with the shape of a policy-test file, sorted by place."""
    return _sorted(document, _test(document))


def state_problems(document: Document) -> tuple[Problem, ...]:
    """All that is wrong with the shape of a `--state` file, sorted by place."""
    return _sorted(document, _judged(_part("state"), document.value, (), document))


def _sorted(document: Document, items: Iterable[Complaint]) -> tuple[Problem, ...]:
    return tuple(sorted({problem(document, item) for item in items}))


def _policy(document: Document) -> Iterator[Complaint]:
    yield from _judged(_part("top"), document.value, (), document)
    rules = _items(document.value, "rules")
    for place, rule in rules:
        yield from _rule(rule, ("rules", place), document)
    kind_of = {str(rule.get("id")): rule.get("kind") for _, rule in rules}
    for place, waiver in _items(document.value, "waivers"):
        kind = kind_of.get(str(waiver.get("rule")))
        limits = waiver.get("set")
        if isinstance(kind, str) and kind in kinds() and isinstance(limits, dict):
            at = ("waivers", place, "set")
            yield from _judged(_part("waived", kind), limits, at, document)


def _rule(rule: Mapping[str, Any], at: Location, document: Document) -> Iterator[Complaint]:
    kind = rule.get("kind")
    if isinstance(kind, str) and kind in kinds():
        yield from _judged(_part("rule", kind), rule, at, document)
        return
    yield from _judged(_part("unknown rule"), rule, at, document)
    if "kind" in rule:
        meant = unknown_word(kind, kinds()) if isinstance(kind, str) else ""
        hint = meant or f"; use {shape.which_kinds()}"
        yield Complaint("RG103", (*at, "kind"), f"unknown kind {as_found(kind)}{hint}")


def _test(document: Document) -> Iterator[Complaint]:
    yield from _judged(_part("test"), document.value, (), document)
    for place, case in _items(document.value, "cases"):
        at: Location = ("cases", place)
        yield from _doing(("case", case_shape.CASES), case, at, document)
        for number, step in _items(case, "steps"):
            yield from _doing(("step", case_shape.STEPS), step, (*at, "steps", number), document)


def _doing(
    what: tuple[str, Mapping[str, Any]],
    value: Mapping[str, Any],
    at: Location,
    document: Document,
) -> Iterator[Complaint]:
    """Judge a case or a step by the one thing that it does."""
    name, deeds = what
    done = [key for key in value if key in deeds]
    if len(done) == 1:
        yield from _judged(_part(name, done[0]), value, at, document)
    elif done:
        both = " and ".join(f"`{key}`" for key in done)
        yield Complaint("RG109", at, f"a {name} does one thing; found {both}")
    else:
        hints = (unknown_word(key, deeds) for key in value)
        hint = next((hint for hint in hints if hint), "")
        yield Complaint("RG109", at, f"a {name} needs one of {', '.join(deeds)}{hint}")


def _items(value: object, key: str) -> list[tuple[int, dict[str, Any]]]:
    """The mappings in the list under a key; what is neither has been reported elsewhere."""
    listed = value.get(key) if isinstance(value, dict) else None
    if not isinstance(listed, list):
        return []
    return [(place, item) for place, item in enumerate(listed) if isinstance(item, dict)]


def _judged(judge: Judge, value: object, at: Location, document: Document) -> list[Complaint]:
    faults = [_fault(error) for error in judge(value)]
    return complaints(faults, at, document) if faults else []


def _fault(error: Any) -> Fault:  # noqa: ANN401  # the library's error, whose attributes have no types
    return Fault(
        keyword=str(error.validator),
        wanted=error.validator_value,
        value=error.instance,
        schema=error.schema,
        path=tuple(error.absolute_path),
        of_name="propertyNames" in error.absolute_schema_path,
    )


@cache
def _part(name: str, kind: str = "") -> Judge:
    """What judges one part of a file, made once."""
    return _validator(strict(_schema_of(name, kind)))


def _schema_of(name: str, kind: str) -> Schema:
    match name:
        case "top":
            return {
                **shape.top_shape({"type": "object"}),
                "$defs": {"selector": shape.selector_shape(), "waiver": shape.waiver_shape()},
            }
        case "rule":
            return {
                **shape.rule_shape(kinds()[kind]),
                "$defs": {"selector": shape.selector_shape()},
            }
        case "waived":
            return shape.waived_shape(kinds()[kind])
        case "unknown rule":
            return shape.unknown_rule_shape()
        case _:
            return case_shape.part(name, kind)


def strict(schema: Schema) -> Schema:
    """The schema with numbers only as numbers, references put in place, and no annotations."""
    defs = schema.get("$defs", {})

    def plain(node: Any) -> Any:  # noqa: ANN401  # any part of a JSON Schema
        if isinstance(node, list):
            return [plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            beside = {key: item for key, item in node.items() if key != "$ref"}
            return plain({**defs[node["$ref"].removeprefix("#/$defs/")], **beside})
        if _is_number(node):
            return plain(node["anyOf"][0])
        return {key: plain(item) for key, item in node.items() if _counts(key, item)}

    made: Schema = plain({key: item for key, item in schema.items() if key != "$defs"})
    return made


def _counts(key: str, item: object) -> bool:
    """Annotations do not; a property that has an annotation's name does."""
    return key not in ANNOTATIONS or isinstance(item, dict)


def _is_number(node: Schema) -> bool:
    branches = node.get("anyOf", [])
    return bool(branches) and branches[-1].get("pattern") == NUMBER_TEXT


def _validator(schema: Schema) -> Judge:
    """A validator that takes our reader's `Decimal` for a number, and no boolean."""
    judge: Judge = _validator_class()(schema).iter_errors
    return judge


@cache
def _validator_class() -> Any:  # noqa: ANN401  # the library makes the class
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415  # eighty milliseconds

    checker = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "number": lambda _, value: isinstance(value, Decimal),
            "integer": lambda _, value: _is_whole(value),
        }
    )
    own = {"properties": _properties, "items": _each_item, "anyOf": _fitting_branch}
    extend: Any = validators.extend
    return extend(Draft202012Validator, own, type_checker=checker)


_PARTS: Final[dict[int, Any]] = {}
"""Validators of parts of a schema by identity; each holds its part, so no identity comes twice.

The library makes one anew for every value that it judges, which is most of what judging costs.
"""


def _inside(validator: Any, part: Schema, value: object, *step: str | int) -> Iterator[Any]:  # noqa: ANN401  # the library's protocols do not know `evolve` and `path`
    """The faults of a part of a value; `step` is the way to it."""
    made = _PARTS.get(id(part))
    if made is None:
        made = _PARTS[id(part)] = validator.evolve(schema=part)
    for error in made.iter_errors(value):
        error.path.extendleft(step)
        yield error


def _properties(
    validator: Any,  # noqa: ANN401  # see `_inside`
    properties: Mapping[str, Schema],
    value: object,
    _schema: Schema,
) -> Iterator[Any]:
    """`properties` as the library has it, with each part's validator made once."""
    if isinstance(value, dict):
        for key in value.keys() & properties.keys():
            yield from _inside(validator, properties[key], value[key], key)


def _each_item(
    validator: Any,  # noqa: ANN401  # see `_inside`
    item: Schema,
    value: object,
    _schema: Schema,
) -> Iterator[Any]:
    """`items` as the library has it, with the items' validator made once."""
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from _inside(validator, item, one, place)


def _fitting_branch(
    validator: Any,  # noqa: ANN401  # see `_inside`
    branches: Sequence[Schema],
    value: Container[str],
    _schema: Schema,
) -> Iterator[Any]:
    """`anyOf` judged by the branch that has the value's form: as strict, and its faults are plain.

    In our schemas the branches are a word and a list or mapping, or one key of several.
    """
    from jsonschema import ValidationError  # noqa: PLC0415  # see `_validator_class`

    if all(set(branch) == {"required"} for branch in branches):
        if not any(branch["required"][0] in value for branch in branches):
            yield ValidationError("no limit")
        return
    form = "array" if isinstance(value, list) else "object" if isinstance(value, dict) else ""
    if "enum" in branches[0] and isinstance(value, str) and "," in value:
        form = "array"  # the brackets were forgotten
    fitting = (branch for branch in branches if branch.get("type") == form)
    yield from _inside(validator, next(fitting, branches[0]), value)


def _is_whole(value: object) -> bool:
    return isinstance(value, Decimal) and value == value.to_integral_value()
