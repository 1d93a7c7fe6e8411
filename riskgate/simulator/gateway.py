"""The desk between clients and exchange: who is connected, who hears what, what was received.

Rule 1: an order's reports go to the client that placed it, and to the master client.
Rule 2: everything here runs in one thread, the loop's; nothing waits.
Rule 3: by itself it is an honest broker; what else it does is its `Conduct`, which it is handed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import msgspec

from riskgate.simulator import account_answers, market_answers
from riskgate.simulator.accounts import Account
from riskgate.simulator.agenda import Agenda
from riskgate.simulator.answers import ANSWERS, unsupported
from riskgate.simulator.binding import MANUAL_CLIENT, bind_at_once
from riskgate.simulator.book import Execution, LiveOrder
from riskgate.simulator.clock import Clock
from riskgate.simulator.contracts import Catalogue
from riskgate.simulator.days import keep_days, keep_values
from riskgate.simulator.exchange import Exchange
from riskgate.simulator.faults import Action, Event, Faults
from riskgate.simulator.listings import catalogue_for, opening_prices, opening_quote
from riskgate.simulator.options import Options
from riskgate.simulator.paced import speed_of
from riskgate.simulator.premiums import Premiums
from riskgate.simulator.prices import Prices
from riskgate.simulator.replies import (
    commission_report,
    exec_details,
    execution_time,
    open_order_frame,
    order_status,
)
from riskgate.simulator.session import Session
from riskgate.simulator.terms import kept
from riskgate.simulator.trouble import Trouble
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record
from riskgate.simulator.world import World

log = logging.getLogger(__name__)
LOG_LENGTH = 20_000  # requests remembered; older ones are forgotten
STEPS_PER_TURN = 200  # then the loop may read sockets again
STEPS_WITH_PACE = 20  # for the moment a message comes counts then
LONGEST_NAP = 60.0  # seconds; then the clock is read again, for it may have been set


class Received(msgspec.Struct, frozen=True):
    """One request as it came in: when its bytes were read, from whom, and what it said."""

    at: datetime
    client_id: int
    message: Message

    @property
    def name(self) -> str:
        """The request's name, such as `placeOrder`."""
        return self.message.name

    @property
    def order_ref(self) -> str:
        """The client's own reference, in placeOrder."""
        return self.message.text("orderRef")


class Conduct(NamedTuple):
    """How what a fault or a timeline has is carried out.

    `misbehave` is for a request that meets a fault. `happen` does an event now; it raises
    LookupError for an unknown symbol, ValueError for what cannot be done.
    """

    misbehave: Callable[[Gateway, Session, Message, Action], None]
    happen: Callable[[Gateway, Event], None]


