"""A remark `riskgate: ignore[...]` that ignores nothing, or has no reason.

Why
    A remark silences a finding for everybody who comes later. Without a reason nobody can tell
    whether it still holds, and one that is left over will silence the next mistake on its line.
Finds
    Remarks without a reason, which are errors and ignore nothing; remarks that name no finding of
    lint, or nothing at all; and remarks for which there is no such finding on their line (or, if
    they stand on a line of their own, on the next). A remark about a check that was not made, for
    want of policy tests or of a journal, is left alone.
For example
    - id: size
      kind: fat_finger
      max_quantity: 500
      mode: enforce  # riskgate: ignore[RG310] was off in January
      because: Desk mandate.
What to do
    Remove the remark, or write behind the brackets why the finding is as it should be:
    `# riskgate: ignore[RG310] off until the new feed is live, RISK-151`.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.policy.lint.desk import Desk, Suspicion
from riskgate.policy.remarks import Remark

CODE = "RG317"


def find(desk: Desk) -> Iterator[Suspicion]:
    """What is wrong with the remarks themselves."""
    from riskgate.policy.lint.catalog import checks  # noqa: PLC0415  # it imports this file

    for file in desk.files:
        for remark in file.remarks:
            for text in _faults(remark, frozenset(checks())):
                place = (file.document.path, remark.line, remark.column)
                yield Suspicion(*place, text, "error")


def _faults(remark: Remark, known: frozenset[str]) -> Iterator[str]:
    if not remark.codes:
        yield "`ignore` needs what to ignore; write it as `ignore[RG310] reason`"
    elif not remark.reason:
        listed = ", ".join(remark.codes)
        yield f"`ignore[{listed}]` needs its reason; write it behind the brackets"
    for code in remark.codes:
        if code not in known:
            yield f"`{code}` is no finding of lint, so it cannot be ignored"
