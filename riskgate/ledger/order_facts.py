"""What the book knows of an order, as the value that every measure takes.

Rule 1: an order whose text could not be read was denied, and counts as that. It has no side; its
facts say BUY, which nothing asks of an order that was never sent.
Rule 2: of a combo there is one fill, of the combo itself at its net price: its executions are those
of its legs, whose quantities and prices are of other things.
Rule 3: `journal.facts` says the same of the tables, to the last digit; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from riskgate.analytics.facts import Execution, OrderFacts
from riskgate.ledger.life import Life
from riskgate.model.money import ONE, ZERO
from riskgate.model.order import Side
from riskgate.model.report import Fill
from riskgate.model.sound import COMBO
from riskgate.model.view import OrderView


def facts_of(life: Life) -> OrderFacts:
    """What is known of an order now."""
    return facts_from(life.view(), life.fills.values())


def facts_from(view: OrderView, fills: Iterable[Fill]) -> OrderFacts:
    """The same from its view, and its fills in their latest revision."""
    done = _executed(view, fills)
    return OrderFacts(
        order_id=view.order_id,
        account=view.account_id,
        strategy=view.strategy,
        symbol=view.symbol,
        sec_type=view.sec_type,
        venue=view.venue,
        order_type=view.order_type,
        currency=view.currency,
        side=Side(view.side) if view.side else Side.BUY,
        status=view.status,
        action=view.action,
        quantity=view.quantity,
        filled=sum((one.quantity for one in done), ZERO),
        limit_price=view.limit_price,
        multiplier=ONE if view.multiplier is None else view.multiplier,
        decided_at=view.decided_at or view.created_at,
        decision_price=view.decision_price,
        bid=view.bid,
        ask=view.ask,
        sent_at=view.sent_at,
        arrival_price=view.arrival_price,
        acknowledged_at=view.acknowledged_at,
        first_filled_at=view.first_filled_at,
        filled_at=view.filled_at,
        done_at=view.done_at,
        end_price=view.end_price,
        queued=view.queued,
        parent_id=view.parent_id,
        block_id=view.block_id,
        is_block=view.is_block,
        is_parent=view.is_parent,
        modifies=view.modifies,
        cancels=view.cancels,
        reason=view.reason,
        fills=done,
    )


def _executed(view: OrderView, fills: Iterable[Fill]) -> tuple[Execution, ...]:
    done = tuple(
        Execution(
            fill.quantity,
            fill.price,
            fill.timestamp,
            fill.commission,
            fill.currency,
            fill.execution_id,
        )
        for fill in sorted(fills, key=lambda fill: (fill.timestamp, fill.execution_id))
    )
    if view.sec_type == COMBO:
        return net_fill(done, view.filled_quantity, view.avg_fill_price)
    return done


def net_fill(
    legs: Sequence[Execution], filled: Decimal, price: Decimal | None
) -> tuple[Execution, ...]:
    """The one fill that the fills of a combo's legs come to.

    While no whole unit is filled it is one of no units, which has only what the legs cost. Its
    commission is that of all of them; None where any has not come, or they are in several
    currencies.
    """
    if not legs:
        return ()
    last = legs[-1]
    known = [one.commission for one in legs if one.commission is not None]
    is_whole = len(known) == len(legs) and len({one.currency for one in legs}) == 1
    cost = sum(known, ZERO) if is_whole else None
    units, each = (filled, price) if filled and price is not None else (ZERO, ZERO)
    return (Execution(units, each, last.at, cost, last.currency, last.execution_id),)
