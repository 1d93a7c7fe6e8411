"""What the gate knows of a report, put on it as it is recorded.

On the reports of an order's arrival and of its end that is the market's price, on the correction of
a fill whose order it is.
Rule 1: this is the one place that asks; the fold of the record takes what the events say.
Rule 2: a report that says it itself, or is about nothing we know, stays as it is.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from riskgate.analytics.slippage import arrival_price
from riskgate.ledger.book import Book
from riskgate.ledger.market import Market
from riskgate.model.combos import net
from riskgate.model.events import Payload
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import countable
from riskgate.model.report import ExecutionReport, NeverSent, Sent, StatusReport


def stamped(payload: Payload, book: Book, market: Market) -> Payload:
    """The same with the mid as it is known now, where an order arrives or is over unfilled.

    A correction that names no order is of the order of what it corrects.
    """
    if isinstance(payload, ExecutionReport):
        known = None if payload.order_id else book.fills.get(payload.stem)
        return payload if known is None else structs.replace(payload, order_id=known.order_id)
    if not isinstance(payload, Sent | StatusReport | NeverSent) or not _tells(payload):
        return payload
    life = book.orders.get(payload.order_id)
    if life is None or life.instrument is None or life.status.finished or payload.mid is not None:
        return payload
    mid = mid_of(life.instrument, market)
    return payload if mid is None else structs.replace(payload, mid=mid)


def mid_of(instrument: Instrument, market: Market) -> Decimal | None:
    """The price that slippage is measured against; of a combo the net of its legs."""
    if instrument.legs:
        quotes = [market.quote(part.instrument.key) for part in instrument.legs]
        price = arrival_price(net(instrument, quotes))
    else:
        price = arrival_price(market.quote(instrument.key))
    return price if price is not None and countable(price) else None


def _tells(report: Sent | StatusReport | NeverSent) -> bool:
    """Whether it tells of the order's arrival at the broker, or of its end."""
    if isinstance(report, StatusReport):
        return report.status.finished and report.status is not Status.FILLED
    return not (report.version if isinstance(report, Sent) else report.modify)
