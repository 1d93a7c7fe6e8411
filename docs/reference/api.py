"""The page of the Python names, made from the code itself: see `docs.reference.write`."""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

import riskgate
from docs.reference.text import escaped
from riskgate import orders, pytest_plugin, simulator
from riskgate.model.kept import kept

OPENING = (
    "For whoever imports `riskgate`: every public name. This page is made from the code by"
    " `python -m docs.reference.write`; `help(riskgate.Gate)` says the same."
)
MODULES = (riskgate, orders, simulator)
LONGEST = 60  # a default that takes more room is told as `...`


def page() -> str:
    """The page as Markdown."""
    parts = ["# Python", OPENING]
    for module in MODULES:
        parts += _module(module)
    return "\n\n".join([*parts, *_fixtures()]) + "\n"


def documented(thing: object) -> str:
    """Its own docstring, not that of a class it comes from."""
    found = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    return inspect.cleandoc(found) if isinstance(found, str) else ""


def _module(module: ModuleType) -> Iterator[str]:
    yield f"## {module.__name__}"
    yield escaped(documented(module))
    homes: dict[int, str] = {}
    for name in sorted(module.__all__, key=lambda name: (name.lower(), name)):
        thing = getattr(module, name)
        yield f"### {module.__name__}.{name}"
        yield f"```python\nfrom {module.__name__} import {name}\n```"
        other = _elsewhere(thing, module) or homes.get(id(thing))
        homes[id(thing)] = f"{module.__name__}.{name}"
        yield from [f"The same as `{other}`."] if other else _thing(name, thing)


def _elsewhere(thing: object, module: ModuleType) -> str | None:
    """The name by which a module before this one has told of it."""
    for earlier in MODULES[: MODULES.index(module)]:
        for name in earlier.__all__:
            if getattr(earlier, name) is thing:
                return f"{earlier.__name__}.{name}"
    return None


def _thing(name: str, thing: Any) -> Iterator[str]:  # noqa: ANN401  # whatever has a public name
    if isinstance(thing, str):
        yield "The version, as text."
        return
    if not inspect.isclass(thing):
        yield _block([f"{_lead(thing)}{name}{signature(thing)}"])
        yield escaped(documented(thing))
        return
    made = _maker(thing)
    if made is not None:
        yield _block([name + signature(made, bound=True).removesuffix(" -> None")])
    yield escaped(documented(thing))
    for title, lines in (("Members", _members(thing)), ("Fields", _fields(thing))):
        if lines:
            yield f"{title}:\n\n{_block(lines)}"
    methods = list(_methods(thing))
    if methods:
        yield "\n".join(methods)


def _block(lines: Iterable[str]) -> str:
    return "\n".join(["```text", *lines, "```"])


def _own(kind: type) -> list[type]:
    """The classes of this project that it is made of, itself first."""
    return [one for one in kind.__mro__ if one.__module__.split(".")[0] == "riskgate"]


def _maker(kind: type) -> Any:  # noqa: ANN401  # a function
    """The constructor that somebody has written, of what is no value."""
    if issubclass(kind, msgspec.Struct | enum.Enum) or dataclasses.is_dataclass(kind):
        return None
    if getattr(kind, "_is_protocol", False):
        return None
    return next((vars(one)["__init__"] for one in _own(kind) if "__init__" in vars(one)), None)


def _members(kind: type) -> list[str]:
    if not issubclass(kind, enum.Enum):
        return []
    return [f"{name} = {member.value!r}" for name, member in kind.__members__.items()]


def _fields(kind: type) -> list[str]:
    """`name: type = default` of each field of a value."""
    written: dict[str, object] = {}
    for one in reversed(_own(kind)):
        written |= inspect.get_annotations(one)
    if issubclass(kind, msgspec.Struct):
        found: Iterable[Any] = msgspec.structs.fields(kind)
    elif dataclasses.is_dataclass(kind):
        found = dataclasses.fields(kind)
    else:
        return []
    return [f"{one.name}: {_type(written[one.name])}{_otherwise(one)}" for one in found]


def _otherwise(field: Any) -> str:  # noqa: ANN401  # of msgspec or of dataclasses
    nothing = (msgspec.NODEFAULT, dataclasses.MISSING)
    if field.default not in nothing:
        return f" = {_value(field.default)}"
    made = field.default_factory
    if made in nothing:
        return ""
    name = getattr(made, "__name__", "<lambda>")
    return " = ..." if name == "<lambda>" else f" = {name}()"


