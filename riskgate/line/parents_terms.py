"""What is pure about parent orders: how they are judged, cut into slices, and reported.

Rule 1: a slice states what its parent states, but for quantity, type, price and time in force.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.errors import ConfigError
from riskgate.execution import guards, plans
from riskgate.execution.slices import Send, Terms
from riskgate.ledger.parents import Work
from riskgate.ledger.world import World
from riskgate.line import payload
from riskgate.line.payload import Asked
from riskgate.model.codes import Code
from riskgate.model.instructions import PLAIN
from riskgate.model.money import ZERO
from riskgate.model.order import Fault, Order, OrderType, Tif
from riskgate.model.work import Plan, WorkState

WORKED: Final = frozenset({OrderType.MKT, OrderType.LMT})
LASTING: Final = frozenset({Tif.DAY, Tif.GTC})
NO_PLAN: Final = Plan("none")  # where none could be read
MOST: Final = 2**31  # units; sanity refuses more
INTENT: Final = Decimal("0.01")


class ParentProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a parent order has got. Quantities in units; `ends` is None without an end."""

    order_id: int
    order: str
    plan: str
    state: WorkState
    quantity: Decimal
    filled: Decimal
    working: Decimal
    slices: int
    reason: str = ""
    by: str = ""
    began: datetime | None = None
    ends: datetime | None = None

    @property
    def left(self) -> Decimal:
        """What is neither filled nor working."""
        return max(ZERO, self.quantity - self.filled - self.working)


def planned(asked: Asked, source: object, world: World) -> tuple[Asked, tuple[Fault, ...]]:
    """What was asked for, with its plan, and what is wrong with that."""
    try:
        plan = plans.plan_of(source)
        why = _unfit(asked.order, plan, world) if asked.order is not None else ""
    except ConfigError as error:
        plan, why = NO_PLAN, payload.printable(str(error))
    faults = (Fault(Code.BAD_ORDER, f"plan: {why}"),) if why else ()
    return msgspec.structs.replace(asked, plan=plan), faults


def _unfit(order: Order, plan: Plan, world: World) -> str:
    """Why a plan cannot work an order. Raise ConfigError for what is no plan."""
    algo = plans.planned(plan).algo
    if order.order_type not in WORKED:
        return f"only MKT and LMT orders can be worked off in slices, not {order.order_type}"
    if order.instructions != PLAIN or order.algo is not None or order.legs:
        return "an order worked off in slices has no instructions, legs or algorithm of the broker"
    if order.tif not in LASTING:
        return f"an order worked off in slices is DAY or GTC, not {order.tif}"
    if not (order.quantity.is_finite() and ZERO < order.quantity <= MOST):
        return ""  # sanity says what is wrong with that
    return algo.wrong(terms_of(order, world))


def terms_of(order: Order, world: World) -> Terms:
    """An order as planners see it."""
    instrument = world.market.resolve(order.terms)
    limit = order.limit_price if order.order_type is OrderType.LMT else None
    if instrument is None or instrument.lot <= ZERO:
        return Terms(side=order.side, quantity=order.quantity, limit_price=limit)
    return Terms(side=order.side, quantity=order.quantity, limit_price=limit, lot=instrument.lot)


def sliced(order: Order, step: Send, key: str) -> Order:
    """One slice of a parent: its terms, and of its declared intent the slice's share."""
    intent = order.intent
    if intent is not None and order.quantity:
        intent = (intent * step.quantity / order.quantity).quantize(INTENT)
    return msgspec.structs.replace(
        order,
        quantity=step.quantity,
        order_type=step.order_type,
        limit_price=step.limit_price,
        tif=step.tif,
        good_till=None,
        intent=intent,
        key=key,
    )


def progress_of(work: Work) -> ParentProgress:
    """How far a parent order has got."""
    life = work.life
    return ParentProgress(
        order_id=life.order_id,
        order=life.text,
        plan=str(work.plan),
        state=work.state,
        quantity=life.order.quantity if life.order is not None else ZERO,
        filled=work.filled,
        working=work.working,
        slices=len(work.slices),
        reason=work.reason,
        by=work.by,
        began=work.began,
        ends=end_of(work),
    )


def end_of(work: Work) -> datetime | None:
    """When its time is over; None without an end, before it began, or of a plan nobody knows."""
    if work.began is None:
        return None
    try:
        return guards.ends(plans.planned(work.plan).algo, work.began)
    except ConfigError:
        return None


def since(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    """What was traded since; the count begins anew with each day."""
    if now is None or then is None:
        return None
    return now - then if now >= then else now
