"""Compiled policies: every rule bound to its limits, and the ones that apply found at once.

Rule 1: bounds stand in the order of their names, so files and rules may come in any order.
Rule 2: `for_` answers from memory the second time; a decision never searches.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NoReturn

import msgspec

from riskgate.model.subject import Subject
from riskgate.policy.bound import Bound
from riskgate.policy.ready import Readiness
from riskgate.policy.selection import Selection, selection_of
from riskgate.policy.selectors import MOST_REMEMBERED, Index, Selector, reader


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One policy file as its owner means it, and the text of it."""

    name: str
    description: str
    owner: str
    selector: Selector
    currency: str
    zone: str
    path: str
    text: str = ""


class PolicySet:
    """All policies of a gate, compiled. `digest` names their meaning, not their files.

    `off` are the rules whose mode is off: no decision asks them.
    """

    def __init__(
        self,
        policies: Iterable[Policy],
        bounds: Iterable[Bound],
        digest: str,
        off: Iterable[Bound] = (),
    ) -> None:
        self.policies = tuple(sorted(policies, key=lambda policy: policy.name))
        self.bounds = tuple(sorted(bounds, key=lambda bound: bound.name))
        self.off = tuple(sorted(off, key=lambda bound: bound.name))
        self.digest = digest
        self._covering = Index((policy.selector, policy) for policy in self.policies)
        self._applying = Index((bound.selector, bound) for bound in self.bounds)
        self._names_of = reader((*self._covering.keys, *self._applying.keys))
        self._remembered: dict[object, Selection] = {}
        self._made: dict[tuple[bool, tuple[Bound, ...]], Selection] = {}
        readiness = Readiness(self.for_, self.digest)
        self.looks, self.unlooked = readiness.looks, readiness.meet

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: a method that measures would come back as the limit's value."""
        raise TypeError("a policy set cannot be pickled; hand on the texts, and compile them there")

    @property
    def texts(self) -> dict[str, str]:
        """What was read, by file, so that a record can hold it."""
        return {policy.path: policy.text for policy in self.policies if policy.text}

    def for_(self, subject: Subject) -> Selection:
        """The bounds that apply to an order, and whether any policy covers it."""
        names = self._names_of(subject)
        selection = self._remembered.get(names)
        if selection is None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            selection = self._remembered[names] = self._found(subject)
        return selection

    def _found(self, subject: Subject) -> Selection:
        """The selection of a subject; equal ones are made once."""
        bounds = self._applying.find(subject)
        covered = bool(self._covering.find(subject))
        selection = self._made.get((covered, bounds))
        if selection is None:
            selection = self._made[covered, bounds] = selection_of(bounds, covered=covered)
        return selection


NO_POLICIES: Final = PolicySet((), (), digest="")  # for whoever judges nothing
