"""Money and positions of an account, and the values the broker derives from them.

Rule 1: a stock, option or currency moves cash by its price; a future only by its profit.
Rule 2: an average cost holds the multiplier and the commission, as the broker reports it.
Rule 3: a trade that is to be revised is kept with all that follow it upon its position, and what
the position was before; a revision books them again from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.contracts import Listing
from riskgate.simulator.prices import Prices

# The part of the value that is margin, where it is not the account's own rate.
RATES = {"FUT": Decimal("0.06"), "CASH": Decimal("0.03")}
CENT = Decimal("0.01")


class Trade(msgspec.Struct, frozen=True):
    """A signed quantity of a listing at a price, with its cost."""

    listing: Listing
    quantity: Decimal
    price: Decimal
    commission: Decimal


@dataclass(slots=True)
class Position:
    """How much of a listing an account holds; negative is short."""

    listing: Listing
    quantity: Decimal = ZERO
    average: Decimal = ZERO
    realized: Decimal = ZERO
    day_value: Decimal = ZERO  # what it was worth when the day began
    day_paid: Decimal = ZERO  # what was paid for it since, less what came in

    @property
    def cost(self) -> Decimal:
        """What the position cost."""
        return self.quantity * self.average

    def value(self, prices: Prices) -> Decimal:
        """What it is worth now; what it cost while there is no price."""
        mark = prices.of(self.listing.con_id).mark
        return self.cost if mark is None else self.quantity * mark * self.listing.factor

    def profit(self, prices: Prices) -> Decimal:
        """The profit not yet taken."""
        return self.value(prices) - self.cost

    def daily(self, prices: Prices) -> Decimal:
        """The profit since the day began, taken or not."""
        return self.value(prices) - self.day_value - self.day_paid

    def new_day(self, prices: Prices) -> None:
        """The profits of the day begin at nothing."""
        self.realized = self.day_paid = ZERO
        self.day_value = self.value(prices)

    def apply(self, trade: Trade) -> Decimal | None:
        """Add a trade. The realized profit after commission, None when it only opens."""
        if not trade.quantity:
            return None
        factor = trade.listing.factor
        self.day_paid += trade.quantity * trade.price * factor + trade.commission
        closing = min(abs(trade.quantity), abs(self.quantity))
        if self.quantity * trade.quantity >= 0:
            closing = ZERO
        if not closing:
            paid = trade.quantity * trade.price * factor + trade.commission
            self.average = (self.cost + paid) / (self.quantity + trade.quantity)
            self.quantity += trade.quantity
            return None
        direction = 1 if self.quantity > 0 else -1
        gained = closing * direction * (trade.price * factor - self.average) - trade.commission
        self.quantity += trade.quantity
        if self.quantity * direction <= 0:
            self.average = trade.price * factor if self.quantity else ZERO
        self.realized += gained
        return gained


@dataclass(slots=True)
class Since:
    """A position as it was before a trade that is to be revised, and the trades since."""

    before: Position
    awaited: int = 0  # revisions to come
    trades: dict[str, Trade] = field(default_factory=dict)
    moved: Decimal = ZERO  # cash, by these trades


@dataclass(slots=True)
class Account:
    """One account in US dollars."""

    code: str
    cash: Decimal
    margin_rate: Decimal
    positions: dict[int, Position] = field(default_factory=dict)
    opening: Decimal = ZERO
    _since: dict[int, Since] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.opening = self.cash

    def apply(self, trade: Trade, exec_id: str = "") -> Decimal | None:
        """Book a trade. The realized profit, None when the trade only opens."""
        con_id, cash = trade.listing.con_id, self.cash
        position = self.positions.setdefault(con_id, Position(trade.listing))
        gained = position.apply(trade)
        if trade.listing.sec_type != "FUT":
            self.cash -= trade.quantity * trade.price * trade.listing.factor + trade.commission
        elif gained is not None:
            self.cash += gained
        since = self._since.get(con_id)
        if since is not None:
            since.trades[exec_id] = trade
            since.moved += self.cash - cash
        return gained

    def expect_revision(self, listing: Listing) -> None:
        """The next trade of this listing is to be revised."""
        held = self.positions.get(listing.con_id, Position(listing))
        self._since.setdefault(listing.con_id, Since(copy(held))).awaited += 1

    def revise(self, exec_id: str, trade: Trade) -> Decimal | None:
        """Book a trade in the place of the one of this execution, and again what followed.

        The realized profit of the new one, None when it only opens.
        """
        con_id = trade.listing.con_id
        since = self._since.pop(con_id)
        self.cash -= since.moved
        self.positions[con_id] = copy(since.before)
        left = since.awaited - 1
        if left:
            self._since[con_id] = Since(since.before, left)
        gained: dict[str, Decimal | None] = {}
        for key, one in {**since.trades, exec_id: trade}.items():
            gained[key] = self.apply(one, key)
        return gained[exec_id]

    def held(self) -> Iterable[Position]:
        """The positions that are not flat."""
        return [one for one in self.positions.values() if one.quantity]

    def net_liquidation(self, prices: Prices) -> Decimal:
        """What would be left if everything were sold at the mark."""
        return self.cash + sum((self._worth(one, prices) for one in self.held()), ZERO)

    def rate(self, listing: Listing) -> Decimal:
        """The part of a position's value that is margin."""
        return RATES.get(listing.sec_type, self.margin_rate)

    def margin(self, prices: Prices) -> Decimal:
        """The margin the positions need."""
        needed = (abs(one.value(prices)) * self.rate(one.listing) for one in self.held())
        return sum(needed, ZERO)

    def daily(self, prices: Prices) -> Decimal:
        """The profit since the day began."""
        return self.net_liquidation(prices) - self.opening

    def new_day(self, prices: Prices) -> None:
        """A day begins: its profits are nothing, and what is flat is forgotten."""
        self.positions = {key: one for key, one in self.positions.items() if one.quantity}
        for one in self.positions.values():
            one.new_day(prices)
        self.opening = self.net_liquidation(prices)

    def profit(self, prices: Prices) -> Decimal:
        """The profit not yet taken."""
        return sum((one.profit(prices) for one in self.held()), ZERO)

    def realized(self) -> Decimal:
        """The profit taken so far."""
        return sum((one.realized for one in self.positions.values()), ZERO)

    def values(self, prices: Prices) -> dict[str, Decimal]:
        """The account values in dollars, by the broker's keys, rounded to the cent."""
        net, margin = self.net_liquidation(prices), self.margin(prices)
        gross = sum((abs(one.value(prices)) for one in self.held()), ZERO)
        futures = [one for one in self.held() if one.listing.sec_type == "FUT"]
        found = {
            "NetLiquidation": net,
            "TotalCashValue": self.cash,
            "CashBalance": self.cash,
            "SettledCash": self.cash,
            "EquityWithLoanValue": net,
            "AvailableFunds": net - margin,
            "FullAvailableFunds": net - margin,
            "ExcessLiquidity": net - margin,
            "FullExcessLiquidity": net - margin,
            "BuyingPower": (net - margin) * 4,
            "GrossPositionValue": gross - sum((abs(one.value(prices)) for one in futures), ZERO),
            "StockMarketValue": self._market_value("STK", prices),
            "OptionMarketValue": self._market_value("OPT", prices),
            "InitMarginReq": margin,
            "FullInitMarginReq": margin,
            "MaintMarginReq": margin,
            "FullMaintMarginReq": margin,
            "UnrealizedPnL": self.profit(prices),
            "RealizedPnL": self.realized(),
            "AccruedCash": ZERO,
            "DayTradesRemaining": Decimal(-1),
        }
        return {key: value.quantize(CENT) for key, value in found.items()}

    def _market_value(self, sec_type: str, prices: Prices) -> Decimal:
        chosen = (one for one in self.held() if one.listing.sec_type == sec_type)
        return sum((one.value(prices) for one in chosen), ZERO)

    def _worth(self, one: Position, prices: Prices) -> Decimal:
        return one.profit(prices) if one.listing.sec_type == "FUT" else one.value(prices)
