"""Where orders are worked: they wait, are elected, trade, and end, one step at a time.

Rule 1: nothing happens inside a request but the acceptance; the rest is done step by step.
Rule 2: the order of reports is the real one: openOrder and status, execution, openOrder and
status again, commission.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import partial

import msgspec

from riskgate.simulator import algos
from riskgate.simulator.attendance import NOT_YET, Attendance
from riskgate.simulator.book import (
    CANCELLED,
    CONDITIONAL,
    INACTIVE,
    PRE_SUBMITTED,
    SUBMITTED,
    Book,
    LiveOrder,
)
from riskgate.simulator.conditions import are_met
from riskgate.simulator.faults import EVENTS, EXECUTION, Bill, Correct, OnExecution, Repeat, Stale
from riskgate.simulator.feed import Feed
from riskgate.simulator.groups import (
    CANCEL,
    REDUCE,
    children_of,
    hedged,
    is_waiting,
    orphaned,
    parent_of,
    reduced,
    rivals_of,
    untransmitted_kin,
    with_quantity,
)
from riskgate.simulator.matching import IMMEDIATE, Match, at_auction, market_of, match
from riskgate.simulator.prices import Quote
from riskgate.simulator.settlement import Settlement
from riskgate.simulator.styles import fixed_at_election, style_of
from riskgate.simulator.triggers import adjusted, foretell, is_elected
from riskgate.simulator.world import World

CANCEL_TEXT = "Order Canceled - reason:"
DAY_IS_OVER = f"{CANCEL_TEXT}The trading day is over"
CONDITIONS_MET = f"{CANCEL_TEXT}Conditions of the order are met"
TO_LIMIT = frozenset({"MTL", "BOX TOP"})
SMALLEST_PART = Decimal("0.0001")
LEFT_LYING = timedelta(milliseconds=50)  # children that transmit their parent come sooner


class Floor:
    """Works the orders of a book against the price model."""

    def __init__(self, world: World, book: Book, feed: Feed) -> None:
        self.world = world
        self.book = book
        self.settlement = Settlement(world, book, feed)
        self.attendance = Attendance(world, self.attend)
        self._feed = feed
        self._steps: deque[Callable[[], None]] = deque()

    # -- steps ------------------------------------------------------------------------------------

    def step(self) -> bool:
        """Do the next thing that is due; False when there is nothing."""
        if not self._steps:
            return False
        self._steps.popleft()()
        return True

    @property
    def has_steps(self) -> bool:
        """True while something is due."""
        return bool(self._steps)

    def next(self, todo: Callable[[], None]) -> None:
        """Do this after all that is due already."""
        self._steps.append(todo)

    def queue(self, order: LiveOrder) -> None:
        """Look at an order as soon as it is its turn."""
        if order.is_held:
            return
        for held in untransmitted_kin(self.book, order):
            self.transmit(held)
        if not order.is_queued:
            order.is_queued = True
            self._steps.append(partial(self._work, order))

    def look_at(self, con_id: int) -> None:
        """A market has moved; look at the orders it concerns."""
        for order in self.book.on(con_id):
            self.queue(order)
        for order in self.book.on(CONDITIONAL):
            if not order.is_met:
                self.queue(order)

    # -- working ----------------------------------------------------------------------------------

    def follow(self, order: LiveOrder) -> None:
        """A new order, or one whose terms were changed: when it may trade, and how much."""
        foretell(order, market_of(order, self.world.prices))
        self.attendance.follow(order)
        if order.asked.text("algoStrategy") and order.released is None:
            order.released = Decimal(0)
            self.next(partial(self._release, order))

    def hold(self, order: LiveOrder) -> None:
        """An order that is not transmitted shows as Inactive, if it stays so for a moment."""
        order.status = INACTIVE
        foretell(order, market_of(order, self.world.prices))
        self.world.agenda.at(self.world.clock.now() + LEFT_LYING, partial(self._tell_held, order))

    def _tell_held(self, order: LiveOrder) -> None:
        if order.is_held and order.status == INACTIVE:
            self._feed.order(order)

    def transmit(self, order: LiveOrder) -> None:
        """An order that was held back goes to the exchange."""
        order.is_held, order.status = False, PRE_SUBMITTED
        self.follow(order)
        self._feed.order(order)
        self.queue(order)

    def attend(self, order: LiveOrder) -> None:
        """A moment the order waits for has come."""
        if self.attendance.is_over(order):
            self.end(order, DAY_IS_OVER)
        else:
            self.queue(order)

    def _work(self, order: LiveOrder) -> None:
        order.is_queued = False
        if order.status not in {PRE_SUBMITTED, SUBMITTED} or order.is_blocked:
            return
        if is_waiting(self.book, order):
            return
        if self.attendance.is_over(order):
            self.end(order, DAY_IS_OVER)
        elif self.attendance.is_called(order):
            self.auction(order)
        elif self._is_free(order):
            self._go_on(order)

    def _is_free(self, order: LiveOrder) -> bool:
        """True when neither hours nor conditions hold the order back."""
        is_open = self.attendance.is_open(order)
        if not order.is_met and (is_open or order.asked.flag("conditionsIgnoreRth")):
            order.is_met = are_met(order, self.book, self.world)
        cancels = order.asked.flag("conditionsCancelOrder")
        if cancels and order.is_met and order.asked.rows("conditions"):
            self.end(order, CONDITIONS_MET)
            return False
        if not is_open:
            self._wait(order)
            return False
        return order.is_met or cancels

    def _wait(self, order: LiveOrder) -> None:
        """The order came outside its session, or for later."""
        if order.terms.tif in IMMEDIATE:
            self.end(order, CANCEL_TEXT)
        elif order.status == PRE_SUBMITTED and not order.is_warned:
            if self.attendance.is_early(order):
                order.is_warned = True
                self.say(order, NOT_YET, self.attendance.warning(order))
            self._tell_late(order)

    def _go_on(self, order: LiveOrder) -> None:
        if order.status == PRE_SUBMITTED:
            self._activate(order)
            return
        if order.released is not None and algos.follows_volume(order):
            self._follow_volume(order)
        found = match(order, self.world.prices, self.world.options)
        if found is not None:
            self._fill(order, found)
            self.queue(order)
        elif order.terms.tif in IMMEDIATE:
            self.end(order, CANCEL_TEXT)
        else:
            self._tell_late(order)

    def _tell_late(self, order: LiveOrder) -> None:
        """What is told only now, because it was not filled at once."""
        if order.is_untold:
            order.is_untold = False
            self._feed.order(order)

    def _activate(self, order: LiveOrder) -> None:
        quote = market_of(order, self.world.prices)
        self._adjust(order)
        if not is_elected(order, quote):
            if order.terms.tif in IMMEDIATE:
                self.end(order, CANCEL_TEXT)
            self._tell_late(order)
            return
        if not self._spend(order, quote):
            self._tell_late(order)
            return
        if (
            style_of(order).trigger
            or style_of(order).protected
            or order.terms.order_type in TO_LIMIT
        ):
            order.fixed = fixed_at_election(order, quote)
        order.is_elected = True
        order.status = SUBMITTED
        order.printed = self.world.prices.prints(order.listing.con_id)
        if not order.is_untold:
            self._feed.order(order)
        self.queue(order)

    def _adjust(self, order: LiveOrder) -> None:
        """An adjustable stop becomes what it was to become."""
        terms = adjusted(order, market_of(order, self.world.prices))
        if terms is not None:
            order.terms, order.is_adjusted = terms, True
            self._feed.order(order)

    def _spend(self, order: LiveOrder, quote: Quote) -> bool:
        """An amount of cash becomes a quantity at the price it trades at; False without one."""
        cash = order.asked.number("cashQty")
        if not cash or order.terms.quantity:
            return True
        price = order.terms.limit or quote.touch(order.terms.action) or quote.mark
        if not price:
            return False
        whole = not self.world.options.fractional or order.listing.sec_type != "STK"
        step = order.listing.size_step if whole else SMALLEST_PART
        shares = (cash / price / step).to_integral_value(ROUND_FLOOR) * step
        with_quantity(order, shares)
        if not shares:
            self.end(order, f"{CANCEL_TEXT}The cash quantity buys nothing")
        return bool(shares)

    # -- auctions ---------------------------------------------------------------------------------

    def auction(self, order: LiveOrder) -> None:
        """The one auction an order is for: it trades now or it is over."""
        if order.is_done or order.is_held or is_waiting(self.book, order):
            return
        order.status = SUBMITTED
        self._tell_late(order)
        found = at_auction(order, self.world.prices)
        if found is not None:
            self._fill(order, found)
        else:
            self.end(order, CANCEL_TEXT)

    # -- algos ------------------------------------------------------------------------------------

    def _release(self, order: LiveOrder) -> None:
        """Plan what an algo lets go when."""
        now = self.world.clock.now()
        closes = self.attendance.closes(order)
        window = algos.window_of(order, self.world.options.time_zone, now, closes)
        name = order.asked.text("algoStrategy")
        if closes is not None and window.starts >= closes:
            self.end(order, f"{CANCEL_TEXT}{name}: start time is after close time")
            return
        if window.ends is not None and not algos.may_go_on(order):
            self._later(window.ends, partial(self.end, order, f"{CANCEL_TEXT}{name}: end time"))
        order.volume_then = self.world.prices.volume(order.listing.con_id)
        for one in algos.slices(order, window, now):
            self._later(one.at, partial(self._let_go, order, one.total))

    def _later(self, at: datetime, todo: Callable[[], None]) -> None:
        if at <= self.world.clock.now():
            todo()
        else:
            self.world.agenda.at(at, todo)

    def _let_go(self, order: LiveOrder, total: Decimal) -> None:
        if not order.is_done:
            order.released = max(order.released or Decimal(0), total)
            self.queue(order)

    def _follow_volume(self, order: LiveOrder) -> None:
        seen = self.world.prices.volume(order.listing.con_id) - order.volume_then
        order.released = max(order.released or Decimal(0), algos.by_volume(order, seen))

    # -- fills ------------------------------------------------------------------------------------

    def _fill(self, order: LiveOrder, found: Match) -> None:
        action, remained = self._misreport(), order.remaining
        before = copy(order) if isinstance(action, Stale) else order
        if order.terms.order_type in TO_LIMIT and order.fixed is None:
            order.fixed = found.price
            order.terms = msgspec.structs.replace(order.terms, limit=found.price)
        rivals = rivals_of(self.book, order)
        for rival in rivals:
            self._block(rival, found.quantity, remained)
        execution = self.settlement.fill(order, found, action)
        if isinstance(action, Correct):
            self.next(partial(self.settlement.correct, order, execution, action))
        if isinstance(action, Stale):
            self.next(partial(self._feed.status, before))
        if order.is_done:
            self._finish(order)
        for conditional in self.book.on(CONDITIONAL):
            self.queue(conditional)

    def _finish(self, order: LiveOrder) -> None:
        """An order is filled: its children live."""
        children = children_of(self.book, order)
        self.leave(order)
        for child in children:
            if child.asked.text("hedgeType") and not child.terms.quantity:
                with_quantity(child, hedged(child, order))
            orphaned(self.book, child)
            self.queue(child)

    def leave(self, order: LiveOrder) -> None:
        """Nothing more is done about an order."""
        self.attendance.forget(order)
        self.book.finish(order)

    def _block(self, rival: LiveOrder, shares: Decimal, before: Decimal) -> None:
        kind = rival.terms.oca_type
        if kind == CANCEL:
            rival.is_blocked = True
            self.next(partial(self.end, rival, CANCEL_TEXT))
        elif kind == REDUCE:
            self.next(partial(self._reduce, rival, shares, before))
        else:
            self._reduce(rival, shares, before)

    def _reduce(self, rival: LiveOrder, shares: Decimal, before: Decimal) -> None:
        if rival.is_done:
            return
        left = reduced(rival, shares, before)
        if not left:
            self.end(rival, CANCEL_TEXT)
            return
        with_quantity(rival, rival.filled + left)
        self._feed.order(rival)

    def _misreport(self) -> OnExecution | None:
        action = self.world.faults.met(EXECUTION)
        if isinstance(action, EVENTS):
            self.next(partial(self._feed.happens, action))
        return action if isinstance(action, Repeat | Bill | Stale | Correct) else None

    def fill_late(self, order: LiveOrder, quantity: Decimal) -> None:
        """Fill an order that was reported as cancelled."""
        market = self.world.prices.of(order.listing.con_id)
        price = order.terms.limit or market.touch(order.terms.action) or market.mark
        amount = min(quantity, order.remaining)
        if price is not None and amount > 0:
            self.settlement.fill(order, Match(amount, price))

    # -- ends -------------------------------------------------------------------------------------

    def end(self, order: LiveOrder, text: str) -> None:
        """Cancel what is left of an order, its children with it."""
        if order.is_done:
            return
        order.status, order.why_held, order.reason = CANCELLED, "", text
        order.completed_at = self.world.clock.now()
        if self.world.options.reports.code_first:
            self.say(order, 202, text)
            self._feed.status(order)
        else:
            self._feed.status(order)
            self.say(order, 202, text)
        for child in children_of(self.book, order):
            self.next(partial(self.end, child, CANCEL_TEXT))
        parent = parent_of(self.book, order)
        if parent is not None and order.asked.flag("autoCancelParent"):
            self.next(partial(self.end, parent, CANCEL_TEXT))
        self.leave(order)

    def say(self, order: LiveOrder, code: int, text: str) -> None:
        """A code about an order, if anything is said of it."""
        if not (order.is_by_hand or order.quirks.muted):
            self._feed.error(order.owner, code, text)
