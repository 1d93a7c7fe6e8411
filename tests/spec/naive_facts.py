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
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
USUAL_AGE, USUAL_TYPES = 60.0, frozenset({"live"})


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
    opens: bool = True
    entry: Sent | None = None
    group: int = 0
    intent: Decimal | None = None
    cancel_asked: bool = False
    refused: bool = False

    @property
    def working(self) -> bool:
        return self.status in ("working", "cancelling", "inactive")

    @property
    def dead_without_fill(self) -> bool:
        return not self.working and not self.filled

    @property
    def remaining(self) -> Decimal:
        left = [max(ZERO, terms.quantity - self.filled) for terms, _ in self.versions]
        return max(left) if self.working else ZERO

    @property
    def value(self) -> Decimal:
        worth = [max(ZERO, t.quantity - self.filled) * unit for t, unit in self.versions]
        return max(worth) if self.working else ZERO


@dataclass
class Message:
    """Something that was sent, or held: `new`, `held`, `modify` or `cancel`."""

    kind: str
    at: datetime
    names: dict[str, str]
    order: Any
    sent: Sent | None = None


@dataclass
class Submission:
    """A basket or a bracket, of which `place` is being judged: orders, names, declared intent."""

    legs: list[tuple[Any, str]]
    bracket: bool = False
    intent: Decimal | None = None
    place: int = 0
    turned: bool = False  # its entry reduces, so its exits do not

    @property
    def exit(self) -> bool:
        return self.bracket and self.place > 0 and not self.turned


@dataclass
class Asked:
    """An order that is judged: on which instrument, in place of what, submitted with what."""

    order: Any
    name: str
    old: Sent | None = None
    together: Submission | None = None

    @property
    def adds(self) -> Decimal:
        """What can still fill; an exit waits for what its entry has not filled yet."""
        if self.old is None:
            return Decimal(self.order.quantity)
        waits = self.old.entry.remaining if self.old.entry is not None else ZERO
        return max(ZERO, Decimal(self.order.quantity) - self.old.filled - waits)

    @property
    def exit(self) -> bool:
        return self.together is not None and self.together.exit

    @property
    def of_exit(self) -> bool:
        """Whether it is the exit of a bracket, or new terms of one."""
        entry = self.old.entry if self.old is not None else None
        return self.exit or (entry is not None and self.order.quantity <= entry.terms.quantity)


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
    opened: list[bool] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    refusals: list[tuple[str, datetime, dict[str, str]]] = field(default_factory=list)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    peaks: dict[str, Decimal] = field(default_factory=dict)
    price_terms: tuple[float, frozenset[str]] = (USUAL_AGE, USUAL_TYPES)
    judging: int = 0  # the group that is being judged
    approving: list[Sent] = field(default_factory=list)  # held, and being decided again

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
            left = ZERO if sent is without or sent.entry is not None else sent.remaining
            buys, sells = (buys + left, sells) if buy else (buys, sells + left)
        for entry, exits in self.brackets(account, name, strategy, without):
            left = self.exits_can_fill(entry, exits)
            buy = exits[0].names["side"] == "BUY"
            buys, sells = (buys + left, sells) if buy else (buys, sells + left)
        return position, buys, sells

    def brackets(
        self, account: str, name: str, strategy: str | None, without: Sent | None
    ) -> Iterator[tuple[Sent, list[Sent]]]:
        """Entries with their exits that still work."""
        exits = [
            sent
            for sent in self.orders
            if sent is not None and sent.entry is not None
            if without is None or sent.entry is not without.entry
            if (sent.names["account"], sent.names["listed"]) == (account, name)
            if strategy is None or sent.names["strategy"] == strategy
        ]
        for entry in {id(sent.entry): sent.entry for sent in exits}.values():
            assert entry is not None
            yield entry, [sent for sent in exits if sent.entry is entry]

    def exits_can_fill(self, entry: Sent, exits: list[Sent]) -> Decimal:
        """Exits are reductions of their entry: one of them, and no more than the entry filled.

        What an exit is larger than its entry reduces nothing.
        """
        free = self.left_of(entry)
        size = min(terms.quantity for terms, _ in entry.versions)
        most = ZERO
        for sent in exits:
            excess = max(ZERO, max(terms.quantity for terms, _ in sent.versions) - size)
            most = max(most, min(sent.remaining, free + excess))
        return most

    def left_of(self, entry: Sent) -> Decimal:
        """What the entry has filled and its exits have not."""
        gone = sum((o.filled for o in self.orders if o is not None and o.entry is entry), ZERO)
        return max(ZERO, entry.filled - gone)

    def usable(self, name: str) -> dict[str, Decimal]:
        """The prices that may be judged by: fresh and of a good type; the close has no age."""
        quote = self.quotes.get(name)
        oldest, types = self.price_terms
        if quote is None or quote.get("type", "live") not in types:
            return {}
        fresh = self.now - quote["at"] <= timedelta(seconds=oldest)
        kept = {k: v for k, v in quote.items() if k in ("bid", "ask", "last", "close")}
        if not fresh:
            kept = {k: v for k, v in kept.items() if k == "close"}
        if "bid" in kept and "ask" in kept and kept["bid"] <= kept["ask"]:
            kept["mid"] = (kept["bid"] + kept["ask"]) / 2
        return kept

    def why_no_price(self, name: str) -> str:
        quote = self.quotes.get(name, {})
        oldest, types = self.price_terms
        if quote and quote.get("type", "live") not in types:
            return "NOT_LIVE"
        ticked = any(source in quote for source in ("bid", "ask", "last"))
        old = ticked and self.now - quote["at"] > timedelta(seconds=oldest)
        return "STALE_PRICE" if old else "NO_PRICE"

    def reference(self, name: str) -> Decimal:
        usable = self.usable(name)
        for source in ("mid", "last"):
            if source in usable:
                return usable[source]
        raise Unknown(self.why_no_price(name))

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
            return max(map(abs, own), default=ZERO) * multiplier

    def account_value(self, account: str, what: str, currency: str) -> Decimal:
        """A value as last reported, in a policy's currency."""
        reported = self.accounts.get(account, {})
        if reported.get(what) is None:
            raise Unknown("NO_ACCOUNT_VALUE")
        return self.convert(reported[what], reported.get("currency", "USD"), currency)

    def worth(
        self, cell: tuple[str, bool], quantity: Decimal, asked: Asked, currency: str
    ) -> Decimal:
        """A quantity at what it is marked at while an order is judged.

        The order's own holding at its conservative value; other positions, those of the same
        instrument in another account too, at their latest mark (semantics.md, section 4).
        """
        name, own = cell
        if not (quantity or own):
            return ZERO
        if own:
            return self.notional(asked.order, name, quantity, currency)
        instrument = self.instruments[name]
        value = quantity * abs(self.mark(name)) * instrument["multiplier"]
        return self.convert(value, instrument["currency"], currency)

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
    number = text.rstrip("mshd")
    return float(number) * UNITS[text[len(number) :]]
