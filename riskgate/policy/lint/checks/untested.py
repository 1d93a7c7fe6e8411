"""A limit that no test notices.

Why
    A test that passes whatever the limit is does not test it. A zero too many in such a limit is
    found by the market.
Finds
    Limits that can be moved by one step without any policy test failing, where the tests were
    played with moved limits; else rules that no case names under `by` or `shadow`. Also policies
    that no test is about, if there are tests of others. Without policy tests nothing is said.
For example
    - id: size
      kind: fat_finger
      max_quantity: 500
      because: Desk mandate.
    - id: double-click
      kind: duplicate
      window: 5s
      because: Two clicks are one order.
With the test
    cases:
      - name: a large order is denied
        order: BUY 501 AAPL LMT 190 DAY
        expect: deny
        by: [desk/size]
      - name: the largest order passes
        order: BUY 500 AAPL LMT 190 DAY
        expect: allow
What to do
    Write two cases: an order exactly at the limit that passes, and one a step beyond that does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.policy.lint.desk import Desk, Evidence, PolicyFile, Suspicion, Written, at

CODE = "RG312"
NEEDS = "tests"


def find(desk: Desk) -> Iterator[Suspicion]:
    """What the tests leave open."""
    tests = desk.evidence.tests or ()
    if not tests:
        return
    tested = frozenset(name for test in tests for name in test.policies)
    named = _named(desk.evidence)
    for file in desk.files:
        if file.policy.name not in tested:
            text = f"no policy test is about `{file.policy.name}`"
            yield at(file.document, ("policy",), text)
            continue
        for rule in file.rules:
            yield from _unnoticed(file, rule, desk.evidence, named)


def _named(evidence: Evidence) -> frozenset[str]:
    """The rules that some case expects to breach."""
    steps = (step for test in evidence.tests or () for step in test.case.steps)
    return frozenset(
        name for step in steps for key in ("by", "shadow") for name in step.get(key) or ()
    )


def _unnoticed(
    file: PolicyFile, rule: Written, evidence: Evidence, named: frozenset[str]
) -> Iterator[Suspicion]:
    if rule.bound is None:
        return
    name = f"{file.policy.name}/{rule.value['id']}"
    if evidence.unnoticed is None:
        if name not in named:
            yield rule.at(f"no policy test expects `{name}` to breach", "id")
        return
    for parameter in rule.bound.rule.parameters:
        if (name, parameter) in evidence.unnoticed:
            text = f"`{parameter}` can be moved by one step and no policy test notices"
            yield rule.at_key(text, parameter if parameter in rule.value else "kind")
