"""The naive reference: the gate as the spec pages describe it, for the eight kinds.

It knows selectors, budgets, waivers and modes, and just enough of sanity for the orders that the
differential test makes. Written from the pages and not from the package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.spec.naive_facts import (
    ZERO,
    Facts,
    Rule,
    Sent,
    Unknown,
    budget,
    listed,
    matches,
    seconds,
    trading_day,
)

EXEMPT = ("position", "daily_volume")
HARSHNESS = ["allow", "warn", "hold", "deny"]
DEFAULTS: dict[str, Rule] = {
    "duplicate": {"max": Decimal(1)},
    "market_hours": {"sessions": ["regular"]},
}
LIMITS = {
    "permitted": ("symbols", "sec_types", "order_types", "tifs", "sides", "currencies",
                  "strategies", "accounts", "outside_rth"),
    "restricted": ("symbols",),
    "market_hours": ("sessions", "closed"),
    "duplicate": ("max",),
    "message_rate": ("max",),
    "fat_finger": ("max_quantity", "max_notional", "max_adv_percent", "max_deviation_percent",
                   "max_deviation_ticks", "max_deviation_amount", "max_stop_deviation_percent"),
    "position": ("max_long", "max_short", "max_long_notional", "max_short_notional"),
    "daily_volume": ("max_quantity", "max_notional", "max_orders"),
}  # fmt: skip


@dataclass
class Naive(Facts):
    """The gate as the spec describes it."""

    policies: list[Rule] = field(default_factory=list)

    # --- what happens ---------------------------------------------------------------------------

    def submit(self, order: Any, name: str) -> tuple[str, set[str], set[str]]:  # noqa: ANN401  # an Order
        """Decide and, if it passes, remember the order as working."""
        names = self.names(order, name)
        action, by, shadow = self.decide(order, name, None)
        sent = None
        if action in ("allow", "warn"):
            sent = Sent(names, order, self.now, versions=[(order, self.unit_or_own(order, name))])
        if action != "deny":
            kind = "held" if action == "hold" else "new"
            self.messages.append((kind, self.now, names, order))
        self.orders.append(sent)
        return action, by, shadow

    def modify(self, number: int, order: Any, name: str) -> tuple[str, set[str], set[str]]:  # noqa: ANN401  # an Order
        old = self.orders[number]
        assert old is not None
        if old.status != "working" or order.quantity <= old.filled:
            return "deny", {"NOT_MODIFIABLE"}, set()
        action, by, shadow = self.decide(order, name, old)
        if action in ("allow", "warn"):
            old.versions.append((order, self.unit_or_own(order, name)))
            old.terms = order
            self.messages.append(("modify", self.now, old.names, order))
        return action, by, shadow

    def fill(self, number: int, quantity: Decimal, price: Decimal) -> None:
        sent = self.orders[number]
        assert sent is not None
        sent.filled += quantity
        self.fills.append((sent, quantity, price, self.now))
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

    # --- the decision ---------------------------------------------------------------------------

    def decide(self, order: Any, name: str, old: Sent | None) -> tuple[str, set[str], set[str]]:  # noqa: ANN401  # an Order
        names = self.names(order, name)
        insane = set(self.insanity(order, name, old))
        if insane:
            return "deny", insane, set()
        reduction = self.reduces(order, name, old)
        found: list[tuple[str, str]] = []
        if self.state == "HALTED" or (self.state == "REDUCE_ONLY" and not reduction):
            found.append((self.state, "deny"))
        covering = [p for p in self.policies if matches(p.get("applies_to", {}), names, p)]
        if not covering:
            found.append(("NO_POLICY", "deny"))
        shadow: set[str] = set()
        for policy in covering:
            for rule in policy["rules"]:
                if rule.get("mode") == "off" or not matches(rule.get("match", {}), names, policy):
                    continue
                if reduction and rule["kind"] in EXEMPT:
                    continue
                called = f"{policy['policy']}/{rule['id']}"
                for action in self.breaches(policy, rule, (order, name, old)):
                    if rule.get("mode") == "shadow":
                        shadow.add(called)
                    else:
                        found.append((called, action))
        harshest = max((a for _, a in found), key=HARSHNESS.index, default="allow")
        return harshest, {who for who, _ in found}, shadow

    def insanity(self, order: Any, name: str, old: Sent | None) -> Iterator[str]:  # noqa: ANN401
        instrument = self.instruments[name]
        if order.quantity % instrument["lot"]:
            yield "BAD_QUANTITY"
        for price in (order.limit_price, order.stop_price):
            if price is not None and price <= 0:
                yield "BAD_PRICE"
            elif price is not None and price % instrument["min_tick"]:
                yield "OFF_TICK"
        if order.stop_price is not None and not self.reduces(order, name, old):
            yield from self.stop_faults(order, name)

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

    def reduces(self, order: Any, name: str, old: Sent | None) -> bool:  # noqa: ANN401  # an Order
        if old is not None:
            live = [terms for terms, _ in old.versions]
            if any(order.stop_price != terms.stop_price for terms in live):
                return False
            if all(self.milder(order, terms) for terms in live):
                return True
        position, buys, sells = self.holding(order.account, name, None, old)
        adds = order.quantity - (old.filled if old else ZERO)
        if order.side == "SELL":
            return position > 0 and adds <= position - sells
        return position < 0 and adds <= -position - buys

    def breaches(
        self, policy: Rule, rule: Rule, asked: tuple[Any, str, Sent | None]
    ) -> Iterator[str]:
        names = self.names(asked[0], asked[1])
        called = {k: v for k, v in DEFAULTS.get(rule["kind"], {}).items() if k not in rule}
        given = {**rule, **called}
        waivers = [
            w
            for w in policy.get("waivers", [])
            if w["rule"] == rule["id"]
            and self.now < datetime.fromisoformat(w["until"])
            and matches(w["match"], names, policy)
        ]
        measure: Callable[..., Iterator[tuple[str, Any, str]]]
        measure = getattr(self, f"_{rule['kind']}")
        for limit in [name for name in given if name in LIMITS[rule["kind"]]]:
            waived = [w["set"][limit] for w in waivers if limit in w["set"]]
            value = min(waived) if waived else given[limit]
            try:
                observed = measure(policy, {**given, limit: value}, limit, asked)
            except Unknown:
                yield "deny"
                continue
            passes = observed if isinstance(observed, bool) else observed is None
            if isinstance(observed, Decimal):
                passes = observed <= value
            if not passes:
                yield rule.get("on_breach", "deny")

    # --- the eight kinds: a number that must not exceed the limit, a bool that says whether it
    # --- passes, or None where the limit does not ask

    def _permitted(self, policy: Rule, rule: Rule, limit: str, asked: Any) -> Any:  # noqa: ANN401
        order, name, _ = asked
        if limit == "outside_rth":
            return not order.outside_rth
        key = {"currencies": "currency", "strategies": "strategy"}.get(limit, limit[:-1])
        upper = key not in ("strategy", "account")
        return listed(rule[limit], self.names(order, name)[key], policy, upper=upper)

    def _restricted(self, policy: Rule, rule: Rule, _limit: str, asked: Any) -> Any:  # noqa: ANN401
        names = self.names(asked[0], asked[1])
        follows = names["sec_type"] in ("OPT", "FUT")
        if follows and not rule.get("derivatives", True):
            return True
        symbols = {names["symbol"], names["underlying"]} if follows else {names["symbol"]}
        return not any(listed(rule["symbols"], s, policy, upper=True) for s in symbols)

    def _market_hours(self, policy: Rule, rule: Rule, limit: str, _asked: Any) -> Any:  # noqa: ANN401
        if limit != "closed":
            return True  # the calendar of these tests is always open
        wall = self.now.astimezone(ZoneInfo(policy["timezone"])).time()
        for window in rule["closed"]:
            start, end = (time.fromisoformat(part) for part in window.split("-"))
            inside = start <= wall < end if start < end else wall >= start or wall < end
            if inside:
                return False
        return True

    def _duplicate(self, policy: Rule, rule: Rule, _limit: str, asked: Any) -> Any:  # noqa: ANN401
        if asked[2] is not None:
            return None
        fields = ("account", "strategy", "instrument", "side", "order_type")
        terms = ("quantity", "limit_price", "stop_price")
        order, names = asked[0], self.names(asked[0], asked[1])
        alike = [
            m
            for m in self.window(policy, rule, names)
            if m[0] in ("new", "held")
            and all(m[2][f] == names[f] for f in fields)
            and all(getattr(m[3], t) == getattr(order, t) for t in terms)
        ]
        return Decimal(len(alike) + 1)

    def _message_rate(self, policy: Rule, rule: Rule, _limit: str, asked: Any) -> Any:  # noqa: ANN401
        counts = rule.get("counts", ["new", "modify"])
        if ("new" if asked[2] is None else "modify") not in counts:
            return None
        names = self.names(asked[0], asked[1])
        return Decimal(1 + sum(m[0] in counts for m in self.window(policy, rule, names)))

    def window(self, policy: Rule, rule: Rule, names: dict[str, str]) -> list[Any]:
        """Messages of the same budget inside (now - window, now]."""
        since = self.now - timedelta(seconds=seconds(rule["window"]))
        return [
            m
            for m in self.messages
            if since < m[1] <= self.now
            and matches(policy.get("applies_to", {}), m[2], policy)
            and matches(rule.get("match", {}), m[2], policy)
            and budget(rule, m[2]) == budget(rule, names)
        ]

    def _fat_finger(self, policy: Rule, rule: Rule, limit: str, asked: Any) -> Any:  # noqa: ANN401
        order, name, _ = asked
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
        if limit.endswith("percent"):
            return 100 * away / abs(anchor)
        return away / self.instruments[name]["min_tick"] if limit.endswith("ticks") else away

    def _position(self, policy: Rule, rule: Rule, limit: str, asked: Any) -> Any:  # noqa: ANN401
        order, name, old = asked
        long = limit.startswith("max_long")
        if long is not (order.side == "BUY"):
            return None
        adds = order.quantity - (old.filled if old else ZERO)
        total = ZERO
        for account, other, strategy in self.cells(policy, rule, self.names(order, name)):
            position, buys, sells = self.holding(account, other, strategy, old)
            worst = max(ZERO, position + buys if long else sells - position)
            own = (account, other) == (order.account, name)
            if own:
                worst = max(ZERO, position + buys + adds if long else sells + adds - position)
            if not limit.endswith("notional"):
                total += worst
            elif own:
                total += self.notional(order, name, worst, policy["currency"])
            elif worst:
                value = worst * self.mark(other) * self.instruments[other]["multiplier"]
                currency = self.instruments[other]["currency"]
                total += self.convert(value, currency, policy["currency"])
        return total

    def _daily_volume(self, policy: Rule, rule: Rule, limit: str, asked: Any) -> Any:  # noqa: ANN401
        order, name, old = asked
        executed = rule.get("counts", "submitted") == "executed"
        names = self.names(order, name)
        ours = [
            o
            for o in self.orders
            if o is not None
            and matches(policy.get("applies_to", {}), o.names, policy)
            and matches(rule.get("match", {}), o.names, policy)
            and budget(rule, o.names) == budget(rule, names)
        ]
        today = trading_day(policy, self.now)
        fills = [f for f in self.fills if f[0] in ours and trading_day(policy, f[3]) == today]
        if limit == "max_orders":
            if old is not None:
                return None
            sent = [o for o in ours if trading_day(policy, o.sent_at) == today]
            filled = {id(f[0]) for f in fills}
            return Decimal(1 + len(filled if executed else sent))
        adds = order.quantity - (old.filled if old else ZERO)
        working = [] if executed else [o for o in ours if o is not old]
        if limit == "max_quantity":
            return sum((f[1] for f in fills), ZERO) + sum(o.remaining for o in working) + adds
        total = self.notional(order, name, adds, policy["currency"])
        for sent_order, quantity, price, _ in fills:
            instrument = self.instruments[sent_order.names["listed"]]
            value = quantity * price * instrument["multiplier"]
            total += self.convert(value, instrument["currency"], policy["currency"])
        for one in working:
            total += self.convert(one.value, one.names["currency"], policy["currency"])
        return total
