"""A rule in shadow mode.

Why
    A shadow rule records what it would have done and stops nothing. It is meant for a trial; a
    trial that nobody ends is a limit that everybody believes in.
Finds
    Every rule with `mode: shadow`.
For example
    - id: size
      kind: fat_finger
      max_quantity: 500
      mode: shadow
      because: On trial until the figures of March are in.
What to do
    Enforce it when the trial is over. Until then say how long it lasts:
    `mode: shadow  # riskgate: ignore[RG311] trial until 2026-04-01, RISK-160`.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.policy.lint.desk import Desk, Suspicion

CODE = "RG311"


def find(desk: Desk) -> Iterator[Suspicion]:
    """Rules that are asked and not enforced."""
    for rule in desk.rules:
        if rule.value.get("mode") == "shadow":
            text = f"rule `{rule.value['id']}` is in shadow: it records breaches and stops nothing"
            yield rule.at(text, "mode")
