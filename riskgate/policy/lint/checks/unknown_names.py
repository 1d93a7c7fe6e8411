"""A selector that matches nothing known.

Why
    Accounts, strategies and symbols are plain words: a misspelt one is no error, and a rule for
    `momentun` protects nobody.
Finds
    A key of `applies_to` or `match` under which no name is one that the policy's tests or the
    recorded orders know. One known name in the list is enough; groups count as their items. A
    policy without tests is left alone unless a journal is given.
For example
    - id: strategy-size
      kind: fat_finger
      match: {strategy: momentun}
      max_quantity: 100
      because: A new strategy starts small.
With the test
    given: {strategy: momentum}
    cases:
      - {name: a small order passes, order: BUY 100 AAPL LMT 190 DAY, expect: allow}
What to do
    Correct the name; if it is right, add a case to the policy test that uses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from riskgate.policy.lint.desk import Desk, PolicyFile, Suspicion, at
from riskgate.policy.lint.known import KEYS, Words, by_key, words_of
from riskgate.policy.selectors import Selector
from riskgate.policy.source import Location
from riskgate.policy.wording import unknown_word
from riskgate.rulekit.matching import Names

CODE = "RG306"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Keys whose names nobody has seen in use."""
    tested = _tested(desk)
    recorded = desk.evidence.history.words if desk.evidence.history else None
    for file in desk.files:
        mine = tested.get(file.policy.name)
        if mine is not None or recorded is not None:
            seen = by_key(
                (key, word)
                for words in (mine, recorded)
                if words
                for key in KEYS
                for word in words[key]
            )
            yield from _unknown(file, seen)


def _tested(desk: Desk) -> Mapping[str, Words]:
    """The names that the tests of each policy know."""
    found: dict[str, set[tuple[str, str]]] = {}
    for test in desk.evidence.tests or ():
        words = set(words_of(test.case))
        for policy in test.policies:
            found.setdefault(policy, set()).update(words)
    return {policy: by_key(words) for policy, words in found.items()}


def _unknown(file: PolicyFile, seen: Words) -> Iterator[Suspicion]:
    for location, chosen in _selectors(file):
        for key, listed in chosen.keys:
            if key in KEYS and _matches_none(listed, seen[key]):
                meant = unknown_word(next(iter(listed.exact), ""), seen[key])
                text = f"`{listed}` is no {key} that tests or recorded orders know{meant}"
                yield at(file.document, (*location, key), text)


def _matches_none(listed: Names, seen: frozenset[str]) -> bool:
    """Whether the list wants names, and none of them has been seen."""
    return bool(listed.exact or listed.patterns) and not any(word in listed for word in seen)


def _selectors(file: PolicyFile) -> Iterator[tuple[Location, Selector]]:
    yield ("applies_to",), file.policy.selector
    for rule in file.rules:
        yield ("rules", rule.place, "match"), rule.match
        for place, _, waiver in rule.waivers:
            if waiver is not None:
                yield ("waivers", place, "match"), waiver.selector
