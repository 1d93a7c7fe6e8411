"""A limit far above recorded use.

Why
    A limit ten times the busiest day stops nothing short of a disaster. Examiners look for such
    limits: one broker allowed orders of 63 times the day's whole volume.
Finds
    With `--journal`: limits on units, money or counts of which recorded orders never used a tenth.
    Only limits that at least 20 recorded orders were held against, and that were used at all.
For example
    - id: size
      kind: fat_finger
      max_quantity: 50_000
      because: Desk mandate.
What to do
    Lower the limit to what the desk needs, with room for its busiest day; `riskgate check` and a
    policy test show what that would have stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from riskgate.model.money import HUNDRED, grouped
from riskgate.policy.lint.desk import Desk, Suspicion
from riskgate.rulekit.bounds import LOWER
from riskgate.rulekit.parameters import count, money, quantity

CODE = "RG314"
NEEDS = "journal"
FEWEST = 20  # orders; fewer say nothing about use
LEAST_USED = Decimal("0.1")  # of the limit
AMOUNTS = frozenset({quantity().unit, money().unit, count().unit})


def find(desk: Desk) -> Iterator[Suspicion]:
    """Limits of which little was ever used."""
    uses = desk.evidence.history.uses if desk.evidence.history else {}
    for rule, bound in desk.bound:
        limits = bound.rule.limits()
        for check in bound.checks:
            limit, use = limits[check.name], uses.get((bound.name, check.name))
            if use is None or limit.tighter != LOWER or limit.type.unit not in AMOUNTS:
                continue
            if use.times >= FEWEST and 0 < use.largest < LEAST_USED * check.value:
                share = f"{use.largest / check.value * HUNDRED:.1f} %"
                text = f"of `{check.name}` {grouped(check.value)} at most {share} was used"
                yield rule.at(f"{text} by {use.times} recorded orders", check.name)
