"""Everything the broker says of the account at one moment.

Rule 1: four questions, each with its own end; an end that does not come makes it incomplete.
Rule 2: whose an order is is decided by its reference (see `owners`).
Rule 3: what is only half known of a contract is asked before the story is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from riskgate.brokers.ib import combos, raw, terms_in, translate
from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.numbers import incoming
from riskgate.brokers.ib.orders import COMBINATION, Orders
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.report import (
    CommissionReport,
    ExecutionReport,
    ForeignOrder,
    OrderEcho,
    StatusReport,
)

OPEN, COMPLETED, POSITIONS = "open orders", "completed orders", "positions"
Echo = tuple[int, raw.Contract, raw.Order, raw.OrderState]


@dataclass(slots=True)
class Gathering:
    """What has come in since the questions were asked."""

    open: list[Echo] = field(default_factory=list)
    completed: list[tuple[raw.Order, raw.OrderState]] = field(default_factory=list)
    executions: list[tuple[raw.Contract, raw.Execution]] = field(default_factory=list)
    commissions: list[CommissionReport] = field(default_factory=list)
    positions: list[tuple[str, raw.Contract, float, float]] = field(default_factory=list)
    remaining: dict[int, Decimal] = field(default_factory=dict)

    # -- callbacks --------------------------------------------------------------------------------

    def order_status(self, *values: object) -> None:
        """How much of an order is left, by its permanent id."""
        left = incoming(str(values[3]))
        if left is not None:
            self.remaining[int(str(values[5]))] = left

    def execution(self, contract: raw.Contract, execution: raw.Execution) -> None:
        """A fill since midnight."""
        if contract.secType != COMBINATION:
            self.executions.append((contract, execution))

    def commission(self, report: raw.Commission) -> None:
        """What a fill cost."""
        cost = translate.commission_of(report)
        if cost is not None:
            self.commissions.append(cost)

    # -- what it says -----------------------------------------------------------------------------

    def contracts(self) -> Iterator[raw.Numbered]:
        """Every contract that was named."""
        yield from combos.members(contract for _, contract, _, _ in self.open)
        yield from (contract for contract, _ in self.executions)
        yield from (contract for _, contract, _, _ in self.positions)

    def live_contracts(self) -> Iterator[raw.Numbered]:
        """The contracts that we hold or that orders work in."""
        yield from combos.members(contract for _, contract, _, _ in self.open)
        yield from (contract for _, contract, size, _ in self.positions if size)


def statuses(gathered: Gathering, orders: Orders) -> tuple[StatusReport, ...]:
    """Where our orders are; what is completed overrides what was open before."""
    found: dict[int, StatusReport] = {}
    for order_id, _, order, state in gathered.open:
        ours = orders.owners.by_ref(order.orderRef, order_id, order.permId)
        if ours:
            found[ours] = orders.last(ours) or _stated(ours, order, state)
    for order, state in gathered.completed:
        ours = orders.owners.by_ref(order.orderRef, order.orderId, order.permId)
        if ours:
            found[ours] = _ended(ours, order, state)
    return tuple(found.values())


def echoes(gathered: Gathering, orders: Orders) -> tuple[OrderEcho, ...]:
    """The terms under which our open orders work, the latest of each."""
    found: dict[int, OrderEcho] = {}
    for order_id, contract, order, _ in gathered.open:
        ours = orders.owners.by_ref(order.orderRef, order_id, order.permId)
        if ours and not order.whatIf:
            found[ours] = terms_in.echo_of(ours, order, contract.exchange)
    return tuple(found.values())


def executions(
    gathered: Gathering, orders: Orders, catalogue: Catalogue
) -> tuple[ExecutionReport, ...]:
    """All fills, ours with our order's number."""
    return tuple(
        translate.execution_of(
            orders.owners.by_ref(execution.orderRef, execution.orderId, execution.permId),
            execution,
            catalogue.of(contract),
        )
        for contract, execution in gathered.executions
    )


def foreign(gathered: Gathering, orders: Orders, catalogue: Catalogue) -> tuple[ForeignOrder, ...]:
    """The working orders that are not ours, each once."""
    found: dict[int, ForeignOrder] = {}
    for order_id, contract, order, state in gathered.open:
        status = translate.STATUSES.get(state.status, Status.UNKNOWN)
        ours = orders.owners.by_ref(order.orderRef, order_id, order.permId)
        if ours or order.whatIf or status.finished:
            continue
        total = incoming(order.totalQuantity) or ZERO
        left = max(ZERO, gathered.remaining.get(order.permId, total))  # below zero: overfilled
        known = catalogue.of(contract)
        found[order.permId or order_id] = translate.foreign_of(
            order, known, status, left, contract.exchange
        )
    return tuple(found.values())


def unknown(contracts: Iterable[raw.Numbered], catalogue: Catalogue) -> tuple[int, ...]:
    """The contract numbers whose details have not come."""
    numbers = (one.conId for one in contracts if one.conId and not catalogue.numbered(one.conId))
    return tuple(dict.fromkeys(numbers))


def _stated(order_id: int, order: raw.Order, state: raw.OrderState) -> StatusReport:
    return StatusReport(
        order_id=order_id,
        status=translate.STATUSES.get(state.status, Status.UNKNOWN),
        perm_id=order.permId,
        broker_order_id=order.orderId,
    )


def _ended(order_id: int, order: raw.Order, state: raw.OrderState) -> StatusReport:
    filled = incoming(order.filledQuantity) or ZERO
    status = translate.STATUSES.get(state.status, Status.UNKNOWN)
    if status is Status.INACTIVE:
        status = Status.CANCELLED if filled else Status.REJECTED
    return StatusReport(
        order_id=order_id,
        status=status,
        filled=filled,
        perm_id=order.permId,
        reason=state.completedStatus,
    )
