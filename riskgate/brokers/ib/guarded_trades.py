"""The library's trades of orders that went through the gate: made, renumbered and ended.

Rule 1: a trade is made by the library's own code, so it is what a script has always had.
Rule 2: until an order is written it has a number from above all order ids; then it has its own.
Rule 3: events come with a later turn of the loop, as they do from the wire, so that whoever gets a
trade can still connect to it.
For use in the loop's thread.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from riskgate.brokers.ib import guarded_terms, terms_out
from riskgate.brokers.ib.guarded_wire import Theirs
from riskgate.brokers.ib.questions import FIRST_REQUEST
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order

CANCELLED: Final = "Cancelled"
STANDING: Final = {
    Status.PRE_SUBMITTED: "PreSubmitted",
    Status.SUBMITTED: "Submitted",
    Status.PARTIALLY_FILLED: "Submitted",
}


class Stage(StrEnum):
    """Where an order of a script is before the gate."""

    PARKED = "parked"  # a part that waits for the one that transmits it
    PREPARING = "preparing"  # its contract and price are being made ready
    JUDGED = "judged"


@dataclass(slots=True, eq=False)
class Placed:
    """One order of a script."""

    contract: Theirs
    order: Theirs
    trade: Theirs = None
    stage: Stage = Stage.PARKED
    number: int = 0  # the library's `orderId`, as it is now
    order_id: int = 0  # the gate's
    ref: str = ""
    shown: str = ""  # the reference that the script gave
    terms: Order | None = None  # as last allowed
    sent: Theirs = None  # the library's order as last allowed
    group: tuple[Placed, ...] = ()  # those that wait with it to be judged


class Trades:
    """The trades of one session with the library's object."""

    def __init__(
        self,
        session: Theirs,
        module: Theirs,
        now: Callable[[], datetime],
        later: Callable[..., object],
    ) -> None:
        self._session = session
        self._entry = module.TradeLogEntry
        self._now = now
        self._later = later
        self._by_number: dict[int, Placed] = {}
        self._made_up: dict[int, int] = {}  # numbers of scripts, and those given instead
        self._by_order: dict[int, Placed] = {}
        self._by_ref: dict[str, Placed] = {}

    # -- who is who -------------------------------------------------------------------------------

    def numbered(self, number: int) -> Placed | None:
        """The order that has this number in the library."""
        return self._by_number.get(number) if number else None

    def of(self, order_id: int) -> Placed | None:
        """The order that has this number at the gate."""
        return self._by_order.get(order_id)

    def at(self, stage: Stage) -> list[Placed]:
        """Those at one stage, in the order in which they came."""
        return [one for one in dict.fromkeys(self._by_number.values()) if one.stage is stage]

    def reference(self, ref: str) -> str | None:
        """What the script called the order with this reference; None for an unknown one."""
        placed = self._by_ref.get(ref)
        return None if placed is None else placed.shown

    def shown(self, order: Theirs, *, any_client: bool = False) -> Theirs:
        """The trade that the library has of an order under our client id, or of a bound one."""
        wrapper = self._session.wrapper
        if order.orderId and order.clientId in {0, wrapper.clientId}:
            key = wrapper.orderKey(wrapper.clientId, order.orderId, order.permId)
            trade = wrapper.trades.get(key)
            if trade is not None and guarded_terms.same(trade, order):
                return trade
        return wrapper.permId2Trade.get(order.permId) if any_client else None

    def has_left(self, order: Theirs) -> bool:
        """Whether TWS may have an order that is none of this session's: then it is no new one.

        What never left has a high number, or none.
        """
        if order.permId or order.orderId >= FIRST_REQUEST or not order.orderId:
            return bool(order.orderId and order.permId)
        is_theirs = order.clientId not in {0, self._session.wrapper.clientId}
        return is_theirs or self.shown(order) is not None

    # -- life -------------------------------------------------------------------------------------

    def judged(self, placed: Placed, order_id: int, ref: str) -> None:
        """The gate has decided it, under this number and reference."""
        placed.stage, placed.order_id, placed.ref = Stage.JUDGED, order_id, ref
        placed.shown = placed.order.orderRef
        if order_id:  # else it could not even be recorded
            self._by_order[order_id] = self._by_ref[ref] = placed

    def show(self, placed: Placed) -> None:
        """Make the library's trade of it, under the number that it has, or one of no order."""
        if placed.trade is None:
            if not placed.number:
                self._take_number(placed)
            placed.order.orderId = placed.number
            placed.trade = self.absorbed("placeOrder", placed.contract, placed.order)
        self._renumber(placed, placed.order.orderId)

    def written(self, ref: str, number: int) -> None:
        """An order has left under this id."""
        placed = self._by_ref.get(ref)
        if placed is None:
            return
        if placed.trade is None:
            placed.number = number
        elif placed.number != number:
            self._renumber(placed, number)

    def absorbed(self, name: str, *values: object) -> Theirs:
        """The library's own method, with the message that it would send taken from it."""
        client = self._session.client
        refusing = getattr(client, name)

        def once(*_: object) -> None:
            setattr(client, name, refusing)

        setattr(client, name, once)
        try:
            return getattr(type(self._session), name)(self._session, *values)
        finally:
            setattr(client, name, refusing)

    def _take_number(self, placed: Placed) -> None:
        """A number of no order. One that a script made up may become that of another order."""
        made_up, number = placed.order.orderId, placed.order.orderId
        wrapper = self._session.wrapper
        is_taken = (wrapper.clientId, number) in wrapper.trades  # in an earlier session
        if number < FIRST_REQUEST or is_taken:
            number = self._session.client.getReqId()
        if made_up:
            self._made_up[made_up] = number
            self._follow(made_up, number)
        placed.number = number

    def adopted(self, order: Theirs) -> None:
        """Have a part name its parent by the number that the parent was given, if it was."""
        order.parentId = self._made_up.get(order.parentId, order.parentId)

    def _follow(self, before: int, number: int) -> None:
        for child in self._by_number.values():
            if child.order.parentId == before:
                child.order.parentId = number

    def _renumber(self, placed: Placed, number: int) -> None:
        wrapper, trade = self._session.wrapper, placed.trade
        trades, client_id = wrapper.trades, wrapper.clientId
        if placed.number and placed.number != number:
            trades.pop((client_id, placed.number), None)
            self._follow(placed.number, number)
        placed.number = placed.order.orderId = trade.orderStatus.orderId = number
        trades[(client_id, number)] = trade
        self._by_number[number] = placed

    # -- what is said of it -----------------------------------------------------------------------

    def log(self, trade: Theirs, message: str) -> None:
        """Put words into the trade's log; its status stays, and whoever follows it is told."""
        status = trade.orderStatus.status
        trade.log.append(self._entry(self._now(), status, message))
        self._later(self._tell, trade, ended=False)

    def remark(self, trade: Theirs, message: str) -> None:
        """Put words into the trade's log, and tell nobody."""
        trade.log.append(self._entry(self._now(), trade.orderStatus.status, message))

    def end(self, trade: Theirs, message: str) -> None:
        """It is over, and never was at the broker."""
        if trade.orderStatus.status == CANCELLED:
            return
        trade.orderStatus.status = CANCELLED
        trade.log.append(self._entry(self._now(), CANCELLED, message))
        self._later(self._tell, trade, ended=True)

    def put_back(self, placed: Placed) -> None:
        """Undo what a script wrote into the order, of which the gate let nothing through."""
        if placed.sent is not None and placed.trade is not None:
            mine, kept = placed.trade.order, ("permId", "orderId", "clientId")
            for name, value in vars(placed.sent).items():
                if name not in kept:
                    setattr(mine, name, value)

    def stands(self, placed: Placed, terms: Order, status: Status) -> None:
        """A change was not made: the order works as it did, whatever the library made of that.

        It takes an error about a change for the end of the order.
        """
        mine = placed.trade.order
        for theirs, value in terms_out.figures_of(terms).items():
            setattr(mine, theirs, value)
        placed.sent = copy.copy(mine)
        if status in STANDING and placed.trade.isDone():
            placed.trade.orderStatus.status = STANDING[status]

    def kept(self, placed: Placed, terms: Order) -> None:
        """These terms were allowed."""
        placed.terms, placed.sent = terms, copy.copy(placed.order)

    def _tell(self, trade: Theirs, *, ended: bool) -> None:
        self._session.orderStatusEvent.emit(trade)
        trade.statusEvent.emit(trade)
        if ended:
            trade.cancelledEvent.emit(trade)
