"""What becomes of the orders of a script: parked, judged, shown, modified and cancelled.

Rule 1: parts that do not transmit are kept here and judged together with the part that does, as
TWS would transmit them: the orders of one parent, and of one OCA group. Others stay where they are.
Rule 2: an order whose contract or price is not known yet waits for both for a moment, and is then
judged as it is.
Rule 3: what the gate refuses is said in the trade's log, and nothing of it leaves.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

from riskgate.brokers.ib import guarded_terms
from riskgate.brokers.ib.guarded_broker import BorrowedLoop, GuardedBroker
from riskgate.brokers.ib.guarded_client import check_whole
from riskgate.brokers.ib.guarded_gate import LibraryGate, is_bracket, refused, unreadable
from riskgate.brokers.ib.guarded_trades import Placed, Stage, Trades
from riskgate.brokers.ib.guarded_wire import Theirs
from riskgate.brokers.ib.outbox import LAST, SUPERSEDED
from riskgate.errors import NotConnected, OrderError, RiskgateError
from riskgate.execution.queue import Priority
from riskgate.ledger.life import Life
from riskgate.line.payload import Asked
from riskgate.model.codes import Code
from riskgate.model.decision import Action
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.lifecycle import Status
from riskgate.model.report import NeverSent
from riskgate.ticket import Ticket

PREPARING: Final = 2.0  # seconds that an order waits for its contract and a price
DENIED: Final = "denied by riskgate"
UNSENT: Final = "not sent by riskgate"
NOT_ATTACHED: Final = (
    "parts of one parent are an entry, a limit and a stop that leave its whole position; "
    "others are not modelled"
)
NO_PARENT: Final = "the parent is not among the parts that wait; place it first, without transmit"
log = logging.getLogger(__name__)


class Behind(Protocol):
    """The gate and its broker."""

    gate: LibraryGate
    broker: GuardedBroker


class ScriptOrders:
    """The orders of a script in one session. For use in the loop's thread."""

    def __init__(self, session: Theirs, behind: Behind, trades: Trades) -> None:
        self._session = session
        self._gate = behind.gate
        self._broker = behind.broker
        self._trades = trades
        self.questions: set[int] = set()

    @property
    def loop(self) -> BorrowedLoop:
        """The loop of the session. Raise NotConnected if it is over."""
        if self._broker.loop is None:
            raise NotConnected("the session is over")
        return self._broker.loop

    def reference(self, ref: str) -> str:
        """What the script called the order with this reference, in this session or before."""
        shown = self._trades.reference(ref)
        if shown is not None:
            return shown
        number = self._gate.ledger.by_ref.get(ref)
        life = None if number is None else self._gate.life(number)
        return ref if life is None or life.order is None else life.order.strategy or ""

    # -- placing ----------------------------------------------------------------------------------

    def place(self, contract: Theirs, order: Theirs) -> Theirs:
        """A new order, a part of one, or a change of one."""
        placed = self._known(contract, order)
        if placed is not None and placed.stage is Stage.JUDGED:
            if not self._never_left(placed):
                return self._modify(placed, contract, order)
            order.orderId, placed = 0, None  # this is another try
        if placed is None and self._trades.has_left(order):
            return self._not_ours(contract, order)
        if placed is None:
            placed = Placed(contract, order)
        placed.contract, placed.order = contract, order
        if order.parentId:
            self._trades.adopted(order)
        if placed.stage is Stage.PREPARING:
            return placed.trade
        if not order.transmit:
            self._trades.show(placed)
            self._trades.remark(placed.trade, "kept by riskgate until the part that transmits it")
            return placed.trade
        group = self._group(placed)
        wanted = self._unready(group)
        if wanted:
            return self._prepare(placed, group, wanted)
        self._judge(group)
        return placed.trade

    def _never_left(self, placed: Placed) -> bool:
        view = self._gate.order(placed.order_id)
        return view is None or view.status in {Status.DENIED, Status.NEVER_SENT}

    def _group(self, placed: Placed) -> list[Placed]:
        """The parts that this one transmits, and itself; a parent comes first."""
        order, parked = placed.order, self._trades.at(Stage.PARKED)
        root = order.parentId or placed.number or order.orderId
        mine = [
            one
            for one in parked
            if one is not placed
            and (
                (root and root in {one.number, one.order.parentId})
                or (order.ocaGroup and one.order.ocaGroup == order.ocaGroup)
            )
        ]
        return sorted([*mine, placed], key=lambda one: bool(one.order.parentId))

    def _unready(self, group: Sequence[Placed]) -> list[Terms]:
        """What of a group has no contract or price yet, and can be asked for."""
        market, wanted = self._gate.world.market, []
        for one in group:
            try:
                asked = guarded_terms.read(one.contract, one.order, self._broker.desk.catalogue)
            except OrderError:
                return []  # it is refused for that, at once
            if asked.order is None or asked.faults:
                return []
            found = market.resolve(asked.order.terms)
            if found is None or not all(map(self._priced, guarded_terms.parts_of(found))):
                wanted.append(asked.order.terms)
        return wanted

    def _priced(self, instrument: Instrument) -> bool:
        quote = self._gate.world.market.quote(instrument.key)
        return quote is not None and (quote.mid is not None or quote.last is not None)

    def _prepare(self, placed: Placed, group: Sequence[Placed], wanted: Sequence[Terms]) -> Theirs:
        """Show the orders as pending, and judge them when they are ready or the time is up."""
        for one in group:
            one.stage, one.group = Stage.PREPARING, tuple(group)
            self._trades.show(one)
            self._trades.remark(one.trade, f"riskgate makes {one.contract.symbol} ready")
        self.loop.begin(self._when_ready(group, wanted))
        return placed.trade

    async def _when_ready(self, group: Sequence[Placed], wanted: Sequence[Terms]) -> None:
        try:
            await self._broker.desk.readiness.prepare(wanted, PREPARING)
            waiting = [one for one in group if one.stage is Stage.PREPARING]
            if len(waiting) == len(group):
                self._judge(waiting)
        except RiskgateError as error:
            self._give_up(group, error)
        except BaseException as error:
            self._give_up(group, error)
            raise

    def _give_up(self, group: Sequence[Placed], error: BaseException) -> None:
        for one in group:
            if one.stage is Stage.PREPARING:
                one.stage = Stage.JUDGED
                self._trades.end(one.trade, f"{UNSENT}: {error!r}")

    def _judge(self, group: Sequence[Placed]) -> None:
        """Have the gate decide, show what it decided, and write what it let through."""
        asked = self._asked(group)
        parents = {one.number or one.order.orderId: one for one in group}
        tickets = self._tickets(group, asked)
        for one, ticket in zip(group, tickets, strict=True):
            self._trades.judged(one, ticket.order_id, ticket.ref)
        self._broker.flush()
        for one, said, ticket in zip(group, asked, tickets, strict=True):
            self._trades.show(one)
            if one.order.parentId and one.order.parentId in parents:
                one.order.parentId = parents[one.order.parentId].number
            self._answer(one, said, ticket)

    def _asked(self, group: Sequence[Placed]) -> list[Asked]:
        """What the parts say; where they belong together in no way we know, that they do."""
        asked = [self._read(one) for one in group]
        if not any(one.order.parentId for one in group):
            return asked
        reason = NOT_ATTACHED if len(group) > 1 else NO_PARENT
        orders = [one.order for one in asked if one.order is not None]
        if group[0].order.parentId or (len(orders) == len(group) and not is_bracket(orders)):
            return [refused(one.text, Code.BAD_ORDER, reason) for one in asked]
        return asked

    def _read(self, placed: Placed, *, repeated: bool = False) -> Asked:
        contract, order = placed.contract, placed.order
        catalogue = self._broker.desk.catalogue
        try:
            found = guarded_terms.read(contract, order, catalogue, repeated=repeated)
            guarded_terms.check(found, contract, self._gate.world.market)
        except OrderError as error:
            return unreadable(guarded_terms.told(contract, order), error)
        return found

    def _tickets(self, group: Sequence[Placed], asked: Sequence[Asked]) -> Sequence[Ticket]:
        if len(group) == 1:
            return [self._gate.submit_one(asked[0])]
        attached = any(one.order.parentId for one in group)
        if attached and all(one.order is not None for one in asked):
            return self._gate.submit_attached(asked)
        return self._gate.submit_together(
            asked, oca=guarded_terms.excludes(one.order for one in group)
        )

    def _answer(self, placed: Placed, asked: Asked, ticket: Ticket) -> None:
        """Say in the trade what the gate has decided."""
        decision = ticket.decision
        if decision.action is Action.DENY:
            self._trades.end(placed.trade, f"{DENIED}: {guarded_terms.why(decision)}")
        elif asked.order is not None:
            self._trades.kept(placed, asked.order)
        if decision.action is Action.HOLD:
            self._trades.log(placed.trade, f"held by riskgate: {guarded_terms.why(decision)}")

    # -- what is there ----------------------------------------------------------------------------

    def _known(self, contract: Theirs, order: Theirs) -> Placed | None:
        """The order of ours that this one is, in this session or from before it."""
        placed = self._trades.numbered(order.orderId)
        if (
            placed is not None
            and placed.trade is not None
            and not guarded_terms.same(placed.trade, order)
        ):
            return None
        return placed or self._from_before(contract, order)

    def _from_before(self, contract: Theirs, order: Theirs) -> Placed | None:
        """An order of ours that an earlier session sent, by its number at the broker."""
        trade, number = self._trades.shown(order), order.orderId
        ours = self._broker.owners.ids.order(number) if trade is not None else 0
        life = self._gate.life(ours) if ours else None
        if life is None or life.order is None or life.broker_order_id != number:
            return None
        placed = Placed(contract, order, trade, Stage.JUDGED, number, terms=life.order)
        placed.order_id, placed.ref = ours, life.ref
        return placed

    def _not_ours(self, contract: Theirs, order: Theirs) -> Theirs:
        """A change of an order that the gate has not sent."""
        text = f"{Code.UNKNOWN_ORDER} order {order.orderId} was not placed through the gate"
        trade = self._trades.shown(order, any_client=True)
        if trade is not None:
            self._trades.log(trade, f"modify {DENIED}: {text}")
            return trade
        order.orderId = 0
        made = self._trades.absorbed("placeOrder", contract, order)
        self._trades.end(made, f"{DENIED}: {text}")
        return made

    def _modify(self, placed: Placed, contract: Theirs, order: Theirs) -> Theirs:
        """Have the gate decide new terms; the live order stays as it is unless it lets them."""
        asked = self._read(Placed(contract, order), repeated=True)
        life = self._gate.life(placed.order_id)
        why = self._why_fixed(life, asked, order)
        works = None if life is None else life.order
        if why or works is None or asked.order is None:
            self._gate.note(f"modify of order {placed.order_id} denied: {why}")
            return self._unchanged(placed, why)
        found = guarded_terms.changes(placed.terms or works, works, asked.order)
        if not found:
            self._trades.remark(placed.trade, "riskgate: nothing changes")
            return placed.trade
        ticket = self._gate.modify(placed.order_id, **found)
        self._broker.flush()
        if not ticket.allowed:
            return self._unchanged(placed, guarded_terms.why(ticket.decision))
        placed.order = order
        self._trades.kept(placed, asked.order)
        self._trades.absorbed("placeOrder", contract, order)
        return placed.trade

    def _why_fixed(self, life: Life | None, asked: Asked, order: Theirs) -> str:
        """Why new terms cannot even be judged, or nothing."""
        if asked.order is None or asked.faults:
            return "; ".join(f"{fault.code} {fault.text}" for fault in asked.faults)
        if not order.transmit:
            return f"{Code.BAD_ORDER} transmit `False`: TWS would keep the change back; set True"
        known = None if life is None else life.instrument
        if life is None or life.order is None or known is None:
            return f"{Code.NOT_MODIFIABLE} the gate has not let it through"
        found = self._gate.world.market.resolve(asked.order.terms)
        if found is None or found.key != known.key:
            return f"{Code.BAD_ORDER} its contract is `{known.key}`; another is another order"
        if asked.order.account not in {None, life.order.account}:
            return f"{Code.BAD_ORDER} its account is `{life.order.account}`; it cannot be modified"
        return ""

    def _unchanged(self, placed: Placed, why: str) -> Theirs:
        self._trades.put_back(placed)
        self._trades.log(placed.trade, f"modify {DENIED}: {why}")
        return placed.trade

    # -- cancelling -------------------------------------------------------------------------------

    def cancel(self, order: Theirs, at: str = "") -> Theirs:
        """Have an order cancelled; what has not left ends here."""
        placed = self._known(None, order)
        if placed is not None and placed.stage is not Stage.JUDGED:
            return self._dropped(placed)
        if placed is not None:
            if self._gate.cancel(placed.order_id):
                self._trades.absorbed("cancelOrder", placed.trade.order, at)
            return placed.trade
        if self._trades.shown(order) is None:
            log.error("cancelOrder: order %s is not known", order.orderId)
            return None
        desk = self._broker.desk
        send = partial(self._broker.client.cancelOrder, order.orderId)
        desk.outbox.ask(send, desk.now(), Priority.CANCEL)
        self._broker.flush()
        self._gate.note(f"cancel of order {order.orderId} at the broker, which is not ours")
        return self._trades.absorbed("cancelOrder", order, at)

    def _dropped(self, placed: Placed) -> Theirs:
        """End a part that waits, and with it those that were to leave with it."""
        preparing = placed.stage is Stage.PREPARING
        for one in placed.group if preparing else self._group(placed):
            if one is placed or one.order.parentId == placed.number or preparing:
                one.stage = Stage.JUDGED
                self._trades.end(one.trade, "cancelled before it was judged by riskgate")
        return placed.trade

    def cancel_everything(self) -> None:
        """Everything on the account, whoever placed it; ours also one by one, as a kill does."""
        for one in (*self._trades.at(Stage.PARKED), *self._trades.at(Stage.PREPARING)):
            self._dropped(one)
        self._broker.cancel_account()
        self._gate.cancel_all(actor="reqGlobalCancel")
        self._gate.note("reqGlobalCancel: everything on the account was to be cancelled")

    def abandon(self) -> None:
        """The session ends: what was not judged never will be."""
        for one in (*self._trades.at(Stage.PARKED), *self._trades.at(Stage.PREPARING)):
            one.stage = Stage.JUDGED
            self._trades.end(one.trade, f"{UNSENT}: the session has ended")

    # -- questions --------------------------------------------------------------------------------

    def ask(self, contract: Theirs, order: Theirs) -> Theirs:
        """What an order would need, under an id of its own; it never becomes an order.

        Raise PastTheGate for one of which that cannot be told.
        """
        check_whole(contract)
        check_whole(order)
        contract, question = copy.copy(contract), copy.deepcopy(order)  # it may have to wait
        question.whatIf = question.transmit = True
        question.orderId = question.parentId = 0
        desk, ids = self._broker.desk, self._broker.owners.ids
        number = ids.following
        ids.seen(number)
        self.questions.add(number)
        future = self._session.wrapper.startReq(number, contract)
        send = partial(self._broker.client.ask_what_if, number, contract, question)
        desk.outbox.ask(send, desk.now(), rank=LAST)
        self._broker.flush()
        return future

    # -- what the record says ---------------------------------------------------------------------

    def heard(self, news: Theirs) -> None:
        """An event about one of our orders is on record."""
        placed = self._trades.of(news.order.order_id)
        if placed is None or placed.trade is None:
            return
        status, reason = news.order.status, news.order.reason
        if status is Status.NEVER_SENT:
            self._trades.end(placed.trade, f"{UNSENT}: {reason}")
        elif status is Status.DENIED:
            self._trades.end(placed.trade, f"{DENIED}: {reason}")
        elif isinstance(news.payload, NeverSent) and news.payload.modify:
            said = f"{news.payload.code} {news.payload.text}"
            life = self._gate.life(placed.order_id)
            newer = news.payload.code == SUPERSEDED  # is what the trade shows
            if life is not None and life.order is not None and not newer:
                self._trades.stands(placed, life.order, status)
            self._trades.log(placed.trade, f"modify {UNSENT}: {said}")
