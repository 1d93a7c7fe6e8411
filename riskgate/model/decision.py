"""What the gate answered: findings, the decision they make, and the one type that may leave.

Rule 1: ALLOW < WARN < HOLD < DENY; the harshest finding of an enforced rule decides.
Rule 2: UNKNOWN denies, whatever `on_breach` says.
Rule 3: an `ApprovedOrder` is made only from a decision that allows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from riskgate.errors import InvariantError
from riskgate.model.instrument import Instrument
from riskgate.model.money import HUNDRED, grouped
from riskgate.model.order import Order
from riskgate.model.spans import span

# A number, or words: one word is a tuple of one, so that JSON tells `"700"` from the symbol `700`.
Amount = Decimal | tuple[str, ...] | None


FORGIVEN: Final = "approved by a person"
ENDLESS: Final = "beyond measure"  # a share of nothing


def amount(value: object) -> Amount:
    """A number as it is, anything else as its words, named where they have names."""
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        return ("true" if value else "false",)  # as a policy writes it
    if not isinstance(value, tuple):
        return (_word(value),)
    named = getattr(value, "_fields", None)
    if named is not None:
        return tuple(f"{name} {_word(item)}" for name, item in zip(named, value, strict=True))
    return tuple(_word(item) for item in value)


def _word(value: object) -> str:
    return span(value) if isinstance(value, timedelta) else str(value)


class Action(IntEnum):
    """What a decision does with the order; harsher is higher."""

    ALLOW = 0
    WARN = 1
    HOLD = 2
    DENY = 3

    @property
    def word(self) -> str:
        """As policy tests and people write it."""
        return self.name.lower()


ACTIONS: Final[dict[Action, str]] = {
    Action.ALLOW: "The order may leave.",
    Action.WARN: "The order may leave; a rule that only warns was breached.",
    Action.HOLD: "The order waits for a person.",
    Action.DENY: "The order does not leave.",
}


class Verdict(StrEnum):
    """One rule's answer about one of its limits."""

    PASS = "PASS"  # noqa: S105  # the word of the design, not a password
    BREACH = "BREACH"
    UNKNOWN = "UNKNOWN"


