"""ExecutionTracker: fills, what they cost, and what became of the orders of a period.

Rule 1: the gate's own fills are always counted. What is tracked beside them is kept here alone: it
moves no position and no limit, which only the broker's reports to the gate do.
Rule 2: an execution counts once, by the stem of its id; the highest revision is the fill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.analytics.costs import commissions
from riskgate.analytics.fill_rate import fill_rate
from riskgate.analytics.latency import average_time, fill_time
from riskgate.analytics.slippage import (
    Slippage,
    average_price,
    average_slippage,
    slippage,
    slippage_at,
)
from riskgate.errors import OrderError, PeriodError
from riskgate.gate import Gate
from riskgate.ledger.life import Life
from riskgate.model.lifecycle import BEFORE_SENDING, Status
from riskgate.model.money import ZERO
from riskgate.model.order import Side
from riskgate.model.report import ExecutionReport, Fill, revision_of
from riskgate.model.view import OrderView
from riskgate.orders.values import ExecutionStats

PERIOD: Final = "a period is stated as 2026-03-02, or as 2026-03-02T15:00:00+00:00"
CANCELLED: Final = frozenset({Status.CANCELLED, Status.EXPIRED})


class ExecutionTracker:
    """Executions of one gate's orders, and others that somebody tracks beside them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._beside: dict[str, Fill] = {}

    def track_execution(self, execution: ExecutionReport | Fill | Mapping[str, object]) -> None:
        """Count an execution that did not come through the gate; again changes nothing.

        A mapping has the fields of `Fill`; numbers may be text, times are ISO 8601 with an offset.
        Raise OrderError if it cannot be read.
        """
        fill = _fill_of(execution)
        known = self._beside.get(fill.stem)
        if known is None or _is_later(fill, known):
            self._beside[fill.stem] = fill

    def get_fills(self, order_id: int) -> list[Fill]:
        """The fills of an order, each in its latest revision, oldest first."""
        found = {fill.stem: fill for fill in self._gate.fills(order_id)}
        for stem, fill in self._beside.items():
            known = found.get(stem)
            if fill.order_id == order_id and (known is None or _is_later(fill, known)):
                found[stem] = fill
        return sorted(found.values(), key=lambda fill: (fill.timestamp, fill.execution_id))

    def calculate_avg_fill_price(self, order_id: int) -> Decimal | None:
        """The quantity-weighted price of an order's fills; None without any.

        Of a combo it is the net price of its legs, as far as all of them have filled; None where
        executions are tracked beside the gate's, for they do not say whose leg they are.
        """
        fills = self.get_fills(order_id)
        with self._gate.turnstile:
            life = self._gate.life(order_id)
            if life is None or life.legs is None:
                return average_price(fills)
            return None if self._knows_more(life, fills) else life.view().avg_fill_price

    def calculate_slippage(self, order_id: int) -> Slippage | None:
        """What the fills cost against the mid at the decision; positive is a cost.

        Per unit in the instrument's currency and in basis points. None without fills, or where no
        price was known then.
        """
        with self._gate.turnstile:
            life = self._gate.life(order_id)
            arrival = None if life is None else life.arrival
            combo = None if life is None or life.legs is None else life.order
        fills = self.get_fills(order_id)
        if arrival is None or not fills:
            return None
        if combo is None:
            return slippage(fills[0].side, fills, arrival)
        average = self.calculate_avg_fill_price(order_id)
        return None if average is None else slippage_at(combo.side, average, arrival)

    @staticmethod
    def _knows_more(life: Life, fills: Sequence[Fill]) -> bool:
        """Whether fills are among these that are not the book's own."""
        own = {fill.execution_id for fill in life.fills.values()}
        return any(fill.execution_id not in own for fill in fills)

    def get_execution_stats(
        self, start_date: date | datetime | str, end_date: date | datetime | str
    ) -> ExecutionStats:
        """What became of the orders that were created from `start_date` until `end_date`.

        Dates are whole days of UTC, both counted; of two times the last is not counted. Text is
        ISO 8601. Raise PeriodError, a ValueError, for a time without an offset, or for neither.
        """
        begin, end = _moment(start_date, last=False), _moment(end_date, last=True)
        every = [view for view in self._gate.orders() if begin <= view.created_at < end]
        orders = [view for view in every if not view.members]  # a block's are counted themselves
        fills = {view.order_id: self.get_fills(view.order_id) for view in orders}
        costs = commissions(fill for some in fills.values() for fill in some)
        lost = [self.calculate_slippage(view.order_id) for view in orders]
        sent = [view for view in orders if view.status not in BEFORE_SENDING]
        statuses = [view.status for view in orders]
        return ExecutionStats(
            total_orders=len(orders),
            filled_orders=statuses.count(Status.FILLED),
            cancelled_orders=sum(status in CANCELLED for status in statuses),
            rejected_orders=statuses.count(Status.REJECTED),
            avg_fill_time=average_time(_times(orders)),
            avg_slippage=average_slippage([s.bps for s in lost if s and s.bps is not None]),
            total_commission=sum(costs.values(), ZERO) if len(costs) < 2 else None,  # noqa: PLR2004  # one currency, or none
            denied_orders=statuses.count(Status.DENIED),
            fill_rate=fill_rate((view.quantity, view.filled_quantity) for view in sent),
            commissions=costs,
        )


