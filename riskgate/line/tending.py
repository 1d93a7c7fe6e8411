"""Orders that a replacement strategy tends: moved, cancelled, or converted, each time judged.

Rule 1: what a strategy wants goes through `modify`, `cancel` and `submit`; it has no other way.
Rule 2: what is left of an order is sent anew only when the broker has confirmed its cancel, once,
under a key made of its own, and as a child of it: the two together never exceed it.
Rule 3: one gate tends an order: the one whose client id is on record for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.errors import ConfigError, JournalError, MissingData, NotConnected
from riskgate.execution import plans
from riskgate.execution.moves import Drop, Keep, Reprice, Seen
from riskgate.ledger.life import Life
from riskgate.ledger.parents import CONVERTS, Tending
from riskgate.line import payload
from riskgate.line.bookkeeping import Bookkeeper
from riskgate.line.parents import AGAIN, REFUSALS, RETRY, Door
from riskgate.model.combos import TICK
from riskgate.model.events import Tended
from riskgate.model.hours import parse_ib_hours, until_close
from riskgate.model.lifecycle import Status
from riskgate.model.order import PRICE_FIELDS, Order, OrderType, Tif
from riskgate.model.work import Plan
from riskgate.ports import Broker

OTHER_PRICES: Final = tuple(name for name in PRICE_FIELDS if name != "limit_price")
FIXED: Final = frozenset({Status.PENDING_CANCEL, Status.UNKNOWN, Status.HELD})


class Tender:
    """The orders that one gate tends."""

    def __init__(self, desk: Bookkeeper, broker: Broker, door: Door) -> None:
        self._desk = desk
        self._broker = broker
        self._door = door

    def tend(self, order_id: int, source: object, *, by: str) -> None:
        """Have a strategy, such as `cancel_after after=90s`, tend a working order from now on.

        It takes the place of one that did before. Raise ConfigError if there is no such strategy,
        nobody is named, or the order does not work or is worked off in slices itself.
        """
        plan = plans.plan_of(source)
        plans.strategy(plan)
        who = payload.printable(by)
        if not who:
            raise ConfigError(f"order {order_id}: `by` must not be blank")
        with self._desk.turn() as turn:
            life = self._desk.ledger.orders.get(order_id)
            if life is None or not life.leaves:
                raise ConfigError(f"order {order_id} does not work; only a working one is tended")
            mine = self._broker.client_id
            turn.record(Tended(order_id=order_id, plan=plan, by=who, client_id=mine))

    def leave(self, order_id: int, *, by: str, reason: str) -> None:
        """Tend an order no more; it works on as it is. Raise ConfigError for blanks."""
        who, why = (payload.printable(words) for words in (by, reason))
        if not who or not why:
            raise ConfigError(f"order {order_id}: `by` and `reason` must not be blank")
        self._record(order_id, None, who, why)

    def step(self, now: datetime | None = None) -> datetime | None:
        """Do what is due of every order tended here; return when to ask again.

        Raise JournalError if something cannot be recorded; then it is still due.
        """
        self._desk.caught_up()
        at = self._desk.clock.now() if now is None else now
        tended = tuple(self._desk.ledger.works.tended)
        moments = [self._stepped(number, at) for number in tended]
        return min((moment for moment in moments if moment is not None), default=None)

    def _stepped(self, order_id: int, now: datetime) -> datetime | None:
        with self._desk.turnstile:
            tending = self._desk.ledger.works.tended.get(order_id)
            mine = self._broker.client_id
            if tending is None or mine is None or tending.client_id not in (None, mine):
                return None
            if not (self._door.reconciled and self._broker.connected):
                return now + AGAIN
            if tending.converting:
                return self._convert(tending, now)
            if tending.life.status in FIXED:
                return now + AGAIN
            return self._move(tending, now)

    def _move(self, tending: Tending, now: datetime) -> datetime | None:
        """What the strategy wants of an order that works."""
        number, strategy = tending.life.order_id, plans.strategy(tending.plan)
        seen = self._seen(tending, now)
        move = strategy.next(seen, now) if seen is not None else Keep()
        if isinstance(move, Keep):
            return move.until
        if isinstance(move, Reprice):
            return self._reprice(tending, move.limit_price, now)
        if isinstance(move, Drop):
            if not self._cancel(tending, tending.actor):
                return now + AGAIN
            self._record(number, None, "riskgate", move.reason)
            return None
        if why := _not_converted(tending.life):
            self._record(number, None, "riskgate", why)
            return None
        self._record(number, tending.plan, tending.actor, move.reason, converting=True)
        self._cancel(tending, CONVERTS)
        return now + AGAIN

    def _reprice(self, tending: Tending, price: Decimal, now: datetime) -> datetime | None:
        """Have the new limit judged; after a few refusals in a row it is left as it is."""
        if tending.refused and tending.changed_at and now < tending.changed_at + RETRY:
            return tending.changed_at + RETRY
        life = tending.life
        self._door.modify(life.order_id, actor=tending.actor, limit_price=price)
        if tending.refused >= REFUSALS:
            self._record(life.order_id, None, "riskgate", f"{REFUSALS} modifies were denied")
            return None
        return now + AGAIN

    def _convert(self, tending: Tending, now: datetime) -> datetime | None:
        """Wait for the broker's word on the cancel, then send what is left."""
        life = tending.life
        if life.status.working:
            if life.status is not Status.PENDING_CANCEL:
                self._cancel(tending, CONVERTS)
            return now + AGAIN
        order = life.order
        if life.status is not Status.CANCELLED or order is None or life.complete:
            return None  # the fold forgets it
        orders, refs = self._desk.ledger.orders, self._desk.ledger.by_ref
        tried = [number for one in range(REFUSALS) if (number := refs.get(_key(life, one)))]
        sent = [number for number in tried if orders[number].decision.allowed]
        if sent or len(tried) >= REFUSALS:
            why = f"what was left is order {sent[0]}" if sent else "what was left was denied"
            self._record(life.order_id, None, "riskgate", why)
            return None
        last = orders[tried[-1]].created_at if tried else None
        if last is not None and now < last + RETRY:
            return last + RETRY
        rest = _rest(order, life, _key(life, len(tried)))
        ticket = self._door.submit(rest, parent=life.parent or life.order_id, actor=tending.actor)
        if not ticket.order_id:
            raise JournalError("what was left could not be recorded, and was not sent")
        if ticket.allowed:
            why = f"what was left is order {ticket.order_id}"
            self._record(life.order_id, None, "riskgate", why)
        return now + AGAIN

    def _cancel(self, tending: Tending, actor: str) -> bool:
        """Ask for the cancel. False without a session: the next step asks again."""
        try:
            self._door.cancel(tending.life.order_id, actor=actor)
        except NotConnected:
            return False
        return True

    def _record(
        self, order_id: int, plan: Plan | None, by: str, reason: str, *, converting: bool = False
    ) -> None:
        with self._desk.turn() as turn:
            if order_id in self._desk.ledger.works.tended:
                turn.record(
                    Tended(
                        order_id=order_id,
                        plan=plan,
                        by=by,
                        reason=reason,
                        client_id=self._broker.client_id,
                        converting=converting,
                    )
                )

    def _seen(self, tending: Tending, now: datetime) -> Seen | None:
        """The order as its strategy sees it."""
        life, market = tending.life, self._desk.world.market
        if life.order is None:
            return None
        instrument = life.instrument
        return Seen(
            side=life.order.side,
            quantity=life.order.quantity,
            filled=life.filled,
            limit_price=life.order.limit_price,
            tick=instrument.min_tick if instrument and instrument.min_tick > 0 else TICK,
            quote=market.quote(life.subject.instrument),
            closes=_closes(life, now),
            since=tending.since,
            first_price=tending.first_price,
            changes=tending.changes,
            changed_at=tending.changed_at,
        )


