"""From what was asked to a decision that can be recorded: resolve, look, evaluate.

Rule 1: judging changes nothing; the gate records what comes out, and only then acts on it.
Rule 2: whatever cannot be judged is a denial with its codes, never an exception.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate import payload
from riskgate.ledger.companions import Companions
from riskgate.ledger.life import Life
from riskgate.ledger.world import Conditions, World
from riskgate.model.codes import Code
from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.events import Decided
from riskgate.model.lifecycle import Status
from riskgate.model.money import text
from riskgate.model.order import Fault, Order
from riskgate.model.snapshot import Snapshot
from riskgate.payload import Asked
from riskgate.policy.evaluate import evaluate
from riskgate.ports import Broker
from riskgate.version import VERSION

CHANGEABLE: Final = (
    *("quantity", "limit_price", "stop_price", "trail_amount", "trail_percent", "limit_offset"),
)


class Judge:
    """Judges orders in one world, as they meet it now."""

    def __init__(self, world: World, broker: Broker, actor: str) -> None:
        self._world = world
        self._broker = broker
        self._actor = actor
        self._session = secrets.token_hex(4)

    def order(
        self, asked: Asked, now: datetime, *, sound: Conditions, parent: int, actor: str | None
    ) -> Decided:
        """Judge a new order."""
        number = self._world.book.last_order_id + 1
        if asked.order is None:
            return self.refusal(asked, number, now)
        order = self._world.resolve(asked.order, asked.floats)
        reused = self._reused(order)
        conditions = self._conditions(order, sound, reused)
        snapshot = self._world.snapshot(order, now, conditions, beside=Companions(parent=parent))
        decision = evaluate(self._world.policies, order, snapshot)
        return Decided(
            order_id=number,
            ref=order.key if order.key and not reused else self._new_ref(number),
            text=asked.text if order is asked.order or asked.faults else str(order),
            decision=decision,
            snapshot=snapshot,
            unit_value=_unit_value(decision, order, snapshot),
            parent=parent,
            actor=actor or self._actor,
            engine=VERSION,
        )

    def modify(
        self,
        order_id: int,
        changes: Mapping[str, object],
        now: datetime,
        *,
        sound: Conditions,
        actor: str | None,
    ) -> Decided:
        """Judge new terms of an order against what it replaces."""
        life = self._world.book.orders.get(order_id)
        if life is None or life.order is None:
            fault = Fault(Code.UNKNOWN_ORDER, f"there is no order {order_id}")
            shown = f"modify {order_id}"
            asked = Asked(order=None, text=shown, faults=(fault,))
            return self.refusal(asked, self._world.book.last_order_id + 1, now)
        asked = _changed(life.order, changes)
        if asked.order is None or asked.faults:
            return self._as_modify(self.refusal(asked, order_id, now), life)
        order = self._world.resolve(asked.order, asked.floats)
        fixed = _not_modifiable(life, order)
        if fixed is not None:
            refused = msgspec.structs.replace(asked, faults=(fixed,))
            return self._as_modify(self.refusal(refused, order_id, now), life)
        conditions = self._conditions(order, sound)
        snapshot = self._world.snapshot(order, now, conditions, replacing=life)
        decision = evaluate(self._world.policies, order, snapshot)
        made = Decided(
            order_id=order_id,
            ref=life.ref,
            text=str(order),
            decision=decision,
            snapshot=snapshot,
            unit_value=_unit_value(decision, order, snapshot),
            actor=actor or self._actor,
            engine=VERSION,
        )
        return self._as_modify(made, life)

    def refusal(self, asked: Asked, number: int, now: datetime) -> Decided:
        """The denial of something that could not be read as an order."""
        findings = tuple(Finding(code=fault.code, text=fault.text) for fault in asked.faults)
        decision = Decision(
            order=None,
            action=Action.DENY,
            as_of=now,
            digest=self._world.policies.digest,
            breaches=findings or (Finding(code=Code.BAD_ORDER, text="not an order"),),
        )
        return Decided(
            order_id=number,
            ref=self._new_ref(number),
            text=asked.text,
            decision=decision,
            actor=self._actor,
            engine=VERSION,
        )

    def _as_modify(self, made: Decided, life: Life) -> Decided:
        return msgspec.structs.replace(
            made, order_id=life.order_id, replaces=life.order_id, ref=life.ref
        )

    def _conditions(
        self, order: Order, sound: Conditions, more: tuple[Fault, ...] = ()
    ) -> Conditions:
        """What holds for every order, and what cannot be taken of this one."""
        unsupported = (*more, *self._broker.supports(order))
        return msgspec.structs.replace(sound, unsupported=unsupported)

    def _reused(self, order: Order) -> tuple[Fault, ...]:
        """The fault of a key that an order with other terms has used."""
        if order.key is None or order.key not in self._world.book.by_ref:
            return ()
        return (Fault(Code.KEY_REUSED, f"key `{order.key}` was used for other terms"),)

    def _new_ref(self, number: int) -> str:
        return f"rg-{self._session}-{number}"


def denied(decision: Decision, code: Code, why: str) -> Decision:
    """The same decision, denied for one more reason."""
    finding = Finding(code=code, text=why)
    return msgspec.structs.replace(
        decision, action=Action.DENY, breaches=(finding, *decision.breaches)
    )


def _not_modifiable(life: Life, order: Order) -> Fault | None:
    """Why the order can no longer be changed like this, or None."""
    finished = life.status.finished or life.status in (Status.PENDING_CANCEL, Status.HELD)
    if not finished and order.quantity > life.filled:
        return None
    why = f"order {life.order_id} is {life.status.value} with {text(life.filled)} filled"
    return Fault(Code.NOT_MODIFIABLE, why)


def _changed(old: Order, changes: Mapping[str, object]) -> Asked:
    """The order with changed prices or quantity; other changes are faults."""
    wrong = [name for name in changes if name not in CHANGEABLE]
    if wrong:
        known = ", ".join(CHANGEABLE)
        faults = tuple(
            Fault(Code.BAD_ORDER, f"`{name}` cannot be modified; what can: {known}")
            for name in wrong
        )
        return Asked(order=None, text=f"modify {dict(changes)}", faults=faults)
    stated = {k: v for k, v in msgspec.structs.asdict(old).items() if v is not None}
    return payload.read({**stated, **changes})


def _unit_value(decision: Decision, order: Order, snapshot: Snapshot) -> Decimal | None:
    """What one unit is reserved at; None where nothing is reserved."""
    if not decision.allowed and decision.action is not Action.HOLD:
        return None
    return snapshot.reserve_value(order)
