"""Callbacks that two hear: the gate, which believes only them, and the library that is guarded.

Rule 1: the gate hears first, and whatever it makes of a message, the library hears it as well.
Rule 2: what answers a question of the gate's is not the library's business, which did not ask: it
would take old fills for new ones and the orders of others for its own.
Rule 3: the library reads the reference that its user gave, not the gate's.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Final

from riskgate.brokers.ib.guarded_wire import COMPLETED, OPEN, OURS, POSITIONS, Theirs, Turns
from riskgate.brokers.ib.questions import FIRST_REQUEST
from riskgate.brokers.ib.switchboard import NO_NUMBER
from riskgate.brokers.ib.tap import Callback, Tap, check_has

NUMBERED: Final = (
    *("execDetailsEnd", "contractDetails", "contractDetailsEnd", "priceSizeTick", "tickGeneric"),
    *("marketDataType", "accountUpdateMulti", "accountUpdateMultiEnd", "pnl", "tickSize"),
    *("tickString", "tickReqParams", "tickOptionComputation"),
)
BOTH: Final = ("nextValidId", "currentTime", "updateAccountValue")
ENDS: Final = {
    "openOrderEnd": OPEN,
    "completedOrdersEnd": COMPLETED,
    "positionEnd": POSITIONS,
}
SHOWN: Final = ("permId", "totalQuantity", "lmtPrice", "auxPrice", "orderType")


class Desired:
    """What the user of the library is to see and to hear of; replaced by who guards it."""

    def reference(self, ref: str) -> str:
        """The user's own reference of an order that has this one on the wire."""
        return ref

    def is_question(self, number: int) -> bool:
        """Whether this number is that of an order which only asks."""
        del number
        return False

    def described(self, details: Theirs) -> None:
        """The user asked for contract details, and these came."""


