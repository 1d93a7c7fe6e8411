"""The shape of the package: who may import whom, in no loop, and which file opens which library.

The contracts are in pyproject.toml under [tool.importlinter]; here they are run.
"""

from __future__ import annotations

import ast
import logging
import tomllib
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TypeGuard

import grimp
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "riskgate").rglob("*.py"))
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

# A library, and the one module or small package that may import it. The simulator is a product of
# its own and may not import the rest: it has its own door to YAML.
DOORS: dict[str, str | tuple[str, ...]] = {
    "cerberus": "riskgate/line/payload.py",
    "eventkit": "riskgate/brokers/ib/",
    "exchange_calendars": "riskgate/calendars.py",
    "ib_async": "riskgate/brokers/ib/",
    "ib_insync": "riskgate/brokers/ib/",
    "jsonschema": "riskgate/policy/schema.py",
    "peewee": "riskgate/journal/",
    "playhouse": "riskgate/journal/",
    "ruamel": "riskgate/authoring/layout/tree.py",
    "yaml": ("riskgate/policy/source.py", "riskgate/simulator/scenarios/source.py"),
}

# The only imports that close a loop, each by itself, and why it may: importer, imported.
CLOSING = {
    # An order reads and writes its own line. The line's grammar, its fields and what is wrong with
    # them are all written over the order; the one way back is `Order.parse` and `str(order)`.
    ("riskgate.model.order", "riskgate.model.order_line"),
}


@pytest.mark.parametrize("contract", [contract["id"] for contract in LINTER["contracts"]])
def test_the_contract_is_kept(
    contract: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "160")
    heard = [log for log in logging.root.manager.loggerDict.values() if is_heard(log)]
    code = lint_imports("pyproject.toml", (contract,), no_cache=True, no_logo=True)
    for log in heard:  # the linter switches off every logger that it finds
        log.disabled = False
    assert code == 0, capsys.readouterr().out


def is_heard(log: logging.Logger | logging.PlaceHolder) -> TypeGuard[logging.Logger]:
    return isinstance(log, logging.Logger) and not log.disabled


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    return imported_by("riskgate")


def test_no_two_modules_import_each_other_in_a_loop(imported: dict[str, set[str]]) -> None:
    assert loop(imported, CLOSING) == []


@pytest.mark.parametrize("one", sorted(CLOSING))
def test_an_import_that_may_close_a_loop_still_closes_one(
    one: tuple[str, str], imported: dict[str, set[str]]
) -> None:
    assert set(one) <= set(loop(imported, CLOSING - {one}))


def test_a_loop_is_seen_wherever_its_imports_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {
        "__init__": "",
        "first": "if TYPE_CHECKING:\n    from in_a_loop.second import One",
        "second": "def later():\n    from in_a_loop import third",
        "third": "from . import first",
        "apart": "import in_a_loop.first",
    }
    (tmp_path / "in_a_loop").mkdir()
    for name, source in sources.items():
        (tmp_path / "in_a_loop" / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    found = imported_by("in_a_loop")
    assert set(loop(found)) == {"in_a_loop.first", "in_a_loop.second", "in_a_loop.third"}
    assert loop(found, {("in_a_loop.third", "in_a_loop.first")}) == []


def imported_by(package: str) -> dict[str, set[str]]:
    """What each module of a package imports of it, in functions and for type checkers too."""
    graph = grimp.build_graph(package, cache_dir=None)
    return {one: graph.find_modules_directly_imported_by(one) for one in graph.modules}


def loop(
    imported: Mapping[str, Collection[str]], but_for: Collection[tuple[str, str]] = ()
) -> list[str]:
    """Modules that import each other in a circle, one after the other; none if there is no such.

    Imports that are left out are given as importer and imported.
    """
    left = {
        one: sorted(other for other in imported[one] if (one, other) not in but_for)
        for one in sorted(imported)
    }
    try:
        TopologicalSorter(left).prepare()
    except CycleError as found:
        return list(found.args[1])
    return []


def test_a_library_is_imported_through_its_one_door() -> None:
    wrong = [
        f"{here}:{line}: {library} is imported only in {DOORS[library]}"
        for here, path in {path.relative_to(ROOT).as_posix(): path for path in FILES}.items()
        for library, line in imports(ast.parse(path.read_text()))
        if library in DOORS and not here.startswith(DOORS[library])
    ]
    assert wrong == []


def test_every_way_to_import_a_library_is_seen() -> None:
    source = """
import yaml, json
import peewee as orm
def later():
    from ib_insync.wrapper import Wrapper
    importlib.import_module("ib_async.client")
    import_module("cerberus")
    __import__("jsonschema")
from . import yaml_like
"""
    found = {library for library, _ in imports(ast.parse(source))}
    wanted = {"yaml", "json", "peewee", "ib_insync", "ib_async", "cerberus", "jsonschema"}
    assert found == wanted


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every library a module imports anywhere, by its top-level name, with the line."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                modules = [module]
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                modules = [module]
            case _:
                continue
        for module in modules:
            yield module.partition(".")[0], node.lineno