class Gateway:
    """Implements what sessions and the exchange need of the outside."""

    def __init__(self, options: Options, clock: Clock, faults: Faults, conduct: Conduct) -> None:
        self.options = options
        self.clock = clock
        self.faults = faults
        self._conduct = conduct
        self._agenda = Agenda(clock)
        world = World(
            clock=clock,
            agenda=self._agenda,
            catalogue=Catalogue(catalogue_for(clock.now().date())),
            options=options,
            faults=faults,
            prices=Prices(),
            accounts={
                code: Account(code, options.cash, options.margin_rate) for code in options.accounts
            },
        )
        world.prices.derived = Premiums(world).quote
        self.exchange = Exchange(world, self)
        self.trouble = Trouble()
        keep_days(world)
        keep_values(world, self._refresh)
        self.sessions: dict[int, Session] = {}
        self.connections: set[Session] = set()
        self.received: deque[Received] = deque(maxlen=LOG_LENGTH)
        self.changed: Callable[[], None] = lambda: None
        self._alarm: asyncio.TimerHandle | None = None
        self._turn_is_set = False
        if options.default_prices:
            self._open_markets()
        self.exchange.start()

    def _open_markets(self) -> None:
        catalogue = self.exchange.world.catalogue
        for symbol, middle in opening_prices().items():
            for listing in catalogue:
                names = {listing.symbol, listing.local_symbol}
                if symbol in names and listing.sec_type != "OPT":
                    market = opening_quote(listing, middle)
                    self.exchange.world.prices.set(listing.con_id, market)

    # -- sessions ---------------------------------------------------------------------------------

    def joined(self, session: Session) -> None:
        """A connection was made."""
        self.connections.add(session)
        session.muted = self.trouble.is_mute
        if self.trouble.is_closed:
            session.abort()

    def admit(self, session: Session) -> bool:
        """Register a session; False when its client id is in use, or it is one too many."""
        client_id = session.client_id or 0
        known = self.sessions.get(client_id)
        if known is not None and known.is_open:
            return False
        if known is None and len(self.sessions) >= self.options.max_clients:
            log.warning("client %s: there are %s already: dropped", client_id, len(self.sessions))
            session.abort()
            return False
        self.sessions[client_id] = session
        log.info("client %s: connected", client_id)
        self.changed()
        return True

    def left(self, session: Session) -> None:
        """A connection is gone."""
        self.connections.discard(session)
        self.parted(session)

    def parted(self, session: Session) -> None:
        """Nothing more passes between a session and the broker; its client id is free."""
        if session.client_id is not None and self.sessions.get(session.client_id) is session:
            del self.sessions[session.client_id]
            log.info("client %s: disconnected", session.client_id)
        self.changed()

    def handle(self, session: Session, message: Message, at: datetime) -> None:
        """Act on a request, or misbehave about it."""
        said = Message(message.name, kept(message.fields))
        self.received.append(Received(at, session.client_id or 0, said))
        if said.name == "placeOrder":
            message = said  # what was not set is not looked at again and again
        if not self.trouble.swallows(session, message):
            self.act(session, message)
        self.changed()
        if not self._turn_is_set:  # a turn ends with it
            self.wake()

    def act(self, session: Session, message: Message) -> None:
        """Act on a request now, or misbehave about it."""
        action = self.faults.met(message.name)
        if action is None:
            self.answer(session, message)
        else:
            self._conduct.misbehave(self, session, message, action)

    def answer(self, session: Session, message: Message) -> None:
        """Act on a request as an honest broker does."""
        ANSWERS.get(message.name, unsupported)(session, message)

    def place_by_hand(self, terms: Record) -> None:
        """An order entered in the TWS itself. Raises ValueError when it is refused."""
        manual = self.sessions.get(MANUAL_CLIENT)
        met = None if manual is None else partial(bind_at_once, manual)
        self.exchange.place_by_hand(Message(name="placeOrder", fields=terms), met)
        self.changed()
        self.wake()

    # -- time and steps ---------------------------------------------------------------------------

    def announce(self, code: int, text: str) -> None:
        """Tell every client something that belongs to no request, such as 1100."""
        for session in tuple(self.sessions.values()):
            session.error(-1, code, text)

    def happens(self, event: Event) -> None:
        """Do what a fault or a timeline has; what cannot be done is said in the log."""
        try:
            self._conduct.happen(self, event)
        except (LookupError, ValueError) as fault:
            log.warning("scenario: %s", fault)

    def later(self, seconds: float, todo: Callable[[], None]) -> None:
        """Do this once the simulator's clock has moved on so far."""
        self._agenda.at(self.clock.now() + timedelta(seconds=seconds), todo)

    def wake(self) -> None:
        """Go on soon, if the simulator works by itself and there is something to do."""
        if self.options.auto and not self._turn_is_set and self.has_work():
            self._turn_is_set = True
            asyncio.get_running_loop().call_soon(self._turn)
        self._set_alarm()

    def _set_alarm(self) -> None:
        """See to being woken for the agenda, where nobody tells that the clock has moved."""
        self.rest()
        left = self._agenda.seconds_left
        if left is None or left <= 0:
            return
        speed = speed_of(self.clock)
        if speed <= 0:
            return
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_later(min(left / speed, LONGEST_NAP), self.wake)

    def rest(self) -> None:
        """Be woken by nothing but the next request."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def next_moment(self) -> datetime | None:
        """When something is due next, None when nothing is planned."""
        return self._agenda.next_moment

    def has_work(self) -> bool:
        """True while something is due."""
        if self.exchange.has_steps or self._agenda.is_due():
            return True
        return any(one.has_waiting for one in self.connections)

    def _turn(self) -> None:
        self._turn_is_set = False
        for _ in range(STEPS_PER_TURN if self.options.pace is None else STEPS_WITH_PACE):
            if not self.step():
                break
        self.wake()

    def step(self) -> bool:
        """Do the next thing that is due; False when there is nothing."""
        done = self.exchange.step() or self._agenda.do_next()
        if done:
            self.changed()
        return done

    # -- reports ----------------------------------------------------------------------------------

    def _listeners(self, client_id: int) -> list[Session]:
        wanted = {client_id, self.options.master_client}
        return [one for key, one in tuple(self.sessions.items()) if key in wanted]

    def _is_muted(self, perm_id: int) -> bool:
        return self.exchange.book.orders[perm_id].quirks.muted

    def order(self, order: LiveOrder) -> None:
        """The order and its status."""
        if order.quirks.muted:
            return
        for session in self._listeners(order.client_id):
            for _ in range(order.quirks.times):
                if order.quirks.open_orders:
                    session.post("openOrder", open_order_frame(order, session.version))
                if order.quirks.statuses:
                    session.send("orderStatus", order_status(order))

    def status(self, order: LiveOrder) -> None:
        """The status alone."""
        if order.quirks.muted or not order.quirks.statuses:
            return
        for session in self._listeners(order.client_id):
            for _ in range(order.quirks.times):
                session.send("orderStatus", order_status(order))

    def execution(self, execution: Execution) -> None:
        """A fill, or the correction of one."""
        if self._is_muted(execution.perm_id):
            return
        for session in self._listeners(execution.client_id):
            time = execution_time(execution.at, self.options.time_zone, session.version)
            session.send("execDetails", exec_details(execution, -1, time))

    def commission(self, execution: Execution, *, unset: bool = False) -> None:
        """What a fill cost, or that there is something it cost."""
        if self._is_muted(execution.perm_id):
            return
        for session in self._listeners(execution.client_id):
            session.send("commissionReport", commission_report(execution, unset=unset))

    def error(self, owner: tuple[int, int], code: int, text: str) -> None:
        """A code and a text about an order, to its client only."""
        session = self.sessions.get(owner[0])
        if session is not None:
            session.error(owner[1], code, text)

    def _refresh(self) -> None:
        for session in tuple(self.sessions.values()):
            account_answers.refresh(session)

    def traded(self, account: str, con_id: int) -> None:
        """A position and the account's values have changed."""
        found = self.exchange.world.accounts[account]
        for session in tuple(self.sessions.values()):
            account_answers.after_trade(session, found, con_id)

    def priced(self, con_id: int) -> None:
        """A quote has changed."""
        for session in tuple(self.sessions.values()):
            market_answers.after_quote(session, con_id)
            account_answers.after_price(session)
