"""The broker itself: takes orders, works them against the price model, reports what happens.

Rule 1: nothing happens inside a request but the acceptance; the rest is done step by step.
Rule 2: it knows no socket, thread or loop; whoever owns it calls `step` until it is False.
Rule 3: the order of reports is the real one: openOrder and status, execution, openOrder and
status again, commission.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from copy import copy
from decimal import Decimal
from functools import partial

import msgspec

from riskgate.simulator.attendance import NOT_YET, Attendance
from riskgate.simulator.book import (
    CANCELLED,
    FILLED,
    INACTIVE,
    PENDING_CANCEL,
    PRE_SUBMITTED,
    SUBMITTED,
    Book,
    LiveOrder,
    Quirks,
    Terms,
    in_words,
    terms_of,
)
from riskgate.simulator.checks import (
    DUPLICATE_ID,
    NO_DEFINITION,
    REJECTED,
    Asked,
    Refusal,
    change_refusal,
    refusal,
    rejected,
)
from riskgate.simulator.contracts import Listing
from riskgate.simulator.faults import EXECUTION, Bill, Correct, OnExecution, Repeat, Stale
from riskgate.simulator.feed import Feed
from riskgate.simulator.groups import children_of, is_waiting, rivals_of, untransmitted_kin
from riskgate.simulator.matching import IMMEDIATE, STOP_TYPES, Match, is_triggered, match
from riskgate.simulator.prices import Quote
from riskgate.simulator.settlement import Settlement
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.world import World

log = logging.getLogger(__name__)
CANCEL_TEXT = "Order Canceled - reason:"
DAY_IS_OVER = f"{CANCEL_TEXT}The trading day is over"


class Exchange:
    """Orders in, reports out."""

    def __init__(self, world: World, feed: Feed) -> None:
        self.world = world
        self.book = Book()
        self._feed = feed
        self._settlement = Settlement(world, self.book, feed)
        self._attendance = Attendance(world, self._attend)
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

    def set_quote(self, con_id: int, new: Quote) -> None:
        """A new market; the orders it concerns are looked at again."""
        self.world.prices.set(con_id, new)
        self._feed.priced(con_id)
        for order in self.book.open():
            if order.listing.con_id == con_id:
                self._queue(order)

    # -- requests ---------------------------------------------------------------------------------

    def listing_for(self, request: Message) -> Listing | Refusal:
        """The one listing a request describes, or why there is none."""
        found = self.world.catalogue.find(request)
        if len(found) == 1:
            return found[0]
        if not found:
            return NO_DEFINITION
        text = f"The contract description specified for {request.text('symbol')} is ambiguous."
        return Refusal(NO_DEFINITION.code, text)

    def check(self, request: Message) -> tuple[Terms, Listing] | Refusal:
        """The terms and listing of an acceptable order, or why it is none."""
        listing = self.listing_for(request)
        if isinstance(listing, Refusal):
            return listing
        options = self.world.options
        only = options.accounts[0] if len(options.accounts) == 1 else ""
        terms = terms_of(request, only)
        found = refusal(Asked(terms, listing, request.fields, options.accounts, options.read_only))
        return (terms, listing) if found is None else found

    def place(self, client_id: int, request: Message, quirks: Quirks) -> None:
        """A new order, or the change of a living one."""
        owner = (client_id, request.integer("orderId"))
        known = self.book.find(*owner)
        if known is not None and not self._is_forgotten(known):
            self._modify(known, request)
        elif owner[1] <= self.book.highest(client_id):
            self._feed.error(owner, DUPLICATE_ID.code, DUPLICATE_ID.text)
        else:
            self._new_order(client_id, request, quirks)

    def _is_forgotten(self, order: LiveOrder) -> bool:
        """True when its number was rolled back and nothing is left that could be changed."""
        return order.is_done and order.order_id > self.book.highest(order.client_id)

    def warn(self, owner: tuple[int, int], code: int, text: str) -> None:
        """Say a code about an order once it is worked on."""
        self._steps.append(partial(self._feed.error, owner, code, text))

    def place_by_hand(self, request: Message) -> None:
        """An order that no client placed. Raises ValueError when it is refused."""
        asked = self.check(request)
        if isinstance(asked, Refusal):
            raise ValueError(f"order by hand: {asked.text}")  # noqa: TRY004  # not about a type
        self._accept(self._admit(0, request, asked[1]))

    def reject(self, client_id: int, request: Message, refused: Refusal) -> None:
        """Refuse an order whatever it is; 201 shows it as Inactive afterwards."""
        owner = (client_id, request.integer("orderId"))
        log.info("client %s: order %s: refused: %s %s", *owner, refused.code, refused.text)
        listing = self.listing_for(request)
        known = self.book.find(*owner) is not None
        if known or isinstance(listing, Refusal) or refused.code != REJECTED:
            self._feed.error(owner, refused.code, refused.text)
        else:
            self._refuse(self._admit(client_id, request, listing), refused)

    def cancel(self, owner: tuple[int, int], late: Decimal | None = None) -> None:
        """Cancel an order; `late` is filled after the cancellation was reported."""
        order = self.book.find(*owner)
        if order is None:
            text = f"OrderId {owner[1]} that needs to be cancelled is not found."
            self._feed.error(owner, 10147, text)
        elif order.is_done or order.status == PENDING_CANCEL:
            text = f"OrderId {owner[1]} that needs to be cancelled cannot be cancelled"
            self._feed.error(owner, 10148, f"{text}, state: {order.status}.")
        else:
            self._cancel(order, late)

    def cancel_silently(self, owner: tuple[int, int]) -> None:
        """Cancel an order and say nothing of it any more."""
        order = self.book.find(*owner)
        if order is not None and not order.is_done:
            order.quirks = msgspec.structs.replace(order.quirks, muted=True)
            self._cancel(order)

    def cancel_all(self) -> None:
        """Cancel every order of every client."""
        for order in self.book.open():
            if order.status != PENDING_CANCEL:
                self._cancel(order)

    def close_day(self) -> None:
        """The end of the trading day: DAY orders are cancelled."""
        for order in self.book.open():
            if order.terms.tif == "DAY":
                self._end(order, DAY_IS_OVER)

    def _cancel(self, order: LiveOrder, late: Decimal | None = None) -> None:
        order.status = PENDING_CANCEL
        self._feed.status(order)
        self._steps.append(partial(self._finish_cancel, order, late))

    # -- acceptance -------------------------------------------------------------------------------

    def _new_order(self, client_id: int, request: Message, quirks: Quirks) -> None:
        asked = self.check(request)
        if isinstance(asked, Refusal):
            self.reject(client_id, request, asked)
            return
        order = self._admit(client_id, request, asked[1])
        order.quirks = quirks
        if self._lacks_margin(order):
            log.info("client %s: order %s: refused: insufficient margin", *order.owner)
            self._refuse(order, rejected("insufficient margin"))
            return
        self._accept(order)

    def _accept(self, order: LiveOrder) -> None:
        log.info("client %s: order %s: %s", *order.owner, in_words(order))
        self._attendance.follow(order)
        self._feed.order(order)
        self._queue(order)

    def _admit(self, client_id: int, request: Message, listing: Listing) -> LiveOrder:
        terms = terms_of(request, self.world.options.accounts[0])
        order = LiveOrder(
            perm_id=self.book.next_perm_id(),
            order_id=request.integer("orderId"),
            client_id=client_id,
            listing=listing,
            terms=terms,
            record=dict(request.fields),
            is_held=not terms.transmit,
        )
        self.book.add(order)
        return order

    def _refuse(self, order: LiveOrder, refused: Refusal) -> None:
        self._feed.error(order.owner, refused.code, refused.text)
        order.reason = refused.text
        order.completed_at = self.world.clock.now()
        order.status = INACTIVE
        self._feed.order(order)

    def _lacks_margin(self, order: LiveOrder) -> bool:
        world = self.world
        mark = order.terms.limit or world.prices.of(order.listing.con_id).mark
        if not world.options.check_margin or mark is None:
            return False
        needed = mark * order.terms.quantity * order.listing.factor * world.options.margin_rate
        funds = world.accounts[order.terms.account].values(world.prices)["AvailableFunds"]
        return needed > funds

    def _modify(self, order: LiveOrder, request: Message) -> None:
        refused = change_refusal(order, self.check(request))
        if refused is not None:
            self._feed.error(order.owner, refused.code, refused.text)
            return
        order.terms = terms_of(request, order.terms.account)
        order.record = dict(request.fields)
        order.is_held = order.is_held and not order.terms.transmit
        self._attendance.follow(order)
        self._feed.order(order)
        self._queue(order)

    # -- working ----------------------------------------------------------------------------------

    def _queue(self, order: LiveOrder) -> None:
        if order.is_held:
            return
        for held in untransmitted_kin(self.book, order):
            held.is_held = False
            self._queue(held)
        if not order.is_queued:
            order.is_queued = True
            self._steps.append(partial(self._work, order))

    def _attend(self, order: LiveOrder) -> None:
        """The order's session has opened or closed."""
        if self._attendance.is_over(order):
            self._end(order, DAY_IS_OVER)
        else:
            self._queue(order)

    def _wait(self, order: LiveOrder) -> None:
        """The order came outside its session."""
        if order.terms.tif in IMMEDIATE:
            self._end(order, CANCEL_TEXT)
        elif order.status == PRE_SUBMITTED and not order.is_warned:
            order.is_warned = True
            self._say(order, NOT_YET, self._attendance.warning(order))

    def _work(self, order: LiveOrder) -> None:
        order.is_queued = False
        if order.status not in {PRE_SUBMITTED, SUBMITTED} or is_waiting(self.book, order):
            return
        if self._attendance.is_over(order):
            self._end(order, DAY_IS_OVER)
            return
        if not self._attendance.is_open(order):
            self._wait(order)
            return
        market = self.world.prices.of(order.listing.con_id)
        if order.status == PRE_SUBMITTED:
            self._activate(order, market)
            return
        left = self.world.prices.left(order.listing.con_id, order.terms.action)
        found = match(order, market, left, self.world.options.fills)
        if found is not None:
            self._fill(order, found)
            self._queue(order)
        elif order.terms.tif in IMMEDIATE:
            self._end(order, CANCEL_TEXT)

    def _activate(self, order: LiveOrder, market: Quote) -> None:
        if order.terms.order_type in STOP_TYPES and not is_triggered(order.terms, market):
            if order.terms.tif in IMMEDIATE:
                self._end(order, CANCEL_TEXT)
            return
        order.status = SUBMITTED
        self._feed.order(order)
        self._queue(order)

    def _fill(self, order: LiveOrder, found: Match) -> None:
        action, before = self._misreport(), copy(order)
        execution = self._settlement.fill(order, found, action)
        if isinstance(action, Correct):
            self._steps.append(partial(self._settlement.correct, order, execution, action))
        if isinstance(action, Stale):
            self._steps.append(partial(self._feed.status, before))
        for rival in rivals_of(self.book, order):
            self._steps.append(partial(self._end, rival, CANCEL_TEXT))
        if order.status == FILLED:
            for child in children_of(self.book, order):
                self._queue(child)

    def _misreport(self) -> OnExecution | None:
        action = self.world.faults.met(EXECUTION)
        return action if isinstance(action, Repeat | Bill | Stale | Correct) else None

    def _end(self, order: LiveOrder, text: str) -> None:
        if order.is_done:
            return
        order.status = CANCELLED
        order.reason = text
        order.completed_at = self.world.clock.now()
        self._feed.status(order)
        self._say(order, 202, text)
        for child in children_of(self.book, order):
            self._steps.append(partial(self._end, child, CANCEL_TEXT))

    def _say(self, order: LiveOrder, code: int, text: str) -> None:
        if not (order.is_by_hand or order.quirks.muted):
            self._feed.error(order.owner, code, text)

    def _finish_cancel(self, order: LiveOrder, late: Decimal | None) -> None:
        if order.is_done:
            return
        self._end(order, CANCEL_TEXT)
        if late is not None:
            self._steps.append(partial(self._fill_late, order, late))

    def _fill_late(self, order: LiveOrder, quantity: Decimal) -> None:
        market = self.world.prices.of(order.listing.con_id)
        price = order.terms.limit or market.touch(order.terms.action) or market.mark
        amount = min(quantity, order.remaining)
        if price is not None and amount > 0:
            self._settlement.fill(order, Match(amount, price))
