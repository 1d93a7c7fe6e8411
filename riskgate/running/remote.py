"""A gate that runs elsewhere, as another process reaches it: through the journal they share.

Rule 1: what needs no broker is recorded here and holds at once, for every next decision.
Rule 2: what needs one is asked for, and waited for: the answer is on record, or there is none.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Final

import msgspec

from riskgate.errors import BrokerError
from riskgate.gate import Gate
from riskgate.line.killing import Kill
from riskgate.line.outside import Outside
from riskgate.model.events import Answered, Deed, Payload, Reconciled, Requested
from riskgate.policy.policies import PolicySet
from riskgate.running import errands
from riskgate.running.opened import OpenedGate

LOOK: Final = 0.1  # seconds between two looks at the record
RECONCILER: Final = "kill"


class Remote(OpenedGate):
    """The record of a gate, without its broker. Close it, or use it in `with`.

    `running` are the client ids of the gates that run on it.
    """

    def __init__(
        self,
        policies: PolicySet,
        outside: Outside,
        opened: ExitStack,
        running: tuple[int, ...] = (),
    ) -> None:
        super().__init__(policies, outside, opened)
        self.running = running
        self.unanswered = False  # whether somebody was asked and nobody answered
        self._kill = Kill(self, outside.broker, self._switch, _Asking(self))

    def start(self, *, activate: bool = True) -> None:
        """Fold the journal. The accounts are those that it knows of."""
        super().start(activate=activate)
        book = self.ledger
        known = {account for account, _ in book.holdings.positions()} | set(book.facts.peaks)
        known |= {life.subject.account for life in book.orders.values()}
        self.world.market.set_accounts(tuple(sorted(known - {""})))

    def keep(self, news: Iterable[Payload]) -> None:
        """Try once more, for nobody records it later here. Raise JournalError if that fails."""
        super().keep(news)
        with self.turn():
            pass

    def wait_for(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Wait until something holds of the record, which others write."""
        deadline = time.monotonic() + timeout
        while True:
            self._catch_up_with_others()
            if holds():
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(LOOK, left))

    def ask(self, request: Requested, timeout: float) -> Answered:
        """Ask whichever gate is running, and wait for its answer.

        Raise BrokerError if none came in time, JournalError if the request cannot be recorded.
        """
        named = msgspec.structs.replace(request, id=secrets.token_hex(8), at=self.clock.now())
        with self.turn() as turn:
            turn.record(named)

        def answer() -> Answered | None:
            return self.ledger.facts.answers.get(named.id)

        self.wait_for(lambda: (said := answer()) is not None and said.done, timeout)
        with self.turn() as turn:
            said = answer()
            if said is None:  # nobody shall begin when nobody waits
                turn.record(Answered(id=named.id, done=True, text="nobody took it on in time"))
        if said is None or not said.done:
            self.unanswered = True
            raise BrokerError(self._unanswered(said, timeout))
        return said

    def _unanswered(self, said: Answered | None, timeout: float) -> str:
        who = ", ".join(map(str, self.running)) or "none any more"
        runs = f"a gate runs (client id {who}) and"
        if said is None:
            return f"{runs} did not answer within {timeout:g} s; nothing was begun; see its log"
        return f"{runs} took this on, but was not done within {timeout:g} s; see `riskgate status`"

    def _catch_up_with_others(self) -> None:
        """Take the store's lock only if there is something to read."""
        self._has_news = self._journal.has_news() or self._has_news
        if self.behind or self._has_news:
            with self.turn():
                self._has_news = False


class _Asking:
    """Has a running gate reconcile."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def seek(self, timeout: float) -> Reconciled:
        """Ask, and read the outcome. Raise BrokerError if there is none, or no gate runs."""
        remote = self._remote
        if not remote.running:
            raise BrokerError("no gate runs that could reconcile")
        now = remote.clock.now()
        asked = Requested(id="", deed=Deed.RECONCILE, at=now, by=RECONCILER)
        answer = remote.ask(asked, timeout)
        last = remote.ledger.last_reconcile
        if last is None or last[0] < now:
            raise BrokerError(answer.text)
        return last[1]


def carried_out(gate: Gate, request: Requested, timeout: float) -> Answered:
    """Have a request done by this gate, or by the one that it is the record of.

    Raise BrokerError if that one does not answer in time.
    """
    if isinstance(gate, Remote):
        return gate.ask(request, timeout)
    return errands.answered(gate, request)
