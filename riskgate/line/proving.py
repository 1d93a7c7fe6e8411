"""Whether our book is true: proven by a reconcile, doubted whenever something may have been missed.

Rule 1: a session that came, went, or may have missed something is another hearing; what was
proven in an earlier one proves nothing now.
Rule 2: while a story is told nothing is held up; whoever distrusts us meanwhile was not heard.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from riskgate.errors import BrokerError
from riskgate.line import reconcile
from riskgate.line.bookkeeping import Bookkeeper
from riskgate.line.doubts import Doubts
from riskgate.line.reconcile import Absence, Gaps
from riskgate.model.events import Decided, Reconciled, Recorded, Resolved
from riskgate.ports import Broker


class Proof:
    """The state of belief of one gate in its book."""

    def __init__(self, desk: Bookkeeper, broker: Broker, pause: Callable[[float], None]) -> None:
        self._because = "not reconciled yet"
        self._desk = desk
        self._broker = broker
        self._pause = pause  # between two stories that disagree
        self._hearing: object = object()  # another one whenever something may have been missed
        self._proven: object = None  # the hearing in which the book was found true
        self._doubts = Doubts()
        self._vouched_for = 0  # an order resolved by hand since the last clean story
        self._inherited: int | None = None
        self._up_since: tuple[object, datetime] | None = None
        self._at = desk.clock.now()

    @property
    def because(self) -> str:
        """Why the book is not proven."""
        if self._proven is self._hearing and self._vouched_for:
            return f"order {self._vouched_for} was resolved by hand, and not compared since"
        return self._because

    def begin(self) -> None:
        """The orders on record at the first start are from before this gate; a reload adds none."""
        if self._inherited is None:
            self._inherited = self._desk.ledger.last_order_id
            clients = frozenset({0, self._broker.client_id})
            self._doubts.inherit(self._desk.ledger, clients, self._desk.clock.now())

    def fold(self, recorded: Recorded) -> None:
        """What an event does to our doubts; what we decide ourselves says nothing of the broker."""
        payload = recorded.payload
        if isinstance(payload, Decided):
            return
        self._doubts.fold(recorded, self._desk.ledger)
        if isinstance(payload, Resolved):
            self._vouched_for = payload.order_id
        elif isinstance(payload, Reconciled) and payload.clean:
            self._vouched_for = 0

    @property
    def holds(self) -> bool:
        """Whether the book was found true, and nothing can have been missed since."""
        return self._proven is self._hearing and not self._vouched_for

    @holds.setter
    def holds(self, is_so: bool) -> None:
        """Say so without a story, as a rehearsal does."""
        self._proven = self._hearing if is_so else None

    def distrust(self, reason: str) -> None:
        """Approve nothing for now. Waits for nobody: the broker's thread calls it."""
        self._because = reason
        self._hearing = object()

    @property
    def wanted(self) -> bool:
        """Whether a session stands whose story has not been heard, is old, or left doubts."""
        if not self._broker.connected:
            return False
        with self._desk.turnstile:
            times = self._desk.clock.now(), self._at
            return not self.holds or self._doubts.due(self._desk.ledger, *times)

    def seek(self, timeout: float) -> Reconciled:
        """Compare our book with the broker's and take over what it knows. Blocks for its answer.

        Raise BrokerError if there is no answer, and JournalError if it cannot be recorded.
        """
        hearing, gaps = self._hearing, Gaps()
        for pause in reconcile.PAUSES:
            if pause:
                self._pause(pause)
            outcome = self._compared(timeout, (gaps, pause), hearing)
            if outcome is not None:
                break
            if gaps.unexplained:
                self._because = f"no fill explains the position of {gaps.unexplained}"
                self._proven = None
        else:
            raise BrokerError("positions move while they are compared; reconcile again")
        with self._desk.turnstile:
            # Whoever distrusted us while the story was told was not heard by it.
            self._proven = hearing if outcome.clean else None
            self._at = self._desk.clock.now()
            self._desk.tell_waiters()
        return outcome

    def _compared(
        self, timeout: float, so_far: tuple[Gaps, float], hearing: object
    ) -> Reconciled | None:
        """One comparison; None if positions differ in another way than the last time.

        `so_far` are the gaps of earlier stories, and the seconds since the last.
        """
        desk = self._desk
        with desk.turn(project=not desk.shows_later):
            refs = dict(desk.ledger.by_ref)
            expected = reconcile.sent_before(desk.ledger, self._inherited or 0)
        story = self._broker.story(refs, timeout)
        if story.accounts:
            desk.world.market.set_accounts(story.accounts)
        with desk.turn() as turn:
            now = desk.clock.now()
            if self._up_since is None or self._up_since[0] is not hearing:
                self._up_since = hearing, now
            absence = Absence(expected, now, self._up_since[1], self._doubts)
            return reconcile.compared(story, desk.ledger, turn.keep, so_far, absence)
