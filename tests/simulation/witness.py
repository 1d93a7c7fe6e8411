"""The promises, looked at after every step, from the broker's truth and the record.

Rule 1: what is true is what the simulator has in its books and in its log of requests, and what is
on record; the gate's own book is what is examined.
Rule 2: each promise has a name; a run that breaks one says which.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from riskgate.ledger.book import Book
from riskgate.ledger.market import Market
from riskgate.ledger.world import World
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.trading import Scope, TradingState
from riskgate.simulator.book import Execution, LiveOrder
from riskgate.simulator.gateway import Received
from tests.simulation.groups import Groups, may_be_smaller
from tests.simulation.house import OURS, House, NoCalendars
from tests.simulation.plans import TRACELESS, Plan
from tests.simulation.record import ZERO, Broken, Entry, Record

Stop = tuple[Scope, TradingState]


class Witness:
    """Sees everything that reaches the broker, and compares."""

    def __init__(self, house: House, plan: Plan) -> None:
        self._house = house
        self._plan = plan
        self._strict = not (plan.troubles & TRACELESS)
        self.record = Record(plan.limits, steady="clock" not in plan.troubles)
        self._groups = Groups(self.record, house.gateway.exchange.book)
        self._world = World(plan.limits.policies, Market(), NoCalendars())
        self._folded = 0
        self._heard = 0
        self._last_version: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._stops: dict[Stop, tuple[int, int, bool]] = {}
        self.broken: Broken | None = None
        house.gateway.changed = self._look
        self.placed = 0
        self.overtaken = 0  # orders that left after one with a higher number
        self._highest = 0  # the last id that was sent
        self._latest = 0  # the highest number of ours among the orders that left

    # -- as it happens ----------------------------------------------------------------------------

    def _look(self) -> None:
        """Something happened at the broker: was it allowed to?"""
        log = self._house.gateway.received
        while self._heard < len(log):
            received = log[self._heard]
            self._heard += 1
            if received.client_id == OURS:
                try:
                    self._heard_of(received)
                except Broken as broken:  # the loop must not swallow it
                    self.broken = self.broken or broken

    def _heard_of(self, received: Received) -> None:
        self.record.read(self._house.events)
        if received.name == "placeOrder":
            self._placed(received)
        elif received.name == "reqGlobalCancel":
            raise Broken("others", "everything on the account was cancelled")
        elif received.name == "cancelOrder":
            number = received.message.integer("orderId")
            order = self._house.gateway.exchange.book.find(OURS, number)
            if order is not None and order.terms.order_ref not in self.record.by_ref:
                raise Broken("others", f"the cancel of `{order.terms.order_ref}` was sent")

    def _placed(self, received: Received) -> None:
        self.placed += 1
        ref, number = received.order_ref, received.message.integer("orderId")
        entry = self.record.by_ref.get(ref)
        if entry is None:
            raise Broken("recorded", f"order {number} `{ref}` was sent and is not on record")
        if self._numbers.setdefault(ref, number) != number:
            raise Broken("sent once", f"`{ref}` was sent as {self._numbers[ref]} and as {number}")
        self._groups.arrives(entry, received, self._last_version)
        if entry.ref not in self._last_version:
            self._leaves_above_all(entry, number)
        self._may_leave(entry, self._is_next(received, entry))

    def _leaves_above_all(self, entry: Entry, number: int) -> None:
        """The ids of new orders only grow, and none is used again; TWS takes no others."""
        if number <= self._highest:
            said = f"order {entry.order_id} left as {number}, after {self._highest}"
            raise Broken("ids grow", said)
        self.overtaken += entry.order_id < self._latest
        self._highest, self._latest = number, max(self._latest, entry.order_id)

    def _is_next(self, received: Received, entry: Entry) -> int:
        """The version whose terms these are: on record, and newer than what was sent before."""
        last = self._last_version.get(entry.ref, -1)
        fits = [i for i, (_, one) in enumerate(entry.versions) if _is_of(received, one)]
        if not fits:
            raise Broken("recorded", f"order {entry.order_id} was sent with terms not on record")
        newer = [i for i in fits if i > last]
        if not newer:
            raise Broken("sent once", f"order {entry.order_id} version {fits[-1]} was sent twice")
        if last < 0 < newer[0]:
            raise Broken("sent once", f"a modify of order {entry.order_id} left before the order")
        if entry.never_sent:
            raise Broken("never sent", f"order {entry.order_id} left, and is on record as not sent")
        self._last_version[entry.ref] = newer[0]
        return newer[0]

    def _may_leave(self, entry: Entry, version: int) -> None:
        """No halt that had returned before it was written covers it."""
        written = self._house.loop.network.stamp
        order, reduction = entry.first, entry.reductions[version]
        for (scope, state), (stamp, _, _) in self._stops.items():
            covered = scope.covers(order.account, order.strategy, order.symbol)
            frees = state is TradingState.REDUCE_ONLY and reduction
            if covered and written > stamp and not frees:
                raise Broken("halts", f"order {entry.order_id} {order} left under {state} {scope}")

    def halted(self, scope: Scope, state: TradingState, *, recorded: bool) -> None:
        """A halt has returned: from now on nothing that it covers is written."""
        now = (self._house.loop.network.writes, len(self._house.events), recorded)
        self._stops.setdefault((scope, state), now)

    def flat(self, scope: Scope) -> None:
        """The gate has said that a scope is flat: nothing works there, and nothing is held."""
        works = [one.listing.symbol for one in self._house.gateway.exchange.book.open()]
        there = [one for one in (*works, *self._held()) if scope.symbol in (None, one)]
        if there:
            raise Broken("flat", f"{scope} was said to be flat: {there}")

    def resuming(self, scope: Scope) -> None:
        """Somebody lets a scope go on."""
        for key in [key for key in self._stops if key[0] == scope]:
            del self._stops[key]

    def crashed(self) -> None:
        """A halt that was not on record yet is gone with the process that knew of it."""
        self._stops = {key: stop for key, stop in self._stops.items() if stop[2]}

    # -- after every step -------------------------------------------------------------------------

    def check(self) -> None:
        """Raise Broken if a promise is not kept now."""
        if self.broken is not None:
            raise self.broken
        if self._house.loop.faults:
            raise Broken("no exceptions", self._house.loop.faults[0])
        self.record.read(self._house.events)
        if self._strict:
            self._truth_within_limits()
        if not self._house.running:
            return
        book = self._house.gate.ledger
        self._reservations(book)
        self._fills_are_real(book)
        self._alive_is_working(book)
        if not self._house.gate.behind:
            self._as_folded(book)

    def _orders(self) -> list[LiveOrder]:
        return [one for one in self._house.gateway.exchange.book.open() if one.client_id == OURS]

    def _truth_within_limits(self) -> None:
        """Where nobody else trades, what the broker holds and works is within the limit."""
        limit = self._plan.limits.position
        worst: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for symbol, held in self._held().items():
            worst[symbol, "BUY"] += held
            worst[symbol, "SELL"] -= held
        for key, quantity in self._groups.worst(self._orders()).items():
            worst[key] += quantity
        for (symbol, side), quantity in worst.items():
            if quantity > limit:
                raise Broken("limits", f"{side} {symbol}: {quantity} at the broker, limit {limit}")

    def _held(self) -> dict[str, Decimal]:
        account = next(iter(self._house.gateway.exchange.world.accounts.values()))
        return {one.listing.symbol: one.quantity for one in account.held()}

    def _reservations(self, book: Book) -> None:
        """Never negative, zero for what is over, and their sums are the sums."""
        sums: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for life in book.orders.values():
            if life.reserved < 0 or life.reserved_value < 0:
                raise Broken("reservations", f"order {life.order_id} reserves {life.reserved}")
            if life.reserved and not life.status.working:
                raise Broken("reservations", f"order {life.order_id} is over and reserves")
            if life.filled != sum((fill.quantity for fill in life.fills.values()), ZERO):
                raise Broken("executions", f"order {life.order_id}: {life.filled} is not its fills")
            if life.order is not None and life.reserved:
                named = life.subject
                sums[named.account, named.instrument, str(life.order.side)] += life.reserved
        for subject, instrument, side, left in book.holdings._foreign:
            sums[subject.account, instrument.key, str(side)] += left
        for (account, key, strategy), cell in book.holdings._cells.items():
            due = (sums[account, key, "BUY"], sums[account, key, "SELL"])
            if strategy is None and (cell.buys, cell.sells) != due:
                raise Broken("reservations", f"{key}: {cell.buys}, {cell.sells}; due {due}")

    def _fills_are_real(self, book: Book) -> None:
        """Each fill is an execution that the broker has, with the quantity of that revision."""
        known = {one.exec_id: one for one in self._house.gateway.exchange.book.executions}
        for fill in book.fills.values():
            one = known.get(fill.execution_id)
            if one is None or one.shares != fill.quantity:
                raise Broken("executions", f"{fill.execution_id}: {fill.quantity} is not real")

    def _alive_is_working(self, book: Book) -> None:
        """What can still fill at the broker is reserved here."""
        if "corrections" in self._plan.troubles:
            return
        known = self._house.gateway.exchange.book.orders.values()
        taken = Counter(one.terms.order_ref for one in known)
        told = [
            order
            for order in self._orders()
            if order.terms.order_ref in book.by_ref
            and not order.quirks.muted
            and taken[order.terms.order_ref] == 1
        ]  # untold, or taken for a new one after its end: the reconcile's business
        for alike, left, reserved in self._groups.due(book, told):
            if reserved < left:
                numbers = [book.by_ref[one.terms.order_ref] for one in alike]
                said = f"{reserved} reserved of {left}"
                raise Broken("reservations", f"orders {numbers} live at the broker: {said}")

    def _as_folded(self, book: Book) -> None:
        """The record, folded by another book, is the book."""
        events = self._house.events
        for recorded in events[self._folded :]:
            self._world.book.apply(recorded.payload, recorded.at)
        self._folded = len(events)
        ours, theirs = signature(book), signature(self._world.book)
        if ours != theirs:
            raise Broken("folded", _difference(ours, theirs))

    def folded_from_scratch(self) -> None:
        """The same, from the first event on."""
        self._world = World(self._plan.limits.policies, Market(), NoCalendars())
        self._folded = 0
        if self._house.running and not self._house.gate.behind:
            self._as_folded(self._house.gate.ledger)

    # -- when all is quiet ------------------------------------------------------------------------

    def quiet(self) -> None:
        """Nothing happens any more and a clean reconcile was heard: the book is the truth."""
        self.check()
        self.folded_from_scratch()
        gate, book = self._house.gate, self._house.gate.ledger
        if not gate.reconciled:
            raise Broken("heals", f"not reconciled: {gate.distrusted_because}")
        if gate.behind:
            raise Broken("heals", "something is not recorded yet")
        self._executions_counted(book)
        ours = {key.split()[0]: held for (_, key), held in book.holdings.positions().items()}
        if ours != self._held():
            raise Broken("positions", f"book {ours}, broker {self._held()}")
        self._all_is_counted(book)
        alive = {book.by_ref.get(one.terms.order_ref) for one in self._orders()}
        for life in book.working():
            if life.status is Status.UNKNOWN:
                raise Broken("unknown", f"order {life.order_id} is still UNKNOWN")
            if life.order_id not in alive:
                said = f"order {life.order_id} is {life.status.value} and the broker has it not"
                raise Broken("released", said)

    def _all_is_counted(self, book: Book) -> None:
        """Whatever works at the broker, ours or not, is in the worst case."""
        works: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        grouped = [one for one in self._orders() if self._is_of_a_group(book, one)]
        for order in self._house.gateway.exchange.book.open():
            if order not in grouped and not self._lies_about(book, order):
                left = max(ZERO, order.remaining, self._taken_back(book, order))
                works[order.listing.symbol, order.terms.action] += left
        for alike, left, has in self._groups.due(book, grouped):
            lives = [book.orders[book.by_ref[one.terms.order_ref]] for one in alike]
            most = max(left, *(self._taken_back(book, one) for one in alike))
            more = has if any(map(may_be_smaller, lives)) else ZERO
            works[alike[0].listing.symbol, alike[0].terms.action] += max(most, more)
        for (_, key, strategy), cell in book.holdings._cells.items():
            symbol = cell.instrument.symbol
            for side, counted in (("BUY", cell.buys), ("SELL", cell.sells)):
                left = works.pop((symbol, side), ZERO) if strategy is None else counted
                if counted != left:
                    raise Broken("reservations", f"{side} {key}: {counted} counted, {left} works")
        if any(works.values()):
            raise Broken("reservations", f"{works} works at the broker and is not counted")

    def _lies_about(self, book: Book, order: LiveOrder) -> bool:
        """Whether it is what TWS keeps of an order that is over, and never transmitted.

        A stranger's is counted all the same: we do not know what becomes of it.
        """
        life = book.orders.get(book.by_ref.get(order.terms.order_ref, 0))
        is_foreign = order.perm_id in {one.perm_id for one in book.foreign}
        return order.is_held and life is not None and life.status.finished and not is_foreign

    def _is_of_a_group(self, book: Book, order: LiveOrder) -> bool:
        """Whether an order shares its room; a twin of one counts for itself."""
        life = book.orders.get(book.by_ref.get(order.terms.order_ref, 0))
        is_it = life is not None and life.perm_id in (0, order.perm_id)
        return is_it and bool(self._groups.name(order))

    def _taken_back(self, book: Book, order: LiveOrder) -> Decimal:
        """What is reserved for an order that has older terms again: a delayed modify overtook."""
        life = book.orders.get(book.by_ref.get(order.terms.order_ref, 0))
        if life is None or order.client_id != OURS or len(life.versions) != 1:
            return ZERO
        if life.perm_id not in (0, order.perm_id):  # a twin of it, which is a stranger's
            return ZERO
        [only] = life.versions
        is_so = only.number and only.order.quantity > order.terms.quantity
        return life.reserved if is_so else ZERO

    def _executions_counted(self, book: Book) -> None:
        latest = {one.exec_id.rpartition(".")[0]: one for one in self._all_executions()}
        for stem, one in latest.items():
            fill = book.fills.get(stem)
            if fill is None or (fill.execution_id, fill.quantity) != (one.exec_id, one.shares):
                raise Broken("executions", f"{one.exec_id} is not counted once, as it is now")

    def _all_executions(self) -> list[Execution]:
        return list(self._house.gateway.exchange.book.executions)


def _is_of(received: Received, order: Order) -> bool:
    """Whether a request has these terms."""
    fields = received.message.fields
    return (
        fields["action"] == order.side
        and Decimal(str(fields["totalQuantity"])) == order.quantity
        and _same(fields.get("lmtPrice"), order.limit_price)
        and _same(fields.get("auxPrice"), order.stop_price)
    )


def _same(sent: object, stated: Decimal | None) -> bool:
    if stated is None:
        return sent in (None, "", 0, Decimal(0))
    return sent is not None and Decimal(str(sent)) == stated


def signature(book: Book) -> list[object]:
    """All of a book that matters."""
    return [
        *(
            (n, o.status, o.filled, o.reserved, o.reserved_value, o.acknowledged, len(o.versions))
            for n, o in sorted(book.orders.items())
        ),
        sorted(book.holdings.positions().items()),
        sorted((k, f.execution_id, f.quantity, f.commission) for k, f in book.fills.items()),
        sorted((str(key), one.state) for key, one in book.facts.standings.items()),
        book.last_order_id,
    ]


def _difference(ours: list[object], theirs: list[object]) -> str:
    pairs = zip(ours, theirs, strict=False)
    return next((f"{one} is folded as {other}" for one, other in pairs if one != other), "length")
