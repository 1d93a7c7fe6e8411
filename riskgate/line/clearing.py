"""A kill without a journal: what the broker itself says is working is cancelled.

Rule 1: only orders of the session's own client id can be cancelled one by one; `everything` reaches
those of others too. Those of a gate that runs are left to it, and watched.
Rule 2: gone is what the broker's next story does not have any more; nothing else is believed.
Rule 3: whose strategy an order is, the broker does not know: a kill of a strategy cancels all.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

import msgspec

from riskgate.errors import BrokerError
from riskgate.line.killing import KillReport
from riskgate.model.instrument import Instrument
from riskgate.model.report import ForeignOrder
from riskgate.model.trading import Scope, Standing
from riskgate.ports import Broker, Story

PAUSE: Final = 0.25  # seconds between two stories
STORY: Final = 5.0  # seconds for one story
UNRECORDED: Final = "without a journal: the numbers are the broker's, and nothing is on record"
STRATEGIES: Final = "the broker does not know of strategies: the orders of all were cancelled"


class Clearing(msgspec.Struct, frozen=True, kw_only=True):
    """What to clear: `clients` are those whose orders must go. `everything` is all orders."""

    standing: Standing
    clients: frozenset[int]
    everything: bool = False


def clear(broker: Broker, wanted: Clearing, seconds: float) -> KillReport:
    """Cancel, and watch for up to `seconds`. Raise BrokerError if there is no first story."""
    deadline = time.monotonic() + seconds
    if wanted.everything:
        broker.cancel_account()
    story = broker.story({}, STORY)
    first = _meant(wanted, story)
    for order in first:
        if order.client_id == broker.client_id:
            broker.cancel(order.broker_order_id)
    known = {order.perm_id: order.broker_order_id for order in first}
    while _meant(wanted, story) and time.monotonic() < deadline:
        time.sleep(PAUSE)
        try:
            story = broker.story({}, STORY)
        except BrokerError as error:
            return _report(wanted, known, story, str(error))
        known |= {order.perm_id: order.broker_order_id for order in _meant(wanted, story)}
    return _report(wanted, known, story, "")


def _meant(wanted: Clearing, story: Story) -> list[ForeignOrder]:
    scope = wanted.standing.scope
    return [
        order
        for order in story.foreign
        if wanted.everything or (order.client_id in wanted.clients and _covers(scope, order))
    ]


def _covers(scope: Scope, order: ForeignOrder) -> bool:
    return _is_in(scope, order.order.account, order.instrument)


def _is_in(scope: Scope, account: str | None, instrument: Instrument) -> bool:
    return scope.covers(account, scope.strategy, instrument.symbol, instrument.root)


def _report(wanted: Clearing, known: dict[int, int], story: Story, because: str) -> KillReport:
    """What is gone, what is not, and what is held. A number of 0 is an order made by hand."""
    left = {order.perm_id for order in _meant(wanted, story)}
    scope = wanted.standing.scope
    why = because or ("" if story.complete else "the broker's answer was not complete")
    return KillReport(
        standing=wanted.standing,
        confirmed=_numbers(number for perm, number in known.items() if perm not in left),
        pending=_numbers(number for perm, number in known.items() if perm in left),
        foreign=len(story.foreign) - (0 if wanted.everything else len(left)),
        positions=tuple(
            (held.account, held.instrument.key, held.quantity)
            for held in story.positions
            if held.quantity and _is_in(scope, held.account, held.instrument)
        ),
        everything=wanted.everything,
        recorded=False,
        proven=not why,
        because=why,
        remarks=(UNRECORDED, *((STRATEGIES,) if scope.strategy is not None else ())),
    )


def _numbers(found: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(found))
