"""Request name to the function that answers it; each module of answers fills the table.

A request that is known to the wire but has no answer here gets a polite error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from riskgate.simulator.session import Session
from riskgate.simulator.wire.codec import Message

Answer: TypeAlias = Callable[[Session, Message], None]
UNSUPPORTED = 10000  # not one of the broker's codes; the text says what it is
ANSWERS: dict[str, Answer] = {}


def answers(name: str) -> Callable[[Answer], Answer]:
    """Declare the function that answers this request."""

    def declare(function: Answer) -> Answer:
        ANSWERS[name] = function
        return function

    return declare


def quiet(*names: str) -> None:
    """Declare requests that are taken without an answer."""
    for name in names:
        ANSWERS[name] = _nothing


def _nothing(session: Session, message: Message) -> None:
    del session, message


def unsupported(session: Session, message: Message) -> None:
    """The answer to everything else."""
    req_id = message.fields.get("reqId", -1)
    text = f"{message.name}: not supported by the simulator"
    session.error(req_id if isinstance(req_id, int) else -1, UNSUPPORTED, text)