class SharedTap:
    """The callbacks of one session, on a wrapper that stays the library's."""

    def __init__(self, wrapper: Theirs, turns: Turns, user: Desired) -> None:
        self._wrapper = wrapper
        self._turns = turns
        self._user = user
        self._before: dict[str, Callback | None] = {}

    def attach(self, tap: Tap, table: Mapping[str, Callback], lost: Callback) -> None:
        """Put ours before the library's. Raise InvariantError for an unknown name."""
        special = {
            "error": self._error,
            "openOrder": self._open_order,
            "orderStatus": self._order_status,
            "completedOrder": self._completed_order,
            "execDetails": self._execution,
            "commissionReport": self._commission,
            "position": self._position,
        }
        check_has(self._wrapper, (*special, *NUMBERED, *BOTH, *ENDS, "connectionClosed"))
        routed: dict[str, Callback] = {}
        for name, make in special.items():
            routed[name] = make(tap.heard(name, table[name]), getattr(self._wrapper, name))
        for name in NUMBERED:
            routed[name] = self._numbered(name, tap.heard(name, table[name]))
        for name in BOTH:
            routed[name] = _both(tap.heard(name, table[name]), getattr(self._wrapper, name))
        for name, kind in ENDS.items():
            routed[name] = self._end(kind, tap.heard(name, table[name]), name)
        closed = getattr(self._wrapper, "connectionClosed")  # noqa: B009  # as the others
        routed["connectionClosed"] = _both(tap.heard("connectionClosed", lost), closed)
        for name, callback in routed.items():
            self._before[name] = vars(self._wrapper).get(name)
            setattr(self._wrapper, name, callback)

    def detach(self) -> None:
        """Leave the wrapper as it was."""
        before, self._before = self._before, {}
        for name, callback in before.items():
            if callback is None:
                delattr(self._wrapper, name)
            else:
                setattr(self._wrapper, name, callback)

    # -- by number --------------------------------------------------------------------------------

    def _numbered(self, name: str, ours: Callback) -> Callback:
        theirs = getattr(self._wrapper, name)

        def routed(number: int, *values: Theirs) -> None:
            if number >= OURS:
                ours(number, *values)
                return
            if name == "contractDetails":
                self._user.described(values[0])
            theirs(number, *values)

        return routed

    def _error(self, ours: Callback, theirs: Callback) -> Callback:
        def routed(number: int, *values: Theirs) -> None:
            if OURS <= number < NO_NUMBER:
                ours(number, *values)
            elif FIRST_REQUEST <= number < OURS or self._user.is_question(number):
                theirs(number, *values)
            else:
                _both(ours, theirs)(number, *values)

        return routed

    # -- without a number -------------------------------------------------------------------------

    def _end(self, kind: str, ours: Callback, name: str) -> Callback:
        theirs = getattr(self._wrapper, name)

        def routed() -> None:
            for_us = self._turns.ended(kind)
            if for_us is not False:
                ours()
            if for_us is not True:
                theirs()

        return routed

    def _open_order(self, ours: Callback, theirs: Callback) -> Callback:
        def routed(order_id: int, contract: Theirs, order: Theirs, state: Theirs) -> None:
            try:
                ours(order_id, contract, order, state)
            finally:
                if order.whatIf or not self._turns.whose(OPEN) or self._is_news(order):
                    theirs(order_id, contract, self._named(order), state)

        return routed

    def _is_news(self, order: Theirs) -> bool:
        """Whether an echo that we asked for tells the library something of an order it knows."""
        key = self._wrapper.orderKey(order.clientId, order.orderId, order.permId)
        known = self._wrapper.trades.get(key)
        return known is not None and any(
            getattr(known.order, name) != getattr(order, name) for name in SHOWN
        )

    def _order_status(self, ours: Callback, theirs: Callback) -> Callback:
        def routed(*values: Theirs) -> None:
            try:
                ours(*values)
            finally:
                key = self._wrapper.orderKey(values[8], values[0], values[5])
                if not self._turns.whose(OPEN) or key in self._wrapper.trades:
                    theirs(*values)

        return routed

    def _completed_order(self, ours: Callback, theirs: Callback) -> Callback:
        def routed(contract: Theirs, order: Theirs, state: Theirs) -> None:
            try:
                ours(contract, order, state)
            finally:
                if self._turns.whose(COMPLETED) is False:
                    theirs(contract, self._named(order), state)

        return routed

    def _execution(self, ours: Callback, theirs: Callback) -> Callback:
        def routed(number: int, contract: Theirs, execution: Theirs) -> None:
            asked_by_user = FIRST_REQUEST <= number < OURS
            try:
                if not asked_by_user:
                    ours(number, contract, execution)
            finally:
                if not OURS <= number < NO_NUMBER or self._was_missed(execution):
                    theirs(number, contract, self._named(execution))

        return routed

    def _was_missed(self, execution: Theirs) -> bool:
        """Whether a fill that we asked for is of an order of the library's, and new to it."""
        wrapper = self._wrapper
        key = wrapper.orderKey(execution.clientId, execution.orderId, execution.permId)
        knows = execution.permId in wrapper.permId2Trade or key in wrapper.trades
        return knows and execution.execId not in wrapper.fills

    def _commission(self, ours: Callback, theirs: Callback) -> Callback:
        def routed(report: Theirs) -> None:
            try:
                ours(report)
            finally:
                fill = self._wrapper.fills.get(report.execId)
                known = None if fill is None else fill.commissionReport
                if known is None or (known.execId, known.commission) != (
                    report.execId,
                    report.commission,
                ):
                    theirs(report)

        return routed

    def _position(self, ours: Callback, theirs: Callback) -> Callback:
        def routed(account: str, contract: Theirs, size: float, cost: float) -> None:
            try:
                ours(account, contract, size, cost)
            finally:
                known = self._wrapper.positions.get(account, {}).get(contract.conId)
                held = (0, 0) if known is None else (known.position, known.avgCost)
                same = size == held[0] and (not size or cost == held[1])
                if not (same and self._turns.whose(POSITIONS)):
                    theirs(account, contract, size, cost)

        return routed

    def _named(self, terms: Theirs) -> Theirs:
        """The same with the user's reference; ours keeps the one on the wire."""
        shown = self._user.reference(terms.orderRef)
        if shown == terms.orderRef:
            return terms
        named = copy.copy(terms)
        named.orderRef = shown
        return named


def _both(ours: Callback, theirs: Callback) -> Callback:
    def routed(*values: object) -> None:
        try:
            ours(*values)
        finally:
            theirs(*values)

    return routed
