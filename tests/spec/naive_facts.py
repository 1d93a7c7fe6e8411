"""The facts of the naive reference: plain lists, and scans over them, as the spec pages say.

Written from the pages and not from the package; slow and obvious on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Rule = dict[str, Any]
ZERO = Decimal(0)
HOLDING_KEYS = ("account", "symbol", "sec_type", "exchange", "currency", "underlying")
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


class Unknown(Exception):  # noqa: N818  # not an error: a rule cannot be judged
    """A fact is missing; its code."""


@dataclass
class Sent:
    """One order of ours."""

    names: dict[str, str]
    terms: Any
    sent_at: datetime
    status: str = "working"
    versions: list[tuple[Any, Decimal]] = field(default_factory=list)
    acknowledged: bool = False
    filled: Decimal = ZERO

    @property
    def working(self) -> bool:
        return self.status in ("working", "cancelling")

    @property
    def remaining(self) -> Decimal:
        left = [max(ZERO, terms.quantity - self.filled) for terms, _ in self.versions]
        return max(left) if self.working else ZERO

    @property
    def value(self) -> Decimal:
        worth = [max(ZERO, t.quantity - self.filled) * unit for t, unit in self.versions]
        return max(worth) if self.working else ZERO


@dataclass
class Facts:
    """What has happened, and what it adds up to: scans over lists."""

    instruments: dict[str, dict[str, Any]]
    fx: dict[str, Decimal]
    now: datetime
    state: str = "ACTIVE"
    quotes: dict[str, dict[str, Any]] = field(default_factory=dict)
    positions: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    adv: dict[str, Decimal] = field(default_factory=dict)
    orders: list[Sent | None] = field(default_factory=list)
    fills: list[tuple[Sent, Decimal, Decimal, datetime]] = field(default_factory=list)
    messages: list[tuple[str, datetime, dict[str, str], Any]] = field(default_factory=list)

    # --- facts ----------------------------------------------------------------------------------

    def names(self, order: Any, name: str) -> dict[str, str]:  # noqa: ANN401  # an Order
        instrument = self.instruments[name]
        return {
            "account": order.account,
            "strategy": order.strategy or "",
            **{key: instrument[key] for key in ("symbol", "sec_type", "currency", "exchange")},
            "side": str(order.side),
            "order_type": str(order.order_type),
            "tif": str(order.tif),
            "underlying": instrument["underlying"],
            "tag": order.tag or "",
            "instrument": name,
            "listed": name,
        }

    def cells(
        self, policy: Rule, rule: Rule, names: dict[str, str]
    ) -> set[tuple[str, str, str | None]]:
        """Every holding of the budget: the order's own, and those that the selectors leave."""
        by_strategy = "strategy" in rule.get("per", [])
        per = [key for key in rule.get("per", []) if key != "side"]
        keys = (*HOLDING_KEYS, "strategy") if by_strategy else HOLDING_KEYS
        found = {(a, i, "") for a, i in self.positions}
        found |= {
            (o.names["account"], o.names["listed"], o.names["strategy"])
            for o in self.orders
            if o is not None
        }
        found.add((names["account"], names["listed"], names["strategy"]))
        chosen = set()
        for account, name, strategy in found:
            here = {
                **{key: str(self.instruments[name][key]) for key in (*HOLDING_KEYS[1:],)},
                "account": account,
                "strategy": strategy,
                "instrument": name,
            }
            selectors = (policy.get("applies_to", {}), rule.get("match", {}))
            if all(
                matches({k: v for k, v in s.items() if k in keys}, here, policy) for s in selectors
            ) and budget({"per": per}, here) == budget({"per": per}, names):
                chosen.add((account, name, strategy if by_strategy else None))
        return chosen

    def holding(
        self, account: str, name: str, strategy: str | None, without: Sent | None
    ) -> tuple[Decimal, Decimal, Decimal]:
        """Position, working buys, working sells; of all strategies, or of one."""
        position = self.positions.get((account, name), ZERO) if strategy in (None, "") else ZERO
        buys = sells = ZERO
        for sent in self.orders:
            if sent is None or (sent.names["account"], sent.names["listed"]) != (account, name):
                continue
            if strategy is not None and sent.names["strategy"] != strategy:
                continue
            buy = sent.names["side"] == "BUY"
            position += sent.filled if buy else -sent.filled
            if sent is not without:
                buys, sells = (
                    (buys + sent.remaining, sells) if buy else (buys, sells + sent.remaining)
                )
        return position, buys, sells

    def usable(self, name: str) -> dict[str, Decimal]:
        """The prices that may be judged by: fresh and live; the close has no age."""
        quote = self.quotes.get(name)
        if quote is None or quote.get("type", "live") != "live":
            return {}
        fresh = self.now - quote["at"] <= timedelta(seconds=60)
        kept = {k: v for k, v in quote.items() if k in ("bid", "ask", "last", "close")}
        if not fresh:
            kept = {k: v for k, v in kept.items() if k == "close"}
        if "bid" in kept and "ask" in kept and kept["bid"] <= kept["ask"]:
            kept["mid"] = (kept["bid"] + kept["ask"]) / 2
        return kept

    def why_no_price(self, name: str) -> str:
        quote = self.quotes.get(name, {})
        if quote.get("type", "live") != "live":
            return "NOT_LIVE"
        ticked = any(source in quote for source in ("bid", "ask", "last"))
        old = ticked and self.now - quote["at"] > timedelta(seconds=60)
        return "STALE_PRICE" if old else "NO_PRICE"

    def reference(self, name: str) -> Decimal:
        usable = self.usable(name)
        for source in ("mid", "last"):
            if source in usable:
                return usable[source]
        raise Unknown("NO_PRICE")

    def mark(self, name: str) -> Decimal:
        """Mid, else last, else close, of any age."""
        quote = self.quotes.get(name, {})
        if "bid" in quote and "ask" in quote and quote["bid"] <= quote["ask"]:
            return Decimal(quote["bid"] + quote["ask"]) / 2
        for source in ("last", "close"):
            if source in quote:
                return Decimal(quote[source])
        raise Unknown("NO_PRICE")

    def unit_value(self, order: Any, name: str) -> Decimal:  # noqa: ANN401  # an Order
        usable = self.usable(name)
        market = [usable[s] for s in ("mid", "last", "close") if s in usable]
        if not market:
            raise Unknown("NO_PRICE")
        market += [p for p in (order.limit_price, order.stop_price) if p is not None]
        touch = usable.get("ask" if order.side == "BUY" else "bid")
        if order.order_type == "MKT" and touch is not None:
            market.append(touch)
        return max(abs(price) for price in market) * Decimal(self.instruments[name]["multiplier"])

    def unit_or_own(self, order: Any, name: str) -> Decimal:  # noqa: ANN401  # an Order
        """What is reserved: where the market has no price, the order's own, else nothing."""
        try:
            return self.unit_value(order, name)
        except Unknown:
            own = [p for p in (order.limit_price, order.stop_price) if p is not None]
            multiplier = Decimal(self.instruments[name]["multiplier"])
            return abs(own[0]) * multiplier if own else ZERO

    def notional(self, order: Any, name: str, quantity: Decimal, currency: str) -> Decimal:  # noqa: ANN401
        value = quantity * self.unit_value(order, name)
        return self.convert(value, self.instruments[name]["currency"], currency)

    def convert(self, amount: Decimal, source: str, target: str) -> Decimal:
        if source == target or not amount:
            return amount
        rates = {"USD": Decimal(1), **self.fx}
        if source not in rates or target not in rates:
            raise Unknown("NO_FX")
        return amount * rates[source] / rates[target]


