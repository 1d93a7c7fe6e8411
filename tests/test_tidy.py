"""The house style that ruff cannot ask for: sizes, names, docstrings, and what has no place here.

Every check runs once per file, so that a failure names the place.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "riskgate").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FOLDERS = ("riskgate", "tests", "benchmarks", "examples")

LONGEST_MODULE = 400
LONGEST_FUNCTION = 50

# Names that say nothing. The brief names the first exception, the error vocabulary the second.
HOLLOW = {"Manager", "Handler", "Helper", "Util", "Utils", "Data", "Info"}
ALLOWED_NAMES = {"OrderManager", "MissingData"}
# Where a fault that nobody foresaw ends: the outermost shell.
# The shell, the one place where a rule that raises becomes a denial (policy-language.md, 1.2), and
# where what one submission of a batch raises is carried to who submitted it.
SHELL = ("riskgate/cli/", "riskgate/__main__.py")
OUTERMOST = (*SHELL, "riskgate/policy/evaluate.py", "riskgate/line/gathering.py")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def place(path: Path, node: ast.AST | None = None) -> str:
    """Where something is, as the reader's editor understands it."""
    where = path.relative_to(ROOT).as_posix()
    return f"{where}:{getattr(node, 'lineno', 1)}" if node else where


package = pytest.mark.parametrize("path", PACKAGE, ids=place)
everywhere = pytest.mark.parametrize("path", PACKAGE + TESTS, ids=place)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@everywhere
def test_a_module_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE


@everywhere
def test_a_function_is_short(path: Path) -> None:
    long = [
        f"{place(path, node)} {node.name} has {lines} lines"
        for node in ast.walk(parse(path))
        if isinstance(node, Function)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == []


@package
def test_a_module_opens_with_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parse(path)), f"{place(path)} has no docstring"


@package
def test_what_is_public_has_a_docstring(path: Path) -> None:
    bare = [
        f"{place(path, node)} {node.name} has no docstring"
        for node in public(parse(path))
        if not ast.get_docstring(node)
    ]
    assert bare == []


@everywhere
def test_a_name_says_what_the_thing_is(path: Path) -> None:
    classes = [node for node in ast.walk(parse(path)) if isinstance(node, ast.ClassDef)]
    names = [(place(path, node), node.name) for node in classes]
    names.append((place(path), path.stem.title()))
    assert [f"{where} {name}" for where, name in names if is_hollow(name)] == []


@package
def test_safety_does_not_rest_on_assert(path: Path) -> None:
    asserts = [node for node in ast.walk(parse(path)) if isinstance(node, ast.Assert)]
    assert [place(path, node) for node in asserts] == []


@package
def test_only_the_outermost_shell_catches_everything(path: Path) -> None:
    if place(path).startswith(OUTERMOST):
        return
    handlers = [node for node in ast.walk(parse(path)) if isinstance(node, ast.ExceptHandler)]
    assert [place(path, node) for node in handlers if swallows_everything(node)] == []


@everywhere
def test_nothing_is_left_for_later(path: Path) -> None:
    with path.open("rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    notes = [t for t in tokens if t.type in {tokenize.COMMENT, tokenize.STRING}]
    assert [f"{place(path)}:{t.start[0]}" for t in notes if UNFINISHED.search(t.string)] == []


def test_no_code_is_commented_out_and_no_function_takes_six_parameters() -> None:
    folders = [folder for folder in FOLDERS if (ROOT / folder).exists()]
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise"]
    rules = ["--select", "ERA001,PLR0913", *folders]
    done = subprocess.run(
        [*ruff, *rules], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("except Exception:\n    pass", True),
        ("except BaseException as error:\n    log(error)", True),
        ("except:\n    pass", True),
        ("except (ValueError, Exception):\n    pass", True),
        ("except builtins.Exception:\n    pass", True),
        ("except BaseException:\n    undo()\n    raise", False),
        ("except (ValueError, KeyError):\n    pass", False),
    ],
)
def test_catching_everything_is_recognised(source: str, *, expected: bool) -> None:
    tree = ast.parse(f"try:\n    pass\n{source}")
    (handler,) = (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))
    assert swallows_everything(handler) is expected


@pytest.mark.parametrize("name", ["OrderHandler", "RiskData", "HTTPInfo", "Utils", "_PathHelper"])
def test_a_hollow_name_is_recognised(name: str) -> None:
    assert is_hollow(name)


@pytest.mark.parametrize("name", ["OrderManager", "MissingData", "Database", "Informed", "Order"])
def test_a_telling_name_is_left_alone(name: str) -> None:
    assert not is_hollow(name)


def is_hollow(name: str) -> bool:
    """True if the last word of a CamelCase name says nothing."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*", name)
    last = words[-1] if words else ""
    return name not in ALLOWED_NAMES and bool({last, last.removesuffix("s")} & HOLLOW)


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """True if a handler catches any exception and does not end by raising it again."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {ast.unparse(kind).rpartition(".")[2] for kind in caught if kind is not None}
    last = handler.body[-1]
    again = isinstance(last, ast.Raise) and last.exc is None
    return (handler.type is None or bool(names & {"Exception", "BaseException"})) and not again


def public(node: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    """The public classes and functions of a module, and the public methods of those classes."""
    for child in node.body:
        if not isinstance(child, Function | ast.ClassDef) or child.name.startswith("_"):
            continue
        if any(
            ast.unparse(mark) in {"overload", "typing.overload"} for mark in child.decorator_list
        ):
            continue
        yield child
        if isinstance(child, ast.ClassDef):
            yield from public(child)


def test_few_modules_stand_at_the_root_of_the_package() -> None:
    """Decision record 21: what fits no package is a question about the design."""
    assert len(list((ROOT / "riskgate").glob("*.py"))) <= 16
