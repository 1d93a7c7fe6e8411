"""OrderValidator: what the gate would say, and what its rules of one sort say, of an unsent order.

Rule 1: the answers are those of `evaluate` and `explain` on the gate's snapshot of this moment.
Nothing is recorded, reserved or sent, so the next order may be answered otherwise.
Rule 2: a check that no rule answers says so; it never passes for a limit that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from riskgate.gate import Gate
from riskgate.line.payload import Source
from riskgate.model.decision import Action, Finding, Verdict
from riskgate.model.events import Decided
from riskgate.model.view import OrderView
from riskgate.orders.values import ValidationResult
from riskgate.policy import sanity
from riskgate.policy.evaluate import explain

Asked = Source | OrderView  # an order view is asked about as if its terms were new
BUYING_POWER: Final = ("buying_power", "leverage")
POSITION: Final = ("position", "exposure", "concentration", "holdings_fraction")
PRICE: Final = ("fat_finger", "reference_price")
HOURS: Final = ("market_hours", "expiry_window")


class OrderValidator:
    """Asks one gate about orders without submitting them.

    An order is a line, a payload, its terms or its view; `strategy` and `account` fill what it
    leaves open.
    """

    def __init__(
        self, gate: Gate, *, strategy: str | None = None, account: str | None = None
    ) -> None:
        self._gate = gate
        self._strategy = strategy
        self._account = account

    def validate_order(self, order: Asked) -> ValidationResult:
        """The gate's whole answer now: sanity, trading states and every rule."""
        decision = self._weighed(order).decision
        told = [finding for finding in decision.breaches if finding.enforced]
        errors = [finding for finding in told if finding.action >= Action.HOLD]
        others = [finding for finding in decision.breaches if finding not in errors]
        return ValidationResult(
            valid=decision.allowed,
            errors=tuple(map(str, errors)),
            warnings=(*map(str, others), *decision.notes),
            decision=decision,
            rules=tuple(dict.fromkeys(f.rule for f in decision.breaches if f.rule)),
        )

    def check_buying_power(self, order: Asked) -> ValidationResult:
        """What the rules about funds say: `buying_power` and `leverage`."""
        return self._checked(order, BUYING_POWER)

    def check_position_limits(self, order: Asked) -> ValidationResult:
        """What the rules about holdings say: position, exposure, concentration and fractions."""
        return self._checked(order, POSITION)

    def check_price_reasonability(self, order: Asked) -> ValidationResult:
        """What the rules about prices and sizes say: `fat_finger` and `reference_price`."""
        return self._checked(order, PRICE)

    def check_market_hours(self, order: Asked) -> ValidationResult:
        """What the rules about times say: `market_hours` and `expiry_window`."""
        return self._checked(order, HOURS)

    def _weighed(self, asked: Asked) -> Decided:
        source = (asked.order or asked.text) if isinstance(asked, OrderView) else asked
        return self._gate.weigh(source, strategy=self._strategy, account=self._account)

    def _checked(self, source: Asked, kinds: tuple[str, ...]) -> ValidationResult:
        """The answers of the rules of some kinds; what is no sound order fails every check."""
        weighed = self._weighed(source)
        decision, snapshot = weighed.decision, weighed.snapshot
        answers: Iterable[Finding] = decision.breaches
        if decision.order is not None and snapshot is not None:
            answers = explain(self._gate.policies, decision.order, snapshot)
        found = [one for one in answers if one.kind in kinds]
        unsound = [one for one in answers if not one.rule] if _is_unsound(weighed) else []
        missed = [one for one in found if one.verdict is not Verdict.PASS]
        errors = [one for one in missed if one.enforced and one.action >= Action.HOLD]
        soft = [str(one) for one in missed if one not in errors]
        return ValidationResult(
            valid=not errors and not unsound,
            errors=tuple(map(str, (*unsound, *errors))),
            warnings=(*soft, *(() if found or unsound else (self._silence(weighed, kinds),))),
            decision=decision,
            rules=tuple(dict.fromkeys(one.rule for one in found)),
        )

    def _silence(self, weighed: Decided, kinds: tuple[str, ...]) -> str:
        """Why no rule of these kinds answered."""
        named = " or ".join((", ".join(kinds[:-1]), kinds[-1])) if len(kinds) > 1 else kinds[0]
        snapshot = weighed.snapshot
        bounds = self._gate.policies.for_(snapshot.subject).bounds if snapshot else ()
        names = [bound.name for bound in bounds if bound.kind in kinds]
        if not names:
            return f"no {named} rule applies to this order"
        why = "it only reduces, or their limits are about other orders"
        return f"not asked ({why}): {', '.join(names)}"


def _is_unsound(weighed: Decided) -> bool:
    """Whether the rules were not asked at all, for the order itself is wrong."""
    decision, snapshot = weighed.decision, weighed.snapshot
    if snapshot is None or decision.order is None:
        return True
    return bool(sanity.faults(decision.order, snapshot))