def matches(selector: Rule, names: dict[str, str], policy: Rule) -> bool:
    """Keys combine with AND; see `listed` for the items of one key."""
    return all(
        listed(items, names[key], policy, upper=key not in ("account", "strategy", "tag"))
        for key, items in selector.items()
    )


def listed(items: Any, name: str, policy: Rule, *, upper: bool) -> bool:  # noqa: ANN401  # YAML
    """Items combine with OR, then any negated one excludes; only negated: everything else."""
    spread = list(spread_groups(items, policy))
    wanted = [item for item in spread if not item.startswith("!")]
    barred = [item[1:] for item in spread if item.startswith("!")]

    def hit(item: str) -> bool:
        return wild(item.upper() if upper else item, name)

    return (not wanted or any(map(hit, wanted))) and not any(map(hit, barred))


def spread_groups(items: Any, policy: Rule) -> Iterator[str]:  # noqa: ANN401  # YAML
    for item in [items] if isinstance(items, str) else items:
        if item.startswith("@"):
            yield from spread_groups(policy["groups"][item[1:]], policy)
        elif item.startswith("!@"):
            inner = spread_groups(policy["groups"][item[2:]], policy)
            yield from (one[1:] if one.startswith("!") else f"!{one}" for one in inner)
        else:
            yield item


def wild(pattern: str, text: str) -> bool:
    """`*` is any text, `?` any one character."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(wild(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and wild(pattern[1:], text[1:])


def budget(rule: Rule, names: dict[str, str]) -> list[str]:
    """The values of the `per` keys; there `symbol` is the instrument."""
    return [names["instrument" if key == "symbol" else key] for key in rule.get("per", [])]


def trading_day(policy: Rule, at: datetime) -> date:
    """From `day_starts` to the next one, on the clocks of the policy's zone."""
    local = at.astimezone(ZoneInfo(policy["timezone"]))
    starts = time.fromisoformat(policy.get("day_starts", "00:00"))
    return local.date() if local.time() >= starts else local.date() - timedelta(days=1)


def seconds(text: str) -> float:
    number = text.rstrip("msh")
    return float(number) * UNITS[text[len(number) :]]
