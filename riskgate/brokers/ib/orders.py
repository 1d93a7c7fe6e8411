"""From raw callbacks about orders to reports.

Rule 1: fills come only from executions; a status is passed on as the broker's claim.
Rule 2: IB says things two and three times: what says nothing new is not passed on.
Rule 3: an error releases nothing. Only Inactive, together with a reject code on a new order that
was never seen working, is a rejection.
Rule 4: a modify may leave once the broker echoes the order as alive, and never after it ended: a
modify of an order that TWS does not have would be a new order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from riskgate.brokers.ib import codes, raw, terms_in, translate
from riskgate.brokers.ib.numbers import incoming
from riskgate.brokers.ib.owners import Owners
from riskgate.execution.codes import SHIPPED, Class, Meanings
from riskgate.ledger.echoes import repeats
from riskgate.model.decision import ApprovedOrder
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.report import ErrorReport, NeverSent, OrderEcho, Report, StatusReport

COMBINATION: Final = "BAG"  # its legs are reported one by one as well
WORKING: Final = frozenset({Status.PRE_SUBMITTED, Status.SUBMITTED})
ALIVE: Final = WORKING | {Status.PENDING_SUBMIT}
OVER: Final = frozenset({Status.FILLED, Status.CANCELLED, Status.INACTIVE, Status.REJECTED})


class Ears(msgspec.Struct, frozen=True):
    """Who hears of orders: reports, that one is alive or over, and what a contract is."""

    hear: Callable[[Iterable[Report]], None]
    alive: Callable[[int], None]
    over: Callable[[int], None]
    instrument: Callable[[raw.Contract], Instrument]


@dataclass(slots=True)
class Live:
    """What this session has seen of one order."""

    status: StatusReport | None = None
    echo: OrderEcho | None = None
    worked: bool = False
    modifying: bool = False
    asked: Order | None = None
    version: int = 0
    reject: str = ""
    parent: int = 0

    def is_old(self, echo: OrderEcho) -> bool:
        """Whether terms that were repeated before come once more, and not those of a modify."""
        return echo == self.echo and not (self.asked is not None and repeats(echo, self.asked))

    def judged(self, report: StatusReport) -> StatusReport:
        """The report, as a rejection where it is one."""
        if report.status is not Status.INACTIVE or report.why_held or not self.reject:
            return report
        return msgspec.structs.replace(report, status=Status.REJECTED, reason=self.reject)


class Orders:
    """Callbacks about orders. For use in the loop's thread."""

    def __init__(self, owners: Owners, ears: Ears, meanings: Meanings = SHIPPED) -> None:
        self.owners = owners
        self._meanings = meanings
        self._ears = ears
        self._lives: dict[int, Live] = {}

    def sent(self, approved: ApprovedOrder) -> None:
        """An order or a modify is written now."""
        self.owners.placed(approved.ref, approved.order_id)
        life = self._life(approved.order_id)
        life.modifying, life.version = approved.replaces, approved.version
        life.asked = approved.order

    def last(self, order_id: int) -> StatusReport | None:
        """The last status of an order in this session."""
        return self._life(order_id).status

    def parent_of(self, order_id: int, entry: int) -> int:
        """The broker's number of an exit's entry, as the broker named it in this session.

        0 once the entry is over: TWS cannot find it then (ib_insync #647).
        """
        last = self._life(entry).status
        is_over = last is not None and last.status in OVER - {Status.INACTIVE}
        return 0 if is_over else self._life(order_id).parent

    # -- callbacks --------------------------------------------------------------------------------

    def open_order(
        self, order_id: int, contract: raw.Contract, order: raw.Order, state: raw.OrderState
    ) -> None:
        """An order's terms and state, as the broker has them."""
        self.owners.ids.seen(order_id)
        if order.whatIf:
            return
        ours = self.owners.by_ref(order.orderRef, order_id, order.permId)
        if not ours:
            self._is_twin(order.permId)
            return
        self.owners.numbered(ours, order_id, order.clientId)
        life = self._life(ours)
        life.parent = order.parentId
        echo = terms_in.echo_of(ours, order, contract.exchange)
        life.modifying = life.modifying and life.is_old(echo)
        if echo != life.echo:
            life.echo = echo
            self._ears.hear([echo])
        status = translate.STATUSES.get(state.status)
        if status in ALIVE:
            self._ears.alive(ours)
        elif status in {Status.CANCELLED, Status.INACTIVE}:
            self._claimed(claimed_by_echo(ours, order, status, life.status))

    def order_status(self, *values: object) -> None:
        """An order's status, with the values in the order of the wire."""
        number, word, _, _, _, perm_id, _, _, client_id, *_ = values
        ours = self.owners.by_number(int(str(number)), int(str(client_id)), int(str(perm_id)))
        if not ours:
            self._is_twin(int(str(perm_id)))
            return
        status = translate.STATUSES.get(str(word))
        if status is None:
            text = f"unknown order status `{word}`"
            self._ears.hear([ErrorReport(order_id=ours, code=0, text=text)])
            return
        self._claimed(claimed(ours, status, values))
        if status in ALIVE and not self._life(ours).modifying:
            self._ears.alive(ours)

    def execution(self, contract: raw.Contract, execution: raw.Execution) -> None:
        """A fill, live. One of an unknown order is left to the story, until that was asked."""
        ours = self.owners.by_ref(execution.orderRef, execution.orderId, execution.permId)
        if contract.secType != COMBINATION and (ours or self.owners.told):
            known = self._ears.instrument(contract)
            self._ears.hear([translate.execution_of(ours, execution, known)])

    def commission(self, report: raw.Commission) -> None:
        """What an execution cost. It does not say whose it was, and need not."""
        cost = translate.commission_of(report)
        if cost is not None:
            self._ears.hear([cost])

    def error(self, number: int, code: int, text: str) -> None:
        """A message about the order that the broker has under this number."""
        order_id = self.owners.ids.order(number)
        if not order_id:  # one that is not on record, under an id that we did not give
            self._ears.hear([ErrorReport(order_id=0, code=code, text=text, ambiguous=True)])
            return
        life = self._life(order_id)
        kind = self._meanings.of(code, modifying=life.modifying)
        open_ended = kind is Class.AMBIGUOUS
        self._ears.hear(
            [ErrorReport(order_id=order_id, code=code, text=text, ambiguous=open_ended)]
        )
        if kind is Class.REFUSED and life.modifying and code not in codes.CANCEL_REFUSED:
            life.modifying = False
            refused = NeverSent(
                order_id=order_id, code=str(code), text=text, modify=True, version=life.version
            )
            self._ears.hear([refused])
            self._ears.alive(order_id)
        elif kind is Class.REJECTED and not life.worked:
            life.reject = f"{code}: {text}"
            self._ears.over(order_id)
            if life.status is not None:
                self._claimed(life.status)

    def _is_twin(self, perm_id: int) -> None:
        """Have the broker asked about a second order under one reference of ours."""
        ours = self.owners.twin_of(perm_id)
        if ours:
            text = f"a second order has its reference: permanent id {perm_id}"
            self._ears.hear([ErrorReport(order_id=ours, code=0, text=text, ambiguous=True)])

    def _life(self, order_id: int) -> Live:
        return self._lives.setdefault(order_id, Live())

    def _claimed(self, report: StatusReport) -> None:
        life = self._life(report.order_id)
        life.worked = life.worked or report.status in WORKING
        report = life.judged(report)
        if report != life.status:
            life.status = report
            self._ears.hear([report])
        if report.status in OVER:
            self._ears.over(report.order_id)


def claimed(order_id: int, status: Status, values: tuple[object, ...]) -> StatusReport:
    """The report of an orderStatus message."""
    number, _, filled, remaining, _, perm_id, _, _, _, why_held, *_ = values
    return StatusReport(
        order_id=order_id,
        status=status,
        filled=incoming(str(filled)) or ZERO,
        remaining=incoming(str(remaining)),
        perm_id=int(str(perm_id)),
        broker_order_id=int(str(number)),
        why_held=str(why_held or ""),
    )


def claimed_by_echo(
    order_id: int, order: raw.Order, status: Status, last: StatusReport | None
) -> StatusReport:
    """The report of an openOrder message, which does not say what was filled."""
    return StatusReport(
        order_id=order_id,
        status=status,
        filled=last.filled if last else ZERO,
        remaining=last.remaining if last else None,
        perm_id=order.permId,
        broker_order_id=order.orderId,
        why_held=last.why_held if last else "",
    )
