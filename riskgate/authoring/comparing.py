"""Compare two sets of policies, each from disk or from a git revision.

Rule 1: what is there as a path is a path; only then is it asked whether it names a revision.
Rule 2: a set with a problem is not compared: a difference could hide behind it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from riskgate.authoring import policy_files, revisions
from riskgate.authoring.policy_files import CalendarCodes
from riskgate.errors import PolicyError
from riskgate.policy.diffing.compare import compare
from riskgate.policy.diffing.difference import Differences
from riskgate.policy.diffing.sides import Side
from riskgate.policy.source import Problem

POLICIES: Final = "policies"
NOTHING: Final = "holds no policy file; policy files end in .yaml or .yml"


def differences(old: str, new: str | None, calendars: CalendarCodes) -> Differences:
    """What differs in meaning. Raise PolicyError with all that is wrong on either side.

    A side is a path, `REV:path`, or a bare revision, which means the other side's path there.
    Without `new`, it is the path of `old` on disk, else the folder `policies`.
    """
    later = _beside(old) if new is None else new
    before, wrong = _side(_spelled(old, later), calendars)
    after, further = _side(_spelled(later, old), calendars)
    if before is None or after is None:
        problems = tuple(dict.fromkeys((*wrong, *further)))
        raise PolicyError("both sides must be valid before they can be compared", problems)
    return compare(before, after)


def _beside(old: str) -> str:
    """What is on disk to compare with, where only one side is named."""
    both = revisions.parted(old)
    if os.path.lexists(old):
        raise PolicyError(f"`{old}` is compared with what? give OLD and NEW, or a revision alone")
    return both[1] if both and os.path.lexists(both[1]) else POLICIES


def _spelled(spec: str, other: str) -> str:
    """A bare revision with the other side's path; anything else as it is."""
    if os.path.lexists(spec) or revisions.parted(spec):
        return spec
    if not revisions.is_revision(spec):
        raise PolicyError(f"`{spec}` is neither a path here nor a revision that git knows")
    both = revisions.parted(other)
    if both and not os.path.lexists(other):
        return f"{spec}:{both[1]}"
    path = other if os.path.lexists(other) else POLICIES
    return f"{spec}:./{Path(os.path.relpath(path)).as_posix()}"


def _side(spec: str, calendars: CalendarCodes) -> tuple[Side | None, tuple[Problem, ...]]:
    """One side compiled, or all that is wrong with it."""
    if os.path.lexists(spec) or not revisions.parted(spec):
        texts, found = policy_files.texts([spec])
    else:
        texts, found = revisions.texts(spec, policy_files.is_policy)
        if not texts and not found:
            found = (Problem(spec, 0, 0, "RG021", NOTHING),)
    checked, documents = policy_files.check_texts(texts, calendars, found)
    side = Side(checked.policies, documents) if checked.policies else None
    return side, checked.problems
