"""The naive reference, family by family: what a budget or an account is worth at worst.

A measurement is a number that must not exceed the limit, a bool that says whether the order passes,
or None where the limit does not ask. Written from the pages and not from the package.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.spec.naive_facts import ZERO, Asked, Rule, Sent, listed
from tests.spec.naive_shape import Shape


class Exposure(Shape):
    """Kinds that add up positions, working orders and account values."""

    def worst(
        self, policy: Rule, rule: Rule, asked: Asked
    ) -> Iterator[tuple[str, bool, Decimal, Decimal]]:
        """Each holding of the budget: instrument, whether the order's own, its two worst cases."""
        order = asked.order
        for account, name, strategy in self.cells(policy, rule, self.names(order, asked.name)):
            position, buys, sells = self.holding(account, name, strategy, asked.old)
            own = (account, name) == (order.account, asked.name)
            if own and order.side == "BUY":
                buys += asked.adds
            elif own:
                sells += asked.adds
            yield name, own, position + buys, position - sells

    def of_account(
        self, policy: Rule, rule: Rule, asked: Asked
    ) -> Iterator[tuple[str, bool, Decimal, Decimal]]:
        """The same of the order's own account."""
        narrowed = {**rule, "per": [*rule.get("per", []), "account"]}
        return self.worst(policy, narrowed, asked)

    def gross(self, found: Any, asked: Asked, currency: str) -> Decimal:  # noqa: ANN401
        return sum(
            (
                self.worth((name, own), max(abs(long), abs(short)), asked, currency)
                for name, own, long, short in found
            ),
            ZERO,
        )

    def _position(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        long = limit.startswith("max_long")
        if long is not (asked.order.side == "BUY"):
            return None
        total = ZERO
        for name, own, most, least in self.worst(policy, rule, asked):
            worst = max(ZERO, most if long else -least)
            if limit.endswith("notional"):
                worst = self.worth((name, own), worst, asked, policy["currency"])
            total += worst
        return total

    def _exposure(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        currency, found = policy["currency"], list(self.worst(policy, rule, asked))
        if limit == "max_gross":
            return self.gross(found, asked, currency)
        buy = asked.order.side == "BUY"
        if buy is not (limit == "max_net_long"):
            return None
        for name, own, most, least in found:
            if (most or least) and not own:
                self.mark(name)  # what is held needs a mark, even where it nets to nothing
        return sum(
            (
                self.worth((name, own), most if buy else -least, asked, currency)
                for name, own, most, least in found
            ),
            ZERO,
        )

    def _concentration(self, policy: Rule, _rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        account = asked.order.account
        net = self.account_value(account, "net_liquidation", policy["currency"])
        position, buys, sells = self.holding(account, asked.name, None, asked.old)
        buy = asked.order.side == "BUY"
        most, least = position + buys + asked.adds * buy, position - sells - asked.adds * (not buy)
        worst = max(abs(most), abs(least))
        worth = self.notional(asked.order, asked.name, worst, policy["currency"])
        return 100 * worth / net if net > 0 else False

    def _leverage(self, policy: Rule, rule: Rule, _limit: str, asked: Asked) -> Any:  # noqa: ANN401
        currency = policy["currency"]
        net = self.account_value(asked.order.account, "net_liquidation", currency)
        gross = self.gross(self.of_account(policy, rule, asked), asked, currency)
        return gross / net if net > 0 else False

    def _buying_power(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        currency, account = policy["currency"], asked.order.account
        funds = self.account_value(account, "available_funds", currency)
        used = self.margin(asked.name) * self.notional(
            asked.order, asked.name, asked.adds, currency
        )
        for sent in self.orders:
            if sent is None or sent.names["account"] != account or not sent.opens:
                continue
            if sent is asked.old or not self.held_in(policy, rule, sent.names):
                continue
            value = sent.value
            if sent.entry is not None:
                value = self.value_of_exits(sent.entry) if sent is self.speaks_for(sent) else ZERO
            rate = self.margin(sent.names["listed"])
            used += rate * self.convert(value, sent.names["currency"], currency)
        used += self._spent_since(policy, rule, account, currency)
        if limit == "min_left":
            return funds - used >= rule["min_left"]
        return 100 * used / funds if funds > 0 else False

    def exits_of(self, entry: Sent) -> list[Sent]:
        return [o for o in self.orders if o is not None and o.entry is entry and o.working]

    def speaks_for(self, sent: Sent) -> Sent:
        """The exit that stands for its bracket: exits hold one claim together."""
        assert sent.entry is not None
        return next(iter(o for o in self.exits_of(sent.entry) if o.opens), sent)

    def value_of_exits(self, entry: Sent) -> Decimal:
        exits = self.exits_of(entry)
        unit = max((u for o in exits for _, u in o.versions), default=ZERO)
        return self.exits_can_fill(entry, exits) * unit if exits else ZERO

    def _spent_since(self, policy: Rule, rule: Rule, account: str, currency: str) -> Decimal:
        """Opening fills that the last report of the account's funds does not know yet."""
        known = self.accounts[account].get("fills", 0)
        spent = ZERO
        since = list(zip(self.fills, self.opened, strict=True))[known:]
        for (sent, quantity, price, _), opened in since:
            if sent.names["account"] != account or not opened:
                continue
            if not self.held_in(policy, rule, sent.names):
                continue
            name = sent.names["listed"]
            value = quantity * abs(price) * self.instruments[name]["multiplier"] * self.margin(name)
            spent += self.convert(value, sent.names["currency"], currency)
        return spent

    def margin(self, name: str) -> Decimal:
        return Decimal(self.instruments[name].get("margin_rate", 1))

    def _loss(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        return self.lost(policy, rule, limit, asked.order.account)

    def lost(self, policy: Rule, _rule: Rule, limit: str, account: str) -> Any:  # noqa: ANN401
        """What an account has lost today, or since its highest value."""
        currency = policy["currency"]
        if limit == "max_day_loss":
            return max(ZERO, -self.account_value(account, "day_pnl", currency))
        base = self.accounts.get(account, {}).get("currency", "USD")
        net = self.account_value(account, "net_liquidation", base)
        if limit == "max_day_loss_percent":
            loss = max(ZERO, -self.account_value(account, "day_pnl", base))
            return 100 * loss / net if net > 0 else False
        peak = self.peaks[account]
        return 100 * (peak - net) / peak if peak > 0 else False

    def _stress(self, policy: Rule, rule: Rule, limit: str, asked: Asked) -> Any:  # noqa: ANN401
        currency = policy["currency"]
        book = self.worst if limit == "max_loss" else self.of_account
        found = list(book(policy, rule, asked))
        lost = max(
            (self.loss_under(policy, shock, found, asked) for shock in rule["shocks"]), default=ZERO
        )
        if limit == "max_loss":
            return lost
        net = self.account_value(asked.order.account, "net_liquidation", currency)
        return 100 * lost / net if net > 0 else False

    def loss_under(self, policy: Rule, shock: Rule, found: Any, asked: Asked) -> Decimal:  # noqa: ANN401
        """What the book loses if prices jump so; within one shock gains offset losses."""
        total = ZERO
        for name, own, most, least in found:
            instrument = self.instruments[name]
            names = {instrument["symbol"], instrument["underlying"]}
            if "symbol" in shock and not any(
                listed(shock["symbol"], n, policy, upper=True) for n in names
            ):
                continue
            if not most and not least:
                continue
            gains = [
                min(quantity * by for quantity in (most, least))
                for by in self.jumps(shock, (name, own), asked)
            ]
            value = -min(gains) * instrument["multiplier"]
            total += self.convert(value, instrument["currency"], policy["currency"])
        return total

    def jumps(self, shock: Rule, cell: tuple[str, bool], asked: Asked) -> list[Decimal]:
        """By how much a price moves; an instrument without a mark cannot be judged."""
        name, own = cell
        marks = [self.mark(name)] if not own else []
        if own:
            marks = [self.unit_value(asked.order, name) / self.instruments[name]["multiplier"]]
        if own and "percent" in shock:  # at its worst: a conservative value must not gain more
            marks.append(self.market_price(name))
        return [shock["amount"] if "amount" in shock else m * shock["percent"] / 100 for m in marks]

    def market_price(self, name: str) -> Decimal:
        usable = self.usable(name)
        return next(usable[source] for source in ("mid", "last", "close") if source in usable)
