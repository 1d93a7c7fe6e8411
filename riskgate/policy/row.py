"""A row of looks as one function: their expressions one below the other, each with its numbers.

Rule 1: code is compiled once for each sequence of expressions. Rows that differ in their numbers
alone share it: what is bound is put in among the constants of a copy.
Rule 2: expressions stand in the package's own files and in those of rule kinds; nothing from a
policy, an order or a message is ever part of one.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple

from riskgate.rulekit.surely import Shortcut

GIVEN: Final = frozenset({"order", "seen", "size", "price", "now", "bid", "ask", "unit", "worth"})
REMEMBERED: Final = 1_024
NOTHING: Final = Shortcut("None")
Look = Callable[..., Any]


class Step(NamedTuple):
    """Unless this holds, the row ends, and its answer is the other one."""

    asked: Shortcut
    otherwise: Shortcut = NOTHING


def row(steps: Iterable[Step], answer: Shortcut) -> Look:
    """A function of an order and a snapshot: the answer, unless one of the steps has another."""
    looks = (*(look for step in steps for look in step), answer)
    code = _code(tuple(look.text for look in looks))
    bound = {
        _cell(name, place): cell
        for place, look in enumerate(looks)
        for name, cell in look.bound.items()
    }
    constants = tuple(bound.get(one, one) if type(one) is str else one for one in code.co_consts)
    return FunctionType(code.replace(co_consts=constants), {"__builtins__": {}})


@lru_cache(maxsize=REMEMBERED)
def _code(texts: tuple[str, ...]) -> CodeType:
    """The code of rows that are written alike: steps, each with its other answer, and the answer.

    What is bound stands in it as words. They are no words once it runs, so that nobody need be
    warned of what is done with them.
    """
    parts = [_with_cells(text, place) for place, text in enumerate(texts)]
    steps = zip(parts[:-1:2], parts[1::2], strict=True)
    lines = [f"    if not ({asked}): return {otherwise}" for asked, otherwise in steps]
    source = "\n".join(("def look(order, seen):", *lines, f"    return {parts[-1]}"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        whole = compile(source, "<looks>", "exec")
    return next(part for part in whole.co_consts if isinstance(part, CodeType))


def _with_cells(text: str, place: int) -> str:
    """The expression with a word in place of each name that is bound.

    What it sets itself, as in `(read := ...)`, it sets before it uses it, so that all may share it.
    """
    tree = ast.parse(text, mode="eval")
    set_here = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.NamedExpr)}
    return ast.unparse(_Cells(GIVEN | set_here, place).visit(tree))


class _Cells(ast.NodeTransformer):
    """Puts words in place of the names that are bound."""

    def __init__(self, known: frozenset[str], place: int) -> None:
        self._known = known
        self._place = place

    def visit_Name(self, node: ast.Name) -> ast.expr:  # the library's word
        """A name that is bound is a word; the others stay."""
        return node if node.id in self._known else ast.Constant(_cell(node.id, self._place))


def _cell(name: str, place: int) -> str:
    """The word for a name that is bound, which no expression holds itself."""
    return f"{name} of look {place}"
