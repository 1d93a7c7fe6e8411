"""A limit in money where nothing says which price may be trusted.

Why
    A notional is a quantity times a price. The order's own price passes every disaster, and a
    quote of yesterday values a crash at yesterday's price. Without a rule of its own only the
    built-in check remains: the price must be live and at most 60 seconds old.
Finds
    A limit on notional, or on a sum of positions in money, for whose orders no enforced rule says
    anything about the price: neither a `reference_price` rule nor a limit on the deviation from it.
For example
    - id: order-value
      kind: fat_finger
      max_notional: 1_000_000
      because: The largest order of 2025 was 780,000 USD.
What to do
    Add a `reference_price` rule with `max_age`, or `max_deviation_percent` to a `fat_finger` rule,
    for the same orders.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.model.decision import Action
from riskgate.policy.bound import Bound
from riskgate.policy.lint.desk import Desk, Suspicion
from riskgate.policy.lint.nearby import Nearby
from riskgate.policy.lint.scopes import apart
from riskgate.rulekit.parameters import money
from riskgate.rulekit.tallies import LossTally

CODE = "RG305"
PRICE_KIND = "reference_price"
PRICE_LIMIT = "max_deviation"
MONEY = money().unit


def find(desk: Desk) -> Iterator[Suspicion]:
    """Limits that value orders, where no price rule applies to any of them."""
    pricing = Nearby((rule.scope, rule.scope) for rule, bound in desk.bound if _says_price(bound))
    for rule, bound in desk.bound:
        valued = [name for name in _valuing(bound) if bound.enforced]
        if valued and all(apart(rule.scope, other) for other in pricing.meeting(rule.scope)):
            text = f"`{valued[0]}` values orders, but no rule says which price may be trusted"
            yield rule.at_key(f"{text}; add a `reference_price` rule", valued[0])


def _says_price(bound: Bound) -> bool:
    if not bound.enforced or bound.action < Action.HOLD:
        return False
    names = (check.name for check in bound.checks)
    return bound.kind == PRICE_KIND or any(name.startswith(PRICE_LIMIT) for name in names)


def _valuing(bound: Bound) -> Iterator[str]:
    """The limits in money that hold the value of orders or positions; a loss the broker reports."""
    limits = bound.rule.limits()
    for check in bound.checks:
        sums = bound.rule.narrows_holdings and not isinstance(bound.tally, LossTally)
        values = sums or check.name.endswith("notional")
        if limits[check.name].type.unit == MONEY and values:
            yield check.name
