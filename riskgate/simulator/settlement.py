"""Books a fill: the order's totals, the account, the commission, and the reports about it.

A correction is another execution with the next revision. In the account it takes the place of the
old one, so cost and profits are what they were had there never been another.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from riskgate.simulator.accounts import Trade
from riskgate.simulator.book import DONE, FILLED, Book, Execution, LiveOrder
from riskgate.simulator.contracts import COMBO
from riskgate.simulator.division import divided, is_divided
from riskgate.simulator.faults import Bill, Correct, OnExecution, Repeat
from riskgate.simulator.feed import Feed
from riskgate.simulator.matching import Match
from riskgate.simulator.options import Commission
from riskgate.simulator.world import World

FREE = Commission(Decimal(0))
HONEST_BILL = Bill()


class Settlement:
    """Turns matches into executions."""

    def __init__(self, world: World, book: Book, feed: Feed) -> None:
        self._world = world
        self._book = book
        self._feed = feed
        # An execution id is never given twice, also not by the simulator of the next day.
        self._prefix = f"{int(world.clock.now().timestamp()):08x}"

    def fill(self, order: LiveOrder, found: Match, action: OnExecution | None = None) -> Execution:
        """Book a fill and report it, or misreport it."""
        self._world.prices.use(order.listing.con_id, order.terms.action, found.quantity)
        order.filled += found.quantity
        order.paid += found.quantity * found.price
        order.last_price = found.price
        order.fills += 1
        if isinstance(action, Correct) and not is_divided(order):
            self._world.accounts[order.terms.account].expect_revision(order.listing)
        execution = self._execution(order, found)
        self._book.record(execution)
        self._world.prices.add_volume(order.listing.con_id, found.quantity)
        if order.remaining <= 0 and order.status not in DONE:
            order.status = FILLED
            order.completed_at = execution.at
        self._report(order, execution, action)
        for part in divided(order, execution, self._world) if is_divided(order) else ():
            self._book.record(part)
            self._feed.execution(part)
            self._feed.commission(part)
            self._feed.traded(part.account, part.listing.con_id)
        return execution

    def correct(self, order: LiveOrder, old: Execution, to: Correct) -> None:
        """Replace an execution by its next revision and report that."""
        shares = old.shares if to.quantity is None else to.quantity
        price = old.price if to.price is None else to.price
        stem, _, revision = old.exec_id.rpartition(".")
        total = old.cumulative - old.shares + shares
        paid = old.average * old.cumulative - old.shares * old.price + shares * price
        new = msgspec.structs.replace(
            old,
            exec_id=f"{stem}.{int(revision) + 1:02d}",
            shares=shares,
            price=price,
            cumulative=total,
            average=round(paid / total, 8) if total else Decimal(0),
            commission=old.commission if shares else Decimal(0),
        )
        if not is_divided(order):
            signed = shares if old.action == "BUY" else -shares
            trade = Trade(old.listing, signed, price, new.commission)
            realized = self._world.accounts[old.account].revise(old.exec_id, trade)
            new = msgspec.structs.replace(new, realized=realized)
        order.paid += shares * price - old.shares * old.price
        order.filled += shares - old.shares
        self._book.record(new)
        self._report(order, new)

    def _execution(self, order: LiveOrder, found: Match) -> Execution:
        terms, listing = order.terms, order.listing
        commission = self._commission(order)
        trade = Trade(listing, terms.sign * found.quantity, found.price, commission)
        account = self._world.accounts[terms.account]
        exec_id = f"{self._prefix}.{self._book.executed + 1:08x}.01.01"
        return Execution(
            exec_id=exec_id,
            at=self._world.clock.now(),
            perm_id=order.perm_id,
            order_id=order.order_id,
            client_id=order.client_id,
            account=terms.account,
            listing=listing,
            exchange=listing.primary_exchange or listing.exchange,
            action=terms.action,
            shares=found.quantity,
            price=found.price,
            cumulative=order.filled,
            average=order.average,
            order_ref=terms.order_ref,
            commission=commission,
            realized=None if is_divided(order) else account.apply(trade, exec_id),
        )

    def _commission(self, order: LiveOrder) -> Decimal:
        """What the last fill costs; a combo itself costs nothing, its legs do."""
        if order.listing.sec_type == COMBO:
            return Decimal(0)
        model = self._world.options.commissions.get(order.listing.sec_type, FREE)
        commission = model.total(order.filled) - order.commission
        order.commission += commission
        return commission

    def _report(
        self, order: LiveOrder, execution: Execution, action: OnExecution | None = None
    ) -> None:
        bill = action if isinstance(action, Bill) else HONEST_BILL
        times = action.times if isinstance(action, Repeat) else 1
        if bill.when == "before":
            self._feed.commission(execution, unset=bill.unset)
        for _ in range(times):
            self._feed.execution(execution)
        self._feed.order(order)
        if bill.when == "never":
            self._book.unbilled.add(execution.exec_id)
        if bill.when == "after":
            for _ in range(times):
                self._feed.commission(execution, unset=bill.unset)
        self._feed.traded(execution.account, execution.listing.con_id)
