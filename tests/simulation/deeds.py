"""What strategies, persons and the world do in one step.

Rule 1: a deed draws its lots first, so that what it finds does not change what comes after it.
Rule 2: what the gate refuses with an exception of its own is an answer, and the world goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from riskgate.errors import BrokerError, ConfigError, JournalError, NotConnected
from riskgate.line.grouping import Exits
from riskgate.model.instructions import OcaType
from riskgate.model.trading import Scope, TradingState
from tests.simulation.house import SYMBOLS, House
from tests.simulation.plans import TRACELESS, Plan
from tests.simulation.surroundings import MIDDLE, SIDES, Surroundings
from tests.simulation.witness import Witness

ANSWERS: Final = (NotConnected, BrokerError, ConfigError, JournalError)
AGAIN: Final = 0.4


class Deeds(Surroundings):
    """The deeds of one world, by name; each says in a word what came of it."""

    def __init__(self, house: House, plan: Plan, witness: Witness) -> None:
        super().__init__(house)
        self.plan = plan
        self.witness = witness
        self._keys = 0
        self._stated: list[tuple[str, str]] = []
        self._choices = self._weighted()

    def next(self) -> str:
        """Draw a deed and do it; where the session is gone, sometimes begin another one."""
        if not self.house.broker.connected and self.lot.random() < AGAIN:
            return f"again: {self.house.connect()}"
        name, deed = self.lot.choices(*self._choices)[0]
        try:
            return f"{name}: {deed()}"
        except ANSWERS as error:
            return f"{name}: {type(error).__name__}: {error}"

    def _weighted(self) -> tuple[list[tuple[str, Callable[[], object]]], list[float]]:
        troubles = self.plan.troubles
        found = [
            (weight, name, getattr(self, name))
            for weight, name, trouble in _WEIGHTS
            if not trouble or trouble in troubles
        ]
        return [(name, deed) for _, name, deed in found], [weight for weight, *_ in found]

    # -- what strategies do -----------------------------------------------------------------------

    def submit(self) -> object:
        """A new order, sometimes an earlier one again, sometimes another under its key."""
        line = self._line()
        again = self.lot.random()
        if self._stated and again < 0.1:
            line, key = self.lot.choice(self._stated)
        elif self._stated and again < 0.13:
            key = self.lot.choice(self._stated)[1]
        else:
            self._keys += 1
            key = f"k{self._keys}"
            self._stated.append((line, key))
        strategy = self.lot.choice(("alpha", "beta")) if self._keys % 2 else "alpha"
        if "races" in self.plan.troubles and self.lot.random() < 0.5:
            return self._later(lambda: self.house.gate.submit(f"{line} key={key}"))
        ticket = self.house.gate.submit(f"{line} key={key}", strategy=strategy)
        return f"{line} key={key} -> {ticket.order_id} {ticket.decision.action.value} " + ",".join(
            ticket.decision.by
        )

    def _line(self) -> str:
        lot, symbol = self.lot, self.lot.choice(SYMBOLS)
        side, quantity = lot.choice(SIDES), lot.choice((1, 1, 1, 2, 2, 3, 4, 9))
        kind = lot.random()
        away = lot.choice((-3, -1, 0, 1, 3))
        if kind < 0.25:
            return f"{side} {quantity} {symbol} MKT DAY"
        if kind < 0.35:
            stop = MIDDLE[symbol] + (10 if side == "BUY" else -10)
            return f"{side} {quantity} {symbol} STP {stop} DAY"
        return (
            f"{side} {quantity} {symbol} LMT {MIDDLE[symbol] + away} {lot.choice(('DAY', 'GTC'))}"
        )

    def _later(self, todo: Callable[[], Any]) -> str:
        """From another thread, so to speak: whenever the loop comes to it."""
        house, gate = self.house, self.house.gate

        def do() -> None:
            if house.running and house.gate is gate:
                try:
                    todo()
                except ANSWERS:
                    return

        house.loop.call_later(self.lot.choice((0.0, 0.001, 0.1, 0.6)), do)
        return "in a moment"

    def _known(self, *, working: bool = True) -> int:
        numbers = sorted(
            number
            for number, life in self.house.gate.ledger.orders.items()
            if life.status.working or not working
        )
        drawn = self.lot.random()
        return numbers[int(drawn * len(numbers))] if numbers else 0

    def modify(self) -> object:
        """Other terms for an order."""
        number, quantity = self._known(), self.lot.choice((1, 2, 3, 5, 8))
        if not number and self.lot.random() < 0.9:
            return self.submit()
        away, both = self.lot.choice((-2, -1, 1, 2)), self.lot.random()
        life = self.house.gate.ledger.orders.get(number)
        changes: dict[str, Any] = {}
        if both < 0.7 or life is None:
            changes["quantity"] = quantity
        if both > 0.5 and life is not None and life.order is not None and life.order.limit_price:
            changes["limit_price"] = life.order.limit_price + away
        if "races" in self.plan.troubles and self.lot.random() < 0.5:
            return self._later(lambda: self.house.gate.modify(number, **changes))
        ticket = self.house.gate.modify(number, **changes)
        return f"{number} {changes} -> {ticket.decision.action.value}"

    def cancel(self) -> object:
        """Take an order back."""
        number = self._known()
        if not number and self.lot.random() < 0.9:
            return self.submit()
        if "races" in self.plan.troubles and self.lot.random() < 0.5:
            return self._later(lambda: self.house.gate.cancel(number))
        return f"{number} {self.house.gate.cancel(number)}"

    def cancel_all(self) -> object:
        """Take everything back."""
        return self.house.gate.cancel_all()

    def basket(self) -> object:
        """Several orders as one."""
        lines = [self._line() for _ in range(self.lot.choice((2, 3)))]
        tickets = self.house.gate.submit_basket(lines)
        return f"{lines} -> {[ticket.decision.action.value for ticket in tickets]}"

    def bracket(self) -> object:
        """An entry with its exits."""
        entry = self._line()
        side, _, symbol, *_ = entry.split()
        away = self.lot.choice((5, 11)) * (1 if side == "BUY" else -1)
        exits = Exits(take_profit=MIDDLE[symbol] + away, stop_loss=MIDDLE[symbol] - away)
        tickets = self.house.gate.submit_bracket(entry, exits=exits)
        actions = [ticket.decision.action.value for ticket in tickets]
        return f"{entry} {away} -> {tickets[0].order_id} {actions}"

    def oca(self) -> object:
        """Orders of which one cancels the others."""
        lines = [self._line() for _ in range(self.lot.choice((2, 2, 3)))]
        kind = self.lot.choice(tuple(OcaType))
        if kind is OcaType.REDUCE and not self.plan.troubles & TRACELESS:
            kind = OcaType.REDUCE_BLOCK  # without a block more can be filled, and nobody is wrong
        self._keys += 1
        tickets = self.house.gate.submit_oca(lines, group=f"g{self._keys}", oca_type=kind)
        actions = [ticket.decision.action.value for ticket in tickets]
        return f"{kind} {lines} -> {tickets[0].order_id} {actions}"

    # -- what persons do --------------------------------------------------------------------------

    def approve(self) -> object:
        """Let a held order go."""
        held = self.house.gate.ledger.held()
        number = self.lot.choice(held).order_id if held else 0
        tickets = self.house.gate.approve(number, by="ann", reason="it is meant")
        return [ticket.decision.action.value for ticket in tickets]

    def halt(self) -> object:
        """Stop a scope."""
        scope = self.lot.choice((Scope(), Scope(symbol="AAPL"), Scope(strategy="alpha")))
        state = self.lot.choice((TradingState.HALTED, TradingState.REDUCE_ONLY))
        recorded = self.house.gate.halt(reason="drill", by="ann", scope=scope, state=state)
        self.witness.halted(scope, state, recorded=recorded)
        return f"{state} for {scope}, recorded {recorded}"

    def resume(self) -> object:
        """Let everything go on."""
        said = []
        for scope in (Scope(), Scope(symbol="AAPL"), Scope(strategy="alpha")):
            override = self.lot.random() < 0.5
            self.witness.resuming(scope)
            said.append(
                self.house.gate.resume(reason="over", by="ann", scope=scope, override=override)
            )
        return said

    def kill(self) -> object:
        """Stop everything and cancel it."""
        scope = self.lot.choice((Scope(), Scope(symbol="MSFT")))
        report = self.house.gate.kill(reason="drill", by="ann", scope=scope, timeout=2.0)
        self.witness.halted(scope, TradingState.KILLED, recorded=report.recorded)
        if report.flat:
            self.witness.flat(scope)
        return f"{scope}: {len(report.confirmed)} confirmed, flat {report.flat}"

    def reconcile(self) -> object:
        """Compare now."""
        return self.house.gate.reconcile().clean

    # -- what happens to the gate's process -------------------------------------------------------

    def crash(self) -> object:
        """The process ends, now or in the middle of one of the next turns."""
        journal = self.house.journal
        journal.crash_in = self.lot.choice((1, 1, 2, 3))
        journal.crash_at = self.lot.choice(("before", "after"))
        return f"{journal.crash_at} the commit of turn {journal.crash_in}"

    def journal_fails(self) -> object:
        """Nothing can be recorded for a while, or it can again."""
        fails = self.lot.choice(("", "begin", "commit"))
        self.house.journal.fails_at = fails
        return fails or "works"

    def clock_steps(self) -> object:
        """The gate's clock jumps."""
        self.house.clock.ahead += timedelta(seconds=self.lot.choice((-30, -2, 1, 5, 40)))
        return self.house.clock.ahead

    def wait(self) -> object:
        """Nothing for a while."""
        seconds = self.lot.choice((2.0, 6.0, 35.0))
        self.house.turn(seconds)
        return seconds


_WEIGHTS: Final = (
    (16.0, "submit", ""),
    (5.0, "modify", ""),
    (4.0, "cancel", ""),
    (0.5, "cancel_all", ""),
    (0.7, "basket", ""),
    (3.0, "bracket", ""),
    (2.0, "oca", ""),
    (1.5, "approve", ""),
    (5.0, "price", ""),
    (1.0, "wait", ""),
    (0.5, "reconcile", ""),
    (1.5, "halt", "halts"),
    (4.0, "resume", "halts"),
    (0.7, "kill", "halts"),
    (1.5, "by_hand", "foreign"),
    (1.5, "other_client", "foreign"),
    (2.0, "corrected", "corrections"),
    (2.0, "filled_late", "late_fills"),
    (1.5, "doubled", "second_ids"),
    (4.0, "misreported", "misreports"),
    (3.0, "refused", "refusals"),
    (3.0, "silent", "silence"),
    (1.5, "link", "link"),
    (1.5, "socket", "sockets"),
    (1.5, "slower", "latency"),
    (1.5, "crash", "crashes"),
    (1.5, "journal_fails", "journal"),
    (1.0, "clock_steps", "clock"),
)
