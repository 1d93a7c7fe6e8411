"""One side of a comparison: the rules of a policy set, off ones included, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from riskgate.model.decision import Action
from riskgate.policy.bound import Bound
from riskgate.policy.diffing.difference import Spot
from riskgate.policy.policies import Policy, PolicySet
from riskgate.policy.selectors import Selector
from riskgate.policy.source import Document, Location


class Side(NamedTuple):
    """A policy set and the documents it was made of."""

    policies: PolicySet
    documents: tuple[Document, ...]


class Armed(NamedTuple):
    """One rule, the policy it stands in, and its place in the policy's file."""

    bound: Bound
    policy: Policy
    document: Document
    place: int
    is_off: bool

    @property
    def id(self) -> str:
        """The rule's name inside its policy."""
        return self.bound.name.removeprefix(f"{self.policy.name}/")

    @property
    def mode(self) -> str:
        """As the file has it."""
        return "off" if self.is_off else "enforce" if self.bound.enforced else "shadow"

    @property
    def level(self) -> Action:
        """What a breach does to the order: nothing, unless the rule is enforced."""
        return self.bound.action if self.mode == "enforce" else Action.ALLOW

    @property
    def match(self) -> Selector:
        """What the rule itself selects, without what its policy does."""
        return Selector(self.bound.selector.keys[len(self.policy.selector.keys) :])

    def spot(self, *location: str | int) -> Spot:
        """Where a part of the rule stands; of a part that is not given, the rule."""
        return self._spot(("rules", self.place, *location))

    def waiver_spot(self, number: int) -> Spot:
        """Where the rule's waiver of that number stands."""
        value: Any = self.document.value
        places = [n for n, item in enumerate(value["waivers"]) if item["rule"] == self.id]
        return self._spot(("waivers", places[number]))

    def _spot(self, location: Location) -> Spot:
        return Spot(self.document.path, self.document.mark(location).line)


class Covered(NamedTuple):
    """One policy with its rules by their ids."""

    policy: Policy
    document: Document
    rules: Mapping[str, Armed]

    def spot(self, key: str) -> Spot:
        """Where a key of the file stands; of a key that is not given, the top."""
        return Spot(self.document.path, self.document.mark((key,)).line)


def by_policy(side: Side) -> dict[str, Covered]:
    """The policies of a side by name."""
    documents = {document.path: document for document in side.documents}
    groups: dict[str, list[tuple[Bound, bool]]] = {}
    for bound, is_off in _bounds(side.policies):
        groups.setdefault(bound.name.partition("/")[0], []).append((bound, is_off))
    found = {}
    for policy in side.policies.policies:
        document = documents[policy.path]
        rules = _rules(policy, document, groups[policy.name])
        found[policy.name] = Covered(policy, document, {rule.id: rule for rule in rules})
    return found


def _bounds(policies: PolicySet) -> Iterator[tuple[Bound, bool]]:
    yield from ((bound, False) for bound in policies.bounds)
    yield from ((bound, True) for bound in policies.off)


def _rules(
    policy: Policy, document: Document, bounds: Iterable[tuple[Bound, bool]]
) -> Iterator[Armed]:
    value: Any = document.value
    places = {f"{policy.name}/{rule['id']}": place for place, rule in enumerate(value["rules"])}
    for bound, is_off in bounds:
        yield Armed(bound, policy, document, places[bound.name], is_off)
