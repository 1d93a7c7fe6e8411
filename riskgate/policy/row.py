"""A row of looks as one function: their expressions one below the other, each with its numbers.

Rule 1: code is compiled once for each sequence of expressions. Rows that differ in their numbers
alone share it: what is bound is put in among the constants of a copy.
Rule 2: expressions stand in the package's own files and in those of rule kinds; nothing from a
policy, an order or a message is ever part of one.
Rule 3: what is bound is never taken for the word that stands for it: Python must not count with
the word when it compiles, and a name that nothing is bound to is refused.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple

from riskgate.rulekit.surely import Shortcut

GIVEN: Final = frozenset({"order", "seen", "size", "price", "now", "bid", "ask", "unit", "worth"})
REMEMBERED: Final = 1_024
NOTHING: Final = Shortcut("None")
OF_LOOK: Final = " of look "
# Where Python leaves a constant as it is until the code runs.
LEFT_ALONE: Final = (ast.Compare, ast.Call, ast.keyword, ast.Attribute, ast.NamedExpr)
# Where it counts with constants beforehand if there is nothing else.
TOGETHER: Final = (ast.BinOp, ast.Subscript, ast.Tuple, ast.List, ast.Set)
Look = Callable[..., Any]


class Step(NamedTuple):
    """Unless this holds, the row ends, and its answer is the other one."""

    asked: Shortcut
    otherwise: Shortcut = NOTHING


def row(steps: Iterable[Step], answer: Shortcut) -> Look:
    """A function of an order and a snapshot: the answer, unless one of the steps has another.

    Raise ValueError for a name that nothing is bound to, and for a function in an expression.
    """
    looks = (*(look for step in steps for look in step), answer)
    code = _code(tuple(look.text for look in looks))
    bound = {
        _cell(name, place): cell
        for place, look in enumerate(looks)
        for name, cell in look.bound.items()
    }
    constants = tuple(_filled(one, bound) for one in code.co_consts)
    return FunctionType(code.replace(co_consts=constants), {"__builtins__": {}})


def _filled(constant: object, bound: Mapping[str, object]) -> object:
    """What a constant of the code stands for."""
    if isinstance(constant, CodeType):
        raise ValueError("a look is one expression, without functions in it")  # noqa: TRY004  # code, not a value
    if type(constant) is not str or OF_LOOK not in constant:
        return constant
    if constant not in bound:
        raise ValueError(f"nothing is bound to `{constant}`")
    return bound[constant]


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

    def visit(self, node: ast.AST) -> ast.AST:
        """Any other part; a word in it whose truth, sum or place Python would take is set first."""
        made: ast.AST = super().visit(node)
        kept = isinstance(made, TOGETHER) and any(isinstance(n, ast.Name) for n in ast.walk(made))
        return made if kept or isinstance(made, LEFT_ALONE) else _Set().generic_visit(made)


class _Set(ast.NodeTransformer):
    """Gives the words directly below a part a name when the code runs, so that none is folded."""

    def visit(self, node: ast.AST) -> ast.AST:
        """The word under a name; anything else as it is."""
        if not (isinstance(node, ast.Constant) and OF_LOOK in str(node.value)):
            return node
        return ast.NamedExpr(ast.Name("bound", ast.Store()), node)


def _cell(name: str, place: int) -> str:
    """The word for a name that is bound, which no expression holds itself."""
    return f"{name}{OF_LOOK}{place}"
