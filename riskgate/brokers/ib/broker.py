"""The broker that the gate sees: a `Broker` over one session at a time.

Rule 1: `place`, `cancel` and `withdraw` never wait for the broker; `start`, `story` and `prepare`
do, for a time that is given.
Rule 2: an order goes by the gate's id; the one that it has at IB is given when it is written.
Rule 3: after `stop`, or a start that failed, there is no thread, socket or task; `start` may be
called again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from riskgate.brokers.ib import terms_out
from riskgate.brokers.ib.board import Market
from riskgate.brokers.ib.desk import Desk, World
from riskgate.brokers.ib.owners import Owners
from riskgate.brokers.ib.settings import Settings
from riskgate.brokers.ib.thread import Engine, LoopThread
from riskgate.errors import BrokerError, NotConnected
from riskgate.model.codes import Code
from riskgate.model.decision import ApprovedOrder
from riskgate.model.instrument import Terms
from riskgate.model.order import Fault, Order
from riskgate.model.report import unsent
from riskgate.ports import Clock, Listener, Story

NOT_STARTED: Final = "there is no session with the broker"
STOPPED: Final = "the session was stopped"
CLOSING: Final = 2.0  # seconds for a session to close


class RealClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


class IbBroker:
    """Interactive Brokers, through TWS or the Gateway."""

    def __init__(
        self,
        settings: Settings,
        market: Market,
        clock: Clock | None = None,
        engine: Callable[[str, Callable[[str], None]], Engine] = LoopThread,
    ) -> None:
        self.settings = settings
        self._engine = engine
        self._market = market
        self._clock = clock or RealClock()
        self._owners = Owners(settings.client_id)
        self._thread: Engine | None = None
        self._desk: Desk | None = None
        self._listener: Listener | None = None
        self._watched: dict[Terms, None] = {}

    # -- life -------------------------------------------------------------------------------------

    def start(self, listener: Listener) -> None:
        """Connect. Raise NotConnected, with the reason in one line, or ConfigError.

        What was watched before is watched again.
        """
        self.stop()
        self._listener = listener
        self._thread = thread = self._engine("riskgate-ib", listener.session_changed)
        world = World(self.settings, self._market, self._clock, listener, self._owners)
        try:
            thread.run(self._open(world, thread), 2 * self.settings.connect_timeout + CLOSING)
        except TimeoutError:
            raise NotConnected(f"no session with {self.settings.address} came up") from None
        finally:
            if self._desk is None:
                self._thread = None
                thread.stop()
        listener.session_changed(f"connected to {self.settings.address}")
        self.watch(tuple(self._watched))

    def stop(self) -> None:
        """End the session, or one that comes up; what has not left is reported `NeverSent`."""
        thread, self._thread = self._thread, None  # from here on `_open` gives up
        if thread is None:
            return
        try:
            thread.run(self._close(), CLOSING)
        finally:
            self._desk = None
            thread.stop()

    async def _open(self, world: World, thread: Engine) -> None:
        desk = Desk(world)
        await desk.open()
        if self._thread is not thread:
            await desk.close(STOPPED)
            raise NotConnected(STOPPED)
        self._desk = desk

    async def _close(self) -> None:
        desk, self._desk = self._desk, None
        if desk is not None:
            await desk.close(STOPPED)

    @property
    def in_session(self) -> bool:
        """Whether there is a session, of whatever use."""
        desk = self._desk
        return desk is not None and not desk.closed

    @property
    def silent(self) -> bool:
        """Whether the broker owes us the answer to a heartbeat."""
        desk = self._desk
        return desk is not None and desk.link.silent

    @property
    def trouble(self) -> str:
        """Why orders do not reach the market, or nothing."""
        desk = self._desk
        return NOT_STARTED if desk is None else desk.closed or desk.link.trouble

    @property
    def connected(self) -> bool:
        """Whether there is a session in which orders reach the market."""
        desk = self._desk
        return desk is not None and desk.ready and not desk.link.trouble

    @property
    def carries_brackets(self) -> bool:
        """An entry and its exits are sent as one, or not at all."""
        return True

    @property
    def client_id(self) -> int:
        """Who we are at the broker; 0 is who also hears of orders made by hand."""
        return self.settings.client_id

    @property
    def mode_fault(self) -> str | None:
        """Why paper and live disagree, or None."""
        return self._desk.mode_fault if self._desk is not None else None

    # -- orders -----------------------------------------------------------------------------------

    def supports(self, order: Order) -> tuple[Fault, ...]:
        """What cannot be carried of the order, each with the field's name; empty if it can."""
        desk = self._desk
        return terms_out.faults_of(order, desk.version if desk else terms_out.LATEST)

    def place(self, approved: ApprovedOrder, attached: Sequence[ApprovedOrder] = ()) -> None:
        """Hand over an order, with those that leave with it, or a modify.

        Raise NotConnected if there is no session.
        """
        desk = self._working_desk()
        if desk.mode_fault is not None and self._listener is not None:
            why = desk.mode_fault
            orders = (approved, *attached)
            self._listener.hear([unsent(one, Code.MODE_MISMATCH, why) for one in orders])
            return
        desk.outbox.place(approved, desk.now(), attached)

    def cancel(self, order_id: int) -> None:
        """Cancel one order, ahead of all that waits. Raise NotConnected if there is no session."""
        desk = self._working_desk()
        desk.outbox.cancel(order_id, desk.now())

    def cancelling(self, order_id: int) -> bool:
        """Whether a cancel of the order was asked for in this session; from any thread."""
        desk = self._desk
        return desk is not None and desk.outbox.cancelling(order_id)

    def cancel_account(self) -> None:
        """Cancel everything on the account, whoever placed it, ahead of everything."""
        desk = self._working_desk()
        desk.outbox.cancel_all(desk.now())

    def withdraw(self, covers: Callable[[int], bool], code: str) -> None:
        """Drop what has not left, where `covers(order_id)`; after this it cannot leave."""
        desk = self._desk
        if desk is not None:
            desk.outbox.withdraw(covers, code)

    # -- questions --------------------------------------------------------------------------------

    def story(self, refs: dict[str, int], timeout: float) -> Story:
        """Ask the broker for everything. Raise BrokerError if there is no answer."""
        desk, thread = self._asking()
        try:
            told = thread.run(desk.teller.tell(dict(refs), timeout), timeout)
        except TimeoutError:
            raise BrokerError(f"no answer from the broker within {timeout:g} s") from None
        # Without its link TWS answers from what it has, if at all, and says that this was all.
        return msgspec.structs.replace(told, complete=False) if desk.link.lost else told

    def prepare(self, wanted: Sequence[Terms], timeout: float) -> tuple[Terms, ...]:
        """Make instruments and prices ready; return those that are not after `timeout` seconds.

        With no time this only begins: nothing is waited for, raised, or known to be ready.
        """
        if timeout <= 0:
            self.watch(wanted)
            return tuple(wanted)
        desk, thread = self._asking()
        self._watched.update(dict.fromkeys(wanted))
        return thread.run(desk.readiness.prepare(tuple(wanted), timeout), timeout)

    def watch(self, wanted: Sequence[Terms]) -> None:
        """Begin to make instruments and prices ready, if there is a session; never waits.

        Without one they are made ready with the next.
        """
        desk, thread = self._desk, self._thread
        self._watched.update(dict.fromkeys(wanted))
        if desk is not None and thread is not None and not desk.closed:
            thread.begin(desk.readiness.prepare(tuple(wanted), self.settings.connect_timeout))

    def beat(self) -> None:
        """Ask whether the broker is there, now; what stands is then as good as new."""
        desk, thread = self._asking()
        thread.run(desk.beat(), CLOSING + self.settings.connect_timeout)

    def _asking(self) -> tuple[Desk, Engine]:
        desk, thread = self._working_desk(), self._thread
        if thread is None:
            raise NotConnected(NOT_STARTED)
        return desk, thread

    def _working_desk(self) -> Desk:
        desk = self._desk
        if desk is None or desk.closed:
            raise NotConnected(desk.closed if desk is not None else NOT_STARTED)
        return desk
