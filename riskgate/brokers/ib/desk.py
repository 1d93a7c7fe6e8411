"""One session at work: callbacks in, messages out, all in the thread of its event loop.

Rule 1: every message leaves through the outbox, or is counted by it.
Rule 2: every wait is bounded; a connection that goes ends all of them.
Rule 3: no decision is made here: what happened is reported, and nothing is repeated or repaired.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

import msgspec

from riskgate.brokers.ib import codes, session, terms_out
from riskgate.brokers.ib.accounts import Accounts
from riskgate.brokers.ib.board import Market
from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.link import Link
from riskgate.brokers.ib.orders import Ears, Orders
from riskgate.brokers.ib.outbox import SPARE, Ask, Cancel, CancelAll, Item, Outbox, Parcel, Sink
from riskgate.brokers.ib.owners import Owners
from riskgate.brokers.ib.prices import Prices
from riskgate.brokers.ib.questions import FIRST_REQUEST
from riskgate.brokers.ib.readiness import Readiness
from riskgate.brokers.ib.requests import TIME, Requests
from riskgate.brokers.ib.session import OwnWay, Way
from riskgate.brokers.ib.settings import Settings
from riskgate.brokers.ib.switchboard import Parts, callbacks
from riskgate.brokers.ib.tap import Tap
from riskgate.brokers.ib.teller import Sources, Teller
from riskgate.brokers.ib.writing import Line, Writer
from riskgate.errors import BrokerError, ConfigError, NotConnected, OrderError, RiskgateError
from riskgate.execution.pacer import Pacer
from riskgate.mode import mode_fault
from riskgate.model.codes import Code
from riskgate.model.decision import ApprovedOrder
from riskgate.model.report import ErrorReport, Report
from riskgate.ports import Clock, Listener

ANSWER: Final = 10.0  # seconds for a heartbeat
FIRST_VALUES: Final = 2.0  # seconds that a start waits for account values
DATA_TYPES: Final = {"live": 1, "frozen": 2, "delayed": 3, "delayed-frozen": 4}


class World(msgspec.Struct, frozen=True):
    """What a session is given."""

    settings: Settings
    market: Market
    clock: Clock
    listener: Listener
    owners: Owners
    way: Callable[[Settings], Way] = OwnWay


class Desk:
    """Everything of one session."""

    def __init__(self, world: World) -> None:
        settings = world.settings
        self._world = world
        self._loop = asyncio.get_running_loop()
        world.owners.told = False
        self._timer: asyncio.TimerHandle | None = None
        self._woken = False
        self._beating: asyncio.Task[None] | None = None
        self._refreshed = self.now()
        self._value_numbers: dict[str, int] = {}
        self.closed = ""
        self.ready = False
        self.mode_fault: str | None = None
        self._way = world.way(settings)
        module, self._session = self._way.module, self._way.session
        self._client = self._session.client
        self.outbox = Outbox(
            Pacer(settings.messages_per_second, SPARE),
            Sink(self._write, world.listener.hear, self._wake),
            max_wait=settings.max_queue_time,
            bound=settings.queue_bound,
        )
        self.link = Link(world.listener.session_changed, settings.meanings)
        self._requests = Requests(module, self._client, self.outbox)
        self._catalogue = Catalogue(world.market)
        self._prices = Prices(world.market, self._catalogue, world.clock)
        self._accounts = Accounts(world.market, world.clock)
        ears = Ears(world.listener.hear, self.outbox.echoed, self._over, self._catalogue.of)
        self._orders = Orders(world.owners, ears, settings.meanings)
        line = Line(self._client, settings.client_id, module, self.link, self._account)
        self._writer = Writer(line, self._orders, self._catalogue)
        parts = self._requests, self._catalogue, self._prices, world.market
        self.readiness = Readiness(*parts, fractional=settings.fractional)
        self.teller = Teller(
            Sources(self._requests, self._orders, self._catalogue, self.readiness, self._accounts)
        )

    # -- life -------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect. Raise NotConnected, ConfigError or InvariantError; then nothing is left."""
        tap = Tap(self._alarm)
        self._way.listen(tap, callbacks(self._parts(), self._session_error), self._lost)
        try:
            await self._way.connect()
            self._check_accounts()
            self._check_numbers()
            self.ready = True
            kind = DATA_TYPES[self._world.settings.market_data]
            self._requests.now(partial(self._client.reqMarketDataType, kind))
            await self._follow_accounts()
        except (RiskgateError, asyncio.CancelledError):
            await self.close("the session did not start")
            raise
        self._beating = self._loop.create_task(self._beat_on())
        self._beating.add_done_callback(self._beat_ended)

    def now(self) -> float:
        """Seconds of the loop's clock, which only grows; from any thread."""
        return self._loop.time()

    async def close(self, reason: str) -> None:
        """End the session."""
        self.end(reason)
        await self._way.close()

    def end(self, reason: str) -> None:
        """Nothing leaves any more, and nothing is waited for."""
        self.ready, self.closed = False, reason
        if self._beating is not None:
            self._beating.cancel()
        if self._timer is not None:
            self._timer.cancel()
        self.outbox.close(reason)
        self._requests.questions.close(reason)

    def _lost(self) -> None:
        reason = f"the connection to {self._world.settings.address} was lost"
        self.end(reason)
        self._world.listener.session_changed(reason)

    def _parts(self) -> Parts:
        return Parts(
            self._requests,
            self._orders,
            self.teller,
            self.readiness,
            self._prices,
            self._accounts,
            self.link,
            self._world.settings.meanings,
        )

    def _session_error(self, code: int, text: str) -> None:
        """A message about the session, before it is ready or while it runs."""
        if not self.ready:
            self._way.error(code, text)
        self.link.message(code, text)
        if not self._world.settings.meanings.knows(code):
            alarm = ErrorReport(order_id=0, code=code, text=text, ambiguous=True)
            self._world.listener.hear([alarm])
        if self.link.lost:
            self.outbox.withdraw(lambda _: True, Code.NOT_CONNECTED, self.link.lost)
        if code == codes.TOO_FAST:
            self.outbox.pause(self.now())
        if code in codes.ACCOUNT_TAKEN:
            self._accounts.forget()
        if code == codes.SUBSCRIPTIONS_LOST:
            self.readiness.watch_again()
            self._ask_values()

    @property
    def version(self) -> int:
        """The version of IB's messages in this session."""
        return self._client.serverVersion() or terms_out.LATEST

    def _check_accounts(self) -> None:
        settings, found = self._world.settings, tuple(self._client.getAccounts())
        if settings.account is not None and settings.account not in found:
            known = ", ".join(found)
            raise ConfigError(f"account `{settings.account}`: not in this session; found {known}")
        chosen = found if settings.account is None else (settings.account,)
        self.mode_fault = mode_fault(
            settings.mode, chosen, settings.port, allow_live=settings.allow_live
        )
        self._accounts.known(chosen)

    def _check_numbers(self) -> None:
        """Errors come by number alone, so an order's must not be one of a request's."""
        following = self.teller.next_valid
        if following >= FIRST_REQUEST:
            raise ConfigError(
                f"client id {self._world.settings.client_id}: its next order id is {following}, "
                f"but ids from {FIRST_REQUEST} on are for requests; "
                "reset the order ids in the API settings of TWS, or choose another client id"
            )

    def _alarm(self, what: str) -> None:
        self._world.listener.session_changed(f"a report could not be read: {what}")

    # -- messages out -----------------------------------------------------------------------------

    def _wake(self) -> None:
        """From any thread: something may be sent."""
        if not self._woken and not self.closed:
            self._woken = True
            with suppress(RuntimeError):  # the loop was closed in between; then nothing waits
                self._loop.call_soon_threadsafe(self._drain)

    @property
    def catalogue(self) -> Catalogue:
        """The instruments that this session knows."""
        return self._catalogue

    def flush(self) -> None:
        """Write what may be written now. For the loop's thread, also while the loop stands."""
        while self.outbox.step(self.now()) == 0:
            pass
        session.check_queue(self._client)
        self._wake()

    def _drain(self) -> None:
        self._woken = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        pause: float | None = 0.0
        try:
            pause = self.outbox.step(self.now())
            # What is on the wire is told by now, so an alarm here loses no order.
            session.check_queue(self._client)
        finally:
            if pause == 0:
                self._wake()
            elif pause is not None and not self.closed:
                self._timer = self._loop.call_later(pause, self._drain)

    def _write(self, item: Item) -> tuple[Report, ...]:
        self._writer.open()
        match item:
            case ApprovedOrder():
                return self._writer.write((item,))
            case Parcel(orders=orders):
                return self._writer.write(orders)
            case Cancel(order_id=order_id):
                self._client.cancelOrder(self._number_of(order_id))
            case CancelAll():
                self._client.reqGlobalCancel()
            case Ask(send=send):
                send()
        return ()

    def _number_of(self, order_id: int) -> int:
        """The id to cancel an order by. Raise NotConnected while it cannot be told."""
        owners = self._world.owners
        if not (owners.answered or owners.ids.knows(order_id)):
            raise NotConnected("the broker has not said yet which orders it has")
        number = owners.ids.of(order_id)
        if not number:
            raise NotConnected("the broker does not have the order under our client id")
        return number

    def _account(self, stated: str | None) -> str:
        ids = self._accounts.ids
        if stated is None and len(ids) == 1:
            return ids[0]
        if stated not in ids:
            code = Code.NO_ACCOUNT if stated is None else Code.UNKNOWN_ACCOUNT
            text = f"account `{stated}`: not one of {', '.join(ids)}"
            raise OrderError(text, ((code, text),))
        return stated

    def _over(self, order_id: int) -> None:
        text = "the order is over"
        self.outbox.withdraw(lambda key: key == order_id, Code.NOT_MODIFIABLE, text)

    # -- keeping up to date -----------------------------------------------------------------------

    async def beat(self) -> None:
        """Ask the broker for the time, which shows that it is there; refresh what is due."""
        question = self._requests.questions.ask(TIME)
        try:
            self._requests.now(self._client.reqCurrentTime)
            await asyncio.wait_for(asyncio.shield(question), ANSWER)
        except TimeoutError:
            self.link.unanswered(ANSWER)
            return
        except BrokerError:
            return
        self.link.answered()
        if self.link.priced:
            self._prices.heartbeat()

    async def _beat_on(self) -> None:
        settings = self._world.settings
        while True:
            await asyncio.sleep(settings.heartbeat)
            await self.beat()
            if self.now() - self._refreshed >= settings.account_refresh:
                self._ask_values()

    def _beat_ended(self, beating: asyncio.Task[None]) -> None:
        """Without a heartbeat nothing is known of the broker."""
        if not beating.cancelled() and (error := beating.exception()) is not None:
            self._alarm(f"heartbeat: {error!r}")
            self.link.unanswered(self._world.settings.heartbeat)

    async def _follow_accounts(self) -> None:
        self._ask_values()
        for account in self._accounts.ids:
            number = self._requests.number()
            self._accounts.follow_profit(number, account)
            self._requests.later(partial(self._client.reqPnL, number, account, ""))
        waiting = [self._requests.questions.ask(one) for one in self._value_numbers.values()]
        if waiting:
            await asyncio.wait(waiting, timeout=FIRST_VALUES)

    def _ask_values(self) -> None:
        """Account values anew: IB repeats only those that changed."""
        self._refreshed = self.now()
        for account in self._accounts.ids:
            old, number = self._value_numbers.get(account), self._requests.number()
            self._value_numbers[account] = number
            if old is not None:
                self._requests.later(partial(self._client.cancelAccountUpdatesMulti, old))
            ask = partial(self._client.reqAccountUpdatesMulti, number, account, "", False)
            self._requests.later(ask)
