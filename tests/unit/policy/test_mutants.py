"""Rules with one thing changed; what that does to cases: authoring/test_mutation.py shows it."""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.decision import Action
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy.bound import Bound, Check
from riskgate.policy.mutants import mutants
from riskgate.policy.selectors import EVERYTHING
from riskgate.rulekit.base import Context, Parameter, Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.nudges import Evidence
from riskgate.rulekit.parameters import count


def test_parameters_that_would_not_go_together_are_no_nudge() -> None:
    class Span(Rule):
        kind = "span"
        least = Parameter(count(), "The least.")

        @at_most(count())
        def most(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
            return order.quantity

        def faults(self) -> tuple[tuple[str, str], ...]:
            return (("least", "is above `most`"),) if self.least > self.most else ()

    rule = Span("desk/span", {"least": Decimal(5), "most": Decimal(5)}, Context())
    most = Span.limits()["most"]
    check = Check("most", most.measure.__get__(rule), most.passes, Decimal(5), "")
    bound = Bound(
        name=rule.name,
        rule=rule,
        selector=EVERYTHING,
        per=(),
        action=Action.DENY,
        enforced=True,
        because="test",
        where="desk.yaml:1",
        checks=(check,),
        tally=None,
    )
    found = {(mutant.limit, mutant.direction) for mutant in mutants(bound, lambda _: Evidence())}
    assert found == {
        ("least", "nudged down"),
        ("most", "nudged up"),
        ("mode", "changed"),
        ("on_breach", "nudged down"),
    }
