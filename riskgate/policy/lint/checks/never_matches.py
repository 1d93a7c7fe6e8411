"""A rule, or a policy, that no order can match.

Why
    A limit that is never asked protects nobody, and everybody who reads the file believes that it
    does. Mostly two people narrowed the same thing at different places.
Finds
    A rule whose `match` and the policy's `applies_to` leave no name for some key, a `match` that
    contradicts itself, and an `applies_to` that does.
For example
    applies_to: {sec_type: [STK, ETF]}
    rules:
      - id: option-size
        kind: fat_finger
        match: {sec_type: OPT}
        max_quantity: 50
        because: The desk may hedge with a few options.
What to do
    Widen `applies_to` if the policy should cover these orders; else move the rule to the policy
    that does, or delete it.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.policy.lint.desk import Desk, Suspicion, Written, at_key
from riskgate.policy.lint.scopes import contradiction, scope
from riskgate.policy.selectors import Selector

CODE = "RG301"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Selectors that leave no order."""
    for file in desk.files:
        key = contradiction(file.scope)
        if key is not None:
            text = f"`{key}` of `applies_to` leaves no order, so this policy covers nothing"
            yield at_key(file.document, ("applies_to", key), text)
            continue
        for rule in file.rules:
            if rule.match.keys and (key := contradiction(rule.scope)) is not None:
                yield _unreachable(rule, key, file.policy.selector)


def _unreachable(rule: Written, key: str, covers: Selector) -> Suspicion:
    if contradiction(scope(rule.match)) is not None:
        text = f"`{key}` leaves no order, so this rule is never asked"
    else:
        text = (
            f"this rule is never asked: it wants `{key}` to be {_listed(rule.match, key)},"
            f" and the policy covers only {_listed(covers, key)}"
        )
    return rule.at_key(text, "match", key)


def _listed(chosen: Selector, key: str) -> str:
    return "; ".join(str(listed) for name, listed in chosen.keys if name == key)
