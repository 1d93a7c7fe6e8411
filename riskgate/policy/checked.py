"""What became of checking files: the problems, and what each problem's code means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

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
"""Every code of a problem with what it means."""


class Checked(NamedTuple):
    """The files that were found, and all that is wrong; `policies` is None if anything is."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    policies: PolicySet | None

    @property
    def valid(self) -> bool:
        """Whether the files may be used."""
        return self.policies is not None

    @property
    def summary(self) -> str:
        """`2 errors in 1 of 3 files`, or `3 files, no problems`."""
        many = len(self.files)
        if not self.problems:
            return f"{_count(many, 'file')}, no problems"
        wrong = {problem.path for problem in self.problems}
        errors = _count(len(self.problems), "error")
        return f"{errors} in {len(wrong)} of {_count(len(wrong.union(self.files)), 'file')}"


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