VERDICTS: Final[dict[Verdict, str]] = {
    Verdict.PASS: "What was measured is within the limit; exactly at it passes.",
    Verdict.BREACH: "What was measured is beyond the limit; `on_breach` says what follows.",
    Verdict.UNKNOWN: "It could not be measured, which denies, whatever `on_breach` says.",
}


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One answer. `rule` is empty for a built-in check; `code` is empty for a plain breach.

    `leg` names the leg of a combo that it is about, which `text` begins with.
    """

    rule: str = ""
    kind: str = ""
    limit_name: str = ""
    verdict: Verdict = Verdict.BREACH
    action: Action = Action.DENY
    enforced: bool = True
    observed: Amount = None
    limit: Amount = None
    unit: str = ""
    code: str = ""
    text: str = ""
    where: str = ""
    because: str = ""
    waiver: str = ""
    leg: str = ""

    def __post_init__(self) -> None:
        # What is neither a number nor words would read back as something else, or not at all.
        for name in ("observed", "limit"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, Decimal):
                msgspec.structs.force_setattr(self, name, amount(value))

    @property
    def name(self) -> str:
        """The rule, or the code of a built-in check."""
        return self.rule or self.code

    @property
    def limit_of_rule(self) -> str:
        """Whose limit it is, as `rule limit`, and of which leg of a combo."""
        return " ".join((self.rule, self.limit_name, *([self.leg] if self.leg else [])))

    @property
    def headroom(self) -> Decimal | None:
        """How far the observed is within its limit, where both are numbers; negative beyond it."""
        if isinstance(self.observed, Decimal) and isinstance(self.limit, Decimal):
            room = abs(self.limit - self.observed)
            return room if self.verdict is Verdict.PASS else -room
        return None

    def __str__(self) -> str:
        measured = self.measured
        words = [self.name, self.where, measured, self.text if self.text != measured else ""]
        return "  ".join(word for word in words if word)

    @property
    def measured(self) -> str:
        """`max_notional 95,000 USD > limit 50,000 USD (190 %)`; empty if nothing was measured."""
        if self.observed is None:
            return ""
        unit = f" {self.unit}" if self.unit else ""
        if not isinstance(self.observed, Decimal) or not isinstance(self.limit, Decimal):
            return f"{self.limit_name} {_shown(self.observed)}, limit {_shown(self.limit)}"
        sign = _sign(self.observed, self.limit, breach=self.verdict is Verdict.BREACH)
        limit = grouped(self.limit)
        if not self.observed.is_finite():
            return f"{self.limit_name} {ENDLESS} {sign} limit {limit}{unit}"
        compares = self.limit > 0 <= self.observed
        share = f" ({_share(self.observed, self.limit)} %)" if compares else ""
        shown = grouped(_brief(self.observed, self.limit))
        return f"{self.limit_name} {shown}{unit} {sign} limit {limit}{unit}{share}"


def _sign(observed: Decimal, limit: Decimal, *, breach: bool) -> str:
    """How the two compare; a limit may be the most or the least, and may breach for more reasons.

    What is no number at all is beyond every limit.
    """
    if observed == limit:
        return "=" if breach else "<="
    if observed.is_nan() or observed > limit:
        return ">" if breach else ">="
    return "<" if breach else "<="


def _share(observed: Decimal, limit: Decimal) -> str:
    """Whole percent of the limit; `100` only for what is exactly at it."""
    whole = f"{observed / limit * HUNDRED:.0f}"
    if whole != "100" or observed == limit:
        return whole
    return "over 100" if abs(observed) > abs(limit) else "under 100"


def _brief(observed: Decimal, limit: Decimal) -> Decimal:
    """At most six decimals, unless the rounded number would look like the limit."""
    rounded = round(observed, 6)
    return observed if rounded == limit else rounded


def _shown(amount: Amount) -> str:
    return grouped(amount) if isinstance(amount, Decimal) else ", ".join(amount or ("none",))


class Decision(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The answer to one order. `breaches` is every finding that is no pass, shadow included."""

    order: Order | None
    action: Action
    as_of: datetime
    digest: str
    breaches: tuple[Finding, ...] = ()
    reduction: bool = False
    notes: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the order may leave: ALLOW or WARN."""
        return self.action <= Action.WARN

    @property
    def by(self) -> tuple[str, ...]:
        """The enforced rules and codes that breached, each once, in order."""
        return tuple(dict.fromkeys(f.name for f in self.breaches if f.enforced))

    @property
    def shadow(self) -> tuple[str, ...]:
        """The rules in shadow mode that would have breached."""
        return tuple(dict.fromkeys(f.name for f in self.breaches if not f.enforced))

    @property
    def codes(self) -> tuple[str, ...]:
        """The built-in codes of the enforced findings, each once, in order."""
        return tuple(dict.fromkeys(f.code for f in self.breaches if f.enforced and f.code))

    def _repr_html_(self) -> str:
        """The answer with every finding, for notebooks."""
        from riskgate.model import html  # noqa: PLC0415  # only in a notebook

        facts = (("order", self.order), ("as of", self.as_of), ("notes", self.notes))
        below = (_found(self.breaches),) if self.breaches else ()
        return html.card(self.action.word.upper(), facts, *below)


def _found(breaches: tuple[Finding, ...]) -> str:
    """Findings as a table, for notebooks."""
    from riskgate.model import html  # noqa: PLC0415  # only in a notebook

    rows = (
        (
            finding.name,
            finding.verdict.value + ("" if finding.enforced else " (shadow)"),
            finding.action.word,
            finding.limit_name,
            html.amount(finding.observed),
            html.amount(finding.limit),
            finding.unit,
            finding.text,
            finding.where,
        )
        for finding in breaches
    )
    titles = ("rule", "answer", "action", "limit of", "observed", "limit", "unit", "why", "where")
    return html.table(titles, rows)


class ApprovedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that may be handed to a broker. Make it with `approve`, never by hand.

    `version` numbers the terms of one order: 0 for the first, 1 and up for its modifies. `bracket`
    is the order's entry where it belongs to a bracket, itself included.
    """

    order: Order
    decision: Decision
    order_id: int
    ref: str
    instrument: Instrument
    replaces: bool = False
    version: int = 0
    bracket: int = 0

    def __post_init__(self) -> None:
        if not self.decision.allowed or self.decision.order != self.order:
            raise InvariantError(
                f"order {self.order_id} was not approved: {self.decision.action.word}"
            )
