"""The checks there are: the files of `riskgate.policy.lint.checks`, by their codes.

Rule 1: nothing is registered by hand. A file is a check: `CODE`, `find`, what it `NEEDS` beside the
policies if anything (`tests` or `journal`), and a docstring that is its page.
Rule 2: a code belongs to one check; two checks of one code are an error, never a choice.
Rule 3: a page opens with a line that says what is suspicious; then come Why, Finds, For example
(and With the test, where a policy test is needed) and What to do. A test looks whether the check
finds what the example shows.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from textwrap import dedent
from types import ModuleType
from typing import Final

import msgspec

from riskgate.errors import InvariantError, PolicyError
from riskgate.policy.lint import checks as shelf
from riskgate.policy.lint.desk import Desk, Suspicion

EXAMPLE: Final = "For example"
EXAMPLE_TEST: Final = "With the test"
PARTS: Final = ("Why", "Finds", EXAMPLE, EXAMPLE_TEST, "What to do")
OPTIONAL: Final = frozenset({EXAMPLE_TEST})
TESTS: Final = "tests"
JOURNAL: Final = "journal"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check. `needs` is what it looks at beside the policies: `tests`, `journal` or nothing."""

    code: str
    title: str
    parts: Mapping[str, str]
    needs: str
    find: Callable[[Desk], Iterable[Suspicion]]

    @property
    def page(self) -> str:
        """The check's page as Markdown."""
        parts = "".join(f"\n## {name}\n\n{_body(name, text)}" for name, text in self.parts.items())
        return f"# {self.code}: {self.title}\n{parts}"


@cache
def checks() -> Mapping[str, Check]:
    """All checks by code, sorted."""
    found: dict[str, Check] = {}
    for module in pkgutil.iter_modules(shelf.__path__):
        check = _check(import_module(f"{shelf.__name__}.{module.name}"))
        if found.setdefault(check.code, check) is not check:
            raise InvariantError(f"two checks have the code {check.code}")
    return dict(sorted(found.items()))


def codes() -> Mapping[str, str]:
    """Every code with what it means."""
    return {code: check.title for code, check in checks().items()}


def page(code: str) -> str:
    """The page of a code as Markdown. Raise PolicyError if there is no such finding."""
    check = checks().get(code.upper())
    if check is None:
        raise PolicyError(f"no finding `{code}`; lint has {', '.join(checks())}")
    return check.page


def _check(module: ModuleType) -> Check:
    title, *rest = re.split(r"^(\S.*)\n(?=    )", inspect.getdoc(module) or "", flags=re.MULTILINE)
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    if list(parts) != [name for name in PARTS if name in parts or name not in OPTIONAL]:
        raise InvariantError(f"{module.__name__}: a page has {', '.join(PARTS)}, in this order")
    return Check(
        code=module.CODE,
        title=title.strip().rstrip("."),
        parts={name: dedent(text).strip() for name, text in parts.items()},
        needs=getattr(module, "NEEDS", ""),
        find=module.find,
    )


def _body(name: str, text: str) -> str:
    return f"```yaml\n{text}\n```\n" if name in (EXAMPLE, EXAMPLE_TEST) else f"{text}\n"
