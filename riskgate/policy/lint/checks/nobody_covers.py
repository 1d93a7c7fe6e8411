"""A strategy or an account that no policy covers.

Why
    An order that no policy covers is denied. If the strategy is real somebody forgot its limits,
    and finds out when the market is open.
Finds
    Strategies and accounts of the policy tests and of recorded orders that every policy's
    `applies_to` excludes. Cases that expect NO_POLICY or UNKNOWN_ACCOUNT are left out.
For example
    applies_to: {account: DU1234567}
    rules:
      - id: size
        kind: fat_finger
        max_quantity: 500
        because: Desk mandate.
With the test
    given: {accounts: [{id: DU1234567}, {id: DU7654321}]}
    cases:
      - name: an order of the second account
        order: BUY 100 AAPL LMT 190 DAY account=DU7654321
        expect: deny
What to do
    Add the name to the policy that should cover it, or write a policy for it. If nobody should
    trade under it, let the case say so with `by: [NO_POLICY]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.model.codes import Code
from riskgate.policy.lint.desk import Desk, Suspicion, at
from riskgate.policy.lint.known import words_of

CODE = "RG313"
WHO = ("account", "strategy")
MEANT = frozenset({Code.NO_POLICY, Code.UNKNOWN_ACCOUNT})


def find(desk: Desk) -> Iterator[Suspicion]:
    """Names in use that every policy excludes, each once."""
    said: set[tuple[str, str]] = set()
    for suspicion, key, word in (*_tested(desk), *_recorded(desk)):
        if (key, word) not in said and not _is_covered(desk, key, word):
            said.add((key, word))
            yield suspicion._replace(text=f"no policy covers {key} `{word}`, {suspicion.text}")


def _tested(desk: Desk) -> Iterator[tuple[Suspicion, str, str]]:
    for test in desk.evidence.tests or ():
        case = test.case
        if not any(MEANT & {*(step.get("by") or ())} for step in case.steps):
            here = Suspicion(case.path, case.line, 1, "which this case uses")
            yield from ((here, key, word) for key, word in sorted({*words_of(case)}) if key in WHO)


def _recorded(desk: Desk) -> Iterator[tuple[Suspicion, str, str]]:
    history = desk.evidence.history
    if history is not None and desk.files:
        here = at(desk.files[0].document, ("policy",), "which is on record")
        yield from ((here, key, word) for key in WHO for word in sorted(history.words[key]))


def _is_covered(desk: Desk, key: str, word: str) -> bool:
    """Whether some policy's `applies_to` leaves the name in."""
    return any(
        all(word in listed for name, listed in policy.selector.keys if name == key)
        for policy in desk.policies.policies
    )
