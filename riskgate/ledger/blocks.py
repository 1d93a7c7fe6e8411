"""Blocks in the book: one order at the broker for several of ours.

Rule 1: the members hold the reservations, and what is counted is counted of them; the block holds
and counts nothing. A fill moves the position once, each part of it under its member's strategy.
Rule 2: what is said of a block is retold of each member as if it had been said of that, so there is
one table of moves, and one way in which fills and corrections count.
Rule 3: the parts of all fills are what `execution.aggregate` makes of the fills as they stand; what
is beyond all members is the block's own. Nothing is kept here that the events do not give again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.execution.aggregate import divided, shared_cost
from riskgate.ledger.executions import Executions
from riskgate.ledger.life import Life
from riskgate.model.events import CancelRequested, Decided, Payload, Resolved
from riskgate.model.lifecycle import Status
from riskgate.model.money import ONE, ZERO
from riskgate.model.order import Side
from riskgate.model.report import (
    CancelNotSent,
    CommissionReport,
    ErrorReport,
    ExecutionReport,
    Fill,
    NeverSent,
    OrderEcho,
    Sent,
    StatusReport,
    revision_of,
    stem_of,
)

RETOLD: Final = (Sent, NeverSent, CancelNotSent, ErrorReport, CancelRequested, Resolved)


class Blocks:
    """The blocks of one book. `told` is what the last event was retold as."""

    def __init__(self, orders: Mapping[int, Life], executions: Executions) -> None:
        self._orders = orders
        self._executions = executions
        self._beyond: dict[int, Decimal] = {}
        self._retelling = False
        self.told: tuple[Payload, ...] = ()

    def retell(
        self, payload: Payload, at: datetime, fold: Callable[[Payload, datetime], None]
    ) -> None:
        """Fold what an event about a block, which the book has folded, says of its members."""
        if self._retelling:
            return
        self.told = ()
        block = None if isinstance(payload, Decided) else self._of(payload)
        if block is None:
            return
        self._retelling = True
        try:
            for one in self._retold(payload, block, at):
                fold(one, at)
                self.told += (one,)
        finally:
            self._retelling = False

    def _of(self, payload: Payload) -> Life | None:
        """The block that an event is about."""
        if isinstance(payload, CommissionReport):
            fill = self._executions.fills.get(stem_of(payload.execution_id))
            number = 0 if fill is None else fill.order_id
        else:
            number = getattr(payload, "order_id", 0)
        life = self._orders.get(number)
        return life if life is not None and life.members else None

    def _retold(self, payload: Payload, block: Life, at: datetime) -> Iterator[Payload]:
        """What an event says of the members; each is folded before the next is asked for."""
        if isinstance(payload, ExecutionReport):
            touched = [payload.stem]
            for part in self._parts(block, payload):
                touched.append(part.stem.rpartition("/")[0])
                yield part
            self._own(block, payload, at)
            yield from self._costs(block, touched)
        elif isinstance(payload, CommissionReport):
            yield from self._costs(block, [stem_of(payload.execution_id)])
        for member in block.members:
            if member.status.working:
                yield from _said_of(member, payload, block)
        for member in block.members:
            if member.status.working and block.status.finished:
                yield _ended(member, block)

    def _parts(self, block: Life, event: ExecutionReport) -> Iterator[ExecutionReport]:
        """The parts of the members, as far as they are not as they were."""
        fill = block.fills.get(event.stem)
        if fill is None or fill.execution_id != event.execution_id:
            return  # an older revision
        is_next = event.stem == next(reversed(block.fills)) and not any(
            _part_of(member, event.stem) for member in block.members
        )
        lacking = [_signed(member, block, member.quantity) for member in block.members]
        if is_next:
            filled = [_signed(member, block, member.filled) for member in block.members]
            lacking = [one - got for one, got in zip(lacking, filled, strict=True)]
        lot = block.instrument.lot if block.instrument else ONE
        changed: list[ExecutionReport] = []
        for stem, one in ((event.stem, fill),) if is_next else block.fills.items():
            parts = divided(one.quantity, lacking, lot)
            lacking = [left - part for left, part in zip(lacking, parts, strict=True)]
            for member, part in zip(block.members, parts, strict=True):
                changed += _revised(member, (stem, one), abs(part), event)
        yield from changed

    def _own(self, block: Life, event: ExecutionReport, at: datetime) -> None:
        """What is filled beyond all members moves the position as the block's own."""
        given = (_signed(member, block, member.filled) for member in block.members)
        own = block.filled - sum(given, ZERO)
        more = own - self._beyond.get(block.order_id, ZERO)
        if more:
            self._beyond[block.order_id] = own
            self._executions.beyond(event, more, block.subject, at)

    def _costs(self, block: Life, stems: Iterable[str]) -> Iterator[CommissionReport]:
        """What each part of these fills costs of what its fill costs."""
        for stem in dict.fromkeys(stems):
            fill = block.fills.get(stem)
            parts = (_part_of(member, stem) for member in block.members)
            given = [part for part in parts if part is not None and part.quantity]
            if fill is None or fill.commission is None or not given:
                continue
            dues = shared_cost(fill.commission, [part.quantity for part in given])
            for part, due in zip(given, dues, strict=True):
                cost = CommissionReport(
                    execution_id=part.execution_id, amount=due, currency=fill.currency
                )
                if part != part.charged(cost):
                    yield cost


def _said_of(member: Life, payload: Payload, block: Life) -> Iterator[Payload]:
    """An event about a block, as one about its member."""
    said: Any = payload
    if isinstance(payload, OrderEcho):
        yield msgspec.structs.replace(
            payload, order_id=member.order_id, quantity=member.quantity, perm_id=0
        )
    elif isinstance(payload, StatusReport):
        if payload.status is not Status.FILLED:  # fills say that, and the block's own end
            yield msgspec.structs.replace(
                payload, order_id=member.order_id, filled=ZERO, remaining=None, perm_id=0
            )
    elif isinstance(payload, RETOLD) and block.order_id == said.order_id:
        yield msgspec.structs.replace(said, order_id=member.order_id)


def _ended(member: Life, block: Life) -> Payload:
    """The end of a member with its block, as far as it is not filled."""
    over = Status.CANCELLED if block.status is Status.FILLED else block.status
    return StatusReport(
        order_id=member.order_id,
        status=over,
        reason=f"its block {block.order_id} is over",
        mid=block.timeline.end_price,
    )


def _revised(
    member: Life, whole: tuple[str, Fill], quantity: Decimal, event: ExecutionReport
) -> Iterator[ExecutionReport]:
    """The part of a member as it must be now, in a revision of its own; nothing if it is so.

    A member that was thought never to have left is told even of nothing: its block lives.
    """
    stem, fill = whole
    known = _part_of(member, stem)
    if known is None and not quantity and member.status is not Status.NEVER_SENT:
        return
    if known is not None and (known.quantity, known.price) == (quantity, fill.price):
        return
    revision = 1 if known is None else revision_of(known.execution_id)[0] + 1
    yield msgspec.structs.replace(
        event,
        execution_id=f"{stem}/{member.order_id}.{revision:02}",
        order_id=member.order_id,
        side=_side(member),
        quantity=quantity,
        price=fill.price,
        at=fill.timestamp,
        perm_id=0,
    )


def _part_of(member: Life, stem: str) -> Fill | None:
    return member.fills.get(f"{stem}/{member.order_id}")


def _side(life: Life) -> Side:
    return Side(life.subject.side)


def _signed(member: Life, block: Life, quantity: Decimal) -> Decimal:
    """Above zero on the block's side, below on the other."""
    return quantity if _side(member) is _side(block) else -quantity
