"""The naive reference, family by family: what an order looks like, and what it moves.

A measurement is a number that must not exceed the limit, a bool that says whether the order passes,
or None where the limit does not ask. Written from the pages and not from the package.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.spec.naive_facts import (
    HOLDING_KEYS,
    ZERO,
    Asked,
    Facts,
    Rule,
    Sent,
    Unknown,
    budget,
    listed,
    matches,
    seconds,
)

NEW_YORK = ZoneInfo("America/New_York")
OPENS, CLOSES = time(9, 30), time(16)


def session(rule: Rule, now: datetime) -> str:
    """`pre`, `regular`, `post` or nothing: XNYS on a week without holidays, or always regular."""
    if rule.get("calendar") == "always":
        return "regular"
    wall = now.astimezone(NEW_YORK)
    if wall.weekday() > 4:
        return ""
    if OPENS <= wall.time() < CLOSES:
        return "regular"
    if "pre" in rule and time.fromisoformat(rule["pre"]) <= wall.time() < OPENS:
        return "pre"
    if "post" in rule and CLOSES <= wall.time() < time.fromisoformat(rule["post"]):
        return "post"
    return ""


def crosses(order: Any, resting: Any) -> bool:  # noqa: ANN401  # Orders
    """Whether an order meets an opposite one; without a limit price it meets any."""
    if order.side == resting.side:
        return False
    if order.limit_price is None or resting.limit_price is None:
        return True
    buy, sell = (order, resting) if order.side == "BUY" else (resting, order)
    return bool(buy.limit_price >= sell.limit_price)


class Shape(Facts):
    """Kinds that look at the order itself and at the market it meets."""

    def _permitted(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        if limit == "outside_rth":
            return not asked.order.outside_rth
        key = {"currencies": "currency", "strategies": "strategy"}.get(limit, limit[:-1])
        upper = key not in ("strategy", "account")
        return listed(rule[limit], self.names(asked.order, asked.name)[key], policy, upper=upper)

    def _restricted(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        names = self.names(asked.order, asked.name)
        follows = names["sec_type"] in ("OPT", "FUT")
        if follows and not rule.get("derivatives", True):
            return True
        symbols = {names["symbol"], names["underlying"]} if follows else {names["symbol"]}
        return not any(listed(rule["symbols"], s, policy, upper=True) for s in symbols)

    def _market_hours(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        now = session(rule, self.now)
        if limit == "sessions":
            return now in rule["sessions"]
        if limit == "market_orders_in_regular_only":
            return now == "regular" or asked.order.order_type != "MKT"
        if limit == "not_within":
            return self._away_from_the_edges(rule)
        wall = self.now.astimezone(ZoneInfo(policy["timezone"])).time()
        for window in rule["closed"]:
            start, end = (time.fromisoformat(part) for part in window.split("-"))
            inside = start <= wall < end if start < end else wall >= start or wall < end
            if inside:
                return False
        return True

    def _away_from_the_edges(self, rule: Rule) -> Any:  # noqa: ANN401
        """`[open, open + a)` and `[close - b, close)` of a session day."""
        wall = self.now.astimezone(NEW_YORK)
        if wall.weekday() > 4 or rule.get("calendar") == "always":
            return True
        opens, closes = (datetime.combine(wall.date(), at, NEW_YORK) for at in (OPENS, CLOSES))
        edges = rule["not_within"]
        after = timedelta(seconds=seconds(edges.get("after_open", "0s")))
        before = timedelta(seconds=seconds(edges.get("before_close", "0s")))
        return not (opens <= wall < opens + after or closes - before <= wall < closes)

    def _fat_finger(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        order, name = asked.order, asked.name
        if "session" in rule and session(rule, self.now) not in rule["session"]:
            return None
        if limit == "max_quantity":
            return order.quantity
        if limit == "max_notional":
            return self.notional(order, name, order.quantity, policy["currency"])
        if limit == "max_adv_percent":
            if name not in self.adv:
                raise Unknown("NO_ADV")
            return order.quantity * 100 / self.adv[name]
        return self._deviation(rule, limit, order, name)

    def _deviation(self, rule: Rule, limit: str, order: Any, name: str) -> Any:  # noqa: ANN401
        tick = self.instruments[name]["min_tick"]
        if limit == "max_stop_deviation_percent":
            if order.stop_price is None:
                return None
            anchor = self.reference(name)
            away = abs(order.stop_price - anchor)
        elif order.limit_price is None:
            return None
        else:
            anchor = order.stop_price if order.stop_price is not None else self.reference(name)
            away = (order.limit_price - anchor) * (1 if order.side == "BUY" else -1)
            away = abs(away) if rule.get("both_sides", False) else max(away, ZERO)
        if away <= rule.get("never_below_amount", -1):
            return ZERO
        if away / tick <= rule.get("never_below_ticks", -1):
            return ZERO
        if limit.endswith("percent"):
            return 100 * away / abs(anchor)
        return away / tick if limit.endswith("ticks") else away

    def _reference_price(self, _policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        before = self.price_terms
        own = seconds(rule["max_age"]) if "max_age" in rule else before[0]
        self.price_terms = own, frozenset(rule.get("require", before[1]))
        try:
            self.reference(asked.name)
            usable = self.usable(asked.name)
        finally:
            self.price_terms = before
        if limit in ("max_age", "require"):
            return True
        if limit == "deny_at_floor":
            tick = self.instruments[asked.name]["min_tick"]
            return not any(usable[s] <= tick for s in ("bid", "last") if s in usable)
        prices = [usable[s] for s in ("mid", "last", "close") if s in usable]
        if ZERO in prices:
            return False
        return 100 * (max(prices) - min(prices)) / min(map(abs, prices))

    def _short_sale(self, _policy: Rule, _rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        if asked.order.side != "SELL":
            return None
        position, _, sells = self.holding(asked.order.account, asked.name, None, asked.old)
        if asked.adds <= max(ZERO, position) - sells:
            return True
        if limit == "allow":
            return False
        if asked.order.locate is None:
            raise Unknown("NO_LOCATE")
        return True

    def _expiry_window(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        expiry = self.instruments[asked.name].get("expiry")
        if expiry is None:
            return None
        midnight = datetime.combine(expiry, time(0), ZoneInfo(policy["timezone"])).astimezone(UTC)
        left = midnight - self.now.astimezone(UTC)
        return left >= timedelta(seconds=seconds(rule["no_opening_within"]))

    def _declared_intent(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        order, whole = asked.order, asked.together
        worth = self.notional(order, asked.name, order.quantity, policy["currency"])
        pairs = [] if order.intent is None else [(worth, order.intent)]
        if whole is not None and whole.intent is not None:
            legs = whole.legs[:1] if whole.bracket else whole.legs
            total = sum((self.value_apart(o, n, policy["currency"]) for o, n in legs), ZERO)
            pairs.append((total, whole.intent))
        if not pairs:
            raise Unknown("NO_INTENT")
        return all(
            100 * abs(value - intent) <= rule["tolerance_percent"] * abs(intent)
            for value, intent in pairs
        )

    def _self_match(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        names = self.names(asked.order, asked.name)
        same = {"account": ("account",), "strategy": ("strategy",), "firm": ()}[rule["scope"]]
        for sent in self.working_of(policy, rule):
            mine = sent.names["instrument"] == names["instrument"]
            mine = mine and all(sent.names[key] == names[key] for key in same)
            if not mine or sent is asked.old or self.one_bracket(sent, asked):
                continue
            if any(crosses(asked.order, terms) for terms, _ in sent.versions):
                return False
        return True

    def one_bracket(self, sent: Sent, asked: Asked) -> bool:
        """Whether a working order and the one that is judged are legs of the same bracket."""
        if asked.old is not None:
            return (sent.entry or sent) is (asked.old.entry or asked.old)
        bracket = asked.together is not None and asked.together.bracket
        return bracket and sent.group == self.judging

    def working_of(self, policy: Rule, rule: Rule) -> list[Sent]:
        """Working orders that the selector covers by what holdings have: no strategy, no side."""
        return [
            sent
            for sent in self.orders
            if sent is not None and sent.working and self.held_in(policy, rule, sent.names)
        ]

    def held_in(self, policy: Rule, rule: Rule, names: dict[str, str]) -> bool:
        """Whether the selectors, narrowed to the keys of holdings, let something in."""
        keys = (*HOLDING_KEYS, "strategy") if "strategy" in rule.get("per", []) else HOLDING_KEYS
        return all(
            matches({k: v for k, v in selector.items() if k in keys}, names, policy)
            for selector in (policy.get("applies_to", {}), rule.get("match", {}))
        )

    def _holdings_fraction(self, policy: Rule, _rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        order, old = asked.order, asked.old
        position, _, _ = self.holding(order.account, asked.name, None, old)
        if old is not None:  # what this order has filled is part of what it moves
            position -= old.filled if order.side == "BUY" else -old.filled
        if position and (position > 0) is (order.side == "SELL"):
            return 100 * order.quantity / abs(position)
        funds = self.account_value(order.account, "available_funds", policy["currency"])
        worth = self.notional(order, asked.name, order.quantity, policy["currency"])
        return 100 * worth / funds if funds > 0 else False

    def _group_notional(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        if limit == "max_soft_breaches":
            return None  # known only when the whole submission has been judged
        whole = asked.together
        legs = whole.legs if whole else [(asked.order, asked.name)]
        legs = legs[:1] if whole and whole.bracket else legs
        names = self.names(asked.order, asked.name)
        total = ZERO
        for order, name in legs:
            here = self.names(order, name)
            alike = budget(rule, here) == budget(rule, names)
            selectors = (policy.get("applies_to", {}), rule.get("match", {}))
            if alike and all(matches(selector, here, policy) for selector in selectors):
                total += self.value_apart(order, name, policy["currency"])
        return total

    def value_apart(self, order: Any, name: str, currency: str) -> Decimal:  # noqa: ANN401
        """What another order of a submission is worth, by the prices that are usable for it."""
        before, self.price_terms = self.price_terms, self.terms_of(order, name)
        try:
            return self.notional(order, name, order.quantity, currency)
        finally:
            self.price_terms = before

    def terms_of(self, order: Any, name: str) -> tuple[float, frozenset[str]]:  # noqa: ANN401
        """How old a price may be, and of which types: the tightest of the enforced rules."""
        raise NotImplementedError
