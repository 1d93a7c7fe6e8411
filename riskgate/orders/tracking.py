"""ExecutionTracker: fills, what they cost, and what became of the orders of a period.

Rule 1: the gate's own fills are always counted. What is tracked beside them is kept here alone: it
moves no position and no limit, which only the broker's reports to the gate do.
Rule 2: an execution counts once, by the stem of its id; the highest revision is the fill.
Rule 3: figures are those of `riskgate.analytics`, for which an order is its `OrderFacts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial, update_wrapper
from typing import Any, Final

import msgspec

from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.slippage import Slippage, average_price, slippage, slippage_at
from riskgate.analytics.totals import quality
from riskgate.errors import OrderError, PeriodError
from riskgate.gate import Gate
from riskgate.ledger.life import Life
from riskgate.ledger.order_facts import facts_from
from riskgate.line.following import News
from riskgate.model.order import Side
from riskgate.model.report import CommissionReport, ExecutionReport, Fill, revision_of, stem_of
from riskgate.orders.calling import Caller, ErrorHook
from riskgate.orders.streaming import Stream
from riskgate.orders.values import ExecutionStats

StatsCallback = Callable[[ExecutionStats], object]
PERIOD: Final = "a period is stated as 2026-03-02, or as 2026-03-02T15:00:00+00:00"


class ExecutionTracker:
    """Executions of one gate's orders, and others that somebody tracks beside them."""

    def __init__(self, gate: Gate, *, on_error: ErrorHook | None = None) -> None:
        self._gate = gate
        self._on_error = on_error
        self._beside: dict[str, Fill] = {}
        self._streams: list[tuple[Stream, StatsCallback]] = []
        self._caller: Caller | None = None

    def track_execution(self, execution: ExecutionReport | Fill | Mapping[str, object]) -> None:
        """Count an execution that did not come through the gate; again changes nothing.

        A mapping has the fields of `Fill`; numbers may be text, times are ISO 8601 with an offset.
        Raise OrderError if it cannot be read.
        """
        fill = _fill_of(execution)
        with self._gate.turnstile:
            known = self._beside.get(fill.stem)
            if known is None or _is_later(fill, known):
                self._beside[fill.stem] = fill
                self._changed(fill.order_id)

    def get_fills(self, order_id: int) -> list[Fill]:
        """The fills of an order, each in its latest revision, oldest first."""
        with self._gate.turnstile:
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
        return ExecutionStats.of(self.get_execution_quality(start_date, end_date))

    def get_execution_quality(
        self, start_date: date | datetime | str, end_date: date | datetime | str
    ) -> ExecutionQuality:
        """All that is measured of the same orders: docs/analytics.md."""
        begin, end = _moment(start_date, last=False), _moment(end_date, last=True)
        with self._gate.turnstile:
            lives = list(self._gate.ledger.orders.values())
            orders = [self._facts(life) for life in lives if begin <= life.created_at < end]
        return quality(orders)

    def on_stats(
        self,
        callback: StatsCallback,
        start_date: date | datetime | str | None = None,
        end_date: date | datetime | str | None = None,
    ) -> None:
        """Call with the stats of a period whenever they change: fills, corrections, commissions.

        Periods are as in `get_execution_stats`; without one, all orders count. Callbacks are called
        in a thread of their own, in order; events that are recorded together are told together.
        """
        stream = Stream(
            None if start_date is None else _moment(start_date, last=False),
            None if end_date is None else _moment(end_date, last=True),
        )
        with self._gate.turnstile:
            if self._caller is None:
                self._caller = Caller(self._gate, self._on_error)
                self._gate.subscribe(self._hear)
            lives = self._gate.ledger.orders.values()
            stream.begin(self._facts(life) for life in lives if stream.covers(life.created_at))
            self._streams.append((stream, callback))

    def close(self) -> None:
        """Tell what is still to be told, and stop telling. A callback may call it."""
        self._gate.unsubscribe(self._hear)
        with self._gate.turnstile:
            caller, self._caller, self._streams = self._caller, None, []
        if caller is not None:
            caller.close()

    def _hear(self, news: News) -> None:
        """Take an event over from the gate, which holds its lock."""
        if news.order is not None:
            self._changed(news.order.order_id)
        elif isinstance(news.payload, CommissionReport):
            fill = self._gate.ledger.fills.get(stem_of(news.payload.execution_id))
            if fill is not None:
                self._changed(fill.order_id)

    def _changed(self, order_id: int) -> None:
        """Have the figures of an order counted anew; under the gate's lock."""
        life, caller = self._gate.life(order_id), self._caller
        if life is None or caller is None:
            return
        facts = None
        for stream, callback in self._streams:
            if stream.covers(life.created_at):
                facts = facts or self._facts(life)
                changed = update_wrapper(partial(_tell, stream, callback), callback)
                caller.call(changed, facts, f"the stats after order {order_id}")

    def _facts(self, life: Life) -> OrderFacts:
        """What is known of an order, with what was tracked beside the gate; under its lock."""
        return facts_from(life.view(), self.get_fills(life.order_id))


def _tell(stream: Stream, callback: StatsCallback, facts: OrderFacts) -> None:
    """Count an order anew, and tell if that made a difference."""
    found = stream.changed(facts)
    if found is not None:
        callback(found)


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
        return execution.as_fill()
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