def _not_converted(life: Life) -> str:
    """Why an order stays as it is: what is left of it could be no market order of its own."""
    if life.bracket or life.oca:
        return "an order of a bracket or of a one-cancels-all group is not converted"
    order = life.order
    if life.members:
        return "a block is not converted: its members' shares would be lost"
    if order is None or any(getattr(order, name) is not None for name in OTHER_PRICES):
        return "an order with a price besides its limit is not converted: it may wait to be due"
    if order.legs or order.algo is not None or order.instructions.cash_quantity is not None:
        return "a combo, or an order for cash or with an algorithm, is not converted"
    return ""


def _key(life: Life, number: int) -> str:
    return f"{life.ref}/market-{number + 1}"


def _rest(order: Order, life: Life, key: str) -> Order:
    """What is left of an order, as a market order."""
    return msgspec.structs.replace(
        order,
        quantity=order.quantity - life.filled,
        order_type=OrderType.MKT,
        limit_price=None,
        tif=Tif.DAY,
        good_till=None,
        key=key,
    )


def _closes(life: Life, now: datetime) -> datetime | None:
    """When the session of the order's contract ends; None outside of one, and if it is unknown."""
    instrument = life.instrument
    if instrument is None or not instrument.hours or not instrument.zone:
        return None
    try:
        left: timedelta | None = until_close(parse_ib_hours(instrument.hours, instrument.zone), now)
    except (ValueError, MissingData):
        return None
    return None if left is None else now + left
