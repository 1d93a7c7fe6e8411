"""How a fault that meets a request is carried out.

Rule 1: a request is acted upon at most once, whatever is said about it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from riskgate.simulator import order_answers
from riskgate.simulator.book import Quirks
from riskgate.simulator.checks import Refusal
from riskgate.simulator.faults import (
    EVENTS,
    Action,
    Delay,
    Drop,
    FillAfterCancel,
    Locate,
    NoStatus,
    Reject,
    Reorder,
    Repeat,
    SecondPermId,
    Silent,
    Warn,
)
from riskgate.simulator.gateway import Gateway
from riskgate.simulator.session import Session
from riskgate.simulator.trouble import Cut, Shuffle
from riskgate.simulator.wire.codec import Message


def _owner(session: Session, message: Message) -> tuple[int, int]:
    return (session.client_id or 0, message.integer("orderId"))


def _quirks(name: str, action: Action) -> Quirks | None:
    """How an order is to be misreported, None when that is not what the action is about."""
    match action:
        case Silent(accepts=True) if name == "placeOrder":
            return Quirks(muted=True)
        case Repeat(times=times):
            return Quirks(times=times)
        case NoStatus(open_orders=shown):
            return Quirks(open_orders=shown, statuses=False)
    return None


def misbehave(gateway: Gateway, session: Session, message: Message, action: Action) -> None:
    """Act on a request as the fault has it."""
    quirks = _quirks(message.name, action)
    if quirks is not None:
        order_answers.place(session, message, quirks)
    elif isinstance(action, EVENTS):
        gateway.answer(session, message)
        gateway.happens(action)
    else:
        _DOING[type(action)](gateway, session, message, action)


def _reject(gateway: Gateway, session: Session, message: Message, action: Reject) -> None:
    refused = Refusal(action.code, action.text)
    if message.name == "placeOrder":
        gateway.exchange.reject(session.client_id or 0, message, refused)
        return
    about = message.fields.get("reqId", message.fields.get("orderId", -1))
    session.error(about if isinstance(about, int) else -1, refused.code, refused.text)


def _silent(gateway: Gateway, session: Session, message: Message, action: Silent) -> None:
    if action.accepts:
        gateway.exchange.cancel_silently(_owner(session, message))


def _warn(gateway: Gateway, session: Session, message: Message, action: Warn) -> None:
    gateway.answer(session, message)
    gateway.exchange.warn(_owner(session, message), action.code, action.text)


def _drop(gateway: Gateway, session: Session, message: Message, action: Drop) -> None:
    if action.octets is not None:
        session.outlet = Cut(session, action.octets)
        gateway.answer(session, message)
        return
    session.muted = True
    if action.after:
        gateway.answer(session, message)
    session.abort()


def _delay(gateway: Gateway, session: Session, message: Message, action: Delay) -> None:
    gateway.later(action.seconds, partial(gateway.answer, session, message))


def _reorder(gateway: Gateway, session: Session, message: Message, action: Reorder) -> None:
    shuffle = Shuffle(session, action.messages, gateway.faults.lot)
    session.outlet = shuffle
    gateway.later(action.seconds, shuffle.release)
    gateway.answer(session, message)


def _locate(gateway: Gateway, session: Session, message: Message, action: Locate) -> None:
    owner = _owner(session, message)
    gateway.answer(session, message)
    gateway.exchange.locate(owner)
    if action.seconds is not None:
        gateway.later(action.seconds, partial(gateway.exchange.release, owner))


def _place_twice(
    gateway: Gateway, session: Session, message: Message, action: SecondPermId
) -> None:
    """A change becomes a second order; a new order is taken once more."""
    del action
    if gateway.exchange.book.find(*_owner(session, message)) is None:
        gateway.answer(session, message)
    gateway.exchange.place_again(session.client_id or 0, message)


def _cancel_then_fill(
    gateway: Gateway, session: Session, message: Message, action: FillAfterCancel
) -> None:
    owner = _owner(session, message)
    order = gateway.exchange.book.find(*owner)
    late = order.remaining if action.quantity is None and order else action.quantity
    gateway.exchange.cancel(owner, late)


_DOING: dict[type[Action], Callable[[Gateway, Session, Message, Any], None]] = {
    Reject: _reject,
    Silent: _silent,
    Warn: _warn,
    Drop: _drop,
    Delay: _delay,
    Reorder: _reorder,
    Locate: _locate,
    SecondPermId: _place_twice,
    FillAfterCancel: _cancel_then_fill,
}
