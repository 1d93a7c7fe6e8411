"""The naive reference, family by family: what an order adds to, counted over a list of messages.

A measurement is a number that must not exceed the limit, a bool that says whether the order passes,
or None where the limit does not ask. Written from the pages and not from the package.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.spec.naive_facts import (
    ZERO,
    Asked,
    Message,
    Rule,
    Sent,
    budget,
    matches,
    seconds,
    trading_day,
)
from tests.spec.naive_shape import Shape


class Activity(Shape):
    """Kinds that count messages, orders and refusals: those that the whole selector matches."""

    def counted(
        self, policy: Rule, rule: Rule, there: dict[str, str], here: dict[str, str]
    ) -> bool:
        """Whether something falls into the same budget as the order that is judged."""
        return (
            matches(policy.get("applies_to", {}), there, policy)
            and matches(rule.get("match", {}), there, policy)
            and budget(rule, there) == budget(rule, here)
        )

    def window(self, policy: Rule, rule: Rule, names: dict[str, str]) -> list[Message]:
        """Messages of the same budget inside (now - window, now]."""
        since = self.now - timedelta(seconds=seconds(rule["window"]))
        return [
            m
            for m in self.messages
            if since < m.at <= self.now and self.counted(policy, rule, m.names, names)
        ]

    def _duplicate(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        if asked.old is not None:
            return None
        fields = ("account", "strategy", "instrument", "side", "order_type")
        terms = ("quantity", "limit_price", "stop_price")
        same = rule.get("same", (*("symbol" if f == "instrument" else f for f in fields), *terms))
        order, names = asked.order, self.names(asked.order, asked.name)
        alike = {
            id(m.sent)
            for m in self.window(policy, rule, names)
            if m.kind == "new"
            or (m.kind == "held" and not any(m.sent is one for one in self.approving))
            if all(
                m.names[f] == names[f] for f in fields if f.replace("instrument", "symbol") in same
            )
            and all(getattr(m.order, t) == getattr(order, t) for t in terms if t in same)
        }
        return Decimal(len(alike) + 1)

    def _message_rate(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        counts = rule.get("counts", ["new", "modify"])
        if ("new" if asked.old is None else "modify") not in counts:
            return None
        names = self.names(asked.order, asked.name)
        return Decimal(1 + sum(m.kind in counts for m in self.window(policy, rule, names)))

    def _repeat_execution(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        if asked.old is not None:
            return None
        names = self.names(asked.order, asked.name)
        again = [
            m
            for m in self.window(policy, rule, names)
            if m.kind == "new" and m.sent is not None and not m.sent.dead_without_fill
            if all(m.names[key] == names[key] for key in ("strategy", "instrument", "side"))
        ]
        return Decimal(len(again) + 1)

    def _reject_breaker(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        names = self.names(asked.order, asked.name)
        since = self.now - timedelta(seconds=seconds(rule["window"]))
        counts = rule.get("counts", ["rejected"])
        refused = [
            kind
            for kind, at, there in self.refusals
            if kind in counts and since < at <= self.now
            if self.counted(policy, rule, there, names)
        ]
        return Decimal(len(refused))

    def _order_efficiency(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        names = self.names(asked.order, asked.name)
        today = trading_day(policy, self.now)
        said = [
            m.kind
            for m in self.messages
            if m.kind in ("new", "modify", "cancel") and trading_day(policy, m.at) == today
            if self.counted(policy, rule, m.names, names)
        ]
        submits = said.count("new") + (asked.old is None)
        if submits <= rule.get("after_orders", 0):
            return None
        executed = {
            id(sent)
            for sent, _, _, at in self.fills
            if trading_day(policy, at) == today and self.counted(policy, rule, sent.names, names)
        }
        return Decimal(len(said) + 1) / (len(executed) + 1)

    def _daily_volume(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        executed = rule.get("counts", "submitted") == "executed"
        names = self.names(asked.order, asked.name)
        ours = [
            o for o in self.orders if o is not None and self.counted(policy, rule, o.names, names)
        ]
        today = trading_day(policy, self.now)
        mine = {id(o) for o in ours}
        fills = [f for f in self.fills if id(f[0]) in mine and trading_day(policy, f[3]) == today]
        if limit == "max_orders":
            if asked.old is not None:
                return None
            sent = [o for o in ours if trading_day(policy, o.sent_at) == today]
            filled = {id(f[0]) for f in fills}
            return Decimal(1 + len(filled if executed else sent))
        working = [] if executed else [o for o in ours if o is not asked.old]
        if limit == "max_quantity":
            return sum((f[1] for f in fills), ZERO) + self.left(working) + asked.adds
        return self._value_of_the_day(policy, fills, working, asked)

    def left(self, working: list[Sent]) -> Decimal:
        """What working orders can still fill; exits are reductions of their entry."""
        total = sum((o.remaining for o in working if o.entry is None), ZERO)
        for entry in {id(o.entry): o.entry for o in working if o.entry is not None}.values():
            total += self.exits_can_fill(entry, [o for o in working if o.entry is entry])
        return total

    def _value_of_the_day(
        self,
        policy: Rule,
        fills: list[tuple[Sent, Decimal, Decimal, Any]],
        working: list[Sent],
        asked: Asked,
    ) -> Decimal:
        total = self.notional(asked.order, asked.name, asked.adds, policy["currency"])
        for sent, quantity, price, _ in fills:
            instrument = self.instruments[sent.names["listed"]]
            value = quantity * price * instrument["multiplier"]
            total += self.convert(value, instrument["currency"], policy["currency"])
        for one in working:
            if one.entry is None:
                total += self.convert(one.value, one.names["currency"], policy["currency"])
        for entry in {id(o.entry): o.entry for o in working if o.entry is not None}.values():
            exits = [o for o in working if o.entry is entry]
            left = self.exits_can_fill(entry, exits)
            unit = max((u for o in exits if o.working for _, u in o.versions), default=ZERO)
            total += self.convert(left * unit, entry.names["currency"], policy["currency"])
        return total

    def _working_orders(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        names = self.names(asked.order, asked.name)
        alike = [
            sent
            for sent in self.working_of(policy, rule)
            if sent is not asked.old
            and all(sent.names[key] == names[key] for key in ("instrument", "side"))
            and budget(rule, sent.names) == budget(rule, names)
        ]
        if limit == "max_count":
            return Decimal(1 + len(alike))
        return asked.adds + self.left(alike)