def _times(orders: Sequence[OrderView]) -> list[timedelta]:
    return [
        fill_time(view.created_at, view.filled_at)
        for view in orders
        if view.status is Status.FILLED and view.filled_at is not None
    ]


def _moment(stated: date | datetime | str, *, last: bool) -> datetime:
    """A time as it is; a day as its beginning, or as the last day of a period its end."""
    given = _read(stated) if isinstance(stated, str) else stated
    if isinstance(given, datetime):
        if given.utcoffset() is None:
            raise PeriodError(f"`{stated}` has no offset; say which zone it is in")
        return given
    if not isinstance(given, date):
        raise PeriodError(f"`{stated}` is neither a day nor a time; {PERIOD}")
    start = datetime.combine(given, time(0), UTC)
    return start + timedelta(days=1) if last else start


def _read(text: str) -> date | datetime | None:
    """A day or a time from ISO text; None for what is neither."""
    for kind in (date, datetime):
        with suppress(ValueError):
            return kind.fromisoformat(text)
    return None


def _is_later(fill: Fill, known: Fill) -> bool:
    return revision_of(fill.execution_id) > revision_of(known.execution_id)


def _fill_of(execution: Any) -> Fill:  # noqa: ANN401  # read or refused
    """One execution as a fill. Raise OrderError with what is wrong."""
    if isinstance(execution, ExecutionReport):
        return Fill(
            execution_id=execution.execution_id,
            order_id=execution.order_id,
            symbol=execution.instrument.symbol,
            side=execution.side,
            quantity=execution.quantity,
            price=execution.price,
            timestamp=execution.at,
            account=execution.account,
            currency=execution.instrument.currency,
        )
    try:
        fill = execution if isinstance(execution, Fill) else _converted(execution)
    except (msgspec.ValidationError, TypeError) as error:
        raise OrderError(f"execution: {str(error)[:1].lower()}{str(error)[1:]}") from None
    if fill.timestamp.utcoffset() is None:
        raise OrderError("execution: `timestamp` must be a time with an offset")
    if not (fill.quantity.is_finite() and fill.quantity >= 0 and fill.price.is_finite()):
        raise OrderError("execution: `quantity` and `price` must be finite, quantity at least 0")
    return fill


def _converted(execution: object) -> Fill:
    """A mapping as a fill; floats become the numbers that a person would see."""
    if not isinstance(execution, Mapping):
        raise TypeError(f"it is a report, a fill or a mapping; found {type(execution).__name__}")
    unknown = [str(name) for name in execution if name not in Fill.__struct_fields__]
    if unknown:
        raise TypeError(f"unknown fields {', '.join(unknown)}")
    given = {
        name: repr(value) if isinstance(value, float) else value
        for name, value in execution.items()
    }
    if isinstance(given.get("side"), str):
        given["side"] = Side.__members__.get(str(given["side"]).upper(), given["side"])
    return msgspec.convert(given, Fill)
