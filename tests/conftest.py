"""What holds for all tests of the package.

Whole folders are played by two processes, files by one: it starts sooner, and shows what is printed
under `-s`. `PYTEST_XDIST_AUTO_NUM_WORKERS` or `-n` say otherwise.

`-m client` picks the tests that need an IB client library, those worth a second run with another
one. Nobody keeps a list of them: a test is followed through what it and its fixtures name, and is
marked if it comes to a door of the library.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, Final

import pytest
from hypothesis import settings

# A machine that is busy or slow is no fault, and the same tests are the same examples everywhere.
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")

# The tests here play policy tests themselves, and some are wrong on purpose, so the plugin that
# ships with the package must not collect them a second time.
collect_ignore_glob = ["*.test.yaml"]

TESTS: Final = Path(__file__).parent
# The libraries, who imports them, and who opens a connection with one.
LIBRARIES: Final = ("ib_insync", "ib_async")
OPENERS: Final = ("riskgate.brokers", "riskgate.wiring", "riskgate.guarding")
DOORS: Final = (*LIBRARIES, *OPENERS)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return 0 if all(Path(arg.partition("::")[0]).is_file() for arg in config.args) else 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "client" not in config.option.markexpr:
        return
    for item in items:
        if isinstance(item, pytest.Function) and any(map(needs_client, functions_of(item))):
            item.add_marker("client")


def functions_of(item: pytest.Function) -> Iterator[Callable[..., object]]:
    """The test and every fixture that it asks for."""
    function = inspect.unwrap(item.function)
    yield getattr(getattr(function, "hypothesis", None), "inner_test", function)
    for several in item._fixtureinfo.name2fixturedefs.values():
        yield from (inspect.unwrap(one.func) for one in several)


@cache
def needs_client(function: Callable[..., object]) -> bool:
    """Whether something that the function names, or that those name, is a door to the library."""
    waiting: list[Any] = [function]
    seen: set[int] = set()
    while waiting:
        thing = waiting.pop()
        if is_door(thing):
            return True
        if id(thing) not in seen:
            seen.add(id(thing))
            waiting += named_by(thing)
    return False


def is_door(thing: object) -> bool:
    if isinstance(thing, str):  # a name to import, or a program for another process
        return thing in LIBRARIES or any(f"{door} import" in thing for door in OPENERS)
    home = thing.__name__ if inspect.ismodule(thing) else getattr(thing, "__module__", None)
    return str(home).startswith(DOORS)


def named_by(thing: Any) -> Iterable[Any]:  # noqa: ANN401  # whatever a test can name
    """What a thing of the tests names: functions, classes, constants, a program beside the test."""
    if inspect.isclass(thing) and thing.__module__.startswith(("tests", "test_")):
        return [one for one in vars(thing).values() if callable(inspect.unwrap(one))]
    if isinstance(thing, property | staticmethod | classmethod):
        return [getattr(thing, "fget", None) or getattr(thing, "__func__", None)]
    if isinstance(thing, tuple | list | dict):
        return thing
    if isinstance(thing, Path):
        return [thing.read_text()] if thing.suffix == ".py" and TESTS in thing.parents else []
    function = inspect.unwrap(thing) if callable(thing) else None
    if inspect.isfunction(function) and TESTS in Path(function.__code__.co_filename).parents:
        return names_in(function.__code__, function.__globals__)
    return []


def names_in(code: CodeType, known: dict[str, Any]) -> Iterator[Any]:
    yield from (known[name] for name in code.co_names if name in known)
    yield from (one for one in code.co_consts if isinstance(one, str | tuple))
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names_in(inner, known)
