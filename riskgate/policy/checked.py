"""What became of checking files: the problems, and what each problem's code means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from riskgate.model.words import counted
from riskgate.policy import cases, compiler, source, wording
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import Problem

PATH_CODES: Final[Mapping[str, str]] = {
    "RG020": "a path that does not exist or cannot be read",
    "RG021": "a path without any policy file",
    "RG022": "a path without any policy test",
}
MEANINGS: Final[Mapping[str, str]] = {
    **source.CODES,
    **PATH_CODES,
    **wording.CODES,
    **compiler.CODES,
    **cases.CODES,
}
"""What each code of an invalid file means."""
CLEAN: Final[Mapping[str, str]] = {"validate": "no problems", "lint": "nothing suspicious"}


@cache
def meanings() -> Mapping[str, str]:
    """Every code of a problem with what it means, those of lint too."""
    from riskgate.policy.lint import catalog  # noqa: PLC0415  # two dozen files, for reports only

    return dict(sorted({**MEANINGS, **catalog.codes()}.items()))


class Checked(NamedTuple):
    """The files that were found, and all that is wrong; `policies` is None if they are invalid.

    `command` is the one that looked: `lint` finds fault with files that are valid.
    """

    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    policies: PolicySet | None
    command: str = "validate"

    @property
    def valid(self) -> bool:
        """Whether the files may be used."""
        return self.policies is not None

    @property
    def summary(self) -> str:
        """`2 errors in 1 of 3 files`, or `3 files, no problems`; a path without a file is none."""
        many = len(self.files)
        if not self.problems:
            return f"{counted(many, 'file')}, {CLEAN[self.command]}"
        every = Counter(problem.severity for problem in self.problems)
        found = " and ".join(counted(every[name], name) for name in sorted(every))
        files = {*self.files, *(problem.path for problem in self.problems if problem.line)}
        wrong = {problem.path for problem in self.problems}
        where = [f"{len(wrong & files)} of {counted(len(files), 'file')}"] if wrong & files else []
        where += [counted(len(wrong - files), "path")] if wrong - files else []
        read = f", {counted(many, 'file')} read" if many and not wrong & files else ""
        return f"{found} in {' and '.join(where)}{read}"
