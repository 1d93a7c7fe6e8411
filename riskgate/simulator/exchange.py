"""The broker itself: takes orders, has them worked, and knows the book.

Rule 1: nothing happens inside a request but the acceptance; the floor does the rest.
Rule 2: it knows no socket, thread or loop; whoever owns it calls `step` until it is False.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from riskgate.simulator.attendance import ends_with_the_day
from riskgate.simulator.book import (
    CANCELLED,
    HONEST,
    INACTIVE,
    PENDING_CANCEL,
    PRE_SUBMITTED,
    Book,
    LiveOrder,
    Quirks,
    in_words,
)
from riskgate.simulator.checks import (
    DUPLICATE_ID,
    NO_DEFINITION,
    NO_PARENT,
    REJECTED,
    Asked,
    Refusal,
    change_refusal,
    refusal,
    rejected,
)
from riskgate.simulator.contracts import Listing
from riskgate.simulator.feed import Feed
from riskgate.simulator.floor import CANCEL_TEXT, DAY_IS_OVER, Floor
from riskgate.simulator.groups import is_orphan, parent_of
from riskgate.simulator.hours import years_between
from riskgate.simulator.prices import Quote
from riskgate.simulator.styles import CLOSING, OPENING, SPELLINGS, auction_of
from riskgate.simulator.tape import Tape
from riskgate.simulator.terms import Asked as Fields
from riskgate.simulator.terms import Terms, kept, terms_of
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.contract import CONTRACT_12
from riskgate.simulator.wire.fields import Field
from riskgate.simulator.wire.kinds import Value
from riskgate.simulator.world import World

log = logging.getLogger(__name__)
CONTRACT = tuple(row.name for row in CONTRACT_12 if isinstance(row, Field))
IGNORED = (
    "Order Event Warning: Attribute 'Outside Regular Trading Hours' is ignored based on the order "
    "type and destination. PlaceOrder is now processed."
)
Met: TypeAlias = Callable[[LiveOrder], None]
DESCRIPTIONS = 10_000  # remembered ways to name a contract


class Exchange:
    """Orders in, reports out."""

    def __init__(self, world: World, feed: Feed) -> None:
        self.world = world
        self.book = Book(world.options.remembered)
        self._feed = feed
        self._described: dict[tuple[Value, ...], Listing] = {}
        self._floor = Floor(world, self.book, feed)
        self.tape = Tape(world.agenda, self.set_quote)

    def start(self) -> None:
        """Let the prices move that are to move by themselves. Raises LookupError, ValueError."""
        options, world, now = self.world.options, self.world, self.world.clock.now()
        if options.walk is not None:
            names = options.walk.symbols
            chosen = (
                [world.catalogue.by_symbol(name) for name in names]
                if names
                else [one for one in world.catalogue if one.con_id in set(world.prices.known())]
            )
            self.tape.walk(options.walk, chosen, world.prices, now)
        if options.bars:
            find = world.catalogue.by_symbol
            self.tape.play(((find(bar.symbol), bar) for bar in options.bars), now)

    # -- steps ------------------------------------------------------------------------------------

    def step(self) -> bool:
        """Do the next thing that is due; False when there is nothing."""
        return self._floor.step()

    @property
    def has_steps(self) -> bool:
        """True while something is due."""
        return self._floor.has_steps

    def set_quote(self, con_id: int, new: Quote) -> None:
        """A new market; the orders it concerns are looked at again."""
        self.world.prices.set(con_id, new)
        self._feed.priced(con_id)
        self._floor.look_at(con_id)

    # -- requests ---------------------------------------------------------------------------------

    def listing_for(self, request: Message) -> Listing | Refusal:
        """The one listing a request describes, or why there is none."""
        key = tuple(request.fields.get(name) for name in CONTRACT)
        known = self._described.get(key)
        if known is not None:
            return known
        found = self.world.catalogue.find(request)
        if len(found) == 1:
            self._remember(key, found[0])
            return found[0]
        if not found:
            return NO_DEFINITION
        text = f"The contract description specified for {request.text('symbol')} is ambiguous."
        return Refusal(NO_DEFINITION.code, text)

    def _remember(self, key: tuple[Value, ...], listing: Listing) -> None:
        """Find a contract faster the next time; not a combo, which is what its legs are."""
        if listing.sec_type != "BAG":
            if len(self._described) >= DESCRIPTIONS:
                self._described.clear()
            self._described[key] = listing

    def check(self, request: Message) -> tuple[Terms, Listing] | Refusal:
        """The terms and listing of an acceptable order, or why it is none."""
        listing = self.listing_for(request)
        if isinstance(listing, Refusal):
            return listing
        options = self.world.options
        is_shared = len(options.accounts) == 1 or bool(request.text("faGroup"))
        only = options.accounts[0] if is_shared else ""
        terms = terms_of(request, only)
        found = refusal(
            Asked(
                terms=terms,
                listing=listing,
                record=request.fields,
                accounts=options.accounts,
                read_only=options.read_only,
                groups=options.groups,
                now=self.world.clock.now(),
                zone=options.time_zone,
                fractional=options.fractional,
                largest=options.largest,
                known=self._is_known,
            )
        )
        return (terms, listing) if found is None else found

    def _is_known(self, con_id: int) -> bool:
        return self.world.catalogue.by_con_id(con_id) is not None

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
        self._floor.next(partial(self._feed.error, owner, code, text))

    def place_again(self, client_id: int, request: Message) -> None:
        """Take a request as one more order, whatever is known under its number."""
        listing = self.listing_for(request)
        if not isinstance(listing, Refusal):
            self._accept(self._admit(client_id, request, listing))

    def locate(self, owner: tuple[int, int]) -> None:
        """Hold an order back until its shares are located; it shows as Inactive."""
        order = self.book.find(*owner)
        if order is not None and not order.is_done:
            order.status, order.why_held = INACTIVE, "locate"
            self._feed.error(owner, 404, "Order held while securities are located.")
            self._feed.order(order)

    def release(self, owner: tuple[int, int]) -> None:
        """Let an order that is held for locating shares live again."""
        order = self.book.find(*owner)
        if order is not None and order.why_held and order.status == INACTIVE:
            order.status, order.why_held = PRE_SUBMITTED, ""
            self._feed.order(order)
            self._floor.queue(order)

    def place_by_hand(self, request: Message, met: Met | None = None) -> None:
        """An order that no client placed; `met` sees it first. Raises ValueError when refused."""
        asked = self.check(request)
        if isinstance(asked, Refusal):
            raise ValueError(f"order by hand: {asked.text}")  # noqa: TRY004  # not about a type
        order = self._admit(0, request, asked[1])
        if met is not None:
            met(order)
        self._accept(order)

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

    def open_day(self) -> None:
        """The opening auction, where no sessions are kept: the orders for it trade or end."""
        self._call(OPENING)

    def close_day(self) -> None:
        """The end of the trading day: the closing auction, then DAY orders are cancelled."""
        self._call(CLOSING)
        for order in self.book.open():
            if ends_with_the_day(order):
                self._floor.end(order, DAY_IS_OVER)

    def _call(self, auction: str) -> None:
        for order in self.book.open():
            if auction_of(order.terms.order_type, order.terms.tif) == auction:
                self._floor.auction(order)

    def _cancel(self, order: LiveOrder, late: Decimal | None = None) -> None:
        order.status = PENDING_CANCEL
        if self.world.options.reports.pending_cancel:
            self._feed.status(order)
        self._floor.next(partial(self._finish_cancel, order, late))

    # -- acceptance -------------------------------------------------------------------------------

    def _new_order(self, client_id: int, request: Message, quirks: Quirks) -> None:
        asked = self.check(request)
        if not isinstance(asked, Refusal) and is_orphan(self.book, client_id, asked[0]):
            asked = NO_PARENT
        if isinstance(asked, Refusal):
            self.reject(client_id, request, asked)
            return
        order = self._admit(client_id, request, asked[1])
        order.quirks = self._usual(order) if quirks == HONEST else quirks
        if self._lacks_margin(order):
            log.info("client %s: order %s: refused: insufficient margin", *order.owner)
            self._refuse(order, rejected("insufficient margin"))
        else:
            self._accept(order)

    def _usual(self, order: LiveOrder) -> Quirks:
        """How this broker tells of orders when nothing goes wrong."""
        reports = self.world.options.reports
        silent = reports.silent_market and order.terms.order_type == "MKT"
        if reports.repeats == 1 and not silent:
            return HONEST
        return Quirks(times=reports.repeats, statuses=not silent)

    def _accept(self, order: LiveOrder) -> None:
        if log.isEnabledFor(logging.INFO):
            log.info("client %s: order %s: %s", *order.owner, in_words(order))
        if order.is_held:
            self._floor.hold(order)
            return
        self._floor.follow(order)
        reports = self.world.options.reports
        if reports.execution_first:
            order.is_untold = True
        for status in () if reports.execution_first else reports.acknowledged:
            order.status = status
            self._feed.order(order)
        order.status = PRE_SUBMITTED
        if order.terms.outside_rth and auction_of(order.terms.order_type, order.terms.tif):
            self._floor.say(order, 2109, IGNORED)
        self._floor.queue(order)

    def _admit(self, client_id: int, request: Message, listing: Listing) -> LiveOrder:
        terms = terms_of(request, self.world.options.accounts[0])
        if terms.order_type in SPELLINGS:
            terms = msgspec.structs.replace(terms, order_type=SPELLINGS[terms.order_type])
        order = LiveOrder(
            perm_id=self.book.next_perm_id(),
            order_id=request.integer("orderId"),
            client_id=client_id,
            listing=listing,
            terms=terms,
            record=kept(request.fields),
            is_held=not terms.transmit,
        )
        self._attach(order)
        if listing.sec_type == "OPT":
            today = self.world.clock.now().astimezone(ZoneInfo(listing.time_zone)).date()
            order.years_left = years_between(today, listing.expiry)
        self.book.add(order)
        return order

    def _attach(self, order: LiveOrder, before: str = "") -> None:
        """The children of one parent are a group, as the broker makes them one; it stays one."""
        parent = parent_of(self.book, order)
        group = before or (str(parent.perm_id) if parent is not None else "")
        if group and not (order.terms.oca_group or order.asked.text("hedgeType")):
            order.terms = msgspec.structs.replace(order.terms, oca_group=group)

    def _refuse(self, order: LiveOrder, refused: Refusal) -> None:
        shown = self.world.options.reports.rejected_as
        order.reason, order.completed_at = refused.text, self.world.clock.now()
        if refused.code == REJECTED and shown == CANCELLED:
            order.status = CANCELLED
            self._feed.status(order)
            self._feed.error(order.owner, 202, refused.text)
        else:
            self._feed.error(order.owner, refused.code, refused.text)
            order.status = INACTIVE
            if refused.code == REJECTED and shown:
                self._feed.order(order)
        order.is_held = False
        self._floor.leave(order)

    def _lacks_margin(self, order: LiveOrder) -> bool:
        world = self.world
        mark = order.terms.limit or world.prices.of(order.listing.con_id).mark
        if not world.options.check_margin or mark is None:
            return False
        needed = (
            mark
            * order.terms.quantity
            * order.listing.factor
            * world.accounts[order.terms.account].rate(order.listing)
        )
        funds = world.accounts[order.terms.account].values(world.prices)["AvailableFunds"]
        return needed > funds

    def _modify(self, order: LiveOrder, request: Message) -> None:
        refused = change_refusal(order, self.check(request), Fields(request.fields))
        if refused is not None:
            self._feed.error(order.owner, refused.code, refused.text)
            return
        old = order.terms
        self.book.unshelve(order)
        order.terms, order.record = terms_of(request, old.account), kept(request.fields)
        self._attach(order, old.oca_group)
        self.book.shelve(order)
        if old.limit != order.terms.limit or old.quantity < order.terms.quantity:
            order.ahead = None
        if order.status == PRE_SUBMITTED:
            order.trail, order.is_met = None, False
        if order.is_held and order.terms.transmit:
            self._floor.transmit(order)
            return
        self._floor.follow(order)
        self._feed.order(order)
        self._floor.queue(order)

    def _finish_cancel(self, order: LiveOrder, late: Decimal | None) -> None:
        if order.is_done:
            return
        self._floor.end(order, CANCEL_TEXT)
        if late is not None:
            self._floor.next(partial(self._floor.fill_late, order, late))
