"""Approved orders as messages on the socket: one order, a modify, or several as one.

Rule 1: nothing is written of what cannot be written whole: all is translated and numbered first.
Rule 2: the exits of a bracket name their entry, and only the last part transmits: until it arrives
TWS holds all of them back. What TWS never transmitted dies with its session (ib.md, 4.5).
Rule 3: a socket that fails in the middle: what was written may have been sent and is told `Sent`;
what was not is `NeverSent`. Only the broker's story tells what arrived.
Rule 4: a modify always transmits, and names the parent that the broker named last, none once that
is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from riskgate.brokers.ib import raw, terms_out
from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.combos import contract_of
from riskgate.brokers.ib.link import Link
from riskgate.brokers.ib.orders import Orders
from riskgate.errors import NotConnected, OrderError
from riskgate.model.codes import Code
from riskgate.model.decision import ApprovedOrder
from riskgate.model.report import Report, Sent, unsent


class Line(NamedTuple):
    """What leads to the broker: client and its id, library, link, and the account of an order."""

    client: raw.Client
    client_id: int
    module: raw.Module
    link: Link
    account: Callable[[str | None], str]


class Sheet(NamedTuple):
    """One message before it is numbered."""

    approved: ApprovedOrder
    contract: raw.Contract
    order: raw.Order


class Writer:
    """Writes orders. For use in the loop's thread."""

    def __init__(self, line: Line, orders: Orders, catalogue: Catalogue) -> None:
        self._line = line
        self._orders = orders
        self._ids = orders.owners.ids
        self._catalogue = catalogue

    def open(self) -> None:
        """Raise NotConnected if what is written now would be lost."""
        transport = self._line.client.conn.transport
        if transport is None or transport.is_closing():
            raise NotConnected("the connection is gone")

    def write(self, orders: Sequence[ApprovedOrder]) -> tuple[Report, ...]:
        """Write these as one, in one step; what is to be told of it.

        Raise NotConnected or OrderError if nothing was written.
        """
        if self._line.link.trouble:
            raise NotConnected(self._line.link.trouble)
        sheets = [self._sheet(one, transmit=self._transmits(one, orders)) for one in orders]
        told: list[Report] = []
        for sheet in sheets:
            try:
                self.open()
                told.append(self._written(sheet))
            except (ConnectionError, NotConnected) as error:
                if not told:
                    raise
                rest = orders[len(told) :]
                return (*told, *(unsent(one, Code.NOT_CONNECTED, str(error)) for one in rest))
        return tuple(told)

    def _transmits(self, approved: ApprovedOrder, orders: Sequence[ApprovedOrder]) -> bool:
        return approved.replaces or not approved.bracket or approved is orders[-1]

    def _sheet(self, approved: ApprovedOrder, *, transmit: bool) -> Sheet:
        """The message. Raise OrderError if it cannot be written."""
        order, stated, module = approved.order, approved.instrument, self._line.module
        known = stated if stated.con_id or stated.legs else self._catalogue.by_key(stated.key)
        if known is None:
            text = f"`{stated.key}`: the broker's contract is not known; prepare it first"
            raise OrderError(text, ((Code.UNKNOWN_INSTRUMENT, text),))
        if approved.replaces and not self._ids.knows(approved.order_id):
            text = "the broker does not have the order under our client id"
            raise OrderError(text, ((Code.NOT_MODIFIABLE, text),))
        contract = contract_of(module, known, terms_out.venue_of(order))
        placing = terms_out.Placing(transmit=transmit, finder=self._catalogue.place)
        account = self._line.account(order.account)
        made = terms_out.order_of(module, order, approved.ref, account, placing)
        return Sheet(approved, contract, made)

    def _written(self, sheet: Sheet) -> Report:
        """Number it and write it. The id is the one that it has, where this changes an order."""
        approved, order_id = sheet.approved, sheet.approved.order_id
        parent = self._parent_of(approved)
        if parent:
            sheet.order.parentId = parent
        number = self._ids.of(order_id) if approved.replaces else self._ids.give(order_id)
        self._line.client.placeOrder(number, sheet.contract, sheet.order)
        self._orders.sent(approved)
        return Sent(
            order_id=order_id,
            broker_order_id=number,
            client_id=self._line.client_id,
            version=approved.version,
        )

    def _parent_of(self, approved: ApprovedOrder) -> int:
        """The broker's number of an exit's entry; 0 for what is none."""
        if approved.bracket in (0, approved.order_id):
            return 0
        if approved.replaces:
            return self._orders.parent_of(approved.order_id, approved.bracket)
        return self._ids.of(approved.bracket)
