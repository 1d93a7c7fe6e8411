"""Callbacks for fills and statuses, called in a thread of their own.

Rule 1: neither the broker's thread nor the gate's lock ever waits for a callback.
Rule 2: events are told in the order of the record, each once, and only what is on record. They
wait without a bound: what is not told yet is never dropped.
Rule 3: a callback that raises is reported, and the next one is called all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from riskgate.gate import Gate
from riskgate.line.following import News
from riskgate.model.report import ExecutionReport, Fill
from riskgate.model.view import OrderView
from riskgate.orders.calling import Caller, ErrorHook

FillCallback = Callable[[Fill], object]
StatusCallback = Callable[[OrderView], object]


class Callbacks:
    """Who is called for which of a gate's orders."""

    def __init__(
        self, gate: Gate, concerns: Callable[[OrderView], bool], on_error: ErrorHook | None
    ) -> None:
        self._gate = gate
        self._concerns = concerns
        self._on_error = on_error
        self._for_fills: list[FillCallback] = []
        self._for_statuses: list[StatusCallback] = []
        self._fills: dict[str, tuple[str, int]] = {}
        self._orders: dict[int, tuple[object, ...]] = {}
        self._caller: Caller | None = None

    def on_fill(self, callback: FillCallback) -> None:
        """Call for each fill and each correction of one, from now on."""
        with self._gate.turnstile:
            self._listen()
            self._for_fills.append(callback)

    def on_status(self, callback: StatusCallback) -> None:
        """Call whenever an order's status or its filled quantity changes, from now on."""
        with self._gate.turnstile:
            self._listen()
            self._for_statuses.append(callback)

    def close(self) -> None:
        """Tell what is still to be told, and stop. A callback may call it, and is not waited for.

        Later callbacks begin anew.
        """
        self._gate.unsubscribe(self._hear)
        with self._gate.turnstile:
            caller, self._caller = self._caller, None
            self._for_fills, self._for_statuses = [], []
        if caller is not None:
            caller.close()

    def _listen(self) -> None:
        """Hear of what is recorded after this moment."""
        if self._caller is not None:
            return
        self._caller = Caller(self._gate, self._on_error)
        self._gate.subscribe(self._hear)
        self._fills = {one.stem: _version(one) for one in self._gate.fills()}
        self._orders = {one.order_id: _progress(one) for one in self._gate.orders()}

    def _hear(self, news: News) -> None:
        """Take an event over from the gate, which holds its lock."""
        order, fill = news.order, news.fill
        if order is None or not self._concerns(order):
            return
        if fill is not None and self._is_new(news.payload, fill):
            self._tell(self._for_fills, fill)
        if self._orders.get(order.order_id) != _progress(order):
            self._orders[order.order_id] = _progress(order)
            self._tell(self._for_statuses, order)

    def _is_new(self, report: object, fill: Fill) -> bool:
        """Whether an execution report brought this fill, and it was not told before."""
        brought = isinstance(report, ExecutionReport) and report.execution_id == fill.execution_id
        if not brought or self._fills.get(fill.stem) == _version(fill):
            return False
        self._fills[fill.stem] = _version(fill)
        return True

    def _tell(self, callbacks: list[Any], value: Fill | OrderView) -> None:
        what = "fill" if isinstance(value, Fill) else "status"
        for callback in callbacks:
            if self._caller is not None:
                self._caller.call(callback, value, f"the {what} of order {value.order_id}")


def _version(fill: Fill) -> tuple[str, int]:
    return fill.execution_id, fill.order_id


def _progress(order: OrderView) -> tuple[object, ...]:
    return order.status, order.filled_quantity