def _methods(kind: type) -> Iterator[str]:
    """A line for each public method and property."""
    found: dict[str, Any] = {}
    for one in reversed(_own(kind)):
        found |= {name: thing for name, thing in vars(one).items() if not name.startswith("_")}
    for name, thing in sorted(found.items()):
        told = _method(name, thing)
        if told:
            opening = " ".join(documented(_function(thing)).split("\n\n")[0].split())
            yield f"- `{told}`: {escaped(opening)}"


def _method(name: str, thing: Any) -> str:  # noqa: ANN401  # what stands in a class
    function = _function(thing)
    if not inspect.isfunction(function):
        return ""
    if not isinstance(thing, staticmethod | classmethod) and not inspect.isfunction(thing):
        return name + _returns(inspect.signature(function))
    bound = not isinstance(thing, staticmethod)
    return f"{_lead(function)}{name}{signature(function, bound=bound)}"


def _function(thing: Any) -> Any:  # noqa: ANN401  # what stands in a class, and its function
    """The function below a property, a class method or whatever else holds one."""
    if isinstance(thing, property):
        return thing.fget
    if isinstance(thing, cached_property):
        return thing.func
    if isinstance(thing, kept):
        return thing.compute
    return inspect.unwrap(getattr(thing, "__func__", thing))


def _lead(function: object) -> str:
    return "async " if inspect.iscoroutinefunction(function) else ""


def signature(function: Any, *, bound: bool = False) -> str:  # noqa: ANN401  # a function
    """Parameters and result with their types as they are written in the code."""
    found = inspect.signature(function)
    parameters = list(found.parameters.values())[1 if bound else 0 :]
    words: list[str] = []
    before: inspect.Parameter | None = None
    for one in parameters:
        starred = before is not None and before.kind in (one.VAR_POSITIONAL, one.KEYWORD_ONLY)
        if before is not None and before.kind == one.POSITIONAL_ONLY != one.kind:
            words.append("/")
        if one.kind == one.KEYWORD_ONLY and not starred:
            words.append("*")
        words.append(_parameter(one))
        before = one
    if before is not None and before.kind == before.POSITIONAL_ONLY:
        words.append("/")
    return f"({', '.join(words)}){_returns(found)}"


def _parameter(one: inspect.Parameter) -> str:
    stars = "*" * (one.kind == one.VAR_POSITIONAL) or "**" * (one.kind == one.VAR_KEYWORD)
    typed = "" if one.annotation is one.empty else f": {_type(one.annotation)}"
    equals = " = " if typed else "="
    default = "" if one.default is one.empty else equals + _value(one.default)
    return f"{stars}{one.name}{typed}{default}"


def _returns(found: inspect.Signature) -> str:
    """What comes back; nothing is said where the code says nothing."""
    if found.return_annotation is found.empty:
        return ""
    return f" -> {_type(found.return_annotation)}"


def _type(annotation: object) -> str:
    """A type as it is written; what `Annotated` adds to it is for the schemas."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Annotated":
        text = ast.unparse(node.slice.elts[0]) if isinstance(node.slice, ast.Tuple) else text
    return text


def _value(value: object) -> str:
    """A default as one would write it; `...` for what is long or has no such form."""
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(_value, value)))}}}" if value else "frozenset()"
    if inspect.isclass(value) or inspect.isfunction(value):
        return value.__name__
    text = _struct(value) if isinstance(value, msgspec.Struct) else repr(value)
    return "..." if " at 0x" in text or "<" in text or len(text) > LONGEST else text


def _struct(value: msgspec.Struct) -> str:
    """`Scope()` where every field is as it is by default, else `Scope(...)`."""
    fields = msgspec.structs.fields(type(value))
    plain = all(not one.required for one in fields) and value == type(value)()
    return f"{type(value).__name__}({'' if plain else '...'})"


def _fixtures() -> Iterator[str]:
    """The fixtures of the pytest plugin; read, as pytest wraps them in its own way."""
    yield f"## {pytest_plugin.__name__}"
    yield escaped(documented(pytest_plugin))
    tree = ast.parse(Path(pytest_plugin.__file__).read_text(encoding="utf-8"))
    for one in tree.body:
        if isinstance(one, ast.FunctionDef) and "pytest.fixture" in map(
            _decorator, one.decorator_list
        ):
            yield f"### fixture {one.name}"
            yield escaped(ast.get_docstring(one) or "")


def _decorator(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)
