"""Deny what nobody has permitted: instruments, order types, venues, people.

Why
    A desk that trades US stocks has no business in Turkish futures, whoever typed the symbol.
Measures
    Membership: every list that is given must contain the order's value. Lists may hold groups, `*`
    and `?`, and items that begin with `!`, which are excluded.
Passes with `symbols: [AAPL, MSFT], order_types: [LMT]`
    BUY 100 AAPL LMT 190 DAY
Breaches with `symbols: [AAPL, MSFT], order_types: [LMT]`
    BUY 100 AAPL MKT DAY
Breaches with `outside_rth: false`
    BUY 100 AAPL LMT 190 DAY outside_rth=true
Source
    17 CFR 240.15c3-5(c)(2)(i); RTS 6 Art. 15(5).
"""

from __future__ import annotations

from riskgate.model.order import Order, OrderType, Side, Tif
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, holds, is_in
from riskgate.rulekit.bounds import Measured, Seen
from riskgate.rulekit.parameters import Flag, Words


class Permitted(Rule):
    """What may be traded, how, where, and by whom."""

    kind = "permitted"
    answers_alike = True

    @is_in(Words())
    def symbols(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The symbols that may be traded; options and futures count as their root symbol."""
        return seen.subject.symbol

    @is_in(Words(of="sec_type"))
    def sec_types(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The security types that may be traded, such as STK, OPT, FUT."""
        return seen.subject.sec_type

    @is_in(Words(tuple(OrderType)))
    def order_types(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The order types that may be used, such as LMT, STP_LMT."""
        return order.order_type

    @is_in(Words(tuple(Tif)))
    def tifs(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The times in force that may be used, such as DAY, IOC."""
        return order.tif

    @is_in(Words(tuple(Side)))
    def sides(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """BUY, SELL, or both."""
        return order.side

    @is_in(Words(of="exchange"))
    def exchanges(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The venues that an order may be routed to, such as SMART."""
        return seen.subject.exchange

    @is_in(Words(of="currency"))
    def currencies(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The currencies of the instruments that may be traded."""
        return seen.subject.currency

    @is_in(Words(upper=False, of="strategy"))
    def strategies(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The strategies that may trade; an order without a strategy is of none."""
        return seen.subject.strategy

    @is_in(Words(upper=False, of="account"))
    def accounts(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The accounts that may trade."""
        return seen.subject.account

    @holds(Flag(only=False))
    def outside_rth(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """`false`: no order may ask to trade outside regular hours."""
        return Seen("true" if order.outside_rth else "false", passes=not order.outside_rth)
