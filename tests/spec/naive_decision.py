"""The naive reference: what the gate answers, rule by rule, as the spec pages describe it.

It knows selectors, budgets, waivers, modes, groups and what approvals forgive, and just enough of
sanity for the orders that the differential test makes. Written from the pages, not the package.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from tests.spec.naive_activity import Activity
from tests.spec.naive_exposure import Exposure
from tests.spec.naive_facts import (
    USUAL_AGE,
    USUAL_TYPES,
    Asked,
    Message,
    Rule,
    Sent,
    Submission,
    Unknown,
    matches,
    seconds,
    trading_day,
)

# Orders that only reduce are not asked these (semantics.md, section 4), and exits of a bracket
# not those either (policy-language.md, section 11.11).
EXEMPT = ("position", "daily_volume", "exposure", "concentration", "leverage", "buying_power",
          "loss", "stress", "expiry_window", "working_orders", "order_efficiency")  # fmt: skip
FLOORS = ("deny_at_floor", "max_divergence_percent")
NOT_FOR_EXITS = ("short_sale", "declared_intent", "holdings_fraction", "group_notional")
HARSHNESS = ["allow", "warn", "hold", "deny"]
STATES = ["ACTIVE", "REDUCE_ONLY", "HALTED"]
DEFAULTS: dict[str, Rule] = {
    "duplicate": {"max": Decimal(1)},
    "market_hours": {"sessions": ["regular"]},
}
LIMITS = {
    "permitted": ("symbols", "sec_types", "order_types", "tifs", "sides", "exchanges", "currencies",
                  "strategies", "accounts", "outside_rth"),
    "restricted": ("symbols",),
    "market_hours": ("sessions", "closed", "not_within", "market_orders_in_regular_only"),
    "duplicate": ("max",),
    "message_rate": ("max",),
    "fat_finger": ("max_quantity", "max_notional", "max_adv_percent", "max_deviation_percent",
                   "max_deviation_ticks", "max_deviation_amount", "max_stop_deviation_percent"),
    "position": ("max_long", "max_short", "max_long_notional", "max_short_notional"),
    "daily_volume": ("max_quantity", "max_notional", "max_orders"),
    "reference_price": ("max_age", "max_divergence_percent", "deny_at_floor", "require"),
    "short_sale": ("allow", "locate"),
    "expiry_window": ("no_opening_within",),
    "declared_intent": ("tolerance_percent",),
    "self_match": ("scope",),
    "holdings_fraction": ("max_percent",),
    "group_notional": ("max_notional", "max_soft_breaches"),
    "repeat_execution": ("max",),
    "working_orders": ("max_count", "max_quantity"),
    "order_efficiency": ("max_ratio",),
    "reject_breaker": ("max",),
    "exposure": ("max_gross", "max_net_long", "max_net_short"),
    "concentration": ("max_percent",),
    "leverage": ("max",),
    "buying_power": ("min_left", "max_percent"),
    "loss": ("max_day_loss", "max_day_loss_percent", "max_drawdown_percent"),
    "stress": ("max_loss", "max_percent"),
}  # fmt: skip
LATCHING = {"loss": "deny", "repeat_execution": "reduce_only", "reject_breaker": "reduce_only"}
HIGHER = ("min_left",)  # of this one, the larger number is the tighter one


class Found(NamedTuple):
    """One breach: whose, what it does, whether it counts, and whether it could be judged."""

    name: str
    action: str
    enforced: bool = True
    judged: bool = True
    rule: Rule | None = None
    limit: str = ""


class Answer(NamedTuple):
    """A decision: its action, who is behind it, and who would be were it not in shadow."""

    action: str
    by: set[str]
    shadow: set[str]


class Turn(NamedTuple):
    """What is judged: anew, in place of an order, or again with what a person has forgiven."""

    forgiven: list[set[tuple[str, str]] | None]
    faults: frozenset[str] = frozenset()
    old: Sent | None = None
    again: list[Sent] | None = None


class Latch(NamedTuple):
    """A state that a rule has put a scope into."""

    rule: str
    state: str
    scope: tuple[tuple[str, str], ...]


@dataclass
class Deciding(Activity, Exposure):
    """How orders are judged, by what has happened so far."""

    policies: list[Rule] = field(default_factory=list)
    latches: list[Latch] = field(default_factory=list)
    tripped: list[tuple[str, tuple[tuple[str, str], ...], object]] = field(default_factory=list)
    groups: int = 0

    def state_of(self, names: dict[str, str]) -> str:
        """The strictest state of all scopes that the order is in."""
        states = [self.state]
        states += [s.state for s in self.latches if all(names[k] == v for k, v in s.scope)]
        return max(states, key=STATES.index)

    def as_sent(self, leg: tuple[Any, str], together: Submission | None, place: int) -> Sent:
        order, name = leg
        self.price_terms = self.terms_of(order, name)
        exit_ = together is not None and together.bracket and place > 0 and not together.turned
        return Sent(
            self.names(order, name),
            order,
            self.now,
            versions=[(order, self.unit_or_own(order, name))],
            opens=not exit_ and not self.reduces(Asked(order, name)),
            intent=together.intent if together else None,
        )

    # --- the decision ---------------------------------------------------------------------------

    def judged(
        self,
        legs: list[tuple[Any, str]],
        together: Submission | None,
        turn: Turn,
    ) -> list[list[Found]]:
        """Judge orders in turn, earlier ones counted as working; then count soft breaches."""
        asked = []
        if together is not None and together.bracket:
            first = Asked(*legs[0], together=together)
            self.price_terms = self.terms_of(*legs[0])
            insane = {*self.insanity(first), *turn.faults}
            together.turned = not insane and self.reduces(first)
        for place, (order, name) in enumerate(legs):
            here = Submission(**{**vars(together), "place": place}) if together else None
            asked.append(Asked(order, name, turn.old, here))
        self.judging = -self.groups
        found, supposed, said = [], len(self.orders), len(self.messages)
        for place, one in enumerate(asked):
            self.approving = turn.again or []
            each = self.breaches_of(one, turn.forgiven[place], turn.faults)
            found.append(each)
            if len(legs) > 1 and not any(f.action == "deny" and f.enforced for f in each):
                self.suppose(one, turn.again[place] if turn.again else None, found)
        self.approving = []
        del self.orders[supposed:], self.messages[said:]
        soft = Counter(
            f.name
            for each in found
            for f in each
            if f.enforced and f.rule is not None and f.action in ("warn", "hold")
        )
        return [
            each + self.too_soft(one, soft, turn.forgiven[place]) if sane(each) else each
            for place, (one, each) in enumerate(zip(asked, found, strict=True))
        ]

    def suppose(self, asked: Asked, held: Sent | None, found: list[list[Found]]) -> None:
        """Count an order as sent while the later ones of its group are judged."""
        one = self.as_sent((asked.order, asked.name), asked.together, len(found) - 1)
        one.group = self.judging
        if asked.together is not None and asked.together.bracket and asked.together.place:
            entries = [o for o in self.orders if o is not None and o.group == self.judging]
            one.entry = entries[0] if entries else one
        self.orders.append(one)
        self.messages.append(Message("new", self.now, one.names, asked.order, held or one))

    def breaches_of(
        self, asked: Asked, forgiven: set[tuple[str, str]] | None, faults: frozenset[str]
    ) -> list[Found]:
        order, name, names = asked.order, asked.name, self.names(asked.order, asked.name)
        self.price_terms = self.terms_of(order, name)
        insane = {*self.insanity(asked), *faults}
        if insane:
            return [Found(code, "deny") for code in insane]
        reduction = self.reduces(asked)
        found = []
        state = self.state_of(names)
        if state == "HALTED" or (state == "REDUCE_ONLY" and not reduction):
            found.append(Found(state, "deny"))
        if not any(matches(p.get("applies_to", {}), names, p) for p in self.policies):
            found.append(Found("NO_POLICY", "deny"))
        for policy, rule in self.rules_for(asked, reduction=reduction):
            limits = [x for x in LIMITS[rule["kind"]] if x != "max_soft_breaches"]
            limits = [x for x in limits if not (reduction and x in FLOORS)]
            found += self.asked_of(policy, rule, limits, asked)
        return [forgive(breach, forgiven) for breach in found]

    def rules_for(self, asked: Asked, *, reduction: bool) -> Iterator[tuple[Rule, Rule]]:
        """The rules that an order is asked, with their policies."""
        names = self.names(asked.order, asked.name)
        for policy in self.policies:
            if not matches(policy.get("applies_to", {}), names, policy):
                continue
            for rule in policy["rules"]:
                spared = (reduction and rule["kind"] in EXEMPT) or (
                    asked.of_exit and rule["kind"] in NOT_FOR_EXITS
                )
                on = rule.get("mode") != "off" and matches(rule.get("match", {}), names, policy)
                if on and not spared:
                    yield policy, rule

    def asked_of(
        self, policy: Rule, rule: Rule, limits: list[str], asked: Asked
    ) -> Iterator[Found]:
        """The breaches of one rule, limit by limit."""
        called = f"{policy['policy']}/{rule['id']}"
        enforced = rule.get("mode", "enforce") == "enforce"
        given = self.waived(policy, rule, self.names(asked.order, asked.name))
        measure: Callable[..., Any] = getattr(self, f"_{rule['kind']}")
        tripped = self.tripped_today(policy, called, asked)
        for limit in [name for name in limits if name in given]:
            try:
                observed = measure(policy, given, limit, asked)
            except Unknown:
                yield Found(called, "deny", enforced, False, rule, limit)
                continue
            passes = observed if isinstance(observed, bool) else observed is None
            if isinstance(observed, Decimal):
                passes = observed <= given[limit]
            if tripped or not passes:
                yield Found(called, rule.get("on_breach", "deny"), enforced, True, rule, limit)

    def tripped_today(self, policy: Rule, called: str, asked: Asked) -> bool:
        names = self.names(asked.order, asked.name)
        today = trading_day(policy, self.now)
        return any(
            rule == called and day == today and all(names[k] == v for k, v in scope)
            for rule, scope, day in self.tripped
        )

    def too_soft(
        self, asked: Asked, soft: Counter[str], forgiven: set[tuple[str, str]] | None
    ) -> list[Found]:
        """What `max_soft_breaches` says, now that all breaches of the submission are known."""
        found = []
        for policy, rule in self.rules_for(asked, reduction=False):
            given = self.waived(policy, rule, self.names(asked.order, asked.name))
            called = f"{policy['policy']}/{rule['id']}"
            others = sum(count for name, count in soft.items() if name != called)
            if "max_soft_breaches" in given and others > given["max_soft_breaches"]:
                on = rule.get("mode", "enforce") == "enforce"
                action = rule.get("on_breach", "deny")
                found.append(Found(called, action, on, True, rule, "max_soft_breaches"))
        return [forgive(breach, forgiven) for breach in found]

    def waived(self, policy: Rule, rule: Rule, names: dict[str, str]) -> Rule:
        """The rule with its defaults, and with the limits of the waivers that hold now."""
        defaults = DEFAULTS.get(rule["kind"], {})
        given = {**defaults, **rule}
        waivers = [
            w["set"]
            for w in policy.get("waivers", [])
            if w["rule"] == rule["id"]
            and self.now < datetime.fromisoformat(w["until"])
            and matches(w["match"], names, policy)
        ]
        for limit in LIMITS[rule["kind"]]:
            values = [each[limit] for each in waivers if limit in each]
            if values:
                given[limit] = max(values) if limit in HIGHER else min(values)
        return given

    def terms_of(self, order: Any, name: str) -> tuple[float, frozenset[str]]:  # noqa: ANN401
        """How old a price may be, and of which types: the tightest of the enforced rules."""
        names = self.names(order, name)
        rules = [
            self.waived(policy, rule, names)
            for policy, rule in self.rules_for(Asked(order, name), reduction=False)
            if rule["kind"] == "reference_price" and rule.get("mode", "enforce") == "enforce"
        ]
        ages = [seconds(rule["max_age"]) for rule in rules if "max_age" in rule]
        types = [frozenset(rule["require"]) for rule in rules if "require" in rule]
        allowed = frozenset.intersection(*types) if types else USUAL_TYPES
        return min(ages, default=USUAL_AGE), allowed

    # --- sanity and reductions ------------------------------------------------------------------

    def insanity(self, asked: Asked) -> Iterator[str]:
        order, instrument = asked.order, self.instruments[asked.name]
        if order.quantity % instrument["lot"]:
            yield "BAD_QUANTITY"
        for price in (order.limit_price, order.stop_price):
            if price is not None and price <= 0:
                yield "BAD_PRICE"
            elif price is not None and price % instrument["min_tick"]:
                yield "OFF_TICK"
        if order.stop_price is not None and not self.reduces(asked):
            yield from self.stop_faults(order, asked.name)

    def stop_faults(self, order: Any, name: str) -> Iterator[str]:  # noqa: ANN401  # an Order
        usable, buy = self.usable(name), order.side == "BUY"
        market = usable.get("last", usable.get("ask" if buy else "bid"))
        if market is None:
            yield self.why_no_price(name)
        elif order.stop_price <= market if buy else order.stop_price >= market:
            yield "STOP_THROUGH_MARKET"

    def milder(self, order: Any, old: Any) -> bool:  # noqa: ANN401  # Orders
        was, now = old.limit_price, order.limit_price
        buy = order.side == "BUY"
        keener = was != now if None in (was, now) else (now > was if buy else now < was)
        return bool(order.quantity <= old.quantity and not keener)

    def reduces(self, asked: Asked) -> bool:
        """Whether an order only brings a position nearer to zero; an exit always does."""
        order, old = asked.order, asked.old
        if asked.exit:
            return True
        if old is not None:
            live = [terms for terms, _ in old.versions]
            if any(order.stop_price != terms.stop_price for terms in live):
                return False
            if all(self.milder(order, terms) for terms in live):
                return True
        position, buys, sells = self.holding(order.account, asked.name, None, old)
        if order.side == "SELL":
            return position > 0 and asked.adds <= position - sells
        return position < 0 and asked.adds <= -position - buys


def sane(found: list[Found]) -> bool:
    """Whether the rules were asked: nothing but states and rules is behind the answer."""
    known = {"HALTED", "REDUCE_ONLY", "NO_POLICY"}
    return all(breach.rule is not None or breach.name in known for breach in found)


def forgive(breach: Found, forgiven: set[tuple[str, str]] | None) -> Found:
    """What a person approved only warns; anything else that would hold denies."""
    if forgiven is None or breach.action != "hold":
        return breach
    known = (breach.name, breach.limit) in forgiven
    return breach._replace(action="warn" if known else "deny")


def held_by(found: list[Found]) -> set[tuple[str, str]]:
    return {(f.name, f.limit) for f in found if f.enforced and f.action == "hold"}


def settled(found: list[list[Found]]) -> list[Answer]:
    """The harshest answer holds for all; the innocent ones are told that another is denied."""
    own = [
        max((f.action for f in each if f.enforced), key=HARSHNESS.index, default="allow")
        for each in found
    ]
    harshest = max(own, key=HARSHNESS.index)
    floor = harshest if harshest in ("hold", "deny") else "allow"
    answers = []
    for action, each in zip(own, found, strict=True):
        by = {f.name for f in each if f.enforced}
        by |= {"GROUP_DENIED"} if floor == "deny" != action else set()
        shadow = {f.name for f in each if not f.enforced}
        answers.append(Answer(max(action, floor, key=HARSHNESS.index), by, shadow))
    return answers
