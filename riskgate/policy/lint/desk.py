"""All that a check may look at: the policies as written and as compiled, and what is known of use.

Rule 1: a check gets one `Desk` and yields `Suspicion`s; it reads nothing else and changes nothing.
Rule 2: rules that are off are written but not bound; what only a running rule can be suspected of
is asked of `bound` rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from riskgate.policy.bound import Bound, Waiver
from riskgate.policy.cases import Case
from riskgate.policy.lint.known import History
from riskgate.policy.lint.scopes import Scope, scope
from riskgate.policy.policies import Policy, PolicySet
from riskgate.policy.remarks import Remark
from riskgate.policy.selectors import Selector
from riskgate.policy.source import Document, Location

WARNING = "warning"


class Suspicion(NamedTuple):
    """What looks wrong, and where."""

    path: str
    line: int
    column: int
    text: str
    severity: str = WARNING


class Written(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One rule as it stands in its file. `bound` is None if the rule is off."""

    document: Document
    place: int
    value: Mapping[str, Any]
    bound: Bound | None
    match: Selector
    scope: Scope
    waivers: tuple[tuple[int, Mapping[str, Any], Waiver | None], ...]

    @property
    def order(self) -> tuple[str, int]:
        """Where it stands, to say which of two rules comes first."""
        return self.document.path, self.place

    def at(self, text: str, *inside: str | int) -> Suspicion:
        """Suspect a value of the rule."""
        return at(self.document, ("rules", self.place, *inside), text)

    def at_key(self, text: str, *inside: str | int) -> Suspicion:
        """Suspect a key of the rule."""
        return at_key(self.document, ("rules", self.place, *inside), text)


class PolicyFile(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One policy file: what it covers, its rules, and the remarks in it."""

    document: Document
    policy: Policy
    scope: Scope
    rules: tuple[Written, ...]
    remarks: tuple[Remark, ...] = ()

    @property
    def value(self) -> Mapping[str, Any]:
        """The file as plain values."""
        value: Any = self.document.value
        return value  # type: ignore[no-any-return]  # a policy file is a mapping, the schema says


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """A case of a policy test, and the names of the policies that it is played against."""

    case: Case
    policies: frozenset[str]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What is known beside the policies; None where nobody has looked.

    `unnoticed` are the limits, as (rule, limit), whose nudge no case notices.
    """

    now: datetime
    tests: tuple[Tested, ...] | None = None
    unnoticed: frozenset[tuple[str, str]] | None = None
    history: History | None = None


class Desk(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The policies and the evidence."""

    files: tuple[PolicyFile, ...]
    policies: PolicySet
    evidence: Evidence

    @property
    def rules(self) -> Iterator[Written]:
        """Every rule, those that are off too."""
        return (rule for file in self.files for rule in file.rules)

    @property
    def bound(self) -> Iterator[tuple[Written, Bound]]:
        """Every rule that is asked."""
        return ((rule, rule.bound) for rule in self.rules if rule.bound is not None)


def at(document: Document, location: Location, text: str) -> Suspicion:
    """Suspect the value at a location."""
    mark = document.mark(location)
    return Suspicion(document.path, mark.line, mark.column, text)


def at_key(document: Document, location: Location, text: str) -> Suspicion:
    """Suspect the key at a location."""
    mark = document.key_mark(location)
    return Suspicion(document.path, mark.line, mark.column, text)


def desk(
    files: Iterable[tuple[Document, tuple[Remark, ...]]], policies: PolicySet, evidence: Evidence
) -> Desk:
    """Lay out documents, each with its remarks, and the policies that were compiled from them."""
    bounds = {bound.name: bound for bound in policies.bounds}
    named = {policy.path: policy for policy in policies.policies}
    laid = (_file(document, remarks, named[document.path], bounds) for document, remarks in files)
    return Desk(files=tuple(laid), policies=policies, evidence=evidence)


def _file(
    document: Document,
    remarks: tuple[Remark, ...],
    policy: Policy,
    bounds: Mapping[str, Bound],
) -> PolicyFile:
    value: Any = document.value
    waivers: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for place, waiver in enumerate(value.get("waivers", ())):
        waivers.setdefault(waiver["rule"], []).append((place, waiver))
    covers = scope(policy.selector)
    rules = (
        _written(
            (document, policy, covers),
            (place, rule),
            bounds.get(f"{policy.name}/{rule['id']}"),
            waivers.get(rule["id"], []),
        )
        for place, rule in enumerate(value["rules"])
    )
    return PolicyFile(
        document=document, policy=policy, scope=covers, rules=tuple(rules), remarks=remarks
    )


def _written(
    of: tuple[Document, Policy, Scope],
    numbered: tuple[int, Mapping[str, Any]],
    bound: Bound | None,
    waivers: list[tuple[int, Mapping[str, Any]]],
) -> Written:
    document, policy, covers = of
    place, value = numbered
    own = Selector(bound.selector.keys[len(policy.selector.keys) :]) if bound else Selector()
    made: tuple[Waiver | None, ...] = bound.waivers if bound else (None,) * len(waivers)
    return Written(
        document=document,
        place=place,
        value=value,
        bound=bound,
        match=own,
        scope=scope(bound.selector) if bound and own.keys else covers,
        waivers=tuple((*item, one) for item, one in zip(waivers, made, strict=True)),
    )
