"""The naive reference: the gate as the spec pages describe it, for every kind there is.

This part is what happens: submits, modifies, groups, holds, fills, reports, and what they leave
behind. Written from the pages and not from the package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.spec.naive_decision import (
    EXEMPT,
    LATCHING,
    LIMITS,
    NOT_FOR_EXITS,
    Answer,
    Deciding,
    Found,
    Latch,
    Turn,
    held_by,
    settled,
)
from tests.spec.naive_facts import (
    Asked,
    Message,
    Rule,
    Sent,
    Submission,
    Unknown,
    matches,
    trading_day,
)

HOLD_FOR = timedelta(minutes=15)
STATE_CODES = {"HALTED", "REDUCE_ONLY"}


@dataclass
class Held:
    """A submission that waits for a person: its orders, since when, and who holds each of them."""

    together: Submission | None
    legs: list[tuple[Any, str]]
    sent: list[Sent]
    at: datetime
    holders: list[set[tuple[str, str]] | None]


@dataclass
class Naive(Deciding):
    """The gate as the spec describes it."""

    held: list[Held] = field(default_factory=list)

    # --- what happens ---------------------------------------------------------------------------

    def submit(self, order: Any, name: str) -> Answer:  # noqa: ANN401  # an Order
        """Decide one order and, if it passes, remember it as working."""
        return self.submit_together([(order, name)], None)[0]

    def submit_together(
        self, legs: list[tuple[Any, str]], together: Submission | None
    ) -> list[Answer]:
        """Decide a basket, a bracket, or a single order; all of it leaves, or nothing."""
        self.groups += 1
        found = self.judged(legs, together, Turn([None] * len(legs)))
        answers = settled(found)
        sent = [self.as_sent(leg, together, place) for place, leg in enumerate(legs)]
        self.carry_out(sent, answers, together, first=True)
        if answers[0].action == "hold":
            holders: list[set[tuple[str, str]] | None] = [held_by(each) for each in found]
            self.held.append(Held(together, legs, sent, self.now, holders))
        self.latch(legs, found)
        return answers

    def approve(self, place: int) -> list[Answer]:
        """Decide held orders again; only what held them is forgiven. An approval is once."""
        held = self.held.pop(place)
        late = self.now - held.at > HOLD_FOR
        faults = frozenset({"APPROVAL_EXPIRED"} if late else ())
        self.groups += 1
        turn = Turn(held.holders, faults, again=held.sent)
        found = self.judged(held.legs, held.together, turn)
        answers = settled(found)
        self.carry_out(held.sent, answers, held.together, first=False)
        self.latch(held.legs, found)
        return answers

    def carry_out(
        self,
        sent: list[Sent],
        answers: list[Answer],
        together: Submission | None,
        *,
        first: bool,
    ) -> None:
        """Remember what was sent, held or denied."""
        for place, (one, answer) in enumerate(zip(sent, answers, strict=True)):
            one.sent_at = self.now
            passed = answer.action in ("allow", "warn")
            if together is not None and together.bracket and place:
                one.entry = sent[0]
            if passed:
                one.group = self.groups
                self.orders.append(one)
                self.messages.append(Message("new", self.now, one.names, one.terms, one))
            elif first:
                self.orders.append(None)
            if answer.action == "hold" and first:
                self.messages.append(Message("held", self.now, one.names, one.terms, one))
            if answer.action == "deny" and not answer.by & STATE_CODES:
                self.refusals.append(("denied", self.now, one.names))

    def modify(self, number: int, order: Any, name: str) -> Answer:  # noqa: ANN401  # an Order
        old = self.orders[number]
        assert old is not None
        if old.status not in ("working", "inactive") or order.quantity <= old.filled:
            self.refusals.append(("denied", self.now, old.names))
            return Answer("deny", {"NOT_MODIFIABLE"}, set())
        reduction = self.reduces(Asked(order, name, old))
        together = self.rest_of(old, (order, name))
        found = self.judged([(order, name)], together, Turn([None], old=old))
        (answer,) = settled(found)
        if answer.action in ("allow", "warn"):
            self.price_terms = self.terms_of(order, name)
            old.versions.append((order, self.unit_or_own(order, name)))
            old.opens = old.opens or not reduction
            old.terms = order
            self.messages.append(Message("modify", self.now, old.names, order, old))
        elif not answer.by & STATE_CODES:  # a modify cannot wait for a person
            self.refusals.append(("denied", self.now, old.names))
        self.latch([(order, name)], found)
        return answer

    def rest_of(self, old: Sent, leg: tuple[Any, str]) -> Submission | None:
        """The submission that declared an intent, with the new terms of one of its orders."""
        if old.intent is None or old.entry is not None:
            return None
        others = [
            (o.terms, o.names["listed"])
            for o in self.orders
            if o is not None and o.group == old.group and o is not old and o.entry is None
        ]
        return Submission([leg, *others], intent=old.intent)

    def fill(self, number: int, quantity: Decimal, price: Decimal) -> None:
        sent = self.orders[number]
        assert sent is not None
        sent.filled += quantity
        self.fills.append((sent, quantity, price, self.now))
        self.opened.append(sent.opens)
        if sent.filled >= max(terms.quantity for terms, _ in sent.versions):
            sent.status = "filled"

    def acknowledge(self, number: int) -> None:
        sent = self.orders[number]
        assert sent is not None
        if sent.acknowledged:
            sent.versions = sent.versions[-1:]
            if sent.filled >= sent.terms.quantity:
                sent.status = "filled"
        sent.acknowledged = True

    def cancel(self, number: int) -> None:
        sent = self.orders[number]
        assert sent is not None
        if not sent.cancel_asked:
            self.messages.append(Message("cancel", self.now, sent.names, sent.terms, sent))
        sent.cancel_asked = True
        sent.status = "cancelling"

    def refuse(self, number: int, status: str) -> None:
        """The broker rejected an order, or says that it is inactive; counted once."""
        sent = self.orders[number]
        assert sent is not None
        if not sent.refused:
            self.refusals.append(("rejected", self.now, sent.names))
        sent.refused, sent.status = True, status

    def report(self, account: str, values: dict[str, Any]) -> None:
        """The broker reports an account's values; rules about losses are asked."""
        self.accounts[account] = {**values, "fills": len(self.fills)}
        net = values.get("net_liquidation")
        if net is not None:
            self.peaks[account] = max(net, self.peaks.get(account, net))
        scope = (("account", account),)
        for policy in self.policies:
            for rule in policy["rules"]:
                here = {"account": account}
                selectors = (policy.get("applies_to", {}), rule.get("match", {}))
                narrow = all(
                    matches({k: v for k, v in s.items() if k == "account"}, here, policy)
                    for s in selectors
                )
                if rule["kind"] != "loss" or not narrow or rule.get("mode", "enforce") != "enforce":
                    continue
                limits = [limit for limit in rule if limit in LIMITS["loss"]]
                lost = [self.told(lambda lim: self.lost(policy, rule, lim, account), lim)  # noqa: B023
                        for lim in limits]  # fmt: skip
                if any(
                    value is False or (isinstance(value, Decimal) and value > rule[limit])
                    for value, limit in zip(lost, limits, strict=True)
                ):
                    self.trip(policy, rule, scope)

    def told(self, ask: Callable[[str], Any], limit: str) -> Any:  # noqa: ANN401
        try:
            return ask(limit)
        except Unknown:
            return None

    # --- latches --------------------------------------------------------------------------------

    def latch(self, legs: list[tuple[Any, str]], found: list[list[Found]]) -> None:
        """Breaches of latching rules put their scope into a state, or deny for the day."""
        for (order, name), each in zip(legs, found, strict=True):
            for breach in each:
                if breach.rule is None or breach.rule["kind"] not in LATCHING:
                    continue
                if not breach.enforced or not breach.judged or breach.action == "hold":
                    continue
                policy = next(p for p in self.policies if breach.name.startswith(p["policy"] + "/"))
                names = self.names(order, name)
                keys = [
                    k for k in ("account", "strategy", "symbol") if k in breach.rule.get("per", [])
                ]
                scope = tuple((key, names[key]) for key in keys)
                self.trip(policy, breach.rule, scope or (("account", names["account"]),))

    def trip(self, policy: Rule, rule: Rule, scope: tuple[tuple[str, str], ...]) -> None:
        called = f"{policy['policy']}/{rule['id']}"
        then = rule.get("then", LATCHING[rule["kind"]])
        if then == "deny" and rule["kind"] == "loss":
            self.tripped.append((called, scope, trading_day(policy, self.now)))
        elif then != "deny":
            state = {"reduce_only": "REDUCE_ONLY", "halt": "HALTED"}[then]
            self.latches.append(Latch(called, state, scope))


__all__ = ["EXEMPT", "LATCHING", "NOT_FOR_EXITS", "Answer", "Naive", "Submission"]
