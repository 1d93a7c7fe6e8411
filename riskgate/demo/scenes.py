"""The scenes of the demo: what a strategy and two people do in one morning, one after the other.

Rule 1: a scene asks the gate and waits, bounded, for what the broker makes of it; what it shows is
what the journal holds.
Rule 2: the morning ends as it began, flat, with nothing working and nothing halted, however it
ends; so there can be another one on the same journal.
Rule 3: it takes less market time than the shipped policies let a price age.
Rule 4: a folder's own policies may answer otherwise than the shipped ones; then what builds on the
usual answer is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.analytics.costs import total_commission
from riskgate.analytics.slippage import arrival_slippage
from riskgate.errors import JournalError, RiskgateError
from riskgate.gate import Gate
from riskgate.line.oversight import EVERYWHERE
from riskgate.model.codes import Code
from riskgate.model.decision import Action, Decision
from riskgate.model.lifecycle import Status
from riskgate.model.money import text
from riskgate.model.report import Fill
from riskgate.model.view import OrderView
from riskgate.simulator import VirtualClock
from riskgate.ticket import Ticket

PATIENCE: Final = 10.0
STRATEGY: Final = "demo"
COLLEAGUE: Final = "m.ruiz"
ROUND_TRIPS: Final = (
    "BUY 25 SPY LMT 550.02 DAY",
    "BUY 50 AAPL LMT 190.01 DAY",
    "BUY 50 SPY LMT 550.02 DAY",
)
LAST: Final = "three round trips more, for the report; the last order of them"
RESTING: Final = (Status.SUBMITTED, Status.REJECTED)


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: what was asked, what was answered, what became of it.

    `decision` is None where nothing is decided, as for a cancel.
    """

    title: str
    asked: str
    view: OrderView
    decision: Decision | None = None
    fills: tuple[Fill, ...] = ()
    slippage_bps: Decimal | None = None
    commission: Decimal | None = None

    @property
    def is_call(self) -> bool:
        """Whether what was asked is a call about an order that stands already."""
        return self.asked.startswith("gate.")


def scenes(gate: Gate, clock: VirtualClock) -> Iterator[Scene]:
    """The morning itself."""
    lift(gate)
    buy = "BUY 100 AAPL LMT 190.01 DAY"
    bought = _filled(gate, "an ordinary order passes and fills in parts", buy)
    yield bought
    clock.advance(timedelta(seconds=1))
    yield _answered(gate, "the same order again, one second later", buy)
    clock.advance(timedelta(seconds=2))
    slip = "BUY 60000 AAPL LMT 250.00 DAY"
    yield _answered(gate, "a slipped zero, and a price for another day", slip)
    clock.advance(timedelta(seconds=2))
    yield from _held(gate, clock)
    clock.advance(timedelta(seconds=2))
    with _halted(gate):
        yield _answered(gate, "after a halt nothing new leaves", "BUY 10 SPY LMT 550.02 DAY")
    clock.advance(timedelta(seconds=2))
    if bought.view.filled_quantity:
        title = "a person resumed; what reduces the position is not held up"
        yield _filled(gate, title, f"SELL {text(bought.view.filled_quantity)} AAPL MKT DAY")
    yield from _more(gate, clock)


def _more(gate: Gate, clock: VirtualClock) -> Iterator[Scene]:
    """More of what is ordinary, so that figures have something to measure; the last is shown."""
    scene = None
    for line in ROUND_TRIPS:
        clock.advance(timedelta(seconds=1))
        bought = _filled(gate, LAST, line)
        if filled := bought.view.filled_quantity:
            clock.advance(timedelta(seconds=1))
            scene = _filled(gate, LAST, f"SELL {text(filled)} {bought.view.symbol} MKT DAY")
    if scene is not None:
        yield scene


def _held(gate: Gate, clock: VirtualClock) -> Iterator[Scene]:
    """A large order: held, approved, modified, cancelled."""
    line = "BUY 1000 SPY LMT 549 DAY"
    held = _submitted(gate, line)
    if held.decision.action is not Action.HOLD:
        yield _scene("a large order, which these policies do not hold", line, held)
        if held.allowed:
            gate.cancel(held.order_id, actor=STRATEGY)
            held.wait(PATIENCE)
        return
    yield _scene("a large order is held for another person to look at", line, held)
    number = held.order_id
    clock.advance(timedelta(seconds=2))
    reason = "the client called"
    (approved,) = gate.approve(number, by=COLLEAGUE, reason=reason)
    approved.wait(PATIENCE, until=lambda view: view.status in RESTING)
    asked = f'gate.approve({number}, by="{COLLEAGUE}", reason="{reason}")'
    yield _scene("somebody else approves it, and it rests in the book", asked, approved)
    clock.advance(timedelta(seconds=2))
    modified = gate.modify(number, actor=STRATEGY, quantity=500, limit_price=Decimal("549.50"))
    gate.wait_for(lambda: _confirmed(gate, number), PATIENCE)
    asked = f"gate.modify({number}, quantity=500, limit_price=549.50)"
    yield _scene("it is modified: half of it, half a dollar better", asked, modified)
    clock.advance(timedelta(seconds=2))
    gate.cancel(number, actor=STRATEGY)
    modified.wait(PATIENCE)
    cancelled = _scene("and cancelled, which is never denied", f"gate.cancel({number})", modified)
    yield msgspec.structs.replace(cancelled, decision=None)


def _confirmed(gate: Gate, number: int) -> bool:
    """Whether the broker has repeated the newest terms, so that no others may still hold."""
    life = gate.life(number)
    return life is not None and len(life.versions) == 1


@contextmanager
def _halted(gate: Gate) -> Iterator[None]:
    """A halt of everything, which ends with the scene whatever happens in it."""
    gate.halt(reason="lunch", by=COLLEAGUE)
    try:
        yield
    finally:
        lift(gate)


def lift(gate: Gate) -> None:
    """End the halt of a demo, also of one that did not live to end it."""
    if (EVERYWHERE, "") in gate.ledger.facts.standings:
        gate.resume(reason="lunch is over", by=COLLEAGUE)


def _answered(gate: Gate, title: str, line: str) -> Scene:
    return _scene(title, line, _submitted(gate, line))


def _submitted(gate: Gate, line: str) -> Ticket:
    ticket = gate.submit(line, strategy=STRATEGY)
    if Code.JOURNAL_UNAVAILABLE in ticket.decision.codes:
        raise JournalError(ticket.decision.breaches[0].text)
    return ticket


def _filled(gate: Gate, title: str, line: str) -> Scene:
    ticket = _submitted(gate, line)
    ticket.wait(PATIENCE, until=_settled)
    symbol = ticket.decision.order.symbol if ticket.decision.order else ""
    arrival = gate.world.market.quote(symbol)
    mid = arrival.mid if arrival else None
    return _scene(title, line, ticket, mid)


def _settled(view: OrderView) -> bool:
    return view.status.finished and (view.status is not Status.FILLED or view.commission > 0)


def _scene(title: str, line: str, ticket: Ticket, arrival: Decimal | None = None) -> Scene:
    view, order = ticket.view, ticket.decision.order
    if view is None:
        raise RiskgateError(f"`{line}` is not on record")
    fills = ticket.fills
    cost = arrival_slippage(order.side, fills, arrival) if order and arrival else None
    return Scene(
        title=title,
        asked=line,
        decision=ticket.decision,
        view=view,
        fills=fills,
        slippage_bps=cost,
        commission=total_commission(fills) if fills else None,
    )
