"""OrderManager: placing, changing and cancelling orders in the words of the brief.

Rule 1: each order is one `Gate.submit`, and each change one `Gate.modify`; nothing goes round them.
Rule 2: an order that the gate denies comes back with status Denied ("refused by us", where
Rejected is the broker's word) and with the findings as its reason. `get_order_status` calls it
Rejected, for the brief's eight statuses have no other word. `ticket` has the whole decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from riskgate.errors import OrderError
from riskgate.gate import Gate
from riskgate.line.grouping import Exits
from riskgate.line.payload import Source
from riskgate.model.codes import Code
from riskgate.model.lifecycle import Status
from riskgate.model.view import OrderView
from riskgate.orders.calling import ErrorHook
from riskgate.orders.telling import Callbacks, FillCallback, StatusCallback
from riskgate.orders.values import BracketOrder, OrderStatus
from riskgate.ticket import Ticket

Number = int | float | Decimal
CANCEL_SECONDS: Final = 10.0
NOT_TERMS: Final = frozenset({"order_id", "actor"})


class OrderManager:
    """Orders of one gate. Close it, or use it in `with`, when callbacks were registered.

    With a `strategy` its orders are this strategy's, and only they are listed and called back for.
    `cancel_timeout` is how many seconds a cancel may take to be confirmed. `on_error` is called
    with what a callback raises, in the callbacks' thread.
    """

    def __init__(
        self,
        gate: Gate,
        *,
        strategy: str | None = None,
        account: str | None = None,
        cancel_timeout: float = CANCEL_SECONDS,
        on_error: ErrorHook | None = None,
    ) -> None:
        self._gate = gate
        self._strategy = strategy
        self._account = account
        self._cancel_timeout = cancel_timeout
        self._callbacks = Callbacks(gate, self._is_mine, on_error)

    def place_market_order(
        self, symbol: str, quantity: Number, side: str, **terms: object
    ) -> OrderView:
        """Submit a market order. `terms` are further fields of a payload, such as `tif`."""
        return self._placed({"order_type": "MKT", **terms}, symbol, quantity, side)

    def place_limit_order(
        self, symbol: str, quantity: Number, price: Number, side: str, **terms: object
    ) -> OrderView:
        """Submit a limit order; `price` per unit in the instrument's currency."""
        given = {"order_type": "LMT", "limit_price": price, **terms}
        return self._placed(given, symbol, quantity, side)

    def place_stop_order(
        self, symbol: str, quantity: Number, stop_price: Number, side: str, **terms: object
    ) -> OrderView:
        """Submit a stop order that becomes a market order at `stop_price`."""
        given = {"order_type": "STP", "stop_price": stop_price, **terms}
        return self._placed(given, symbol, quantity, side)

    def place_bracket_order(
        self, entry: Source, stop_loss: Number, take_profit: Number
    ) -> BracketOrder:
        """Submit an entry with its two exits, judged as one: if one is denied, none leaves.

        `entry` is an order line, a payload or an `Order`; the others are prices.
        """
        tickets = self._gate.submit_bracket(
            entry,
            exits=Exits(take_profit=take_profit, stop_loss=stop_loss),
            strategy=self._strategy,
            account=self._account,
        )
        first, profit, loss, *_ = (*(_shown(ticket) for ticket in tickets), None, None)
        return BracketOrder(
            entry=_shown(tickets[0]) if first is None else first,
            take_profit=profit,
            stop_loss=loss,
            tickets=tickets,
        )

    def modify_order(self, order_id: int, modifications: Mapping[str, object]) -> bool:
        """Ask for new prices or a new total quantity; True if that was allowed and handed over.

        The old terms stand until the broker confirms: `get_open_orders` shows those asked for.
        Raise OrderError for changes that are no terms of an order.
        """
        changes: dict[str, Any] = {str(name): value for name, value in modifications.items()}
        if changes.keys() & NOT_TERMS:
            text = f"{' and '.join(sorted(changes.keys() & NOT_TERMS))} cannot be modified"
            raise OrderError(text)
        ticket = self._gate.modify(order_id, **changes)
        view = self._gate.order(order_id)
        return ticket.allowed and view is not None and view.order == ticket.decision.order

    def cancel_order(self, order_id: int) -> bool:
        """Cancel, and wait for the broker's word; True only if the order is known to be over.

        False if it filled, never was, or nothing was confirmed within `cancel_timeout` seconds; it
        may still be cancelled then. Cancelling again is harmless. Raise NotConnected if there is
        no session to ask. Not to be called by the broker's thread, for which it waits.
        """
        if self._gate.cancel(order_id):
            self._gate.wait_for(lambda: self._is_over(order_id), self._cancel_timeout)
            return self._status(order_id) in _GONE
        return self._status(order_id) in _CANCELLED

    def get_order_status(self, order_id: int) -> OrderStatus:
        """Where an order is. Raise OrderError if there is none of this number."""
        status = self._status(order_id)
        if status is None:
            text = f"there is no order {order_id}"
            raise OrderError(text, ((Code.UNKNOWN_ORDER, text),))
        return OrderStatus.of(status)

    def get_open_orders(self) -> list[OrderView]:
        """The orders that may still fill, held ones included, by number."""
        ledger = self._gate.ledger
        with self._gate.turnstile:
            lives = {life.order_id: life for life in (*ledger.working(), *ledger.held())}
            views = [life.view() for _, life in sorted(lives.items())]
        return [view for view in views if self._is_mine(view)]

    def register_fill_callback(self, callback: FillCallback) -> None:
        """Call with each `Fill` from now on, corrections too; see `riskgate.orders.telling`.

        A correction has the same stem of its execution id. The commission comes later than the
        fill; `ExecutionTracker.get_fills` has it then.
        """
        self._callbacks.on_fill(callback)

    def register_status_callback(self, callback: StatusCallback) -> None:
        """Call with each order whose status or filled quantity changes, from now on."""
        self._callbacks.on_status(callback)

    def ticket(self, order_id: int) -> Ticket | None:
        """The order's decision and its life since; None if there is no such order."""
        with self._gate.turnstile:
            life = self._gate.life(order_id)
            return None if life is None else Ticket(self._gate, order_id, life.decision, life.ref)

    def close(self) -> None:
        """Call the callbacks for what is on record, and no more. Orders stay as they are."""
        self._callbacks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _placed(
        self, given: Mapping[str, object], symbol: str, quantity: Number, side: str
    ) -> OrderView:
        source = {"symbol": symbol, "quantity": quantity, "side": side, **given}
        ticket = self._gate.submit(source, strategy=self._strategy, account=self._account)
        return _shown(ticket)

    def _is_mine(self, view: OrderView) -> bool:
        return self._strategy is None or view.strategy == self._strategy

    def _status(self, order_id: int) -> Status | None:
        view = self._gate.order(order_id)
        return None if view is None else view.status

    def _is_over(self, order_id: int) -> bool:
        status = self._status(order_id)
        return status is None or status.finished


_CANCELLED: Final = frozenset({Status.CANCELLED, Status.NEVER_SENT})
_GONE: Final = _CANCELLED | {Status.EXPIRED, Status.DENIED, Status.REJECTED}


def _shown(ticket: Ticket) -> OrderView:
    """The order with the findings as its reason, also where it could not be recorded."""
    decision, order = ticket.decision, ticket.decision.order
    view = ticket.view or OrderView(
        order_id=ticket.order_id,
        ref=ticket.ref,
        order=order,
        text="" if order is None else str(order),
        status=Status.DENIED,
        action=decision.action,
        symbol=order.symbol if order else "",
        order_type=str(order.order_type) if order else "",
        side=str(order.side) if order else "",
        quantity=order.quantity if order else Decimal(0),
        created_at=decision.as_of,
        updated_at=decision.as_of,
    )
    if ticket.allowed:
        return view
    reason = "; ".join(str(finding) for finding in decision.breaches if finding.enforced)
    return msgspec.structs.replace(view, reason=reason or view.reason)
